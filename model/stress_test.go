package model

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/seed83d86191/txsim/sim"
)

type sliceSource struct{ ts []*Transaction }

func (s *sliceSource) Next() (*Transaction, error) {
	if len(s.ts) == 0 {
		return nil, nil
	}
	t := s.ts[0]
	s.ts = s.ts[1:]
	return t, nil
}

type bookHist struct {
	installs  map[Version]int
	final     map[uint64]Event
	txns      map[uint64]*Transaction
	committed map[uint64]uint32
}

func (h *bookHist) Record(e *Event) {
	switch e.Kind {
	case Submitted:
		h.txns[e.Txn.Index] = e.Txn
	case Installed:
		h.installs[e.Version]++
	case Answered:
		if e.Final {
			h.final[e.Txn.Index] = *e
		}
	}
}

type lastTracer struct {
	f     Formatter
	lines []string
}

func (p *lastTracer) Trace(r *sim.Record[Message]) {
	l := p.f.Line(r)
	p.lines = append(p.lines, string(l.Append(nil)))
}

func stress(t *testing.T, seed uint64, p Protocol, cc Concurrency, ex Execution, trace bool) {
	d, _ := sim.ParseDist("lognormal(500us, 0.4)")
	s, _ := sim.ParseDist("1ms")
	r := rand.New(rand.NewPCG(seed, 1))
	const n, workers, coords = 200, 5, 2
	var ts []*Transaction
	for i := 1; i <= n; i++ {
		tx := &Transaction{ID: fmt.Sprint("t", i), Index: uint64(i), At: Unscheduled}
		for k := 1 + r.IntN(5); k > 0; k-- {
			tx.Ops = append(tx.Ops, Op{Kind: OpKind(r.IntN(3)), Worker: r.IntN(workers), Key: fmt.Sprint("k", r.IntN(6)), Value: fmt.Sprint("v", i, ".", k)})
		}
		tx.Compile()
		ts = append(ts, tx)
	}
	h := &bookHist{map[Version]int{}, map[uint64]Event{}, map[uint64]*Transaction{}, nil}
	var tr sim.Tracer[Message]
	lt := &lastTracer{f: Formatter{Coordinators: coords, Workers: workers}}
	if trace {
		tr = lt
	}
	c := NewCluster(Config{Seed: seed, Workers: workers, Coordinators: coords, Protocol: p, Concurrency: cc, Execution: ex, Clients: 10,
		Timeouts: Timeouts{50 * time.Millisecond, 100 * time.Millisecond, time.Second, 200 * time.Millisecond},
		Retry:    Retry{10, 5 * time.Millisecond, 500 * time.Millisecond}, Checkpoint: 1 << 10, Network: sim.Link{Delay: d, Loss: sim.ProbabilityOf(0.02), Duplicate: sim.ProbabilityOf(0.02)}, Share: true,
		Disk: sim.Disk{Sync: s, Torn: sim.ProbabilityOf(0.5)}, Stuck: 10 * time.Second, Source: &sliceSource{ts}, History: h, Tracer: tr, Limits: sim.Limits{Events: 2000000}})
	for i := 0; i < 60; i++ {
		c.World.Crash(sim.Time(r.IntN(2e9)), sim.NodeID(r.IntN(workers+coords)), time.Duration(r.IntN(2e8)))
	}
	for i := 0; i < 10; i++ {
		c.World.Pause(sim.Time(r.IntN(2e9)), sim.NodeID(r.IntN(workers+coords)), time.Duration(r.IntN(2e8)))
	}
	end := c.Run(context.Background())
	bad := func(f string, a ...any) {
		t.Helper()
		for _, l := range lt.lines {
			fmt.Print(l)
		}
		t.Fatalf("seed %d %s %s %s: "+f, append([]any{seed, p.Name(), cc.Name(), ex}, a...)...)
	}
	if end.Status != sim.Quiet || end.Stuck {
		res, _ := c.Residue()
		bad("end %+v residue %v", end, res)
	}
	if res, _ := c.Residue(); len(res) > 0 {
		bad("residue %v", res)
	}
	var com, unk int
	for i := uint64(1); i <= n; i++ {
		e, ok := h.final[i]
		if !ok {
			bad("t%d no final", i)
		}
		switch e.Outcome {
		case Committed:
			com++
		case Unknown:
			unk++
		}
		last := map[string]int32{}
		for j, o := range h.txns[i].Ops {
			if o.Kind != Read {
				last[fmt.Sprint(o.Worker, o.Key)] = int32(j)
			}
		}
		tries := map[uint32]int{}
		for v, k := range h.installs {
			if v.Txn == i {
				tries[v.Try]++
				if k != 1 {
					bad("dup install %v", v)
				}
			}
		}
		total := 0
		for _, k := range tries {
			total += k
		}
		switch {
		case len(tries) > 1, total != 0 && total != len(last), e.Outcome == Committed && total != len(last), e.Outcome == Aborted && total != 0:
			bad("t%d %v %v installs %v want %v", i, e.Outcome, e.Attempt, tries, last)
		}
	}
	if testing.Verbose() {
		t.Log(seed, p.Name(), cc.Name(), ex, "committed", com, "unknown", unk, "events", c.World.Stats().Events, "t", c.World.Now(), c.World.Stats().Crashes)
	}
}

func TestStress(t *testing.T) {
	for seed := uint64(0); seed < 5; seed++ {
		for _, p := range Protocols() {
			for _, cc := range Concurrencies() {
				for ex := OneShot; ex <= Interactive; ex++ {
					stress(t, seed, p, cc, ex, false)
				}
			}
		}
	}
}
