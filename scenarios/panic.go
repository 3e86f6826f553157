package scenarios

import (
	"fmt"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// survive calls f. If f panics because of a node or a judge, it returns the finding;
// otherwise nil. Whatever f was changing is left as it was at the panic.
func survive(f func()) (p *analysis.Finding) {
	defer func() {
		if value := recover(); value != nil {
			calls, node := panicCalls()
			if node < 0 {
				panic(value) // a mistake of the simulator is no finding
			}
			p = panicked(value, calls, node)
		}
	}()
	f()
	return nil
}

// broken returns the result of a run that a panic has ended: the panic, and what had been
// found before.
func (r *run) broken(p *analysis.Finding) *Result {
	end := model.End{Status: sim.Panicked}
	res := r.newResult(end)
	if r.cluster != nil { // without a cluster, a node could not even be made
		res = r.result(end)
	}
	p.At = res.Now
	res.Findings = append(res.Findings, *p)
	res.Violations++
	res.Verdict = analysis.Invalid
	return res
}

// mostCalls bounds the calls that the finding of a panic lists.
const mostCalls = 12

// panicked returns the finding of a panic. The call at index node is the innermost one of
// the protocol. The finding lists the calls between those of the simulator, in a form that
// does not depend on where the protocol was built or which job ran it.
func panicked(value any, calls []string, node int) *analysis.Finding {
	where, _, _ := strings.Cut(calls[node], ",")
	_, where, _ = strings.Cut(where, ".") // after the package
	return &analysis.Finding{Invariant: analysis.InvPanic, Shape: strings.NewReplacer("(*", "", ")", "", "[...]", "").Replace(where),
		Text: sim.PanicText(value) + ": " + calls[node], Records: calls[:min(len(calls), mostCalls)]}
}

// panicCalls returns the calls that led to the panic that is being recovered from, the last
// one first, without those of the runtime and of the simulator that called the node; and
// the index of the first call of a node. The index is negative if there is none, or if a
// judge panicked that the node's step had called.
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

// Prefixes of the names of functions that call nodes, and of those that watch them.
var (
	simulator = []string{"sim.", "model.(*Cluster)", "model.NewCluster"}
	judges    = []string{"analysis.", "scenarios.", "scenarios/fault.", "scenarios/workload."}
)
