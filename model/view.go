package model

import (
	"cmp"
	"maps"
	"slices"
	"strconv"

	"github.com/seed83d86191/txsim/sim"
)

// NodeView is the state of a node in memory, for people to read between two events. It
// shares nothing with the node.
type NodeView struct {
	Open     []OpenView // attempts that are not finished
	Finished []OpenView // and those that are, but remembered: they must never run again
	Locks    []LockView // that are held or awaited, by key
	Store    []StoredItem
	Notes    []NoteView
}

// OpenView is an attempt at a node.
type OpenView struct {
	Attempt Attempt
	State   string // "in doubt", "waits for votes", …
	Node    sim.NodeID
	Staged  []StagedView  // at a worker: its writes, which no other can see
	Parts   []PartnerView // at a coordinator
}

// StagedView is one write in the staging area.
type StagedView struct {
	Key, Value string
	Deleted    bool
}

// PartnerView is what a coordinator knows of a worker's side of an attempt.
type PartnerView struct {
	Node    sim.NodeID
	Vote    Vote
	Awaited bool // a reply or an ack is
}

// LockView is the lock of one key.
type LockView struct {
	Key     string
	Holders []ClaimView
	Queue   []ClaimView // first in, first out, but upgrades first
}

// ClaimView is a lock that is held or awaited.
type ClaimView struct {
	Attempt   Attempt
	Exclusive bool
	Upgrade   bool // awaited: it is held shared
}

// NoteView is anything else that a node remembers, about a node or an attempt.
type NoteView struct {
	Node    sim.NodeID // sim.Nobody if it is about an attempt, or nothing
	Attempt Attempt
	Text    string
}

// Viewer is a node that can show its state, and say what a timer of it is for.
// Nodes of a protocol of one's own may implement it.
type Viewer interface {
	View() NodeView
	// Timer says which attempt a timer of this token is about, if any, and what the
	// node will do when it fires, if that is known.
	Timer(token uint64) (Attempt, string)
}

// Viewer returns a node as a Viewer; ok is false while it is down, or if it is none.
func (c *Cluster) Viewer(n sim.NodeID) (v Viewer, ok bool) { return as[Viewer](c.World.Node(n)) }

var finishedText = [...]string{partCommitted: "committed", partLeft: "only read", partAborted: "aborted"}

// View implements Viewer.
func (w *worker) View() NodeView {
	var v NodeView
	for _, p := range w.parts {
		if p == nil || p.state.finished() {
			continue
		}
		o := OpenView{Attempt: p.attempt, State: partResidue[p.state], Node: p.key.coordinator}
		if p.waiting != nil {
			o.State = "waits for a lock on " + QuoteWord(p.waiting.key)
		}
		for i := range p.staged {
			s := &p.staged[i]
			o.Staged = append(o.Staged, StagedView{s.key, s.value, s.deleted})
		}
		v.Open = append(v.Open, o)
	}
	slices.SortStableFunc(v.Open, func(a, b OpenView) int { return cmp.Compare(a.Attempt.Label(), b.Attempt.Label()) })
	for i := range w.peers {
		c := &w.peers[i]
		for _, p := range c.done[c.head:] {
			v.Finished = append(v.Finished, OpenView{Attempt: p.attempt, State: finishedText[p.state], Node: c.node})
		}
	}
	for _, it := range w.store.all() {
		if l := it.lock; l != nil {
			v.Locks = append(v.Locks, LockView{it.key, claims(l.holders), claims(l.queue)})
		}
	}
	for _, it := range w.store.sorted() {
		v.Store = append(v.Store, StoredItem{w.Worker, it.key, it.value, !it.present, it.version()})
	}
	for _, s := range w.waiting[w.first:] {
		if !s.void() {
			v.Notes = append(v.Notes, NoteView{sim.Nobody, s.p.attempt, KindName(s.then) + " leaves when the log is durable up to " + strconv.FormatUint(uint64(s.lsn), 10)})
		}
	}
	return v
}

func claims(list []holder) []ClaimView {
	var all []ClaimView
	for _, h := range list {
		all = append(all, ClaimView{h.p.attempt, h.exclusive, h.upgrade})
	}
	return all
}

// Timer implements Viewer.
func (w *worker) Timer(token uint64) (Attempt, string) {
	if token == flushToken {
		return Attempt{}, "syncs the log"
	}
	if token >= uint64(len(w.parts)) || w.parts[token] == nil {
		return Attempt{}, ""
	}
	switch p := w.parts[token]; {
	case p.state == partExecuting && p.waiting != nil:
		return p.attempt, "wounds again who is in the way"
	case p.state == partExecuted:
		return p.attempt, "gives up"
	case p.state == partPrepared:
		return p.attempt, "asks for the decision"
	default:
		return p.attempt, "does nothing"
	}
}

// View implements Viewer.
func (c *coordinator) View() NodeView {
	var v NodeView
	for a := range c.attempts {
		o := OpenView{Attempt: a.name, State: attemptResidue[a.state], Node: c.Env.ID()}
		for i := range a.parts {
			p := &a.parts[i]
			o.Parts = append(o.Parts, PartnerView{p.node, p.vote, p.waiting})
		}
		v.Open = append(v.Open, o)
	}
	for _, s := range c.waiting {
		v.Notes = append(v.Notes, NoteView{sim.Nobody, s.a.name, "goes on when the log is durable up to " + strconv.FormatUint(uint64(s.lsn), 10)})
	}
	for _, n := range slices.Sorted(maps.Keys(c.suspects)) {
		v.Notes = append(v.Notes, NoteView{n, Attempt{}, "suspected since " + c.suspects[n].String()})
	}
	for _, txn := range slices.Sorted(maps.Keys(c.known)) {
		v.Notes = append(v.Notes, NoteView{sim.Nobody, Attempt{txn, c.known[txn]}, "has come or was read from the log; its client may not know"})
	}
	return v
}

// Timer implements Viewer.
func (c *coordinator) Timer(token uint64) (Attempt, string) {
	a := c.byToken(token)
	if a == nil {
		return Attempt{}, ""
	}
	switch a.state {
	case attemptExecuting, attemptVoting:
		return a.name, "suspects the silent and aborts"
	case attemptOnePhase, attemptCommitted, attemptAborted:
		return a.name, "suspects the silent and sends again"
	}
	return a.name, "suspects the silent"
}

// View implements Viewer.
func (c *clients) View() NodeView {
	var v NodeView
	for _, index := range c.open.keys() {
		o := c.open.get(index)
		state := "submitted at " + o.submitted.String()
		if o.asks > 0 {
			state += ", asked " + plural(int(o.asks), "time")
		}
		v.Open = append(v.Open, OpenView{Attempt: Attempt{index, o.try}, State: state, Node: c.coordinator(o.txn)})
	}
	return v
}

// Timer implements Viewer.
func (c *clients) Timer(token uint64) (Attempt, string) {
	var a Attempt
	index, what := timerOf(token)
	if o := c.open.get(index); o != nil {
		a = Attempt{index, o.try}
	}
	switch what {
	case timerAsk:
		return a, "asks what became of it"
	case timerRetry:
		return a, "tries again"
	case timerThink:
		return Attempt{}, "submits the next transaction"
	}
	return Attempt{}, "submits the next arrival"
}

// Writes prints the writes of an attempt: a="1" b deleted.
func (o *OpenView) Writes() string {
	var b []byte
	for i, s := range o.Staged {
		if i > 0 {
			b = append(b, ' ')
		}
		b = appendValue(b, s.Key, s.Value, s.Deleted)
	}
	return string(b)
}

// Text prints an item and who wrote it: a="1" of t3.
func (s *StoredItem) Text(f *Formatter) string {
	return string(appendValue(nil, s.Key, s.Value, s.Deleted)) + " of " + f.Attempt(s.Version.Attempt)
}

func appendValue(b []byte, key, value string, deleted bool) []byte {
	b = append(b, QuoteWord(key)...)
	if deleted {
		return append(b, " deleted"...)
	}
	return strconv.AppendQuote(append(b, '='), value)
}

// Text prints a lock: a held by t3, awaited by t4 (shared).
func (l *LockView) Text(f *Formatter) string {
	s := QuoteWord(l.Key)
	for i, list := range [2][]ClaimView{l.Holders, l.Queue} {
		for j, c := range list {
			switch {
			case j > 0:
				s += ", "
			case i == 0:
				s += " held by "
			case len(l.Holders) > 0:
				s += ", awaited by "
			default:
				s += " awaited by "
			}
			s += f.Attempt(c.Attempt)
			switch {
			case c.Upgrade:
				s += " (upgrade)"
			case !c.Exclusive:
				s += " (shared)"
			}
		}
	}
	return s
}

// Text prints what a coordinator knows of a worker: w4 yes, w9 awaited.
func (p *PartnerView) Text(f *Formatter) string {
	s := f.Node(p.Node)
	switch p.Vote {
	case VoteYes:
		s += " yes"
	case VoteNo:
		s += " no"
	case VoteRead:
		s += " read-only"
	}
	if p.Awaited {
		s += " awaited"
	}
	return s
}
