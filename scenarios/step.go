package scenarios

import (
	"context"
	"fmt"
	"sort"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// Stepper goes through a run event by event, forward and backward. It keeps no
// snapshots: to be anywhere in the run it runs from the start up to there.
type Stepper struct {
	job     *Job
	seed    uint64
	at      int // events that have taken place
	end     int // events of the whole run
	whole   *Result
	result  *Result // of the run up to at
	cluster *model.Cluster
	format  *model.Formatter
	lines   []model.Line // of the last event, or of the start
	last    sim.Pending[model.Message]
	names   names
}

// NewStepper returns a Stepper at the start of the run of the job with its seed.
func NewStepper(ctx context.Context, job *Job) (*Stepper, error) {
	s := &Stepper{job: job, seed: job.s.Seed, names: job.names()}
	s.format = job.formatter(&s.names)
	if err := s.run(ctx, -1, nil); err != nil {
		return nil, err
	}
	if s.cluster == nil {
		return nil, fmt.Errorf("a node can not be made: %s", s.result.Findings[0].Text)
	}
	s.end, s.whole = s.at, s.result
	return s, s.Go(ctx, 0)
}

// At returns how many events have taken place, of End.
func (s *Stepper) At() int { return s.at }

// End returns how many events the run has.
func (s *Stepper) End() int { return s.end }

// Result returns the result of the run up to here; see Whole.
func (s *Stepper) Result() *Result { return s.result }

// Whole returns the result of the whole run.
func (s *Stepper) Whole() *Result { return s.whole }

// Lines returns what the last event did, or, at the start, what the nodes did before any
// event.
func (s *Stepper) Lines() []model.Line { return s.lines }

// Go goes to where n events have taken place, or to the nearest end of the run.
func (s *Stepper) Go(ctx context.Context, n int) error {
	return s.run(ctx, max(0, min(n, s.end)), nil)
}

// Find goes on until after the next event that leaves a matching record. If there is none,
// it stays where it is and returns false.
func (s *Stepper) Find(ctx context.Context, matches func(r *sim.Record[model.Message]) bool) (bool, error) {
	from, at := s.at, 0
	seen := func(n int, r *sim.Record[model.Message]) {
		if at == 0 && n > from && matches(r) {
			at = n
		}
	}
	if err := s.run(ctx, s.end, seen); err != nil {
		return false, err
	}
	if at == 0 {
		return false, s.Go(ctx, from)
	}
	return true, s.Go(ctx, at)
}

// FindViolation goes on until after the next event after which the checkers see more
// violations than here, or to the end if only the end of the run shows them. It runs the
// run once for each step of a bisection.
func (s *Stepper) FindViolation(ctx context.Context) (bool, error) {
	from, here := s.at, s.result.Violations
	if s.at == s.end || s.whole.Violations <= here {
		return false, nil
	}
	var failed error
	n := from + 1 + sort.Search(s.end-from-1, func(i int) bool {
		if failed != nil {
			return true
		}
		failed = s.Go(ctx, from+1+i)
		return s.result.Violations > here
	})
	if failed != nil {
		return false, failed
	}
	return true, s.Go(ctx, n)
}

// run runs up to n events, or all if n is negative. seen is called with each record and the
// number of events up to and including the present one.
func (s *Stepper) run(ctx context.Context, n int, seen func(n int, r *sim.Record[model.Message])) error {
	s.lines, s.at, s.names = nil, 0, s.job.names()
	w := &stepWatch{s: s, n: n, seen: seen}
	r, err := s.job.Run(ctx, Options{Seed: s.seed, Tracer: w, keeps: true, attach: func(c *model.Cluster, _ sim.Injector) {
		s.cluster = c
		c.World.Watch(w.next)
	}})
	if err != nil {
		return err
	}
	s.result = r
	return ctx.Err()
}

// stepWatch counts the events of a run and keeps what the last one did.
type stepWatch struct {
	s    *Stepper
	n    int
	seen func(n int, r *sim.Record[model.Message])
}

func (w *stepWatch) next(p sim.Pending[model.Message]) bool {
	if w.s.at == w.n {
		return false
	}
	w.s.at++
	w.s.last = p
	w.s.lines = w.s.lines[:0]
	return true
}

// Trace implements sim.Tracer.
func (w *stepWatch) Trace(r *sim.Record[model.Message]) {
	if r.Message != nil && r.Message.Txn != nil {
		w.s.names.observe(&model.Event{Kind: model.Submitted, Txn: r.Message.Txn})
	}
	if w.seen != nil {
		w.seen(w.s.at, r)
	} else {
		w.s.lines = append(w.s.lines, w.s.format.Line(r))
	}
}

// Nodes are the names of the nodes.
func (s *Stepper) Nodes() []string {
	var all []string
	for n := range s.cluster.World.Nodes() {
		all = append(all, s.cluster.World.Name(sim.NodeID(n)))
	}
	return all
}

// Transaction returns the index of a transaction by its id.
func (s *Stepper) Transaction(id string) (uint64, bool) {
	txns, err := s.job.transactions(s.seed)
	if err != nil {
		return 0, false
	}
	for _, t := range txns {
		if t.ID == id {
			return t.Index, true
		}
	}
	return 0, false
}
