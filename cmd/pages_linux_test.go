package cmd

import (
	"os"
	"strconv"
	"strings"
	"testing"
)

// TestHugePages: the heap grows where Linux was asked for huge pages, and until it does that
// takes no memory.
func TestHugePages(t *testing.T) {
	if _, err := os.Stat("/sys/kernel/mm/transparent_hugepage"); err != nil {
		t.Skip("Linux without huge pages")
	}
	before := heldMemory()
	hugePages()
	if now := heldMemory(); now > before+64<<20 {
		t.Errorf("%d MiB more are held", (now-before)>>20)
	}
	maps, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		t.Skip(err)
	}
	if strconv.IntSize == 64 && !strings.Contains(string(maps), " hg") { // a flag of a mapping
		t.Error("no mapping of the process asks for huge pages")
	}
}
