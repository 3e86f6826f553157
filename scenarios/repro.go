package scenarios

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios/fault"
	"github.com/seed83d86191/txsim/scenarios/txfile"
	"github.com/seed83d86191/txsim/sim"
)

// A repro is a scenario that expects a finding. It stands on its own: its transactions are
// written out, the faults that struck by chance are explicit, and its seed and choices
// settle everything else.

// NoFinding is the Expect.Finding of a repro whose cause has been fixed: the run must have
// no finding.
const NoFinding = "none"

// shows returns the finding with a fingerprint; nil if there is none.
func (r *Result) shows(fingerprint string) *analysis.Finding {
	for i := range r.Findings {
		if f := &r.Findings[i]; f.Fingerprint() == fingerprint {
			return f
		}
	}
	return nil
}

// expected returns the finding that an Expect.Finding means, which may also be the name of
// an invariant or an anomaly; nil if there is none.
func (r *Result) expected(want string) *analysis.Finding {
	if f := r.shows(want); f != nil || want == "" {
		return f
	}
	for i := range r.Findings {
		if f := &r.Findings[i]; f.Invariant == want || f.Anomaly == want {
			return f
		}
	}
	return nil
}

// Repro runs the job twice and turns the run into a repro of the finding with that
// fingerprint. Each step of this is checked by a run; a step after which the finding no
// longer shows is not taken.
func (j *Job) Repro(ctx context.Context, o Options, fingerprint string) (*Scenario, error) {
	o = Options{Seed: o.Seed, Swarm: o.Swarm}
	first, err := j.Run(ctx, o)
	if err != nil {
		return nil, err
	}
	second, err := j.Run(ctx, o)
	switch v := (Verified{First: first, Second: second}); {
	case err != nil:
		return nil, err
	case first.End.Status == sim.Interrupted || second.End.Status == sim.Interrupted:
		return nil, ctx.Err() // what was cut short is no other run
	case !v.Same():
		return nil, j.unstable(ctx, o, twoHashes(first.Hash, second.Hash))
	case first.shows(fingerprint) == nil:
		return nil, fmt.Errorf("the run does not show %s", fingerprint)
	}
	j = j.of(o)
	t := &trial{protocols: []model.Protocol{j.protocol}, want: fingerprint}
	best := j.s.Clone()
	best.Seed, best.Faults = o.Seed, first.Plan.Lines()
	best.Expect = Expect{Finding: fingerprint, Hash: hashText(first.Hash)}
	txs, err := j.transactions(o.Seed)
	if err != nil {
		return nil, err
	}
	best = t.better(ctx, best, func(s *Scenario) { s.write(txs) })
	if first.injected <= fault.MaxFired {
		best = t.better(ctx, best, func(s *Scenario) { s.Faults = explicit(first) })
	}
	return best, nil
}

// hashText prints a trace hash as Expect has it.
func hashText(h uint64) string { return fmt.Sprintf("%016x", h) }

// transactions returns what the job's source yields.
func (j *Job) transactions(seed uint64) ([]*model.Transaction, error) {
	source := j.Config(seed).Source
	var txs []*model.Transaction
	for {
		t, err := source.Next()
		if t == nil || err != nil {
			return txs, err
		}
		txs = append(txs, t)
	}
}

// write puts these transactions into the scenario.
func (s *Scenario) write(txs []*model.Transaction) {
	lines := make([]string, len(txs))
	for i, t := range txs {
		lines[i] = string(txfile.AppendText(nil, t))
	}
	s.Transactions, s.totals = Transactions{Inline: lines}, totals{}
	if len(txs) > 0 && txs[0].At != model.Unscheduled {
		s.Arrivals, s.Clients = Default().Arrivals, Default().Clients
	}
}

// explicit returns the lines of a run's plan, with what chance struck in place of
// the lines of chance.
func explicit(r *Result) []string {
	var lines []string
	for i := range r.Plan {
		if !r.Plan[i].ByChance() {
			lines = append(lines, r.Plan[i].String())
		}
	}
	for _, line := range r.Fired.Lines() {
		if !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	return lines
}

// trial runs candidates for a repro.
type trial struct {
	protocols []model.Protocol
	want      string // the fingerprint
	runs      int    // so far
}

// run runs a scenario; ok says that it shows the finding.
func (t *trial) run(ctx context.Context, s *Scenario, tracer sim.Tracer[model.Message]) (r *Result, ok bool) {
	job, err := s.Open(t.protocols)
	if err != nil {
		return nil, false // the candidate is no valid scenario
	}
	defer job.Close()
	t.runs++
	r, err = job.Run(ctx, Options{Seed: s.Seed, Tracer: tracer})
	if err != nil || r.End.Status == sim.Interrupted {
		return nil, false
	}
	return r, r.shows(t.want) != nil
}

// better returns a changed copy of the repro if it still shows the finding, otherwise s.
func (t *trial) better(ctx context.Context, s *Scenario, change func(*Scenario)) *Scenario {
	c := s.Clone()
	change(c)
	r, ok := t.run(ctx, c, nil)
	if !ok {
		return s
	}
	c.Expect.Hash = hashText(r.Hash)
	return c
}

// Reproduced is the result of running a repro.
type Reproduced struct {
	*Result
	// Expected is the finding that was expected, as the run shows it; nil if the run does
	// not show it.
	Expected *analysis.Finding
	// SameTrace: the trace has the expected hash.
	SameTrace bool
}

// Reproduce runs a repro, and says whether it is as expected.
func (j *Job) Reproduce(ctx context.Context, o Options) (*Reproduced, error) {
	o.Seed = j.s.Seed
	r, err := j.Run(ctx, o)
	if err != nil {
		return nil, err
	}
	return &Reproduced{r, r.expected(j.s.Expect.Finding), j.s.Expect.Hash == hashText(r.Hash)}, nil
}

// ReproFile prints a repro as a file: comments on what it shows and how to run it, then the
// parameters that are not at their defaults. The name is that of the file.
func ReproFile(s *Scenario, name, text, origin string) []byte {
	var b strings.Builder
	for _, line := range analysis.Wrap(strings.Fields(text), 96) {
		b.WriteString("# " + line + "\n")
	}
	if origin != "" {
		b.WriteString("# found by: " + origin + "\n")
	}
	b.WriteString("# again by: txsim replay " + name + "\n")
	b.Write(s.Brief())
	return []byte(b.String())
}
