package scenarios

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/model/space"
	"github.com/seed83d86191/txsim/sim"
)

// checked is a run that has taken a way of an exploration.
type checked struct {
	*Result
	repro *Scenario
	text  []string // the way in words
}

// take runs the way to a goal: no further than that if cut is set, otherwise to the end of
// the run.
func (e *exploreRun) take(ctx context.Context, f goal, cut bool) (*checked, error) {
	actions := e.Result.Way(f.fingerprint)
	if f.step >= 0 {
		actions = append(actions, f.step)
	}
	g := &guide{}
	c := &checked{}
	at := e.initial
	for _, n := range actions {
		g.way = append(g.way, e.space.Choice(&at, n))
		c.text = append(c.text, e.space.Text(&at, n))
		at = e.space.Step(at, n)
	}
	s := e.Scenario.Clone()
	s.Chance, s.Choices = "nominal", nil
	// What is one message to the exploration may be several equal ones in the run; all but
	// the first of them get lost.
	s.Schedule.Budget = sim.Budget{Crash: len(actions), Drop: sim.MaxBudget, Duplicate: len(actions), Timeout: sim.Unbounded}
	if len(actions) == 0 && cut {
		c.Result = &Result{} // nothing has happened
		return c, nil
	}
	s.Limits.Events = mostLed
	inner, stop := context.WithCancel(ctx)
	defer stop()
	if cut {
		g.end = stop
	}
	if err := e.lead(inner, s, g, c); err != nil || ctx.Err() != nil {
		return nil, cmp.Or(err, ctx.Err())
	}
	if cut {
		s.Limits.Events = uint64(g.steps)
	}
	c.repro = g.repro(s)
	return c, nil
}

// mostLed bounds the events of a run that continues past its way: with a mutant it may
// never come to rest.
const mostLed = 20_000

// lead runs the scenario with the choices of the guide.
func (e *exploreRun) lead(ctx context.Context, s *Scenario, g *guide, c *checked) error {
	job, err := s.Open([]model.Protocol{e.protocol})
	if err != nil {
		return err
	}
	defer job.Close()
	c.Result, err = job.Run(ctx, Options{Seed: s.Seed, choices: g, attach: func(c *model.Cluster, _ sim.Injector) { g.world = c.World }})
	if err == nil && g.lost > 0 {
		return fmt.Errorf("%w: a run cannot take the way that the exploration has found: step %d, %s, is not enabled. "+
			"Either a node reacts to more than its events, or its AppendState leaves out what it reacts to, the token of a timer for one",
			ErrUnstable, g.lost, c.text[g.lost-1])
	}
	return err
}

// guide is the source of choices that makes a run take a way; after the end of the way it
// makes the default choices.
type guide struct {
	way   []space.Choice
	world *sim.World[model.Message]
	next  int  // next step of the way
	fault int  // of the present step …
	cut   int  // … and where it cuts
	asked bool // whether the present step has been chosen
	steps int  // of the world, on the way
	lost  int  // the step of the way, from 1, that is not enabled; 0 is none
	taken []sim.Deviation
	end   func() // called once the way is at its end; nil lets the run go on
}

// Choose implements sim.Source.
func (g *guide) Choose(s sim.Stream, ordinal uint64, n int) (int, bool) {
	v := 0
	switch s {
	case sim.NextStream:
		v = g.event()
		g.asked = true
	case sim.FaultStream:
		if !g.asked { // there is no event to choose
			g.event()
		}
		v, g.asked = g.fault, false
	case sim.CutStream:
		v = g.cut
	}
	if v != 0 {
		g.taken = append(g.taken, sim.Deviation{Stream: s, Ordinal: ordinal, Value: v})
	}
	return v, true
}

// event chooses the next event, and settles what goes wrong with it.
func (g *guide) event() int {
	g.fault, g.cut = sim.FaultNone, 0
	if g.next == len(g.way) || g.lost > 0 {
		return 0
	}
	if g.next == len(g.way)-1 && g.end != nil {
		defer g.finish()
	}
	g.steps++
	if i := g.copy(); i >= 0 {
		g.fault = sim.FaultDrop
		return i
	}
	c := g.way[g.next]
	if c.Op == sim.InputCrash {
		g.next++
		g.fault = c.Fault
		return 0
	}
	i, earlier := 0, -1
	for e := range g.world.Enabled {
		if e.Op == c.Op && e.Node == c.Node && (e.Op != sim.InputTimer || model.TimerName(g.world.Node(e.Node), e.Token) == c.Token) &&
			(e.Op != sim.InputMessage || model.MessageHash(e.From, e.Node, &e.Mail, e.Msg) == c.Hash) {
			g.next++
			g.fault, g.cut = c.Fault, c.Cut
			return i
		}
		if e.InSession && c.Op == sim.InputMessage && e.From == c.From && e.Node == c.Node && e.Session == c.Session {
			earlier = i
		}
		i++
	}
	if earlier >= 0 { // a copy of an earlier message stands before it
		return earlier
	}
	g.lost = g.next + 1
	return 0
}

// finish ends the run after the last step of the way.
func (g *guide) finish() {
	if g.next == len(g.way) {
		g.end()
	}
}

// copy returns the place, among the events that are enabled, of a message equal to an
// earlier one; -1 if there is none. The exploration counts two such messages as one, so the
// run drops the second. Messages of a session cannot be dropped: their copies are delivered
// later.
func (g *guide) copy() int {
	var seen [16]uint64
	n, i := 0, -1
	for e := range g.world.Enabled {
		i++
		if e.Op != sim.InputMessage || e.InSession {
			continue
		}
		hash := model.MessageHash(e.From, e.Node, &e.Mail, e.Msg)
		if slices.Contains(seen[:min(n, len(seen))], hash) {
			return i
		}
		seen[n%len(seen)] = hash
		n++
	}
	return -1
}

// repro returns the scenario that makes the same choices by itself.
func (g *guide) repro(s *Scenario) *Scenario {
	c := s.Clone()
	c.Choices = sim.NewRecorded(nil, g.taken).Deviations()
	return c
}
