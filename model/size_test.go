package model

import (
	"math/bits"
	"reflect"
	"testing"
)

// TestLines: what many events touch fills whole lines of the processor's cache, of 64
// bytes. With thousands of workers each line more is a wait for memory.
func TestLines(t *testing.T) {
	if bits.UintSize != 64 {
		t.Skip("written for words of 64 bits")
	}
	for _, c := range []struct {
		v     any
		lines uintptr
	}{{item{}, 1}, {lock{}, 1}, {part{}, 2}, {Site{}, 2}, {workerRecord{}, 2}, {work{}, 3}, {attempt{}, 3}, {worker{}, 9}} {
		if ty := reflect.TypeOf(c.v); ty.Size() != 64*c.lines {
			t.Errorf("%s has %d bytes, expected %d lines", ty, ty.Size(), c.lines)
		}
	}
}
