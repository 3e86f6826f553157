package model

import (
	"encoding/binary"
	"slices"
	"strings"

	"github.com/seed83d86191/txsim/sim"
)

// Recover implements sim.Node: checkpoint, then redo of the log; then the
// in-doubt attempts have their locks back before anything is served, and ask.
func (w *worker) Recover(log sim.Recovery) {
	if err := w.redo(log); err != nil {
		w.env.Note(sim.Mail{Kind: KindFinding}, Message{Peer: w.env.ID()})
		w.env.Stop()
		return
	}
	w.forget()
	inDoubt := 0
	for _, p := range w.parts {
		if p != nil && p.state == partPrepared {
			inDoubt++
		}
	}
	w.env.Note(sim.Mail{Kind: KindRecover, Arg: uint64(inDoubt)}, Message{Peer: w.env.ID(), From: int32(inDoubt)})
	for _, p := range w.parts {
		if p != nil && p.state == partPrepared {
			w.enquire(p)
		}
	}
}

func (w *worker) redo(log sim.Recovery) error {
	if err := w.load(log.Checkpoint); err != nil {
		return err
	}
	w.checkpoint = len(log.Checkpoint)
	for rec := range log.Records() {
		if err := w.replay(rec); err != nil {
			return err
		}
	}
	return nil
}

// replay puts one record into effect.
func (w *worker) replay(rec sim.LogRecord) error {
	d := decoder{b: rec.Data, texts: &w.texts}
	var r workerRecord
	r.key = d.key()
	a := AttemptOf(rec.Label)
	if rec.Kind == KindPrepare || rec.Kind == KindCommitOne {
		d.work(a, &r)
	}
	if d.err != nil {
		return d.err
	}
	p := w.known[r.key]
	switch {
	case rec.Kind == KindPrepare && p == nil:
		w.restore(a, &r)
	case rec.Kind == KindCommitOne && p == nil:
		p = w.restore(a, &r)
		p.onePhase = true
		w.conclude(p, partCommitted)
	case rec.Kind == KindCommit && p != nil && p.state == partPrepared:
		w.conclude(p, partCommitted)
	case rec.Kind == KindAbort && p == nil:
		w.conclude(w.newPart(r.key, a, Age{}), partAborted)
	case rec.Kind == KindAbort && p.state == partPrepared:
		w.conclude(p, partAborted)
	default:
		return errRecord
	}
	return nil
}

// restore brings an in-doubt attempt back, with its writes and its locks. The
// locks cannot conflict: all were held at once before the crash.
func (w *worker) restore(a Attempt, r *workerRecord) *part {
	p := w.newPart(r.key, a, Age{r.start, a.Txn})
	p.state = partPrepared
	for _, s := range r.staged {
		p.staged = append(p.staged, s)
		p.bytes += s.bytes()
		it := w.store.item(s.key)
		p.newKeys += growth(it, !s.deleted)
		w.hold(p, it, true)
	}
	for _, key := range r.shared {
		w.hold(p, w.store.item(key), false)
	}
	w.charge(p, p.bytes, p.newKeys)
	return p
}

func (w *worker) hold(p *part, it *item, exclusive bool) {
	if it.lock == nil {
		it.lock = w.locks.newLock()
	}
	it.lock.holders = append(it.lock.holders, holder{p: p, exclusive: exclusive})
	p.locked = append(p.locked, it)
	p.items = append(p.items, it)
}

// conclude is finish without what others would see of it.
func (w *worker) conclude(p *part, s partState) {
	w.charge(p, 0, 0)
	if s == partCommitted {
		for i := range p.staged {
			w.store.install(w.store.item(p.staged[i].key), p.staged[i])
		}
	}
	p.state = s
	w.locks.release(p)
	for _, it := range p.items {
		w.store.tidy(it)
	}
	p.strip()
	w.done = append(w.done, p)
}

// checkpointAt is the log length at which the worker takes a checkpoint: a
// multiple of the last one's, so that the cost per record stays constant.
func (w *worker) checkpointAt() int {
	return max(w.Config.Checkpoint, 2*w.checkpoint)
}

// compact writes a checkpoint: marks, items, finished attempts that must be
// remembered, and the attempts whose prepare record it replaces.
func (w *worker) compact() {
	if w.env.Checkpointing() {
		return
	}
	b := w.appendMarks(nil)
	b = w.store.append(b)
	at, n := len(b), uint32(0)
	b = append(b, 0, 0, 0, 0)
	for _, p := range w.done[w.head:] {
		if !p.key.id.Before(w.marks[p.key.coordinator]) {
			b = appendKey(b, p.key)
			b = binary.AppendUvarint(b, uint64(p.attempt.Label()))
			b = append(b, byte(p.state), boolByte(p.onePhase))
			n++
		}
	}
	binary.LittleEndian.PutUint32(b[at:], n)
	at, n = len(b), 0
	b = append(b, 0, 0, 0, 0)
	for _, p := range w.parts {
		if p != nil && (p.state == partPreparing || p.state == partPrepared || p.state == partDeciding) {
			b = appendKey(b, p.key)
			b = binary.AppendUvarint(b, uint64(p.attempt.Label()))
			b = append(b, boolByte(p.state == partDeciding))
			b = appendWork(b, p)
			n++
		}
	}
	binary.LittleEndian.PutUint32(b[at:], n)
	w.checkpoint = len(b)
	w.env.Checkpoint(b)
}

func boolByte(v bool) byte {
	if v {
		return 1
	}
	return 0
}

func (w *worker) appendMarks(b []byte) []byte {
	nodes := make([]sim.NodeID, 0, len(w.marks))
	for n := range w.marks {
		nodes = append(nodes, n)
	}
	slices.Sort(nodes)
	b = binary.AppendUvarint(b, uint64(len(nodes)))
	for _, n := range nodes {
		b = appendKey(b, partKey{n, w.marks[n]})
	}
	return b
}

// append encodes the written items in the order of their keys.
func (s *store) append(b []byte) []byte {
	items := s.sorted()
	b = binary.AppendUvarint(b, uint64(len(items)))
	for _, it := range items {
		b = binary.AppendUvarint(b, uint64(it.version.Label()))
		b = appendStaged(b, &staged{it.key, it.value, !it.present, it.version})
	}
	return b
}

// sorted returns the items that were ever written, by key.
func (s *store) sorted() []*item {
	items := make([]*item, 0, len(s.items))
	for _, it := range s.items {
		if it.version != (Version{}) {
			items = append(items, it)
		}
	}
	slices.SortFunc(items, func(a, b *item) int { return strings.Compare(a.key, b.key) })
	return items
}

// load reads what compact wrote.
func (w *worker) load(b []byte) error {
	if b == nil {
		return nil
	}
	d := decoder{b: b, texts: &w.texts}
	for n := d.uvarint(); n > 0 && d.err == nil; n-- {
		if w.marks == nil {
			w.marks = map[sim.NodeID]WireID{}
		}
		k := d.key()
		w.marks[k.coordinator] = k.id
	}
	d.items(func(s staged) { w.store.install(w.store.item(s.key), s) })
	for n := d.uint32(); n > 0 && d.err == nil; n-- {
		key, label := d.key(), sim.Label(d.uvarint())
		p := w.newPart(key, AttemptOf(label), Age{})
		p.state, p.onePhase = partState(d.byte()), d.byte() != 0
		w.done = append(w.done, p)
	}
	for n := d.uint32(); n > 0 && d.err == nil; n-- {
		var r workerRecord
		r.key = d.key()
		a := AttemptOf(sim.Label(d.uvarint()))
		decided := d.byte() != 0
		d.work(a, &r)
		if p := w.restore(a, &r); decided {
			p.onePhase = true
			w.conclude(p, partCommitted)
		}
	}
	if len(d.b) > 0 {
		return errRecord
	}
	return d.err
}

func (d *decoder) byte() byte {
	if len(d.b) == 0 {
		d.err = errRecord
		return 0
	}
	v := d.b[0]
	d.b = d.b[1:]
	return v
}

// items reads what store.append wrote.
func (d *decoder) items(each func(staged)) {
	for n := d.uvarint(); n > 0 && d.err == nil; n-- {
		a := AttemptOf(sim.Label(d.uvarint()))
		if s := d.staged(a); d.err == nil {
			each(s)
		}
	}
}
