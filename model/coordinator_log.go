package model

import (
	"encoding/binary"
	"slices"

	"github.com/seed83d86191/txsim/sim"
)

// audit appends a log entry for people: no recovery needs it, and it is not counted as a
// cost of the protocol. It is left out where it would take the room of one that is needed.
func (c *coordinator) audit(kind sim.Kind, label sim.Label) {
	if c.Env.LogRoom() < c.reserved {
		return
	}
	c.Env.Append(kind, label, nil)
}

// log appends a protocol record of the attempt: its id and, for a decision or
// a collecting record, the workers that are to hear of the outcome.
func (c *coordinator) log(a *attempt, kind sim.Kind) {
	c.pool.buf = binary.LittleEndian.AppendUint64(c.pool.buf[:0], uint64(a.id))
	if kind != KindEnd {
		c.pool.buf = a.appendWorkers(c.pool.buf, kind)
	}
	c.tail = c.Append(kind, a.name.Label(), c.pool.buf)
	a.logged = true
}

// force is log and a sync. Synced continues with the attempt.
func (c *coordinator) force(a *attempt, kind sim.Kind) {
	c.log(a, kind)
	c.Sync()
	c.waiting = append(c.waiting, logWait{c.tail, a})
	a.forced = c.tail
}

// appendWorkers appends the nodes that a recovered coordinator has to tell.
func (a *attempt) appendWorkers(b []byte, kind sim.Kind) []byte {
	at, n := len(b), uint32(0)
	b = extend(b, 4)
	for i := range a.parts {
		if a.parts[i].concerned(kind) {
			b = binary.LittleEndian.AppendUint32(b, uint32(a.parts[i].node))
			n++
		}
	}
	binary.LittleEndian.PutUint32(b[at:], n)
	return b
}

func (p *partner) concerned(kind sim.Kind) bool {
	switch kind {
	case KindCommit:
		return p.vote == VoteYes
	case KindAbort:
		return p.asked && p.vote != VoteNo && p.vote != VoteRead
	}
	return true
}

// AttemptReserve is the room, in bytes, that the log of a coordinator keeps for an attempt of
// so many parts: for a collecting record, a decision and the end, and for the entries that say
// when it started and went on to prepare. Without it the attempt does not begin.
func AttemptReserve(parts int) int64 { return 128 + 8*int64(parts) }

// leastLog is how many bytes of log a checkpoint for want of room replaces at least.
const leastLog = 256

// refuse answers a request of which the log could not hold the decision, without beginning
// the attempt.
func (c *coordinator) refuse(m *Message) {
	c.compact()
	c.answer(&attempt{name: m.Attempt, txn: m.Txn, refused: refusal{reason: Full}}, Aborted)
}

// compact writes a checkpoint of the attempts that have protocol records, unless one is being
// written.
func (c *coordinator) compact() {
	if c.Env.Checkpointing() {
		return
	}
	var b []byte
	for a := range c.attempts {
		if !a.logged {
			continue
		}
		kind := KindCollecting
		switch a.state {
		case attemptDeciding, attemptCommitted:
			kind = KindCommit
		case attemptAborting, attemptAborted:
			kind = KindAbort
		}
		b = append(b, byte(kind))
		b = binary.LittleEndian.AppendUint64(b, uint64(a.name.Label()))
		b = binary.LittleEndian.AppendUint64(b, uint64(a.id))
		b = a.appendWorkers(b, kind)
	}
	b = c.appendKept(append(b, byte(KindNone)))
	c.checkpoint = len(b)
	c.Env.Checkpoint(b)
}

// Recover implements sim.Node. Decisions in the log are carried out; attempts with a
// collecting record and no decision are aborted; about all others nothing is known, and the
// presumption holds.
func (c *coordinator) Recover(log sim.Recovery) {
	var open table[attempt] // by id
	err := c.load(log.Checkpoint, &open)
	c.checkpoint = len(log.Checkpoint)
	for rec := range log.Records() {
		switch rec.Kind {
		case KindCollecting, KindCommit, KindAbort, KindEnd:
		default:
			continue // an audit entry
		}
		if err == nil {
			c.Env.Before(KindRedo, rec.Label)
			err = c.replay(rec, &open)
			c.Env.After(KindRedo, rec.Label)
		}
	}
	if err != nil {
		c.Env.Note(sim.Mail{Kind: KindFinding}, &Message{Peer: c.Env.ID()})
		c.Env.Stop()
		return
	}
	for _, id := range open.keys() {
		c.old = append(c.old, open.get(id))
	}
	c.Env.Note(sim.Mail{Kind: KindRecover, Arg: uint64(len(c.old))}, &Message{Peer: c.Env.ID(), From: int32(len(c.old))})
	c.audit(KindRecover, 0)
	for _, a := range append([]*attempt(nil), c.old...) {
		c.enter(a)
		c.resume(a)
	}
}

// resume carries a recovered attempt through to its end.
func (c *coordinator) resume(a *attempt) {
	if a.state != attemptCommitted {
		a.state = attemptAborted
		a.refused.reason = CoordinatorLost
	}
	outcome := a.outcome()
	if c.rule.acked(outcome) {
		a.rounds = c.Env.Incarnation() << roundBits
		for i := range a.parts {
			a.parts[i].waiting = true
			a.pending++
			c.tell(a, a.parts[i].node, outcome)
		}
	}
	c.known[a.name.Txn] = a.name.Try
	c.answer(a, outcome)
	c.conclude(a)
}

func (c *coordinator) replay(rec sim.LogRecord, open *table[attempt]) error {
	d := decoder{b: rec.Data}
	if rec.Kind != KindEnd {
		c.reopen(&d, rec.Kind, rec.Label, open)
		return d.err
	}
	id := d.id()
	if a := open.get(uint64(id)); a != nil {
		open.remove(uint64(id), a)
		c.recycle(a)
	}
	return d.err
}

func (c *coordinator) reopen(d *decoder, kind sim.Kind, label sim.Label, open *table[attempt]) {
	id := d.id()
	a := open.get(uint64(id))
	if a == nil {
		a = c.pool.getAttempt()
		open.add(uint64(id), a)
	}
	*a = attempt{id: id, name: AttemptOf(label), logged: true, state: attemptCollecting, parts: a.parts[:0]}
	vote := VoteNone
	switch kind {
	case KindCommit:
		a.state, vote = attemptCommitted, VoteYes
	case KindAbort:
		a.state = attemptAborted
	}
	if a.id.Epoch() >= c.Env.Incarnation() {
		d.err = errRecord
	}
	for n := d.uint32(); n > 0 && d.err == nil; n-- {
		p := partner{node: sim.NodeID(d.uint32()), asked: true, vote: vote}
		if _, ok := slices.BinarySearch(c.Workers, p.node); !ok {
			d.err = errRecord
		}
		a.parts = append(a.parts, p)
	}
}

func (c *coordinator) load(b []byte, open *table[attempt]) error {
	d := decoder{b: b}
	for d.err == nil && d.left() > 0 {
		kind := sim.Kind(d.byte())
		if kind == KindNone {
			break
		}
		c.reopen(&d, kind, d.label(), open)
	}
	return d.err
}
