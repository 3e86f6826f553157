package scenarios

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/model/space"
	"github.com/seed83d86191/txsim/model/spec"
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
	// not allow.
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
	Verdict  analysis.Verdict
	*explore.Result[space.State]
	Histories int // different histories at the ends of ways
	Checked   int // runs that the checkers have judged
	// Reactions is how many reactions of single nodes were run. It is 0 if workers are
	// folded: the number then depends on the order in which jobs come to states.
	Reactions uint64
	Searches  int // how many searches it took; see space.Space.Reduce
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
// that a transaction needs are left out, and with model.TwoPhase so are coordinators
// without transactions. Each node has a machine of its own, since sharing one means sharing
// time, of which an exhaustive schedule has none. The invariants are checked in every
// state. In addition, the checkers judge a run for each new history, for each history at
// the end of a way, and for each step that a single node can take. A violation comes with a
// shortest way to it.
func Explore(ctx context.Context, s *Scenario, protocols []model.Protocol, o ExploreOptions) (*Exploration, error) {
	s = s.Clone()
	s.Schedule.Strategy = sim.Exhaustive
	txns, err := s.trim(ctx, protocols)
	if err != nil {
		return nil, err
	}
	if s.Retry.Attempts = o.Attempts; s.Retry.Attempts == 0 {
		s.Retry.Attempts = 1
	}
	job, err := s.Open(protocols, nil)
	if err != nil {
		return nil, err
	}
	defer job.Close()
	x, err := explored(ctx, job, s, txns, o)
	why := ""
	if err == nil && x.Folded != nil {
		if why = x.Unfolded; why != "" {
			o.Symmetry = false
			x, err = explored(ctx, job, s, txns, o)
		}
	}
	if err == nil && x.found() && (x.Persistent || o.Jobs != 1) {
		x, err = shortest(ctx, job, s, txns, o, x)
	}
	if err == nil && why != "" {
		x.Unfolded = why
	}
	return x, err
}

// trim writes the transactions that the clients submit into the scenario, if they are few
// enough to explore, and leaves out the nodes that have no part in them.
func (s *Scenario) trim(ctx context.Context, protocols []model.Protocol) ([]*model.Transaction, error) {
	if s.Transactions.File == "-" {
		return nil, errors.New("transactions from standard input: an exploration takes none from there; expected a file")
	}
	job, err := s.OpenContext(ctx, protocols, nil)
	if err != nil {
		return nil, err
	}
	defer job.Close()
	if n := job.Transactions(); n > mostExplored {
		return nil, fmt.Errorf("%d transactions: at most %d can be explored", n, mostExplored)
	}
	txns, err := job.transactions(s.Seed)
	if err != nil {
		return nil, err
	}
	s.write(txns)
	s.Workers, s.Hosts = used(txns), 0
	if _, ok := job.protocol.(model.TwoPhase); ok { // in other protocols a coordinator may matter without transactions
		s.Coordinators = max(min(s.Coordinators, len(txns)), 1)
	}
	return txns, nil
}

// found reports whether something is wrong, even if the judges have not seen it yet.
func (x *Exploration) found() bool {
	return x.Verdict == analysis.Invalid || x.Persistent && x.Violation != nil
}

// shortest searches again for a violation, without reducing orders, since an order that was
// left out may have a shorter way, and with one job, since several jobs may find another
// way each time.
func shortest(ctx context.Context, job *Job, s *Scenario, txns []*model.Transaction, o ExploreOptions, found *Exploration) (*Exploration, error) {
	o.Jobs, o.anyOrder = 1, true
	switch {
	case found.Violation != nil:
		o.States = 0 // without a bound: the state is known to be reached
	case found.Repro != nil: // otherwise it is a livelock, which only the whole space shows
		o.Depth = found.Result.Depth
	}
	x, err := explored(ctx, job, s, txns, o)
	if err == nil && x.Verdict != analysis.Invalid && found.Verdict == analysis.Invalid {
		found.Longer = found.Persistent
		return found, nil
	}
	return x, err
}

func explored(ctx context.Context, job *Job, s *Scenario, txns []*model.Transaction, o ExploreOptions) (*Exploration, error) {
	var sp *space.Space
	var err error
	if survive(func() { sp, err = space.New(job.Config(s.Seed), txns, s.Schedule.Budget) }) != nil {
		return stillborn(ctx, job, s)
	}
	if err != nil {
		return nil, err
	}
	result := &Exploration{Scenario: s, Verdict: analysis.Undecided}
	if o.Symmetry {
		if result.Folded = sp.Fold(); result.Folded == nil {
			result.Unfolded = "no two workers play the same part"
		}
	}
	e := &exploring{Exploration: result, space: sp, protocol: job.protocol,
		initial: sp.Initial()[0], o: o, ends: map[uint64]place{}, all: map[uint64]bool{}, next: map[uint64]place{}}
	return e.Exploration, e.run(ctx)
}

// used returns how many workers the transactions need.
func used(txns []*model.Transaction) int {
	n := 1
	for _, t := range txns {
		for _, p := range t.Parts {
			n = max(n, p.Worker+1)
		}
	}
	return n
}

// mostExplored bounds the transactions of an exploration.
const mostExplored = 6

// exploring is one exploration while it goes on.
type exploring struct {
	*Exploration
	space    *space.Space
	protocol model.Protocol
	initial  space.State
	o        ExploreOptions

	mu   sync.Mutex
	ends map[uint64]place // by history at the end of a way: the least of the nearest states with it
	all  map[uint64]bool  // histories
	next map[uint64]place // by new history of this depth: the least state with it
	used int              // how many of space.FirstUses have been checked
	bad  *checked
	err  error
}

// place is a state to which a way leads, and possibly a step from it.
type place struct {
	depth       int
	faults      int // on the way there
	fingerprint uint64
	step        int // -1 for none
}

func (f place) compare(g place) int {
	return cmp.Or(cmp.Compare(f.depth, g.depth), cmp.Compare(f.faults, g.faults), cmp.Compare(f.fingerprint, g.fingerprint), cmp.Compare(f.step, g.step))
}

func (e *exploring) run(ctx context.Context) error {
	if e.Reduced = !e.o.Full && e.space.Exact(); e.Reduced {
		e.space.Reduce()
		if e.Persistent = !e.o.anyOrder && !e.o.Refine && e.o.Depth == 0; e.Persistent {
			e.space.ReduceOrders()
		}
	}
	for !e.search(ctx) {
		e.space.Again(e.used)
		clear(e.next)
		clear(e.ends)
	}
	if e.Folded != nil {
		if e.Unfolded = e.space.Why(); e.Unfolded != "" {
			return nil // to be repeated without folding
		}
	}
	if e.Violation != nil && e.Persistent {
		return nil // to be repeated for a shortest way, which the judges see
	}
	if e.Violation != nil && e.bad == nil && e.err == nil {
		e.broken(ctx)
	}
	if e.bad == nil && e.err == nil {
		e.bad, e.err = e.check(ctx, e.lasts(), false)
	}
	if e.bad == nil && e.err == nil && e.Livelock != nil && e.Livelock.States > 0 {
		e.err = e.livelock(ctx)
	}
	return e.conclude(ctx)
}

// conclude completes the result: its counts, its verdict, and the check of refinement.
func (e *exploring) conclude(ctx context.Context) error {
	e.Histories, e.Exact = len(e.ends), e.space.Exact()
	switch {
	case e.Folded != nil:
		e.Reactions = 0
	case e.Violation != nil:
		e.Reactions = e.space.Reactions()
	}
	switch {
	case e.err != nil:
		if ctx.Err() != nil {
			e.Unrefined = e.o.Refine
			return nil
		}
		return e.err
	case e.bad != nil:
		e.Verdict = analysis.Invalid
		e.Findings, e.Way, e.Repro = e.bad.Findings, e.bad.text, e.bad.repro
		if e.Repro != nil {
			e.Repro.Expect = Expect{Finding: e.Findings[0].Fingerprint(), Hash: hashText(e.bad.Hash)}
		}
	case e.Exhausted && e.Exact:
		e.Verdict = analysis.Valid
	}
	if e.o.Refine && e.bad == nil {
		return e.refine(ctx)
	}
	return nil
}

// broken runs the way to a state that breaks an invariant, for the checkers to find a
// violation; if they find none at the end of the way, it runs on from there.
func (e *exploring) broken(ctx context.Context) {
	v := e.Violation
	e.bad, e.err = e.check(ctx, e.level(), true)
	if e.bad == nil && e.err == nil && len(v.Steps) > 0 {
		last := e.space.Fingerprint(v.Steps[len(v.Steps)-1].State)
		e.bad, e.err = e.check(ctx, []place{{len(v.Steps) + 1, 0, last, -1}}, false)
	}
	if e.bad == nil && e.err == nil && e.space.Exact() {
		e.err = fmt.Errorf("%w: %s is broken in a state, and the checkers find nothing on the way there:\n%s", ErrUnstable, v.Invariant,
			strings.Join(e.space.Words(v), "\n"))
	}
}

// search visits the states. It returns false if the search must be repeated because
// messages were left out that matter. Before that it goes on for a while, to learn more for
// the next search.
func (e *exploring) search(ctx context.Context) bool {
	good, limit := true, uint64(0)
	e.Searches++
	e.Result = explore.Explore(ctx, e.space, e.space.Invariants(), explore.Options[space.State]{
		Depth: e.o.Depth, Budget: e.o.States, Jobs: e.o.Jobs, Progress: e.o.Progress, Ways: true, Visit: e.visit,
		End:   func(x space.State) bool { return e.space.Terminal(&x) },
		Fault: space.Fault,
		Level: func(r *explore.Result[space.State]) bool {
			e.Result = r
			e.Reactions = e.space.Reactions() // counted now: what runs after a bound is hit does not have a fixed order
			if settled := e.space.Settle(); e.space.Why() != "" {
				return false
			} else if !settled && good {
				good, limit = false, 2*r.Distinct
			}
			if !good {
				return r.Distinct < limit
			}
			e.bad, e.err = e.check(ctx, e.level(), true)
			return e.bad == nil && e.err == nil
		},
	})
	if e.Violation != nil { // Level was not called for this depth
		good = e.space.Settle() && good
	}
	return good || e.space.Why() != "" || ctx.Err() != nil
}

// livelock runs the way to a state from which no end can be reached, and goes on from there
// without faults. That may show another violation, and it must not come to rest.
func (e *exploring) livelock(ctx context.Context) error {
	l := e.Livelock
	c, err := e.take(ctx, place{l.Depth, 0, l.Nearest, -1}, false)
	switch {
	case err != nil && (e.space.Exact() || ctx.Err() != nil):
		return err
	case err != nil:
		return nil // inexact states: the way does not exist
	case c.Verdict == analysis.Invalid:
		e.bad = c
	case c.Verdict == analysis.Valid && e.space.Exact():
		return fmt.Errorf("%w: a run has come to rest from where no end was found", ErrUnstable)
	case c.Verdict == analysis.Undecided:
		e.bad, c.repro = c, nil
		c.Findings = []analysis.Finding{{Invariant: analysis.InvProgress, Anomaly: "livelock",
			Text: fmt.Sprintf("%d states from which no end can be reached without another fault", l.States)}}
	}
	return nil
}

// refine checks the exploration against Transaction Commit, transaction by transaction. A
// transaction of a single worker is committed in one phase, which is two steps there.
func (e *exploring) refine(ctx context.Context) error {
	for txn := range e.space.Transactions() {
		if ctx.Err() != nil {
			e.Unrefined, e.Verdict = true, analysis.Undecided
			return nil
		}
		n := e.space.Parts(txn)
		if n < 2 {
			return fmt.Errorf("refine: transaction %d has one worker: expected at least two", txn+1)
		}
		abstract := spec.TCommit{N: n}
		r := explore.Refine(ctx, e.space, abstract, func(x space.State) spec.State {
			return abstract.State(e.space.Managers(&x, txn))
		}, func(x space.State, reach func(spec.State)) {
			e.space.Renamed(&x, func(y *space.State) { reach(abstract.State(e.space.Managers(y, txn))) })
		}, explore.Options[space.State]{Depth: e.o.Depth, Budget: e.o.States})
		e.Refined = append(e.Refined, r)
		if r.Violation != nil {
			e.Verdict = analysis.Invalid
			e.Way = e.space.Words(r.Violation)
			return nil
		}
		if !r.Exhausted {
			e.Unrefined, e.Verdict = true, analysis.Undecided
		}
	}
	return nil
}
