package spec

import (
	"fmt"

	"github.com/seed83d86191/txsim/sim/explore"
)

// TwoPhase is Two-Phase Commit, its messages a set that only grows.
type TwoPhase struct{ N int }

// The layout of a state: managers, the transaction manager, the managers that it knows to
// be prepared, and the messages sent.
func (p TwoPhase) rm(i int) field             { return field{uint(2 * i), 2} }
func (p TwoPhase) tm() field                  { return field{uint(2 * p.N), 2} }
func (p TwoPhase) heard(i int) field          { return field{uint(2*p.N + 2 + i), 1} }
func (p TwoPhase) sent(i int) field           { return field{uint(3*p.N + 2 + i), 1} }
func (p TwoPhase) commit() field              { return field{uint(4*p.N + 2), 1} }
func (p TwoPhase) abort() field               { return field{uint(4*p.N + 3), 1} }
func (p TwoPhase) manager(s State, i int) int { return p.rm(i).of(s) }

// The states of a transaction manager.
const (
	tmInit = iota
	tmCommitted
	tmAborted
)

// Name implements Spec.
func (p TwoPhase) Name() string { return "TwoPhase" }

// Managers implements Spec.
func (p TwoPhase) Managers() int { return p.N }

// Initial implements explore.System.
func (p TwoPhase) Initial() []State { return []State{0} }

// Fingerprint implements explore.System.
func (p TwoPhase) Fingerprint(s State) uint64 { return fingerprint(s) }

var twoPhaseActions = []string{"TMRcvPrepared", "RMPrepare", "RMChooseToAbort", "RMRcvCommitMsg", "RMRcvAbortMsg"}

// Action implements explore.System.
func (p TwoPhase) Action(a int) string {
	switch group := a / p.N; {
	case group < len(twoPhaseActions):
		return act(twoPhaseActions[group], a%p.N)
	case a == len(twoPhaseActions)*p.N:
		return "TMCommit"
	}
	return "TMAbort"
}

// Next implements explore.System.
func (p TwoPhase) Next(s State, to func(int, State)) {
	tmAction := len(twoPhaseActions) * p.N
	if p.tm().of(s) == tmInit {
		all := true
		for i := range p.N {
			all = all && p.heard(i).of(s) == 1
			if p.sent(i).of(s) == 1 {
				to(i, p.heard(i).set(s, 1))
			}
		}
		if all {
			to(tmAction, p.commit().set(p.tm().set(s, tmCommitted), 1))
		}
		to(tmAction+1, p.abort().set(p.tm().set(s, tmAborted), 1))
	}
	for i := range p.N {
		rm := p.rm(i)
		if rm.of(s) == working {
			to(p.N+i, p.sent(i).set(rm.set(s, prepared), 1))
			to(2*p.N+i, rm.set(s, aborted))
		}
		if p.commit().of(s) == 1 {
			to(3*p.N+i, rm.set(s, committed))
		}
		if p.abort().of(s) == 1 {
			to(4*p.N+i, rm.set(s, aborted))
		}
	}
}

// Invariants implements Spec.
func (p TwoPhase) Invariants() []explore.Invariant[State] { return consistent(p) }

// Text implements Spec.
func (p TwoPhase) Text(s State) string {
	return fmt.Sprintf("%s, manager %s", managersText(p, s), []string{"init", "committed", "aborted"}[p.tm().of(s)])
}
