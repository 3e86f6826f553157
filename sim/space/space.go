package space

import (
	"cmp"
	"fmt"
	"slices"
	"sync"

	"github.com/seed83d86191/txsim/sim"
)

// Space is a System of package explore: the nodes of a world, their messages on the way, and
// what is left of a budget. M is the type of messages, V what an invariant sees of a node. It
// is safe for concurrent use.
//
// There is no time, no cost and no chance. Nodes must be sim.StateAppenders: those of equal
// bytes, logs and timers are one. Equal messages on their way are one, too, whatever their
// Again is, but for those of sessions, which keep their order.
type Space[M, V any] struct {
	view    func(sim.Node[M]) V
	text    func(*sim.Mail, *M) string
	budget  sim.Budget
	names   []string
	initial State[M, V]
	benches sync.Pool

	mu      sync.Mutex // guards what follows, and local.known
	locals  map[uint64]*local[M, V]
	mail    map[uint64]*letter[M]
	actions []action
	numbers map[action]int
}

// action is something that may be next.
type action struct {
	what what
	n    sim.NodeID
	in   own
	cut  cutAt
}

// cutAt is the boundary at which a node crashes in a step; 0: it does not.
type cutAt struct {
	number int
	where  string
}

// what is a kind of action.
type what uint8

const (
	deliver what = iota
	deliverTwice
	drop
	event // of a node's own: a timer, a sync or its restart
	early // a timer that fires though something else could come first
	crash
)

// State is a state of a Space.
type State[M, V any] struct {
	nodes []*local[M, V] // immutable
	mail  []*letter[M]   // immutable; sorted, those of sessions behind the others, each session in its order
	left  sim.Budget
}

// New returns the space of the nodes of a world that has not run. World is called for each
// goroutine that explores, and makes the same nodes each time. View makes of a node what
// State.Node returns, which must not change when the node does; nil if no invariant needs it.
// Text prints a message, and tells it apart from others of its kind, label and Arg; nil prints
// all of it, which will do if M holds no pointers.
func New[M, V any](world func() *sim.World[M], budget sim.Budget, view func(sim.Node[M]) V, text func(*sim.Mail, *M) string) *Space[M, V] {
	s := &Space[M, V]{
		view: view, text: text, budget: budget,
		locals: map[uint64]*local[M, V]{}, mail: map[uint64]*letter[M]{}, numbers: map[action]int{},
	}
	if s.text == nil {
		s.text = func(mail *sim.Mail, m *M) string {
			return fmt.Sprintf("kind %d, label %d: %v", mail.Kind, mail.Label, *m)
		}
	}
	s.benches.New = func() any { return sim.NewBench(world()) }
	w := world()
	s.initial.left = budget
	b := s.benches.Get().(*sim.Bench[M])
	defer s.benches.Put(b)
	for n := range sim.NodeID(w.Nodes()) {
		s.names = append(s.names, w.Name(n))
		b.Begin(n)
		sent := s.letters(n, b)
		s.initial.nodes = append(s.initial.nodes, s.local(b, n, nil))
		s.initial.post(sent)
	}
	return s
}

// Node returns what is seen of a node, and whether it is up.
func (x *State[M, V]) Node(n sim.NodeID) (view V, up bool) {
	return x.nodes[n].view, x.nodes[n].up
}

// Mail returns how many messages are on their way.
func (x *State[M, V]) Mail() int { return len(x.mail) }

// AtRest reports whether nothing can come any more but faults: no message is on its way, no
// timer is set, and no node syncs or is down. It is an explore.Options.End of nodes that
// come to rest.
func (s *Space[M, V]) AtRest(x State[M, V]) bool {
	return len(x.mail) == 0 && !slices.ContainsFunc(x.nodes, func(l *local[M, V]) bool { return len(l.pending) > 0 })
}

// Initial implements explore.System.
func (s *Space[M, V]) Initial() []State[M, V] { return []State[M, V]{s.initial} }

// Fingerprint implements explore.System.
func (s *Space[M, V]) Fingerprint(x State[M, V]) uint64 {
	h := sim.Hash(uint64(x.left.Crash), uint64(x.left.Drop), uint64(x.left.Duplicate), uint64(x.left.Timeout))
	for _, l := range x.nodes {
		h = sim.Hash(h, l.hash)
	}
	for _, m := range x.mail {
		h = sim.Hash(h, m.hash)
	}
	return h
}

// Next implements explore.System.
func (s *Space[M, V]) Next(x State[M, V], to func(action int, next State[M, V])) {
	emit := func(a action, next State[M, V]) { to(s.number(a), next) }
	urgent := false // something but timers can come
	for i, m := range x.mail {
		if m.InSession && slices.ContainsFunc(x.mail[:i], m.sameSession) {
			continue
		}
		urgent = true
		s.arrivals(&x, i, emit)
	}
	for _, l := range x.nodes {
		for _, p := range l.pending {
			urgent = urgent || p.op != sim.InputTimer
		}
	}
	for n, l := range x.nodes {
		for _, p := range l.pending {
			a, left := action{what: event, n: l.n, in: p}, x.left
			if p.op == sim.InputTimer && urgent && left.Timeout != sim.Unbounded {
				if left.Timeout == 0 {
					continue
				}
				a.what = early
				left.Timeout--
			}
			s.step(&x, a, sim.Input[M]{Op: p.op, Token: p.token}, x.mail, left, emit)
		}
		if l.up && x.left.Crash != 0 {
			in := own{op: sim.InputCrash}
			next := x.with(n, s.react(l, in, sim.Input[M]{Op: in.op}).to, x.mail, nil)
			next.left.Crash = spend(next.left.Crash)
			emit(action{what: crash, n: l.n, in: in}, next)
		}
	}
}

// arrivals has the i-th message arrive, arrive and come again, or get lost.
func (s *Space[M, V]) arrivals(x *State[M, V], i int, to func(action, State[M, V])) {
	m := x.mail[i]
	rest := slices.Delete(slices.Clone(x.mail), i, i+1)
	in := sim.Input[M]{Op: sim.InputMessage, From: m.from, Mail: m.Mail, Msg: &m.Msg}
	a := action{n: m.To, in: own{sim.InputMessage, m.hash}}
	s.step(x, a, in, rest, x.left, to)
	if m.InSession {
		return
	}
	if x.left.Duplicate != 0 {
		left := x.left
		left.Duplicate = spend(left.Duplicate)
		a.what = deliverTwice
		s.step(x, a, in, x.mail, left, to)
	}
	if x.left.Drop != 0 {
		next := *x
		next.mail, next.left.Drop = rest, spend(next.left.Drop)
		a.what = drop
		to(a, next)
	}
}

// step has a node react, or crash on the way.
func (s *Space[M, V]) step(x *State[M, V], a action, in sim.Input[M], mail []*letter[M], left sim.Budget, to func(action, State[M, V])) {
	r := s.react(x.nodes[a.n], a.in, in)
	next := x.with(int(a.n), r.to, mail, r.sent)
	next.left = left
	to(a, next)
	if left.Crash == 0 {
		return
	}
	left.Crash = spend(left.Crash)
	for _, c := range r.cuts {
		next := x.with(int(a.n), c.to, mail, c.sent)
		next.left = left
		a.cut = c.cutAt
		to(a, next)
	}
}

// Fault reports whether an action is a fault; it is an explore.Options.Fault.
func (s *Space[M, V]) Fault(number int, _, _ State[M, V]) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.actions[number]
	return a.cut.number > 0 || a.what != deliver && a.what != event
}

// Action implements explore.System.
func (s *Space[M, V]) Action(number int) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.actions[number]
	text := s.names[a.n]
	if a.in.op == sim.InputMessage {
		m := s.mail[a.in.token]
		verb := map[what]string{deliver: "gets", deliverTwice: "gets, of two,", drop: "never gets"}[a.what]
		text += fmt.Sprintf(" %s %s from %s", verb, m.text, s.names[m.from])
	} else {
		text += map[sim.InputOp]string{
			sim.InputTimer: fmt.Sprintf(" has timer %d fire", a.in.token), sim.InputSync: " has its log synced",
			sim.InputSynced: " hears that its log is synced", sim.InputCrash: " crashes", sim.InputRestart: " restarts",
		}[a.in.op]
	}
	if a.cut.number > 0 {
		text += " and crashes " + a.cut.where
	}
	return text
}

func (s *Space[M, V]) number(a action) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, ok := s.numbers[a]
	if !ok {
		i = len(s.actions)
		s.actions, s.numbers[a] = append(s.actions, a), i
	}
	return i
}

func spend(n int) int {
	if n == sim.Unbounded {
		return n
	}
	return n - 1
}

// with returns the state in which a node has become another and has sent these.
func (x *State[M, V]) with(n int, l *local[M, V], mail, sent []*letter[M]) State[M, V] {
	next := State[M, V]{nodes: slices.Clone(x.nodes), mail: mail, left: x.left}
	next.nodes[n] = l
	next.post(sent)
	return next
}

// post puts messages on their way.
func (x *State[M, V]) post(sent []*letter[M]) {
	for _, m := range sent {
		x.mail = slices.Clip(x.mail)
		if m.InSession { // what goes before is of its session, or of one that is sorted before
			i := len(x.mail)
			for i > 0 && x.mail[i-1].InSession && m.bySession(x.mail[i-1]) < 0 {
				i--
			}
			x.mail = slices.Insert(x.mail, i, m)
			continue
		}
		i, there := slices.BinarySearchFunc(x.mail, m, func(o, m *letter[M]) int {
			if o.InSession {
				return 1
			}
			return cmp.Compare(o.hash, m.hash)
		})
		if !there {
			x.mail = slices.Insert(x.mail, i, m)
		}
	}
}

// bySession orders messages by their sessions.
func (m *letter[M]) bySession(o *letter[M]) int {
	return cmp.Or(cmp.Compare(m.from, o.from), cmp.Compare(m.To, o.To), cmp.Compare(m.Session, o.Session))
}

func (m *letter[M]) sameSession(o *letter[M]) bool { return o.InSession && m.bySession(o) == 0 }
