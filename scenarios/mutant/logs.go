package mutant

import (
	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// The mutants in this file do things twice, under the same name or another, or leave a log
// that no protocol could have written.
var logs = []Mutant{
	{Name: "from-nowhere", worker: fromNowhere, Expect: []string{analysis.InvImpossible, analysis.InvLogGrammar},
		Sentence: "a commit record is written without a prepare record",
		Origin:   "recovery of a replica that copies the decisions of another and not what they decide"},
	{Name: "second-record", coordinator: secondRecord, Expect: []string{analysis.InvLogGrammar},
		Sentence: "an abort record is written behind a commit record",
		Origin:   "error paths that log a rollback without a look at what was logged before"},
	{Name: "no-end", presumption: &model.Presumption{Presume: model.Aborted}, Expect: []string{analysis.InvLogGrammar},
		Sentence: "commits are not acknowledged, and their end is not logged, under presumed abort",
		Origin:   "presumed abort with the acks of presumed commit: each shows what the other may leave out"},
	{Name: "retried-prepare", base: "presumed-commit", worker: retriedPrepare, set: []string{"network.duplicate=20%", "network.delay=exp(2ms)"},
		Expect:   []string{analysis.InvIdempotence, analysis.InvAtomicity},
		Sentence: "a prepare that comes again after the commit is executed again",
		Origin:   "stores that forget a finished transaction at once and take a retried request for a new one"},
	{Name: "repeated-abort", worker: repeatedAbort, set: []string{"network.duplicate=10%"}, Expect: []string{analysis.InvIdempotence},
		Sentence: "an abort that comes again is carried out again",
		Origin:   "handlers that are no-ops only as long as nobody counts"},
	{Name: "late-yes", worker: lateYes, faults: []string{"duplicate 20% prepare", "delay 20% prepare by exp(20ms)"},
		Expect:   []string{analysis.InvIdempotence, analysis.InvWriteAhead},
		Sentence: "a prepare that comes after the decision is answered YES",
		Origin:   "votes that are recomputed for a repeated request instead of remembered"},
	{Name: "renamed", coordinator: renamed, set: []string{"network.loss=5%", "workload.workers=1"},
		Expect:   []string{analysis.InvUniqueIDs},
		Sentence: "a request that is sent again has a new name",
		Origin:   "clients that draw the key of idempotence inside the retry loop"},
}

// fromNowhere commits an attempt that its log has no record of.
func fromNowhere(n *node) {
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		if mail.Kind == model.KindPrepare && n.every(10, &m) {
			n.Env.Append(model.KindCommit, mail.Label, []byte{99, 99, 99})
		}
		n.pass(from, mail, m)
	}
}

func secondRecord(n *node) {
	n.send = func(_ sim.NodeID, mail *sim.Mail, m *model.Message) bool {
		if mail.Kind == model.KindCommit && n.every(3, m) {
			n.Env.Append(model.KindAbort, mail.Label, []byte{byte(m.ID.Epoch()), 1, 0})
		}
		return true
	}
}

func retriedPrepare(n *node) {
	finished := attempts{}
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		switch {
		case mail.Kind == model.KindCommit:
			finished[m.Attempt] = true
		case mail.Kind == model.KindPrepare && finished[m.Attempt]:
			m.ID += anew
		}
		n.pass(from, mail, m)
	}
}

func repeatedAbort(n *node) {
	seen := map[model.Attempt]model.WireID{}
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		if mail.Kind == model.KindAbort {
			m.ID += seen[m.Attempt] * anew
			seen[m.Attempt]++
		}
		n.pass(from, mail, m)
	}
}

func lateYes(n *node) {
	over := attempts{}
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		n.pass(from, mail, m)
		switch {
		case decision(mail.Kind):
			over[m.Attempt] = true
		case mail.Kind == model.KindPrepare && over[m.Attempt]:
			n.say(from, model.KindVote, m, model.Message{Vote: model.VoteYes})
		}
	}
}

// renamed uses other names on the wire than its coordinator believes.
func renamed(n *node) {
	believed := map[model.Attempt]model.WireID{}
	n.send = func(_ sim.NodeID, mail *sim.Mail, m *model.Message) bool {
		if m.ID != 0 {
			believed[m.Attempt] = m.ID
			m.ID, m.Mark = m.ID+model.WireID(mail.Again)<<20, 0
		}
		return true
	}
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		if id, ok := believed[m.Attempt]; ok {
			m.ID = id
		}
		n.pass(from, mail, m)
	}
}
