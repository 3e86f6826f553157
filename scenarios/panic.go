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
			calls, node := panicCalls()
			if node < 0 {
				panic(value) // the simulator's own mistake is no finding
			}
			p = panicked(value, calls, node)
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

// panicked is the finding of a panic, of which the call at node is the innermost of the
// protocol. It tells of the calls between those of the simulator: the same wherever the
// protocol has been built, and by whichever job it is run.
func panicked(value any, calls []string, node int) *analysis.Finding {
	where, _, _ := strings.Cut(calls[node], ",")
	_, where, _ = strings.Cut(where, ".") // behind the package
	return &analysis.Finding{Invariant: analysis.InvPanic, Shape: strings.NewReplacer("(*", "", ")", "", "[...]", "").Replace(where),
		Text: sim.PanicText(value) + ": " + calls[node], Records: calls[:min(len(calls), mostCalls)]}
}

// panicCalls are the calls that led to the panic that is being recovered from, the
// last one first, without those of the runtime, nor of the simulator that called a node,
// and which of them is the first of a node. It is below zero where none is, or where a
// judge has panicked that the node's step had called.
func panicCalls() (calls []string, node int) {
	pcs := make([]uintptr, 256)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(0, pcs)])
	began, nodes := false, 0 // how many are behind the first of a node
	node = -1
	for f, more := frames.Next(); more; f, more = frames.Next() {
		is := func(p string) bool { return strings.HasPrefix(f.Function, module+p) }
		switch {
		case f.Function == "runtime.gopanic":
			began = true
		case !began || strings.HasPrefix(f.Function, "runtime."):
		case is("scenarios.survive"):
			return calls[:nodes], node
		case node < 0 && slices.ContainsFunc(judges, is):
			return nil, -1
		default:
			calls = append(calls, fmt.Sprintf("%s, %s:%d", path.Base(f.Function), filepath.Base(f.File), f.Line))
			if !slices.ContainsFunc(simulator, is) && !slices.ContainsFunc(judges, is) {
				if nodes = len(calls); node < 0 {
					node = nodes - 1
				}
			}
		}
	}
	return calls, node
}

const module = "github.com/seed83d86191/txsim/"

// What the names of functions begin with that call nodes, and of those that watch them.
var (
	simulator = []string{"sim.", "model.(*Cluster)", "model.NewCluster"}
	judges    = []string{"analysis.", "scenarios.", "scenarios/fault.", "scenarios/workload."}
)
