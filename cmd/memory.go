package cmd

import (
	"errors"
	"fmt"
	"os"
	"runtime/metrics"
	"time"

	"github.com/seed83d86191/txsim/scenarios/quantity"
)

// watchMemory looks now and then at how much memory the process holds, until it is
// told to stop; stop returns the most, in bytes. That depends on the machine, so that
// it has no place in a result. Where it is more than the limit, unless that is 0, over
// is called, once.
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

// machineMemory is what the machine has, 0 where that is not to be learnt from Linux.
func machineMemory() uint64 {
	text, _ := os.ReadFile("/proc/meminfo")
	kib := uint64(0)
	_, _ = fmt.Sscanf(string(text), "MemTotal: %d kB", &kib)
	return kib << 10
}

// heldMemory is what the runtime has of the system: the heap, stacks and its own
// structures, without what it has given back.
func heldMemory() uint64 {
	s := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64() - s[1].Value.Uint64()
}

// memoryFlag is a size of memory that may not have been given.
type memoryFlag struct {
	bytes quantity.Bytes
	given bool
}

func (m *memoryFlag) Set(text string) (err error) {
	if m.bytes, err = quantity.ParseBytes(text); err == nil && m.bytes < 0 {
		err = errors.New("must not be negative")
	}
	m.given = true
	return err
}

func (m *memoryFlag) String() string {
	if !m.given {
		return ""
	}
	return m.bytes.String()
}

func (m *memoryFlag) Type() string { return "size" }
