package scenarios

import (
	"context"
	"fmt"
	"slices"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios/input"
	"github.com/seed83d86191/txsim/sim"
)

// ShrinkOptions bounds a shrinking.
type ShrinkOptions struct {
	// Budget is how many candidates may be run; 0 is DefaultBudget.
	Budget int
	// Progress is called now and then with how many candidates were run, and the budget;
	// nil for none.
	Progress func(done, total int)
}

// DefaultBudget is how many candidates a shrinking may run.
const DefaultBudget = 3000

// Size is how much a person has to read of a repro.
type Size struct {
	Transactions, Operations, Workers, Coordinators, Faults int
}

// Shrunk is the result of a shrinking.
type Shrunk struct {
	Repro         *Scenario
	Before, After Size
	Runs          int  // candidates run
	Exhausted     bool // the budget was used up: more might have been possible
	Interrupted   bool // it was interrupted: more might have been possible
	Finding       analysis.Finding
}

// String says in a sentence how small it became.
func (s *Shrunk) String() string {
	text := fmt.Sprintf("shrunk from %v to %v in %s", s.Before, s.After, analysis.Count(s.Runs, "run"))
	switch {
	case s.Interrupted:
		text += ", then interrupted"
	case s.Exhausted:
		text += ", which was the budget: more may be possible"
	}
	return text
}

func (n Size) String() string {
	c := analysis.Count[int]
	return c(n.Transactions, "transaction") + " of " + c(n.Operations, "operation") + ", " + c(n.Workers, "worker") + ", " +
		c(n.Coordinators, "coordinator") + " and " + c(n.Faults, "fault")
}

// MissingError is the error of a repro that does not show what it expects.
type MissingError struct {
	Want string
	Run  *Result
}

func (e *MissingError) Error() string {
	found := "no finding"
	if len(e.Run.Findings) > 0 {
		found = e.Run.Findings[0].Fingerprint()
	}
	return fmt.Sprintf("it does not show %s: there is %s", e.Want, found)
}

// Shrink makes a repro smaller, as long as its run shows a finding of the same
// fingerprint: by delta debugging (Zeller and Hildebrandt, "Simplifying and
// Isolating Failure-Inducing Input", IEEE TSE 2002) over transactions, operations
// and faults, and by trying simpler nodes, keys, values, delays and parameters,
// again and again until nothing of it helps. The same repro is always made the
// same one. The protocol must be among protocols.
func Shrink(ctx context.Context, repro *Scenario, protocols []model.Protocol, o ShrinkOptions) (*Shrunk, error) {
	if o.Budget <= 0 {
		o.Budget = DefaultBudget
	}
	z := &shrinker{ctx: ctx, o: o, failed: map[[32]byte]bool{}}
	z.trial.protocols, z.want = protocols, repro.Expect.Finding
	if err := z.begin(repro); err != nil {
		return nil, err
	}
	res := &Shrunk{Before: z.best.size()}
	z.shrink()
	res.After, res.Runs, res.Repro = z.best.size(), z.runs, z.best.scenario()
	res.Interrupted = ctx.Err() != nil
	res.Exhausted = z.runs >= o.Budget && !res.Interrupted
	res.Finding = *z.last.shows(z.want)
	res.Repro.Expect = Expect{Finding: z.want, Hash: hashText(z.last.Hash)}
	return res, nil
}

// shrinker is a shrinking while it goes on.
type shrinker struct {
	trial
	ctx    context.Context
	o      ShrinkOptions
	best   *draft
	last   *Result           // of the best
	failed map[[32]byte]bool // keys of candidates that do not show the finding
	// unsteady is how many operations there were when naming each delay that matters would
	// have taken more lines than the seed; 0 if that has not been so.
	unsteady int
}

// begin makes the first draft of the repro, and checks that it shows what it expects.
func (z *shrinker) begin(repro *Scenario) error {
	if z.want == "" || z.want == NoFinding {
		return fmt.Errorf("expect.finding = %s: must be the fingerprint of a finding", input.Shown(z.want))
	}
	job, err := repro.Open(z.trial.protocols)
	if err != nil {
		return err
	}
	defer job.Close()
	r, err := job.Run(z.ctx, Options{Seed: repro.Seed})
	if err != nil {
		return err
	}
	if r.End.Status == sim.Interrupted {
		return z.ctx.Err() // what was cut short has another trace
	}
	f := r.shows(z.want)
	if f == nil {
		return &MissingError{z.want, r}
	}
	z.want = f.Fingerprint()
	txs, err := job.transactions(repro.Seed)
	if err != nil {
		return err
	}
	z.best, z.last = &draft{s: repro.Clone(), txs: txs, plan: r.Plan}, r
	z.best.s.Rebase()
	z.best.s.Description = ""
	if z.best.written = repro.Transactions.Inline != nil; !z.best.written {
		z.try(func(d *draft) { d.written = true })
	}
	return nil
}

// shrink applies the passes until none of them gets any further.
func (z *shrinker) shrink() {
	if !z.best.written {
		return // its transactions are in a file and cannot be removed one by one
	}
	z.schedule()
	z.named()
	z.concerned()
	for !z.over() {
		before := z.best.key()
		for _, pass := range []func(){
			z.named, z.sooner, z.fewerTransactions, z.fewerFaults, z.lossless, z.steady, z.fewerOperations,
			z.fewerWorkers, z.fewerCoordinators, z.standard, z.simplerItems, z.simplerTimes, z.fewerChoices,
		} {
			pass()
		}
		if z.best.key() == before && !z.again() && !z.afresh() {
			return
		}
	}
}

func (z *shrinker) over() bool { return z.runs >= z.o.Budget || z.ctx.Err() != nil }

// try runs a changed draft; if it shows the finding, it becomes the best.
func (z *shrinker) try(change func(d *draft)) bool {
	if z.over() {
		return false
	}
	d := z.best.clone()
	change(d)
	key := d.key()
	if len(d.txs) == 0 || key == z.best.key() || z.failed[key] {
		return false
	}
	r, ok := z.run(z.ctx, d.scenario(), nil)
	if z.o.Progress != nil {
		z.o.Progress(z.runs, z.o.Budget)
	}
	if !ok {
		z.failed[key] = true
		return false
	}
	z.best, z.last = d, r
	return true
}

// ddmin removes as much of a list as it can: ever smaller pieces, then single items until
// none can be removed.
func (z *shrinker) ddmin(length func(d *draft) int, without func(d *draft, from, to int)) {
	for piece := length(z.best); piece > 0 && !z.over(); {
		gone := false
		for from := 0; from < length(z.best) && !z.over(); {
			to := min(from+piece, length(z.best))
			if z.try(func(d *draft) { without(d, from, to) }) {
				gone = true
				continue
			}
			from = to
		}
		switch {
		case piece > 1:
			piece = min((piece+1)/2, max(1, length(z.best)/2))
		case !gone:
			return
		}
	}
}

func (z *shrinker) fewerTransactions() {
	z.ddmin(func(d *draft) int { return len(d.txs) },
		func(d *draft, from, to int) { d.txs = slices.Delete(d.txs, from, to) })
}

// named makes faults name the attempt that they strike instead of counting, all at once or
// one by one.
func (z *shrinker) named() {
	plan := z.last.named
	if len(plan) != len(z.best.plan) || z.try(func(d *draft) { d.plan = slices.Clone(plan) }) {
		return
	}
	for i := range plan { // what has its name already is not tried: of large values, the key of a draft takes long
		if plan[i].String() != z.best.plan[i].String() {
			z.try(func(d *draft) { d.plan[i] = plan[i] })
		}
	}
}

// sooner has faults strike the first attempt of their transaction, and tries to do without the
// transactions that the finding does not name: it may be they that made the earlier attempts
// abort, so that neither works alone.
func (z *shrinker) sooner() {
	if plan := z.best.plan.Clone(); !plan.Sooner() {
		return
	}
	named := z.last.shows(z.want).IDs()
	if len(named) > 0 && z.try(func(d *draft) {
		d.plan.Sooner()
		d.keep(named)
	}) {
		return
	}
	z.try(func(d *draft) { d.plan.Sooner() })
}

func (z *shrinker) fewerFaults() {
	z.ddmin(func(d *draft) int { return len(d.plan) },
		func(d *draft, from, to int) { d.plan = slices.Delete(d.plan, from, to) })
}

func (z *shrinker) fewerChoices() {
	z.ddmin(func(d *draft) int { return len(d.s.Choices) },
		func(d *draft, from, to int) { d.s.Choices = slices.Delete(d.s.Choices, from, to) })
}

// fewerOperations removes operations, taking those of all transactions as one list.
func (z *shrinker) fewerOperations() {
	z.ddmin((*draft).operations, func(d *draft, from, to int) {
		at := 0
		d.filter(func(*model.Transaction, *model.Op) bool {
			at++
			return at-1 < from || at-1 >= to
		})
	})
}
