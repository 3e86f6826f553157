package model

import (
	"github.com/seed83d86191/txsim/sim"
)

// worker executes, stages, votes, and applies or discards as it is told. It
// votes YES only once its prepare record is durable, and from then on only the
// coordinator can decide.
type worker struct {
	// With thousands of workers, the memory of each is out of the processor's cache when
	// its turn comes. So the fields are ordered to let most events touch few cache lines:
	// the first line of Site, two with the coordinators and counts, one with what waits.
	Site
	peers    peers
	peerRoom [1]peer // backs peers while there is only one
	tail     sim.LSN // just after the last record
	live     int32   // parts that are not finished
	sent     uint32  // acks of attempts below the mark, to number them
	rule     Presumption
	flushing bool // a lazy sync is due
	forced   bool // the step ends with a sync; never between steps

	checkpoint int        // size of the last checkpoint
	first      int        // index of the first one in waiting
	waiting    []syncWait // messages that wait for the log, in order of LSN except for repeated acks
	waitRoom   [2]syncWait

	staged  int64 // bytes staged, over all parts
	newKeys int   // keys that the staged parts would add
	locks   lockTable
	unused  []int32 // free slots
	store   store
	parts   []*part // by slot; nil where free
}

// syncWait is a message that is sent when the log is durable up to lsn.
type syncWait struct {
	lsn  sim.LSN
	p    *part
	then sim.Kind
}

// void reports whether the wait is obsolete: a later record of the part is waited for, or
// the part is forgotten.
func (s *syncWait) void() bool { return s.p.lsn != s.lsn }

func newWorker(s *Site, rule Presumption) *worker {
	pool := s.shared()
	w := pool.workers.get()
	w.Site, w.rule, w.pool = *s, rule, pool
	if w.peers == nil {
		w.peers, w.waiting = w.peerRoom[:0], w.waitRoom[:0]
	}
	w.locks.policy, w.locks.pool = s.Config.Concurrency, pool
	pool.brought = brought{pool.granted[:0], pool.died[:0], pool.wounded[:0]} // left by a step that panicked
	return w
}

// retire leaves the worker's allocations to the pool. Nothing of it may be used any more.
func (w *worker) retire() {
	for _, p := range w.parts {
		if p == nil {
			continue
		}
		if p.work != nil {
			w.locks.drop(p)
			w.pool.putWork(p.work)
		}
		*p = part{}
		w.pool.parts.put(p)
	}
	w.store.reset()
	w.peers.reset()
	clear(w.parts)
	clear(w.waiting)
	pool := w.pool
	*w = worker{store: w.store, peers: w.peers, peerRoom: w.peerRoom, parts: w.parts[:0], unused: w.unused[:0], waiting: w.waiting[:0]}
	pool.workers.put(w)
}

// Start implements sim.Node. An idle worker costs no event.
func (w *worker) Start() {}

// Receive implements sim.Node.
func (w *worker) Receive(from sim.NodeID, mail sim.Mail, m *Message) {
	c := w.peers.get(from)
	if c.mark < m.Mark {
		c.mark = m.Mark
		w.forget(c)
	}
	switch mail.Kind {
	case KindExecute, KindPrepare, KindCommitOne:
		w.request(mail.Kind, c, m)
	case KindCommit:
		w.commit(c, m)
	case KindAbort:
		w.abort(c, m)
	}
	w.settle()
}

// Fired implements sim.Node: a part has one timer at a time, and its state
// says what for.
func (w *worker) Fired(token uint64) {
	if token == flushToken {
		if w.flushing = false; w.tail > w.Env.Durable() {
			w.Env.Sync()
		}
		return
	}
	p := w.parts[token]
	p.timer = sim.Timer{}
	switch {
	case p.state == partExecuting && p.waiting != nil:
		w.locks.rejudge(p)
	case p.state == partExecuted:
		w.giveUp(p)
	case p.state == partPrepared:
		w.enquire(p)
	}
	w.settle()
}

// Synced implements sim.Node.
func (w *worker) Synced(lsn sim.LSN) {
	for w.first < len(w.waiting) && w.waiting[w.first].lsn <= lsn {
		s := w.waiting[w.first]
		w.first++
		s.p.awaited--
		if s.void() {
			continue
		}
		w.durable(s.p, s.then)
	}
	if w.first == len(w.waiting) {
		w.waiting, w.first = w.waiting[:0], 0
	}
	w.settle()
}

// durable sends the message that was waiting for a record of p.
func (w *worker) durable(p *part, then sim.Kind) {
	switch {
	case then == KindAck:
		w.reply(p, KindAck, &Message{Outcome: p.outcome()})
	case p.state == partPreparing:
		p.state = partPrepared
		w.vote(p)
		w.armEnquiry(p)
	case p.state == partDeciding:
		w.finish(p, partCommitted)
		w.vote(p)
	default: // a refusal
		w.vote(p)
	}
}

// reply sends m about p to its coordinator.
func (w *worker) reply(p *part, kind sim.Kind, m *Message) {
	m.ID, m.Attempt, m.Txn, m.Part = p.key.id, p.attempt, p.txn, p.index
	arg := uint64(m.Vote) | uint64(m.Outcome)<<8 | uint64(m.Reason)<<16
	for i := range m.Reads {
		v := &m.Reads[i].Version
		arg = sim.Hash(arg, v.Txn, uint64(v.Try)<<32|uint64(uint32(v.Op)))
	}
	mail := &sim.Mail{Kind: kind, Label: p.attempt.Label(), Again: p.sent, Arg: arg}
	if w.passes(p.key.coordinator, mail, m) {
		w.Env.Post(p.key.coordinator, mail, m)
	}
	p.sent++
}

func (w *worker) note(kind sim.Kind, p *part) {
	w.Env.Note(sim.Mail{Kind: kind, Label: p.attempt.Label()}, &Message{ID: p.key.id, Attempt: p.attempt, Peer: p.key.coordinator})
}
