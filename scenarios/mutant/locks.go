package mutant

import (
	"fmt"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// The mutants in this file break the rules of locks and of ages.
var locks = []Mutant{
	{Name: "released-early", config: overlooking(func(_, o model.Claim) bool { return o.Voted }),
		Expect:   []string{analysis.InvStrictSerializability},
		Sentence: "locks of who has voted YES are no obstacle, as if released, before there is a decision",
		Origin:   "early lock release without what makes it sound, the order of the commit records"},
	{Name: "released-reads", worker: releasedReads, set: []string{"workload.operations=2", "workload.keys=1", "workers=2", "clients=8"},
		Expect:   []string{analysis.InvStrictSerializability},
		Sentence: "a worker that only reads gives up its locks while others acquire theirs",
		Origin:   "the read-only vote of R* in a protocol whose prepare is still part of the growing phase"},
	{Name: "overlapped-prepare", coordinator: overlappedPrepare, set: []string{"execution=batched"},
		Expect:   []string{analysis.InvImpossible, analysis.InvStrictSerializability},
		Sentence: "a worker that only reads is asked to prepare while others still run their operations",
		Origin:   "coordinators that overlap the two rounds to save a delay, and so release shared locks before the last lock is taken"},
	{Name: "unrestored", config: overlooking(func(_, o model.Claim) bool { return o.Restored }),
		faults: []string{"crash workers 10% on prepare for exp(2ms)"}, set: []string{"workload.keys=2"},
		Expect:   []string{analysis.InvStrictSerializability},
		Sentence: "the locks of in-doubt transactions are not restored at a restart",
		Origin:   "lock tables that live in memory only, in stores that took up two-phase commit later"},
	{Name: "unrestored-reads", config: overlooking(func(_, o model.Claim) bool { return o.Restored && !o.Exclusive }),
		faults: afterVotes(), set: []string{"workers=2", "workload.keys=2", "workload.reads=70%", "clients=10", "transactions=100",
			"network.delay=exp(1ms)", "disk.sync=200us"},
		Expect:   []string{analysis.InvStrictSerializability},
		Sentence: "a worker that voted YES forgets its shared locks in a crash",
		Origin:   "prepare records that list writes only"},
	{Name: "write-skew", config: overlooking(func(r, o model.Claim) bool { return r.Exclusive && !o.Exclusive }),
		set:      []string{"execution=batched", "transactions=60"},
		Expect:   []string{analysis.InvStrictSerializability},
		Sentence: "what was read is not protected from the end of execution on, as by a validation that comes before the prepare",
		Origin:   "optimistic control over several nodes that validates first and then locks only what it writes"},
	{Name: "deaf-to-wounds", config: overlooking(func(r, o model.Claim) bool { return r.OlderThan(o.Age) }), set: []string{"concurrency=wound-wait"},
		Expect:   []string{analysis.InvStrictSerializability},
		Sentence: "a wounded transaction loses its locks, does not notice, and goes on",
		Origin:   "wound-wait whose victims look for their wound only when they wait"},
	{Name: "deadly-wound", worker: deadlyWound, set: []string{"concurrency=wound-wait"},
		Expect:   []string{analysis.InvImpossible, analysis.InvOneDecision, analysis.InvAtomicity},
		Sentence: "a wound kills a worker that has voted YES instead of asking its coordinator",
		Origin:   "wound-wait as it is for one node, used under two-phase commit"},
	{Name: "fresh-age", coordinator: freshAge, Expect: []string{analysis.InvStableAge},
		Sentence: "an attempt that comes again is as young as if it were new",
		Origin:   "wait-die that breaks the rule of Rosenkrantz, Stearns and Lewis that restarts keep their time stamp"},
	{Name: "reversed-wait-die", config: reversed, Expect: []string{analysis.InvAgeOrder},
		Sentence: "wait-die lets the younger wait and the older die",
		Origin:   "a comparison of ages the wrong way round: no deadlock, and no end for the old"},
	{Name: "reversed-wound-wait", config: reversed, set: []string{"concurrency=wound-wait"}, Expect: []string{analysis.InvAgeOrder},
		Sentence: "wound-wait wounds the older",
		Origin:   "a comparison of ages the wrong way round, in the other policy of Rosenkrantz, Stearns and Lewis"},
	{Name: "younger-prepare", coordinator: youngerPrepare, Expect: []string{analysis.InvAgeOrder},
		Sentence: "the prepare of an attempt that comes again says that it is as young as if it were new",
		Origin:   "retries that go through the code of new transactions, with a new time stamp"},
	{Name: "deadlock", config: func(c *model.Config) {
		c.Concurrency, c.Timeouts.Prepare = anyWait{c.Concurrency}, sim.Forever
	}, set: []string{"clients=0", "arrivals.kind=poisson", "arrivals.rate=2000/s"}, Expect: []string{analysis.InvProgress},
		Sentence: "everyone waits for everyone, and neither ages nor timeouts break a deadlock",
		Origin:   "lock tables that look for deadlocks on their own node only"},
}

// lax is a concurrency control that overlooks some conflicts.
type lax struct {
	model.Concurrency
	overlooks func(requester, other model.Claim) bool
}

// Overlooks implements model.Lenient.
func (l lax) Overlooks(requester, other model.Claim) bool { return l.overlooks(requester, other) }

func overlooking(f func(requester, other model.Claim) bool) func(*model.Config) {
	return func(c *model.Config) { c.Concurrency = lax{c.Concurrency, f} }
}

// anyWait lets every request wait.
type anyWait struct{ model.Concurrency }

// Conflict implements model.Concurrency.
func (anyWait) Conflict(_, _ model.Age) model.Resolution { return model.Wait }

// backwards takes the younger for the older.
type backwards struct{ model.Concurrency }

// Conflict implements model.Concurrency.
func (b backwards) Conflict(requester, other model.Age) model.Resolution {
	return b.Concurrency.Conflict(other, requester)
}

func reversed(c *model.Config) { c.Concurrency = backwards{c.Concurrency} }

// releasedReads executes a part without writes before the prepare, while other parts still
// acquire their locks; the part then votes READ.
func releasedReads(n *node) {
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
		vote := asked[m.Attempt]
		switch {
		case vote == nil: // the coordinator itself has operations executed before it asks
		case mail.Kind == model.KindExecuted && m.Vote == model.VoteYes:
			reads[m.Attempt] = m.Reads
			n.after(0, vote)
			return false
		case mail.Kind == model.KindExecuted:
			mail.Kind = model.KindVote
		case mail.Kind == model.KindVote && m.Vote == model.VoteRead:
			m.Reads = reads[m.Attempt]
		}
		return true
	}
}

// overlappedPrepare asks a reader for its vote as soon as its results come, one of several.
func overlappedPrepare(n *node) {
	asked := map[model.Attempt]map[sim.NodeID]model.Message{}
	n.send = func(to sim.NodeID, mail *sim.Mail, m *model.Message) bool {
		if mail.Kind == model.KindExecute {
			if asked[m.Attempt] == nil {
				asked[m.Attempt] = map[sim.NodeID]model.Message{}
			}
			asked[m.Attempt][to] = *m
		}
		return true
	}
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		if x, ok := asked[m.Attempt][from]; ok && mail.Kind == model.KindExecuted && m.Vote == model.VoteYes {
			part := &x.Txn.Parts[x.Part]
			if len(x.Txn.Parts) > 1 && !part.Writes() && int(m.To) == len(part.Ops) {
				n.say(from, model.KindPrepare, x, model.Message{From: m.To, To: m.To, Life: m.Life, Start: x.Start})
			}
		}
		n.pass(from, mail, m)
	}
}

func deadlyWound(n *node) {
	n.send = func(to sim.NodeID, mail *sim.Mail, m *model.Message) bool {
		if mail.Kind != model.KindWound || m.Vote != model.VoteYes {
			return true
		}
		victim := *m
		n.after(0, func() { n.abort(to, victim) })
		return false
	}
}

func freshAge(n *node) {
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		if mail.Kind == model.KindRequest {
			m.Start = n.Env.Now()
		}
		n.pass(from, mail, m)
	}
}

func youngerPrepare(n *node) {
	n.send = func(_ sim.NodeID, mail *sim.Mail, m *model.Message) bool {
		if mail.Kind == model.KindPrepare && m.Attempt.Try > 1 {
			m.Start = n.Env.Now()
		}
		return true
	}
}

// afterVotes returns crashes right after votes, when the locks of in-doubt attempts matter
// most.
func afterVotes() []string {
	var lines []string
	for n := 3; n < 120; n += 4 {
		lines = append(lines, fmt.Sprintf("crash w%d after send vote #%d for 100us", n/4%2, n))
	}
	return lines
}
