package cmd

import (
	"runtime/debug"
	"testing"
	"time"
)

// TestWatchMemory: what was held for a while counts, also once it is gone.
func TestWatchMemory(t *testing.T) {
	const much = 64 << 20
	debug.FreeOSMemory() // else the block may find room that is held already
	before := heldMemory()
	over := make(chan struct{})
	stop := watchMemory(before+much/2, func() { close(over) })
	block := make([]byte, much)
	for i := 0; i < much; i += 4096 {
		block[i] = 1
	}
	select {
	case <-over:
	case <-time.After(10 * time.Second):
		t.Error("nobody was told of half of it")
	}
	if block[0] != 1 {
		t.Fatal()
	}
	if most := stop(); most < much || most < before {
		t.Errorf("at most %d bytes, expected %d or more", most, much)
	}
}
