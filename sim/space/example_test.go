package space_test

import (
	"context"
	"fmt"
	"time"

	"github.com/seed83d86191/txsim/sim"
	"github.com/seed83d86191/txsim/sim/explore"
	"github.com/seed83d86191/txsim/sim/space"
)

// The kinds of messages, and of the record of a vote.
const (
	kindAsk sim.Kind = iota + 1
	kindVote
)

// candidate stands for election once its timer fires, and leads with the votes of two of
// three; it gives its own vote once a term. If it is hasty, it does not wait until its vote is
// durable.
type candidate struct {
	env     *sim.Env[int] // a message is a term
	hasty   bool
	term    int // in which it has voted
	votes   [3]bool
	leads   int        // the term that it leads, 0 for none
	pending sim.NodeID // whom it votes for once that is durable
	record  sim.LSN
}

func (c *candidate) Start() { c.env.SetTimer(time.Second, 0) }

func (c *candidate) Fired(uint64) {
	if c.term < 2 {
		c.votes = [3]bool{}
		c.vote(c.term+1, c.env.ID())
	}
}

func (c *candidate) vote(term int, to sim.NodeID) {
	c.term, c.pending = term, to
	c.record = c.env.Append(kindVote, sim.Label(term), nil)
	c.env.Sync()
	if c.hasty {
		c.Synced(c.record)
	}
}

func (c *candidate) Synced(lsn sim.LSN) {
	switch me := c.env.ID(); {
	case c.pending == sim.Nobody || lsn < c.record: // it was an earlier record
		return
	case c.pending != me:
		c.env.Send(c.pending, sim.Mail{Kind: kindVote, Label: sim.Label(c.term)}, c.term)
	default:
		c.votes[me] = true
		for n := range sim.NodeID(3) {
			if n != me {
				c.env.Send(n, sim.Mail{Kind: kindAsk, Label: sim.Label(c.term)}, c.term)
			}
		}
	}
	c.pending = sim.Nobody
}

func (c *candidate) Receive(from sim.NodeID, mail sim.Mail, term *int) {
	switch {
	case mail.Kind == kindAsk && *term > c.term:
		c.vote(*term, from)
	case mail.Kind == kindVote && *term == c.term:
		if c.votes[from] = true; c.votes[c.env.ID()] {
			c.leads = c.term
		}
	}
}

func (c *candidate) Recover(log sim.Recovery) {
	for rec := range log.Records() {
		c.term = int(rec.Label)
	}
	c.env.SetTimer(time.Second, 0)
}

func (c *candidate) AppendState(b []byte) []byte {
	return fmt.Append(b, c.term, c.votes, c.leads, c.pending)
}

func search(hasty bool) {
	world := func() *sim.World[int] {
		w := sim.New(sim.Config[int]{})
		for _, name := range []string{"a", "b", "c"} {
			w.AddNode(name, func(e *sim.Env[int]) sim.Node[int] { return &candidate{env: e, hasty: hasty, pending: sim.Nobody} })
		}
		return w
	}
	leads := func(n sim.Node[int]) int { return n.(*candidate).leads }
	text := func(mail *sim.Mail, term *int) string {
		return fmt.Sprintf("%s in term %d", map[sim.Kind]string{kindAsk: "ask", kindVote: "vote"}[mail.Kind], *term)
	}
	s := space.New(world, sim.Budget{Crash: 1, Timeout: sim.Unbounded}, leads, text)
	one := explore.Invariant[space.State[int, int]]{Name: "one leader a term", Holds: func(x space.State[int, int]) bool {
		var seen [3]int
		for n := range sim.NodeID(3) {
			leads, _ := x.Node(n)
			seen[leads]++
		}
		return seen[1] < 2 && seen[2] < 2
	}}
	r := explore.Explore(context.Background(), s, []explore.Invariant[space.State[int, int]]{one}, explore.Options[space.State[int, int]]{})
	if r.Violation == nil {
		fmt.Println(r.Distinct, "states, exhausted:", r.Exhausted)
		return
	}
	fmt.Println("broken:", r.Violation.Invariant)
	for _, step := range r.Violation.Steps {
		fmt.Println(s.Action(step.Action))
	}
}

// An election is explored in which votes are durable before they are given, and one in which
// they are not.
func Example() {
	search(false)
	search(true)
	// Output:
	// 144936 states, exhausted: true
	// broken: one leader a term
	// a has timer 0 fire
	// b gets ask in term 1 from a and crashes after send of vote in term 1 to a
	// a gets vote in term 1 from b
	// b restarts
	// b has timer 0 fire
	// c gets ask in term 1 from b
	// b gets vote in term 1 from c
}
