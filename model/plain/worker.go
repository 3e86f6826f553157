package plain

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// worker votes YES when its prepare record is durable, and must then wait for its
// coordinator's decision.
type worker struct {
	*model.Site
	store   map[string]model.StoredItem
	locks   map[string][]*part // parts that hold a lock, by key
	parts   map[model.Attempt]*part
	order   []*part // as they came: the tokens of their timers
	waiting []*part // for a record, in the order of the log
}

type part struct {
	model.Work
	token     uint64
	state     state
	committed bool // if it is over
	reads     []model.ReadResult
	record    sim.LSN // LSN of the record that is waited for
	sent      uint32
	timer     sim.Timer
}

// Start implements sim.Node.
func (w *worker) Start() {}

func (w *worker) add(work model.Work) *part {
	p := &part{Work: work, token: uint64(len(w.order))}
	w.parts[work.Attempt] = p
	w.order = append(w.order, p)
	return p
}

// Receive implements sim.Node.
func (w *worker) Receive(from sim.NodeID, mail sim.Mail, m *model.Message) {
	p := w.parts[m.Attempt]
	switch mail.Kind {
	case model.KindPrepare:
		if p == nil { // otherwise it comes twice, or after its abort
			w.prepare(w.add(model.Work{Coordinator: from, Attempt: m.Attempt, Start: m.Start}), &m.Txn.Parts[m.Part])
		}
	case model.KindAbort:
		switch {
		case p == nil: // its prepare may be on the way and must not be executed
			w.add(model.Work{Coordinator: from, Attempt: m.Attempt}).state = over
		case p.state != over:
			w.Log(model.KindAbort, &p.Work)
			w.end(p, false)
		}
	case model.KindCommit:
		switch {
		case p == nil || p.state == voting || p.state == over && !p.committed:
			w.Env.Note(sim.Mail{Kind: model.KindFinding, Label: m.Attempt.Label()}, &model.Message{Attempt: m.Attempt, Peer: from})
			w.Env.Stop() // impossible
		case p.state == deciding:
			w.force(model.KindCommit, p)
			w.end(p, true)
		case p.record <= w.Env.Durable():
			w.send(p, model.KindAck, model.Message{Outcome: model.Committed})
		}
	}
}

// prepare locks, executes and stages the operations, and forces a record of that.
func (w *worker) prepare(p *part, todo *model.Part) {
	for l := range todo.Locks {
		if !w.free(l.Key, l.Exclusive) {
			w.refuse(p, model.Message{Reason: model.Conflict, Payload: &model.Obstacle{Key: l.Key}})
			return
		}
	}
	own := map[string]model.StoredItem{}
	for _, op := range todo.Ops {
		it, ok := own[op.Key]
		if !ok {
			it = w.store[op.Key] // its version is zero and it has no value if it was never written
		}
		if op.Kind == model.Read {
			p.reads = append(p.reads, model.ReadResult{Op: op.Index, Found: it.Version.Txn > 0 && !it.Deleted, Value: it.Value, Version: it.Version})
			continue
		}
		p.Writes = slices.DeleteFunc(p.Writes, func(s model.StagedWrite) bool { return s.Key == op.Key })
		p.Writes = append(p.Writes, model.StagedWrite{Key: op.Key, Value: op.Value, Deleted: op.Kind == model.Delete, Op: op.Index})
		own[op.Key] = p.Item(w.Worker, len(p.Writes)-1)
	}
	if w.full() {
		w.refuse(p, model.Message{Reason: model.Full})
		return
	}
	for l := range todo.Locks {
		if !l.Exclusive {
			p.Shared = append(p.Shared, l.Key)
		}
	}
	w.lock(p)
	w.force(model.KindPrepare, p)
}

// refuse votes NO.
func (w *worker) refuse(p *part, vote model.Message) {
	p.state = over
	vote.Vote = model.VoteNo
	w.send(p, model.KindVote, vote)
}

// full reports whether the worker would store too many keys if all parts that are not over
// committed. No two of them write the same key. What one of them deletes makes room only
// when it has committed.
func (w *worker) full() bool {
	most := w.Config.Resources.Keys
	if most == 0 {
		return false
	}
	stored := func(key string) bool { it, ok := w.store[key]; return ok && !it.Deleted }
	keys := 0
	for key := range w.store { // in any order: they are counted
		if stored(key) {
			keys++
		}
	}
	for _, p := range w.order {
		for i := range p.Writes {
			if s := &p.Writes[i]; p.state != over && !s.Deleted && !stored(s.Key) {
				keys++
			}
		}
	}
	return keys > most
}

// free reports whether a key can be locked: several may read it, but nobody may share it
// with a writer.
func (w *worker) free(key string, exclusive bool) bool {
	return !slices.ContainsFunc(w.locks[key], func(p *part) bool { return exclusive || !slices.Contains(p.Shared, key) })
}

func (w *worker) lock(p *part) {
	for i := range p.Writes {
		w.locks[p.Writes[i].Key] = []*part{p}
	}
	for _, key := range p.Shared {
		w.locks[key] = append(w.locks[key], p)
	}
}

func (w *worker) force(kind sim.Kind, p *part) {
	p.record = w.Log(kind, &p.Work)
	w.waiting = append(w.waiting, p)
	w.Sync()
}

// Synced implements sim.Node.
func (w *worker) Synced(lsn sim.LSN) {
	for len(w.waiting) > 0 && w.waiting[0].record <= lsn {
		p := w.waiting[0]
		w.waiting = w.waiting[1:]
		switch {
		case p.state == voting:
			p.state = deciding
			w.send(p, model.KindVote, model.Message{Vote: model.VoteYes, Reads: p.reads})
			p.timer = w.Env.SetTimer(w.Config.Timeouts.Decision, p.token)
		case p.committed:
			w.send(p, model.KindAck, model.Message{Outcome: model.Committed})
		}
	}
	if w.CheckpointDue() {
		w.checkpoint()
	}
}

// checkpoint has what the log amounts to take its place: what is stored and promised, and of
// what is over that it is, and whether it committed, so that it is not executed again.
func (w *worker) checkpoint() {
	c := model.Checkpoint{Items: slices.Collect(maps.Values(w.store))} // in any order: it is sorted
	for _, p := range w.order {
		if p.state != over {
			c.Promised = append(c.Promised, p.Work)
			continue
		}
		c.Own = binary.LittleEndian.AppendUint64(c.Own, uint64(p.Attempt.Label()))
		c.Own = binary.LittleEndian.AppendUint32(c.Own, uint32(p.Coordinator)<<1)
		if p.committed {
			c.Own[len(c.Own)-4] |= 1
		}
	}
	w.Checkpoint(&c)
}

// restore is the reverse of checkpoint.
func (w *worker) restore(c *model.Checkpoint) {
	for _, it := range c.Items {
		w.store[it.Key] = it
	}
	for _, work := range c.Promised {
		w.promised(work)
	}
	for own := c.Own; len(own) > 0; own = own[12:] {
		of := binary.LittleEndian.Uint32(own[8:])
		p := w.add(model.Work{Attempt: model.AttemptOf(sim.Label(binary.LittleEndian.Uint64(own))), Coordinator: sim.NodeID(of >> 1)})
		p.state, p.committed = over, of&1 > 0
	}
}

func (w *worker) promised(work model.Work) {
	p := w.add(work)
	p.state = deciding
	w.lock(p)
}

// end carries out a decision.
func (w *worker) end(p *part, committed bool) {
	w.Env.Cancel(p.timer)
	w.apply(p, committed)
	kind := model.KindAborted
	if committed {
		kind = model.KindCommitted
	}
	w.Env.Note(sim.Mail{Kind: kind, Label: p.Attempt.Label()}, &model.Message{Attempt: p.Attempt, Peer: p.Coordinator})
	w.Tally().Resolved++
}

func (w *worker) apply(p *part, committed bool) {
	p.state, p.committed = over, committed
	for i := range p.Writes {
		if committed {
			w.store[p.Writes[i].Key] = p.Item(w.Worker, i)
		}
		delete(w.locks, p.Writes[i].Key)
	}
	for _, key := range p.Shared {
		w.locks[key] = slices.DeleteFunc(w.locks[key], func(o *part) bool { return o == p })
	}
}

// Fired implements sim.Node: if it is in doubt, it asks.
func (w *worker) Fired(token uint64) {
	if p := w.order[token]; p.state == deciding {
		w.send(p, model.KindEnquire, model.Message{})
		p.timer = w.Env.SetTimer(w.Config.Timeouts.Decision, token)
	}
}

func (w *worker) send(p *part, kind sim.Kind, m model.Message) {
	m.Attempt = p.Attempt
	p.sent++
	w.Env.Send(p.Coordinator, sim.Mail{Kind: kind, Label: p.Attempt.Label(), Again: w.Env.Incarnation()<<16 + p.sent, Arg: uint64(m.Vote)}, m)
}

// Recover implements sim.Node: everything it knows is from the checkpoint and the log.
func (w *worker) Recover(log sim.Recovery) {
	if err := w.redo(log); err != nil {
		w.Env.Note(sim.Mail{Kind: model.KindFinding}, &model.Message{Peer: w.Env.ID()})
		w.Env.Stop()
		return
	}
	for _, p := range w.order {
		w.Fired(p.token)
	}
}

func (w *worker) redo(log sim.Recovery) error {
	c, err := w.ReadCheckpoint(log)
	if err != nil {
		return err
	}
	w.restore(&c)
	for rec := range log.Records() {
		work, err := model.ReadWork(rec)
		if err != nil {
			return err
		}
		if rec.Kind == model.KindPrepare {
			w.promised(work)
		} else {
			w.apply(w.parts[work.Attempt], rec.Kind == model.KindCommit)
		}
	}
	return nil
}

// InDoubt implements model.InDoubter.
func (w *worker) InDoubt(txn uint64) bool {
	return slices.ContainsFunc(w.order, func(p *part) bool { return p.Attempt.Txn == txn && p.state == deciding })
}

// Residue implements model.Resident. Locks are those in the table, so that one that is
// forgotten there shows.
func (w *worker) Residue() []model.Residue {
	locks := map[*part]int{}
	for _, holders := range w.locks { // in any order: they are counted
		for _, p := range holders {
			locks[p]++
		}
	}
	var all []model.Residue
	for _, p := range w.order {
		if p.state != over || locks[p] > 0 {
			all = append(all, model.Residue{Node: w.Env.ID(), Attempt: p.Attempt, State: [...]string{"preparing", model.StateInDoubt, "", "over"}[p.state],
				Locks: locks[p], Awaits: []sim.NodeID{p.Coordinator}})
		}
	}
	return all
}

// AppendState implements sim.StateAppender. The order of parts is that of their tokens, and
// store and locks follow from them. It leaves out what only numbers messages, sent, and
// what the log device holds, record.
func (w *worker) AppendState(b []byte) []byte {
	for _, p := range w.order {
		b = fmt.Appendf(b, "%v %d %v %v %v %v %v|", p.Attempt, p.Coordinator, p.state, p.committed, p.reads, p.Writes, p.Shared)
	}
	for _, p := range w.waiting {
		b = fmt.Appendf(b, "%d ", p.token)
	}
	return b
}
