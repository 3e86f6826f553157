package scenarios_test

import (
	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// plant is a fault in the protocol, and the invariant that has to show it.
type plant struct {
	fault     string
	invariant string
	protocol  string // presumed-abort if empty
	set       []string
	coordinator,
	worker func(n *node)
}

// plants are the faults, by the invariant that they break first of all.
var plants = []plant{
	{fault: "a worker that voted YES aborts on its own", invariant: analysis.InvAtomicity, worker: abortAlone},
	{fault: "the coordinator tells one worker commit and another abort", invariant: analysis.InvAtomicity, coordinator: twoTongues},

	{fault: "success is answered when the first YES is in", invariant: analysis.InvDurability, coordinator: answerEarly},
	{fault: "a checkpoint without the store", invariant: analysis.InvDurability, worker: emptyCheckpoint},

	{fault: "the client is told of an abort that was not decided", invariant: analysis.InvOneCommit, coordinator: answerAborted},
	{fault: "some transactions are never begun", invariant: analysis.InvOneOutcome, coordinator: ignoreRequests},
	{fault: "an attempt that comes again is as young as if it were new", invariant: analysis.InvStableAge, coordinator: freshAge},

	{fault: "reads do not look into the staging area", invariant: analysis.InvOwnWrites, worker: readPastStaging,
		set: []string{"workload.keys=2", "workload.operations=6"}},
	{fault: "reads are served from the staging areas of others", invariant: analysis.InvCommittedReads, worker: dirtyReads},

	{fault: "reads are served from a cache that is never refreshed", invariant: analysis.InvStrictSerializability, worker: staleReads},
	{fault: "a worker that only reads gives up its locks while others acquire theirs", invariant: analysis.InvStrictSerializability,
		worker: letGoEarly, set: []string{"workload.operations=2", "workload.keys=1", "workers=2", "clients=8"}},

	{fault: "YES is sent while the prepare record is in memory", invariant: analysis.InvWriteAhead, worker: voteEarly},
	{fault: "COMMIT is sent while the commit record is in memory", invariant: analysis.InvWriteAhead, coordinator: commitEarly},
	{fault: "the only worker says done while its record is in memory", invariant: analysis.InvWriteAhead, worker: doneEarly,
		set: []string{"workload.workers=1"}},
	{fault: "COMMIT is acknowledged while its record is in memory", invariant: analysis.InvWriteAhead, worker: ackEarly},
	{fault: "the client is answered while the commit record is in memory", invariant: analysis.InvWriteAhead, coordinator: answerEarly},
	{fault: "workers are asked while the collecting record is in memory", invariant: analysis.InvWriteAhead, coordinator: prepareEarly,
		protocol: "presumed-commit"},
	{fault: "NO is sent without a tombstone under presumed commit", invariant: analysis.InvWriteAhead, worker: refuseEarly,
		protocol: "presumed-commit"},
	{fault: "ABORT is sent while the abort record is in memory", invariant: analysis.InvWriteAhead, coordinator: abortEarly,
		protocol: "presumed-nothing"},

	{fault: "the coordinator tells one worker commit and another abort", invariant: analysis.InvOneDecision, coordinator: twoTongues},
	{fault: "a worker that voted YES aborts on its own", invariant: analysis.InvOneDecision, worker: abortAlone},

	{fault: "NO is counted as YES", invariant: analysis.InvImpossible, coordinator: countNo},
	{fault: "a commit record without a prepare record", invariant: analysis.InvImpossible, worker: commitFromNowhere},

	{fault: "some commits never reach the worker's mind", invariant: analysis.InvProgress, worker: deafToCommit},
	{fault: "decisions are forgotten before the acks, and enquiries ignored", invariant: analysis.InvProgress, coordinator: forgetEarly,
		set: []string{"network.loss=5%"}},
}

func abortAlone(n *node) {
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		if mail.Kind == model.KindCommit && n.Worker == 0 {
			mail.Kind = model.KindAbort
		}
		n.pass(from, mail, m)
	}
}

func twoTongues(n *node) {
	told := map[model.Attempt]bool{}
	n.send = func(_ sim.NodeID, mail *sim.Mail, m *model.Message) bool {
		if mail.Kind == model.KindCommit && every(3, m) && !told[m.Attempt] {
			told[m.Attempt] = true
			mail.Kind = model.KindAbort
		}
		return true
	}
}

func answerEarly(n *node) {
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		if mail.Kind == model.KindVote && m.Vote == model.VoteYes {
			n.say(n.Client, model.KindAnswer, m, model.Message{Outcome: model.Committed})
		}
		n.pass(from, mail, m)
	}
}

func emptyCheckpoint(n *node) {
	syncs := 0
	n.sync = func() {
		if syncs++; syncs == 40 {
			n.Env.Checkpoint(nil)
		}
	}
}

func answerAborted(n *node) {
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		n.pass(from, mail, m)
		if mail.Kind == model.KindRequest && m.Attempt.Try == 1 && every(3, &m) {
			n.say(n.Client, model.KindAnswer, m, model.Message{Outcome: model.Aborted, Reason: model.Timeout})
		}
	}
}

func ignoreRequests(n *node) {
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		if (mail.Kind == model.KindRequest || mail.Kind == model.KindAsk) && every(40, &m) {
			return
		}
		n.pass(from, mail, m)
	}
}

func freshAge(n *node) {
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		if mail.Kind == model.KindRequest {
			m.Age.Start = n.Env.Now()
		}
		n.pass(from, mail, m)
	}
}

func readPastStaging(n *node) {
	n.send = func(_ sim.NodeID, _ *sim.Mail, m *model.Message) bool {
		answers(m, func(_ *model.Op, r model.ReadResult) model.ReadResult {
			if r.Version.Attempt == m.Attempt {
				r = model.ReadResult{Op: r.Op}
			}
			return r
		})
		return true
	}
}

func dirtyReads(n *node) {
	staged := map[item]model.ReadResult{}
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		if mail.Kind == model.KindPrepare {
			for _, op := range m.Txn.Parts[m.Part].Ops {
				if op.Kind == model.Write {
					staged[item{op.Worker, op.Key}] = model.ReadResult{Found: true, Value: op.Value,
						Version: model.Version{Attempt: m.Attempt, Op: op.Index}}
				}
			}
		}
		n.pass(from, mail, m)
	}
	n.send = func(_ sim.NodeID, _ *sim.Mail, m *model.Message) bool {
		answers(m, func(op *model.Op, r model.ReadResult) model.ReadResult {
			if s, ok := staged[item{op.Worker, op.Key}]; ok && r.Version.Attempt != m.Attempt {
				s.Op = r.Op
				return s
			}
			return r
		})
		return true
	}
}

func staleReads(n *node) {
	cache := map[item]model.ReadResult{}
	n.send = func(_ sim.NodeID, _ *sim.Mail, m *model.Message) bool {
		answers(m, func(op *model.Op, r model.ReadResult) model.ReadResult {
			at := item{op.Worker, op.Key}
			old, ok := cache[at]
			switch {
			case r.Version.Attempt == m.Attempt:
			case ok:
				old.Op = r.Op
				return old
			default:
				cache[at] = r
			}
			return r
		})
		return true
	}
}

// letGoEarly has a part without writes executed before it is asked for its
// vote, though all others still acquire their locks: it then votes READ.
func letGoEarly(n *node) {
	const prepareNow = 1 << 62
	var due []func()
	reads := map[model.Attempt][]model.ReadResult{}
	asked := map[model.Attempt]func(){}
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		if mail.Kind != model.KindPrepare || m.Txn.Parts[m.Part].Writes() {
			n.pass(from, mail, m)
			return
		}
		execute, prepare := mail, m
		execute.Kind = model.KindExecute
		prepare.From = prepare.To
		asked[m.Attempt] = func() { n.pass(from, mail, prepare) }
		n.pass(from, execute, m)
	}
	n.send = func(_ sim.NodeID, mail *sim.Mail, m *model.Message) bool {
		switch {
		case mail.Kind == model.KindExecuted && m.Vote == model.VoteYes:
			reads[m.Attempt] = m.Reads
			due = append(due, asked[m.Attempt])
			n.Env.SetTimer(0, prepareNow)
			return false
		case mail.Kind == model.KindExecuted:
			mail.Kind = model.KindVote
		case mail.Kind == model.KindVote && m.Vote == model.VoteRead:
			m.Reads = reads[m.Attempt]
		}
		return true
	}
	n.fired = func(token uint64) bool {
		if token != prepareNow {
			return true
		}
		due[0]()
		due = due[1:]
		return false
	}
}
