package explore_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/seed83d86191/txsim/sim"
	"github.com/seed83d86191/txsim/sim/explore"
)

// What the register and the clerks, who each add one to it, say to each other.
const (
	kindRead sim.Kind = iota
	kindValue
	kindWrite
)

var kindNames = [...]string{"read", "value", "write"}

// party is what both have in common; none has timers, a log, or a life after a crash.
type party struct {
	env   *sim.Env[int]
	state int // the register's value, or how far a clerk is
}

func (p *party) Recover(sim.Recovery)        {}
func (p *party) Fired(uint64)                {}
func (p *party) Synced(sim.LSN)              {}
func (p *party) AppendState(b []byte) []byte { return strconv.AppendInt(b, int64(p.state), 10) }

type register struct{ party }

func (r *register) Start() {}

func (r *register) Receive(from sim.NodeID, mail sim.Mail, m *int) {
	if mail.Kind == kindRead {
		r.env.Send(from, sim.Mail{Kind: kindValue}, r.state)
		return
	}
	r.state = *m
}

type clerk struct{ party }

func (c *clerk) Start() { c.env.Send(0, sim.Mail{Kind: kindRead}, 0) }

func (c *clerk) Receive(from sim.NodeID, _ sim.Mail, m *int) {
	c.state++
	c.env.Send(from, sim.Mail{Kind: kindWrite}, *m+1)
}

// office is a System of nodes: an action is that a message arrives. Where nodes have
// timers or logs, what Bench.Pending yields are further ones, and a crash always is.
type office struct{ bench *sim.Bench[int] }

type officeState struct {
	past  [3][]sim.Input[int] // what each node has reacted to since its start
	nodes [3]string           // what has become of them, as AppendState says
	mail  []letter            // on its way
}

type letter struct {
	from sim.NodeID
	sim.Sent[int]
}

// after is the state in which a node has reacted to more: it does all again, as a bench
// keeps nothing of it while another node has its turn.
func (o office) after(s officeState, n sim.NodeID, more ...sim.Input[int]) officeState {
	s.past[n], s.mail = slices.Concat(s.past[n], more), slices.Clone(s.mail)
	o.bench.Begin(n)
	for i := range s.past[n] {
		o.bench.Step(&s.past[n][i])
	}
	for _, m := range o.bench.Sent() {
		s.mail = append(s.mail, letter{n, m})
	}
	s.nodes[n] = string(o.bench.Node().(sim.StateAppender).AppendState(nil))
	return s
}

func (o office) Initial() []officeState {
	var s officeState
	for n := range s.past {
		s = o.after(s, sim.NodeID(n))
	}
	return []officeState{s}
}

func (o office) Next(s officeState, to func(action int, next officeState)) {
	for i, l := range s.mail {
		rest := s
		rest.mail = slices.Delete(slices.Clone(s.mail), i, i+1)
		in := sim.Input[int]{Op: sim.InputMessage, From: l.from, Mail: l.Mail, Msg: &l.Msg}
		to(int(l.Mail.Kind)*3+int(max(l.from, l.To)), o.after(rest, l.To, in))
	}
}

func (o office) Fingerprint(s officeState) uint64 {
	var mail uint64 // in any order
	for _, l := range s.mail {
		mail += sim.Hash(uint64(l.from), uint64(l.To), uint64(l.Mail.Kind), uint64(l.Msg))
	}
	return sim.HashString(mail, fmt.Sprint(s.nodes))
}

func (o office) Action(a int) string { return fmt.Sprintf("%s of clerk %d", kindNames[a/3], a%3) }

// Find the shortest way to a lost update in a system of nodes of one's own.
func Example_nodes() {
	world := sim.New(sim.Config[int]{})
	world.AddNode("register", func(e *sim.Env[int]) sim.Node[int] { return &register{party{env: e}} })
	for _, name := range []string{"clerk 1", "clerk 2"} {
		world.AddNode(name, func(e *sim.Env[int]) sim.Node[int] { return &clerk{party{env: e}} })
	}
	sys := office{sim.NewBench(world)}
	added := explore.Invariant[officeState]{Name: "nothing is lost", Holds: func(s officeState) bool {
		return len(s.mail) > 0 || s.nodes[0] == "2"
	}}
	one := explore.Options[officeState]{Jobs: 1} // as there is one bench
	r := explore.Explore(context.Background(), sys, []explore.Invariant[officeState]{added}, one)
	fmt.Println("broken:", r.Violation.Invariant)
	for _, step := range r.Violation.Steps {
		fmt.Println(sys.Action(step.Action), step.State.nodes)
	}
	// Output:
	// broken: nothing is lost
	// read of clerk 1 [0 0 0]
	// read of clerk 2 [0 0 0]
	// value of clerk 1 [0 1 0]
	// value of clerk 2 [0 1 1]
	// write of clerk 1 [1 1 1]
	// write of clerk 2 [1 1 1]
}
