package cmd

import (
	"testing"
	"time"
)

// TestWatchMemory: what was held for a while counts, also once it is gone.
func TestWatchMemory(t *testing.T) {
	const much = 64 << 20
	before := heldMemory()
	over := make(chan struct{})
	stop := watchMemory(before+much/2, func() { close(over) })
	block := make([]byte, much)
	for i := 0; i < much; i += 4096 {
		block[i] = 1
	}
	time.Sleep(5 * memoryTick)
	if block[0] != 1 {
		t.Fatal()
	}
	select {
	case <-over:
	default:
		t.Error("nobody was told of half of it")
	}
	if most := stop(); most < much || most < before {
		t.Errorf("at most %d bytes, expected %d or more", most, much)
	}
}
