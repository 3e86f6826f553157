package scenarios

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

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
	States uint64 // distinct ones
	Jobs   int    // 0 is one on each processor
	// Full visits every state, also those that differ from another only in messages
	// that will be ignored.
	Full bool
	// Refine checks too that the exploration takes no step that Transaction Commit
	// does not allow.
	Refine bool
	// Attempts of a transaction; 0 is one.
	Attempts int
	// Progress is told after each depth; nil for none.
	Progress func(depth int, distinct uint64, frontier int)
}

// Exploration is what visiting all ways of a scenario came to.
type Exploration struct {
	Scenario *Scenario // as it was explored
	Verdict  analysis.Verdict
	*explore.Result[space.State]
	Histories int    // different ones, at the end of a way
	Checked   int    // runs that the checkers have judged
	Reactions uint64 // of single nodes
	// Exact: each node's state could be told. Else what has the same past as far as
	// can be told is taken for the same, and the verdict is no better than unknown.
	Exact bool
	// Refined is of each transaction, if it was asked for.
	Refined []*explore.Refinement[space.State]

	Findings []analysis.Finding // of a shortest way to a violation
	Way      []string           // in words
	Repro    *Scenario          // that takes it again; nil if it is Refined that is violated
}

// Explore visits all ways that a run of the scenario can take, as far as its
// schedule, exhaustive, has budgets of faults: see sim.Exhaustive. Workers that no
// transaction needs are left out. The invariants are checked on states and, on a run of its own, for each
// history that a way ends with and for each step of a single node that has been found.
// A violation comes with a shortest way to it.
func Explore(ctx context.Context, s *Scenario, protocols []model.Protocol, o ExploreOptions) (*Exploration, error) {
	s = s.Clone()
	s.Schedule.Strategy = sim.Exhaustive
	job, err := s.Open(protocols, nil)
	if err != nil {
		return nil, err
	}
	defer func() { job.Close() }()
	txns, err := job.transactions(s.Seed)
	if err != nil {
		return nil, err
	}
	if len(txns) > mostExplored {
		return nil, fmt.Errorf("%d transactions: at most %d can be explored", len(txns), mostExplored)
	}
	s.write(txns)
	s.Workers, s.Coordinators = used(txns), max(min(s.Coordinators, len(txns)), 1)
	if s.Retry.Attempts = o.Attempts; s.Retry.Attempts == 0 {
		s.Retry.Attempts = 1
	}
	if err := job.Close(); err != nil {
		return nil, err
	}
	if job, err = s.Open(protocols, nil); err != nil {
		return nil, err
	}
	sp, err := space.New(job.Config(s.Seed), txns, s.Schedule.Budget)
	if err != nil {
		return nil, err
	}
	e := &exploring{Exploration: &Exploration{Scenario: s, Verdict: analysis.Undecided}, space: sp, protocol: job.protocol,
		initial: sp.Initial()[0],
		o:       o, ends: map[uint64]place{}, all: map[uint64]place{}}
	return e.Exploration, e.run(ctx)
}

// used is how many workers there have to be.
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

// exploring is one exploration.
type exploring struct {
	*Exploration
	space    *space.Space
	protocol model.Protocol
	initial  space.State
	o        ExploreOptions

	mu   sync.Mutex
	ends map[uint64]place // of each history that a way ends with, the least state
	all  map[uint64]place // of each history, the least of the nearest states
}

// place is a state, and a step from there if there is one.
type place struct {
	depth       int
	fingerprint uint64
	step        int // -1 is none
}

func (f place) before(g place) bool {
	if f.depth != g.depth {
		return f.depth < g.depth
	}
	return f.fingerprint < g.fingerprint
}

func (e *exploring) run(ctx context.Context) error {
	if !e.o.Full {
		if err := e.space.Reduce(ctx); err != nil && !errors.Is(err, context.Canceled) {
			return err
		}
	}
	e.Result = explore.Explore(ctx, e.space, e.space.Invariants(), explore.Options[space.State]{
		Depth: e.o.Depth, Budget: e.o.States, Jobs: e.o.Jobs, Progress: e.o.Progress, Ways: true, Visit: e.visit,
	})
	e.Histories, e.Exact, e.Reactions = len(e.ends), e.space.Exact(), e.space.Reactions()
	candidates := e.candidates()
	bad, err := e.check(ctx, candidates, false)
	if err != nil {
		return err
	}
	switch {
	case bad != nil || e.Violation != nil:
		return e.shortest(ctx, bad, candidates)
	case e.Exhausted && e.Exact:
		e.Verdict = analysis.Valid
	}
	if e.o.Refine {
		return e.refine(ctx)
	}
	return nil
}

// visit notes the histories of a state.
func (e *exploring) visit(depth int, x space.State) {
	h := e.space.History(&x)
	f := place{depth, e.space.Fingerprint(x), -1}
	e.mu.Lock()
	defer e.mu.Unlock()
	if g, known := e.all[h]; !known || f.before(g) {
		e.all[h] = f
	}
	if e.space.Terminal(&x) {
		if g, known := e.ends[h]; !known || f.before(g) {
			e.ends[h] = f
		}
	}
}

// candidates are what has to be checked: the ends of ways, and the first use of each
// reaction of a node.
func (e *exploring) candidates() []place {
	var all []place
	for _, f := range e.ends { // any order: they are sorted
		all = append(all, f)
	}
	e.space.Firsts(func(fingerprint uint64, action int) {
		if e.Knows(fingerprint) { // else it was beyond a bound
			all = append(all, place{len(e.Result.Way(fingerprint)) + 2, fingerprint, action})
		}
	})
	slices.SortFunc(all, func(f, g place) int {
		if f.before(g) {
			return -1
		}
		return 1
	})
	return all
}

// check runs the ways to what was found, until one shows a violation, and returns it
// with what it shows. Only the way itself is run with cut, else what follows by itself
// too.
func (e *exploring) check(ctx context.Context, list []place, cut bool) (*checked, error) {
	results := make([]*checked, len(list))
	errs := make([]error, len(list))
	jobs := e.o.Jobs
	if jobs <= 0 {
		jobs = runtime.GOMAXPROCS(0)
	}
	var next atomic.Int64
	var group sync.WaitGroup
	for range min(jobs, len(list)) {
		group.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(list) && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				results[i], errs[i] = e.take(ctx, list[i], cut)
			}
		})
	}
	group.Wait()
	for i, c := range results {
		switch {
		case errs[i] != nil:
			return nil, errs[i]
		case c == nil:
			return nil, ctx.Err()
		}
		e.Checked++
		if c.Verdict == analysis.Invalid {
			return c, nil
		}
	}
	return nil, nil
}

// shortest looks for the shortest of the ways that show a violation: those to each
// history and to each first reaction of a node, the nearest first.
func (e *exploring) shortest(ctx context.Context, bad *checked, candidates []place) error {
	for _, f := range e.all { // any order: they are sorted
		candidates = append(candidates, f)
	}
	slices.SortFunc(candidates, func(f, g place) int {
		if f.before(g) {
			return -1
		}
		return 1
	})
	const batch = 64
	for from := 0; from < len(candidates); from += batch {
		c, err := e.check(ctx, candidates[from:min(from+batch, len(candidates))], true)
		if err != nil {
			return err
		}
		if c != nil {
			bad = c
			break
		}
	}
	if bad == nil {
		return fmt.Errorf("%w: %s is broken in a state, and the checkers find nothing on the way there", ErrUnstable, e.Violation.Invariant)
	}
	e.Verdict = analysis.Invalid
	e.Findings, e.Way, e.Repro = bad.Findings, bad.text, bad.repro
	return nil
}

// refine checks the exploration against Transaction Commit, transaction by
// transaction. One of a single worker is committed in one phase, which is two steps
// there.
func (e *exploring) refine(ctx context.Context) error {
	for txn := range e.space.Transactions() {
		n := e.space.Parts(txn)
		if n < 2 {
			return fmt.Errorf("refine: transaction %d has one worker: expected at least two", txn+1)
		}
		abstract := spec.TCommit{N: n}
		r := explore.Refine(ctx, e.space, abstract, func(x space.State) spec.State {
			return abstract.State(e.space.Managers(&x, txn))
		})
		e.Refined = append(e.Refined, r)
		if r.Violation != nil {
			e.Verdict = analysis.Invalid
			e.Way = e.space.Words(r.Violation)
			return nil
		}
	}
	return nil
}
