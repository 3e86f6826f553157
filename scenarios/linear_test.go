package scenarios_test

import (
	"fmt"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// linear is linear two-phase commit of one transaction: the prepare goes from worker to
// worker, and the last one decides. Nobody votes. With early set, the last one acts on its
// commit before that is durable.
type linear struct{ early bool }

func (linear) Name() string             { return "linear" }
func (linear) Promises() model.Promises { return model.Promises{} }

func (linear) Coordinator(s *model.Site) sim.Node[model.Message] { return &linearCoordinator{Site: s} }

func (l linear) Worker(s *model.Site) sim.Node[model.Message] {
	return &linearWorker{Site: s, early: l.early}
}

type linearCoordinator struct {
	*model.Site
	txn *model.Transaction
	out model.Outcome
}

func (c *linearCoordinator) Start()               {}
func (c *linearCoordinator) Recover(sim.Recovery) {}
func (c *linearCoordinator) Synced(sim.LSN)       {}
func (c *linearCoordinator) Fired(uint64)         {}

func (c *linearCoordinator) AppendState(b []byte) []byte {
	return fmt.Appendf(b, "%v %v", c.txn != nil, c.out)
}

func (c *linearCoordinator) Receive(_ sim.NodeID, mail sim.Mail, m *model.Message) {
	switch {
	case mail.Kind == model.KindRequest && c.txn == nil:
		c.txn = m.Txn
		c.Began(m.Txn, m.Attempt, m.Age())
		c.Env.Send(c.Workers[0], sim.Mail{Kind: model.KindPrepare, Label: mail.Label}, model.Message{Attempt: m.Attempt, Txn: m.Txn, Start: m.Start, Peer: c.Env.ID()})
	case mail.Kind == model.KindUser && c.txn != nil && c.out == model.Pending:
		c.out = m.Outcome
		c.Env.Note(sim.Mail{Kind: model.KindDecide, Label: mail.Label, Arg: uint64(c.out)}, &model.Message{Attempt: m.Attempt, Txn: c.txn, Outcome: c.out})
		c.Env.Send(c.Client, sim.Mail{Kind: model.KindAnswer, Label: mail.Label}, model.Message{Attempt: m.Attempt, Txn: c.txn, Outcome: c.out, Reason: m.Reason})
		c.Tally().Resolved++
	}
}

// linearWorker is a worker; the record that it waits for is the last of its log.
type linearWorker struct {
	*model.Site
	model.Work
	early bool
	txn   *model.Transaction
	kind  sim.Kind // of its last record; 0: none
	over  bool     // it has acted on a decision
}

func (w *linearWorker) Start()       {}
func (w *linearWorker) Fired(uint64) {}

func (w *linearWorker) AppendState(b []byte) []byte {
	return fmt.Appendf(b, "%v %v %v %v", w.Attempt, w.txn != nil, w.kind, w.over)
}

func (w *linearWorker) last() bool { return w.Worker == len(w.Workers)-1 }

func (w *linearWorker) force(k sim.Kind) {
	w.kind = k
	w.Log(k, &w.Work)
	w.Sync()
}

func (w *linearWorker) Receive(_ sim.NodeID, mail sim.Mail, m *model.Message) {
	switch {
	case mail.Kind == model.KindPrepare && w.kind == 0:
		w.txn = m.Txn
		w.Work = model.Work{Coordinator: m.Peer, Attempt: m.Attempt, Start: m.Start}
		for i := range m.Txn.Parts[w.Worker].Ops {
			op := &m.Txn.Parts[w.Worker].Ops[i]
			w.Writes = append(w.Writes, model.StagedWrite{Key: op.Key, Value: op.Value, Op: op.Index})
		}
		w.force(model.KindPrepare)
	case (mail.Kind == model.KindCommit || mail.Kind == model.KindAbort) && w.kind == model.KindPrepare:
		w.force(mail.Kind)
	}
}

func (w *linearWorker) Synced(sim.LSN) {
	switch {
	case w.kind != model.KindPrepare:
		w.act()
	case w.last():
		w.force(model.KindCommit)
		if w.early {
			w.act()
		}
	case w.txn != nil:
		w.Env.Send(w.Workers[w.Worker+1], sim.Mail{Kind: model.KindPrepare, Label: w.Attempt.Label()},
			model.Message{Attempt: w.Attempt, Txn: w.txn, Start: w.Work.Start, Peer: w.Coordinator})
	}
}

// act acts on the decision, and tells those before it.
func (w *linearWorker) act() {
	if w.over {
		return
	}
	w.over = true
	done, out, why := model.KindCommitted, model.Committed, model.NoReason
	if w.kind == model.KindAbort {
		done, out, why = model.KindAborted, model.Aborted, model.Timeout
	}
	w.Env.Note(sim.Mail{Kind: done, Label: w.Attempt.Label()}, &model.Message{Attempt: w.Attempt, Peer: w.Coordinator})
	w.Tally().Resolved++
	if w.last() {
		w.Env.Send(w.Coordinator, sim.Mail{Kind: model.KindUser, Label: w.Attempt.Label()}, model.Message{Attempt: w.Attempt, Outcome: out, Reason: why})
	}
	if w.Worker > 0 {
		w.Env.Send(w.Workers[w.Worker-1], sim.Mail{Kind: w.kind, Label: w.Attempt.Label()}, model.Message{Attempt: w.Attempt})
	}
}

// Recover aborts if it is the last one, and has not decided.
func (w *linearWorker) Recover(log sim.Recovery) {
	for rec := range log.Records() {
		work, err := model.ReadWork(rec)
		if err != nil {
			panic(err)
		}
		if rec.Kind == model.KindPrepare {
			w.Work = work
		}
		w.kind = rec.Kind
	}
	switch {
	case w.kind == model.KindPrepare && w.last():
		w.force(model.KindAbort)
	case w.kind == model.KindCommit || w.kind == model.KindAbort:
		w.act()
	}
}
