package mutant

import (
	"slices"
	"time"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// The mutants in this file get the decision wrong: who takes it, who is told,
// and for how long it is remembered.
var decisions = []Mutant{
	{Name: "two-tongues", coordinator: twoTongues, Expect: []string{analysis.InvAtomicity, analysis.InvOneDecision},
		Sentence: "the coordinator tells one worker commit and another abort",
		Origin:   "coordinators of several threads that each look at a state that changes meanwhile"},
	{Name: "timeout-race", coordinator: timeoutRace, Expect: []string{analysis.InvOneDecision, analysis.InvImpossible},
		Sentence: "a timeout looks whether there is a decision, finds none, and aborts beside the commit on its way",
		Origin:   "timers that check first and act later, without the lock of the decision"},
	{Name: "presumed-too-soon", coordinator: presumedTooSoon, set: []string{"timeouts.decision=2ms"},
		Expect:   []string{analysis.InvOneDecision, analysis.InvAtomicity, analysis.InvImpossible},
		Sentence: "an enquiry about an attempt that is still being voted on is answered abort",
		Origin:   "presumed abort by whoever finds no record yet, while prepares are in flight"},
	{Name: "presumed-done", coordinator: presumedDone, set: []string{"timeouts.decision=20ms"}, faults: []string{"drop 20% abort"},
		Expect:   []string{analysis.InvOneDecision, analysis.InvAtomicity},
		Sentence: "an enquiry about an attempt of which nothing is known is answered commit, under presumed abort",
		Origin:   "coordinators that delete what is finished, and take what they do not find for finished"},
	{Name: "no-decision", coordinator: noDecision, Expect: []string{analysis.InvProgress},
		Sentence: "some attempts are prepared and never decided",
		Origin:   "coordinators of a client process that goes away between the two phases"},
	{Name: "forgotten-decision", coordinator: forgottenDecision, set: []string{"timeouts.decision=20ms"}, faults: []string{"drop 10% commit"},
		Expect:   []string{analysis.InvAtomicity, analysis.InvOneDecision, analysis.InvDurability, analysis.InvLogGrammar},
		Sentence: "a commit is forgotten before every ack is in, and then presumed an abort",
		Origin:   "coordinators that clean up their log by age"},
	{Name: "twice-acked", coordinator: twiceAcked, set: []string{"network.duplicate=10%", "timeouts.decision=20ms"}, faults: []string{"drop 10% commit"},
		Expect:   []string{analysis.InvLogGrammar, analysis.InvAtomicity, analysis.InvOneDecision},
		Sentence: "an ack that comes twice is counted as the acks of two workers, and the commit forgotten too soon",
		Origin:   "coordinators that count acks instead of those who have sent them, over a network that repeats messages"},
	{Name: "newest-mark", coordinator: newestMark, Expect: []string{analysis.InvImpossible, analysis.InvAbortCause, analysis.InvAtomicity},
		Sentence: "workers are told that all attempts before the newest are finished, not all before the oldest that is open",
		Origin:   "logs that are cut behind what was begun last instead of before what has not ended"},
	{Name: "deaf-coordinator", coordinator: deafCoordinator, set: []string{"network.loss=5%"}, Expect: []string{analysis.InvProgress, analysis.InvLogGrammar},
		Sentence: "decisions are forgotten before the acks, and enquiries not answered",
		Origin:   "coordinators that tell the decision once and close the session"},
	{Name: "deaf-worker", worker: deafWorker, Expect: []string{analysis.InvProgress},
		Sentence: "some commits never reach the worker's mind",
		Origin:   "message handlers that drop what they fail to parse"},
	{Name: "failed-commit", worker: failedCommit, Expect: []string{analysis.InvWriteAhead, analysis.InvAtomicity, analysis.InvOneDecision},
		Sentence: "a commit that fails on one worker is reported as done",
		Origin:   "transaction managers that log the error of the second phase and return success"},
	{Name: "answered-abort", coordinator: answeredAbort, Expect: []string{analysis.InvOneCommit, analysis.InvOneOutcome, analysis.InvAtomicity},
		Sentence: "the client is told of an abort that was not decided",
		Origin:   "front ends with a timeout of their own"},
	{Name: "retry-unknown", coordinator: retryUnknown, set: []string{"workload.workers=1"},
		faults:   []string{"crash coordinators 10% on prepare for exp(20ms)"},
		Expect:   []string{analysis.InvOneCommit},
		Sentence: "an unknown outcome is told as an abort, and the client tries again",
		Origin:   "drivers that retry on every lost connection"},
	{Name: "unheard", coordinator: unheard, Expect: []string{analysis.InvOneOutcome},
		Sentence: "some transactions are never begun",
		Origin:   "queues that drop requests when they are full and say nothing"},
	{Name: "late-decision", coordinator: lateDecision, Expect: []string{analysis.InvBounded},
		Sentence: "some decisions are told ten seconds after they were due",
		Origin:   "background threads that deliver decisions and share their queue with slower work"},
	{Name: "late-ack", worker: lateAck, Expect: []string{analysis.InvBounded},
		Sentence: "some acks come ten seconds late",
		Origin:   "workers that send acks in batches and wait for a batch to fill"},
	{Name: "unacked-abort", base: "presumed-nothing", worker: unackedAbort, Expect: []string{analysis.InvBounded},
		Sentence: "an abort is acknowledged only when it is told again",
		Origin:   "participants with the habits of presumed abort, where nobody waits for the ack of an abort"},
	{Name: "late-answer", coordinator: lateAnswer, Expect: []string{analysis.InvBounded},
		Sentence: "some clients wait twelve seconds for an outcome that is long known",
		Origin:   "front ends that poll for outcomes"},
}

// holdBack drops messages of these kinds about some attempts, until ten seconds after the
// first of them.
func holdBack(n *node, kinds ...sim.Kind) {
	first := map[model.Attempt]sim.Time{}
	n.send = func(_ sim.NodeID, mail *sim.Mail, m *model.Message) bool {
		if !slices.Contains(kinds, mail.Kind) || !n.every(5, m) {
			return true
		}
		if _, ok := first[m.Attempt]; !ok {
			first[m.Attempt] = n.Env.Now()
		}
		return n.Env.Now() > first[m.Attempt].Add(10*time.Second)
	}
}

func lateDecision(n *node) { holdBack(n, model.KindCommit, model.KindAbort) }

func lateAck(n *node) { holdBack(n, model.KindAck) }

func unackedAbort(n *node) {
	dropped := attempts{}
	n.send = func(_ sim.NodeID, mail *sim.Mail, m *model.Message) bool {
		first := mail.Kind == model.KindAck && m.Outcome == model.Aborted && !dropped[m.Attempt]
		if first {
			dropped[m.Attempt] = true
		}
		return !first
	}
}

// lateAnswer keeps some answers until a client asks that has waited for twelve seconds.
func lateAnswer(n *node) {
	held := map[model.Attempt]model.Message{}
	since := map[model.Attempt]sim.Time{}
	n.send = func(_ sim.NodeID, mail *sim.Mail, m *model.Message) bool {
		if mail.Kind != model.KindAnswer || !n.every(5, m) {
			return true
		}
		if _, ok := held[m.Attempt]; !ok {
			held[m.Attempt], since[m.Attempt] = *m, n.Env.Now()
		}
		return false
	}
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		n.pass(from, mail, m)
		if answer, ok := held[m.Attempt]; ok && mail.Kind == model.KindAsk && n.Env.Now() > since[m.Attempt].Add(12*time.Second) {
			n.say(n.Client, model.KindAnswer, m, answer)
		}
	}
}

func twoTongues(n *node) {
	told := attempts{}
	n.send = func(_ sim.NodeID, mail *sim.Mail, m *model.Message) bool {
		if mail.Kind == model.KindCommit && n.every(3, m) && !told[m.Attempt] {
			told[m.Attempt] = true
			mail.Kind = model.KindAbort
		}
		return true
	}
}

// hasty is a timeout as long as most attempts take.
const hasty = 3 * time.Millisecond

func timeoutRace(n *node) {
	asked, over := attempts{}, attempts{}
	n.send = func(_ sim.NodeID, mail *sim.Mail, m *model.Message) bool {
		switch {
		case decision(mail.Kind):
			over[m.Attempt] = true
		case mail.Kind == model.KindPrepare && !asked[m.Attempt]:
			asked[m.Attempt] = true
			prepare := *m
			n.after(hasty, func() {
				for _, p := range prepare.Txn.Parts {
					if !over[prepare.Attempt] {
						n.say(n.Workers[p.Worker], model.KindAbort, prepare, model.Message{})
					}
				}
			})
		}
		return true
	}
}

func presumedTooSoon(n *node) {
	over := attempts{}
	n.send = func(_ sim.NodeID, mail *sim.Mail, m *model.Message) bool {
		if decision(mail.Kind) {
			over[m.Attempt] = true
		}
		return true
	}
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		if mail.Kind == model.KindEnquire && !over[m.Attempt] {
			n.say(from, model.KindAbort, m, model.Message{Presumed: true, Vote: model.VoteYes})
			return
		}
		n.pass(from, mail, m)
	}
}

func presumedDone(n *node) {
	n.send = func(_ sim.NodeID, mail *sim.Mail, m *model.Message) bool {
		if mail.Kind == model.KindAbort && m.Presumed && m.Vote == model.VoteYes {
			mail.Kind = model.KindCommit
		}
		return true
	}
}

func noDecision(n *node) {
	n.send = func(_ sim.NodeID, mail *sim.Mail, m *model.Message) bool {
		return !decision(mail.Kind) || !n.every(20, m)
	}
}

// forgottenDecision pretends that all workers have acked as soon as COMMIT is sent.
func forgottenDecision(n *node) {
	n.send = func(to sim.NodeID, mail *sim.Mail, m *model.Message) bool {
		if told := *m; mail.Kind == model.KindCommit {
			n.after(0, func() { n.hear(to, model.KindAck, told, model.Message{Outcome: model.Committed}) })
		}
		return true
	}
}

// twiceAcked takes a repeated ack for that of another worker whose ack is missing.
func twiceAcked(n *node) {
	missing := map[model.Attempt][]sim.NodeID{}
	n.send = func(to sim.NodeID, mail *sim.Mail, m *model.Message) bool {
		if all := missing[m.Attempt]; mail.Kind == model.KindCommit && !slices.Contains(all, to) {
			missing[m.Attempt] = append(all, to)
		}
		return true
	}
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		if all := missing[m.Attempt]; mail.Kind == model.KindAck && len(all) > 0 {
			at := max(slices.Index(all, from), 0)
			from, m.Part = all[at], 0
			missing[m.Attempt] = slices.Delete(all, at, at+1)
		}
		n.pass(from, mail, m)
	}
}

func newestMark(n *node) {
	newest := model.WireID(0)
	n.send = func(_ sim.NodeID, _ *sim.Mail, m *model.Message) bool {
		if m.Mark != 0 {
			newest = max(newest, m.ID)
			m.Mark = newest
		}
		return true
	}
}

func deafCoordinator(n *node) {
	forgottenDecision(n)
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		if mail.Kind != model.KindEnquire {
			n.pass(from, mail, m)
		}
	}
}

func deafWorker(n *node) {
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		if mail.Kind != model.KindCommit || !n.every(10, &m) {
			n.pass(from, mail, m)
		}
	}
}

func failedCommit(n *node) {
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		if mail.Kind != model.KindCommit || n.Worker != 0 || !n.every(5, &m) {
			n.pass(from, mail, m)
			return
		}
		n.abort(from, m)
		n.ackCommit(from, m)
	}
}

func answeredAbort(n *node) {
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		n.pass(from, mail, m)
		if mail.Kind == model.KindRequest && m.Attempt.Try == 1 && n.every(3, &m) {
			n.say(n.Client, model.KindAnswer, m, model.Message{Outcome: model.Aborted, Reason: model.Timeout})
		}
	}
}

func retryUnknown(n *node) {
	n.send = func(_ sim.NodeID, mail *sim.Mail, m *model.Message) bool {
		if mail.Kind == model.KindAnswer && m.Outcome == model.Unknown {
			m.Outcome, m.Reason = model.Aborted, model.CoordinatorLost
		}
		return true
	}
}

func unheard(n *node) {
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		if (mail.Kind == model.KindRequest || mail.Kind == model.KindAsk) && n.every(8, &m) {
			return
		}
		n.pass(from, mail, m)
	}
}
