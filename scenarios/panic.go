package scenarios

import (
	"context"
	"fmt"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/model/space"
	"github.com/seed83d86191/txsim/sim"
	"github.com/seed83d86191/txsim/sim/explore"
)

// survive calls f, and returns the finding of a panic of it; nil if there was none.
// What f was at is then as the panic has left it.
func survive(f func()) (p *analysis.Finding) {
	defer func() {
		if value := recover(); value != nil {
			p = panicked(value)
		}
	}()
	f()
	return nil
}

// broken is the result of a run that a panic has ended: of what was seen before, and of
// that.
func (r *run) broken(p *analysis.Finding) *Result {
	end := model.End{Status: sim.Panicked}
	res := &Result{Scenario: r.scenario, Seed: r.o.Seed, End: end, Metrics: r.metrics, History: r.recording}
	if r.cluster != nil { // else a node could not even be made
		res = r.result(end)
	}
	p.At = res.Now
	res.Findings = append(res.Findings, *p)
	res.Violations++
	res.Verdict = analysis.Invalid
	return res
}

// stillborn is the exploration of a cluster with a node that panics at its start: any
// run shows that.
func stillborn(ctx context.Context, job *Job, s *Scenario) (*Exploration, error) {
	r, err := job.Run(ctx, Options{Seed: s.Seed})
	if err != nil {
		return nil, err
	}
	if r.End.Status != sim.Panicked {
		return nil, fmt.Errorf("%w: a node has panicked at its start, and does not in a run", ErrUnstable)
	}
	x := &Exploration{Scenario: s, Verdict: r.Verdict, Result: &explore.Result[space.State]{}, Findings: r.Findings, Repro: s.Clone()}
	x.Repro.Expect = Expect{Finding: r.Findings[0].Fingerprint(), Hash: hashText(r.Hash)}
	return x, nil
}

// mostCalls is how many of the calls that led to a panic are told.
const mostCalls = 12

// panicked is the finding of a panic, for the function that recovers from it. It tells
// of the calls between those of the simulator: the same wherever the protocol has been
// built, and by whichever job it is run.
func panicked(value any) *analysis.Finding {
	f := &analysis.Finding{Invariant: analysis.InvPanic, Text: strings.Join(strings.Fields(fmt.Sprint(value)), " ")}
	calls := panicCalls()
	if len(calls) > 0 {
		f.Text += ": " + calls[0]
	}
	f.Records = calls[:min(len(calls), mostCalls)]
	return f
}

// panicCalls are the calls that led to the panic that is being recovered from, the
// last one first, without those of the runtime, nor of the simulator that called a node.
func panicCalls() []string {
	pcs := make([]uintptr, 256)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(0, pcs)])
	var calls []string
	began, nodes := false, 0 // how many are behind the first of a node
	for f, more := frames.Next(); more; f, more = frames.Next() {
		switch {
		case f.Function == "runtime.gopanic":
			began = true
		case !began || strings.HasPrefix(f.Function, "runtime."):
		case f.Function == module+"scenarios.survive":
			if nodes > 0 {
				calls = calls[:nodes]
			}
			return calls
		default:
			calls = append(calls, fmt.Sprintf("%s, %s:%d", path.Base(f.Function), filepath.Base(f.File), f.Line))
			if !slices.ContainsFunc(simulator, func(p string) bool { return strings.HasPrefix(f.Function, module+p) }) {
				nodes = len(calls)
			}
		}
	}
	return calls
}

const module = "github.com/seed83d86191/txsim/"

// simulator are the beginnings of the names of what calls nodes.
var simulator = []string{"sim.", "model.(*Cluster)", "model.NewCluster", "scenarios."}
