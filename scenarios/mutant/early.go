package mutant

import (
	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// The mutants in this file send messages too early: before a record is durable, or without
// one.
var early = []Mutant{
	{Name: "early-vote", worker: earlyVote, Expect: []string{analysis.InvWriteAhead},
		Sentence: "YES is sent while the prepare record is in memory",
		Origin:   "participants that answer first and let the log writer catch up; write-ahead logging forbids it"},
	{Name: "early-commit", coordinator: earlyCommit, Expect: []string{analysis.InvWriteAhead},
		Sentence: "COMMIT is sent while the commit record is in memory",
		Origin:   "coordinators that count votes in one thread and write the decision in another"},
	{Name: "early-done", worker: earlyDone, set: []string{"workload.workers=1"}, Expect: []string{analysis.InvWriteAhead},
		Sentence: "the only worker says done while its record is in memory",
		Origin:   "the fast path for transactions of one node, added later, that skips the wait for the disk"},
	{Name: "early-ack", worker: earlyAck, Expect: []string{analysis.InvWriteAhead},
		Sentence: "COMMIT is acknowledged while its record is in memory",
		Origin:   "participants that acknowledge on receipt, after which the coordinator may forget"},
	{Name: "early-answer", coordinator: earlyAnswer, Expect: []string{analysis.InvWriteAhead, analysis.InvDurability},
		Sentence: "the client is told of success when the first YES is in",
		Origin:   "asynchronous commits that answer before the decision is durable"},
	{Name: "hopeful-answer", coordinator: hopefulAnswer, set: []string{"execution=batched", "workload.workers=1"},
		Expect:   []string{analysis.InvWriteAhead, analysis.InvDurability},
		Sentence: "the client is told of success when the only worker is asked to commit what it has run",
		Origin:   "commits of one node that are reported when they are handed over, since nothing should stop them any more"},
	{Name: "early-collecting", base: "presumed-commit", coordinator: earlyPrepare, Expect: []string{analysis.InvWriteAhead},
		Sentence: "workers are asked while the collecting record is in memory",
		Origin:   "presumed commit with its first forced write made lazy, against the rule of R*"},
	{Name: "no-collecting", base: "presumed-commit", presumption: &model.Presumption{AbortAcked: true, Presume: model.Committed},
		set:    []string{"timeouts.decision=20ms"},
		faults: []string{"crash coordinators 10% on prepare for exp(20ms)"}, Expect: []string{analysis.InvAtomicity},
		Sentence: "presumed commit without its collecting record: what a crash has forgotten counts as committed",
		Origin:   "presumed commit as it is often retold, without the record that R* forces before the prepares"},
	{Name: "no-tombstone", base: "presumed-commit", worker: refuses(model.Full), Expect: []string{analysis.InvWriteAhead},
		Sentence: "NO is sent without a tombstone under presumed commit",
		Origin:   "participants that take a refusal for something that needs no record"},
	{Name: "early-abort", base: "presumed-nothing", coordinator: earlyAbort, Expect: []string{analysis.InvWriteAhead},
		Sentence: "ABORT is sent while the abort record is in memory",
		Origin:   "basic two-phase commit with the habits of presumed abort"},
	{Name: "group-commit", coordinator: unflushed, faults: []string{"crash coordinators 5% on commit for exp(20ms)"},
		Expect:   []string{analysis.InvWriteAhead, analysis.InvDurability, analysis.InvAtomicity},
		Sentence: "group commit wakes those who wait when their group is written, not when it is flushed",
		Origin:   "log writers that signal after write and before fsync"},
	{Name: "group-vote", worker: unflushed, faults: []string{"crash workers 5% on prepare for exp(20ms)"},
		Expect:   []string{analysis.InvWriteAhead, analysis.InvImpossible},
		Sentence: "a worker's group commit takes what is written for what is flushed",
		Origin:   "storage engines that run with their sync option off under a commit protocol that needs it"},
}

func earlyVote(n *node) {
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		n.pass(from, mail, m)
		if mail.Kind == model.KindPrepare && n.every(3, &m) {
			n.say(from, model.KindVote, m, model.Message{Vote: model.VoteYes})
		}
	}
}

// earlyCommit counts the votes itself and does not wait for the log.
func earlyCommit(n *node) {
	votes := senders{}
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		n.pass(from, mail, m)
		if yes(mail.Kind, &m) && m.Txn != nil && votes.add(m.Attempt, from) == len(m.Txn.Parts) {
			for _, p := range m.Txn.Parts {
				n.say(n.Workers[p.Worker], model.KindCommit, m, model.Message{})
			}
		}
	}
}

func earlyDone(n *node) {
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		if mail.Kind == model.KindCommitOne {
			n.say(from, model.KindDone, m, model.Message{Outcome: model.Committed})
		}
		n.pass(from, mail, m)
	}
}

func earlyAck(n *node) {
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		n.pass(from, mail, m)
		if mail.Kind == model.KindCommit {
			n.ackCommit(from, m)
		}
	}
}

func earlyAnswer(n *node) {
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		if yes(mail.Kind, &m) {
			n.say(n.Client, model.KindAnswer, m, model.Message{Outcome: model.Committed})
		}
		n.pass(from, mail, m)
	}
}

// hopefulAnswer takes the worker for done, in a step of its own, when it is asked.
func hopefulAnswer(n *node) {
	n.send = func(to sim.NodeID, mail *sim.Mail, m *model.Message) bool {
		if asked := *m; mail.Kind == model.KindCommitOne {
			n.after(0, func() { n.hear(to, model.KindDone, asked, model.Message{Outcome: model.Committed}) })
		}
		return true
	}
}

func earlyPrepare(n *node) {
	n.send = func(to sim.NodeID, mail *sim.Mail, m *model.Message) bool { return mail.Kind != model.KindPrepare }
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		n.pass(from, mail, m)
		if mail.Kind == model.KindRequest {
			for i, p := range m.Txn.Parts {
				ask := m
				ask.Part = int32(i)
				n.say(n.Workers[p.Worker], model.KindPrepare, ask, model.Message{To: int32(len(p.Ops)), Start: m.Start})
			}
		}
	}
}

func earlyAbort(n *node) {
	txns := map[model.Attempt]*model.Transaction{}
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		n.pass(from, mail, m)
		if mail.Kind == model.KindRequest {
			txns[m.Attempt] = m.Txn
		}
		if t := txns[m.Attempt]; t != nil && mail.Kind == model.KindVote && m.Vote == model.VoteNo {
			for _, p := range t.Parts {
				if to := n.Workers[p.Worker]; to != from {
					n.say(to, model.KindAbort, m, model.Message{})
				}
			}
		}
	}
}

// unflushed takes everything appended for durable at the end of each step.
func unflushed(n *node) {
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		n.pass(from, mail, m)
		if n.Env.Alive() {
			n.Node.Synced(1 << 62)
		}
	}
}
