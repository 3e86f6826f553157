package space_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/sim"
	"github.com/seed83d86191/txsim/sim/explore"
	"github.com/seed83d86191/txsim/sim/space"
)

// actor does at each event what a test says, and tells as its state what the test makes of it.
type actor struct {
	env   *sim.Env[string]
	on    map[string]func(*actor) // by event: start, fired, synced, recover, or the text of a message
	state string
}

func (a *actor) event(name string) {
	if do := a.on[name]; do != nil {
		do(a)
	}
}

func (a *actor) Start()                      { a.event("start") }
func (a *actor) Fired(uint64)                { a.event("fired") }
func (a *actor) Synced(sim.LSN)              { a.event("synced") }
func (a *actor) AppendState(b []byte) []byte { return append(b, a.state...) }
func (a *actor) Recover(r sim.Recovery) {
	a.state = "r" + string(r.Checkpoint)
	a.event("recover")
}

// Receive counts what the test does not tell it to do something about.
func (a *actor) Receive(_ sim.NodeID, _ sim.Mail, m *string) {
	if a.on[*m] != nil {
		a.event(*m)
	} else {
		a.state += "+"
	}
}

type events = map[string]func(*actor)

func actors(links []sim.Link, class func(from, to sim.NodeID) int, nodes ...events) func() *sim.World[string] {
	return func() *sim.World[string] {
		w := sim.New(sim.Config[string]{Network: sim.Network{Links: links, Class: class}})
		for n, on := range nodes {
			w.AddNode(fmt.Sprint("n", n), func(e *sim.Env[string]) sim.Node[string] { return &actor{env: e, on: on} })
		}
		return w
	}
}

// sends are events of which the start sends these.
func sends(all ...func(*actor)) events {
	return events{"start": func(a *actor) {
		for _, send := range all {
			send(a)
		}
	}}
}

func mail(to sim.NodeID, m sim.Mail, text string) func(*actor) {
	return func(a *actor) { a.env.Send(to, m, text) }
}

func is(state string) func(*actor) { return func(a *actor) { a.state += state } }

// saves counts, and writes a checkpoint that says more.
func saves(what string) func(*actor) {
	return func(a *actor) { a.state += "+"; a.env.Checkpoint([]byte(what)) }
}

func logs(label sim.Label) func(*actor) {
	return func(a *actor) { a.state += "+"; a.env.Append(1, label, nil) }
}

func itself(_ *sim.Mail, m *string) string { return *m }

type acted = space.State[string, string]

func acts(n sim.Node[string]) string { return n.(*actor).state }

var (
	free    = []sim.Link{{}}
	session = []sim.Link{{Session: true}}
)

// TestDistinct: states that differ are as many as they are, and those that do not are one.
func TestDistinct(t *testing.T) {
	one, two := sim.Mail{Label: 1}, sim.Mail{Label: 2}
	timer := func(a *actor) { a.env.SetTimer(1, 0) }
	// A message of each kind to the third node, each once a timer fires.
	mixed := actors([]sim.Link{{}, {Session: true}}, func(from, _ sim.NodeID) int { return int(from) % 2 },
		events{"start": timer, "fired": func(a *actor) {
			for label := range sim.Label(4) {
				a.env.Send(2, sim.Mail{Label: label}, "")
			}
		}},
		events{"start": timer, "fired": mail(2, one, "")}, events{"": func(*actor) {}})
	for name, tc := range map[string]struct {
		world  func() *sim.World[string]
		budget sim.Budget
		want   uint64
	}{
		"sessions of two senders":    {actors(session, nil, sends(mail(2, one, "a")), sends(mail(2, one, "b")), events{"a": is("a"), "b": is("b")}), sim.Budget{}, 5},
		"sessions of two receivers":  {actors(session, nil, sends(mail(1, one, ""), mail(2, one, "")), nil, nil), sim.Budget{}, 4},
		"sessions of two labels":     {actors(session, nil, sends(mail(1, one, "a"), mail(1, two, "b")), events{"a": is("a"), "b": is("b")}), sim.Budget{}, 5},
		"a session":                  {actors(session, nil, sends(mail(1, one, "a"), mail(1, one, "b")), events{"a": is("a"), "b": is("b")}), sim.Budget{}, 3},
		"equal messages":             {actors(free, nil, sends(mail(1, one, ""), mail(1, one, "")), nil), sim.Budget{}, 2},
		"equal ones of a session":    {actors(session, nil, sends(mail(1, one, ""), mail(1, one, "")), nil), sim.Budget{}, 3},
		"Again tells nothing apart":  {actors(free, nil, sends(mail(1, one, ""), mail(1, sim.Mail{Label: 1, Again: 1}, "")), nil), sim.Budget{}, 2},
		"another label":              {actors(free, nil, sends(mail(1, one, ""), mail(1, two, "")), nil), sim.Budget{}, 4},
		"another kind":               {actors(free, nil, sends(mail(1, sim.Mail{}, ""), mail(1, sim.Mail{Kind: 1}, "")), nil), sim.Budget{}, 4},
		"another Arg":                {actors(free, nil, sends(mail(1, sim.Mail{}, ""), mail(1, sim.Mail{Arg: 1}, "")), nil), sim.Budget{}, 4},
		"another text":               {actors(free, nil, sends(mail(1, one, "a"), mail(1, one, "b")), nil), sim.Budget{}, 4},
		"sessions behind the others": {mixed, sim.Budget{Timeout: sim.Unbounded}, 51},
		"drop":                       {actors(free, nil, sends(mail(1, one, ""), mail(1, two, "")), nil), sim.Budget{Drop: sim.Unbounded}, 8},
		"duplicate":                  {actors(free, nil, sends(mail(1, one, "a")), events{"a": func(a *actor) { a.state = "a" }}), sim.Budget{Duplicate: sim.Unbounded}, 3},
		"a sync comes before timers": {actors(free, nil, events{"start": func(a *actor) { timer(a); a.env.Append(1, 1, nil); a.env.Sync() }, "fired": is("t"), "synced": is("s")}), sim.Budget{}, 3},
		"checkpoints":                {actors(free, nil, sends(mail(1, one, "a"), mail(1, one, "b")), events{"a": saves("a"), "b": saves("b")}), sim.Budget{}, 11},
		"logs":                       {actors(free, nil, sends(mail(1, one, "a"), mail(1, one, "b")), events{"a": logs(1), "b": logs(2)}), sim.Budget{}, 5},
	} { // in any order: each case stands for itself
		t.Run(name, func(t *testing.T) {
			s := space.New(tc.world, tc.budget, acts, itself)
			r := explore.Explore(t.Context(), s, nil, explore.Options[acted]{Jobs: 1, Budget: 1000})
			if r.Distinct != tc.want || !r.Exhausted {
				t.Errorf("%d states, exhausted: %v; want %d", r.Distinct, r.Exhausted, tc.want)
			}
		})
	}
}

// sender is a world in which a timer sends two messages.
var sender = actors(session, nil, events{
	"start": func(a *actor) { a.env.SetTimer(1, 0) },
	"fired": func(a *actor) { mail(1, sim.Mail{}, "a")(a); mail(1, sim.Mail{}, "b")(a) },
}, events{"a": is("a"), "b": is("b")})

// TestCutSends: a step in which the node crashes has sent what it had sent up to there, and each
// boundary is tried that makes a difference, the last one too.
func TestCutSends(t *testing.T) {
	s := space.New(sender, sim.Budget{Crash: 1}, acts, itself)
	end, text := map[string]bool{}, map[string]bool{}
	explore.Explore(t.Context(), s, nil, explore.Options[acted]{Jobs: 1, Visit: func(_ int, x acted) {
		if got, _ := x.Node(1); s.AtRest(x) {
			end[got] = true
		}
		s.Next(x, func(action int, _ acted) { text[s.Action(action)] = true })
	}})
	for _, want := range []string{"", "a", "ab"} {
		if !end[want] {
			t.Errorf("the receiver never ends with %q", want)
		}
	}
	// Before and after each of two messages, of which the two in the middle are alike.
	for where, want := range map[string]bool{
		"before send of a to n1": true, "after send of a to n1": true, "before send of b to n1": false, "after send of b to n1": true,
	} { // in any order: each case stands for itself
		if what := "n0 has timer 0 fire and crashes " + where; text[what] != want {
			t.Errorf("%q: %v, want %v", what, text[what], want)
		}
	}
}

// TestFault: loss, a second copy and a crash are faults, and of timers those that fire early
// within a bounded budget.
func TestFault(t *testing.T) {
	world := actors(free, nil, events{"start": func(a *actor) { a.env.SetTimer(1, 0); mail(1, sim.Mail{}, "a")(a) }}, nil)
	for _, timeout := range []int{1, sim.Unbounded} {
		s := space.New[string, string](world, sim.Budget{Crash: 2, Drop: 1, Duplicate: 1, Timeout: timeout}, nil, itself)
		met := map[string]int{}
		explore.Explore(t.Context(), s, nil, explore.Options[acted]{Jobs: 1, Visit: func(_ int, x acted) {
			_, up0 := x.Node(0)
			_, up1 := x.Node(1)
			early := timeout == 1 && (x.Mail() > 0 || !up0 || !up1)
			s.Next(x, func(action int, y acted) {
				text, want := s.Action(action), false
				if text == "n0 crashes" && !up0 || text == "n1 crashes" && !up1 {
					t.Errorf("%q, but it is down", text)
				}
				for _, word := range []string{"never gets", "of two", "crashes"} {
					if strings.Contains(text, word) {
						want = true
						met[word]++
					}
				}
				if strings.HasSuffix(text, "fire") && early {
					want = true
					met["early"]++
				}
				if s.Fault(action, x, y) != want {
					t.Errorf("%q: fault %v, want %v", text, !want, want)
				}
			})
		}})
		if met["never gets"]*met["of two"]*met["crashes"] == 0 || (met["early"] > 0) != (timeout == 1) {
			t.Errorf("timeout %d: %v", timeout, met)
		}
	}
}

// TestUnbounded: what is unbounded is never spent.
func TestUnbounded(t *testing.T) {
	s := space.New(actors(free, nil, nil), sim.Budget{Crash: sim.Unbounded}, acts, itself)
	const depth = 9 // of one life more at each, which is up or down
	r := explore.Explore(t.Context(), s, nil, explore.Options[acted]{Jobs: 1, Depth: depth})
	if r.Distinct != 2*(depth-1) || r.Exhausted {
		t.Errorf("%d states to depth %d, exhausted: %v", r.Distinct, depth, r.Exhausted)
	}
}

// TestLabel: the label tells messages of one session apart, whatever the text.
func TestLabel(t *testing.T) {
	s := space.New(scribes(2, 0, sim.Link{Local: true}), sim.Budget{}, seen, func(*sim.Mail, *struct{}) string { return "" })
	last := ""
	explore.Explore(t.Context(), s, nil, explore.Options[read]{Jobs: 1, Visit: func(_ int, x read) { last, _ = x.Node(1) }})
	if last != "12" {
		t.Errorf("%q arrived, want 1 and 2", last)
	}
}
