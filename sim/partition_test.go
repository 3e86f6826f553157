package sim

import (
	"context"
	"fmt"
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

// TestPartitionLater: a node that is added after a partition was planned is on neither side.
func TestPartitionLater(t *testing.T) {
	w, tape := taped(t, Config[note]{Network: Network{Links: []Link{{Delay: dist(t, "1ms")}}}})
	send := hooks{start: func(e *Env[note]) { e.SetTimer(ms, 1) }, fired: func(e *Env[note], _ uint64) { e.Send(1-e.ID()%2, Mail{Kind: 1}, note{}) }}
	add(w, "a", send)
	add(w, "b", send)
	w.Partition(0, []NodeID{0}, []NodeID{1}, false, Forever)
	add(w, "c", send)
	tape.quiet(t)
	wantLines(t, tape.only("deliver"), "2ms b deliver c k1")
}

// BenchmarkPartitions is messages of nodes of which one in ten is cut off from the others.
func BenchmarkPartitions(b *testing.B) {
	const nodes = 1000
	delay, _ := ParseDist("exp(1ms)")
	w := New(Config[note]{Network: Network{Links: []Link{{Delay: delay}}}, Limits: Limits{Time: Forever}})
	var all []NodeID
	for i := range nodes {
		all = append(all, NodeID(i))
		again := func(e *Env[note], k uint64) {
			e.Send(NodeID(e.Choose("to", 0, k, nodes)), Mail{Kind: 1}, note{})
			e.SetTimer(ms, k+1)
		}
		add(w, fmt.Sprint(i), hooks{start: func(e *Env[note]) { again(e, 0) }, fired: again})
	}
	for i := range nodes / 10 {
		w.Partition(0, all[i:i+1], slices.Concat(all[:i], all[i+1:]), false, Forever)
	}
	end := Time(0)
	for b.Loop() {
		end = end.Add(ms)
		w.RunUntil(b.Context(), end)
	}
	b.ReportMetric(float64(b.Elapsed())/float64(w.Stats().Events), "ns/event")
}

// TestManyPartitions: thousands of partitions at a time end one by one, and all at once with
// the faults, without going through all nodes for each. That would take minutes.
func TestManyPartitions(t *testing.T) {
	const nodes, partitions = 1000, 40000
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	for _, until := range []time.Duration{Forever, time.Second} {
		w := New(Config[note]{})
		for i := range nodes {
			add(w, fmt.Sprint("n", i), hooks{})
		}
		for i := range partitions {
			w.Partition(Time(i), []NodeID{0}, []NodeID{1}, false, time.Second/time.Duration(1+i%4/3)) // every fourth heals sooner
		}
		if until != Forever {
			w.EndFaultsAt(Time(until - time.Nanosecond))
		}
		if status := w.Run(ctx); status != Quiet || len(w.cuts) != 0 || len(w.nodes[0].cuts) != 0 {
			t.Fatalf("%v until %v: %d partitions are left", status, until, len(w.cuts))
		}
	}
}
