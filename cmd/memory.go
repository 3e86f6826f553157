package cmd

import (
	"runtime/metrics"
	"time"
)

// watchMemory looks now and then at how much memory the process holds, until it is
// told to stop; stop returns the most, in bytes. That depends on the machine, so that
// it has no place in a result.
func watchMemory() (stop func() uint64) {
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

// heldMemory is what the runtime has of the system: the heap, stacks and its own
// structures, without what it has given back.
func heldMemory() uint64 {
	s := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64() - s[1].Value.Uint64()
}
