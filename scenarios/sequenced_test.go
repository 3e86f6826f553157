package scenarios_test

import (
	"testing"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios"
	"github.com/seed83d86191/txsim/sim"
)

// sequenced is a protocol of one transaction in which no worker is asked whether it can: each
// commits what the coordinator sends, once, and the first to have done so answers for all. With
// promises set, it has a durable prepare record first.
type sequenced struct{ promises bool }

func (sequenced) Name() string             { return "sequenced" }
func (sequenced) Promises() model.Promises { return model.Promises{} }

func (sequenced) Coordinator(s *model.Site) sim.Node[model.Message] { return &sequencer{Site: s} }
func (q sequenced) Worker(s *model.Site) sim.Node[model.Message] {
	return &sequencedWorker{Site: s, promises: q.promises}
}

type sequencer struct {
	*model.Site
	txn *model.Transaction // until it is answered
}

func (c *sequencer) Start()               {}
func (c *sequencer) Recover(sim.Recovery) {}
func (c *sequencer) Synced(sim.LSN)       {}
func (c *sequencer) Fired(uint64)         {}

func (c *sequencer) Receive(_ sim.NodeID, mail sim.Mail, m *model.Message) {
	switch {
	case mail.Kind == model.KindRequest:
		c.txn = m.Txn
		c.Began(m.Txn, m.Attempt, m.Age())
		for i := range m.Txn.Parts {
			c.Env.Send(c.Workers[m.Txn.Parts[i].Worker], sim.Mail{Kind: model.KindUser, Label: mail.Label}, model.Message{Attempt: m.Attempt, Txn: m.Txn, Start: m.Start, Part: int32(i)})
		}
	case mail.Kind == model.KindUser && c.txn != nil:
		c.Env.Send(c.Client, sim.Mail{Kind: model.KindAnswer, Label: mail.Label}, model.Message{Attempt: m.Attempt, Txn: c.txn, Outcome: model.Committed})
		c.txn = nil
		c.Tally().Resolved++
	}
}

type sequencedWorker struct {
	*model.Site
	model.Work
	promises bool // it still has to
}

func (w *sequencedWorker) Start()               {}
func (w *sequencedWorker) Recover(sim.Recovery) {}
func (w *sequencedWorker) Fired(uint64)         {}

func (w *sequencedWorker) Receive(from sim.NodeID, _ sim.Mail, m *model.Message) {
	w.Work = model.Work{Coordinator: from, Attempt: m.Attempt, Start: m.Start}
	for _, op := range m.Txn.Parts[m.Part].Ops {
		w.Writes = append(w.Writes, model.StagedWrite{Key: op.Key, Value: op.Value, Op: op.Index})
	}
	if w.promises {
		w.force(model.KindPrepare)
	} else {
		w.force(model.KindCommitOne)
	}
}

func (w *sequencedWorker) force(kind sim.Kind) {
	w.Log(kind, &w.Work)
	w.Sync()
}

func (w *sequencedWorker) Synced(sim.LSN) {
	if w.promises {
		w.promises = false
		w.force(model.KindCommit)
		return
	}
	w.Env.Send(w.Coordinator, sim.Mail{Kind: model.KindUser, Label: w.Attempt.Label()}, model.Message{Attempt: w.Attempt})
}

// TestDeadWithoutPromises: where no worker promises, what one that is dead for good has not
// installed is no lost write; what one has not that comes back is, and where others promise.
func TestDeadWithoutPromises(t *testing.T) {
	for _, c := range []struct {
		promises bool
		fault    string
		want     analysis.Verdict
	}{
		{false, "crash w1 at 0s forever", analysis.Valid}, {false, "crash w1 at 0s for 1s", analysis.Invalid},
		{true, "crash w1 at 1s forever", analysis.Valid}, {true, "crash w1 at 0s forever", analysis.Invalid},
	} {
		s := scenarios.Small().Using(sequenced{c.promises})
		if err := s.Apply("workers=2", `transactions={inline: ["t1: w0 write x = 1; w1 write y = 1"]}`, `faults=["`+c.fault+`"]`); err != nil {
			t.Fatal(err)
		}
		r, err := open(t, s).Run(t.Context(), scenarios.Options{Seed: 1, Oracles: &analysis.Judges{}})
		if err != nil {
			t.Fatal(err)
		}
		if r.Verdict != c.want || c.want == analysis.Invalid && r.Findings[0].Anomaly != analysis.AnomalyLostWrite || r.Disagreement != nil {
			t.Errorf("promises %v, %q: %v, %v, %v", c.promises, c.fault, r.Verdict, r.Findings, r.Disagreement)
		}
	}
}
