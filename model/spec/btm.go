package spec

import (
	"fmt"

	"github.com/seed83d86191/txsim/sim/explore"
)

// BTM is 2PCwithBTM: two-phase commit in which resource managers and the
// transaction manager may fail, one of the former and once the latter, and a back-up
// transaction manager takes over. Each
// process has a program counter, as the translation from PlusCal gives it.
type BTM struct{ N int }

func (b BTM) rm(i int) field             { return field{uint(4 * i), 3} }
func (b BTM) done(i int) field           { return field{uint(4*i + 3), 1} }
func (b BTM) tm() field                  { return field{uint(4 * b.N), 2} }
func (b BTM) pc() field                  { return field{uint(4*b.N + 2), 3} }
func (b BTM) backup() field              { return field{uint(4*b.N + 5), 2} }
func (b BTM) manager(s State, i int) int { return b.rm(i).of(s) }

// What the managers share, and where the transaction manager and the back-up are.
const (
	btmInit = iota
	btmCommit
	btmAbort
	btmHidden
)

const (
	atStart  = iota // TS, BTS
	atCommit        // TC, BTC
	atAbort         // TA, BTA
	atDone
	atFail1 // F1
	atFail2 // F2
)

// Name implements Spec.
func (b BTM) Name() string { return "2PCwithBTM" }

// Managers implements Spec.
func (b BTM) Managers() int { return b.N }

// Initial implements explore.System.
func (b BTM) Initial() []State { return []State{0} }

// Fingerprint implements explore.System.
func (b BTM) Fingerprint(s State) uint64 { return fingerprint(s) }

var btmManagerActions = []string{"Prepare", "DecideCommit", "DecideAbort", "Fail", "End"}
var btmActions = []string{"TS commit", "TS abort", "TC", "TA", "F1", "F2", "BTS commit", "BTS abort", "BTC", "BTA"}

// Action implements explore.System.
func (b BTM) Action(a int) string {
	if group := a / b.N; group < len(btmManagerActions) {
		return act(btmManagerActions[group], a%b.N)
	}
	return btmActions[a-len(btmManagerActions)*b.N]
}

// Next implements explore.System.
func (b BTM) Next(s State, to func(int, State)) {
	allPrepared, anyCommitted, anyAborted, anyFailed := true, false, false, false
	for i := range b.N {
		is := b.manager(s, i)
		allPrepared = allPrepared && is == prepared
		anyCommitted = anyCommitted || is == committed
		anyAborted = anyAborted || is == aborted || is == failed
		anyFailed = anyFailed || is == failed
	}
	canCommit, canAbort := allPrepared || anyCommitted, anyAborted && !anyCommitted
	for i := range b.N {
		b.resource(s, i, !anyFailed, to)
	}
	base := len(btmManagerActions) * b.N
	switch pc := b.pc(); pc.of(s) {
	case atStart:
		if canCommit {
			to(base, pc.set(s, atCommit))
		}
		if canAbort {
			to(base+1, pc.set(s, atAbort))
		}
	case atCommit:
		to(base+2, pc.set(b.tm().set(s, btmCommit), atFail1))
	case atAbort:
		to(base+3, pc.set(b.tm().set(s, btmAbort), atFail2))
	case atFail1:
		to(base+4, pc.set(b.tm().set(s, btmHidden), atDone))
	case atFail2:
		to(base+5, pc.set(b.tm().set(s, btmHidden), atDone))
	}
	switch backup := b.backup(); backup.of(s) {
	case atStart:
		hidden := b.tm().of(s) == btmHidden
		if canCommit && hidden {
			to(base+6, backup.set(s, atCommit))
		}
		if canAbort && hidden {
			to(base+7, backup.set(s, atAbort))
		}
	case atCommit:
		to(base+8, backup.set(b.tm().set(s, btmCommit), atDone))
	case atAbort:
		to(base+9, backup.set(b.tm().set(s, btmAbort), atDone))
	}
}

// resource has the actions of one resource manager.
func (b BTM) resource(s State, i int, mayFail bool, to func(int, State)) {
	rm := b.rm(i)
	is := rm.of(s)
	if is != working && is != prepared {
		if b.done(i).of(s) == 0 {
			to(4*b.N+i, b.done(i).set(s, 1))
		}
		return
	}
	if is == working {
		to(i, rm.set(s, prepared))
	}
	if b.tm().of(s) == btmCommit {
		to(b.N+i, rm.set(s, committed))
	}
	if is == working || b.tm().of(s) == btmAbort {
		to(2*b.N+i, rm.set(s, aborted))
	}
	if mayFail {
		to(3*b.N+i, rm.set(s, failed))
	}
}

// Invariants implements Spec.
func (b BTM) Invariants() []explore.Invariant[State] { return consistent(b) }

// Text implements Spec.
func (b BTM) Text(s State) string {
	return fmt.Sprintf("%s, manager %s", managersText(b, s), []string{"init", "commit", "abort", "hidden"}[b.tm().of(s)])
}
