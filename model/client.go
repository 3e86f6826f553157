package model

import (
	"cmp"
	"slices"
	"time"

	"github.com/seed83d86191/txsim/sim"
)

// Source yields the transactions of a run, compiled, in the order of their
// Index and, if they are scheduled, of At. It ends with nil.
type Source interface {
	Next() (*Transaction, error)
}

// clients is all the clients of a run, as one node outside the system: it never crashes,
// its messages are not lost on the way, and those about one attempt keep their order; only
// a coordinator that is down misses them. How long messages take depends on Placement.
// Clients number the attempts, try again only after a definite abort, and keep asking while
// they have no answer. What they rely on is documented with Protocol.
type clients struct {
	*Site
	source  Source
	blocked func(*Transaction) bool
	drained func()

	open  table[openTxn] // by Transaction.Index
	lives []uint32       // of each coordinator, the latest life heard of
	spare spare[openTxn]
	next  *Transaction // read ahead, in an open loop
	err   error        // from the source of transactions

	thinking int      // how many clients think
	since    sim.Time // when thinking last changed
	paused   float64  // sum of all clients' thinking until since, in nanoseconds
}

// openTxn is a transaction without a final answer.
type openTxn struct {
	txn       *Transaction
	try       uint32
	life      uint32 // of the coordinator, as far as known when this try was requested
	submitted sim.Time
	intended  sim.Time
	asks      uint32
	timer     sim.Timer
}

// What a client's timer is for; the token is index<<2 | this.
const (
	timerAsk = iota
	timerRetry
	timerThink
	timerArrival
)

// token names the transaction and what its timer is for.
func (o *openTxn) token(what uint64) uint64 { return o.txn.Index<<2 | what }

// timerOf returns what a token names.
func timerOf(token uint64) (index, what uint64) { return token >> 2, token & 3 }

// Start implements sim.Node.
func (c *clients) Start() {
	if c.Config.Clients > 0 {
		for range c.Config.Clients {
			c.submitNext()
		}
		return
	}
	c.awaitArrival()
}

// submitNext lets a free client of the closed loop take the next transaction.
func (c *clients) submitNext() {
	if t := c.read(); t != nil {
		c.submit(t, c.Env.Now())
	}
}

func (c *clients) read() *Transaction {
	if c.tally.Drained {
		return nil
	}
	t, err := c.source.Next()
	if t == nil || err != nil {
		c.err = err
		c.tally.Drained, c.tally.Dry = true, c.Env.Now()
		c.drained()
		return nil
	}
	return t
}

// awaitArrival sets the timer of the open loop's next transaction.
func (c *clients) awaitArrival() {
	if c.next = c.read(); c.next != nil {
		c.Env.SetTimer(max(0, c.next.At.Sub(c.Env.Now())), timerArrival)
	}
}

func (c *clients) submit(t *Transaction, intended sim.Time) {
	o := c.spare.get()
	*o = openTxn{txn: t, try: 1, submitted: c.Env.Now(), intended: intended}
	c.open.add(t.Index, o)
	if c.tally.Open == 0 {
		c.tally.Opened = o.submitted
	}
	c.tally.Open++
	c.record(&Event{Kind: Submitted, At: o.submitted, Txn: t})
	c.send(o, KindRequest)
}

// coordinator is the node that serves the transaction, for all its attempts: they are
// dealt transactions in turn.
func (c *clients) coordinator(t *Transaction) sim.NodeID { return c.Coordinators[c.served(t)] }

func (c *clients) served(t *Transaction) int {
	return int((t.Index - 1) % uint64(len(c.Coordinators)))
}

func (c *clients) send(o *openTxn, kind sim.Kind) {
	a := Attempt{o.txn.Index, o.try}
	if kind == KindRequest {
		o.life = c.lives[c.served(o.txn)]
	}
	c.Env.Post(c.coordinator(o.txn), &sim.Mail{Kind: kind, Label: a.Label(), Again: o.asks},
		&Message{Attempt: a, Txn: o.txn, Start: o.submitted, Life: o.life})
	// Patience doubles: asking costs little, but asking more often does not make a slow
	// coordinator faster.
	o.timer = c.Env.SetTimer(patience(c.Config.Timeouts.Answer, o.asks), o.token(timerAsk))
}

// Fired implements sim.Node.
func (c *clients) Fired(token uint64) {
	index, what := timerOf(token)
	o := c.open.get(index)
	switch what {
	case timerAsk:
		if c.Env.Dead(c.coordinator(o.txn)) {
			c.lost(o, CoordinatorLost)
			return
		}
		o.asks++
		c.send(o, KindAsk)
	case timerRetry:
		c.send(o, KindRequest)
	case timerThink:
		c.think(-1)
		if c.submitNext(); !c.tally.Drained {
			c.tally.Paused = c.paused
		}
	case timerArrival:
		c.submit(c.next, c.next.At)
		c.awaitArrival()
	}
}

// lost closes a transaction that waits for a node that is dead for good: its outcome is
// unknown, or blocked if a worker is in doubt about it.
func (c *clients) lost(o *openTxn, why Reason) {
	outcome := Unknown
	if c.blocked(o.txn) {
		outcome = Blocked
	}
	c.close(o, &Message{Outcome: outcome, Reason: why})
}

// giveUp closes the open transactions that a dead node leaves without an answer, and
// returns how many. It is called when nothing moves any more. hopeless returns why a
// transaction cannot be answered; those with NoReason stay open, which is a violation.
func (c *clients) giveUp(hopeless func(*Transaction) Reason) int {
	var lost []*openTxn
	for o := range c.open.all() {
		if hopeless(o.txn) != NoReason {
			lost = append(lost, o)
		}
	}
	slices.SortFunc(lost, func(a, b *openTxn) int { return cmp.Compare(a.txn.Index, b.txn.Index) })
	for _, o := range lost {
		c.Env.Cancel(o.timer)
		c.lost(o, hopeless(o.txn))
	}
	return len(lost)
}

// Receive implements sim.Node. A client takes only the answer that it waits for.
func (c *clients) Receive(from sim.NodeID, mail sim.Mail, m *Message) {
	o := c.open.get(m.Attempt.Txn)
	if o == nil || o.try != m.Attempt.Try || mail.Kind != KindAnswer {
		return
	}
	c.Env.Cancel(o.timer)
	life := &c.lives[c.served(o.txn)]
	*life = max(*life, m.Life)
	r := c.Config.Retry
	if m.Outcome == Aborted && int(o.try) < r.Attempts {
		c.told(o, m, false)
		u := c.Env.Draw("client/backoff", mail.Label, 0)
		wait := jitter(r.Wait(o.try), u)
		o.try++
		o.asks = 0
		o.timer = c.Env.SetTimer(wait, o.token(timerRetry))
		return
	}
	if m.Outcome > Unknown { // no coordinator may say so
		m.Outcome = Pending
	}
	c.close(o, m)
}

// Wait returns how long a client waits after its n-th attempt was aborted: half of it at
// least, and less than one and a half.
func (r Retry) Wait(n uint32) time.Duration {
	wait := double(r.Backoff, n-1)
	if r.Cap > 0 {
		wait = min(wait, r.Cap)
	}
	return wait
}

// think changes the number of clients that think.
func (c *clients) think(more int) {
	now := c.Env.Now()
	c.paused += float64(float64(c.thinking) * float64(now.Sub(c.since)))
	c.thinking, c.since = c.thinking+more, now
}

// double returns d times 2^n, or some large duration where that would overflow.
func double(d time.Duration, n uint32) time.Duration {
	const most = time.Duration(1) << 60
	for ; n > 0 && d < most; n-- {
		d *= 2
	}
	return d
}

// jitter spreads d over half to one and a half of it.
func jitter(d time.Duration, u uint64) time.Duration {
	return d/2 + time.Duration(float64(d)*float64(u>>11)/(1<<53))
}

// close ends a transaction with its final answer, and lets its client go on.
func (c *clients) close(o *openTxn, m *Message) {
	c.told(o, m, true)
	c.tally.Open--
	c.open.remove(o.txn.Index, o)
	*o = openTxn{}
	c.spare.put(o)
	if c.Config.Clients == 0 {
		return
	}
	if c.Config.Think.IsZero() {
		c.submitNext()
		return
	}
	d := c.Config.Think.Sample(c.Env.Draw("client/think", 0, c.tally.Thinks))
	c.tally.Thinks++
	c.tally.Thought += float64(d)
	c.think(1)
	c.Env.SetTimer(d, timerThink)
}

func (c *clients) told(o *openTxn, m *Message, final bool) {
	latency := c.Env.Now().Sub(o.intended)
	e := Event{Kind: Answered, At: c.Env.Now(), Txn: o.txn, Attempt: Attempt{o.txn.Index, o.try},
		Outcome: m.Outcome, Reason: m.Reason, Final: final, Latency: latency}
	if m.Outcome == Committed {
		e.Reads = m.Reads
	}
	c.record(&e)
	c.tally.Resolved++
	note := *m
	note.Txn, note.Attempt, note.Start, note.Final = o.txn, e.Attempt, sim.Time(latency), final
	note.Peer = c.coordinator(o.txn)
	c.Env.Note(sim.Mail{Kind: KindOutcome, Label: e.Attempt.Label(), Arg: uint64(m.Outcome)<<8 | uint64(m.Reason)}, &note)
}

// Recover implements sim.Node; clients never crash.
func (c *clients) Recover(sim.Recovery) {}

// Synced implements sim.Node; clients have no log.
func (c *clients) Synced(sim.LSN) {}
