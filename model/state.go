package model

import (
	"cmp"
	"encoding/binary"
	"maps"
	"slices"

	"github.com/seed83d86191/txsim/sim"
)

// The canonical encodings of the nodes' states. They leave out virtual time, log positions
// (except whether they are durable), counters that only number re-sends and answers, and
// pools. Ages are not encoded either: their order is that of the transactions' indexes, as
// clients submit in that order. Lists whose order matters are encoded in it, all others
// sorted.

// AppendState implements sim.StateAppender.
func (w *worker) AppendState(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(w.Env.Incarnation()))
	for i := range w.peers {
		c := &w.peers[i]
		if c.mark == 0 && c.parts.n == 0 {
			continue // it has no state
		}
		b = appendKey(append(b, 1), partKey{c.node, c.mark})
		b = binary.AppendUvarint(b, uint64(len(c.done)-c.head))
		for _, p := range c.done[c.head:] {
			b = appendKey(b, p.key)
		}
	}
	b = append(b, 0)
	b = binary.AppendUvarint(b, uint64(w.store.items.n))
	for _, it := range w.store.all() {
		b = it.appendState(b)
	}
	parts := slices.DeleteFunc(slices.Clone(w.parts), func(p *part) bool { return p == nil })
	slices.SortFunc(parts, func(p, q *part) int { return p.key.compare(q.key) })
	b = binary.AppendUvarint(b, uint64(len(parts)))
	for _, p := range parts {
		b = w.appendPart(b, p)
	}
	for _, s := range w.waiting[w.first:] {
		if !s.void() {
			b = appendKey(append(b, 1, byte(s.then)), s.p.key)
		}
	}
	b = append(b, 0)
	b = appendBools(b, w.flushing, w.tail > w.Env.Durable(), w.Env.Checkpointing())
	return appendSize(b, w.checkpoint)
}

func (k partKey) compare(o partKey) int {
	return cmp.Or(cmp.Compare(k.coordinator, o.coordinator), cmp.Compare(k.id, o.id))
}

func appendBools(b []byte, vs ...bool) []byte {
	for _, v := range vs {
		b = append(b, boolByte(v))
	}
	return b
}

func appendAttempt(b []byte, a Attempt) []byte {
	return binary.AppendUvarint(b, uint64(a.Label()))
}

func (it *item) appendState(b []byte) []byte {
	b = appendString(b, it.key)
	b = appendString(b, it.value)
	b = appendAttempt(b, it.writer)
	b = binary.AppendUvarint(b, uint64(it.op))
	b = appendBools(b, it.present, it.lock != nil)
	if it.lock == nil {
		return b
	}
	holders := slices.Clone(it.lock.holders)
	slices.SortFunc(holders, func(x, y holder) int { return x.p.key.compare(y.p.key) })
	for _, list := range [2][]holder{holders, it.lock.queue} {
		b = binary.AppendUvarint(b, uint64(len(list)))
		for _, h := range list {
			b = appendBools(appendKey(b, h.p.key), h.exclusive, h.upgrade)
		}
	}
	return b
}

func (w *worker) appendPart(b []byte, p *part) []byte {
	b = appendAttempt(appendKey(b, p.key), p.attempt)
	b = append(b, byte(p.state), byte(p.request))
	if p.txn != nil { // without the transaction it is only a hint in answers
		b = binary.AppendUvarint(b, uint64(p.index))
	}
	b = binary.AppendUvarint(b, uint64(p.at))
	b = binary.AppendUvarint(b, uint64(p.to))
	k := p.work
	if k == nil {
		k = &work{} // finished
	}
	b = binary.AppendUvarint(b, uint64(len(k.staged)))
	for i := range k.staged {
		b = appendStaged(b, &k.staged[i])
	}
	b = appendReads(b, p.reads)
	b = (&refusal{p.reason, p.by}).appendState(b)
	waiting := ""
	if k.waiting != nil {
		waiting = k.waiting.key
	}
	b = appendString(b, waiting)
	return appendBools(b, p.txn == nil, p.whole, p.apart, p.onePhase, k.waiting != nil,
		p.timer != sim.Timer{}, p.lsn > 0, p.lsn > w.Env.Durable())
}

func (r *refusal) appendState(b []byte) []byte {
	return r.by.AppendState(append(b, byte(r.reason)))
}

func appendReads(b []byte, reads []ReadResult) []byte {
	b = binary.AppendUvarint(b, uint64(len(reads)))
	for i := range reads {
		r := &reads[i]
		b = binary.AppendUvarint(b, uint64(r.Op))
		b = appendBools(appendString(b, r.Value), r.Found)
		b = binary.AppendUvarint(appendAttempt(b, r.Version.Attempt), uint64(r.Version.Op))
	}
	return b
}

// byOperation returns reads, which are in the order of their arrival, in the order of their
// operations.
func byOperation(reads []ReadResult) []ReadResult {
	reads = slices.Clone(reads)
	slices.SortFunc(reads, func(x, y ReadResult) int { return cmp.Compare(x.Op, y.Op) })
	return reads
}

// AppendState implements sim.StateAppender.
func (c *coordinator) AppendState(b []byte) []byte {
	b = appendKey(b, partKey{c.Env.ID(), c.mark()})
	b = appendKey(b, partKey{c.Env.ID(), NewWireID(c.Env.Incarnation(), c.base+uint64(len(c.open)))})
	for a := range c.attempts {
		b = c.appendAttempt(append(b, 1), a)
	}
	b = append(b, 0)
	b = binary.AppendUvarint(b, uint64(len(c.waiting)))
	for _, s := range c.waiting {
		b = appendKey(b, partKey{c.Env.ID(), s.a.id})
	}
	b = binary.AppendUvarint(b, uint64(len(c.suspects)))
	for _, n := range slices.Sorted(maps.Keys(c.suspects)) {
		b = binary.AppendUvarint(b, uint64(n))
	}
	b = binary.AppendUvarint(b, uint64(len(c.known)))
	for _, txn := range slices.Sorted(maps.Keys(c.known)) {
		b = appendAttempt(b, Attempt{txn, c.known[txn]})
	}
	return appendSize(appendBools(b, c.Env.Checkpointing()), c.checkpoint)
}

// appendSize appends the size of a node's last checkpoint, on which it depends when the next
// one is due.
func appendSize(b []byte, size int) []byte {
	if size == 0 {
		return b
	}
	return binary.AppendUvarint(b, uint64(size))
}

func (c *coordinator) appendAttempt(b []byte, a *attempt) []byte {
	b = appendAttempt(appendKey(b, partKey{c.Env.ID(), a.id}), a.name)
	b = append(b, byte(a.state))
	b = binary.AppendUvarint(b, uint64(a.next))
	b = binary.AppendUvarint(b, uint64(len(a.parts)))
	for i := range a.parts {
		p := &a.parts[i]
		b = binary.AppendUvarint(b, uint64(p.node))
		b = binary.AppendUvarint(b, uint64(a.progress(i).life))
		b = binary.AppendUvarint(b, uint64(a.progress(i).ran))
		b = appendBools(append(b, byte(p.vote)), p.asked, p.waiting)
	}
	b = a.refused.appendState(appendReads(b, byOperation(a.reads)))
	return appendBools(b, a.txn == nil, a.logged, a.forced > 0, c.byTxn.get(a.name.Txn) == a, a.timer != sim.Timer{})
}

// AppendState implements sim.StateAppender. The source of transactions is encoded by how
// far it has been read. There is no Clone, as clients act on the world around them and on
// the one source.
func (c *clients) AppendState(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(c.open.n))
	for _, index := range c.open.keys() {
		o := c.open.get(index)
		b = binary.AppendUvarint(b, index)
		b = binary.AppendUvarint(b, uint64(o.try))
		b = binary.AppendUvarint(b, uint64(o.life))
		b = appendBools(b, o.timer != sim.Timer{})
	}
	if c.next != nil {
		b = binary.AppendUvarint(b, c.next.Index)
	}
	for _, life := range c.lives {
		b = binary.AppendUvarint(b, uint64(life))
	}
	return appendBools(b, c.tally.Drained)
}
