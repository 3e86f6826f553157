package scenarios

import (
	"math/bits"
	"slices"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// abstraction is a tracer that sees of a run only what a commit protocol is about:
// for each attempt how far its coordinator is, and how many of its workers are how
// far, whichever they are; and, on a worker, what it does about one attempt while it
// has got so far with another that it is in conflict with. It gathers the transitions between such states, as
// numbers below abstractSpace: what reaches a new one has made the protocol do what
// it had not done yet, though it may have run no new line of code.
type abstraction struct {
	coordinators int
	attempts     map[sim.Label]*abstractAttempt
	latest       map[sim.NodeID][]sim.Label // the last attempts that a worker dealt with
	reached      [abstractSpace / 64]uint64
}

// abstractAttempt is how far an attempt is. The hash is the sum of those of its
// nodes, so that the order of workers does not matter.
type abstractAttempt struct {
	hash  uint64
	nodes map[sim.NodeID]uint64 // the last thing that each did about it
	txn   *model.Transaction    // nil as long as no message had it
}

func newAbstraction(coordinators int) *abstraction {
	return &abstraction{coordinators: coordinators, attempts: map[sim.Label]*abstractAttempt{}, latest: map[sim.NodeID][]sim.Label{}}
}

// abstractSpace is how many transitions are told apart.
const abstractSpace = 1 << 14

// abstractPairs is how many other attempts of a worker are looked at.
const abstractPairs = 3

// Trace implements sim.Tracer.
func (a *abstraction) Trace(r *sim.Record[model.Message]) {
	step := uint64(r.Op)<<16 | uint64(r.Kind)<<8
	switch r.Op {
	case sim.TraceDeliver:
		if r.Message != nil {
			step |= uint64(r.Message.Vote)<<4 | uint64(r.Message.Outcome)
		}
	case sim.TraceAppend, sim.TraceLost:
	case sim.TraceRestart:
		for _, t := range a.attempts { // any order: the transitions are a set
			if last := t.nodes[r.Node]; last != 0 && !over(last) {
				a.move(t, r.Node, last|restarted)
			}
		}
		return
	default:
		return
	}
	if r.Label == 0 {
		return
	}
	t := a.attempts[r.Label]
	if t == nil {
		t = &abstractAttempt{nodes: map[sim.NodeID]uint64{}}
		a.attempts[r.Label] = t
	}
	if t.txn == nil && r.Message != nil {
		t.txn = r.Message.Txn
	}
	a.move(t, r.Node, step)
	if int(r.Node) >= a.coordinators {
		a.pair(r.Node, r.Label, step)
	}
}

// restarted is set in how far a node was with an attempt when it crashed.
const restarted = 1 << 40

// over reports whether a node that got so far has little more to do.
func over(step uint64) bool {
	switch sim.Kind(step >> 8) {
	case model.KindCommit, model.KindAbort, model.KindCommitOne, model.KindAck, model.KindAnswer:
		return sim.TraceOp(step>>16) == sim.TraceAppend
	}
	return false
}

// pair notes what a worker does about an attempt, with how far it is with others.
func (a *abstraction) pair(n sim.NodeID, label sim.Label, step uint64) {
	list := a.latest[n]
	for _, other := range list {
		if o := a.attempts[other]; other != label && conflicting(o.txn, a.attempts[label].txn, int(n)-a.coordinators) {
			a.reach(sim.Hash(step, o.nodes[n], 1))
		}
	}
	if i := slices.Index(list, label); i >= 0 {
		list = slices.Delete(list, i, i+1)
	} else if len(list) > abstractPairs {
		list = slices.Delete(list, 0, 1)
	}
	a.latest[n] = append(list, label)
}

// conflicting reports whether the transactions need a key of the worker, and not
// only to read it.
func conflicting(t, u *model.Transaction, worker int) bool {
	if t == nil || u == nil || t == u {
		return false
	}
	for _, p := range t.Parts {
		for _, q := range u.Parts {
			if p.Worker != worker || q.Worker != worker {
				continue
			}
			for _, l := range p.Locks {
				if slices.ContainsFunc(q.Locks, func(m model.LockReq) bool { return m.Key == l.Key && (l.Exclusive || m.Exclusive) }) {
					return true
				}
			}
		}
	}
	return false
}

// move has a node do something about an attempt.
func (a *abstraction) move(t *abstractAttempt, n sim.NodeID, step uint64) {
	if int(n) < a.coordinators {
		step |= 1 << 32
	}
	before := t.hash
	if last := t.nodes[n]; last != 0 {
		t.hash -= sim.Hash(last)
	}
	t.hash += sim.Hash(step)
	t.nodes[n] = step
	a.reach(sim.Hash(before, t.hash))
}

// reach notes a transition.
func (a *abstraction) reach(hash uint64) {
	i := hash % uint64(abstractSpace)
	a.reached[i/64] |= 1 << (i % 64)
}

// each calls f with the numbers of the transitions, in order.
func (a *abstraction) each(f func(i int)) {
	for w, word := range a.reached {
		for ; word != 0; word &= word - 1 {
			f(w*64 + bits.TrailingZeros64(word))
		}
	}
}

// touch calls the blocks of the transitions.
func (a *abstraction) touch() { a.each(func(i int) { blocks[i]() }) }
