package model

import (
	"encoding/binary"

	"github.com/seed83d86191/txsim/sim"
)

// Recover implements sim.Node. It loads the checkpoint and replays the log. Then in-doubt
// attempts hold their locks again, before anything is served, and the worker asks for their
// decisions.
func (w *worker) Recover(log sim.Recovery) {
	if err := w.redo(log); err != nil || !w.plausible() {
		w.Env.Note(sim.Mail{Kind: KindFinding}, &Message{Peer: w.Env.ID()})
		w.Env.Stop()
		return
	}
	for i := range w.peers {
		w.forget(&w.peers[i])
	}
	inDoubt := 0
	for _, p := range w.parts {
		if p != nil && p.state == partPrepared {
			inDoubt++
		}
	}
	w.Env.Note(sim.Mail{Kind: KindRecover, Arg: uint64(inDoubt)}, &Message{Peer: w.Env.ID(), From: int32(inDoubt)})
	for _, p := range w.parts {
		if p != nil && p.state == partPrepared {
			w.enquire(p)
		}
	}
}

// plausible reports whether everything that was recovered belongs to coordinators of this
// cluster.
func (w *worker) plausible() bool {
	for i := range w.peers {
		if c := &w.peers[i]; c.node < 0 || int(c.node) >= w.Config.Coordinators {
			return false
		}
	}
	return true
}

func (w *worker) redo(log sim.Recovery) error {
	if err := w.load(log.Checkpoint, w.reinstate); err != nil {
		return err
	}
	w.checkpoint = len(log.Checkpoint)
	r := w.pool.getRecord()
	defer w.pool.records.put(r)
	for rec := range log.Records() {
		w.Env.Before(KindRedo, rec.Label)
		if err := w.replay(rec, r); err != nil {
			return err
		}
		w.Env.After(KindRedo, rec.Label)
	}
	return nil
}

// replay decodes one record into r and applies it.
func (w *worker) replay(rec sim.LogRecord, r *workerRecord) error {
	d := decoder{b: rec.Data, texts: &w.pool.texts}
	r.key = d.key()
	a := AttemptOf(rec.Label)
	if rec.Kind == KindPrepare || rec.Kind == KindCommitOne {
		d.work(r)
	}
	if d.err != nil {
		return d.err
	}
	p := w.find(r.key)
	switch {
	case (rec.Kind == KindPrepare || rec.Kind == KindCommitOne) && p == nil:
		return w.reinstate(a, r, rec.Kind == KindCommitOne)
	case rec.Kind == KindCommit && p != nil && p.state == partPrepared:
		w.conclude(p, partCommitted)
	case rec.Kind == KindAbort && p == nil:
		w.conclude(w.newPart(w.peers.get(r.key.coordinator), r.key.id, a, 0), partAborted)
	case rec.Kind == KindAbort && p.state == partPrepared:
		w.conclude(p, partAborted)
	case rec.Kind == KindAbort && p.state == partAborted:
		// The attempt was given up, a checkpoint remembered that, and it was only then
		// asked to prepare.
	default:
		return errRecord
	}
	return nil
}

// restore restores an in-doubt attempt with its writes and its locks. The locks cannot
// conflict, as all were held at once before the crash; only a Lenient control may have
// granted conflicting ones.
func (w *worker) restore(a Attempt, r *workerRecord) (*part, error) {
	if w.find(r.key) != nil {
		return nil, errRecord
	}
	p := w.newPart(w.peers.get(r.key.coordinator), r.key.id, a, r.start)
	p.state = partPrepared
	for _, s := range r.staged {
		it := w.store.item(s.key)
		s.item = it
		p.staged = append(p.staged, s)
		p.bytes += s.bytes()
		p.newKeys += growth(it, !s.deleted)
		if !w.hold(p, it, true) {
			return nil, errRecord
		}
	}
	for _, key := range r.shared {
		if !w.hold(p, w.store.item(key), false) {
			return nil, errRecord
		}
	}
	w.charge(p, p.bytes, max(p.newKeys, 0))
	return p, nil
}

func (w *worker) hold(p *part, it *item, exclusive bool) bool {
	if it.lock == nil {
		it.lock = w.pool.getLock()
	}
	if w.locks.lenient() == nil && !w.locks.compatible(exclusive, it.lock.holders, p) || it.lock.find(p) >= 0 {
		return false
	}
	w.locks.grant(p, it, exclusive)
	return true
}

// conclude is finish during recovery: without notes, fault boundaries and counts.
func (w *worker) conclude(p *part, s partState) {
	w.charge(p, 0, 0)
	if s == partCommitted {
		for i := range p.staged {
			w.store.install(p.staged[i].item, &p.staged[i], p.attempt)
		}
	}
	p.state = s
	w.letGo(p)
}

// checkpointAt returns the log length at which the worker takes a checkpoint: at least
// twice the last checkpoint, so that the cost per record stays constant; but no more than
// half of what the checkpoint leaves of the device, so that there is room until the next one
// takes effect.
func (w *worker) checkpointAt() int {
	at := max(w.Config.Checkpoint, 2*w.checkpoint)
	if c := int(w.Config.Disk.Capacity); c > 0 {
		at = min(at, max(leastLog, (c-w.checkpoint)/2))
	}
	return at
}

// compact writes a checkpoint: marks, items, finished attempts that must be
// remembered, and the attempts whose prepare record it replaces.
func (w *worker) compact() {
	if w.Env.Checkpointing() {
		return
	}
	b := w.appendMarks(make([]byte, 0, w.checkpoint+w.checkpoint/4))
	b = w.store.append(b)
	at, n := len(b), uint32(0)
	b = append(b, 0, 0, 0, 0)
	for i := range w.peers {
		c := &w.peers[i]
		for _, p := range c.done[c.head:] {
			if p.key.id >= c.mark {
				b = appendKey(b, p.key)
				b = binary.LittleEndian.AppendUint64(b, uint64(p.attempt.Label()))
				b = append(b, byte(p.state), boolByte(p.onePhase))
				n++
			}
		}
	}
	binary.LittleEndian.PutUint32(b[at:], n)
	at, n = len(b), 0
	b = append(b, 0, 0, 0, 0)
	for _, p := range w.parts {
		if p != nil && (p.state == partPreparing || p.state == partPrepared || p.state == partDeciding) {
			b = appendWork(appendPromise(b, p.key, p.attempt, p.state == partDeciding), p)
			n++
		}
	}
	binary.LittleEndian.PutUint32(b[at:], n)
	b = w.appendKept(b)
	w.checkpoint = len(b)
	w.Env.Checkpoint(b)
}

// appendPromise begins what a checkpoint says of a promise, or, if it is decided, of a commit
// in one phase; its work comes behind it.
func appendPromise(b []byte, k partKey, a Attempt, decided bool) []byte {
	b = binary.LittleEndian.AppendUint64(appendKey(b, k), uint64(a.Label()))
	return append(b, boolByte(decided))
}

func boolByte(v bool) byte {
	if v {
		return 1
	}
	return 0
}

func (w *worker) appendMarks(b []byte) []byte {
	b = binary.LittleEndian.AppendUint32(b, uint32(len(w.peers)))
	for i := range w.peers {
		c := &w.peers[i]
		b = appendKey(b, partKey{c.node, c.mark})
	}
	return b
}

// load reads what compact wrote. Each promise, or commit in one phase if it is decided, goes
// to promise.
func (w *worker) load(b []byte, promise func(a Attempt, r *workerRecord, decided bool) error) error {
	if b == nil {
		return nil
	}
	d := decoder{b: b, texts: &w.pool.texts}
	for n := d.uint32(); n > 0 && d.err == nil; n-- {
		k := d.key()
		w.peers.get(k.coordinator).mark = k.id
	}
	d.items(func(s *staged, a Attempt) { w.store.install(w.store.item(s.key), s, a) })
	for n := d.uint32(); n > 0 && d.err == nil; n-- {
		key, label := d.key(), d.label()
		if d.err != nil || w.find(key) != nil {
			return errRecord
		}
		p := w.newPart(w.peers.get(key.coordinator), key.id, AttemptOf(label), 0)
		p.state, p.onePhase = partState(d.byte()), d.byte() != 0
		if !p.state.finished() || p.state > partAborted {
			d.err = errRecord
		}
		w.remember(p)
	}
	d.promises(promise)
	if d.err == nil && d.left() > 0 && d.byte() != keptMark {
		d.err = errRecord
	}
	return d.err
}

// reinstate restores what a record has promised, or has committed in one phase.
func (w *worker) reinstate(a Attempt, r *workerRecord, decided bool) error {
	p, err := w.restore(a, r)
	if err == nil && decided {
		p.onePhase = true
		w.conclude(p, partCommitted)
	}
	return err
}

// promises reads what follows a count of promises, each begun by appendPromise.
func (d *decoder) promises(each func(a Attempt, r *workerRecord, decided bool) error) {
	for n := d.uint32(); n > 0 && d.err == nil; n-- {
		var r workerRecord
		r.key = d.key()
		a := AttemptOf(d.label())
		decided := d.byte() != 0
		if d.work(&r); d.err == nil {
			d.err = each(a, &r, decided)
		}
	}
}

// items reads what store.append wrote.
func (d *decoder) items(each func(*staged, Attempt)) {
	for n := d.uint32(); n > 0 && d.err == nil; n-- {
		a := AttemptOf(d.label())
		var s staged
		if d.staged(&s); d.err == nil {
			each(&s, a)
		}
	}
}
