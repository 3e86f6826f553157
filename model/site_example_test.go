package model_test

import (
	"context"
	"fmt"
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// single is a protocol for transactions of one worker, which decides alone. Its
// coordinator is made from scratch.
type single struct{ model.TwoPhase }

func (single) Name() string { return "single" }

func (single) Coordinator(s *model.Site) sim.Node[model.Message] { return &broker{Site: s} }

// broker hands an attempt on to its worker and the outcome back to the client. It
// relies on a network that loses nothing and on never crashing.
type broker struct {
	*model.Site
	n    uint64
	open map[model.WireID]model.Attempt
}

func (b *broker) Start() { b.open = map[model.WireID]model.Attempt{} }

func (b *broker) Receive(_ sim.NodeID, mail sim.Mail, m *model.Message) {
	switch mail.Kind {
	case model.KindRequest:
		b.n++
		id := model.NewWireID(b.Env.Incarnation(), b.n)
		b.open[id] = m.Attempt
		b.Began(m.Txn, m.Attempt, m.Age())
		part := &m.Txn.Parts[0]
		b.Env.Send(b.Workers[part.Worker], sim.Mail{Kind: model.KindCommitOne, Label: mail.Label, Ops: int32(len(part.Ops))},
			model.Message{ID: id, Attempt: m.Attempt, Txn: m.Txn, Start: m.Start, To: int32(len(part.Ops))})
	case model.KindDone:
		delete(b.open, m.ID)
		b.Tally().Resolved++
		b.Env.Send(b.Client, sim.Mail{Kind: model.KindAnswer, Label: mail.Label},
			model.Message{Attempt: m.Attempt, Txn: m.Txn, Outcome: m.Outcome, Reason: m.Reason, Reads: m.Reads})
	}
}

// Residue implements model.Resident: what is still here at the end of a run is
// a finding.
func (b *broker) Residue() []model.Residue {
	var all []model.Residue
	for n := uint64(1); n <= b.n; n++ {
		if a, ok := b.open[model.NewWireID(b.Env.Incarnation(), n)]; ok {
			all = append(all, model.Residue{Node: b.Env.ID(), Attempt: a, State: "waits for its worker"})
		}
	}
	return all
}

func (b *broker) Fired(uint64)         {}
func (b *broker) Synced(sim.LSN)       {}
func (b *broker) Recover(sim.Recovery) { b.Start() }

// began prints when attempts begin and what becomes of them.
type began struct{ format model.Formatter }

func (p began) Record(e *model.Event) {
	switch e.Kind {
	case model.Began:
		fmt.Println(p.format.Attempt(e.Attempt), "began at", p.format.Node(e.Node), "at", e.At)
	case model.Answered:
		fmt.Println(p.format.Attempt(e.Attempt), e.Outcome, "at", e.At)
	}
}

// A coordinator from scratch tells the history when an attempt begins, counts
// what it has resolved, and lists what it still holds.
func ExampleSite_Began() {
	deposit := &model.Transaction{ID: "t1", Index: 1, Ops: []model.Op{{Kind: model.Write, Key: "alice", Value: "90"}}}
	deposit.Compile()
	delay, _ := sim.ParseDist("1ms")
	sync, _ := sim.ParseDist("2ms")
	two := model.Protocols()[0].(model.TwoPhase)
	c := model.NewCluster(model.Config{
		Workers: 1, Coordinators: 1, Protocol: single{two}, Concurrency: model.Concurrencies()[0],
		Timeouts:   model.Timeouts{Prepare: time.Second, Decision: time.Second, Idle: time.Second, Answer: time.Second},
		Checkpoint: 1 << 20, Network: sim.Link{Delay: delay}, Disk: sim.Disk{Sync: sync},
		Source: &one{deposit}, History: began{model.Formatter{Coordinators: 1, Workers: 1}},
	})
	end := c.Run(context.Background())
	open, _ := c.Residue()
	fmt.Println(end.Status, open)

	// Output:
	// t1 began at C0 at 0.000000000
	// t1 committed at 0.004000000
	// quiet []
}
