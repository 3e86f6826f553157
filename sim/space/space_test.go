package space_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/sim"
	"github.com/seed83d86191/txsim/sim/explore"
	"github.com/seed83d86191/txsim/sim/space"
)

// scribe appends the labels that it receives to what it has seen; the first one sends 1 to n.
type scribe struct {
	env  *sim.Env[struct{}]
	n    int
	seen string
}

func (s *scribe) Start() {
	for i := range s.n {
		s.env.Send(1, sim.Mail{Label: sim.Label(i + 1)}, struct{}{})
	}
}

func (s *scribe) Receive(_ sim.NodeID, mail sim.Mail, _ *struct{}) {
	s.seen += fmt.Sprint(uint64(mail.Label))
	if s.n < 0 {
		s.env.SetTimer(1, uint64(mail.Label))
	}
}
func (s *scribe) Fired(token uint64)          { s.seen += fmt.Sprint("t", token) }
func (s *scribe) Recover(sim.Recovery)        { s.seen = "r" }
func (s *scribe) Synced(sim.LSN)              {}
func (s *scribe) AppendState(b []byte) []byte { return append(b, s.seen...) }

// mute cannot tell its state.
type mute struct{}

func (m mute) Start()                                  {}
func (m mute) Receive(sim.NodeID, sim.Mail, *struct{}) {}
func (m mute) Fired(uint64)                            {}
func (m mute) Recover(sim.Recovery)                    {}
func (m mute) Synced(sim.LSN)                          {}

func scribes(n, reader int, link sim.Link) func() *sim.World[struct{}] {
	return func() *sim.World[struct{}] {
		w := sim.New(sim.Config[struct{}]{Network: sim.Network{Links: []sim.Link{link}}})
		w.AddNode("writer", func(e *sim.Env[struct{}]) sim.Node[struct{}] { return &scribe{env: e, n: n} })
		w.AddNode("reader", func(e *sim.Env[struct{}]) sim.Node[struct{}] { return &scribe{env: e, n: reader} })
		return w
	}
}

type read = space.State[struct{}, string]

func seen(n sim.Node[struct{}]) string { return n.(*scribe).seen }

// ends returns what the reader can have seen when all is at rest.
func ends(t *testing.T, world func() *sim.World[struct{}], budget sim.Budget) string {
	t.Helper()
	s := space.New(world, budget, seen, nil)
	all := map[string]bool{}
	o := explore.Options[read]{Jobs: 1, End: s.AtRest, Fault: s.Fault, Visit: func(_ int, x read) {
		if text, _ := x.Node(1); s.AtRest(x) {
			all[text] = true
		}
	}}
	r := explore.Explore(context.Background(), s, nil, o)
	if !r.Exhausted || r.Livelock == nil || r.Livelock.States > 0 {
		t.Errorf("exhausted %v, livelock %+v", r.Exhausted, r.Livelock)
	}
	o = explore.Options[read]{Jobs: 4}
	if many := explore.Explore(context.Background(), space.New(world, budget, seen, nil), nil, o); many.Distinct != r.Distinct {
		t.Errorf("%d states with four jobs, %d with one", many.Distinct, r.Distinct)
	}
	return strings.Join(slices.Sorted(maps.Keys(all)), " ")
}

// TestWays: what is explored is every order, and every fault that the budget allows, and no
// other.
func TestWays(t *testing.T) {
	for name, tc := range map[string]struct {
		world  func() *sim.World[struct{}]
		budget sim.Budget
		want   string
	}{
		"any order":          {scribes(3, 0, sim.Link{}), sim.Budget{}, "123 132 213 231 312 321"},
		"order of a session": {scribes(3, 0, sim.Link{Local: true}), sim.Budget{Drop: 1, Duplicate: 1}, "123"},
		"drop":               {scribes(2, 0, sim.Link{}), sim.Budget{Drop: 1}, "1 12 2 21"},
		"duplicate":          {scribes(2, 0, sim.Link{}), sim.Budget{Duplicate: 1}, "112 12 121 122 21 211 212 221"},
		"crash":              {scribes(1, 0, sim.Link{}), sim.Budget{Crash: 1}, "1 r r1"},
		"timers come last":   {scribes(2, -1, sim.Link{Local: true}), sim.Budget{}, "12t1t2 12t2t1"},
		"or one does not":    {scribes(2, -1, sim.Link{Local: true}), sim.Budget{Timeout: 1}, "12t1t2 12t2t1 1t12t2"},
		"a crash takes them": {scribes(1, -1, sim.Link{Local: true}), sim.Budget{Crash: 1}, "1t1 r r1t1"},
	} { // in any order: each case stands for itself
		t.Run(name, func(t *testing.T) {
			if got := ends(t, tc.world, tc.budget); got != tc.want {
				t.Errorf("%q, want %q", got, tc.want)
			}
		})
	}
}

// TestText: a way is told in words, whatever a node does.
func TestText(t *testing.T) {
	s := space.New(scribes(1, -1, sim.Link{}), sim.Budget{Crash: 1, Drop: 1, Duplicate: 1, Timeout: sim.Unbounded}, seen, nil)
	text := map[string]bool{}
	explore.Explore(context.Background(), s, nil, explore.Options[read]{Jobs: 1, Visit: func(_ int, x read) {
		s.Next(x, func(action int, _ read) { text[s.Action(action)] = true })
	}})
	logs := actors(free, nil, events{"start": func(a *actor) { a.env.SetTimer(1, 0) }, "fired": func(a *actor) { a.env.Append(3, 0, nil) }}, nil)
	other := space.New[string, string](logs, sim.Budget{Crash: 1}, nil, nil)
	explore.Explore(context.Background(), other, nil, explore.Options[acted]{Jobs: 1, Visit: func(_ int, x acted) {
		other.Next(x, func(action int, _ acted) { text[other.Action(action)] = true })
	}})
	for _, want := range []string{
		"reader gets kind 0, label 1: {} from writer", "reader never gets kind 0, label 1: {} from writer",
		"reader gets, of two, kind 0, label 1: {} from writer", "reader crashes", "reader restarts", "reader has timer 1 fire",
		"reader gets kind 0, label 1: {} from writer and crashes before receive",
		"n0 has timer 0 fire and crashes before append of kind 3",
	} {
		if !text[want] {
			t.Errorf("nothing is called %q", want)
		}
	}
}

// TestMute: a node that cannot tell its state is refused, as all its states would be one.
func TestMute(t *testing.T) {
	defer func() {
		if got := fmt.Sprint(recover()); got != "space: space_test.mute is no sim.StateAppender" {
			t.Error(got)
		}
	}()
	space.New(func() *sim.World[struct{}] {
		w := sim.New(sim.Config[struct{}]{})
		w.AddNode("mute", func(*sim.Env[struct{}]) sim.Node[struct{}] { return mute{} })
		return w
	}, sim.Budget{}, seen, nil)
}

// passer sends a message to the next node when its timer fires.
type passer struct {
	mute
	env       *sim.Env[struct{}]
	to        sim.NodeID
	sent, got bool
}

func (p *passer) Start()                                  { p.env.SetTimer(1, 0) }
func (p *passer) Fired(uint64)                            { p.sent = true; p.env.Send(p.to, sim.Mail{}, struct{}{}) }
func (p *passer) Receive(sim.NodeID, sim.Mail, *struct{}) { p.got = true }
func (p *passer) AppendState(b []byte) []byte             { return fmt.Append(b, p.sent, p.got) }

// TestSessionsApart: sessions keep their order each, and none among them. Each of three messages is
// not sent, on its way, or there.
func TestSessionsApart(t *testing.T) {
	for _, link := range []sim.Link{{}, {Local: true}} {
		s := space.New(func() *sim.World[struct{}] {
			w := sim.New(sim.Config[struct{}]{Network: sim.Network{Links: []sim.Link{link}}})
			for n := range sim.NodeID(3) {
				w.AddNode(fmt.Sprint("n", n), func(e *sim.Env[struct{}]) sim.Node[struct{}] { return &passer{env: e, to: (n + 1) % 3} })
			}
			return w
		}, sim.Budget{Timeout: sim.Unbounded}, func(sim.Node[struct{}]) string { return "" }, nil)
		if r := explore.Explore(t.Context(), s, nil, explore.Options[read]{Jobs: 1}); r.Distinct != 27 {
			t.Errorf("%+v: %d states, want 27", link, r.Distinct)
		}
	}
}
