package analysis

import (
	"slices"
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// Slow nodes and devices and delayed messages leave no record in the trace: the ledger is
// told of them by who makes them so. The methods fit fault.Onlooker.

// faultWindow is a time in which a node has a fault.
type faultWindow struct {
	key   ledgerKey
	until sim.Time // Never if it ends with the faults
}

// maxWindows bounds the windows of a kind that are kept of a node.
const maxWindows = 8

// window appends a window, and drops the oldest if there are too many.
func window(all []faultWindow, w faultWindow) []faultWindow {
	if len(all) == maxWindows {
		all = slices.Delete(all, 0, 1)
	}
	return append(all, w)
}

// Slowed is told that a line of the fault plan makes a node or its log device slow.
func (c *ProtocolChecker) Slowed(line int, n sim.NodeID, at, until sim.Time) {
	f := &c.faults
	node := &f.nodes[n]
	node.slow = window(node.slow, faultWindow{ledgerKey{faultLine, line, at}, until})
	f.slow = max(f.slow, until)
}

// Delayed is told that a line of the fault plan delays a message.
func (c *ProtocolChecker) Delayed(line int, from, to sim.NodeID, kind sim.Kind, label sim.Label, at sim.Time, by time.Duration) {
	if t := c.txns.find(label); t != nil && kind != model.KindAck && kind != model.KindWound {
		t.missed(lostMessage{key: ledgerKey{faultLine, line, -1}, at: at, label: label, from: from, to: to, kind: kind, until: at.Add(by)})
	}
}

// Held is told that what one node sends another may have to wait behind a message that is
// late: between nodes on one host messages keep their order, and no repetition overtakes it.
// Where nodes share hosts, it is not asked whether these two do.
func (c *ProtocolChecker) Held(until sim.Time) {
	if c.causes.share > 1 {
		c.faults.held = max(c.faults.held, until)
	}
}

// leftDecision is a decision that was sent to a worker: the first of those that are not lost.
type leftDecision struct {
	at  sim.Time // Never: it was lost
	to  sim.NodeID
	try uint16
}

// leaves takes note of a decision that is sent. If one is on its way already, what happens to its
// sender from then on makes no difference.
func (c *ProtocolChecker) leaves(t *txnTrace, r *sim.Record[model.Message]) {
	try := tryOf(r.Label)
	if c.leftAt(t, r.Peer, try) == sim.Never {
		if l := t.leftTo(r.Peer, try); l != nil {
			l.at = r.At
			return
		}
		t.left = append(t.left, leftDecision{r.At, r.Peer, try})
		t.wide.leave(r.Peer)
	}
}

// leftTo returns the decision about an attempt that was sent to a worker, nil if none was.
func (t *txnTrace) leftTo(n sim.NodeID, try uint16) *leftDecision {
	for i := t.leftBefore(len(t.left), n); i >= 0; i = t.leftBefore(i, n) {
		if l := &t.left[i]; l.try == try {
			return l
		}
	}
	return nil
}

// notLeft forgets that the decision about an attempt was sent to a worker.
func (t *txnTrace) notLeft(n sim.NodeID, try uint16) {
	if l := t.leftTo(n, try); l != nil {
		l.at = sim.Never
	}
}

// leftAt returns when the decision about an attempt was sent to a worker; Never if it was not, or
// may be lost: the worker forgets by a crash what it was told.
func (c *ProtocolChecker) leftAt(t *txnTrace, n sim.NodeID, try uint16) sim.Time {
	if l := t.leftTo(n, try); l != nil && l.at > c.faults.nodes[n].crash {
		return l.at
	}
	return sim.Never
}

// missed keeps a message of the transaction that did not arrive in time. If there are too
// many, one that was late is forgotten sooner than one that never came.
func (t *txnTrace) missed(m lostMessage) {
	if len(t.lost) == maxLost {
		i := max(0, slices.IndexFunc(t.lost, func(m lostMessage) bool { return m.until != sim.Never }))
		t.lost = slices.Delete(t.lost, i, i+1)
	}
	t.lost = append(t.lost, m)
}

// calm ends what is slow, as faults have ended.
func (f *faultWatch) calm(now sim.Time) {
	f.slow = min(f.slow, now)
	for i := range f.nodes {
		slow := f.nodes[i].slow
		for k := range slow {
			slow[k].until = min(slow[k].until, now)
		}
	}
}

// slowIn calls consider with what made a node slow at some time from a to b.
func (f *faultWatch) slowIn(n sim.NodeID, a, b sim.Time, consider func(k ledgerKey, when sim.Time)) {
	slow := f.nodes[n].slow
	for i := range slow {
		if w := &slow[i]; w.key.at <= b && w.until >= a {
			consider(w.key, w.key.at)
		}
	}
}

// LedgerPart is a worker's part of an attempt that was in doubt.
type LedgerPart struct {
	Attempt model.Attempt
	Worker  sim.NodeID
	Since   sim.Time
	For     time.Duration
	Open    bool     // to the end
	Fault   string   // as LedgerEntry has it
	At      sim.Time // of the fault; -1 if it has no time of its own

	key ledgerKey // of which Fault will be the name
}

// maxLongest bounds Ledger.Longest.
const maxLongest = 20

// lists reports whether a part that was in doubt for so long is to be kept: the longest are.
func (l *ledger) lists(d time.Duration) bool {
	n := len(l.longest)
	return n < maxLongest || d > l.longest[n-1].For
}

// list keeps such a part; the longest is first, and of equal ones that which was seen first.
func (l *ledger) list(v LedgerPart) {
	n := min(len(l.longest), maxLongest-1)
	l.longest = append(l.longest[:n], v)
	for ; n > 0 && l.longest[n-1].For < v.For; n-- {
		l.longest[n], l.longest[n-1] = l.longest[n-1], v
	}
}

// LongestTable is a table of the parts that were in doubt longest, for people.
func (l *Ledger) LongestTable(f *model.Formatter) *Table {
	t := &Table{Header: []string{"longest in doubt", "worker", "since", "for", "because of", "at"}, Right: []bool{false, false, true, true, false, true}}
	for _, v := range l.Longest {
		name, at := charged(v.Fault, v.At)
		took := Millis(v.For)
		if v.Open {
			took += ", to the end"
		}
		t.Add(f.Attempt(v.Attempt), f.Node(v.Worker), v.Since.String(), took, name, at)
	}
	return t
}
