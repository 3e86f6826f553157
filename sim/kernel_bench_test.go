package sim_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/seed83d86191/txsim/sim"
)

// BenchmarkTwoPhase is plain two-phase commit with nothing else modelled: 64
// clients in a closed loop, three distinct of 1,000 workers for a transaction,
// twelve messages each, exponential delays of mean 1 ms. The kernel runs it on
// its public interface; bare is the loop that one would write by hand for this
// one purpose, and is what the kernel is measured by.
func BenchmarkTwoPhase(b *testing.B) {
	var bare float64
	b.Run("bare", func(b *testing.B) {
		s := bareSim{rng: rand.New(rand.NewPCG(1, 2))}
		for c := range benchClients {
			s.begin(int32(c))
		}
		s.run(1 << 16)
		b.ReportAllocs()
		for b.Loop() {
			s.run(benchBatch)
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
	benchClients = 64
	benchWorkers = 1000
	benchBatch   = 12 * benchClients * 16
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

// bareSim is the hand-written simulation: one heap of flat events, one switch.
type bareSim struct {
	heap []bareEvent
	now  int64
	seq  uint64
	rng  *rand.Rand
	open [benchClients]bareTxn
	done uint64
}

type bareTxn struct {
	workers [3]int32
	left    int8
}

type bareEvent struct {
	at     int64
	seq    uint64
	kind   uint8
	client int32
	worker int32
}

func (a *bareEvent) before(b *bareEvent) bool { return a.at < b.at || a.at == b.at && a.seq < b.seq }

func (s *bareSim) begin(client int32) {
	s.open[client].pick(s.rng)
	s.broadcast(client, kindPrepare)
}

// pick draws three distinct workers.
func (t *bareTxn) pick(r *rand.Rand) {
	for i := 0; i < len(t.workers); {
		t.workers[i] = int32(r.Uint64N(benchWorkers))
		if !slices.Contains(t.workers[:i], t.workers[i]) {
			i++
		}
	}
}

func (s *bareSim) broadcast(client int32, kind uint8) {
	t := &s.open[client]
	t.left = 3
	for _, worker := range t.workers {
		s.send(kind, client, worker)
	}
}

func (s *bareSim) send(kind uint8, client, worker int32) {
	s.seq++
	delay := int64(s.rng.ExpFloat64() * 1e6)
	s.push(bareEvent{s.now + delay, s.seq, kind, client, worker})
}

func (s *bareSim) run(events int) {
	for range events {
		e := s.pop()
		s.now = e.at
		switch e.kind {
		case kindPrepare:
			s.send(kindVote, e.client, e.worker)
		case kindCommit:
			s.send(kindAck, e.client, e.worker)
		case kindVote:
			if s.open[e.client].answered() {
				s.broadcast(e.client, kindCommit)
			}
		case kindAck:
			if s.open[e.client].answered() {
				s.done++
				s.begin(e.client)
			}
		}
	}
}

func (s *bareSim) push(e bareEvent) {
	s.heap = append(s.heap, e)
	h, i := s.heap, len(s.heap)-1
	for i > 0 {
		p := (i - 1) / 4
		if !e.before(&h[p]) {
			break
		}
		h[i] = h[p]
		i = p
	}
	h[i] = e
}

func (s *bareSim) pop() bareEvent {
	h := s.heap
	first, e := h[0], h[len(h)-1]
	h = h[:len(h)-1]
	s.heap = h
	i := 0
	for c := 1; c < len(h); c = 4*i + 1 {
		best := c
		for k := c + 1; k < min(c+4, len(h)); k++ {
			if h[k].before(&h[best]) {
				best = k
			}
		}
		if !h[best].before(&e) {
			break
		}
		h[i] = h[best]
		i = best
	}
	if len(h) > 0 {
		h[i] = e
	}
	return first
}

// answered counts an answer of a worker and says whether it was the last.
func (t *bareTxn) answered() bool {
	t.left--
	return t.left == 0
}

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
	for range benchWorkers {
		w.AddNode("w", func(env *sim.Env[benchMessage]) sim.Node[benchMessage] { return &benchWorker{env: env} })
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
	bareTxn
	label sim.Label
}

func (c *benchCoordinator) Start() {
	for client := range benchClients {
		c.begin(int32(client))
	}
}

func (c *benchCoordinator) begin(client int32) {
	t := &c.open[client]
	t.pick(c.rng)
	c.next++
	t.label = c.next
	c.broadcast(client, kindPrepare)
}

func (c *benchCoordinator) broadcast(client int32, kind sim.Kind) {
	t := &c.open[client]
	t.left = 3
	for _, worker := range t.workers {
		c.env.Send(sim.NodeID(1+worker), sim.Mail{Kind: kind, Label: t.label}, benchMessage{client})
	}
}

func (c *benchCoordinator) Receive(from sim.NodeID, mail sim.Mail, m *benchMessage) {
	if !c.open[m.client].answered() {
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
