package model

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/sim"
)

// remains is what a node holds that no crash may take or change, in words. It is taken from
// the memory of a node that crashes with all its records durable, and again once its next
// life has read the log.
type remains struct {
	lines map[string]bool
	over  map[partKey]Outcome   // what has finished at a worker
	spoke map[partKey]bool      // of these, what its log says so of
	ended map[string]bool       // of the lines, those about what may be over
	marks map[sim.NodeID]WireID // below which it may have forgotten
}

func (r *remains) add(format string, args ...any) { r.lines[fmt.Sprintf(format, args...)] = true }

// missed compares what was left with what was recovered.
func (r *remains) missed(after *remains) string {
	var wrong []string
	for line := range r.lines { // in any order: sorted below
		if !after.lines[line] {
			wrong = append(wrong, "lost: "+line)
		}
	}
	for line := range after.lines { // likewise
		if !r.lines[line] && !after.ended[line] {
			wrong = append(wrong, "new: "+line)
		}
	}
	for k := range r.spoke { // likewise
		if o, ok := after.over[k]; !ok || o != r.over[k] {
			wrong = append(wrong, fmt.Sprintf("%v was %v and is %v", k, r.over[k], o))
		}
	}
	for k, o := range after.over { // likewise
		if before, ok := r.over[k]; k.id >= r.marks[k.coordinator] && (!ok || o != before) {
			wrong = append(wrong, fmt.Sprintf("%v is %v and was %v", k, o, before))
		}
	}
	slices.Sort(wrong)
	return strings.Join(wrong, "\n\t")
}

// count counts the lines with a word.
func (r *remains) count(word string) (n int) {
	for line := range r.lines { // in any order: they are counted
		if strings.Contains(line, word) {
			n++
		}
	}
	return n
}

func remainsOf(node sim.Node[Message]) *remains {
	r := &remains{map[string]bool{}, map[partKey]Outcome{}, map[partKey]bool{}, map[string]bool{}, map[sim.NodeID]WireID{}}
	if w, ok := node.(*worker); ok {
		r.worker(w)
	} else if c, ok := node.(*coordinator); ok {
		r.coordinator(c)
	}
	return r
}

func (r *remains) worker(w *worker) {
	type newest struct {
		Value   string
		Present bool
		Version
	}
	items := map[string]newest{}
	for it := range w.store.items.all() { // in any order: it fills a map
		if it.written() {
			items[it.key] = newest{it.value, it.present, it.version()}
		}
	}
	for i := range w.peers {
		r.marks[w.peers[i].node] = w.peers[i].mark
	}
	for _, p := range w.parts {
		if p == nil || p.lsn == 0 && (p.state == partPreparing || p.state == partDeciding) {
			continue // the crash is in front of its record
		}
		switch p.state {
		case partPreparing, partPrepared:
			r.promise(p)
		case partDeciding:
			for i := range p.staged {
				s := &p.staged[i]
				items[s.key] = newest{s.value, !s.deleted, Version{p.attempt, s.op}}
			}
			r.over[p.key], r.spoke[p.key] = Committed, true
		case partCommitted, partAborted:
			r.over[p.key] = p.outcome()
			if p.lsn > 0 && p.key.id >= w.peers.get(p.key.coordinator).mark {
				r.spoke[p.key] = true
			}
		}
	}
	present := 0
	for key, it := range items { // in any order: it fills a map
		r.add("%s: %+v", key, it)
		if it.Present {
			present++
		}
	}
	r.add("%d keys have a value", present)
}

// promise adds a part that is in doubt, with the locks that its items know of and what it counts
// for.
func (r *remains) promise(p *part) {
	var locks []string
	for _, h := range p.locked {
		own := h.it.lock.holders[h.it.lock.find(p)]
		locks = append(locks, fmt.Sprint(h.it.key, " ", own.exclusive))
	}
	slices.Sort(locks)
	r.add("%v of %v, %d old, holds %q, takes %d bytes and %d keys", p.key, p.attempt, p.start, locks, p.chargedBytes, p.chargedKeys)
	for i := range p.staged {
		s := &p.staged[i]
		r.add("%v is to write %s = %q, deleted %v, as operation %d", p.key, s.key, s.value, s.deleted, s.op)
	}
}

func (r *remains) coordinator(c *coordinator) {
	for a := range c.attempts {
		if !a.logged {
			continue
		}
		kind := KindCollecting
		switch {
		case a.state == attemptDeciding && a.forced == 0: // the crash is in front of its record
		case a.state == attemptDeciding, a.state == attemptCommitted:
			kind = KindCommit
		case a.state == attemptAborting, a.state == attemptAborted:
			kind = KindAbort
		}
		var told []sim.NodeID
		for i := range a.parts {
			if a.parts[i].concerned(kind) {
				told = append(told, a.parts[i].node)
			}
		}
		if kind != KindCommit && !c.rule.AbortForced {
			r.add("%v of %v: abort", a.id, a.name)
		}
		if kind == KindAbort && !c.rule.AbortForced {
			continue // only a checkpoint says so
		}
		line := fmt.Sprintf("%v of %v: %s, to %v", a.id, a.name, KindName(kind), told)
		r.lines[line] = true
		// No record says when a commit is over, or that what was collected is aborted.
		r.ended[line] = kind == KindCommit && !c.rule.CommitAcked || kind == KindCollecting
	}
}

// reading follows the crashes of a run in which nodes had no unsynced records, up to where
// their next lives have read their logs.
type reading struct {
	lab      *lab
	appended map[sim.NodeID]sim.LSN
	reads    map[sim.NodeID]bool     // it has yet to read its log
	left     map[sim.NodeID]*remains // when it crashed
	compared map[string]int          // lines, by a word in them
	wrong    string                  // at first
}

func newReading(l *lab) *reading {
	return &reading{lab: l, appended: map[sim.NodeID]sim.LSN{}, reads: map[sim.NodeID]bool{}, left: map[sim.NodeID]*remains{}, compared: map[string]int{}}
}

func (rd *reading) see(r *sim.Record[Message]) {
	n, w := r.Node, rd.lab.World
	switch {
	case r.Op == sim.TraceAppend:
		rd.appended[n] = sim.LSN(r.Arg)
	case r.Op == sim.TraceCrash:
		if delete(rd.left, n); w.Durable(n) >= rd.appended[n] && !rd.reads[n] {
			rd.left[n] = remainsOf(w.Node(n))
		}
		rd.appended[n] = 0
	case r.Op == sim.TraceRestart:
		rd.reads[n] = true
	case r.Op == sim.TraceNote && r.Kind == KindRecover && r.Message.Peer == n && rd.reads[n]:
		rd.reads[n] = false // this is the first thing that it says in this life
		if left := rd.left[n]; left != nil {
			rd.compare(n, left, int(r.Arg))
		}
	}
}

// remainsWords stand in lines of remains of every sort.
var remainsWords = []string{"holds", "true\"", "false\"", "deleted true", "Present", "commit, to", "abort, to", "collecting, to"}

// compare compares what a node has left with what it has now, of which it says that it is in
// doubt about so much, or has so many decisions to carry out.
func (rd *reading) compare(n sim.NodeID, left *remains, open int) {
	after := remainsOf(rd.lab.World.Node(n))
	if wrong := left.missed(after); wrong != "" && rd.wrong == "" {
		rd.wrong = fmt.Sprintf("%s at %v:\n\t%s", rd.lab.World.Name(n), rd.lab.World.Now(), wrong)
	}
	if c, ok := rd.lab.World.Node(n).(*coordinator); ok && open != len(c.old) || !ok && open != after.count("holds") {
		rd.wrong = fmt.Sprintf("%s at %v says that %d are open", rd.lab.World.Name(n), rd.lab.World.Now(), open)
	}
	rd.compared["over"] += len(left.spoke)
	for _, word := range remainsWords {
		rd.compared[word] += left.count(word)
	}
}

// kept says what is wrong with the accounts of a node, which restored attempts enter too.
func kept(node sim.Node[Message], log sim.Recovery) string {
	switch n := node.(type) {
	case *worker:
		live, bytes, keys, present := 0, int64(0), 0, 0
		for it := range n.store.items.all() { // in any order: they are counted
			if it.present {
				present++
			}
		}
		if present != n.store.present {
			return fmt.Sprintf("%d keys have a value, and %d are counted", present, n.store.present)
		}
		for _, p := range n.parts {
			if p != nil && !p.state.finished() {
				live, bytes, keys = live+1, bytes+p.chargedBytes, keys+int(p.chargedKeys)
			}
		}
		if live != int(n.live) || bytes != n.staged || keys != n.newKeys {
			return fmt.Sprintf("%d live parts with %d bytes and %d keys, and %d, %d, %d are counted", live, bytes, keys, n.live, n.staged, n.newKeys)
		}
		if !n.Env.Checkpointing() && n.checkpoint != len(log.Checkpoint) {
			return fmt.Sprintf("the checkpoint has %d bytes, %d are known", len(log.Checkpoint), n.checkpoint)
		}
	case *coordinator:
		room, txns := int64(0), map[uint64]bool{}
		for a := range n.attempts {
			room, txns[a.name.Txn] = room+AttemptReserve(len(a.parts)), true
		}
		if len(txns) != n.byTxn.n {
			return fmt.Sprintf("attempts of %d transactions, and of %d are known", len(txns), n.byTxn.n)
		}
		if room != n.reserved {
			return fmt.Sprintf("the attempts need %d bytes of log, and %d are reserved", room, n.reserved)
		}
		if !n.Env.Checkpointing() && n.checkpoint != len(log.Checkpoint) {
			return fmt.Sprintf("the checkpoint has %d bytes, %d are known", len(log.Checkpoint), n.checkpoint)
		}
	}
	return ""
}

// TestNothingIsLost: what a node whose records are all durable has stored, promised, decided and
// finished when it crashes is what its next life has when it has read its checkpoint and its log.
// The node itself says what that is, from its memory, in both lives.
func TestNothingIsLost(t *testing.T) {
	compared := map[string]int{}
	for seed := range uint64(60) {
		run := newStress(seed, Protocols()[seed%3], Concurrencies()[seed/3%3], Execution(seed/9%3))
		rd := newReading(run.lab)
		rd.compared = compared
		before := run.seen
		run.seen = func(r *sim.Record[Message]) {
			if rd.see(r); before != nil {
				before(r)
			}
		}
		run.run(t)
		for n := range sim.NodeID(run.World.Nodes()) {
			if wrong := kept(run.World.Node(n), run.World.Storage(n)); wrong != "" && rd.wrong == "" {
				rd.wrong = fmt.Sprintf("%s at the end: %s", run.World.Name(n), wrong)
			}
		}
		if rd.wrong != "" {
			t.Fatalf("seed %d: %s", seed, rd.wrong)
		}
	}
	for _, word := range append([]string{"over"}, remainsWords...) {
		if compared[word] == 0 {
			t.Errorf("nothing was compared in which %q stands: %v", word, compared)
		}
	}
}
