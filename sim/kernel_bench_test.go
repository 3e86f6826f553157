package sim_test

import (
	"context"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/seed83d86191/txsim/sim"
	"github.com/seed83d86191/txsim/sim/baseline"
)

// BenchmarkTwoPhase is plain two-phase commit with nothing else modelled: 64
// clients in a closed loop, three distinct of 1,000 workers for a transaction,
// twelve messages each, exponential delays of mean 1 ms. The kernel runs it on
// its public interface; bare is the loop that one would write by hand for this
// one purpose, and is what the kernel is measured by.
func BenchmarkTwoPhase(b *testing.B) {
	var bare float64
	b.Run("bare", func(b *testing.B) {
		s := baseline.New(1)
		s.Run(1 << 16)
		b.ReportAllocs()
		for b.Loop() {
			s.Run(benchBatch)
		}
		bare = reportDeliveries(b)
	})
	b.Run("kernel", func(b *testing.B) {
		w, limit := benchWorld(), sim.Time(0)
		// Each of the two phases lasts for the longest of three round trips, 3.2 ms
		// on average: this much virtual time is about one batch.
		const step = benchBatch / 12 / benchClients * 6400 * time.Microsecond
		run := func() { limit = limit.Add(step); w.RunUntil(context.Background(), limit) }
		for range 8 {
			run()
		}
		b.ReportAllocs()
		before := w.Stats().Delivered
		for b.Loop() {
			run()
		}
		b.ReportMetric(float64(w.Stats().Delivered-before)/float64(b.N), "deliveries/op")
		kernel := float64(b.Elapsed()) / float64(w.Stats().Delivered-before)
		b.ReportMetric(kernel, "ns/delivery")
		if bare > 0 {
			b.ReportMetric(kernel/bare, "x-bare")
		}
	})
}

const (
	benchClients = baseline.Clients
	benchWorkers = baseline.Workers
	benchBatch   = baseline.Deliveries * benchClients * 16
)

func reportDeliveries(b *testing.B) float64 {
	ns := float64(b.Elapsed()) / float64(b.N) / benchBatch
	b.ReportMetric(benchBatch, "deliveries/op")
	b.ReportMetric(ns, "ns/delivery")
	return ns
}

const (
	kindPrepare = iota + 1
	kindVote
	kindCommit
	kindAck
)

// benchMessage is the message of the same simulation on the kernel.
type benchMessage struct{ client int32 }

func benchWorld() *sim.World[benchMessage] {
	delay, err := sim.ParseDist("exp(1ms)")
	if err != nil {
		panic(err)
	}
	w := sim.New(sim.Config[benchMessage]{
		Seed:    1,
		Network: sim.Network{Links: []sim.Link{{Delay: delay}}},
		Limits:  sim.Limits{Time: 1e6 * time.Hour, Events: 1 << 62},
	})
	w.AddNode("C0", func(env *sim.Env[benchMessage]) sim.Node[benchMessage] {
		return &benchCoordinator{env: env, rng: rand.New(rand.NewPCG(1, 2))}
	})
	for i := range benchWorkers {
		w.AddNode("w"+strconv.Itoa(i), func(env *sim.Env[benchMessage]) sim.Node[benchMessage] { return &benchWorker{env: env} })
	}
	return w
}

// passive is a node that reacts to nothing.
type passive[M any] struct{}

func (passive[M]) Start()                           {}
func (passive[M]) Recover(sim.Recovery)             {}
func (passive[M]) Receive(sim.NodeID, sim.Mail, *M) {}
func (passive[M]) Fired(uint64)                     {}
func (passive[M]) Synced(sim.LSN)                   {}

type benchCoordinator struct {
	passive[benchMessage]
	env  *sim.Env[benchMessage]
	rng  *rand.Rand
	open [benchClients]benchTxn
	next sim.Label
}

type benchTxn struct {
	baseline.Txn
	label sim.Label
}

func (c *benchCoordinator) Start() {
	for client := range benchClients {
		c.begin(int32(client))
	}
}

func (c *benchCoordinator) begin(client int32) {
	t := &c.open[client]
	t.Pick(c.rng)
	c.next++
	t.label = c.next
	c.broadcast(client, kindPrepare)
}

func (c *benchCoordinator) broadcast(client int32, kind sim.Kind) {
	t := &c.open[client]
	t.Ask()
	for _, worker := range t.Workers {
		c.env.Send(sim.NodeID(1+worker), sim.Mail{Kind: kind, Label: t.label}, benchMessage{client})
	}
}

func (c *benchCoordinator) Receive(from sim.NodeID, mail sim.Mail, m *benchMessage) {
	if !c.open[m.client].Answered() {
		return
	}
	if mail.Kind == kindVote {
		c.broadcast(m.client, kindCommit)
	} else {
		c.begin(m.client)
	}
}

type benchWorker struct {
	passive[benchMessage]
	env *sim.Env[benchMessage]
}

func (w *benchWorker) Receive(from sim.NodeID, mail sim.Mail, m *benchMessage) {
	w.env.Send(from, sim.Mail{Kind: mail.Kind + 1, Label: mail.Label}, *m)
}

// BenchmarkTimers fires a timer a round. With cancel, each round also sets a far
// timer and cancels the one before, as every request with a timeout does: what
// was cancelled must neither cost much nor stay.
func BenchmarkTimers(b *testing.B) {
	for _, name := range []string{"fire", "cancel"} {
		b.Run(name, func(b *testing.B) {
			w := sim.New(sim.Config[struct{}]{Limits: sim.Limits{Time: 1e6 * time.Hour, Events: 1 << 62}})
			w.AddNode("n", func(env *sim.Env[struct{}]) sim.Node[struct{}] {
				return &benchTimers{env: env, cancels: name == "cancel"}
			})
			limit := sim.Time(0)
			b.ReportAllocs()
			for b.Loop() {
				limit = limit.Add(time.Millisecond) // 1,000 rounds
				w.RunUntil(context.Background(), limit)
			}
			b.ReportMetric(float64(b.Elapsed())/float64(b.N)/1000, "ns/round")
		})
	}
}

type benchTimers struct {
	passive[struct{}]
	env     *sim.Env[struct{}]
	cancels bool
	timeout sim.Timer
}

func (n *benchTimers) Start() { n.env.SetTimer(0, 0) }

func (n *benchTimers) Fired(uint64) {
	if n.cancels {
		n.env.Cancel(n.timeout)
		n.timeout = n.env.SetTimer(time.Second, 1)
	}
	n.env.SetTimer(time.Microsecond, 0)
}
