package analysis

import (
	"math"
	"math/bits"
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// Span is what a stretch of a commit's latency was spent on.
type Span uint8

// The spans.
const (
	SpanQueue   Span = iota // waiting for a core
	SpanCPU                 // being served by one
	SpanNetwork             // messages in the network
	SpanLock                // waiting for a lock, or otherwise at a worker for another transaction
	SpanSync                // until a record is durable, including the wait for the device
	SpanRetry               // earlier attempts, their backoff, crashes, pauses, and waiting for a timeout
	Spans
)

// SpanNames are short names, by Span.
var SpanNames = [Spans]string{"queue", "cpu", "network", "lock", "sync", "retry"}

// A Breakdown finds out what the latency of commits was spent on, by following each commit
// back along the messages that led to it. Of several votes, say, the last one decides when
// the coordinator goes on, and the time on its way is what counts. It follows them all in
// runs of less than 32,768 transactions: a few that a fault holds up make a large part of a
// mean, and a small sample has too many of them or none. It also adds up all waits for
// locks, whether they delayed a commit or not.
type Breakdown struct {
	coordinators int // nodes below are coordinators
	client       sim.NodeID
	limit        uint64            // a transaction is followed if the hash of its index is at most this
	awaited      [][]awaitedRecord // by node: records of its log that are not durable
	restarted    []sim.Time        // by node: when it last came back from a crash
	pauses       [][]pause         // by node, in their order
	host         []int             // by node
	served       []time.Duration   // by host: the services that its cores have ended
	index        slotMap           // of trails
	trails       []trail
	free         []int32 // trails to use again
	commits      []commitSpans
	waits        lockWaits
}

// followed is how many transactions of a longer run a Breakdown follows; up to twice that,
// the same ones in every run.
const followed = 1 << 14

// NewBreakdown returns a Breakdown for a run of so many transactions, 0 if that is not
// known, with each node on a host of its own.
func NewBreakdown(coordinators, workers, transactions int) *Breakdown {
	b := &Breakdown{
		coordinators: coordinators, client: sim.NodeID(coordinators + workers),
		limit:   math.MaxUint64 >> (max(bits.Len(uint(transactions/followed)), 1) - 1),
		awaited: make([][]awaitedRecord, coordinators+workers+1), restarted: make([]sim.Time, coordinators+workers+1),
		pauses: make([][]pause, coordinators+workers+1),
		host:   make([]int, coordinators+workers+1), served: make([]time.Duration, coordinators+workers+1),
		commits: make([]commitSpans, 0, min(max(transactions, 0), followed)), // a run may be stopped early
		waits:   lockWaits{open: map[lockWait]sim.Time{}},
	}
	for n := range b.host {
		b.host[n] = n
	}
	return b
}

// OnHosts says on which host each node is but the client, before the run.
func (b *Breakdown) OnHosts(host func(sim.NodeID) int) {
	for n := range b.host[:b.client] {
		b.host[n] = host(sim.NodeID(n))
	}
}

// commitSpans is when a commit was answered, and what its latency was spent on.
type commitSpans struct {
	at    sim.Time
	spent [Spans]time.Duration
}

// point is a moment on the way to a commit, and what was spent up to it.
type point struct {
	at      sim.Time
	busy    bool          // see follow
	taken   bool          // of a message: it has come
	ran     int32         // of a worker: the operations that it has been told to run
	lsn     sim.LSN       // of the record that was appended since the last message came; 0: none
	durable sim.Time      // when the record became durable, or an earlier one if this has not yet
	served  time.Duration // by the host's cores until then, or until at if that is later
	spent   [Spans]time.Duration
}

// Trace implements sim.Tracer. Most records are about a transaction that is not followed
// and are skipped here.
func (b *Breakdown) Trace(r *sim.Record[model.Message]) {
	switch {
	case r.Op == sim.TraceDeliver && r.Service > 0:
		b.served[b.host[r.Node]] += r.Service // of any transaction: others wait for it
	case r.Op == sim.TraceCrash || r.Op == sim.TracePause:
		if host := b.host[r.Node]; b.served[host] > 0 {
			b.served[host] += time.Duration(r.At) // it may cut short a service, of any length, that others on the host wait for
		}
		if r.Op == sim.TraceCrash {
			b.waits.crash(r.Node, r.At)
		}
	case r.Op == sim.TraceNote && r.Kind == model.KindAborted:
		b.waits.end(lockWait{r.Node, r.Label}, r.At)
	}
	if uint64(r.Label>>16)*0x9e3779b97f4a7c15 <= b.limit { // the shifted label is AttemptOf's Txn
		b.trace(r)
	}
}

func (b *Breakdown) trace(r *sim.Record[model.Message]) {
	switch r.Op {
	case sim.TraceSend, sim.TraceDeliver, sim.TraceAppend, sim.TraceNote:
		if a := model.AttemptOf(r.Label); a.Txn != 0 {
			b.follow(a, r)
		}
	case sim.TraceSynced:
		b.synced(r)
	case sim.TracePause:
		b.pauses[r.Node] = append(b.pauses[r.Node], pause{r.At, sim.Never})
	case sim.TraceResume, sim.TraceCrash:
		if n := len(b.pauses[r.Node]); n > 0 {
			last := &b.pauses[r.Node][n-1]
			last.to = min(last.to, r.At)
		}
	case sim.TraceRestart:
		b.restarted[r.Node] = r.At
	}
}

// follow takes a record about a transaction that is followed. A node is busy with what it
// has been told until it sends something: a worker from the message on, a coordinator from
// a forced record on. A copy, a question or what is sent again meanwhile changes nothing,
// nor does a copy that comes later, or an answer to one.
func (b *Breakdown) follow(a model.Attempt, r *sim.Record[model.Message]) {
	slot := b.index.find(a.Txn)
	if r.Op == sim.TraceSend && r.Kind == model.KindRequest {
		slot = b.begin(slot, a, r.At)
	}
	if slot < 0 || b.trails[slot].try != a.Try {
		return
	}
	t := &b.trails[slot]
	here := hop{r.Node, sim.Nobody, 0}
	switch r.Op {
	case sim.TraceDeliver:
		b.deliver(t, here, r)
	case sim.TraceAppend:
		if p := t.find(here); p != nil {
			b.pass(p, r)
			p.lsn = sim.LSN(r.Arg)
			p.busy = p.busy || r.Kind == model.KindCommit || r.Kind == model.KindAbort || r.Kind == model.KindCollecting
			b.awaited[r.Node] = append(b.awaited[r.Node], awaitedRecord{slot, here, p.lsn})
		}
	case sim.TraceSend:
		if r.Kind == model.KindWound {
			return // another transaction's progress: it waits for this one's lock
		}
		p := t.find(here)
		if r.Kind == model.KindRequest {
			p = t.at(here)
			*p = point{at: r.At}
			p.spent[SpanRetry] = r.At.Sub(t.submitted)
		}
		to := hop{r.Node, r.Peer, r.Kind}
		if p == nil || !p.busy && b.held(r) == SpanLock && t.find(to) != nil {
			return // in the last case a worker that has nothing new repeats its answer
		}
		b.pass(p, r)
		p.lsn, p.busy = 0, false
		sent := *p
		*t.at(to) = sent
	case sim.TraceNote:
		if r.Kind == model.KindOutcome && r.Node == b.client && r.Message.Final {
			b.end(slot, t.find(here), r)
		}
	}
}

// deliver continues the way of a message at its receiver.
func (b *Breakdown) deliver(t *trail, here hop, r *sim.Record[model.Message]) {
	p, q := t.find(hop{r.Peer, r.Node, r.Kind}), t.find(here)
	if p == nil {
		return
	}
	worker, abort, ran := int(r.Node) >= b.coordinators && r.Node != b.client, r.Kind == model.KindAbort, int32(0)
	if q != nil && b.restarted[r.Node] <= q.at {
		switch again := p.taken || r.Kind == model.KindExecute && r.Message.From < q.ran; {
		case worker && abort && q.busy && q.lsn == 0: // nothing else ends a wait for a lock
		case q.busy, worker && again && !abort:
			return
		}
		ran = q.ran
	}
	p.taken = true
	arrived := b.arrive(p, r)
	if worker {
		arrived.busy, arrived.ran = !abort, max(ran, r.Message.To)
	}
	*t.at(here) = arrived
}

// awaitedRecord is a record that the way to a commit waits for, and the point where it
// waits.
type awaitedRecord struct {
	slot int32
	hop  hop
	lsn  sim.LSN
}

// synced continues the ways that wait for a node's log.
func (b *Breakdown) synced(r *sim.Record[model.Message]) {
	left := b.awaited[r.Node][:0]
	for _, a := range b.awaited[r.Node] {
		if a.lsn > sim.LSN(r.Arg) {
			left = append(left, a)
		} else if p := b.trails[a.slot].find(a.hop); p != nil && p.lsn == a.lsn {
			p.durable, p.served = r.At, b.served[b.host[r.Node]]
		}
	}
	b.awaited[r.Node] = left
}

// begin begins to follow an attempt, of a transaction that has a trail or, where slot is
// negative, has none yet.
func (b *Breakdown) begin(slot int32, a model.Attempt, at sim.Time) int32 {
	if slot < 0 {
		if n := len(b.free); n > 0 {
			slot, b.free = b.free[n-1], b.free[:n-1]
		} else {
			slot = int32(len(b.trails))
			b.trails = append(b.trails, trail{})
		}
		b.index.add(a.Txn, slot)
		b.trails[slot].begin(a)
		b.trails[slot].submitted = at
	} else if b.trails[slot].try != a.Try {
		b.trails[slot].begin(a)
	}
	return slot
}

// end keeps what a commit was spent on. What cannot be explained, as after the crash of a
// node, counts as retry.
func (b *Breakdown) end(slot int32, p *point, r *sim.Record[model.Message]) {
	t := &b.trails[slot]
	if r.Message.Outcome == model.Committed {
		c := commitSpans{at: r.At}
		if p != nil {
			c.spent = p.spent
		}
		rest := r.Message.Lasted()
		for _, d := range c.spent {
			rest -= d
		}
		c.spent[SpanRetry] += rest
		b.commits = append(b.commits, c)
	}
	b.index.remove(t.txn)
	b.free = append(b.free, slot)
}

// pause is when time stopped for a node.
type pause struct{ from, to sim.Time }

// paused returns for how much of a time a node was paused.
func (b *Breakdown) paused(node sim.NodeID, from, to sim.Time) (d time.Duration) {
	all := b.pauses[node]
	for i := len(all) - 1; i >= 0 && all[i].to > from; i-- {
		d += max(min(to, all[i].to).Sub(max(from, all[i].from)), 0)
	}
	return d
}

// arrive returns the point at which a message reached its receiver. A copy that was sent
// earlier may arrive after one that was sent later; the parts must not exceed the whole
// then.
func (b *Breakdown) arrive(p *point, r *sim.Record[model.Message]) point {
	left := r.At.Sub(p.at)
	q := point{at: r.At, spent: p.spent}
	take := func(s Span, d time.Duration) {
		d = min(max(d, 0), left)
		q.spent[s] += d
		left -= d
	}
	take(SpanCPU, r.Service)
	take(SpanNetwork, r.Arrived.Sub(p.at))
	take(SpanRetry, b.paused(r.Node, r.Arrived, r.At))
	take(SpanQueue, left)
	return q
}

// pass accounts for the time that a node waited before it went on: for its log if it had
// written something and then for a core, otherwise for a lock at a worker, otherwise for a
// timeout. While a core is waited for it serves others, so that what has been served bounds
// such a wait: a node may also hold back what it sends for another transaction's sake.
func (b *Breakdown) pass(p *point, r *sim.Record[model.Message]) {
	gap := r.At.Sub(p.at)
	served := b.served[b.host[r.Node]]
	switch {
	case gap == 0:
	case b.restarted[r.Node] > p.at:
		p.spent[SpanRetry] += gap
	case p.lsn > 0:
		sync := min(max(p.durable.Sub(p.at), 0), gap)
		paused := b.paused(r.Node, p.at.Add(sync), r.At)
		queue := min(gap-sync-paused, served-p.served)
		p.spent[SpanSync] += sync
		p.spent[SpanRetry] += paused
		p.spent[SpanQueue] += queue
		p.spent[b.held(r)] += gap - sync - paused - queue
	default:
		paused := b.paused(r.Node, p.at, r.At)
		p.spent[SpanRetry] += paused
		p.spent[b.held(r)] += gap - paused
	}
	p.at, p.served = r.At, served
}

// held returns what a wait for neither log nor core is.
func (b *Breakdown) held(r *sim.Record[model.Message]) Span {
	if int(r.Node) < b.coordinators || r.Node == b.client || r.Kind == model.KindEnquire {
		return SpanRetry
	}
	return SpanLock
}

// Means are the mean times of those commits that are followed.
type Means struct {
	Commits int
	Spent   [Spans]time.Duration // they sum up to the latency
}

// Means returns the means of the followed commits that were submitted in the window between
// two times, as those of [Steady.Latencies] are.
func (b *Breakdown) Means(from, to sim.Time) Means {
	var m Means
	window := Steady{From: from, To: to}
	var spent [Spans]float64 // sums, which a Duration may be too small for
	for i := range b.commits {
		c := &b.commits[i]
		submitted := c.at
		for _, d := range c.spent {
			submitted = submitted.Add(-d)
		}
		if !window.in(submitted) {
			continue
		}
		m.Commits++
		for s, d := range c.spent {
			spent[s] += float64(d)
		}
	}
	if n := float64(m.Commits); n > 0 {
		for s := range m.Spent {
			m.Spent[s] = time.Duration(spent[s] / n)
		}
	}
	return m
}
