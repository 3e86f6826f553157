package coverage

import (
	"math/bits"
	"slices"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// Tracer collects the transitions of a run, as numbers below Space.
type Tracer struct {
	coordinators int
	last         map[part]uint64
	txns         map[sim.Label]*model.Transaction // transactions by attempt, once a message had them
	latest       map[sim.NodeID][]sim.Label       // the last attempts that a worker dealt with
	reached      [Space / 64]uint64
}

// part is an attempt at a node.
type part struct {
	node    sim.NodeID
	attempt sim.Label
}

// New returns a tracer for one run of a cluster with so many coordinators.
func New(coordinators int) *Tracer {
	return &Tracer{coordinators: coordinators, last: map[part]uint64{}, txns: map[sim.Label]*model.Transaction{}, latest: map[sim.NodeID][]sim.Label{}}
}

// Space is the number of transitions that are distinguished. Those below Pairs are about
// one attempt at a node, the others about two attempts at a worker.
const (
	Space = 1 << 14
	Pairs = 1 << 12
)

// others is with how many other attempts of its worker, the latest ones, an attempt is paired.
const others = 4

// Trace implements sim.Tracer.
func (a *Tracer) Trace(r *sim.Record[model.Message]) {
	step := uint64(r.Op)<<16 | uint64(r.Kind)<<8
	switch r.Op {
	case sim.TraceDeliver:
		if r.Message != nil {
			step |= uint64(r.Message.Vote)<<4 | uint64(r.Message.Outcome)
		}
	case sim.TraceAppend, sim.TraceLost:
	case sim.TraceRestart:
		a.restart(r.Node)
		return
	default:
		return
	}
	if r.Label == 0 {
		return
	}
	if r.Message != nil && r.Message.Txn != nil {
		a.txns[r.Label] = r.Message.Txn
	}
	a.move(part{r.Node, r.Label}, step)
	if int(r.Node) >= a.coordinators {
		a.pair(r.Node, r.Label, step)
	}
}

// restarted marks a stage that an attempt had reached before its node crashed.
const restarted = 1 << 40

func (a *Tracer) restart(n sim.NodeID) {
	for p, last := range a.last { // any order: the transitions are a set
		if p.node == n && !over(last) {
			a.move(p, last|restarted)
		}
	}
}

// over reports whether an attempt is practically finished at a node.
func over(step uint64) bool {
	switch sim.Kind(step >> 8) {
	case model.KindCommit, model.KindAbort, model.KindCommitOne, model.KindAck, model.KindAnswer:
		return sim.TraceOp(step>>16) == sim.TraceAppend
	}
	return false
}

// move records that a node does something about an attempt.
func (a *Tracer) move(p part, step uint64) {
	role := uint64(0)
	if int(p.node) >= a.coordinators {
		role = 1
	}
	a.reach(int(sim.Hash(role, a.last[p], step) % Pairs))
	a.last[p] = step
}

// pair records what a worker does about an attempt, once for each of its latest other attempts
// that is in conflict with it, together with the stage of that one.
func (a *Tracer) pair(n sim.NodeID, label sim.Label, step uint64) {
	list, txn := a.latest[n], a.txns[label]
	for _, other := range list {
		o := a.txns[other]
		if how := conflict(txn, o, int(n)-a.coordinators); other != label && how != 0 {
			if txn.Index < o.Index {
				how |= 8
			}
			a.reach(Pairs + int(sim.Hash(step, a.last[part{n, other}], how)%(Space-Pairs)))
		}
	}
	if i := slices.Index(list, label); i >= 0 {
		list = slices.Delete(list, i, i+1)
	} else if len(list) == others {
		list = slices.Delete(list, 0, 1)
	}
	a.latest[n] = append(list, label)
}

// conflict tells how two transactions need the same key of a worker: bit 0 if only u writes
// one, bit 1 if only t does, bit 2 if both do. 0 is no conflict.
func conflict(t, u *model.Transaction, worker int) (how uint64) {
	if t == nil || u == nil || t == u {
		return 0
	}
	for l := range partAt(t, worker).Locks {
		for m := range partAt(u, worker).Locks {
			switch {
			case m.Key != l.Key:
			case l.Exclusive && m.Exclusive:
				how |= 4
			case l.Exclusive:
				how |= 2
			case m.Exclusive:
				how |= 1
			}
		}
	}
	return how
}

// partAt returns what a transaction does on a worker.
func partAt(t *model.Transaction, worker int) *model.Part {
	for i := range t.Parts {
		if t.Parts[i].Worker == worker {
			return &t.Parts[i]
		}
	}
	return &model.Part{}
}

// reach records a transition.
func (a *Tracer) reach(i int) { a.reached[i/64] |= 1 << (i % 64) }

// Each calls f with the numbers of the transitions, in order.
func (a *Tracer) Each(f func(i int)) {
	for w, word := range a.reached {
		for ; word != 0; word &= word - 1 {
			f(w*64 + bits.TrailingZeros64(word))
		}
	}
}

// Touch calls the blocks of the transitions.
func (a *Tracer) Touch() { a.Each(func(i int) { blocks[i]() }) }
