package model_test

import (
	"context"
	"fmt"
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// one is a Source of a single transaction.
type one struct{ t *model.Transaction }

func (s *one) Next() (*model.Transaction, error) {
	t := s.t
	s.t = nil
	return t, nil
}

// printer prints the coordinator's side of the trace, and what becomes durable.
type printer struct{ format model.Formatter }

func (p printer) Trace(r *sim.Record[model.Message]) {
	if l := p.format.Line(r); l.Core {
		fmt.Print(string(l.Append(nil)))
	}
}

func (p printer) Record(e *model.Event) {
	if e.Kind == model.Installed {
		fmt.Printf("durable on w%d: %s = %q\n", e.Worker, e.Key, e.Value)
	}
}

// A transfer between two workers under two-phase commit with presumed abort:
// with a delay of 1 ms and a sync of 2 ms the client has its answer after two
// delays and two syncs.
func Example() {
	transfer := &model.Transaction{ID: "t1", Index: 1, Ops: []model.Op{
		{Kind: model.Write, Worker: 0, Key: "alice", Value: "90"},
		{Kind: model.Write, Worker: 1, Key: "bob", Value: "110"},
	}}
	transfer.Compile()

	delay, _ := sim.ParseDist("1ms")
	sync, _ := sim.ParseDist("2ms")
	p := printer{model.Formatter{Coordinators: 1, Workers: 2}}
	c := model.NewCluster(model.Config{
		Workers: 2, Coordinators: 1,
		Protocol:    model.Protocols()[0],
		Concurrency: model.Concurrencies()[0],
		Timeouts:    model.Timeouts{Prepare: time.Second, Decision: time.Second, Idle: time.Second, Answer: time.Second},
		Checkpoint:  1 << 20,
		Network:     sim.Link{Delay: delay},
		Disk:        sim.Disk{Sync: sync},
		Source:      &one{transfer}, History: p, Tracer: p,
	})
	fmt.Println(c.Run(context.Background()).Status)

	// Output:
	// 0.000000000  C0        start      t1      2 ops on w0 w1
	// 0.000000000  C0 → w0   prepare    t1
	// 0.000000000  C0 → w1   prepare    t1
	// 0.004000000  w0 → C0   vote       t1      yes
	// 0.004000000  w1 → C0   vote       t1      yes
	// 0.006000000  C0        decide     t1      commit
	// 0.006000000  C0 → w0   commit     t1
	// 0.006000000  C0 → w1   commit     t1
	// 0.006000000  C0        outcome    t1      committed  6.000ms
	// durable on w0: alice = "90"
	// durable on w1: bob = "110"
	// 0.010000000  w0 → C0   ack        t1      commit
	// 0.010000000  w1 → C0   ack        t1      commit
	// quiet
}
