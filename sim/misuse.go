package sim

import (
	"fmt"
	"time"
)

// A call with impossible arguments panics at once and says what is wrong. Otherwise the run
// would go on as if nothing were wrong, or fail somewhere else.

// known returns the node of that number; call names the calling function for the panic if
// there is none.
func (w *World[M]) known(call string, n NodeID) *Env[M] {
	if uint(n) >= uint(len(w.nodes)) {
		panic(fmt.Sprintf("sim: %s: there is no node %d: there are %d, from 0", call, n, len(w.nodes)))
	}
	return w.nodes[n]
}

// lasts panics if a fault is to end before it begins; call names the calling function.
func lasts(call string, d time.Duration) {
	if d < 0 {
		panic(fmt.Sprintf("sim: %s: d = %v: must not be negative", call, d))
	}
}

// check panics if the configuration is impossible.
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
	case s.deep() && (s.Depth < 1 || s.Depth > MaxDepth):
		panic(fmt.Sprintf("sim: New: Schedule.Depth = %d: must be 1 to %d for %s", s.Depth, MaxDepth, strategyNames[s.Strategy]))
	case s.Steps < 0:
		panic(fmt.Sprintf("sim: New: Schedule.Steps = %d: must not be negative", s.Steps))
	case s.Window < 0:
		panic(fmt.Sprintf("sim: New: Schedule.Window = %v: must not be negative", s.Window))
	}
	for i, part := range s.Budget.parts() {
		if *part < 0 && (part != &s.Budget.Timeout || *part != Unbounded) {
			panic(fmt.Sprintf("sim: New: Schedule.Budget: %s = %d: must not be negative", budgetNames[i], *part))
		}
	}
}

func (l *Limits) check() {
	if l.Time < 0 || l.Pending < 0 {
		panic(fmt.Sprintf("sim: New: Limits = %+v: must not be negative", *l))
	}
}

func (d *Disk) check() {
	if d.Capacity < 0 {
		panic(fmt.Sprintf("sim: New: Disk.Capacity = %d: must not be negative", d.Capacity))
	}
}

// admits panics if the node cannot be added; newKey does if there is one of that name.
func (w *World[M]) admits(name string, build func(*Env[M]) Node[M]) {
	if w.started || len(w.nodes) >= 1<<24-1 {
		panic("sim: AddNode: the world has started, or has 2^24-1 nodes")
	}
	if build == nil {
		panic(fmt.Sprintf("sim: AddNode: there is nothing to build %q with", name))
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
	benched  = "the world is that of a Bench, which runs its nodes"
)

// wrong panics for a node that sends to a node that does not exist, or with negative Ops: a
// mistake in the node's code, which the stack shows. It is not inlined, to keep Post small.
//
//go:noinline
func (e *Env[M]) wrong(to NodeID, mail *Mail) {
	if mail.Ops < 0 {
		panic(fmt.Sprintf("sim: %s sends a message with Mail.Ops = %d: must not be negative", e.name, mail.Ops))
	}
	panic(fmt.Sprintf("sim: %s sends a message to node %d: there are %d, from 0", e.name, to, len(e.w.keys)))
}

// wrong panics for a Class that picks a link that there is not. It is not inlined, to keep
// link small.
//
//go:noinline
func (n *Network) wrong(from, to NodeID, class int) {
	panic(fmt.Sprintf("sim: Network.Class = %d from node %d to node %d: there are %d links, from 0", class, from, to, len(n.Links)))
}

// ask lets the Source choose, and panics if it chooses what there is not.
func (w *World[M]) ask(s Stream, ordinal uint64, n int) (int, bool) {
	v, ok := w.cfg.Source.Choose(s, ordinal, n)
	if ok && uint(v) >= uint(n) {
		panic(fmt.Sprintf("sim: the Source chooses %d for %s #%d: there are %d choices, from 0", v, s, ordinal, n))
	}
	return v, ok
}
