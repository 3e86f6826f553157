package spec

import (
	"fmt"

	"github.com/seed83d86191/txsim/sim/explore"
)

// PaxosCommit is Paxos Commit with three acceptors and the ballots 0 and 1, of at
// most two resource managers. Its messages are a set that only grows; the state of
// an acceptor follows from what it has sent.
type PaxosCommit struct{ N int }

const (
	acceptors     = 3
	majority      = 2
	perManager    = 25
	paxosManagers = 2
)

// What a message of a phase says, in two bits; 0 is that none has been sent.
const (
	saysNothing = iota
	saysPrepared
	saysAborted
	saysNone // 1b: no vote has been cast
)

// The layout of a manager's instance: its state, phase 1a of ballot 1, 2a of
// both, and of each acceptor 1b of ballot 1 and 2b of both.
func (p PaxosCommit) at(i int, shift, bits uint) field {
	return field{uint(perManager*i) + shift, bits}
}
func (p PaxosCommit) rm(i int) field               { return p.at(i, 0, 2) }
func (p PaxosCommit) p1a(i int) field              { return p.at(i, 2, 1) }
func (p PaxosCommit) p2a(i, ballot int) field      { return p.at(i, uint(3+2*ballot), 2) }
func (p PaxosCommit) p1b(i, acc int) field         { return p.at(i, uint(7+6*acc), 2) }
func (p PaxosCommit) p2b(i, acc, ballot int) field { return p.at(i, uint(9+6*acc+2*ballot), 2) }
func (p PaxosCommit) commit() field                { return field{paxosManagers * perManager, 1} }
func (p PaxosCommit) abort() field                 { return field{paxosManagers*perManager + 1, 1} }
func (p PaxosCommit) manager(s State, i int) int   { return p.rm(i).of(s) }

// Name implements Spec.
func (p PaxosCommit) Name() string { return "PaxosCommit" }

// Managers implements Spec.
func (p PaxosCommit) Managers() int { return p.N }

// Initial implements explore.System.
func (p PaxosCommit) Initial() []State { return []State{0} }

// Fingerprint implements explore.System.
func (p PaxosCommit) Fingerprint(s State) uint64 { return fingerprint(s) }

// The actions, each of a manager; those of an acceptor and those of phase 2a come
// in several.
const (
	paxosPrepare = iota
	paxosChooseToAbort
	paxosRcvCommit
	paxosRcvAbort
	paxosPhase1a
	paxosPhase2a // prepared or aborted
	paxosPhase1b = paxosPhase2a + 2
	paxosPhase2b = paxosPhase1b + acceptors
	paxosDecide  = paxosPhase2b + 2*acceptors
)

// Action implements explore.System.
func (p PaxosCommit) Action(a int) string {
	i, kind := a%p.N, a/p.N
	switch {
	case kind < paxosPhase2a:
		return act([]string{"RMPrepare", "RMChooseToAbort", "RMRcvCommitMsg", "RMRcvAbortMsg", "Phase1a"}[kind], i)
	case kind < paxosPhase1b:
		return fmt.Sprintf("Phase2a(1, r%d, %s)", i+1, managerTextOf(kind-paxosPhase2a+1))
	case kind < paxosPhase2b:
		return fmt.Sprintf("Phase1b(a%d) for r%d", kind-paxosPhase1b+1, i+1)
	case kind < paxosDecide:
		k := kind - paxosPhase2b
		return fmt.Sprintf("Phase2b(a%d) for r%d in ballot %d", k/2+1, i+1, k%2)
	case kind == paxosDecide:
		return "Decide commit"
	}
	return "Decide abort"
}

func managerTextOf(says int) string { return []string{"", "prepared", "aborted", "none"}[says] }

// Next implements explore.System.
func (p PaxosCommit) Next(s State, to func(int, State)) {
	allPrepared, anyAborted := true, false
	for i := range p.N {
		p.managerNext(s, i, to)
		p.leaderNext(s, i, to)
		for acc := range acceptors {
			p.acceptorNext(s, i, acc, to)
		}
		allPrepared = allPrepared && p.decided(s, i, saysPrepared)
		anyAborted = anyAborted || p.decided(s, i, saysAborted)
	}
	if allPrepared {
		to(paxosDecide*p.N, p.commit().set(s, 1))
	}
	if anyAborted {
		to((paxosDecide+1)*p.N, p.abort().set(s, 1))
	}
}

func (p PaxosCommit) managerNext(s State, i int, to func(int, State)) {
	rm := p.rm(i)
	if rm.of(s) == working {
		to(paxosPrepare*p.N+i, p.p2a(i, 0).set(rm.set(s, prepared), saysPrepared))
		to(paxosChooseToAbort*p.N+i, p.p2a(i, 0).set(rm.set(s, aborted), saysAborted))
	}
	if p.commit().of(s) == 1 {
		to(paxosRcvCommit*p.N+i, rm.set(s, committed))
	}
	if p.abort().of(s) == 1 {
		to(paxosRcvAbort*p.N+i, rm.set(s, aborted))
	}
}

// leaderNext has the leader's actions, phases 1a and 2a of ballot 1. From each majority
// that has answered, the leader takes the value of the highest ballot, or aborted if there
// is none.
func (p PaxosCommit) leaderNext(s State, i int, to func(int, State)) {
	to(paxosPhase1a*p.N+i, p.p1a(i).set(s, 1))
	if p.p2a(i, 1).of(s) != saysNothing {
		return
	}
	for a := range acceptors {
		for b := a + 1; b < acceptors; b++ {
			x, y := p.p1b(i, a).of(s), p.p1b(i, b).of(s)
			if x == saysNothing || y == saysNothing {
				continue
			}
			says := x
			if says == saysNone {
				says = y
			}
			if says == saysNone {
				says = saysAborted
			}
			to((paxosPhase2a+says-1)*p.N+i, p.p2a(i, 1).set(s, says))
		}
	}
}

// acceptorNext has the acceptors' actions, phases 1b and 2b. An acceptor is in ballot 1
// once it has answered in it.
func (p PaxosCommit) acceptorNext(s State, i, acc int, to func(int, State)) {
	voted := [2]int{p.p2b(i, acc, 0).of(s), p.p2b(i, acc, 1).of(s)}
	ballot := 0
	if p.p1b(i, acc).of(s) != saysNothing || voted[1] != saysNothing {
		ballot = 1
	}
	if ballot == 0 && p.p1a(i).of(s) == 1 {
		says := voted[0]
		if says == saysNothing {
			says = saysNone
		}
		to((paxosPhase1b+acc)*p.N+i, p.p1b(i, acc).set(s, says))
	}
	for b := ballot; b < 2; b++ {
		if says := p.p2a(i, b).of(s); says != saysNothing {
			to((paxosPhase2b+2*acc+b)*p.N+i, p.p2b(i, acc, b).set(s, says))
		}
	}
}

// decided reports whether a majority has accepted a value in one ballot.
func (p PaxosCommit) decided(s State, i, says int) bool {
	for b := range 2 {
		n := 0
		for acc := range acceptors {
			if p.p2b(i, acc, b).of(s) == says {
				n++
			}
		}
		if n >= majority {
			return true
		}
	}
	return false
}

// Invariants implements Spec.
func (p PaxosCommit) Invariants() []explore.Invariant[State] { return consistent(p) }

// Text implements Spec.
func (p PaxosCommit) Text(s State) string { return managersText(p, s) }
