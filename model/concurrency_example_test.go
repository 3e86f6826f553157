package model_test

import (
	"context"
	"fmt"
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// cautious is a concurrency control: as in wait-die, the younger dies and the older
// waits, but wounds the other if that is younger by more than a second. It keeps the
// promise of model.ByAge.
type cautious struct{}

func (cautious) Name() string { return "cautious" }
func (cautious) ByAge()       {}

func (cautious) Conflict(requester, other model.Age) model.Resolution {
	switch {
	case !requester.OlderThan(other):
		return model.Die
	case other.Start.Sub(requester.Start) > time.Second:
		return model.Wound
	}
	return model.Wait
}

// controlled is two-phase commit with a concurrency control of its own, whatever the
// scenario says.
type controlled struct {
	model.TwoPhase
	control model.Concurrency
}

func (c controlled) Concurrency(model.Concurrency) model.Concurrency { return c.control }

// A concurrency control of one's own comes with a protocol that says so, for a cluster
// as here, for Scenario.Using or for cmd.Main.
func ExampleControlled() {
	two := model.Protocols()[0].(model.TwoPhase)
	two.Label = "cautious"
	deposit := &model.Transaction{ID: "t1", Index: 1, Ops: []model.Op{{Kind: model.Write, Key: "alice", Value: "90"}}}
	deposit.Compile()
	sync, _ := sim.ParseDist("2ms")
	cfg := model.Config{
		Workers: 1, Coordinators: 1, Protocol: controlled{two, cautious{}}, Concurrency: model.Concurrencies()[0],
		Timeouts:   model.Timeouts{Prepare: time.Second, Decision: time.Second, Idle: time.Second, Answer: time.Second},
		Checkpoint: 1 << 20, Disk: sim.Disk{Sync: sync},
		Source: &one{deposit}, History: began{model.Formatter{Coordinators: 1, Workers: 1}},
	}
	fmt.Println(cfg.Control().Name(), "instead of", cfg.Concurrency.Name())
	fmt.Println(model.NewCluster(cfg).Run(context.Background()).Status)

	// Output:
	// cautious instead of wait-die
	// t1 began at C0 at 0.000000000
	// t1 committed at 0.002000000
	// quiet
}
