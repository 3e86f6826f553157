package space

import (
	"fmt"
	"slices"

	"github.com/seed83d86191/txsim/sim"
)

// letter is a message on its way. Equal ones are one: see Space.letter.
type letter[M any] struct {
	from sim.NodeID
	sim.Sent[M]
	hash uint64
	text string
}

// local is what a node has become. It is immutable but for what it is known to do.
type local[M, V any] struct {
	n       sim.NodeID
	past    []sim.Input[M] // a shortest one, since its start
	hash    uint64
	up      bool
	view    V
	pending []own // what it waits for by itself

	known map[own]*reaction[M, V] // by input; guarded by Space.mu
}

// own is an input, as far as it tells two apart: of a message, token is its hash.
type own struct {
	op    sim.InputOp
	token uint64
}

// reaction is what becomes of a node by an input.
type reaction[M, V any] struct {
	to   *local[M, V]
	sent []*letter[M]
	cuts []cut[M, V] // what a crash within the step makes of it instead
}

type cut[M, V any] struct {
	cutAt
	to   *local[M, V]
	sent []*letter[M]
}

// react has a node react to one input more, with a crash at each boundary of that step, and
// at none. Whoever does it at the same time comes to the same.
func (s *Space[M, V]) react(l *local[M, V], what own, in sim.Input[M]) *reaction[M, V] {
	s.mu.Lock()
	r := l.known[what]
	s.mu.Unlock()
	if r != nil {
		return r
	}
	b := s.benches.Get().(*sim.Bench[M])
	defer s.benches.Put(b)
	to, sent := s.again(b, l, in)
	r = &reaction[M, V]{to: to, sent: sent}
	boundaries := b.Boundaries()
	if s.budget.Crash != 0 && to.up {
		for in.Cut = 1; in.Cut <= boundaries; in.Cut++ {
			to, sent := s.again(b, l, in)
			same := func(c cut[M, V]) bool { return c.to == to && slices.Equal(c.sent, sent) }
			if !slices.ContainsFunc(r.cuts, same) {
				r.cuts = append(r.cuts, cut[M, V]{cutAt{in.Cut, s.where(b.Struck(), r.sent, len(sent))}, to, sent})
			}
		}
	}
	s.mu.Lock()
	l.known[what] = r
	s.mu.Unlock()
	return r
}

// where says where in a step a node crashes: all are the messages of the step, of which
// some were sent before.
func (s *Space[M, V]) where(b sim.Boundary, all []*letter[M], sent int) string {
	switch b.Point {
	case sim.AfterSend:
		sent--
		fallthrough
	case sim.BeforeSend:
		return fmt.Sprintf("%s of %s to %s", b.Point, all[sent].text, s.names[b.Peer])
	}
	if b.Kind == 0 {
		return b.Point.String()
	}
	return fmt.Sprintf("%s of kind %d", b.Point, b.Kind)
}

// again has a node do all that it has done, and react to one input more.
func (s *Space[M, V]) again(b *sim.Bench[M], l *local[M, V], in sim.Input[M]) (*local[M, V], []*letter[M]) {
	b.Begin(l.n)
	for i := range l.past {
		b.Step(&l.past[i])
	}
	b.Step(&in)
	return s.local(b, l.n, append(slices.Clip(l.past), in)), s.letters(l.n, b)
}

// letters returns what the last step of a bench has sent.
func (s *Space[M, V]) letters(from sim.NodeID, b *sim.Bench[M]) []*letter[M] {
	var all []*letter[M]
	for _, m := range b.Sent() {
		all = append(all, s.letter(from, m))
	}
	return all
}

// letter returns the one letter that stands for all equal ones.
func (s *Space[M, V]) letter(from sim.NodeID, m sim.Sent[M]) *letter[M] {
	text := s.text(&m.Mail, &m.Msg)
	h := sim.Hash(uint64(from), uint64(m.To), uint64(m.Session), uint64(m.Mail.Kind), uint64(m.Mail.Label), m.Mail.Arg)
	h = sim.HashString(h, text)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.mail[h] == nil {
		s.mail[h] = &letter[M]{from, m, h, text}
	}
	return s.mail[h]
}

// local returns the one local that stands for all that are like the bench's node.
func (s *Space[M, V]) local(b *sim.Bench[M], n sim.NodeID, past []sim.Input[M]) *local[M, V] {
	l := &local[M, V]{n: n, past: past, known: map[own]*reaction[M, V]{}}
	h := sim.Hash(uint64(n), uint64(b.Incarnation()))
	node := b.Node()
	if l.up = node != nil; l.up {
		state, ok := node.(sim.StateAppender)
		if !ok {
			panic(fmt.Sprintf("space: %T is no sim.StateAppender", node))
		}
		h = sim.HashString(h, string(state.AppendState(nil)))
	}
	b.Checkpoints(func(safe, behind int, state []byte) {
		h = sim.HashString(sim.Hash(h, 1, uint64(safe), uint64(behind)), string(state))
	})
	for rec, safe := range b.Log() {
		h = sim.HashString(sim.Hash(h, 2, uint64(safe), uint64(rec.Kind), uint64(rec.Label)), string(rec.Data))
	}
	for op, token := range b.Pending {
		if w := (own{op, token}); !slices.Contains(l.pending, w) {
			l.pending = append(l.pending, w)
		}
		h = sim.Hash(h, 3, uint64(op), token)
	}
	l.hash = h
	s.mu.Lock()
	defer s.mu.Unlock()
	if known := s.locals[h]; known != nil {
		return known
	}
	if l.up && s.view != nil {
		l.view = s.view(node)
	}
	s.locals[h] = l
	return l
}
