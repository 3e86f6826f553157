package mutant

import (
	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// The mutants in this file recover wrongly: from another log than they wrote,
// or without what it says.
var restarts = []Mutant{
	{Name: "empty-checkpoint", worker: emptyCheckpoint, Expect: []string{analysis.InvDurability},
		Sentence: "a checkpoint is taken without the store, and the log cut behind it",
		Origin:   "checkpoints that truncate the log before the pages are out"},
	{Name: "unknown-commit", worker: unknownCommit, faults: []string{"crash workers 10% on prepare for exp(5ms)"},
		Expect:   []string{analysis.InvAtomicity, analysis.InvDurability, analysis.InvWriteAhead},
		Sentence: "prepared attempts are lost in a restart, and a COMMIT of what is unknown is answered with success",
		Origin:   "stores that take an unknown transaction for one that was committed and cleaned up"},
	{Name: "rolled-back", worker: rolledBack, faults: []string{"crash workers 10% on prepare for exp(5ms)"},
		Expect:   []string{analysis.InvOneDecision, analysis.InvAtomicity, analysis.InvImpossible},
		Sentence: "a restarted worker rolls back what is in doubt, though others may have committed",
		Origin:   "operators' scripts that clear prepared transactions at start-up"},
	{Name: "prepared-again", worker: preparedAgain, faults: []string{"crash workers 10% on commit for exp(5ms)"},
		Expect:   []string{analysis.InvOneDecision, analysis.InvImpossible, analysis.InvAtomicity},
		Sentence: "a committed transaction is prepared again at start-up: the last commit record is not read",
		Origin:   "recovery that stops one record short"},
	{Name: "out-of-order", worker: outOfOrder, faults: []string{"crash workers 5% on commit for exp(5ms)"},
		Expect:   []string{analysis.InvStrictSerializability, analysis.InvDurability, analysis.InvCommittedReads},
		Sentence: "replay puts an old commit behind the others: it overwrites newer values",
		Origin:   "logs replayed by several threads, or twice"},
	{Name: "lost-commit", coordinator: lostCommit, faults: []string{"crash coordinators 10% on commit for exp(10ms)"},
		Expect:   []string{analysis.InvOneDecision, analysis.InvAtomicity, analysis.InvDurability},
		Sentence: "a restarted coordinator reads no commit records, and presumes aborts",
		Origin:   "coordinators that keep decisions in memory and call presumed abort what is none"},
	{Name: "used-ids", coordinator: usedIDs, faults: []string{"crash coordinators 5% on commit for exp(10ms)"},
		Expect:   []string{analysis.InvUniqueIDs, analysis.InvAtomicity, analysis.InvDurability, analysis.InvImpossible},
		Sentence: "the numbers of attempts begin again at one after a restart",
		Origin:   "sequences that live in memory, with no epoch beside them"},
}

// emptyCheckpoint acts late, or, where all ways of a few transactions are visited, at once.
func emptyCheckpoint(n *node) {
	syncs, at := 0, 40
	if n.Config.Schedule.Strategy == sim.Exhaustive {
		at = 1
	}
	n.sync = func() {
		if syncs++; syncs == at {
			n.Env.Checkpoint(nil)
		}
	}
}

func unknownCommit(n *node) {
	known := attempts{}
	n.recover = func(log sim.Recovery) sim.Recovery {
		over := decided(log)
		return without(log, func(r sim.LogRecord) bool { return r.Kind == model.KindPrepare && !over[r.Label] })
	}
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		switch {
		case mail.Kind == model.KindPrepare:
			known[m.Attempt] = true
		case mail.Kind == model.KindCommit && !known[m.Attempt]:
			n.ackCommit(from, m)
			return
		}
		n.pass(from, mail, m)
	}
}

func rolledBack(n *node) {
	n.send = func(to sim.NodeID, mail *sim.Mail, m *model.Message) bool {
		if mail.Kind != model.KindEnquire || !n.recovering {
			return true
		}
		inDoubt := *m
		n.after(0, func() { n.abort(to, inDoubt) })
		return false
	}
}

func preparedAgain(n *node) {
	n.recover = func(log sim.Recovery) sim.Recovery {
		var last sim.LogRecord // the last commit, unless a prepare may depend on it
		for r := range log.Records() {
			if r.Kind == model.KindCommit || r.Kind == model.KindPrepare {
				last = r
			}
		}
		return without(log, func(r sim.LogRecord) bool { return r.Kind == model.KindCommit && r.LSN == last.LSN })
	}
}

// outOfOrder moves the first commit of the log after all others, but before attempts in
// doubt, which may hold the locks.
func outOfOrder(n *node) {
	n.recover = func(log sim.Recovery) sim.Recovery {
		over := decided(log)
		var first sim.Label
		for r := range log.Records() {
			if r.Kind == model.KindCommit && first == 0 {
				first = r.Label
			}
		}
		turn := func(r sim.LogRecord) int {
			switch {
			case r.Kind == model.KindPrepare && !over[r.Label]:
				return 2
			case r.Label == first:
				return 1
			}
			return 0
		}
		return log.With(func(yield func(sim.LogRecord) bool) {
			for now := range 3 {
				for r := range log.Records() {
					if turn(r) == now && !yield(r) {
						return
					}
				}
			}
		})
	}
}

func lostCommit(n *node) {
	n.recover = func(log sim.Recovery) sim.Recovery {
		return without(log, func(r sim.LogRecord) bool { return r.Kind == model.KindCommit })
	}
}

// usedIDs leaves the epoch out of the ids on the wire.
func usedIDs(n *node) {
	epochs := map[uint64]uint32{} // by number: of the attempt that had it last
	n.send = func(_ sim.NodeID, _ *sim.Mail, m *model.Message) bool {
		epochs[m.ID.N()] = m.ID.Epoch()
		m.ID, m.Mark = model.NewWireID(1, m.ID.N()), model.NewWireID(1, m.Mark.N())
		return true
	}
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		if m.ID != 0 {
			m.ID = model.NewWireID(epochs[m.ID.N()], m.ID.N())
		}
		n.pass(from, mail, m)
	}
}
