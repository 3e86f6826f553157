package space

import (
	"fmt"
	"strings"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// The kinds of actions: action.what.
const (
	deliver        = iota // the message at an index of State.flight arrives
	deliverSession        // the message at an index of State.ordered arrives
	deliverTwice          // a message of flight arrives, and a copy stays in flight
	lose                  // a message of flight is lost
	ownEvent              // a timer, a sync or a restart of the node's own
	crash                 // a node crashes between two steps
)

// action is one step of the cluster. Its numbers are indexes into the state before it.
type action struct {
	what int
	node int // of ownEvent and crash
	at   int // the message, or, of ownEvent, the one of local.pending
	cut  int // the boundary at which the node crashes in the step, from 1; 0: it does not
}

// Where the parts of an action stand in the number that a search knows it by; the cut has
// what is left.
const (
	whatBits = 3
	nodeBits = 4
	atBits   = 12

	nodeAt = whatBits
	atAt   = nodeAt + nodeBits
	cutAt  = atAt + atBits
)

func (a action) pack() int { return a.what | a.node<<nodeAt | a.at<<atAt | a.cut<<cutAt }

func unpack(n int) action {
	return action{n & (1<<whatBits - 1), n >> nodeAt & (1<<nodeBits - 1), n >> atAt & (1<<atBits - 1), n >> cutAt}
}

// Fault reports whether an action from one state to another uses up a budget. A timer does
// so only if it fires early and the budget of timeouts is bounded.
func Fault(n int, from, to State) bool {
	a := unpack(n)
	return a.what == deliverTwice || a.what == lose || a.what == crash || a.cut > 0 || from.left[timeoutBudget] != to.left[timeoutBudget]
}

// message returns the message that an action is about.
func (x *State) message(a action) *message {
	if a.what == deliverSession {
		return x.ordered[a.at]
	}
	return x.flight[a.at]
}

// input returns the input that an action brings to its node.
func (x *State) input(a action) input {
	switch a.what {
	case ownEvent:
		return x.nodes[a.node].pending[a.at]
	case crash:
		return input{op: sim.InputCrash}
	}
	return input{op: sim.InputMessage, m: x.message(a)}
}

// Action implements explore.System. It prints numbers only; Text prints words, as it knows
// the state.
func (s *Space) Action(n int) string { return fmt.Sprint(unpack(n)) }

var ownText = map[sim.InputOp]string{sim.InputTimer: "times out", sim.InputSync: "has its log synced",
	sim.InputSynced: "hears that its log is synced", sim.InputRestart: "restarts"}

// Text prints an action in a state.
func (s *Space) Text(x *State, n int) string {
	a := unpack(n)
	text := ""
	switch a.what {
	case deliver, deliverSession, deliverTwice, lose:
		m := x.message(a)
		word := "gets"
		if x.nodes[m.to].down {
			word = "is down and misses"
		}
		if a.what == lose {
			word = "never gets"
		}
		text = fmt.Sprintf("%s %s %q of %s from %s", s.format.Node(m.to), word, s.format.Message(m.mail.Kind, &m.msg), s.format.Attempt(m.msg.Attempt), s.format.Node(m.from))
		if a.what == deliverTwice {
			text += ", which will come again"
		}
	case ownEvent:
		text = s.format.Node(sim.NodeID(a.node)) + " " + ownText[x.nodes[a.node].pending[a.at].op]
	case crash:
		text = s.format.Node(sim.NodeID(a.node)) + " crashes"
	}
	if a.what != lose {
		text += s.ending(x, a)
	}
	return text
}

// ending says where within its step a node crashes in an action, and what it panics with.
func (s *Space) ending(x *State, a action) (text string) {
	in, n := x.input(a), sim.NodeID(a.node)
	if in.m != nil {
		n = in.m.to
	}
	r := s.react(x.nodes[n], in)
	to := r.to
	for _, c := range r.cuts {
		if c.at == a.cut {
			to, text = c.to, " and crashes "+s.where(&c.where)
		}
	}
	if to.panics != "" {
		text += " and panics: " + to.panics
	}
	return text
}

// where prints a boundary as fault lines do.
func (s *Space) where(b *sim.Boundary) string {
	text := b.Point.String()
	if b.Kind != model.KindNone {
		text = strings.TrimSuffix(text, " step") + " " + s.format.Kind(b.Kind)
	}
	if b.Point == sim.BeforeSend || b.Point == sim.AfterSend {
		text += " to " + s.format.Node(b.Peer)
	}
	return text
}

// Choice is an action, described as a choice of a world whose schedule is sim.Exhaustive.
type Choice struct {
	Fault   int        // sim.FaultNone and so on
	Cut     int        // of sim.FaultCut: the boundary, from 0
	Node    sim.NodeID // whose event it is
	Op      sim.InputOp
	Token   uint64     // of a timer: its model.TimerName
	From    sim.NodeID // of a message, as is:
	Session sim.Label  // see sim.Sent
	Hash    uint64     // model.MessageHash
}

// Choice translates an action in a state.
func (s *Space) Choice(x *State, n int) Choice {
	a := unpack(n)
	c := Choice{Node: sim.NodeID(a.node)}
	switch a.what {
	case deliver, deliverSession, deliverTwice, lose:
		m := x.message(a)
		c.Op, c.Node, c.From, c.Session, c.Hash = sim.InputMessage, m.to, m.from, m.session, m.hash
		c.Fault = [...]int{deliver: sim.FaultNone, deliverSession: sim.FaultNone, deliverTwice: sim.FaultTwice, lose: sim.FaultDrop}[a.what]
	case ownEvent:
		in := x.nodes[a.node].pending[a.at]
		c.Op, c.Token = in.op, in.token
	case crash:
		c.Op, c.Fault = sim.InputCrash, sim.FaultCrash+a.node
	}
	if a.cut > 0 {
		c.Fault, c.Cut = sim.FaultCut, a.cut-1
	}
	return c
}
