package sim

import "time"

// TraceOp is what happened.
type TraceOp uint8

// What a trace record can say.
const (
	TraceNone       TraceOp = iota
	TraceSend               // Node sent a message to Peer
	TraceDeliver            // Node handled a message from Peer
	TraceLost               // a message from Peer to Node was lost; Arg is the LossCause
	TraceAppend             // Node appended a log record; Arg is the LSN just after it
	TraceSync               // Node's log device began a sync; Arg is the LSN it will reach
	TraceSynced             // Node's log is durable below the LSN Arg
	TraceTimer              // a timer of Node fired; Arg is its token
	TraceNote               // Node said something about itself
	TraceCrash              // Node crashed; Arg is its incarnation
	TraceRestart            // Node was built anew; Arg is its incarnation
	TraceDead               // Node will never restart
	TracePause              // time stopped for Node
	TraceResume             // time goes on for Node
	TraceCut                // a partition began; Arg is its number
	TraceHeal               // a partition ended; Arg is its number
	TraceTorn               // Node's recovery cut a torn last record; Arg is its LSN
	TraceStopped            // Node stopped itself for good
	TraceTruncated          // Node's checkpoint took effect; Arg is the LSN where its log now begins
	TraceSyncFailed         // a sync of Node failed, and Node crashes; Arg is the LSN it was to reach
)

var traceOpNames = [...]string{
	"none", "send", "deliver", "lost", "append", "sync", "synced", "timer", "note", "crash", "restart", "dead",
	"pause", "resume", "cut", "heal", "torn", "stopped", "truncated", "sync-failed",
}

func (op TraceOp) String() string { return traceOpNames[op] }

// LossCause says why a message was lost: the Arg of TraceLost.
type LossCause uint64

// The causes of a loss.
const (
	LostByChance    LossCause = iota + 1 // the link's loss probability
	LostByPartition                      // the link was cut when sent or when due
	LostNodeDown                         // the receiver was down when due
	LostByFault                          // an injected fault dropped it
)

var lossNames = [...]string{"", "by chance", "partitioned", "node down", "dropped by a fault"}

func (c LossCause) String() string { return lossNames[c] }

// Record is one thing that happened. It is flat; Message, if not nil, points
// to what was sent, handled or noted, is valid during Trace only, and is not
// part of the hash: Mail.Arg stands for it, and what Config.Digest makes of it when it is
// sent or noted.
type Record[M any] struct {
	At      Time
	Op      TraceOp
	Node    NodeID
	Peer    NodeID
	Kind    Kind
	Label   Label
	Arg     uint64
	Message *M
	// Arrived, of a TraceDeliver, is when the message reached the node, where it
	// waited for a core and held it for Service. The hash leaves both out.
	Arrived Time
	Service time.Duration
	// Cut, of a TraceLost by a partition, is its number: that of the latest of those
	// that cut the link. The hash leaves it out.
	Cut int
	// Copy, of a TraceDeliver or a TraceLost, says that it is of the second copy of a
	// message that came twice. The hash leaves it out.
	Copy bool
	// Calm says that faults have ended. The hash leaves it out.
	Calm bool
}

// A Tracer sees every record of a run, in order.
type Tracer[M any] interface {
	Trace(r *Record[M])
}

// trace folds a record into the running hash and hands it on. The hash covers
// the words (At), (Op, Kind, Node, Peer), (Label), (Arg), two by two in this
// order. Config.Digest adds to it, see fold.
func (w *World[M]) trace(op TraceOp, node, peer NodeID, kind Kind, label Label, arg uint64, m *M) {
	where := uint64(op)<<56 | uint64(kind)<<48 | uint64(uint32(node)&0xffffff)<<24 | uint64(uint32(peer)&0xffffff)
	w.hash = mix(mix(w.hash^uint64(w.now), where)^uint64(label), arg)
	w.records++
	if w.cfg.Tracer != nil {
		r := &w.rec // field by field: a literal would be made elsewhere and copied
		r.At, r.Op, r.Node, r.Peer, r.Kind, r.Label, r.Arg, r.Message = w.now, op, node, peer, kind, label, arg, m
		w.cfg.Tracer.Trace(r)
	}
}

// fold adds to the running hash what records do not tell; 0 is nothing.
func (w *World[M]) fold(digest uint64) {
	if digest != 0 {
		w.hash = mix(w.hash, digest)
	}
}

func (w *World[M]) foldNote(mail Mail, m *M) {
	w.noted, w.scratch = mail, *m // what is given to a function value would move to the heap
	w.fold(w.cfg.Digest(&w.noted, &w.scratch))
}
