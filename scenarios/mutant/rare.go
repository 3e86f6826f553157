package mutant

import (
	"slices"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// The mutants in this file show in few runs of others' scenarios: some only if several
// messages of one attempt are late, lost or repeated, which their scenarios script, and some
// only where no timeout makes good what they do, as in some swarms.
var rare = []Mutant{
	{Name: "another-life", worker: anotherLife, set: []string{"execution=batched", "workers=2", "coordinators=1", "network.delay=1ms", "disk.sync=1ms",
		"timeouts.prepare=200ms", "timeouts.decision=200ms", "retry.attempts=1",
		`transactions={inline: ["t1 @0s: w0 read x; w1 write y = 1", "t2 @6ms: w0 write x = 2; w1 read y"]}`},
		faults: []string{"duplicate execute C0→w0 of t1#1 late by 30ms", "delay execute C0→w1 of t1#1 by 40ms",
			"crash w0 after send executed of t1#1 for 1ms"},
		Expect:   []string{analysis.InvStrictSerializability},
		Sentence: "operations that a crash has lost are run again by a late copy of their request, and the prepare takes them for the first ones",
		Origin:   "sessions that find their transaction on a restarted server and do not ask in which life of it they began"},
	{Name: "late-wound", base: "presumed-commit", worker: lateWound, set: []string{"concurrency=wound-wait", "workers=2", "coordinators=1",
		"network.delay=1ms", "disk.sync=1ms", "timeouts.prepare=500ms", "timeouts.decision=200ms", "timeouts.answer=500ms", "retry.attempts=1", "until=1s",
		`transactions={inline: ["t1 @0s: w0 write x = 1; w1 write z = 1", "t2 @0.1ms: w0 write x = 2; w1 write y = 2"]}`},
		faults:   []string{"delay prepare C0→w0 of t1#1 by 1.5ms", "delay wound w0→C0 #1 by 20ms", "drop commit C0→w0 of t2#1"},
		Expect:   []string{analysis.InvOneDecision, analysis.InvAtomicity, analysis.InvDurability},
		Sentence: "a wound that was sent before the vote is answered with a presumed abort, which the worker carries out though it has voted YES since",
		Origin:   "presumptions that are applied to an old question, under presumed commit, whose commits are the ones that are forgotten"},
	{Name: "reread-store", worker: rereadStore, set: []string{"workers=2", "coordinators=1", "network.delay=1ms", "disk.sync=1ms",
		"timeouts.prepare=200ms", "timeouts.decision=200ms", "retry.attempts=1", "until=1s",
		`transactions={inline: ["t1 @0s: w0 read x; w0 write x = 1; w0 read x; w1 write y = 1; w1 read z"]}`},
		faults:   []string{"duplicate prepare C0→w0 of t1#1 late by 20ms", "drop vote w0→C0 #1", "crash w0 after send vote #1 for 5ms"},
		Expect:   []string{analysis.InvOwnWrites},
		Sentence: "after a crash, the reads that go with a repeated vote do not see the transaction's own writes",
		Origin:   "votes that are put together again from the log and the store, the staging area being gone"},
	{Name: "single-wound", worker: singleWound, set: []string{"concurrency=wound-wait", "clients=12", "transactions=60"},
		Expect:   []string{analysis.InvProgress, analysis.InvOneOutcome},
		Sentence: "a victim is wounded once: a wound that is lost is not sent again",
		Origin:   "wound-wait over calls that return at once, with nobody to see that one has failed"},
	{Name: "deaf-while-voting", coordinator: deafWhileVoting, set: []string{"concurrency=wound-wait", "clients=12", "transactions=60"},
		Expect:   []string{analysis.InvProgress, analysis.InvOneOutcome},
		Sentence: "a wound is not heeded once the votes are asked for, and a deadlock between workers lasts until a timeout, if there is one",
		Origin:   "wound-wait that spares whoever has come to the commit, where locks are still being acquired there"},
	{Name: "silent-done", coordinator: silentDone, set: []string{"workload.workers=1"}, faults: []string{"delay 20% done by exp(200ms)"},
		Expect:   []string{analysis.InvOneDecision, analysis.InvAtomicity, analysis.InvOneCommit, analysis.InvDurability},
		Sentence: "a coordinator whose only worker is silent tells the client of an abort, though it was the worker that had to decide",
		Origin:   "the optimization for one participant, with the timeout of the protocol for several"},
}

func anotherLife(n *node) {
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		m.Life = 0
		n.pass(from, mail, m)
	}
}

func lateWound(n *node) {
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		if mail.Kind == model.KindAbort && m.Presumed {
			m.Vote = model.VoteYes // as if it were about what this worker says now
		}
		n.pass(from, mail, m)
	}
}

// rereadStore gives own reads of restored attempts what an earlier read of the key found.
func rereadStore(n *node) {
	restored := map[sim.Label]bool{}
	n.recover = func(log sim.Recovery) sim.Recovery {
		for r := range log.Records() {
			restored[r.Label] = r.Kind == model.KindPrepare
		}
		return log
	}
	n.send = func(_ sim.NodeID, mail *sim.Mail, m *model.Message) bool {
		if !yes(mail.Kind, m) || !restored[mail.Label] || m.Txn == nil {
			return true
		}
		reads := slices.Clone(m.Reads)
		stored := map[string]model.ReadResult{}
		for i, r := range reads {
			key := m.Txn.Ops[r.Op].Key
			if r.Version.Attempt != m.Attempt {
				stored[key] = r
			} else if was, ok := stored[key]; ok {
				was.Op = r.Op
				reads[i] = was
			}
		}
		m.Reads = reads
		return true
	}
}

func singleWound(n *node) {
	wounded := attempts{}
	n.send = func(_ sim.NodeID, mail *sim.Mail, m *model.Message) bool {
		if mail.Kind != model.KindWound {
			return true
		}
		again := wounded[m.Attempt]
		wounded[m.Attempt] = true
		return !again
	}
}

func deafWhileVoting(n *node) {
	voting := attempts{}
	n.send = func(_ sim.NodeID, mail *sim.Mail, m *model.Message) bool {
		if mail.Kind == model.KindPrepare {
			voting[m.Attempt] = true
		}
		return true
	}
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		if mail.Kind != model.KindWound || !voting[m.Attempt] {
			n.pass(from, mail, m)
		}
	}
}

func silentDone(n *node) {
	heard := attempts{}
	n.send = func(to sim.NodeID, mail *sim.Mail, m *model.Message) bool {
		if asked := *m; mail.Kind == model.KindCommitOne {
			n.after(n.Config.Timeouts.Prepare, func() {
				if !heard[asked.Attempt] {
					n.hear(to, model.KindDone, asked, model.Message{Outcome: model.Aborted, Reason: model.Timeout})
				}
			})
		}
		return true
	}
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		if mail.Kind == model.KindDone {
			heard[m.Attempt] = true
		}
		n.pass(from, mail, m)
	}
}
