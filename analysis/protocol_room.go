package analysis

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// What this file checks, it checks of accountable protocols only: that a worker which says
// that it is full can be, and that it promises no more bytes than it may stage.
//
// The trace does not say when an operation has its lock, so it is not known what a worker has
// staged at a moment, but what it has at most: all that the requests say which have reached
// it, as long as nothing shows that their attempts are over. So a worker that is accused has
// had room, but one that had is not accused where attempts that only waited for locks might
// have filled it.

// room follows what the workers can have taken of what is bounded.
type room struct {
	bounds   model.Resources
	capacity int64                  // of a log device; 0: no bound
	fills    bool                   // log devices may be full even so
	left     func(sim.NodeID) int64 // what a node's log device can still hold; nil: that is not known
	workers  []taken                // nil if there are no bounds
}

// taken is what a worker can have taken at most.
type taken struct {
	live  map[sim.Label]resident // attempts that are not over there
	over  []resident             // attempts whose last record may yet be lost, in the order of these
	bytes int64                  // staged, over all that are live
	held  int64                  // of which those that have promised certainly stage
	keys  map[string]claim       // that it stores or would; nil if keys are not bounded
}

// resident is an attempt at a worker.
type resident struct {
	label     sim.Label
	part      *model.Part
	to        int32 // how many operations it has been asked for
	now       int64 // the bytes that these stage in the end
	bytes     int64 // that they stage at most
	held      int64 // of which certainly
	promise   sim.LSN
	alone     bool    // the promise is the commit, too
	end       sim.LSN // of the record of the decision
	committed bool
}

// claim says why a key counts.
type claim struct {
	writes int32 // by attempts that are live
	stored bool  // by one that has committed
}

// fullness is what is known of a worker when it gives up an attempt.
type fullness uint8

const (
	unknownRoom fullness = iota
	hasRoom              // it is not full of anything
	mayBeFull
)

// set takes the bounds from the configuration.
func (x *room) set(cfg *model.Config) {
	*x = room{bounds: cfg.Resources, capacity: cfg.Disk.Capacity}
	if x.bounds != (model.Resources{}) || x.capacity > 0 {
		x.workers = make([]taken, cfg.Workers)
	}
}

// DisksFill tells the checker that log devices can be full though none is bounded.
func (c *ProtocolChecker) DisksFill() {
	c.room.fills = true
	if c.causes.accountable && c.room.workers == nil {
		c.room.workers = make([]taken, len(c.nodes)-1-c.coordinators)
	}
}

// AskDevices has the checker ask for what a node's log device can still hold. Without it,
// a log device that can be full may always be.
func (c *ProtocolChecker) AskDevices(left func(sim.NodeID) int64) { c.room.left = left }

// follow keeps account of what workers take.
func (x *room) follow(c *ProtocolChecker, r *sim.Record[model.Message]) {
	n := int(r.Node) - c.coordinators
	if uint(n) >= uint(len(x.workers)) {
		return
	}
	w := &x.workers[n]
	switch r.Op {
	case sim.TraceDeliver:
		if r.Message != nil && asks(r.Kind) {
			x.arrives(c, w, r)
		}
	case sim.TraceAppend:
		if w.logs(r, c.nodes[r.Node].durable); x.bounds.Staging > 0 && w.held > x.bounds.Staging && binding(r.Kind) {
			c.foundShape(InvKeyBound, "staging", r, "%s stages %d bytes with those of %s, and resources.staging is %d",
				c.format.Node(r.Node), w.held, c.name(r.Label), x.bounds.Staging)
		}
	case sim.TraceSend:
		if m := r.Message; m != nil && (r.Kind == model.KindVote && m.Vote == model.VoteRead || r.Kind == model.KindDone) {
			w.leaves(r.Label)
		}
	case sim.TraceNote:
		switch r.Kind {
		case model.KindAborted:
			c.givesUp(r)
			w.leaves(r.Label)
		case model.KindCommitted:
			if a, ok := w.live[r.Label]; ok {
				w.store(a.part, true)
				w.leaves(r.Label)
			}
		}
	case sim.TraceCrash:
		w.crashes(c.nodes[r.Node].durable)
	}
}

// arrives counts what a request asks for.
func (x *room) arrives(c *ProtocolChecker, w *taken, r *sim.Record[model.Message]) {
	m, t := r.Message, c.txns.find(r.Label)
	a, ok := w.live[r.Label]
	if !ok {
		if t != nil && c.isOver(t, r) {
			return // a duplicate
		}
		if a.part = requested(m, t, int(r.Node)-c.coordinators); a.part == nil {
			return
		}
		a.label = r.Label
	}
	to := min(max(m.To, a.to), int32(len(a.part.Ops)))
	if to == 0 {
		to = int32(len(a.part.Ops)) // a protocol of one's own need not say
	}
	if x.bounds.Keys > 0 && w.keys == nil {
		w.keys = map[string]claim{}
	}
	w.claim(a.part.Ops[a.to:to], 1)
	if x.bounds.Staging > 0 {
		before := a.bytes
		for ; a.to < to; a.to++ {
			a.now += stages(a.part.Ops, a.to)
			a.bytes = max(a.bytes, a.now)
		}
		w.bytes += a.bytes - before
	}
	a.to = to
	if w.live == nil {
		w.live = map[sim.Label]resident{}
	}
	w.live[r.Label] = a
}

// requested returns what a request asks a worker for, nil if that is not known.
func requested(m *model.Message, t *txnTrace, worker int) *model.Part {
	switch {
	case t != nil && (m.Txn == nil || m.Txn == t.txn):
		return t.part(worker)
	case m.Txn != nil:
		return partOf(m.Txn, worker)
	}
	return nil
}

// isOver reports whether an attempt is over at a worker that still remembers it.
func (c *ProtocolChecker) isOver(t *txnTrace, r *sim.Record[model.Message]) bool {
	last := c.lastRecord(t, r.Node, r.Label)
	return c.actedNow(t, r) || last != nil && decides(last.kind)
}

// stages returns by how many bytes the i-th operation makes the staging area grow: it may
// replace what an earlier one has written.
func stages(ops []model.PartOp, i int32) int64 {
	op := &ops[i]
	if op.Kind == model.Read {
		return 0
	}
	bytes := int64(len(op.Key) + len(op.Value))
	for k := i - 1; k >= 0; k-- {
		if ops[k].Lock == op.Lock && ops[k].Kind != model.Read {
			return bytes - int64(len(ops[k].Key)+len(ops[k].Value))
		}
	}
	return bytes
}

// claim counts the keys that operations write, or, with -1, no longer.
func (w *taken) claim(ops []model.PartOp, by int32) {
	for i := range ops {
		if w.keys != nil && ops[i].Kind == model.Write {
			k := w.keys[ops[i].Key]
			k.writes += by
			w.put(ops[i].Key, k)
		}
	}
}

func (w *taken) put(key string, k claim) {
	if k == (claim{}) {
		delete(w.keys, key)
		return
	}
	w.keys[key] = k
}

// store notes what an attempt stores that has committed. If it only may have, that is any key
// which it writes or deletes.
func (w *taken) store(p *model.Part, committed bool) {
	for i := range p.Ops {
		if op := &p.Ops[i]; w.keys != nil && op.Kind != model.Read {
			k := w.keys[op.Key]
			k.stored = op.Kind == model.Write || !committed
			w.put(op.Key, k)
		}
	}
}

// binding reports whether a record of a worker is a promise.
func binding(k sim.Kind) bool { return k == model.KindPrepare || k == model.KindCommitOne }

// logs follows an attempt by the records of its worker. A decision is carried out in the
// step that logs it.
func (w *taken) logs(r *sim.Record[model.Message], durable sim.LSN) {
	a, ok := w.live[r.Label]
	if !ok {
		return
	}
	lsn := sim.LSN(r.Arg)
	switch r.Kind {
	case model.KindPrepare, model.KindCommitOne:
		a.promise, a.alone = lsn, r.Kind == model.KindCommitOne
		w.held -= a.held
		a.held = a.now
		w.held += a.held
		w.live[r.Label] = a
		if a.alone {
			w.store(a.part, false) // from the moment that it is durable
		}
	case model.KindCommit, model.KindAbort:
		if a.committed = r.Kind == model.KindCommit; a.committed {
			w.store(a.part, true)
		}
		w.leaves(r.Label)
		if a.end = lsn; len(w.over) >= 64 {
			w.over = slices.DeleteFunc(w.over, func(a resident) bool { return a.end <= durable })
		}
		w.over = append(w.over, a)
	}
}

// leaves gives back what an attempt has taken that is over.
func (w *taken) leaves(label sim.Label) {
	if a, ok := w.live[label]; ok {
		w.claim(a.part.Ops[:a.to], -1)
		w.bytes -= a.bytes
		w.held -= a.held
		delete(w.live, label)
	}
}

// crashes leaves of the attempts those that the log holds without the decision: what it has
// lost of the last ones is undone.
func (w *taken) crashes(durable sim.LSN) {
	for label, a := range w.live { // in any order: what each has taken is given back by itself
		if a.promise == 0 || a.promise > durable {
			w.leaves(label)
		} else if a.alone { // it is restored as committed
			w.held, a.held = w.held-a.held, 0
			w.live[label] = a
		}
	}
	for _, a := range w.over {
		if a.end <= durable {
			continue
		}
		if a.committed {
			w.store(a.part, false)
		}
		if a.promise > 0 && a.promise <= durable {
			w.claim(a.part.Ops[:a.to], 1)
			w.bytes += a.bytes
			a.held = 0
			w.live[a.label] = a
		}
	}
	w.over = w.over[:0]
}

// givesUp judges whether a worker may be full when it gives up an attempt; why it does, only
// its reply says.
func (c *ProtocolChecker) givesUp(r *sim.Record[model.Message]) {
	if t := c.txns.find(r.Label); t != nil {
		if p := c.partAt(t, r.Label, r.Node, 0); p != nil {
			p.room = max(p.room, c.fullness(r))
		}
	}
}

// fullness judges whether a worker may be full now of an attempt that it was asked for.
func (c *ProtocolChecker) fullness(r *sim.Record[model.Message]) fullness {
	x, n := &c.room, int(r.Node)-c.coordinators
	if uint(n) >= uint(len(x.workers)) {
		return hasRoom
	}
	w := &x.workers[n]
	a, ok := w.live[r.Label]
	switch {
	case !ok, x.bounds.Staging > 0 && w.bytes > x.bounds.Staging, x.bounds.Keys > 0 && len(w.keys) > x.bounds.Keys:
		return mayBeFull
	case x.capacity == 0 && !x.fills:
		return hasRoom
	case x.left == nil || x.left(r.Node)-model.LogReserve*int64(len(w.live)+1) < model.PromiseBytes(a.part.Ops[:a.to]):
		return mayBeFull
	}
	return hasRoom
}

// checkFull checks that a worker which says that it is full can be. If it has not said that
// it gives the attempt up, it is judged by what it can have taken when it replies.
func (c *ProtocolChecker) checkFull(p *partCause, r *sim.Record[model.Message]) {
	x := &c.room
	if p.room == unknownRoom {
		p.room = c.fullness(r)
	}
	switch {
	case p.room == mayBeFull:
	case x.workers == nil:
		c.foundShape(InvAbortCause, "full", r, "%s says that it is full of %s, and nothing that it has is bounded", c.format.Node(r.Node), c.name(r.Label))
	default:
		c.foundShape(InvAbortCause, "full", r, "%s says that it is full of %s, and has had room: %s", c.format.Node(r.Node), c.name(r.Label), x.state(c, r.Node))
	}
}

// state says what a worker has of what is bounded.
func (x *room) state(c *ProtocolChecker, n sim.NodeID) string {
	var all []string
	w := &x.workers[int(n)-c.coordinators]
	if x.bounds.Staging > 0 {
		all = append(all, fmt.Sprintf("now at most %d of %d bytes are staged", w.bytes, x.bounds.Staging))
	}
	if x.bounds.Keys > 0 {
		all = append(all, fmt.Sprintf("now it stores at most %d of %s with what is staged", len(w.keys), Count(x.bounds.Keys, "key")))
	}
	switch {
	case x.capacity > 0:
		all = append(all, fmt.Sprintf("now its log device has room for %d bytes more", x.left(n)))
	case x.fills:
		all = append(all, "no fault had filled its log device")
	}
	return strings.Join(all, ", ")
}

// Crowded reports promises and decisions that were logged without room for them. What other
// protocols than accountable ones make of a full device is up to them.
func (c *ProtocolChecker) Crowded(k model.BadRecords) {
	if k.Records == 0 || !c.causes.accountable {
		return
	}
	c.foundLogged(InvWriteAhead, "no room", k.At, []sim.Label{k.Attempt.Label()}, "%s appended the %s record of %s, for which its log device had no room: the first of %d",
		c.format.Node(k.Node), c.format.Kind(k.Kind), c.format.Attempt(k.Attempt), k.Records)
}
