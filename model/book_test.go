package model

import (
	"fmt"
	"slices"

	"github.com/seed83d86191/txsim/sim"
)

// book is a History that remembers everything, and a simple-minded judge of it:
// the oracle beside the clever checks of the analysis.
type book struct {
	txns      map[uint64]*Transaction
	final     map[uint64]Event
	answers   int
	installs  map[Version]int
	order     map[place][]Version // as installed
	values    map[place]StoredItem
	committed int
	aborted   int
	unknown   int
	noResults int
}

// place is the identity of data.
type place struct {
	worker int
	key    string
}

func newBook() *book {
	return &book{txns: map[uint64]*Transaction{}, final: map[uint64]Event{}, installs: map[Version]int{},
		order: map[place][]Version{}, values: map[place]StoredItem{}}
}

// Record implements History.
func (b *book) Record(e *Event) {
	switch e.Kind {
	case Submitted:
		b.txns[e.Txn.Index] = e.Txn
	case Installed:
		b.installs[e.Version]++
		p := place{e.Worker, e.Key}
		b.order[p] = append(b.order[p], e.Version)
		b.values[p] = StoredItem{e.Worker, e.Key, e.Value, e.Deleted, e.Version}
	case Answered:
		b.answers++
		if e.Final {
			b.final[e.Txn.Index] = *e
		}
	}
}

func (b *book) check(c *Cluster) error {
	tries := map[uint64]map[uint32]int{} // versions installed, by transaction and try
	for v, n := range b.installs {
		if n != 1 {
			return fmt.Errorf("%v installed %d times", v, n)
		}
		if tries[v.Txn] == nil {
			tries[v.Txn] = map[uint32]int{}
		}
		tries[v.Txn][v.Try]++
	}
	for i := range b.txns {
		if err := b.checkTxn(i, tries[i]); err != nil {
			return err
		}
	}
	if err := b.checkStored(c); err != nil {
		return err
	}
	return b.checkSerial()
}

// checkTxn checks atomicity, that at most one attempt commits, and that what
// the client was told is what happened.
func (b *book) checkTxn(i uint64, tries map[uint32]int) error {
	e, ok := b.final[i]
	if !ok {
		return fmt.Errorf("t%d has no final answer", i)
	}
	last, reads := map[place]bool{}, 0
	for _, op := range b.txns[i].Ops {
		if op.Kind == Read {
			reads++
		} else {
			last[place{op.Worker, op.Key}] = true
		}
	}
	total := 0
	for _, n := range tries {
		total += n
	}
	switch e.Outcome {
	case Committed:
		b.committed++
		if len(e.Reads) == 0 && reads > 0 {
			b.noResults++ // lost with the memory of who decided
		} else if err := b.checkReads(i, e.Reads, reads); err != nil {
			return err
		}
	case Aborted:
		b.aborted++
	case Unknown:
		b.unknown++
	}
	switch {
	case len(tries) > 1,
		total != 0 && total != len(last),
		e.Outcome == Committed && (total != len(last) || total > 0 && tries[e.Attempt.Try] != total),
		e.Outcome == Aborted && total != 0:
		return fmt.Errorf("t%d was told %v of %v; installed %v of %d writes", i, e.Outcome, e.Attempt, tries, len(last))
	}
	return nil
}

// checkReads checks that there is one result for each read.
func (b *book) checkReads(i uint64, got []ReadResult, reads int) error {
	seen := map[int32]bool{}
	for _, r := range got {
		if seen[r.Op] || b.txns[i].Ops[r.Op].Kind != Read {
			return fmt.Errorf("t%d: a result of operation %d too many", i, r.Op)
		}
		seen[r.Op] = true
	}
	if len(got) != reads {
		return fmt.Errorf("t%d: %d of %d results", i, len(got), reads)
	}
	return nil
}

// checkStored checks that storage holds the last version of every key, and no
// more keys than it may.
func (b *book) checkStored(c *Cluster) error {
	n, present := 0, map[int]int{}
	var err error
	c.Stored(func(it StoredItem) bool {
		n++
		if !it.Deleted {
			present[it.Worker]++
		}
		if most := c.cfg.Resources.Keys; most > 0 && present[it.Worker] > most && err == nil {
			err = fmt.Errorf("w%d holds more than %d keys", it.Worker, most)
		}
		if want := b.values[place{it.Worker, it.Key}]; want != it && err == nil {
			err = fmt.Errorf("stored %+v, installed last %+v", it, want)
		}
		return true
	})
	if err == nil && n != len(b.values) {
		err = fmt.Errorf("%d keys stored, %d installed", n, len(b.values))
	}
	return err
}

// checkSerial checks that reads saw committed values and that the transactions
// can be put in one order: the graph of dependencies has no cycle.
func (b *book) checkSerial() error {
	edges := map[uint64][]uint64{}
	edge := func(from, to uint64) {
		if from != to && from != 0 {
			edges[from] = append(edges[from], to)
		}
	}
	for _, vs := range b.order {
		for i := 1; i < len(vs); i++ {
			edge(vs[i-1].Txn, vs[i].Txn)
		}
	}
	for i, e := range b.final {
		for _, r := range e.Reads {
			op := b.txns[i].Ops[r.Op]
			vs := b.order[place{op.Worker, op.Key}]
			at := slices.Index(vs, r.Version)
			switch {
			case r.Version.Txn == i || r.Version == (Version{}):
			case at < 0:
				return fmt.Errorf("t%d read %v, which was never installed", i, r.Version)
			default:
				edge(r.Version.Txn, i)
			}
			if r.Version.Txn != i && at+1 < len(vs) {
				edge(i, vs[at+1].Txn)
			}
		}
	}
	return acyclic(edges)
}

func acyclic(edges map[uint64][]uint64) error {
	state := map[uint64]int{} // 1: on the path, 2: done
	var visit func(n uint64) error
	visit = func(n uint64) error {
		state[n] = 1
		for _, m := range edges[n] {
			if state[m] == 1 {
				return fmt.Errorf("t%d and t%d are on a cycle of dependencies", n, m)
			}
			if state[m] == 0 {
				if err := visit(m); err != nil {
					return err
				}
			}
		}
		state[n] = 2
		return nil
	}
	for n := range edges {
		if state[n] == 0 {
			if err := visit(n); err != nil {
				return err
			}
		}
	}
	return nil
}

// watcher checks the write-ahead rules and counts records and messages; it
// hears of durability from the devices alone.
type watcher struct {
	rules    []Force
	records  map[recordOf][]sim.LSN
	durable  map[sim.NodeID]sim.LSN
	appended map[sim.NodeID]map[sim.Kind]int
	sent     map[sim.Kind]int
	txns     map[uint64]*Transaction // as submitted
	answered map[sim.Label]answered
	err      error
}

// answered is the latest definite answer about an attempt, and the life that gave it.
type answered struct {
	outcome Outcome
	life    uint32
}

type recordOf struct {
	node  sim.NodeID
	kind  sim.Kind
	label sim.Label
}

func newWatcher(cfg Config) *watcher {
	rules := slices.DeleteFunc(cfg.Protocol.Promises().WriteAhead, func(f Force) bool { return f.OneShot && cfg.Execution != OneShot })
	return &watcher{rules: rules, records: map[recordOf][]sim.LSN{}, durable: map[sim.NodeID]sim.LSN{},
		appended: map[sim.NodeID]map[sim.Kind]int{}, sent: map[sim.Kind]int{}, txns: map[uint64]*Transaction{}, answered: map[sim.Label]answered{}}
}

func (w *watcher) trace(r *sim.Record[Message]) {
	switch r.Op {
	case sim.TraceAppend:
		k := recordOf{r.Node, r.Kind, r.Label}
		w.records[k] = append(w.records[k], sim.LSN(r.Arg))
		if w.appended[r.Node] == nil {
			w.appended[r.Node] = map[sim.Kind]int{}
		}
		w.appended[r.Node][r.Kind]++
	case sim.TraceSynced:
		w.durable[r.Node] = sim.LSN(r.Arg)
	case sim.TraceCrash:
		for k, at := range w.records {
			if k.node == r.Node {
				w.records[k] = slices.DeleteFunc(at, func(l sim.LSN) bool { return l > w.durable[r.Node] })
			}
		}
	case sim.TraceSend:
		w.sent[r.Kind]++
		if r.Kind == KindRequest {
			w.txns[r.Message.Txn.Index] = r.Message.Txn
		}
		w.sends(r)
	case sim.TraceNote:
		if r.Kind == KindFinding && w.err == nil {
			w.err = fmt.Errorf("at %v node %d stopped itself over %v", r.At, r.Node, AttemptOf(r.Label))
		}
	}
}

// bound reports whether a node has promised, and not committed: an abort presumed since is
// acknowledged too.
func (w *watcher) bound(r *sim.Record[Message]) bool {
	return len(w.records[recordOf{r.Node, KindPrepare, r.Label}]) > 0 && len(w.records[recordOf{r.Node, KindCommit, r.Label}]) == 0
}

// answers checks that in one life a coordinator does not contradict what it has told a client.
func (w *watcher) answers(r *sim.Record[Message]) {
	m := r.Message
	if m.Outcome != Committed && m.Outcome != Aborted {
		return
	}
	if was := w.answered[r.Label]; was.life == m.Life && was.outcome != m.Outcome && w.err == nil {
		w.err = fmt.Errorf("at %v node %d told its client that %v is %v, after %v", r.At, r.Node, m.Attempt, m.Outcome, was.outcome)
	}
	w.answered[r.Label] = answered{m.Outcome, m.Life}
}

func (w *watcher) sends(r *sim.Record[Message]) {
	if r.Kind == KindAnswer {
		w.answers(r)
	}
	if r.Message.Presumed {
		return
	}
	for _, f := range w.rules {
		if f.Message != r.Kind || f.Vote != VoteNone && f.Vote != r.Message.Vote ||
			f.When != nil && !f.When(w.txns[AttemptOf(r.Label).Txn], r.Message) || f.Prepared && !w.bound(r) {
			continue
		}
		held := false
		for _, lsn := range w.records[recordOf{r.Node, f.Record, r.Label}] {
			held = held || lsn <= w.durable[r.Node]
		}
		if !held && w.err == nil {
			w.err = fmt.Errorf("at %v node %d sent %s of %v before its %s record was durable",
				r.At, r.Node, kindNames[r.Kind], AttemptOf(r.Label), kindNames[f.Record])
		}
	}
}
