package sim_test

import (
	"context"
	"fmt"
	"time"

	"github.com/seed83d86191/txsim/sim"
)

// The kinds of message.
const (
	kindPing sim.Kind = iota + 1
	kindPong
)

// ball is the message; any flat type will do.
type ball struct{ round int }

// player plays ping-pong over a link that loses every fifth message. The one
// that serves sends each ball again until it comes back.
type player struct {
	env    *sim.Env[ball]
	to     sim.NodeID
	serves bool
	round  int
	sent   uint32 // times that the ball of this round was sent
	retry  sim.Timer
}

func (p *player) Start() {
	if p.serves {
		p.serve()
	}
}

func (p *player) serve() {
	p.env.Send(p.to, sim.Mail{Kind: kindPing, Label: sim.Label(p.round), Again: p.sent}, ball{p.round})
	p.sent++
	p.retry = p.env.SetTimer(50*time.Millisecond, 0)
}

func (p *player) Fired(uint64) { p.serve() }

func (p *player) Receive(from sim.NodeID, mail sim.Mail, b *ball) {
	if mail.Kind == kindPing {
		p.round++ // so that each answer meets a fate of its own
		p.env.Send(from, sim.Mail{Kind: kindPong, Label: mail.Label, Again: uint32(p.round)}, *b)
		return
	}
	if b.round != p.round {
		return // the answer to an earlier sending: the ball is back already
	}
	p.env.Cancel(p.retry)
	fmt.Printf("%v round %d, sent %d times\n", p.env.Now(), p.round, p.sent)
	if p.round, p.sent = p.round+1, 0; p.round < 5 {
		p.serve()
	}
}

func (p *player) Recover(sim.Recovery) {} // nobody crashes here
func (p *player) Synced(sim.LSN)       {} // and nobody has a log

// A game of ping-pong over a lossy link: the kernel knows nothing of
// transactions, and two nodes with a timer are a simulation.
func Example() {
	delay, _ := sim.ParseDist("exp(10ms)")
	world := sim.New(sim.Config[ball]{
		Seed:    2,
		Network: sim.Network{Links: []sim.Link{{Delay: delay, Loss: sim.ProbabilityOf(0.2)}}},
	})
	world.AddNode("alice", func(env *sim.Env[ball]) sim.Node[ball] { return &player{env: env, to: 1, serves: true} })
	world.AddNode("bob", func(env *sim.Env[ball]) sim.Node[ball] { return &player{env: env, to: 0} })

	status := world.Run(context.Background())
	s := world.Stats()
	fmt.Printf("%v: %d sent, %d lost\n", status, s.Messages, s.Lost[sim.LostByChance])
	// Output:
	// 0.062982231 round 0, sent 2 times
	// 0.090475117 round 1, sent 1 times
	// 0.107866891 round 2, sent 1 times
	// 0.127064502 round 3, sent 1 times
	// 0.140979268 round 4, sent 1 times
	// quiet: 11 sent, 1 lost
}
