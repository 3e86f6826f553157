package cmd

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// watchMemory checks now and then how much memory the process holds, until stop is called,
// which returns the most that was seen, in bytes. That depends on the machine, so it has no
// place in a result. If limit is not 0 and is exceeded, over is called, once.
func watchMemory(limit uint64, over func()) (stop func() uint64) {
	most := heldMemory()
	end, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(memoryTick)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				most = max(most, heldMemory())
				if limit > 0 && most > limit {
					limit = 0
					over()
				}
			case <-end:
				most = max(most, heldMemory())
				return
			}
		}
	}()
	return func() uint64 {
		close(end)
		<-done
		return most
	}
}

const memoryTick = 20 * time.Millisecond

// machineMemory returns the machine's memory, 0 if that cannot be read from Linux.
func machineMemory() uint64 {
	text, _ := os.ReadFile("/proc/meminfo")
	kib := uint64(0)
	_, _ = fmt.Sscanf(string(text), "MemTotal: %d kB", &kib)
	return kib << 10
}

// heldMemory returns what the runtime has obtained from the system and not given back: the
// heap, stacks and its own structures.
func heldMemory() uint64 {
	s := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64() - s[1].Value.Uint64()
}

// lazyCollector makes the garbage collector run less often, unless the user has set GOGC:
// small runs leave behind a multiple of what lives at any time, and collecting it would
// take a third of the time. The ballast is memory that is never touched, and so takes none,
// but counts as alive; with it, some 200 MiB are collected at once, and not much more where
// many results live. The returned function ends this. What garbage there is lies in hugePages.
func lazyCollector() func() {
	const often = 100
	if old := debug.SetGCPercent(often); old != often {
		debug.SetGCPercent(old)
		return func() {}
	}
	ballast := make([]byte, 200<<20) // first: what hugePages gives back would be cleared, and so touched
	hugePages()
	return func() { runtime.KeepAlive(ballast) }
}
