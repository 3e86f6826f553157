package analysis

import (
	"slices"
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// faultWatch records the faults of nodes and links, from the trace but for those that leave no
// record there.
type faultWatch struct {
	nodes      []nodeFault
	partitions []ledgerKey // in force
	active     int         // nodes that are down or paused but not for good, and partitions
	crashed    bool        // some node has crashed, so that its log may have lost its end
	dead       int         // nodes that are down for good
	slow       sim.Time    // until when some node or device is slow
	held       sim.Time    // until when messages may wait behind one that a fault made late
	last       sim.Time    // when a fault last began or ended, except messages lost at dead nodes
}

// nodeFault is the last crash or pause of a node.
type nodeFault struct {
	key    ledgerKey
	until  sim.Time // Never while it lasts
	up     sim.Time // when it last came up again after a crash; Never while it is down, -1 if it has not crashed
	crash  sim.Time // when it last crashed; 0 if it has not
	struck bool
	dead   bool
	past   []faultWindow // the crashes and pauses before
	slow   []faultWindow // when it, or its log device, is slow
	before Downtime      // the node's sum before its last recovery
}

// lasts reports whether the fault has not ended.
func (n *nodeFault) lasts() bool { return n.struck && n.until == sim.Never }

// latest returns the latest crash or pause that began before a time, and when it ended; -1 if
// there was none.
func (n *nodeFault) latest(before sim.Time) (ledgerKey, sim.Time) {
	if n.struck && n.key.at < before {
		return n.key, n.until
	}
	for _, w := range slices.Backward(n.past) {
		if w.key.at < before {
			return w.key, w.until
		}
	}
	return ledgerKey{}, -1
}

// lostMessage is a message of an attempt that did not arrive, or was delayed.
type lostMessage struct {
	key      ledgerKey // the fault
	at       sim.Time
	label    sim.Label
	from, to sim.NodeID
	kind     sim.Kind
	cause    sim.LossCause // if it was lost
	until    sim.Time      // when it came, at the earliest; Never
}

// maxLost bounds the lost messages that are kept of a transaction.
const maxLost = 8

// faulted takes note of a record of a fault.
func (c *ProtocolChecker) faulted(r *sim.Record[model.Message]) {
	f := &c.faults
	if r.Op != sim.TraceLost || sim.LossCause(r.Arg) != sim.LostNodeDown || !f.nodes[r.Node].dead {
		f.last = r.At
	}
	switch r.Op {
	case sim.TraceCut:
		f.partitions = append(f.partitions, ledgerKey{faultPartition, int(r.Arg), r.At})
		f.active++
	case sim.TraceHeal:
		for i, cut := range f.partitions {
			if cut.which == int(r.Arg) {
				f.partitions = append(f.partitions[:i], f.partitions[i+1:]...)
				f.active--
				return
			}
		}
	case sim.TraceLost:
		c.lost(r)
	case sim.TraceCrash:
		f.begin(r, faultCrash)
	case sim.TracePause:
		f.begin(r, faultPause)
	case sim.TraceRestart, sim.TraceResume:
		n := &f.nodes[r.Node]
		if n.lasts() {
			n.until = r.At
			f.active--
		}
		if r.Op == sim.TraceRestart {
			n.up = r.At
			n.before = c.ledger.recovered(r.Node, r.At.Sub(n.key.at))
		}
	case sim.TraceDead, sim.TraceStopped:
		n := &f.nodes[r.Node]
		if r.Op == sim.TraceStopped && n.struck && n.until == r.At { // its recovery has failed
			*c.ledger.downOf(r.Node) = n.before
		}
		if !n.dead {
			n.dead, n.up = true, sim.Never
			f.dead++
			if n.lasts() {
				f.active--
			}
		}
	}
}

// begin begins a crash or a pause; a crash ends a pause.
func (f *faultWatch) begin(r *sim.Record[model.Message], class faultClass) {
	n := &f.nodes[r.Node]
	if !n.lasts() {
		f.active++
	}
	if n.struck {
		n.past = window(n.past, faultWindow{n.key, min(n.until, r.At)})
	}
	n.key, n.until, n.struck = ledgerKey{class, int(r.Node), r.At}, sim.Never, true
	if class == faultCrash {
		f.crashed, n.up, n.crash = true, sim.Never, r.At
	}
}

// lost keeps, with its transaction, a lost message that can keep a worker in doubt.
func (c *ProtocolChecker) lost(r *sim.Record[model.Message]) {
	if r.Kind == model.KindAck || r.Kind == model.KindWound {
		return
	}
	t := c.txns.find(r.Label)
	if t == nil {
		return
	}
	if decides(r.Kind) {
		t.notLeft(r.Node, tryOf(r.Label))
	}
	f := &c.faults
	m := lostMessage{at: r.At, label: r.Label, from: r.Peer, to: r.Node, kind: r.Kind, cause: sim.LossCause(r.Arg), until: sim.Never}
	switch m.cause {
	case sim.LostByPartition:
		for _, cut := range f.partitions {
			if cut.which == r.Cut {
				m.key = cut
			}
		}
	case sim.LostNodeDown:
		m.key = f.nodes[r.Node].key
	case sim.LostByFault:
		m.key = ledgerKey{class: faultDrop, at: -1}
	default:
		m.key = ledgerKey{class: faultChance, at: -1}
	}
	t.missed(m)
}

// charge adds the time that a worker was in doubt to the ledger.
func (c *ProtocolChecker) charge(t *txnTrace, rec *tracedRecord, now sim.Time, open bool) {
	key, began := ledgerKey{at: -1}, min(t.asked, rec.at)
	if len(t.lost) > 0 || c.faults.active > 0 || c.faults.dead > 0 || c.faults.last >= began || c.faults.slow >= began {
		key = c.cause(t, rec, now)
	}
	e := c.ledger.entry(key)
	d := max(0, now.Sub(rec.doubt.since()))
	if c.ledger.lists(d) {
		c.ledger.list(LedgerPart{Attempt: model.AttemptOf(t.label(rec)), Worker: rec.node, Since: rec.doubt.since(), For: d, Open: open, At: -1, key: key})
	}
	c.doubt.add(d, open)
	e.add(d, open)
	e.Locked += time.Duration(t.locks(int(rec.node)-c.coordinators)) * d
	for _, b := range t.behind {
		if b.node == rec.node && tryOf(b.holder) == rec.try && c.blockedFirst(b.waiter, key) {
			e.Blocked++
		}
	}
}

// blockedCause is a cause that an attempt is counted as blocked by.
type blockedCause struct {
	key ledgerKey
	try uint16
}

// blockedFirst takes note that an attempt was blocked by a cause, and reports whether that is
// new. It is not if the attempt waited at another worker too, or for another transaction.
func (c *ProtocolChecker) blockedFirst(waiter sim.Label, key ledgerKey) bool {
	t := c.txns.find(waiter)
	if t == nil {
		return true
	}
	b := blockedCause{key, tryOf(waiter)}
	if slices.Contains(t.blocked, b) {
		return false
	}
	if len(t.blocked) < maxBehind {
		t.blocked = append(t.blocked, b)
	}
	return true
}

// cause finds the latest fault that kept a worker in doubt until now.
func (c *ProtocolChecker) cause(t *txnTrace, rec *tracedRecord, now sim.Time) ledgerKey {
	best, at := ledgerKey{}, sim.Time(-1)
	consider := func(k ledgerKey, when sim.Time) {
		if when > at {
			best, at = k, when
		}
	}
	since, left := rec.doubt.since(), c.leftAt(t, rec.node, rec.try)
	for _, n := range [...]sim.NodeID{t.serves, rec.node} {
		before := sim.Never
		if n == t.serves {
			before = left
		}
		k, until := c.faults.nodes[n].latest(before)
		if until == sim.Never {
			return k // nothing can be heard from it, whatever else happens
		}
		if until >= since {
			consider(k, k.at)
		}
		c.faults.slowIn(n, since, min(now, before), consider)
	}
	decided := now
	for i := range t.decisions {
		if d := &t.decisions[i]; tryOf(d.label) == rec.try {
			decided = min(decided, d.at)
		}
	}
	began := min(t.asked, rec.at)
	for i := range t.txn.Parts {
		n := c.worker(&t.txn.Parts[i])
		f := &c.faults.nodes[n]
		if n != rec.node && f.struck && f.until >= began && f.key.at <= decided && !t.voted(n, rec.try, f.key.at) {
			consider(f.key, f.key.at)
		}
		if n != rec.node && len(f.slow) > 0 && !t.voted(n, rec.try, since) {
			c.faults.slowIn(n, began, decided, consider)
		}
	}
	without := t.decidedWithout(rec.try, decided)
	for i := range t.lost {
		m := &t.lost[i]
		if tryOf(m.label) == rec.try && m.until > since && m.concerns(rec.node, decided, left) && !(without && t.agreed(m, decided)) {
			consider(m.key, m.at)
		}
	}
	return best
}

// decidedWithout reports whether an attempt was decided, or is undecided, for want of a vote:
// that or what asks for it was lost, and nothing made up for it. A commit shows that something
// did.
func (t *txnTrace) decidedWithout(try uint16, decided sim.Time) bool {
	for i := range t.decisions {
		if d := &t.decisions[i]; tryOf(d.label) == try && d.outcome == model.Committed {
			return false
		}
	}
	for i := range t.lost {
		m := &t.lost[i]
		if m.until == sim.Never && tryOf(m.label) == try && m.at <= decided && (m.kind == model.KindPrepare || m.kind == model.KindVote) {
			return true
		}
	}
	return false
}

// agreed reports whether a message that was late is a YES, or asked for one, and came before
// the decision. Where a vote is missing, a YES ends no wait.
func (t *txnTrace) agreed(m *lostMessage, decided sim.Time) bool {
	voter := m.from
	switch m.kind {
	case model.KindPrepare:
		voter = m.to
	case model.KindVote:
	default:
		return false
	}
	return m.until <= decided && t.voted(voter, tryOf(m.label), decided)
}

// concerns reports whether the loss of a message can keep a worker in doubt: that of the
// decision or, until that has left, of its own enquiries, and, before the decision, that of what
// leads to it.
func (m *lostMessage) concerns(worker sim.NodeID, decided, left sim.Time) bool {
	switch m.kind {
	case model.KindEnquire:
		return m.from == worker && m.at < left
	case model.KindCommit, model.KindAbort:
		return m.from == worker || m.to == worker
	}
	return m.at <= decided
}

// voted reports whether a worker had promised by then.
func (t *txnTrace) voted(n sim.NodeID, try uint16, by sim.Time) bool {
	for i := range t.records {
		if r := &t.records[i]; r.node == n && r.try == try && r.promised() && r.doubt.since() <= by {
			return true
		}
	}
	return false
}

// Waits is told that one attempt waits at a worker for a lock of another, or, if holder is
// zero, only for others that wait.
func (c *ProtocolChecker) Waits(worker sim.NodeID, waiter, holder model.Attempt) {
	c.waitsAt(worker, waiter.Label())
	c.checkWait(worker, waiter, holder)
	if t := c.txns.find(holder.Label()); t != nil {
		c.blocks(t, worker, waiter.Label(), holder.Label())
	}
}

// blockedBy is an attempt that waited for a lock of another one.
type blockedBy struct {
	node           sim.NodeID
	life           int32 // of the node
	waiter, holder sim.Label
}

// maxBehind bounds the attempts that are kept behind one transaction.
const maxBehind = 1 << 10

func (c *ProtocolChecker) blocks(t *txnTrace, worker sim.NodeID, waiter, holder sim.Label) {
	b := blockedBy{worker, c.nodes[worker].life(), waiter, holder}
	for i := range t.behind {
		if old := &t.behind[i]; old.node == b.node && old.waiter == waiter && old.holder == holder {
			old.life = b.life
			return
		}
	}
	if len(t.behind) < maxBehind {
		t.behind = append(t.behind, b)
	}
}

// stillBehind drops, when the doubt of a worker begins, the attempts that no longer wait:
// they were aborted, or the worker has crashed since.
func (c *ProtocolChecker) stillBehind(t *txnTrace, rec *tracedRecord) {
	life := c.nodes[rec.node].life()
	t.behind = slices.DeleteFunc(t.behind, func(b blockedBy) bool {
		if b.node != rec.node || tryOf(b.holder) != rec.try {
			return false
		}
		waiter := c.txns.find(b.waiter)
		return b.life != life || waiter == nil || waiter.act(b.node, b.waiter) != nil
	})
}
