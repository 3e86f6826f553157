package model

import (
	"context"
	"fmt"
	"os"
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

type printTracer struct{ f Formatter }

func (p *printTracer) Trace(r *sim.Record[Message]) {
	l := p.f.Line(r)
	os.Stdout.Write(l.Append(nil))
}

type nullHist struct{}

func (nullHist) Record(e *Event) {
	fmt.Println("   H", e.Kind, e.At, e.Attempt, e.Key, e.Value, e.Outcome)
}

func TestSmoke(t *testing.T) {
	d, _ := sim.ParseDist("lognormal(500us, 0.4)")
	s, _ := sim.ParseDist("1ms")
	var ts []*Transaction
	for i := 1; i <= 3; i++ {
		tx := &Transaction{ID: fmt.Sprint("t", i), Index: uint64(i), At: Unscheduled}
		for w := 0; w < 3; w++ {
			tx.Ops = append(tx.Ops, Op{Kind: OpKind((i + w) % 2), Worker: w, Key: "k", Value: fmt.Sprint("v", i)})
		}
		tx.Compile()
		ts = append(ts, tx)
	}
	c := NewCluster(Config{Seed: 1, Workers: 5, Coordinators: 1, Protocol: Protocols()[0], Concurrency: waitDie{}, Clients: 3,
		Timeouts: Timeouts{50 * time.Millisecond, 100 * time.Millisecond, time.Second, 200 * time.Millisecond},
		Retry:    Retry{10, 5 * time.Millisecond, 500 * time.Millisecond}, Checkpoint: 32 << 10, Network: sim.Link{Delay: d}, Share: true,
		Disk: sim.Disk{Sync: s}, Stuck: 10 * time.Second, Source: &sliceSource{ts}, History: nullHist{}, Tracer: &printTracer{Formatter{Coordinators: 1, Workers: 5}}})
	fmt.Println(c.Run(context.Background()), c.World.Stats().Events, c.Tally())
	for it := range c.Stored {
		fmt.Println(it)
	}
}
