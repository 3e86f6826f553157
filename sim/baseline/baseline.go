package baseline

import (
	"math/rand/v2"
	"slices"
)

// The load: clients in a closed loop, three distinct workers for a
// transaction, twelve messages each, exponential delays of mean 1 ms.
const (
	Clients    = 64
	Workers    = 1000
	Deliveries = 12 // of a transaction
)

const (
	kindPrepare = iota + 1
	kindVote
	kindCommit
	kindAck
)

// Loop is the hand-written simulation.
type Loop struct {
	heap []event
	now  int64
	seq  uint64
	rng  *rand.Rand
	open [Clients]Txn
	done uint64
}

// Txn is a transaction that waits for answers.
type Txn struct {
	Workers [3]int32
	left    int8
}

type event struct {
	at     int64
	seq    uint64
	kind   uint8
	client int32
	worker int32
}

func (a *event) before(b *event) bool { return a.at < b.at || a.at == b.at && a.seq < b.seq }

// New returns a loop whose clients have begun.
func New(seed uint64) *Loop {
	s := &Loop{rng: rand.New(rand.NewPCG(seed, 2))}
	for c := range Clients {
		s.begin(int32(c))
	}
	return s
}

func (s *Loop) begin(client int32) {
	s.open[client].Pick(s.rng)
	s.broadcast(client, kindPrepare)
}

// Pick draws three distinct workers.
func (t *Txn) Pick(r *rand.Rand) {
	for i := 0; i < len(t.Workers); {
		t.Workers[i] = int32(r.Uint64N(Workers))
		if !slices.Contains(t.Workers[:i], t.Workers[i]) {
			i++
		}
	}
}

func (s *Loop) broadcast(client int32, kind uint8) {
	t := &s.open[client]
	t.Ask()
	for _, worker := range t.Workers {
		s.send(kind, client, worker)
	}
}

func (s *Loop) send(kind uint8, client, worker int32) {
	s.seq++
	delay := int64(s.rng.ExpFloat64() * 1e6)
	s.push(event{s.now + delay, s.seq, kind, client, worker})
}

// Run handles so many deliveries.
func (s *Loop) Run(events int) {
	for range events {
		e := s.pop()
		s.now = e.at
		switch e.kind {
		case kindPrepare:
			s.send(kindVote, e.client, e.worker)
		case kindCommit:
			s.send(kindAck, e.client, e.worker)
		case kindVote:
			if s.open[e.client].Answered() {
				s.broadcast(e.client, kindCommit)
			}
		case kindAck:
			if s.open[e.client].Answered() {
				s.done++
				s.begin(e.client)
			}
		}
	}
}

func (s *Loop) push(e event) {
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

func (s *Loop) pop() event {
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

// Ask says that all three workers have been asked.
func (t *Txn) Ask() { t.left = 3 }

// Answered counts an answer and reports whether it was the last.
func (t *Txn) Answered() bool {
	t.left--
	return t.left == 0
}
