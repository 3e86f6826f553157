package space

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
	"github.com/seed83d86191/txsim/sim/explore"
)

// unfolded is a space whose workers are folded, searched as if they were not.
type unfolded struct{ *Space }

func (u unfolded) Fingerprint(x State) uint64 { return u.plain(&x) }

// foldCases are small cases with workers that play the same part.
var foldCases = []struct {
	workers, txns int
	b             sim.Budget
	set           func(*model.Config)
}{
	{2, 1, sim.Budget{Timeout: 1}, nil},
	{2, 1, sim.Budget{Crash: 1, Timeout: 0}, nil},
	{3, 1, sim.Budget{Drop: 1, Timeout: 0}, nil},
	{2, 1, sim.Budget{Drop: 1, Duplicate: 1, Timeout: 1}, nil},
	{2, 1, sim.Budget{Crash: 1, Timeout: 0}, func(c *model.Config) { c.Protocol = model.Protocols()[1] }},
	{2, 1, sim.Budget{Crash: 1, Timeout: 0}, func(c *model.Config) { c.Protocol = model.Protocols()[2] }},
	{2, 2, sim.Budget{Timeout: 0}, nil},
	{2, 2, sim.Budget{Timeout: 0}, func(c *model.Config) { c.Concurrency = model.Concurrencies()[1] }},
}

// TestFold: a folded search visits as many states as the full one meets that differ in
// more than names, meets the same histories but for names, and ends with the same.
func TestFold(t *testing.T) {
	for _, c := range foldCases {
		cfg := config(c.workers)
		if c.set != nil {
			c.set(&cfg)
		}
		title := fmt.Sprintf("%d workers, %d transactions, %v, %s, %s", c.workers, c.txns, c.b, cfg.Protocol.Name(), cfg.Concurrency.Name())
		s := newSpace(t, cfg, c.txns, c.b)
		if workers := s.Fold(); len(workers) != 1 || len(workers[0]) != c.workers {
			t.Fatalf("%s: %v are folded", title, workers)
		}
		less := visit(t, s, s, 0)
		all := newSpace(t, cfg, c.txns, c.b)
		all.Fold()
		full := visit(t, all, unfolded{all}, 0)
		if s.WhyNotFolded() != "" || all.WhyNotFolded() != "" {
			t.Fatalf("%s: %s, %s", title, s.WhyNotFolded(), all.WhyNotFolded())
		}
		t.Logf("%s: %d states, folded %d; %d histories", title, full.Distinct, less.Distinct, len(less.histories))
		if less.Distinct != uint64(len(full.classes)) || less.Depth != full.Depth || !maps.Equal(less.histories, full.histories) || !maps.Equal(less.terminal, full.terminal) {
			t.Errorf("%s: %d states to depth %d, %d histories, %d at the end; expected %d, %d, %d, %d", title, less.Distinct, less.Depth,
				len(less.histories), len(less.terminal), len(full.classes), full.Depth, len(full.histories), len(full.terminal))
		}
		if full.Distinct == less.Distinct {
			t.Errorf("%s: nothing was folded", title)
		}
	}
}

// TestFoldedStates: what follows an image of a state are the images of what follows it.
func TestFoldedStates(t *testing.T) {
	for _, b := range []sim.Budget{{Timeout: 1}, {Crash: 1, Timeout: 0}} {
		s := newSpace(t, config(3), 1, b)
		s.Fold()
		compared := 0
		classes, least := map[uint64]uint64{}, map[uint64]bool{} // of histories: the least one under all names
		explore.Explore(t.Context(), s, nil, explore.Options[State]{Jobs: 1, Visit: func(_ int, x State) {
			if !s.foldable(&x) || compared > 20000 {
				return
			}
			// Of each name: the images of what follows, and what follows the image.
			var images, after [][]uint64
			history := ^uint64(0)
			s.Renamed(&x, func(y *State) {
				h := uint64(0)
				for _, l := range y.nodes[:s.count] {
					h = sim.Hash(h, l.history)
				}
				history = min(history, h)
				var prints []uint64
				s.Next(*y, func(_ int, z State) { prints = append(prints, s.plain(&z)) })
				after = append(after, prints)
			})
			if known, ok := classes[s.History(&x)]; ok && known != history || len(after) != len(s.fold.renamings) {
				t.Fatalf("%d names, histories %x and %x are one", len(after), known, history)
			}
			classes[s.History(&x)], least[history] = history, true
			images = make([][]uint64, len(after))
			s.Next(x, func(_ int, z State) {
				p := 0
				s.Renamed(&z, func(y *State) { images[p] = append(images[p], s.plain(y)); p++ })
			})
			for p := range after {
				compared++
				slices.Sort(after[p])
				slices.Sort(images[p])
				if !slices.Equal(after[p], images[p]) {
					t.Fatalf("renaming %d: %d states follow the image, %d are images", p, len(after[p]), len(images[p]))
				}
			}
		}})
		if s.WhyNotFolded() != "" || compared < 1000 || len(classes) != len(least) {
			t.Errorf("%v: %d images compared, %d histories of %d, %s", b, compared, len(classes), len(least), s.WhyNotFolded())
		}
	}
}

// TestFoldedSessions: states whose sessions are in another order are not one.
func TestFoldedSessions(t *testing.T) {
	s := newSpace(t, config(2), 1, sim.Budget{})
	s.Fold()
	x, y := s.initial, s.initial
	m, n := &message{hash: 1, images: images[*message]{hashes: []uint64{1, 1}}}, &message{hash: 2, images: images[*message]{hashes: []uint64{2, 2}}}
	x.ordered, y.ordered = []*message{m, n}, []*message{n, m}
	if n.session = 1; s.Fingerprint(x) != s.Fingerprint(y) {
		t.Error("the order of sessions matters")
	}
	if n.session = 0; s.Fingerprint(x) == s.Fingerprint(y) {
		t.Error("the order within a session does not matter")
	}
}

// TestFoldRefuses: workers that only seem to play the same part are found out.
func TestFoldRefuses(t *testing.T) {
	cfg := config(2)
	cfg.Execution = model.Interactive // the coordinator asks one after the other
	s := newSpace(t, cfg, 1, sim.Budget{})
	s.Fold()
	if explore.Explore(t.Context(), s, nil, explore.Options[State]{}); s.WhyNotFolded() == "" {
		t.Error("a coordinator that asks in order was taken for one that does not")
	}
	cfg = config(2)
	cfg.Protocol = partial{cfg.Protocol}
	s = newSpace(t, cfg, 1, sim.Budget{})
	s.Fold()
	if explore.Explore(t.Context(), s, nil, explore.Options[State]{}); s.WhyNotFolded() == "" {
		t.Error("a worker that never votes was taken for one that does")
	}
	cfg = config(2)
	cfg.Placement = model.OnWorkers
	s = newSpace(t, cfg, 1, sim.Budget{})
	s.Fold()
	if explore.Explore(t.Context(), s, nil, explore.Options[State]{}); s.WhyNotFolded() == "" {
		t.Error("a worker beside the coordinator was taken for one that is elsewhere")
	}
	x := writes(1, 2)
	x.Ops[1].Value = "2"
	s, err := New(config(2), []*model.Transaction{x}, sim.Budget{})
	if err != nil {
		t.Fatal(err)
	}
	if workers := s.Fold(); workers != nil {
		t.Errorf("%v are folded, who write other values", workers)
	}
}

// unlike are pairs of workers that differ in one respect, and in what each does alike.
var unlike = map[string][2]func(n *partner, kind sim.Kind){
	"at the start": {idles, func(n *partner, kind sim.Kind) {
		if kind == model.KindNone {
			n.Env.SetTimer(1, 0)
		}
	}},
	"a record of the trace":   {idles, onBall(func(n *partner) { n.Env.Note(sim.Mail{Kind: ball}, nil) })},
	"an event of the history": {idles, onBall(told)},
	"a timer":                 {idles, onBall(func(n *partner) { n.Env.SetTimer(1, 0) })},
	"how many messages": {
		onBall(func(n *partner) { n.tell(0, sim.Mail{Kind: ball}); n.tell(0, sim.Mail{Kind: ball}) }),
		onBall(func(n *partner) { n.tell(0, sim.Mail{Kind: ball}); n.tell(0, sim.Mail{Kind: ball, Arg: 1}) }),
	},
	"to whom": {
		onBall(func(n *partner) { n.tell(0, sim.Mail{Kind: ball}) }),
		onBall(func(n *partner) { n.tell(n.Workers[1-n.Worker], sim.Mail{Kind: ball}) }),
	},
	"a message twice, or two": {
		func(n *partner, kind sim.Kind) { n.answer(kind, 0) },
		func(n *partner, kind sim.Kind) { n.answer(kind, uint64(kind)) },
	},
	"one state, or two": {
		func(n *partner, kind sim.Kind) { n.state = byte(min(kind, ball)) },
		func(n *partner, kind sim.Kind) { n.state = byte(kind) },
	},
	"a panic": {
		func(n *partner, kind sim.Kind) { n.synced(kind, func() {}) },
		func(n *partner, kind sim.Kind) { n.synced(kind, func() { panic("never") }) },
	},
	"what a crash leaves": {
		onBall(func(n *partner) { told(n); n.tell(0, sim.Mail{Kind: ball}) }),
		onBall(func(n *partner) { n.tell(0, sim.Mail{Kind: ball}); told(n) }),
	},
}

func idles(*partner, sim.Kind) {}

func onBall(do func(n *partner)) func(*partner, sim.Kind) {
	return func(n *partner, kind sim.Kind) {
		if kind == ball {
			do(n)
		}
	}
}

func told(n *partner) {
	if n.Env.Alive() {
		n.Config.History.Record(&model.Event{Kind: model.Answered})
	}
}

// synced does something when a sync is over that nothing had to be written for, which leaves no
// record. The sync is asked for when nothing else is to come.
func (n *partner) synced(kind sim.Kind, do func()) {
	switch {
	case kind == model.KindNone && n.state > 0:
		do()
	case n.state > 4: // both messages have come
		n.Env.Sync()
	}
}

func (n *partner) answer(kind sim.Kind, arg uint64) {
	if kind != model.KindNone {
		n.tell(0, sim.Mail{Kind: ball, Arg: arg})
	}
}

// TestFoldUnlike: of two workers that differ in one respect, each is folded with one like it,
// and not with the other, whichever of the two a search meets first.
func TestFoldUnlike(t *testing.T) {
	for name, does := range unlike { // any order: each for itself
		for i := range 4 {
			cfg := config(2)
			cfg.Protocol = couple{does: [2]func(*partner, sim.Kind){does[i/2], does[i%2]}}
			b := sim.Budget{Timeout: 1}
			if name == "what a crash leaves" {
				b.Crash = 1
			}
			s, err := New(cfg, nil, b)
			if err != nil {
				t.Fatal(err)
			}
			s.Fold()
			r := explore.Explore(t.Context(), s, nil, explore.Options[State]{Jobs: 1})
			if alike := i/2 == i%2; !r.Exhausted || (s.WhyNotFolded() == "") != alike {
				t.Errorf("%s: workers %d and %d: %q", name, i/2, i%2, s.WhyNotFolded())
			}
		}
	}
}

// partial is a protocol whose second worker never answers.
type partial struct{ model.Protocol }

func (p partial) Worker(s *model.Site) sim.Node[model.Message] {
	if s.Env.Name() == "w1" {
		s.Hooks = &model.Hooks{Outgoing: func(sim.NodeID, *sim.Mail, *model.Message) bool { return false }}
	}
	return p.Protocol.Worker(s)
}

// TestFoldNames: under another name each operation becomes the one that stands at its place
// among those of the other worker, and so do the keys.
func TestFoldNames(t *testing.T) {
	x := &model.Transaction{Index: 1, At: model.Unscheduled}
	for i, key := range []string{"a", "b", "c", "d", "a", "b"} {
		x.Ops = append(x.Ops, model.Op{Kind: model.Write, Worker: i % 2, Key: key, Value: string('0' + rune(i/2))})
	}
	var c model.Compiler
	c.Compile(x)
	s, err := New(config(2), []*model.Transaction{x}, sim.Budget{})
	if err != nil {
		t.Fatal(err)
	}
	s.Fold()
	got := fmt.Sprint(s.fold.names(s))
	if want := "[{[map[a:a c:c] map[b:b d:d]] [[0 1 2 3 4 5]]} {[map[a:b c:d] map[b:a d:c]] [[1 0 3 2 5 4]]}]"; got != want {
		t.Errorf("%s, expected %s", got, want)
	}
	if workers := newSpace(t, config(5), 1, sim.Budget{}).Fold(); len(workers) != 1 || len(workers[0]) != 4 {
		t.Errorf("%v are folded, expected as many as have %d names", workers, mostRenamings)
	}
}

// TestPermutations: all orders within the parts, none twice, the first as it is.
func TestPermutations(t *testing.T) {
	all := permutations([][]int{{0, 2, 3}, {1, 4}}, 5)
	if len(all) != 12 || !slices.Equal(all[0], []int{0, 1, 2, 3, 4}) {
		t.Errorf("%v", all)
	}
	seen := map[string]bool{}
	for _, p := range all {
		if seen[fmt.Sprint(p)] || p[1] != 1 && p[1] != 4 {
			t.Errorf("%v", p)
		}
		seen[fmt.Sprint(p)] = true
	}
}
