package sim

import "fmt"

// A call that makes no sense panics where it is made, with what is wrong with it: a run
// goes on as if nothing were, or ends elsewhere, without.

// known returns a node that a function of the world is called with.
func (w *World[M]) known(call string, n NodeID) *Env[M] {
	if uint(n) >= uint(len(w.nodes)) {
		panic(fmt.Sprintf("sim: %s: there is no node %d: there are %d, from 0", call, n, len(w.nodes)))
	}
	return w.nodes[n]
}

// check panics if a configuration cannot be.
func (c *CPU) check() {
	switch {
	case c.Cores < 0:
		panic(fmt.Sprintf("sim: New: CPU.Cores = %d: must not be negative", c.Cores))
	case c.Message < 0:
		panic(fmt.Sprintf("sim: New: CPU.Message = %v: must not be negative", c.Message))
	case c.Operation < 0:
		panic(fmt.Sprintf("sim: New: CPU.Operation = %v: must not be negative", c.Operation))
	}
}

func (s *Schedule) check() {
	switch {
	case int(s.Strategy) >= len(strategyNames):
		panic(fmt.Sprintf("sim: New: Schedule.Strategy = %d: there are %d, from 0", s.Strategy, len(strategyNames)))
	case s.Strategy == PCT && s.Depth < 1:
		panic(fmt.Sprintf("sim: New: Schedule.Depth = %d: must be at least 1 for pct", s.Depth))
	}
	for i, part := range s.Budget.parts() {
		if *part < 0 && (part != &s.Budget.Timeout || *part != Unbounded) {
			panic(fmt.Sprintf("sim: New: Schedule.Budget: %s = %d: must not be negative", budgetNames[i], *part))
		}
	}
}

func (d *Disk) check() {
	if d.Capacity < 0 {
		panic(fmt.Sprintf("sim: New: Disk.Capacity = %d: must not be negative", d.Capacity))
	}
}

// admits panics if there can be no node of that name.
func (w *World[M]) admits(name string, build func(*Env[M]) Node[M]) {
	if w.started || len(w.nodes) >= 1<<24-1 {
		panic("sim: AddNode: the world has started, or has 2^24-1 nodes")
	}
	if build == nil {
		panic(fmt.Sprintf("sim: AddNode: there is nothing to build %q with", name))
	}
	if _, twice := w.names[name]; twice {
		panic(fmt.Sprintf("sim: AddNode: there is a node %q already, and chance would treat both alike", name))
	}
}

// enliven builds the state machine of the node's present life.
func (e *Env[M]) enliven() {
	if e.impl = e.build(e); e.impl == nil {
		panic(fmt.Sprintf("sim: what was to build %q has built nothing", e.name))
	}
}

// Why a world may not be run.
const (
	midStep  = "the world is within a step, which calls it itself or has panicked"
	released = "the world has been released"
)

// wrong ends a run in which a node sends to one that there is not, or what cannot be: a
// mistake in its code, which the stack shows.
//
//go:noinline
func (e *Env[M]) wrong(to NodeID, mail *Mail) {
	if mail.Ops < 0 {
		panic(fmt.Sprintf("sim: %s sends a message with Mail.Ops = %d: must not be negative", e.name, mail.Ops))
	}
	panic(fmt.Sprintf("sim: %s sends a message to node %d: there are %d, from 0", e.name, to, len(e.w.keys)))
}

// ask has the Source choose.
func (w *World[M]) ask(s Stream, ordinal uint64, n int) (int, bool) {
	v, ok := w.cfg.Source.Choose(s, ordinal, n)
	if ok && uint(v) >= uint(n) {
		panic(fmt.Sprintf("sim: the Source chooses %d for %s #%d: there are %d choices, from 0", v, s, ordinal, n))
	}
	return v, ok
}
