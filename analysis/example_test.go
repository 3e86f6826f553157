package analysis_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// Two transactions each add to a balance that both have read: the second to be
// installed overwrites the first, whose update is lost. No serial order of the
// two explains what they read.
func ExampleHistoryChecker() {
	deposit := func(index uint64, id, balance string) *model.Transaction {
		return &model.Transaction{ID: id, Index: index, Ops: []model.Op{
			{Kind: model.Read, Worker: 4, Key: "acct/7"},
			{Kind: model.Write, Worker: 4, Key: "acct/7", Value: balance},
		}}
	}
	alice, bob := deposit(1, "alice", "10"), deposit(2, "bob", "20")
	checker := analysis.NewHistoryChecker(analysis.HistoryOptions{})
	now := sim.Time(0)
	observe := func(kind model.EventKind, t *model.Transaction) {
		now = now.Add(time.Millisecond)
		e := model.Event{Kind: kind, At: now, Txn: t, Attempt: model.Attempt{Txn: t.Index, Try: 1}}
		switch kind {
		case model.Installed:
			e.Worker, e.Key, e.Value, e.Version = 4, "acct/7", t.Ops[1].Value, model.Version{Attempt: e.Attempt, Op: 1}
		case model.Answered:
			e.Outcome, e.Final, e.Reads = model.Committed, true, []model.ReadResult{{Op: 0}} // no balance yet
		}
		checker.Record(&e)
	}
	observe(model.Submitted, alice)
	observe(model.Submitted, bob)
	for _, t := range []*model.Transaction{alice, bob} {
		observe(model.Installed, t)
		observe(model.Answered, t)
	}
	findings := checker.Finish(nil)
	fmt.Println(checker.Levels())
	for _, f := range findings {
		fmt.Println(f)
		for _, line := range f.Records {
			fmt.Println(line)
		}
	}
	// Output:
	// holds: read atomic; violated: cursor stability (lost update)
	// strict-serializability (lost update): no serial order: bob read w4 acct/7 = none from the initial state (answered at 0.006000000), which alice overwrote with "10" at 0.003000000; alice installed w4 acct/7 = "10" at 0.003000000, before bob installed "20" at 0.005000000
	// 0.001000000  client    submitted  alice
	// 0.002000000  client    submitted  bob
	// 0.003000000  w4        installed  alice   acct/7="10"
	// 0.004000000  client    read       alice   w4 acct/7=none from the initial state
	// 0.004000000  client    answered   alice   committed
	// 0.005000000  w4        installed  bob     acct/7="20"
	// 0.006000000  client    read       bob     w4 acct/7=none from the initial state
	// 0.006000000  client    answered   bob     committed
}

// The lattice of isolation levels: each forbids what those that it implies forbid,
// and some more anomalies.
func ExampleIsolationLevels() {
	for _, l := range analysis.IsolationLevels() {
		fmt.Printf("%s: %s\n", l.Name, strings.Join(append(l.Implies, l.Forbids...), ", "))
	}
	// Output:
	// read uncommitted: dirty write, duplicate apply, lost write, garbage, internal, G0
	// read committed: read uncommitted, G1a, G1b, G1c
	// read atomic: read committed, fractured read
	// cursor stability: read committed, lost update
	// consistent view: read atomic, cursor stability, G-single
	// snapshot isolation: consistent view, G-nonadjacent
	// strong snapshot isolation: snapshot isolation, G-nonadjacent-realtime
	// repeatable read: consistent view, G2-item
	// serializable: repeatable read, snapshot isolation
	// strict serializable: serializable, strong snapshot isolation, real-time
}
