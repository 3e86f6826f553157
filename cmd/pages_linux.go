package cmd

import (
	"runtime/debug"
	"strconv"
	"syscall"
)

// hugePages asks Linux to back the heap with pages of 2 MiB, where they are given only to
// those who ask. The addresses of the small pages that hold a thousand nodes do not fit into
// the processor's cache of them, and looking them up takes a sixth of a run. Go's runtime
// does not ask; but it fills its lowest addresses first. So this gets some, asks for them,
// and gives them back untouched: they take no memory until the heap grows there.
func hugePages() {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_AS, &limit); err != nil || limit.Cur < 1<<40 || strconv.IntSize < 64 {
		return // addresses are scarce
	}
	_ = syscall.Madvise(make([]byte, 512<<20), syscall.MADV_HUGEPAGE) // without, all works as well
	debug.FreeOSMemory()
}
