package scenarios

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// naive visits all ways of a scenario without what makes Explore quick: it comes to each state
// by a run from the beginning, and judges each of these. Of the budgets it keeps account
// itself. Only what a node's inputs, all of them, have made of it is left to a Bench.
type naive struct {
	t     *testing.T
	job   *Job
	seed  uint64
	bench *model.Bench
	nodes int

	states, depth int
	histories     map[string]bool // at the ends of ways
	violated      int             // by how few steps a way leads to a violation; 0: none does
}

// naiveStep is what a run chooses at a step.
type naiveStep struct{ next, fault, cut int }

type naiveState struct {
	way     []naiveStep
	steps   int // of the way, without copies that are lost
	left    [4]int
	inputs  [][]sim.Input[model.Message] // by node
	crashes uint64

	enabled []sim.Pending[model.Message]
	key     string
	history string
	end     bool
}

// naiveSource makes a run take a way, and end with it if stop is set.
type naiveSource struct {
	way  []naiveStep
	now  naiveStep
	new  bool // the present step is not chosen yet
	stop func()
}

// Choose implements sim.Source.
func (s *naiveSource) Choose(stream sim.Stream, _ uint64, _ int) (int, bool) {
	if stream == sim.NextStream || stream == sim.FaultStream && s.new {
		if s.now = (naiveStep{}); len(s.way) > 0 {
			s.now, s.way = s.way[0], s.way[1:]
		}
		if len(s.way) == 0 && s.stop != nil {
			s.stop()
		}
	}
	s.new = stream != sim.NextStream
	switch stream {
	case sim.NextStream:
		return s.now.next, true
	case sim.FaultStream:
		return s.now.fault, true
	case sim.CutStream:
		return s.now.cut, true
	}
	return 0, true
}

// run takes a way, and goes on to rest unless it is to be cut at its end.
func (n *naive) run(x *naiveState, cut bool) (*Result, *sim.World[model.Message]) {
	ctx, stop := context.WithCancel(n.t.Context())
	defer stop()
	source := &naiveSource{way: x.way, new: true}
	if cut {
		source.stop = stop
	}
	var w *sim.World[model.Message]
	r, err := n.job.Run(ctx, Options{Seed: n.seed, choices: source, keeps: true, attach: func(c *model.Cluster, _ sim.Injector) {
		if w = c.World; cut && len(x.way) == 0 {
			stop()
		}
	}})
	if err != nil {
		n.t.Fatal(err)
	}
	if r.Verdict == analysis.Invalid && (n.violated == 0 || x.steps < n.violated) {
		n.violated = x.steps
	}
	return r, w
}

func naiveHash(e *sim.Pending[model.Message]) uint64 {
	return model.MessageHash(e.From, e.Node, &e.Mail, e.Msg)
}

// visit takes the way to a state and looks what can be next. It is false if the last step
// should have been cut and was not. Of two equal messages one gets lost, see guide.copy.
func (n *naive) visit(x *naiveState) bool {
	for {
		r, w := n.run(x, true)
		if r.Stats.Crashes != x.crashes {
			return false
		}
		x.enabled = nil
		seen, copied := map[uint64]bool{}, -1
		for e := range w.Enabled {
			if e.Op == sim.InputTimer {
				e.Token = model.TimerName(w.Node(e.Node), e.Token)
			} else if e.Op == sim.InputMessage {
				m := *e.Msg
				e.Msg = &m
				if h := naiveHash(&e); seen[h] {
					copied = len(x.enabled)
				} else {
					seen[h] = true
				}
			}
			x.enabled = append(x.enabled, e)
		}
		if copied < 0 {
			n.tell(x, w)
			return true
		}
		x.way = append(slices.Clip(x.way), naiveStep{next: copied, fault: sim.FaultDrop})
	}
}

// tell says which state it is.
func (n *naive) tell(x *naiveState, w *sim.World[model.Message]) {
	var flight []string
	for _, p := range w.Pending() {
		if p.Op == sim.InputMessage {
			flight = append(flight, fmt.Sprint(naiveHash(&p)))
		}
	}
	slices.Sort(flight)
	x.end, x.key, x.history = len(w.Pending()) == 0, fmt.Sprint(x.left, flight), ""
	for i, all := range x.inputs {
		n.bench.Begin(sim.NodeID(i))
		for j := range all {
			n.bench.Step(&all[j])
		}
		state, _ := n.bench.State()
		x.key += fmt.Sprint(" ", state)
		x.history += fmt.Sprint(" ", n.bench.History())
	}
}

// next calls to with each step from a state, and the states that it leads to.
func (n *naive) next(x *naiveState, to func(*naiveState)) {
	quiet := !slices.ContainsFunc(x.enabled, func(e sim.Pending[model.Message]) bool { return e.Op != sim.InputTimer })
	after := func(s naiveStep, node sim.NodeID, in *sim.Input[model.Message], spent ...int) bool {
		y := &naiveState{way: append(slices.Clip(x.way), s), steps: x.steps + 1, left: x.left, inputs: slices.Clone(x.inputs), crashes: x.crashes}
		for _, b := range spent {
			if y.left[b] == 0 {
				return false
			}
			if y.left[b]--; b == 0 {
				y.crashes++
			}
		}
		if in != nil {
			y.inputs[node] = append(slices.Clip(y.inputs[node]), *in)
		}
		if !n.visit(y) {
			return false
		}
		to(y)
		return true
	}
	client := sim.NodeID(n.nodes - 1)
	for i, e := range x.enabled {
		in := sim.Input[model.Message]{Op: e.Op, Token: e.Token, From: e.From, Mail: e.Mail, Msg: e.Msg}
		var early []int // what it costs besides
		if e.Op == sim.InputTimer && !quiet {
			early = []int{3}
		}
		if !after(naiveStep{next: i}, e.Node, &in, early...) {
			continue
		}
		for in.Cut = 1; e.Node != client && after(naiveStep{i, sim.FaultCut, in.Cut - 1}, e.Node, &in, append(early, 0)...); in.Cut++ {
		}
		in.Cut = 0
		if e.Op == sim.InputMessage && !e.InSession {
			after(naiveStep{next: i, fault: sim.FaultDrop}, e.Node, nil, 1)
			after(naiveStep{next: i, fault: sim.FaultTwice}, e.Node, &in, 2)
		}
	}
	for node := range client {
		after(naiveStep{fault: sim.FaultCrash + int(node)}, node, &sim.Input[model.Message]{Op: sim.InputCrash}, 0)
	}
}

// visitAll visits all states, depth by depth.
func (n *naive) visitAll(b sim.Budget) {
	first := &naiveState{left: [4]int{b.Crash, b.Drop, b.Duplicate, b.Timeout}, inputs: make([][]sim.Input[model.Message], n.nodes)}
	n.visit(first)
	known := map[string]bool{first.key: true}
	for level := []*naiveState{first}; len(level) > 0; n.depth++ {
		var more []*naiveState
		for _, x := range level {
			if x.end {
				n.histories[x.history] = true
				n.run(x, false)
			}
			n.next(x, func(y *naiveState) {
				if !known[y.key] {
					known[y.key] = true
					more = append(more, y)
				}
			})
		}
		level = more
	}
	n.states = len(known)
}

// exploreNaively visits all ways of the pair.
func exploreNaively(t *testing.T, p model.Protocol, budget sim.Budget) *naive {
	t.Helper()
	s := loaded(t, "pair")
	s.Using(p)
	s.Chance, s.Limits.Events = "nominal", mostLed
	s.Schedule.Strategy = sim.Exhaustive
	s.Schedule.Budget = sim.Budget{Crash: sim.MaxBudget, Drop: sim.MaxBudget, Duplicate: sim.MaxBudget, Timeout: sim.Unbounded}
	txns, _, err := s.trim(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	job := openJob(t, s)
	n := &naive{t: t, job: job, seed: s.Seed, bench: model.NewBench(job.Config(s.Seed), txns), nodes: s.Coordinators + s.Workers + 1, histories: map[string]bool{}}
	n.visitAll(budget)
	return n
}

// TestExploreNaive: an exploration visits the states, comes to the histories and finds what
// is wrong by as few steps as one that goes through all runs.
func TestExploreNaive(t *testing.T) {
	t.Parallel()
	all := model.Protocols()
	for _, c := range []struct {
		protocol model.Protocol
		budget   string
	}{
		{all[0], "crash=1,timeout=0"}, {all[1], "drop=1,timeout=0"}, {all[2], "duplicate=1,timeout=0"}, {all[2], "timeout=1"},
		{deaf{all[1].(model.TwoPhase)}, "timeout=0"}, {onceTold{all[0].(model.TwoPhase)}, "drop=1,timeout=0"},
	} {
		budget, err := sim.ParseBudget(c.budget)
		if err != nil {
			t.Fatal(err)
		}
		n := exploreNaively(t, c.protocol, budget)
		for _, o := range []ExploreOptions{{Full: true}, {}, {Symmetry: true}} {
			s := loaded(t, "pair")
			s.Using(c.protocol)
			s.Schedule.Budget = budget
			x, err := Explore(t.Context(), s, nil, o)
			if err != nil {
				t.Fatal(err)
			}
			title := fmt.Sprintf("%s, %s, %+v", c.protocol.Name(), c.budget, o)
			switch {
			case n.violated > 0:
				if x.Verdict != analysis.Invalid || len(x.Way) != n.violated {
					t.Errorf("%s: %s, by %d steps, expected %d", title, x.Verdict, len(x.Way), n.violated)
				}
			case x.Verdict != analysis.Valid || !x.Exhausted || x.Result.Depth > n.depth || o.Full && x.Result.Depth != n.depth:
				t.Errorf("%s: %s, depth %d, expected %d", title, x.Verdict, x.Result.Depth, n.depth)
			case o.Full && x.Distinct != uint64(n.states) || !o.Symmetry && x.Histories != len(n.histories):
				t.Errorf("%s: %d states and %d histories, expected %d and %d", title, x.Distinct, x.Histories, n.states, len(n.histories))
			}
		}
	}
}
