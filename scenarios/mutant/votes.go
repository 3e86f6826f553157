package mutant

import (
	"slices"
	"time"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// The mutants in this file err between the first prepare and the decision: they give, count
// or take back votes wrongly.
var votes = []Mutant{
	{Name: "abort-alone", worker: abortAlone, Expect: []string{analysis.InvAtomicity, analysis.InvOneDecision},
		Sentence: "a worker that voted YES aborts on its own",
		Origin:   "participants that take heuristic decisions when told to commit"},
	{Name: "reaper", worker: reaper, faults: []string{"delay 10% commit by exp(20ms)"},
		Expect:   []string{analysis.InvAtomicity, analysis.InvDurability, analysis.InvOneDecision},
		Sentence: "a timeout reaps a prepared transaction, and its absence is taken for its commit",
		Origin:   "stores that clean up old prepared transactions, and answer a later COMMIT with success"},
	{Name: "impatient", worker: impatient, faults: []string{"delay 10% commit by exp(20ms)"},
		Expect:   []string{analysis.InvImpossible, analysis.InvOneDecision, analysis.InvAtomicity},
		Sentence: "a worker that voted YES aborts when the decision does not come in time",
		Origin:   "lock timeouts that make no difference between a running and a prepared transaction"},
	{Name: "heuristic-commit", worker: heuristicCommit, faults: []string{"delay 10% commit by exp(20ms)"},
		Expect:   []string{analysis.InvOneDecision},
		Sentence: "a worker that voted YES commits when the decision does not come in time",
		Origin:   "heuristic decisions of XA's resource managers, taken to free locks, and right as long as most attempts commit"},
	{Name: "no-as-yes", coordinator: noAsYes, Expect: []string{analysis.InvImpossible},
		Sentence: "NO is counted as YES",
		Origin:   "coordinators that wait for so many answers and read what is in them too late"},
	{Name: "twice-counted", coordinator: twiceCounted, set: []string{"network.duplicate=10%", "network.delay=exp(1ms)"},
		Expect:   []string{analysis.InvImpossible, analysis.InvAtomicity},
		Sentence: "a vote that comes twice is counted as the votes of two workers",
		Origin:   "coordinators that count votes instead of voters, over a network that repeats messages"},
	{Name: "old-vote", coordinator: oldVote, set: []string{"timeouts.prepare=20ms"}, faults: []string{"delay 20% vote by exp(40ms)"},
		Expect:   []string{analysis.InvOneDecision, analysis.InvImpossible, analysis.InvAtomicity},
		Sentence: "a late YES of the attempt before is counted for the attempt that is being voted on",
		Origin:   "coordinators that find the transaction of a vote by its number, without that of its attempt"},
	{Name: "timeout-as-yes", coordinator: timeoutAsYes, faults: []string{"drop 5% prepare"},
		Expect:   []string{analysis.InvImpossible, analysis.InvAtomicity},
		Sentence: "the coordinator commits after a vote has timed out",
		Origin:   "retry loops whose error for a timeout is lost on the way to the decision"},
	{Name: "one-phase-for-two", coordinator: onePhaseForTwo, Expect: []string{analysis.InvAtomicity, analysis.InvImpossible},
		Sentence: "the one-phase commit of a single worker is used with two",
		Origin:   "the optimization for one participant whose test looks at the wrong list"},
	{Name: "lost-operations", worker: lostOperations, set: []string{"execution=interactive", "timeouts.prepare=200ms"},
		faults:   []string{"crash workers rate 10/s for exp(2ms)"},
		Expect:   []string{analysis.InvAtomicity, analysis.InvDurability, analysis.InvIdempotence},
		Sentence: "a worker that lost operations in a crash votes YES on the rest",
		Origin:   "sessions that reconnect to a restarted server and go on with their transaction there"},
	{Name: "orphan-prepare", base: "presumed-nothing", worker: orphanPrepare, faults: []string{"delay 10% prepare by exp(100ms)"},
		Expect:   []string{analysis.InvProgress},
		Sentence: "an abort overtakes its prepare and leaves no trace; the late prepare keeps its locks for good",
		Origin:   "stores that answer an abort of an unknown transaction with success and remember nothing"},
	{Name: "late-registration", worker: lateRegistration, set: []string{"execution=batched"}, faults: []string{"delay 10% execute by exp(100ms)"},
		config:   func(c *model.Config) { c.Timeouts.Idle = sim.Forever },
		Expect:   []string{analysis.InvProgress},
		Sentence: "operations that come after the abort of their transaction begin it anew, and nobody ends it",
		Origin:   "branches that register with a global transaction after it was rolled back"},
	{Name: "lost-tombstone", base: "presumed-commit", worker: lostTombstone, set: []string{"network.duplicate=20%", "network.delay=exp(2ms)"},
		Expect:   []string{analysis.InvAtomicity, analysis.InvOneDecision, analysis.InvOneCommit},
		Sentence: "the tombstone of a refusal is lost, and a repeated prepare of the same attempt then commits",
		Origin:   "stores whose rollback records are collected before the last retry has come in"},
}

func abortAlone(n *node) {
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		if mail.Kind == model.KindCommit && n.Worker == 0 {
			mail.Kind = model.KindAbort
		}
		n.pass(from, mail, m)
	}
}

// doubtLimit is how long an impatient mutant stays in doubt.
const doubtLimit = 6 * time.Millisecond

// giveUp calls f about an attempt that has voted YES if no decision came within doubtLimit.
func giveUp(n *node, f func(coordinator sim.NodeID, m model.Message)) {
	over := attempts{}
	n.send = func(to sim.NodeID, mail *sim.Mail, m *model.Message) bool {
		if said := *m; yes(mail.Kind, m) {
			n.after(doubtLimit, func() {
				if !over[said.Attempt] {
					over[said.Attempt] = true
					f(to, said)
				}
			})
		}
		return true
	}
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		if decision(mail.Kind) {
			over[m.Attempt] = true
		}
		n.pass(from, mail, m)
	}
}

func impatient(n *node) { giveUp(n, n.abort) }

func heuristicCommit(n *node) {
	giveUp(n, func(coordinator sim.NodeID, m model.Message) {
		n.hear(coordinator, model.KindCommit, m, model.Message{})
	})
}

func reaper(n *node) {
	reaped := attempts{}
	giveUp(n, func(coordinator sim.NodeID, m model.Message) {
		reaped[m.Attempt] = true
		n.abort(coordinator, m)
	})
	get := n.get
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		if mail.Kind == model.KindCommit && reaped[m.Attempt] {
			n.ackCommit(from, m)
			return
		}
		get(from, mail, m)
	}
}

func noAsYes(n *node) {
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		if mail.Kind == model.KindVote && m.Vote == model.VoteNo {
			m.Vote = model.VoteYes
		}
		n.pass(from, mail, m)
	}
}

// twiceCounted takes a repeated vote for that of the next worker whose vote is missing.
func twiceCounted(n *node) {
	heard := senders{}
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		if mail.Kind == model.KindVote && m.Txn != nil {
			if voters := heard[m.Attempt]; voters[from] {
				from, m.Part, m.Reads = missing(n, m.Txn, voters), 0, nil
			}
			heard.add(m.Attempt, from)
		}
		n.pass(from, mail, m)
	}
}

// missing returns the first worker of a transaction that is not among those heard.
func missing(n *node, t *model.Transaction, heard map[sim.NodeID]bool) sim.NodeID {
	for _, p := range t.Parts {
		if w := n.Workers[p.Worker]; !heard[w] {
			return w
		}
	}
	return sim.Nobody
}

// oldVote takes a vote for commit on an earlier attempt for one on the present one.
func oldVote(n *node) {
	type asked struct {
		txn    uint64
		worker sim.NodeID
	}
	now := map[asked]model.Message{}
	n.send = func(to sim.NodeID, mail *sim.Mail, m *model.Message) bool {
		if mail.Kind == model.KindPrepare {
			now[asked{m.Attempt.Txn, to}] = *m
		}
		return true
	}
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		if a := now[asked{m.Attempt.Txn, from}]; yes(mail.Kind, &m) && m.Attempt.Try < a.Attempt.Try {
			m.ID, m.Attempt, m.Part = a.ID, a.Attempt, a.Part
			mail.Label = m.Attempt.Label()
		}
		n.pass(from, mail, m)
	}
}

func timeoutAsYes(n *node) {
	heard := senders{}
	n.send = func(to sim.NodeID, mail *sim.Mail, m *model.Message) bool {
		if mail.Kind == model.KindPrepare && heard[m.Attempt] == nil {
			heard[m.Attempt] = map[sim.NodeID]bool{}
			asked := *m
			n.after(n.Config.Timeouts.Prepare*9/10, func() {
				for _, p := range asked.Txn.Parts {
					if w := n.Workers[p.Worker]; !heard[asked.Attempt][w] {
						n.hear(w, model.KindVote, asked, model.Message{Vote: model.VoteYes})
					}
				}
			})
		}
		return true
	}
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		if voters := heard[m.Attempt]; mail.Kind == model.KindVote && voters != nil {
			voters[from] = true
		}
		n.pass(from, mail, m)
	}
}

func onePhaseForTwo(n *node) {
	n.send = func(_ sim.NodeID, mail *sim.Mail, m *model.Message) bool {
		if mail.Kind == model.KindPrepare {
			mail.Kind = model.KindCommitOne
		}
		return true
	}
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		if mail.Kind == model.KindDone && m.Txn != nil && len(m.Txn.Parts) > 1 {
			mail.Kind, m.Vote = model.KindVote, model.VoteNo
			if m.Outcome == model.Committed {
				m.Vote = model.VoteYes
			}
		}
		n.pass(from, mail, m)
	}
}

// lostOperations takes the first operation that it hears of in this life for
// the first of all.
func lostOperations(n *node) {
	type rest struct {
		txn  *model.Transaction
		lost int32
	}
	known := map[model.Attempt]rest{}
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		if mail.Kind == model.KindExecute || mail.Kind == model.KindPrepare {
			r, ok := known[m.Attempt]
			if !ok {
				r = rest{m.Txn, m.From}
				if m.From > 0 {
					r.txn = trimmed(m.Txn, m.Part, m.From)
				}
				known[m.Attempt] = r
			}
			m.Txn, m.From, m.To, m.Life = r.txn, m.From-r.lost, m.To-r.lost, 0
		}
		n.pass(from, mail, m)
	}
	n.send = func(_ sim.NodeID, mail *sim.Mail, m *model.Message) bool {
		if mail.Kind == model.KindExecuted {
			m.To += known[m.Attempt].lost
		}
		return true
	}
}

// trimmed returns the transaction without the first operations of a part.
func trimmed(t *model.Transaction, part, lost int32) *model.Transaction {
	c := *t
	c.Parts = slices.Clone(t.Parts)
	c.Parts[part].Ops = c.Parts[part].Ops[lost:]
	return &c
}

func orphanPrepare(n *node) {
	seen := attempts{}
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		m.Mark = 0
		switch {
		case mail.Kind == model.KindPrepare || mail.Kind == model.KindCommitOne:
			seen[m.Attempt] = true
		case mail.Kind == model.KindAbort && !seen[m.Attempt]:
			n.say(from, model.KindAck, m, model.Message{Outcome: model.Aborted})
			return
		}
		n.pass(from, mail, m)
	}
	n.send = func(_ sim.NodeID, mail *sim.Mail, m *model.Message) bool { return mail.Kind != model.KindEnquire }
}

func lateRegistration(n *node) {
	seen := attempts{}
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		m.Mark = 0
		if mail.Kind == model.KindAbort && !seen[m.Attempt] {
			return
		}
		seen[m.Attempt] = true
		n.pass(from, mail, m)
	}
}

// anew is added to the number of an attempt to make the worker take it for another one.
const anew = 1 << 30

func lostTombstone(n *node) {
	refused := attempts{}
	n.send = func(_ sim.NodeID, mail *sim.Mail, m *model.Message) bool {
		if mail.Kind == model.KindVote && m.Vote == model.VoteNo {
			refused[m.Attempt] = true
		}
		return true
	}
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		if mail.Kind == model.KindPrepare && refused[m.Attempt] {
			m.ID += anew
		}
		n.pass(from, mail, m)
	}
}
