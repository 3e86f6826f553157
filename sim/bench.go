package sim

import (
	"cmp"
	"iter"
	"slices"
)

// Bench runs the nodes of a world apart from each other: one node at a time, by
// nothing but the inputs that it is given. Time stands still, what a node sends
// goes nowhere but to Sent, and its timers, syncs and restart wait until they are
// asked for; the CPU costs nothing. What a step does then depends on the node's own past
// alone, and an exploration needs to run it once: package explore has an example.
type Bench[M any] struct {
	w    *World[M]
	e    *Env[M]
	own  []entry // the node's pending events, in the order of time
	sent []Sent[M]
	cuts cutter
}

// Sent is a message that a node has sent.
type Sent[M any] struct {
	To        NodeID
	InSession bool
	Session   Label // messages of one session keep their order
	Mail      Mail
	Msg       M
}

// InputOp is a kind of event at a node: what a bench gives to it, what a world has pending.
type InputOp uint8

// The inputs. A bench knows no pauses and no plans.
const (
	InputMessage InputOp = iota // a message arrives; at a node that is down it is lost
	InputTimer                  // the timer of Token fires
	InputSync                   // the running sync ends
	InputSynced                 // the node hears that its log was durable already
	InputCrash                  // the node crashes between two steps; in a world, instead of any event of an Exhaustive schedule
	InputRestart                // and is built anew
	InputResume                 // its pause ends
	InputPlanned                // something that was planned, a fault for instance, begins or ends
)

// Input is what a node reacts to.
type Input[M any] struct {
	Op    InputOp
	Token uint64 // of InputTimer
	From  NodeID // of InputMessage
	Mail  Mail
	Msg   *M
	// Cut is the boundary of the step, counted from 1, at which the node crashes: the
	// rest of the step is discarded. 0 is none.
	Cut int
}

// NewBench returns the bench of a world that has not run and never will.
func NewBench[M any](w *World[M]) *Bench[M] {
	if w.started {
		panic("sim: NewBench: the world has started")
	}
	b := &Bench[M]{w: w}
	w.started, w.barred = true, benched
	w.Inject(b)
	b.collect()
	return b
}

// Begin takes a node to the end of its first step, the start.
func (b *Bench[M]) Begin(n NodeID) {
	e := b.w.known("Bench.Begin", n)
	b.clear()
	*e = Env[M]{w: e.w, id: e.id, name: e.name, build: e.build, key: e.key, aims: e.aims, skew: e.skew, immortal: e.immortal, incarnation: 1, packetsAt: -1}
	b.e, b.cuts = e, cutter{}
	b.sent = b.sent[:0]
	e.enliven()
	e.impl.Start()
	b.collect()
}

// Step has the node react to an input.
func (b *Bench[M]) Step(in *Input[M]) {
	if b.e == nil {
		panic("sim: Bench.Step: no node has begun: see Begin")
	}
	b.sent, b.cuts = b.sent[:0], cutter{at: in.Cut}
	w := b.w
	switch in.Op {
	case InputMessage:
		if in.Msg == nil {
			panic("sim: Bench.Step: there is no message: Msg is nil")
		}
		w.step(w.letter(in.From, b.e.id, &in.Mail, in.Msg))
	case InputCrash:
		b.e.crash(0, TailLost)
	default:
		i := slices.IndexFunc(b.own, func(e entry) bool {
			op, token := b.input(e)
			return op == in.Op && token == in.Token
		})
		if i < 0 {
			panic("sim: Bench.Step: nothing of the kind is pending")
		}
		ev := w.at(b.own[i].slot)
		b.own = slices.Delete(b.own, i, i+1)
		w.step(ev)
	}
	b.collect()
}

// Boundaries is how many the last step has met.
func (b *Bench[M]) Boundaries() int { return b.cuts.met }

// Struck is the boundary at which the Cut of the last step has crashed the node.
func (b *Bench[M]) Struck() Boundary { return b.cuts.hit }

// At implements Injector.
func (b *Bench[M]) At(at *Boundary) *Strike { return b.cuts.At(at) }

// collect takes what a step has put into the queue.
func (b *Bench[M]) collect() {
	w := b.w
	for {
		next := w.queue.peek()
		if next == nil {
			break
		}
		e := *next
		w.queue.drop()
		switch ev := w.at(e.slot); {
		case w.dropsVoid(&e):
		case ev.op == eventDeliver:
			link := w.cfg.Network.link(ev.from, ev.node)
			b.sent = append(b.sent, Sent[M]{ev.node, link.inSessions(), link.session(ev.mail.Label), ev.mail, ev.msg})
			w.free(ev)
		case ev.op == eventPlanned:
			w.free(ev)
		default:
			b.own = append(b.own, e)
		}
	}
	w.queue.now = uint64(w.now)
	b.own = slices.DeleteFunc(b.own, func(e entry) bool { return w.dropsVoid(&e) })
	slices.SortStableFunc(b.own, func(x, y entry) int { return cmp.Compare(x.at, y.at) })
}

// clear drops what the last node has pending, and what a step of it that panicked has
// left behind.
func (b *Bench[M]) clear() {
	for next := b.w.queue.peek(); next != nil; next = b.w.queue.peek() {
		e := *next
		b.w.queue.drop()
		if !b.w.dropsVoid(&e) {
			b.w.free(b.w.at(e.slot))
		}
	}
	for _, e := range b.own {
		if ev := b.w.at(e.slot); ev.gen == e.gen {
			b.w.free(ev)
		}
	}
	b.own = b.own[:0]
	b.w.dead = 0
}

func (b *Bench[M]) input(e entry) (InputOp, uint64) {
	switch ev := b.w.at(e.slot); ev.op {
	case eventTimer:
		return InputTimer, ev.token
	case eventSync:
		return InputSync, 0
	case eventSynced:
		return InputSynced, 0
	case eventRestart:
		return InputRestart, 0
	}
	panic("sim: Bench: a node has something else pending")
}

// Sent returns what the last step sent, in its order. It is valid until the next.
func (b *Bench[M]) Sent() []Sent[M] { return b.sent }

// Pending yields the inputs that the node waits for by itself: timers in the order
// of their time, a sync, its restart.
func (b *Bench[M]) Pending(yield func(InputOp, uint64) bool) {
	for _, e := range b.own {
		if !yield(b.input(e)) {
			return
		}
	}
}

// Node is the node's state machine, nil while it is down.
func (b *Bench[M]) Node() Node[M] { return b.e.impl }

// Incarnation returns the node's incarnation number.
func (b *Bench[M]) Incarnation() uint32 { return b.e.incarnation }

// Checkpoints calls each with the checkpoint on the node's device, nil if it has none, and
// with those that are to take its place: how safe they are, as Log says it, and how many
// bytes of log are behind them.
func (b *Bench[M]) Checkpoints(each func(safe, behind int, state []byte)) {
	d := &b.e.disk
	each(0, len(d.log), d.checkpoint)
	for i, c := range [2]*checkpoint{d.writing, d.pending} {
		if c != nil {
			each(i+1, int(d.end()-c.at), c.state)
		}
	}
}

// Log yields the records on the node's device and says of each how safe it is: 0
// durable, 1 covered by the running sync, 2 by the one that will follow it, 3 neither.
func (b *Bench[M]) Log() iter.Seq2[LogRecord, int] {
	d := &b.e.disk
	return func(yield func(LogRecord, int) bool) {
		for rec := range (Recovery{nil, d.log, d.base}).Records() {
			safe := 3
			switch {
			case rec.End() <= d.durable:
				safe = 0
			case d.running && rec.End() <= d.reach:
				safe = 1
			case rec.End() <= d.want:
				safe = 2
			}
			if !yield(rec, safe) {
				return
			}
		}
	}
}
