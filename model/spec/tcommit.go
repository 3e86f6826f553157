package spec

import "github.com/seed83d86191/txsim/sim/explore"

// TCommit is Transaction Commit: what any commit protocol must do.
type TCommit struct{ N int }

func (c TCommit) rm(i int) field             { return field{uint(2 * i), 2} }
func (c TCommit) manager(s State, i int) int { return c.rm(i).of(s) }

// Name implements Spec.
func (c TCommit) Name() string { return "TCommit" }

// Managers implements Spec.
func (c TCommit) Managers() int { return c.N }

// State returns the state in which these managers, a bit each, have prepared, committed and
// aborted. A manager that has committed need not be among the prepared ones too, and so on.
func (c TCommit) State(prepares, commits, aborts uint) State {
	var s State
	for i := range c.N {
		is := working
		switch bit := uint(1) << i; {
		case commits&bit != 0:
			is = committed
		case aborts&bit != 0:
			is = aborted
		case prepares&bit != 0:
			is = prepared
		}
		s = c.rm(i).set(s, is)
	}
	return s
}

// Initial implements explore.System.
func (c TCommit) Initial() []State { return []State{0} }

// Fingerprint implements explore.System.
func (c TCommit) Fingerprint(s State) uint64 { return fingerprint(s) }

var tcommitActions = []string{"Prepare", "DecideCommit", "DecideAbort"}

// Action implements explore.System.
func (c TCommit) Action(a int) string { return act(tcommitActions[a/c.N], a%c.N) }

// Next implements explore.System.
func (c TCommit) Next(s State, to func(int, State)) {
	canCommit, notCommitted := true, true
	for i := range c.N {
		switch c.manager(s, i) {
		case working, aborted:
			canCommit = false
		case committed:
			notCommitted = false
		}
	}
	for i := range c.N {
		rm := c.rm(i)
		is := rm.of(s)
		if is == working {
			to(i, rm.set(s, prepared))
		}
		if is == prepared && canCommit {
			to(c.N+i, rm.set(s, committed))
		}
		if (is == working || is == prepared) && notCommitted {
			to(2*c.N+i, rm.set(s, aborted))
		}
	}
}

// Invariants implements Spec.
func (c TCommit) Invariants() []explore.Invariant[State] { return consistent(c) }

// Text implements Spec.
func (c TCommit) Text(s State) string { return managersText(c, s) }
