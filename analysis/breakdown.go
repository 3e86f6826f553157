package analysis

import (
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
	SpanNetwork             // on the way
	SpanLock                // waiting for a lock
	SpanSync                // until a record is durable, the wait for the device included
	SpanRetry               // earlier attempts, their backoff, crashes, and waiting for a timeout
	Spans
)

// SpanNames are short names, by Span.
var SpanNames = [Spans]string{"queue", "cpu", "network", "lock", "sync", "retry"}

// A Breakdown follows commits back along the messages that led to them, and says
// what their latency was spent on: of several votes, say, the last one decides
// when the coordinator goes on, and its way is the one that counts. It follows
// some of the transactions, the same ones in every run.
type Breakdown struct {
	coordinators int // nodes below are coordinators
	client       sim.NodeID
	shift        uint       // one in 1<<shift is followed
	synced       []sim.Time // by node: when its log last became durable
	restarted    []sim.Time // by node: when it last came back from a crash
	trails       map[uint64]*trail
	spare        []*trail
	commits      []commitSpans
}

// followed is how many transactions of a run a Breakdown follows, or twice that.
const followed = 500

// NewBreakdown returns one for a run of so many transactions, 0 if that is not
// known.
func NewBreakdown(coordinators, workers, transactions int) *Breakdown {
	return &Breakdown{
		coordinators: coordinators, client: sim.NodeID(coordinators + workers),
		shift:  uint(max(bits.Len(uint(transactions/followed)), 1) - 1),
		synced: make([]sim.Time, coordinators+workers+1), restarted: make([]sim.Time, coordinators+workers+1),
		trails: map[uint64]*trail{},
	}
}

// commitSpans is a commit: when, and what it spent.
type commitSpans struct {
	at    sim.Time
	spent [Spans]time.Duration
	locks time.Duration // of all workers and attempts, on the way that counts or not
}

// trail is what is known of an open transaction: how far each node is with it,
// and each message.
type trail struct {
	submitted sim.Time
	locks     time.Duration
	at        map[hop]point
}

// hop is a node, or a message from one to another, in an attempt.
type hop struct {
	try      uint32
	from, to sim.NodeID // to is Nobody for the node itself
	kind     sim.Kind
}

// point is a moment on the way, and what was spent up to there.
type point struct {
	at     sim.Time
	logged bool // a record has been appended since the last message came
	spent  [Spans]time.Duration
}

// Trace implements sim.Tracer.
func (b *Breakdown) Trace(r *sim.Record[model.Message]) {
	switch r.Op {
	case sim.TraceSynced:
		b.synced[r.Node] = r.At
	case sim.TraceRestart:
		b.restarted[r.Node] = r.At
	case sim.TraceSend, sim.TraceDeliver, sim.TraceAppend, sim.TraceNote:
		txn := uint64(r.Label) >> 16
		if txn == 0 || b.shift > 0 && (txn*0x9e3779b97f4a7c15)>>(64-b.shift) != 0 {
			return
		}
		b.follow(model.AttemptOf(r.Label), r)
	}
}

func (b *Breakdown) follow(a model.Attempt, r *sim.Record[model.Message]) {
	t := b.trails[a.Txn]
	if t == nil {
		if r.Op != sim.TraceSend || r.Kind != model.KindRequest {
			return
		}
		t = b.begin(a.Txn, r.At)
	}
	here := hop{a.Try, r.Node, sim.Nobody, 0}
	p, known := t.at[here]
	switch r.Op {
	case sim.TraceDeliver:
		if p, known = t.at[hop{a.Try, r.Peer, r.Node, r.Kind}]; known {
			t.at[here] = p.arrive(r)
		}
	case sim.TraceAppend:
		if known {
			p = b.pass(t, p, r)
			p.logged = true
			t.at[here] = p
		}
	case sim.TraceSend:
		if r.Kind == model.KindRequest {
			p, known = point{at: r.At}, true
			p.spent[SpanRetry] = r.At.Sub(t.submitted)
		}
		if known {
			p = b.pass(t, p, r)
			p.logged = false
			t.at[here], t.at[hop{a.Try, r.Node, r.Peer, r.Kind}] = p, p
		}
	case sim.TraceNote:
		if r.Kind == model.KindOutcome && r.Node == b.client && r.Message.Final {
			b.end(a.Txn, t, p, r)
		}
	}
}

func (b *Breakdown) begin(txn uint64, at sim.Time) *trail {
	t := &trail{at: map[hop]point{}}
	if n := len(b.spare); n > 0 {
		t, b.spare = b.spare[n-1], b.spare[:n-1]
	}
	t.submitted, t.locks = at, 0
	b.trails[txn] = t
	return t
}

// end keeps what a commit spent. What is not known, as after the crash of a node,
// was spent on trying again.
func (b *Breakdown) end(txn uint64, t *trail, p point, r *sim.Record[model.Message]) {
	if r.Message.Outcome == model.Committed {
		c := commitSpans{r.At, p.spent, t.locks}
		rest := r.Message.Silent
		for _, d := range c.spent {
			rest -= d
		}
		c.spent[SpanRetry] += rest
		b.commits = append(b.commits, c)
	}
	delete(b.trails, txn)
	clear(t.at)
	b.spare = append(b.spare, t)
}

// arrive is a message at its receiver. A copy that was sent earlier may come
// after one that was sent later: the parts never exceed the whole.
func (p point) arrive(r *sim.Record[model.Message]) point {
	left := r.At.Sub(p.at)
	take := func(s Span, d time.Duration) {
		d = min(max(d, 0), left)
		p.spent[s] += d
		left -= d
	}
	take(SpanCPU, r.Service)
	take(SpanNetwork, r.Arrived.Sub(p.at))
	take(SpanQueue, left)
	p.at, p.logged = r.At, false
	return p
}

// pass is a node that goes on after a while: it waited for its log if there was
// something to write, a worker else for a lock, and all others for a timeout.
func (b *Breakdown) pass(t *trail, p point, r *sim.Record[model.Message]) point {
	gap := r.At.Sub(p.at)
	switch {
	case gap == 0:
	case b.restarted[r.Node] > p.at:
		p.spent[SpanRetry] += gap
	case p.logged:
		sync := min(max(b.synced[r.Node].Sub(p.at), 0), gap)
		p.spent[SpanSync] += sync
		p.spent[SpanQueue] += gap - sync
	case int(r.Node) < b.coordinators || r.Node == b.client || r.Kind == model.KindEnquire || r.Kind == model.KindWound:
		p.spent[SpanRetry] += gap
	default:
		p.spent[SpanLock] += gap
		t.locks += gap
	}
	p.at = r.At
	return p
}

// Means are mean times of commits.
type Means struct {
	Commits int
	Spent   [Spans]time.Duration // they sum up to the latency
	Locks   time.Duration        // that all workers waited for locks, in all attempts
}

// Means are those of the commits that were followed, answered from one time to
// another.
func (b *Breakdown) Means(from, to sim.Time) Means {
	var m Means
	for i := range b.commits {
		c := &b.commits[i]
		if c.at < from || c.at > to {
			continue
		}
		m.Commits++
		m.Locks += c.locks
		for s, d := range c.spent {
			m.Spent[s] += d
		}
	}
	if n := time.Duration(m.Commits); n > 0 {
		m.Locks /= n
		for s := range m.Spent {
			m.Spent[s] /= n
		}
	}
	return m
}
