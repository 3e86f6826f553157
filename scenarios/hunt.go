package scenarios

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync/atomic"
	"time"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/scenarios/fault"
	"github.com/seed83d86191/txsim/scenarios/parallel"
	"github.com/seed83d86191/txsim/sim"
)

// HuntOptions says which runs a hunt makes.
type HuntOptions struct {
	First, Last uint64 // the seeds, both included
	// Jobs is how many runs go on at a time; 0 is one on each processor. What
	// the hunt comes to does not depend on it.
	Jobs int
	// Swarm has each run be of what Scenario.Swarmed draws from its seed.
	Swarm bool
	// Oracles are two more judges, with whose verdicts every one is compared; nil asks none.
	// Where they disagree, the hunt ends with a *Disagreed as its error.
	Oracles *analysis.Judges
	// KeepGoing runs all seeds; otherwise the hunt ends with the lowest that
	// shows a violation.
	KeepGoing bool
	// Enough, once closed, stops the hunt from beginning more runs; nil never does. Those
	// that have begun are finished.
	Enough <-chan struct{}
	// Progress is called now and then with how many runs are done, and how many there are:
	// -1 if too many to count; nil for none.
	Progress func(done, total int)
}

// Hunted is the result of a hunt: of the seeds from First on, Done of them.
type Hunted struct {
	Scenario    *Scenario
	First, Last uint64
	Swarm       bool
	Done        uint64 // runs
	Violating   uint64 // runs with a violation
	Unknown     uint64 // runs that hit a bound …
	UnknownSeed uint64 // … the first of them
	Committed   uint64 // transactions, in all runs
	Found       []*Found
	Faults      Accounting // of the classes of faults
	// Complete: all seeds are done, or a finding ended the hunt. Otherwise it
	// was interrupted or Enough.
	Complete bool
}

// Found is a kind of finding: all those that share a fingerprint.
type Found struct {
	Fingerprint string
	Runs        uint64           // how many runs showed it
	Seed        uint64           // of the first run that showed it
	Finding     analysis.Finding // the first of that run
	Repro       *Scenario
}

// kinds returns the first finding of each fingerprint.
func kinds(findings []analysis.Finding) (first []analysis.Finding) {
	seen := map[string]bool{}
	for _, f := range findings {
		if print := f.Fingerprint(); !seen[print] {
			seen[print] = true
			first = append(first, f)
		}
	}
	return first
}

// ErrUnstable is the error of a run that is not the same when it is run again. A hunt
// repeats its first run and each run that it reports.
var ErrUnstable = errors.New("not deterministic")

// Disagreed is the error of a hunt whose judges disagree about a run: an error of txsim
// itself.
type Disagreed struct {
	Seed uint64
	*analysis.Disagreement
}

func (d *Disagreed) Error() string { return fmt.Sprintf("seed %d: %v", d.Seed, d.Disagreement) }

// Hunt runs the job with one seed after another, several at a time, and gathers
// what is violated by kind. Each kind gets a repro, from the first run that
// showed it, which was run again and is proven to show it. If ctx ends first, the
// result holds the runs that were finished before any that was not.
func (j *Job) Hunt(ctx context.Context, o HuntOptions) (*Hunted, error) {
	if o.Last < o.First {
		return nil, fmt.Errorf("seeds %d-%d: the last must not be below the first", o.First, o.Last)
	}
	h := &hunt{job: j, o: o, by: map[string]*Found{},
		res: &Hunted{Scenario: j.s, First: o.First, Last: o.Last, Swarm: o.Swarm}}
	h.last.Store(o.Last)
	err := parallel.InOrder(ctx, parallel.Options{Jobs: o.Jobs}, h.seeds, h.run, func(seed uint64, r *huntRun) error { return h.deliver(ctx, seed, r) })
	if err != nil {
		return nil, err
	}
	ctx, stop := finishing(ctx)
	defer stop()
	for _, f := range h.res.Found {
		f.Repro, err = j.Repro(ctx, Options{Seed: f.Seed, Swarm: o.Swarm}, f.Fingerprint)
		switch {
		case err != nil && errors.Is(err, ctx.Err()):
			return h.res, nil // the findings are reported without the repros that are missing
		case err != nil:
			return nil, fmt.Errorf("seed %d: %w", f.Seed, err)
		}
	}
	return h.res, nil
}

// finishing returns a context for finishing the result, even if the hunt was interrupted:
// then it allows a little more time.
func finishing(ctx context.Context) (context.Context, context.CancelFunc) {
	if ctx.Err() == nil {
		return ctx, func() {}
	}
	return context.WithTimeout(context.WithoutCancel(ctx), finishTime)
}

const finishTime = 5 * time.Second

// hunt is a hunt while it goes on.
type hunt struct {
	job  *Job
	o    HuntOptions
	res  *Hunted
	last atomic.Uint64 // no seed beyond it is needed
	by   map[string]*Found
}

// huntRun is what deliver needs of a run.
type huntRun struct {
	findings []analysis.Finding
	verdict  analysis.Verdict
	status   sim.Status
	plan     fault.Plan
	struck   []fault.Strikes
	hash     uint64
	commits  uint64
}

// seeds yields the seeds to run, until there are enough runs.
func (h *hunt) seeds(yield func(seed uint64) bool) {
	for seed := h.o.First; ; seed++ {
		select {
		case <-h.o.Enough:
			return
		default:
		}
		if seed > h.last.Load() || !yield(seed) || seed == h.o.Last {
			return
		}
	}
}

func (h *hunt) run(ctx context.Context, seed uint64) (*huntRun, error) {
	res, err := h.job.Run(ctx, Options{Seed: seed, Swarm: h.o.Swarm, Oracles: h.o.Oracles})
	switch {
	case err != nil:
		return nil, fmt.Errorf("seed %d: %w", seed, err)
	case res.Disagreement != nil:
		return nil, &Disagreed{seed, res.Disagreement}
	}
	r := &huntRun{res.Findings, res.Verdict, res.End.Status, res.Plan, res.Struck, res.Hash, res.Metrics.Committed()}
	if r.verdict == analysis.Invalid && !h.o.KeepGoing {
		for old := h.last.Load(); seed < old && !h.last.CompareAndSwap(old, seed); old = h.last.Load() {
		}
	}
	return r, nil
}

// deliver adds a run to the result, in the order of the seeds.
func (h *hunt) deliver(ctx context.Context, seed uint64, r *huntRun) error {
	if r.status == sim.Interrupted && ctx.Err() != nil {
		return parallel.ErrStop
	}
	if err := h.add(ctx, seed, r); err != nil {
		return err
	}
	if h.o.Progress != nil {
		total := -1
		if span := h.o.Last - h.o.First; span < math.MaxInt {
			total = int(span) + 1
		}
		h.o.Progress(int(h.res.Done), total)
	}
	h.res.Complete = r.verdict == analysis.Invalid && !h.o.KeepGoing || seed == h.o.Last
	if h.res.Complete {
		return parallel.ErrStop
	}
	return nil
}

// add adds a run.
func (h *hunt) add(ctx context.Context, seed uint64, r *huntRun) error {
	if seed == h.o.First {
		again, err := h.run(ctx, seed)
		switch {
		case ctx.Err() != nil:
		case err != nil:
			return err
		case again.hash != r.hash:
			return fmt.Errorf("seed %d: %w", seed, h.job.unstable(ctx, Options{Seed: seed, Swarm: h.o.Swarm}, twoHashes(r.hash, again.hash)))
		}
	}
	h.res.Done++
	h.res.Committed += r.commits
	switch r.verdict {
	case analysis.Invalid:
		h.res.Violating++
	case analysis.Undecided:
		if h.res.Unknown++; h.res.Unknown == 1 {
			h.res.UnknownSeed = seed
		}
	}
	for _, f := range kinds(r.findings) {
		print := f.Fingerprint()
		found := h.by[print]
		if found == nil {
			found = &Found{Fingerprint: print, Seed: seed, Finding: f}
			h.by[print] = found
			h.res.Found = append(h.res.Found, found)
		}
		found.Runs++
	}
	if err := h.res.Faults.add(ctx, h.job, Options{Seed: seed, Swarm: h.o.Swarm}, r.plan, r.struck); err != nil && ctx.Err() == nil {
		return err
	}
	return nil
}
