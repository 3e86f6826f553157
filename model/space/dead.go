package space

import (
	"context"
	"errors"
	"slices"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// Reduce looks, for each state that a node might be in, which messages it will
// ignore from then on, whatever else happens. Such a message need not be in flight:
// it can change nothing any more, and whether it has arrived already or not is all
// the same. The states without it stand for those with it, and every other message,
// every reaction and every history is as before.
//
// What a node might be in is found out for each node alone: it may get any message
// that any node might ever send to it, any number of times and in any order. That is
// more than can happen, so that nothing is taken for dead that is not.
func (s *Space) Reduce(ctx context.Context) error {
	c := &closure{s: s, known: map[*local]bool{}, to: make([][]*message, s.count), sent: map[*message]bool{}, before: map[*local][]*local{}, alive: map[*message][]*local{}}
	for n := range s.count {
		c.add(nil, s.initial.nodes[n])
		c.send(s.initial.nodes[n].first)
	}
	// A state has met the first done[l] messages to its node.
	done := map[*local]int{}
	for changed := true; changed; {
		changed = false
		for i := 0; i < len(c.locals); i++ {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if s.Reactions() > mostClosed {
				return ErrTooMany
			}
			l := c.locals[i]
			if _, begun := done[l]; !begun {
				done[l] = 0
				c.ownSteps(l)
				changed = true
			}
			for ; done[l] < len(c.to[l.node]); done[l]++ {
				c.meet(l, c.to[l.node][done[l]])
				changed = true
			}
		}
	}
	c.mark()
	return nil
}

// mostClosed bounds the reactions that Reduce looks at.
const mostClosed = 250_000

// ErrTooMany says that there seems to be no end to what a node might be in.
var ErrTooMany = errors.New("too many states that a node might be in")

// closure is what nodes might be in and might send.
type closure struct {
	s      *Space
	locals []*local
	known  map[*local]bool
	to     [][]*message // by node
	sent   map[*message]bool
	before map[*local][]*local   // from which a state might be reached in one step
	alive  map[*message][]*local // states that do not ignore the message
}

func (c *closure) add(from, l *local) {
	if from != nil && from != l {
		c.before[l] = append(c.before[l], from)
	}
	if !c.known[l] {
		c.known[l] = true
		c.locals = append(c.locals, l)
	}
}

func (c *closure) send(x sent) {
	for _, m := range slices.Concat(x.free, x.session) {
		if !c.sent[m] {
			c.sent[m] = true
			c.to[m.to] = append(c.to[m.to], m)
		}
	}
}

// react follows a reaction, and its cuts as far as the node may still crash.
func (c *closure) react(l *local, in input) *reaction {
	r := c.s.react(l, in)
	c.add(l, r.to)
	c.send(r.sent)
	if c.mayCrash(l) {
		for _, x := range r.cuts {
			c.add(l, x.to)
			c.send(x.sent)
		}
	}
	return r
}

func (c *closure) mayCrash(l *local) bool { return l.crashes < c.s.budget.Crash }

func (c *closure) ownSteps(l *local) {
	for _, in := range l.pending {
		c.react(l, in)
	}
	if c.mayCrash(l) && !l.down && l.node != c.s.client {
		c.react(l, input{op: sim.InputCrash})
	}
}

// meet has a node get a message. A client sends each request once.
func (c *closure) meet(l *local, m *message) {
	if m.mail.Kind == model.KindRequest && l.begun&c.s.attempt(m.mail.Label) != 0 {
		return
	}
	if r := c.react(l, input{op: sim.InputMessage, m: m}); r.to != l || !r.none() {
		c.alive[m] = append(c.alive[m], l)
	}
}

// mark notes at each state the messages that are dead there: those that no state
// that might follow reacts to.
func (c *closure) mark() {
	for _, list := range c.to {
		for _, m := range list {
			alive := map[*local]bool{}
			todo := c.alive[m]
			for len(todo) > 0 {
				l := todo[len(todo)-1]
				todo = todo[:len(todo)-1]
				if !alive[l] {
					alive[l] = true
					todo = append(todo, c.before[l]...)
				}
			}
			for _, l := range c.locals {
				if l.node == m.to && !alive[l] {
					if l.dead == nil {
						l.dead = map[*message]bool{}
					}
					l.dead[m] = true
				}
			}
		}
	}
	c.s.reduced = true
}

// living is the flight without the messages that are dead in a state.
func (s *Space) living(x *State) {
	flight := x.flight // in the lines they keep their place
	for i, m := range flight {
		if x.nodes[m.to].dead[m] {
			kept := append([]*message(nil), flight[:i]...)
			for _, m := range flight[i+1:] {
				if !x.nodes[m.to].dead[m] {
					kept = append(kept, m)
				}
			}
			x.flight = kept
			return
		}
	}
}
