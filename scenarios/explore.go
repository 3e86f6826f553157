package scenarios

import (
	"cmp"
	"context"
	"fmt"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/model/space"
	"github.com/seed83d86191/txsim/sim"
	"github.com/seed83d86191/txsim/sim/explore"
)

// ExploreOptions bound an exploration. Zero is no bound.
type ExploreOptions struct {
	Depth  int    // of states, the initial one being at 1
	States uint64 // distinct states
	Jobs   int    // 0 is one on each processor
	// Full visits every state. Otherwise two states that differ only in messages which will
	// be ignored count as one, and states between steps that commute are visited in one
	// order only.
	Full bool
	// Symmetry counts states as one that differ only in which of several workers is which,
	// if these play the same part.
	Symmetry bool
	// Refine also checks that the exploration takes no step that Transaction Commit does
	// not allow. There a worker has prepared once it has voted YES, or, if the protocol is not
	// an accountable one, once its prepare record is durable.
	Refine bool
	// Attempts is how many attempts a transaction has; 0 is one.
	Attempts int
	// Progress is told after each depth; nil for none.
	Progress func(depth int, distinct uint64, frontier int)

	anyOrder bool // steps that commute are taken in all orders
}

// Exploration is what visiting all ways of a scenario came to.
type Exploration struct {
	Scenario *Scenario // as it was explored: see trim
	LeftOut  int       // workers without operations for which there was no room, and which the protocol may need
	Verdict  analysis.Verdict
	*explore.Result[space.State]
	Histories int // different histories at the ends of ways
	Checked   int // runs that the checkers have judged
	// Reactions is how many reactions of single nodes were run. It is 0 if workers are
	// folded: the number then depends on the order in which jobs come to states.
	Reactions uint64
	// Timed: the transactions have times. In their order each is submitted when a timer of
	// the clients fires, which is a timer like any other: it uses up a timeout of the budget
	// if it fires while anything else is left.
	Timed bool
	// Exact: every node could tell its state. Otherwise nodes are told apart by their
	// inputs, as far as these are kept, and the verdict is at best unknown.
	Exact bool
	// Reduced: states that differ only in messages which will be ignored count as one.
	Reduced bool
	// Persistent: steps that commute were taken in one order only, where
	// space.Space.Persistent knows that this is enough. It is false with a bound of depth,
	// with Refine, and in the search for a shortest way: there each step counts.
	Persistent bool
	// Folded are the groups of workers that play the same part, if Symmetry was asked for;
	// Unfolded says why there are none.
	Folded   [][]int
	Unfolded string
	// Refined has the result for each transaction, if Refine was asked for.
	Refined []*explore.Refinement[space.State]
	// Unrefined: Refine was asked for but not completed, as a bound was hit or the context
	// ended.
	Unrefined bool

	Findings []analysis.Finding // of the run that takes a shortest way to a violation
	Way      []string           // the same way in words
	Longer   bool               // it may not be a shortest one: the search for that hit the bound of states
	Repro    *Scenario          // that takes it again; nil if no run shows it: a livelock, or if it is Refined that is violated
}

// Explore visits all ways that a run of the scenario can take with its schedule made
// exhaustive, within the budgets of faults: see sim.Exhaustive. Workers beyond the last one
// that a transaction needs are left out, and so are coordinators without transactions. Of a
// protocol other than model.TwoPhase the coordinators stay, and the workers if the space has
// room for all: they may have another role. Each node has a machine of its own, since
// sharing one means sharing time, of which an exhaustive schedule has none. The invariants
// are checked in every state. In addition, the checkers judge a run for each new history,
// for each state at the end of a way, and for each step that a single node can take. A
// violation comes with a shortest way to it.
func Explore(ctx context.Context, s *Scenario, protocols []model.Protocol, o ExploreOptions) (*Exploration, error) {
	s = s.Clone()
	s.Schedule.Strategy = sim.Exhaustive
	txns, leftOut, err := s.trim(ctx, protocols)
	if err != nil {
		return nil, err
	}
	s.Retry.Attempts = cmp.Or(o.Attempts, 1)
	job, err := s.Open(protocols)
	if err != nil {
		return nil, err
	}
	defer job.Close()
	u := &exploreCase{job, s, txns}
	x, err := u.explore(ctx, o)
	why := ""
	if err == nil && x.Folded != nil {
		if why = x.Unfolded; why != "" { // folding has turned out to be wrong
			o.Symmetry = false
			x, err = u.explore(ctx, o)
		}
	}
	if err == nil && x.found() && (x.Persistent || o.Jobs != 1) {
		x, err = u.shortest(ctx, o, x)
	}
	if err == nil && why != "" {
		x.Unfolded = why
	}
	if err == nil {
		x.LeftOut = leftOut
	}
	return x, err
}

// found reports whether something is wrong, even if the judges have not seen it yet.
func (x *Exploration) found() bool {
	return x.Verdict == analysis.Invalid || x.Persistent && x.Violation != nil
}

// exploreCase is what is to be explored: an open scenario and all of its transactions.
type exploreCase struct {
	job  *Job
	s    *Scenario
	txns []*model.Transaction
}

// explore explores it once.
func (u *exploreCase) explore(ctx context.Context, o ExploreOptions) (*Exploration, error) {
	var sp *space.Space
	var err error
	if survive(func() { sp, err = space.New(u.job.Config(u.s.Seed), u.txns, u.s.Schedule.Budget) }) != nil {
		return u.brokenAtStart(ctx)
	}
	if err != nil {
		return nil, err
	}
	result := &Exploration{Scenario: u.s, Verdict: analysis.Undecided, Timed: len(u.txns) > 0 && u.txns[0].At != model.Unscheduled}
	if o.Symmetry {
		if result.Folded = sp.Fold(); result.Folded == nil {
			result.Unfolded = "no two workers play the same part"
		}
	}
	e := &exploreRun{Exploration: result, space: sp, protocol: u.job.protocol,
		initial: sp.Initial()[0], o: o, told: map[uint64]bool{}, all: map[uint64]bool{}, next: map[uint64]goal{}}
	return e.Exploration, e.run(ctx)
}

// brokenAtStart returns the exploration of a cluster in which a node panics at its start, which
// any run shows.
func (u *exploreCase) brokenAtStart(ctx context.Context) (*Exploration, error) {
	r, err := u.job.Run(ctx, Options{Seed: u.s.Seed})
	if err != nil {
		return nil, err
	}
	if r.End.Status != sim.Panicked {
		return nil, fmt.Errorf("%w: a node has panicked at its start, and does not in a run", ErrUnstable)
	}
	x := &Exploration{Scenario: u.s, Verdict: r.Verdict, Result: &explore.Result[space.State]{}, Findings: r.Findings, Repro: u.s.Clone()}
	x.Repro.Expect = Expect{Finding: r.Findings[0].Fingerprint(), Hash: hashText(r.Hash)}
	return x, nil
}

// shortest explores it again for a violation, without reducing orders, since an order that
// was left out may have a shorter way, and with one job, since several jobs may find another
// way each time.
func (u *exploreCase) shortest(ctx context.Context, o ExploreOptions, found *Exploration) (*Exploration, error) {
	o.Jobs, o.anyOrder = 1, true
	switch {
	case found.Violation != nil:
		o.States = 0 // without a bound: the state is known to be reached
	case found.Repro != nil: // otherwise it is a livelock, which only the whole space shows
		o.Depth = found.Result.Depth
	}
	x, err := u.explore(ctx, o)
	if err == nil && x.Verdict != analysis.Invalid && found.Verdict == analysis.Invalid {
		found.Longer = found.Persistent
		return found, nil
	}
	return x, err
}
