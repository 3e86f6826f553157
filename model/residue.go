package model

import (
	"cmp"
	"slices"

	"github.com/seed83d86191/txsim/sim"
)

// Residue is something that a node still holds on to. When a cluster is at rest there must
// be none, except what waits for a node that is dead for good.
type Residue struct {
	Node    sim.NodeID
	Attempt Attempt
	State   string       // "in doubt", "waits for acks", …
	Locks   int          // how many are held until it is resolved
	Awaits  []sim.NodeID // the nodes whose word would resolve it
	Unvoted bool         // it has promised nothing, and ends by Timeouts.Idle or with those in Behind
	Decided bool         // the decision is taken, and told until all have acknowledged it
	Behind  []Attempt    // the attempts at the same node that would have to end first
	Dead    sim.NodeID   // if Cluster.Residue excuses it: the node that it waits for in the end
}

// Resident is a node that can list what it holds on to, in a fixed order.
type Resident interface {
	Residue() []Residue
}

// Wrapper is a node that has another node inside. What the analysis asks of a node is
// answered by the outer one if it can, otherwise by the inner one. That does not hold for
// sim.StateAppender: the inner node does not know the outer one's state.
type Wrapper interface {
	Unwrap() sim.Node[Message]
}

// as returns n, or the first node wrapped in it, that is a T.
func as[T any](n sim.Node[Message]) (t T, ok bool) {
	for {
		if t, ok = n.(T); ok {
			return t, true
		}
		w, wraps := n.(Wrapper)
		if !wraps {
			return t, false
		}
		n = w.Unwrap()
	}
}

var partResidue = [...]string{
	partExecuting: "executing", partExecuted: "executed", partPreparing: "preparing", partPrepared: StateInDoubt, partDeciding: "deciding",
}

// Residue implements Resident.
func (w *worker) Residue() []Residue {
	var all []Residue
	for _, p := range w.parts {
		if p == nil || p.state.finished() {
			continue
		}
		r := Residue{Node: w.Env.ID(), Attempt: p.attempt, State: partResidue[p.state], Locks: len(p.locked), Awaits: []sim.NodeID{p.key.coordinator}, Unvoted: p.state <= partExecuted}
		if p.waiting != nil {
			r.State = "waits for a lock on " + QuoteWord(p.waiting.key)
			for _, h := range p.waiting.lock.holders {
				r.Awaits = append(r.Awaits, h.p.key.coordinator)
				r.Behind = append(r.Behind, h.p.attempt)
			}
		}
		all = append(all, r)
	}
	return append(all, w.leaks()...)
}

// leaks lists room and locks that are held for no attempt, so that nothing will ever
// release them.
func (w *worker) leaks() []Residue {
	var all []Residue
	bytes, keys := w.staged, w.newKeys
	for _, p := range w.parts {
		if p != nil && !p.state.finished() {
			bytes -= p.chargedBytes
			keys -= int(p.chargedKeys)
		}
	}
	if bytes != 0 || keys != 0 {
		all = append(all, Residue{Node: w.Env.ID(), State: "room taken in the staging area for no attempt"})
	}
	var leaked []*item
	for it := range w.store.items.all() {
		if it.lock != nil && slices.ContainsFunc(slices.Concat(it.lock.holders, it.lock.queue), w.over) {
			leaked = append(leaked, it)
		}
	}
	slices.SortFunc(leaked, byKey)
	for _, it := range leaked {
		for _, h := range slices.Concat(it.lock.holders, it.lock.queue) {
			if w.over(h) {
				all = append(all, Residue{Node: w.Env.ID(), Attempt: h.p.attempt, State: "over, but in the way of a lock on " + QuoteWord(it.key), Locks: 1})
			}
		}
	}
	return all
}

// over reports whether the part that holds or awaits a lock is finished or forgotten.
func (w *worker) over(h holder) bool {
	p := h.p
	return p.state.finished() || int(p.slot) >= len(w.parts) || w.parts[p.slot] != p
}

// attemptResidue names the states in which an attempt can be found.
var attemptResidue = [...]string{
	attemptExecuting: "waits for results", attemptCollecting: "collecting", attemptVoting: "waits for votes",
	attemptOnePhase: "waits for its only worker", attemptDeciding: "deciding", attemptAborting: "aborting",
	attemptCommitted: "waits for acks", attemptAborted: "waits for acks",
}

// Residue implements Resident.
func (c *coordinator) Residue() []Residue {
	var all []Residue
	for a := range c.attempts {
		r := Residue{Node: c.Env.ID(), Attempt: a.name, State: attemptResidue[a.state], Decided: a.outcome() != Pending}
		for i := range a.parts {
			if a.parts[i].waiting {
				r.Awaits = append(r.Awaits, a.parts[i].node)
			}
		}
		all = append(all, r)
	}
	var gone []Attempt
	for a := range c.byTxn.all() {
		if a.state == attemptEnded {
			gone = append(gone, a.name)
		}
	}
	slices.SortFunc(gone, func(a, b Attempt) int { return cmp.Compare(a.Txn, b.Txn) })
	for _, a := range gone {
		all = append(all, Residue{Node: c.Env.ID(), Attempt: a, State: "ended, but not forgotten"})
	}
	return all
}

// residueKey is an attempt at a node.
type residueKey struct {
	node    sim.NodeID
	attempt Attempt
}

// Residue lists what is unresolved in the whole cluster. What is excused cannot be
// resolved: it waits for a node that is dead for good, or for something that is excused
// itself and has no decision to tell. What has not voted needs no coordinator to end.
func (c *Cluster) Residue() (unexcused, excused []Residue) {
	for n := range c.World.Nodes() {
		if node, ok := as[Resident](c.World.Node(sim.NodeID(n))); ok {
			unexcused = append(unexcused, node.Residue()...)
		}
	}
	known := map[residueKey]sim.NodeID{} // what is excused, and by which dead node
	for more := true; more; {
		more = false
		open := unexcused[:0]
		for _, r := range unexcused {
			if r.Dead = c.excuse(&r, known); r.Dead == sim.Nobody {
				open = append(open, r)
				continue
			}
			more = true
			if !r.Decided { // a decision reaches those who live, whoever is dead
				known[residueKey{r.Node, r.Attempt}] = r.Dead
			}
			excused = append(excused, r)
		}
		unexcused = open
	}
	return unexcused, excused
}

// excuse returns the dead node that r waits for, sim.Nobody if none is known.
func (c *Cluster) excuse(r *Residue, known map[residueKey]sim.NodeID) sim.NodeID {
	awaits := r.Awaits
	if r.Unvoted && c.cfg.Timeouts.Idle != sim.Forever && !c.exhaustive() {
		awaits = nil
	}
	for _, n := range awaits {
		if c.World.Dead(n) {
			return n
		}
		if dead, ok := known[residueKey{n, r.Attempt}]; ok {
			return dead
		}
	}
	for _, a := range r.Behind {
		if dead, ok := known[residueKey{r.Node, a}]; ok {
			return dead
		}
	}
	return sim.Nobody
}

// StateInDoubt is the State of what has voted YES and does not know the decision.
const StateInDoubt = "in doubt"

// The States of the last element that Why returns.
const (
	// StateDead: the node is dead for good.
	StateDead = "dead for good"
	// StateNothing: the node has nothing open about the attempt.
	StateNothing = "nothing open"
	// StateCircle: it waits for itself.
	StateCircle = "in a circle"
)

// Why returns the chain of what a residue waits for, what that waits for, and so on: the
// shortest chain to a node that is dead for good, if there is one. Otherwise the last
// element awaits nobody, or has one of the states above. all is what Cluster.Residue lists.
func (c *Cluster) Why(r Residue, all []Residue) []Residue {
	at := make(map[residueKey]int, len(all))
	for i := range all {
		at[residueKey{all[i].Node, all[i].Attempt}] = i
	}
	if chain := c.toDead(r, all, at); chain != nil {
		return chain
	}
	var chain []Residue
	seen := map[residueKey]bool{}
	for {
		key := residueKey{r.Node, r.Attempt}
		if seen[key] {
			return append(chain, Residue{Node: r.Node, Attempt: r.Attempt, State: StateCircle})
		}
		seen[key] = true
		chain = append(chain, r)
		if next := awaited(&r, at); len(next) > 0 {
			r = all[next[0]]
			continue
		}
		if len(r.Awaits) > 0 {
			end := Residue{Node: r.Awaits[0], Attempt: r.Attempt, State: StateNothing}
			if c.World.Dead(end.Node) {
				end.State = StateDead
			}
			chain = append(chain, end)
		}
		return chain
	}
}

// toDead returns the shortest chain to a node that is dead for good, nil if there is none.
// The chain does not pass through a decision that is being told, since that excuses nobody
// who awaits it.
func (c *Cluster) toDead(r Residue, all []Residue, at map[residueKey]int) []Residue {
	type step struct {
		Residue
		from int // in steps
	}
	steps := []step{{r, -1}}
	seen := map[residueKey]bool{{r.Node, r.Attempt}: true}
	for i := 0; i < len(steps); i++ {
		x := steps[i].Residue
		if d := slices.IndexFunc(x.Awaits, c.World.Dead); d >= 0 {
			chain := []Residue{{Node: x.Awaits[d], Attempt: x.Attempt, State: StateDead}}
			for ; i >= 0; i = steps[i].from {
				chain = append(chain, steps[i].Residue)
			}
			slices.Reverse(chain)
			return chain
		}
		for _, next := range awaited(&x, at) {
			if key := (residueKey{all[next].Node, all[next].Attempt}); !seen[key] && !all[next].Decided {
				seen[key] = true
				steps = append(steps, step{all[next], i})
			}
		}
	}
	return nil
}

// awaited returns the indexes of what r waits for, those at the same node first.
func awaited(r *Residue, at map[residueKey]int) []int {
	var all []int
	for _, a := range r.Behind {
		if i, ok := at[residueKey{r.Node, a}]; ok {
			all = append(all, i)
		}
	}
	for _, n := range r.Awaits {
		if i, ok := at[residueKey{n, r.Attempt}]; ok {
			all = append(all, i)
		}
	}
	return all
}
