package model

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"time"

	"github.com/seed83d86191/txsim/sim"
)

// Bench runs the nodes of a cluster apart from each other, for exploration: see sim.Bench.
// Besides the state of a node it keeps what the analysis would be told of it: the events of
// the history, and the Facts about votes and decisions.
type Bench struct {
	*sim.Bench[Message]
	cluster *Cluster
	node    sim.NodeID
	source  list
	buf     []byte
	history []byte // of the node, events in order
	facts   []Fact // sorted
	heard   heardVotes
	audit   []sim.Kind
	counts  bool // the bytes of audit records, as the room that they take matters
	inputs  []uint64

	renamings []Renaming
	renamed   [][]byte // the history, under each of them
	outline   uint64   // of the last step
}

// Fact is something that a node has done about an attempt. Once true, it stays true.
type Fact struct {
	Kind  sim.Kind // start, vote, decide, committed, aborted
	Label sim.Label
	Arg   uint64 // the Vote, or the Outcome
}

// list is a source of transactions that can be read again from the start.
type list struct {
	txns []*Transaction
	next int
}

// Next implements Source.
func (l *list) Next() (*Transaction, error) {
	if l.next == len(l.txns) {
		return nil, nil
	}
	l.next++
	return l.txns[l.next-1], nil
}

// NewBench returns the bench of the cluster that would run these transactions,
// compiled. Network, CPU and limits of the configuration do not matter.
func NewBench(cfg Config, txns []*Transaction) *Bench {
	b := &Bench{source: list{txns: txns}, audit: cfg.Protocol.Promises().Grammar.AuditKinds(), counts: cfg.Disk.Capacity > 0 || cfg.Checkpoint < longLog}
	cfg.Source, cfg.History, cfg.Tracer, cfg.FaultsEnd = &b.source, b, b, time.Hour
	cfg.CPU, cfg.Locks, cfg.Memory = sim.CPU{}, nil, nil // a Memory serves one cluster
	b.cluster = NewCluster(cfg)
	b.Bench = sim.NewBench(b.cluster.World)
	return b
}

// longLog is a length that the logs of an exploration do not reach, unless nodes go on
// suspecting each other.
const longLog = 4 << 10

// Begin selects a node and runs its Start.
func (b *Bench) Begin(n sim.NodeID) {
	b.node = n
	b.history, b.facts, b.inputs = b.history[:0], b.facts[:0], b.inputs[:0]
	b.heard.clear()
	b.outline = 0
	for i := range b.renamed {
		b.renamed[i] = b.renamed[i][:0]
	}
	b.source.next = 0
	c := b.cluster
	c.tally = Tally{}
	if w := int(n) - len(c.Coordinators); w >= 0 && w < len(c.Workers) {
		c.recorder.images[w] = image{}
	}
	c.recorder.unread = BadRecords{}
	b.Bench.Begin(n)
}

// Step has the node react to an input.
func (b *Bench) Step(in *sim.Input[Message]) {
	h := sim.Hash(uint64(in.Op), in.Token, uint64(in.Cut))
	if in.Op == sim.InputMessage {
		h = sim.Hash(h, MessageHash(in.From, b.node, &in.Mail, in.Msg))
	}
	b.inputs = append(b.inputs, h)
	b.outline = 0
	b.heard.before(b.Node(), in)
	defer func() { b.heard.after(b.Node()) }()
	if in.Op != sim.InputTimer {
		b.Bench.Step(in)
		return
	}
	actual := *in
	for op, token := range b.Bench.Pending {
		if op == in.Op && TimerName(b.Node(), token) == in.Token {
			actual.Token = token
			break
		}
	}
	b.Bench.Step(&actual)
}

// Pending is Pending of sim.Bench, but a timer's token is replaced by its TimerName.
func (b *Bench) Pending(yield func(sim.InputOp, uint64) bool) {
	for op, token := range b.Bench.Pending {
		if op == sim.InputTimer {
			token = TimerName(b.Node(), token)
		}
		if !yield(op, token) {
			return
		}
	}
}

// Record implements History.
func (b *Bench) Record(e *Event) {
	if e.Kind == Began {
		b.fact(Fact{Kind: KindStart, Label: e.Attempt.Label()})
		b.heard.open = append(b.heard.open, e.Attempt.Label())
	}
	b.history = appendEvent(b.history, e)
	b.rename(e)
}

func appendEvent(h []byte, e *Event) []byte {
	h = append(h, byte(e.Kind), byte(e.Outcome), byte(e.Reason))
	h = appendAttempt(h, e.Attempt)
	h = appendBools(h, e.Final, e.Deleted)
	if e.Txn != nil {
		h = binary.AppendUvarint(h, e.Txn.Index)
	}
	h = binary.AppendUvarint(appendAttempt(appendString(appendString(h, e.Key), e.Value), e.Version.Attempt), uint64(e.Version.Op))
	return appendReads(h, byOperation(e.Reads))
}

// Trace implements sim.Tracer.
func (b *Bench) Trace(r *sim.Record[Message]) {
	b.outline = sim.Hash(b.outline, uint64(r.Op), uint64(r.Kind), uint64(r.Label))
	switch {
	case r.Op == sim.TraceAppend && r.Kind == KindCommit:
		b.decides(r.Label, Committed)
	case r.Op == sim.TraceAppend && r.Kind == KindAbort:
		b.decides(r.Label, Aborted)
	case r.Op == sim.TraceSend && r.Kind == KindVote:
		b.fact(Fact{KindVote, r.Label, uint64(r.Message.Vote)})
	case r.Op == sim.TraceNote && r.Kind == KindDecide:
		b.fact(Fact{KindDecide, r.Label, r.Arg})
		b.decides(r.Label, Outcome(r.Arg))
	case r.Op == sim.TraceNote && (r.Kind == KindCommitted || r.Kind == KindAborted):
		b.fact(Fact{Kind: r.Kind, Label: r.Label})
	}
}

func (b *Bench) decides(l sim.Label, o Outcome) {
	if txn := AttemptOf(l).Txn; txn > 0 && txn <= uint64(len(b.source.txns)) {
		b.heard.decides(l, len(b.source.txns[txn-1].Parts), o)
	}
}

func (b *Bench) fact(f Fact) { b.facts = addFact(b.facts, f) }

// addFact adds a fact to a sorted list.
func addFact(facts []Fact, f Fact) []Fact {
	i, known := slices.BinarySearchFunc(facts, f, Fact.compare)
	if !known {
		facts = slices.Insert(facts, i, f)
	}
	return facts
}

func (f Fact) compare(g Fact) int {
	return slices.Compare([]uint64{uint64(f.Kind), uint64(f.Label), f.Arg}, []uint64{uint64(g.Kind), uint64(g.Label), g.Arg})
}

// Facts returns the facts about the node so far.
func (b *Bench) Facts() []Fact { return slices.Clone(b.facts) }

// History returns a hash of what the analysis has been told of the node.
func (b *Bench) History() uint64 {
	return b.told(b.history)
}

// told returns a hash of a history and of the facts.
func (b *Bench) told(history []byte) uint64 {
	b.buf = appendFacts(append(b.buf[:0], history...), b.facts)
	return hashBytes(b.buf)
}

func appendFacts(buf []byte, facts []Fact) []byte {
	for _, f := range facts {
		buf = binary.AppendUvarint(binary.AppendUvarint(append(buf, byte(f.Kind)), uint64(f.Label)), f.Arg)
	}
	return buf
}

// Down reports whether the node is down.
func (b *Bench) Down() bool { return b.Node() == nil }

// State returns a hash of the node's state and history: nodes of equal hashes react alike
// from then on. A node that is no sim.StateAppender cannot tell its state. It is then told
// apart by the inputs that it has met, each counted up to twice, and exact is false.
func (b *Bench) State() (hash uint64, exact bool) {
	exact = true
	buf := binary.AppendUvarint(b.buf[:0], uint64(b.node))
	buf = binary.AppendUvarint(buf, uint64(b.Incarnation()))
	if n := b.Node(); n != nil {
		s, ok := n.(sim.StateAppender)
		if !ok {
			exact = false
			buf = b.appendInputs(buf)
			s, ok = as[sim.StateAppender](n)
		}
		if ok {
			buf = s.AppendState(buf)
		}
	}
	var audit [4]uint64 // bytes of audit records, by how safe they are
	for rec, safe := range b.Log() {
		if int(b.node) < len(b.cluster.Coordinators) && slices.Contains(b.audit, rec.Kind) {
			audit[safe] += uint64(rec.End() - rec.LSN)
			continue
		}
		buf = append(buf, byte(rec.Kind), byte(safe))
		buf = binary.AppendUvarint(buf, uint64(rec.Label))
		buf = appendString(buf, string(rec.Data))
	}
	buf = append(buf, 0)
	if b.counts {
		for _, n := range audit {
			buf = binary.AppendUvarint(buf, n)
		}
	}
	b.Checkpoints(func(safe, behind int, state []byte) {
		if safe > 0 {
			buf = binary.AppendUvarint(append(buf, byte(safe)), uint64(behind))
			buf = binary.AppendUvarint(buf, uint64(len(state)))
		}
		buf = append(buf, state...)
	})
	var pending []uint64
	for op, token := range b.Pending {
		pending = append(pending, sim.Hash(uint64(op), token))
	}
	slices.Sort(pending)
	for _, p := range pending {
		buf = binary.LittleEndian.AppendUint64(buf, p)
	}
	buf = appendFacts(buf, b.heard.wrong)
	b.buf = buf
	h := hashBytes(buf)
	return sim.Hash(h, b.History()), exact
}

// appendInputs appends the inputs that the node has met in this life, each up to twice.
func (b *Bench) appendInputs(buf []byte) []byte {
	seen := map[uint64]int{}
	for _, in := range b.inputs {
		if seen[in]++; seen[in] <= 2 {
			buf = binary.LittleEndian.AppendUint64(buf, in)
		}
	}
	return buf
}

func hashBytes(b []byte) uint64 {
	sum := sha256.Sum256(b)
	return binary.LittleEndian.Uint64(sum[:])
}
