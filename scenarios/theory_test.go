package scenarios

import (
	"testing"
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// inSystem integrates the number of transactions that are open over time, and sums
// up how long each was.
type inSystem struct {
	open     int
	since    sim.Time
	area     float64 // transactions × seconds
	waits    float64 // seconds
	answered int
}

// Record implements model.History.
func (l *inSystem) Record(e *model.Event) {
	delta := 0
	switch {
	case e.Kind == model.Submitted:
		delta = 1
	case e.Kind == model.Answered && e.Final:
		delta = -1
		l.waits += e.Latency.Seconds()
		l.answered++
	default:
		return
	}
	l.area += float64(l.open) * e.At.Sub(l.since).Seconds()
	l.open, l.since = l.open+delta, e.At
}

// TestLittle: Little's law, L = lambda W, holds in every run: over a run that ends
// with nothing open, the integral of the number open is the sum of the latencies.
// In a closed loop, the throughput is at most clients / mean latency.
func TestLittle(t *testing.T) {
	for _, e := range Library() {
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			s := loaded(t, e.Name)
			s.Transactions.Count = min(s.Transactions.Count, 300)
			job := openJob(t, s)
			for seed := range uint64(3) {
				cfg, l := job.Config(seed), &inSystem{}
				cfg.History = l
				if end := model.NewCluster(cfg).Run(t.Context()); end.Status != sim.Quiet || l.open != 0 || l.answered == 0 {
					t.Fatalf("seed %d: %+v, %d open", seed, end, l.open)
				}
				seconds := float64(l.since) / 1e9
				if off := l.area/l.waits - 1; off > 1e-9 || off < -1e-9 {
					t.Errorf("seed %d: %v open on average for %v s, and latencies of %v s", seed, l.area/seconds, l.since, l.waits)
				}
				throughput, latency := float64(l.answered)/seconds, l.waits/float64(l.answered)
				if cfg.Clients > 0 && throughput > float64(cfg.Clients)/latency*(1+1e-9) {
					t.Errorf("seed %d: %v a second, by %d clients that wait %v s", seed, throughput, cfg.Clients, latency)
				}
			}
		})
	}
}

// hotLock sums up for how long the lock of w0's one key is held by transactions
// that commit: from the prepare record, which is appended once the lock is there,
// to the commit that releases it.
type hotLock struct {
	w0      sim.NodeID
	since   map[model.Attempt]sim.Time
	seen    int
	held    time.Duration
	commits int
	first   sim.Time
	last    sim.Time
}

// Trace implements sim.Tracer.
func (h *hotLock) Trace(r *sim.Record[model.Message]) {
	if r.Node != h.w0 {
		return
	}
	a := model.AttemptOf(r.Label)
	switch {
	case r.Op == sim.TraceAppend && r.Kind == model.KindPrepare:
		h.since[a] = r.At
	case r.Op == sim.TraceDeliver && r.Kind == model.KindCommit:
		// Without those at the end, when clients that are waiting to try again leave
		// the lock idle.
		if h.seen++; h.seen == 50 {
			h.first = r.At
		} else if h.seen > 50 && h.seen <= 400 {
			h.held, h.commits, h.last = h.held+r.At.Sub(h.since[a]), h.commits+1, r.At
		}
	}
}

// TestHotKey: where all write one key, their throughput is at most 1 / (time that
// its lock is held), and within 5 % of it at saturation, when the next one already
// waits for it. Under wait-die, as under no-wait, who has the lock commits; under
// wound-wait, the time of those who are wounded is lost.
func TestHotKey(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		clients, think string
		saturated      bool
	}{{"1", "20ms", false}, {"4", "20ms", false}, {"2", "0s", true}, {"16", "0s", true}, {"64", "0s", true}} {
		for seed := range uint64(3) {
			s := loaded(t, "hot-key")
			h := &hotLock{w0: sim.NodeID(s.Coordinators), since: map[model.Attempt]sim.Time{}}
			r := runWith(t, s, Options{Seed: seed, Tracer: h}, "clients="+c.clients, "think="+c.think, "timeouts.prepare=never")
			if int(r.Metrics.Committed()) != s.Transactions.Count {
				t.Fatalf("%d commits", r.Metrics.Committed())
			}
			throughput := float64(h.commits) / h.last.Sub(h.first).Seconds()
			bound := float64(h.commits) / h.held.Seconds()
			if used := throughput / bound; used > 1+1e-9 || c.saturated != (used >= 0.95) {
				t.Errorf("%s clients that think for %s, seed %d: %.1f a second, %.3f of the bound of %.1f", c.clients, c.think, seed, throughput, used, bound)
			}
		}
	}
}

// TestClientsApart: clients have nothing in common but what they use. Without anything
// that can be full, a commit takes two round trips, whatever the load, and the messages of
// two clients travel apart.
func TestClientsApart(t *testing.T) {
	for _, load := range []string{"arrivals={kind: poisson, rate: 10/s}", "arrivals={kind: poisson, rate: 100000/s}", "clients=1", "clients=64"} {
		s := scenarioOf(t, load, "workers=8", "placement=separate", "network.delay=exp(1ms)", "disk.sync=0s", "transactions=4000", "limits.time=1h",
			"workload={kind: uniform, keys: 1000000, operations: 1, workers: 1, reads: 1}")
		job := openJob(t, s)
		r, err := job.Run(t.Context(), Options{Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		if mean := r.Metrics.Mean(); mean < 3900*time.Microsecond || mean > 4100*time.Microsecond {
			t.Errorf("%s: a commit takes %v, want four hops of 1 ms", load, mean)
		}
		if packets := r.Stats.Packets; packets != 4*4000 {
			t.Errorf("%s: %d packets, want 4 a transaction", load, packets)
		}
	}
}
