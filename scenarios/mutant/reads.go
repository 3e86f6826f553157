package mutant

import (
	"slices"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// The mutants in this file return values that must not be read.
var reads = []Mutant{
	{Name: "blind-reads", worker: blindReads, set: []string{"workload.keys=2", "workload.operations=6"}, Expect: []string{analysis.InvOwnWrites},
		Sentence: "reads do not look into the staging area of their own transaction",
		Origin:   "stores that buffer writes at the client and read at the server"},
	{Name: "dirty-reads", worker: dirtyReads, Expect: []string{analysis.InvCommittedReads},
		Sentence: "reads are served from the staging areas of other transactions",
		Origin:   "stores with one buffer of writes for all sessions"},
	{Name: "undead-writes", worker: undeadWrites, Expect: []string{analysis.InvCommittedReads},
		Sentence: "what an aborted transaction staged can still be read",
		Origin:   "rollbacks that release the locks and leave the buffer to be cleaned up later"},
	{Name: "stale-cache", worker: staleCache, Expect: []string{analysis.InvStrictSerializability},
		Sentence: "reads are served from a cache that is never refreshed",
		Origin:   "caches in front of a store, without invalidation"},
	{Name: "stale-lock", worker: staleLock, Expect: []string{analysis.InvStrictSerializability, analysis.InvCommittedReads},
		Sentence: "values are read when the request comes, not when its lock is granted: a newer commit is overwritten",
		Origin:   "pessimistic locks over a snapshot that was taken before the wait"},
	{Name: "no-deletion", worker: noDeletion, set: []string{"workload.deletes=20%"},
		Expect:   []string{analysis.InvStrictSerializability, analysis.InvCommittedReads},
		Sentence: "a delete leaves no version behind, and the value before it comes back",
		Origin:   "stores that merge files or replicas and have collected the tombstone"},
}

func blindReads(n *node) {
	n.send = func(_ sim.NodeID, _ *sim.Mail, m *model.Message) bool {
		reads := slices.Clone(m.Reads)
		for i, r := range reads {
			if r.Version.Attempt == m.Attempt {
				reads[i] = model.ReadResult{Op: r.Op}
			}
		}
		m.Reads = reads
		return true
	}
}

// writes calls f with what a part writes or deletes.
func writes(m *model.Message, f func(at item, r model.ReadResult)) {
	for _, op := range m.Txn.Parts[m.Part].Ops {
		if op.Kind != model.Read {
			f(item{op.Worker, op.Key}, model.ReadResult{Found: op.Kind == model.Write, Value: op.Value,
				Version: model.Version{Attempt: m.Attempt, Op: op.Index}})
		}
	}
}

// instead returns a function for answers that replaces reads by the results in old.
func instead(old map[item]model.ReadResult) func(op *model.Op, r model.ReadResult) model.ReadResult {
	return func(op *model.Op, r model.ReadResult) model.ReadResult {
		if s, ok := old[item{op.Worker, op.Key}]; ok {
			return s
		}
		return r
	}
}

func dirtyReads(n *node) {
	staged := map[item]model.ReadResult{}
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		if mail.Kind == model.KindPrepare {
			writes(&m, func(at item, r model.ReadResult) { staged[at] = r })
		}
		n.pass(from, mail, m)
	}
	n.send = func(_ sim.NodeID, _ *sim.Mail, m *model.Message) bool {
		answers(m, instead(staged))
		return true
	}
}

func undeadWrites(n *node) {
	prepared := map[model.Attempt]model.Message{}
	undead := map[item]model.ReadResult{}
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		p, known := prepared[m.Attempt]
		switch {
		case mail.Kind == model.KindPrepare:
			prepared[m.Attempt] = m
		case known && mail.Kind == model.KindAbort:
			writes(&p, func(at item, r model.ReadResult) { undead[at] = r })
		case known && mail.Kind == model.KindCommit:
			writes(&p, func(at item, _ model.ReadResult) { delete(undead, at) })
		}
		n.pass(from, mail, m)
	}
	n.send = func(_ sim.NodeID, _ *sim.Mail, m *model.Message) bool {
		answers(m, instead(undead))
		return true
	}
}

func staleCache(n *node) {
	cache := map[item]model.ReadResult{}
	n.send = func(_ sim.NodeID, _ *sim.Mail, m *model.Message) bool {
		answers(m, func(op *model.Op, r model.ReadResult) model.ReadResult {
			at := item{op.Worker, op.Key}
			if _, ok := cache[at]; !ok {
				cache[at] = r
			}
			return cache[at]
		})
		return true
	}
}

func staleLock(n *node) {
	newest := map[item]model.ReadResult{} // as far as known
	seen := map[model.Attempt]map[item]model.ReadResult{}
	prepared := map[model.Attempt]model.Message{}
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		p, known := prepared[m.Attempt]
		switch {
		case mail.Kind == model.KindPrepare && !known:
			prepared[m.Attempt] = m
			seen[m.Attempt] = map[item]model.ReadResult{}
			for l := range m.Txn.Parts[m.Part].Locks {
				if r, ok := newest[item{n.Worker, l.Key}]; ok {
					seen[m.Attempt][item{n.Worker, l.Key}] = r
				}
			}
		case mail.Kind == model.KindCommit && known:
			writes(&p, func(at item, r model.ReadResult) { newest[at] = r })
		}
		n.pass(from, mail, m)
	}
	n.send = func(_ sim.NodeID, _ *sim.Mail, m *model.Message) bool {
		answers(m, instead(seen[m.Attempt]))
		return true
	}
}

func noDeletion(n *node) {
	values := map[item]model.ReadResult{}
	n.send = func(_ sim.NodeID, _ *sim.Mail, m *model.Message) bool {
		answers(m, func(op *model.Op, r model.ReadResult) model.ReadResult {
			at := item{op.Worker, op.Key}
			if r.Found {
				values[at] = r
			}
			if old, ok := values[at]; ok {
				return old
			}
			return r
		})
		return true
	}
}
