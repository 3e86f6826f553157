package sim

import (
	"context"
	"slices"
	"testing"
	"time"
)

// cutsOf keeps by which partition each message was lost.
type cutsOf []int

func (c *cutsOf) Trace(r *Record[note]) {
	if r.Op == TraceLost {
		*c = append(*c, r.Cut)
	}
}

// TestPartitionOfLoss: a message is lost by the latest of the partitions that cut its
// link, on its way too.
func TestPartitionOfLoss(t *testing.T) {
	var got cutsOf
	w := New(Config[note]{Tracer: &got, Network: Network{Links: []Link{{Delay: dist(t, "100us")}}}})
	add(w, "a", hooks{
		start: func(e *Env[note]) { e.SetTimer(ms, 1) },
		fired: func(e *Env[note], n uint64) {
			if e.Send(1, Mail{Kind: 1}, note{}); n < 4 {
				e.SetTimer(ms, n+1)
			}
		},
	})
	add(w, "b", hooks{})
	add(w, "c", hooks{})
	for i, p := range []struct {
		at   time.Duration
		to   NodeID
		span time.Duration
	}{{1050 * us, 1, 9 * ms}, {1500 * us, 1, 2 * ms}, {1600 * us, 2, 9 * ms}} {
		if n := w.Partition(Time(p.at), []NodeID{0}, []NodeID{p.to}, true, p.span); n != i {
			t.Errorf("partition %d is number %d", i, n)
		}
	}
	if w.Run(context.Background()); !slices.Equal(got, cutsOf{0, 1, 1, 0}) {
		t.Error(got)
	}
}
