package model

import "github.com/seed83d86191/txsim/sim"

// Residue is something that a node still holds on to: at rest there must be
// none that does not have to be.
type Residue struct {
	Node    sim.NodeID
	Attempt Attempt
	State   string       // "in doubt", "waits for acks", …
	Awaits  []sim.NodeID // the nodes whose word would resolve it
	Behind  []Attempt    // the attempts at the same node that would have to end first
}

// Resident is a node that can list what it holds on to, in a fixed order.
type Resident interface {
	Residue() []Residue
}

// Wrapper is a node of a protocol of one's own that has another inside. What
// the analysis asks of a node, and the outer does not answer, the inner is
// asked.
type Wrapper interface {
	Unwrap() sim.Node[Message]
}

// as returns n, or the first node inside it, as a T.
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
	partExecuting: "executing", partExecuted: "executed", partPreparing: "preparing", partPrepared: "in doubt", partDeciding: "deciding",
}

// Residue implements Resident.
func (w *worker) Residue() []Residue {
	var all []Residue
	for _, p := range w.parts {
		if p == nil || p.state.finished() {
			continue
		}
		r := Residue{Node: w.env.ID(), Attempt: p.attempt, State: partResidue[p.state], Awaits: []sim.NodeID{p.key.coordinator}}
		if p.waiting != nil {
			r.State = "waits for a lock on " + quoteWord(p.waiting.key)
			for _, h := range p.waiting.lock.holders {
				r.Awaits = append(r.Awaits, h.p.key.coordinator)
				r.Behind = append(r.Behind, h.p.attempt)
			}
		}
		all = append(all, r)
	}
	return all
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
	for _, list := range [2][]*attempt{c.old, c.open} {
		for _, a := range list {
			if a == nil {
				continue
			}
			r := Residue{Node: c.env.ID(), Attempt: a.name, State: attemptResidue[a.state]}
			for i := range a.parts {
				if a.parts[i].waiting {
					r.Awaits = append(r.Awaits, a.parts[i].node)
				}
			}
			all = append(all, r)
		}
	}
	return all
}

// residueKey is an attempt at a node.
type residueKey struct {
	node    sim.NodeID
	attempt Attempt
}

// Residue lists what is unresolved in the whole cluster; excused tells that
// it has to be: it waits for a node that is dead for good, or for something
// that is excused itself.
func (c *Cluster) Residue() (unexcused, excused []Residue) {
	for n := range c.World.Nodes() {
		if node, ok := as[Resident](c.World.Node(sim.NodeID(n))); ok {
			unexcused = append(unexcused, node.Residue()...)
		}
	}
	known := map[residueKey]bool{}
	for more := true; more; {
		more = false
		open := unexcused[:0]
		for _, r := range unexcused {
			if !c.excused(&r, known) {
				open = append(open, r)
				continue
			}
			more = true
			known[residueKey{r.Node, r.Attempt}] = true
			excused = append(excused, r)
		}
		unexcused = open
	}
	return unexcused, excused
}

func (c *Cluster) excused(r *Residue, known map[residueKey]bool) bool {
	for _, n := range r.Awaits {
		if c.World.Dead(n) || known[residueKey{n, r.Attempt}] {
			return true
		}
	}
	for _, a := range r.Behind {
		if known[residueKey{r.Node, a}] {
			return true
		}
	}
	return false
}
