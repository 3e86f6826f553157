package sim

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

const (
	ms = time.Millisecond
	us = time.Microsecond
)

// note is the message of the tests.
type note struct {
	n    int
	text *string // makes the type hold a pointer
}

// hooks are what a test's node does at each event; nil does nothing.
type hooks struct {
	start   func(e *Env[note])
	recover func(e *Env[note], log Recovery)
	receive func(e *Env[note], from NodeID, mail Mail, m *note)
	fired   func(e *Env[note], token uint64)
	synced  func(e *Env[note], lsn LSN)
}

// hooked is a node that calls its hooks.
type hooked struct {
	e *Env[note]
	h hooks
}

func (n *hooked) Start() {
	if n.h.start != nil {
		n.h.start(n.e)
	}
}

func (n *hooked) Recover(log Recovery) {
	if n.h.recover != nil {
		n.h.recover(n.e, log)
	}
}

func (n *hooked) Receive(from NodeID, mail Mail, m *note) {
	if n.h.receive != nil {
		n.h.receive(n.e, from, mail, m)
	}
}

func (n *hooked) Fired(token uint64) {
	if n.h.fired != nil {
		n.h.fired(n.e, token)
	}
}

func (n *hooked) Synced(lsn LSN) {
	if n.h.synced != nil {
		n.h.synced(n.e, lsn)
	}
}

func add(w *World[note], name string, h hooks, options ...Option[note]) NodeID {
	return w.AddNode(name, func(e *Env[note]) Node[note] { return &hooked{e, h} }, options...)
}

// tape keeps the trace as lines: "1.5ms a deliver b k1 l2 3".
type tape struct {
	w     *World[note]
	lines []string
}

func (t *tape) Trace(r *Record[note]) {
	if r.Calm != t.w.Calm() {
		t.lines = append(t.lines, "the record does not know whether faults have ended:")
	}
	words := []string{time.Duration(r.At).String(), t.w.Name(r.Node), r.Op.String()}
	if r.Peer != Nobody {
		words = append(words, t.w.Name(r.Peer))
	}
	if r.Kind != 0 {
		words = append(words, fmt.Sprint("k", r.Kind))
	}
	if r.Label != 0 {
		words = append(words, fmt.Sprint("l", uint64(r.Label)))
	}
	if r.Arg != 0 {
		words = append(words, fmt.Sprint(r.Arg))
	}
	t.lines = append(t.lines, strings.Join(words, " "))
}

// taped returns a world whose trace is kept. The links take 1 ms unless cfg
// says otherwise.
func taped(t *testing.T, cfg Config[note]) (*World[note], *tape) {
	t.Helper()
	if cfg.Network.Links == nil {
		cfg.Network.Links = []Link{{Delay: dist(t, "1ms")}}
	}
	tp := &tape{}
	cfg.Tracer = tp
	tp.w = New(cfg)
	return tp.w, tp
}

func dist(t testing.TB, text string) Dist {
	t.Helper()
	d, err := ParseDist(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// expect runs the world to its end and compares the trace.
func (t *tape) expect(tb testing.TB, want ...string) {
	tb.Helper()
	t.quiet(tb)
	if !slices.Equal(t.lines, want) {
		tb.Errorf("trace:\n\t%s\nwant:\n\t%s", strings.Join(t.lines, "\n\t"), strings.Join(want, "\n\t"))
	}
}

func (t *tape) quiet(tb testing.TB) {
	tb.Helper()
	if s := t.w.Run(context.Background()); s != Quiet {
		tb.Fatalf("Run = %v, want quiet", s)
	}
}

// only returns the lines that contain one of the words.
func (t *tape) only(words ...string) []string {
	var lines []string
	for _, l := range t.lines {
		for _, word := range words {
			if slices.Contains(strings.Fields(l), word) {
				lines = append(lines, l)
				break
			}
		}
	}
	return lines
}

func wantLines(tb testing.TB, got []string, want ...string) {
	tb.Helper()
	if !slices.Equal(got, want) {
		tb.Errorf("got:\n\t%s\nwant:\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// chaos strikes at random boundaries.
type chaos struct {
	w      *World[note]
	n      uint64
	struck map[string]int
}

func (c *chaos) At(b *Boundary) *Strike {
	c.n++
	u := c.w.Draw("fault/chaos", b.Node, b.Label, c.n)
	s := Strike{}
	rarely := uint64(400)
	if b.Point >= BeforeCheckpoint && b.Point < BeforeStep { // comes by rarely
		rarely = 10
	}
	switch u % rarely {
	case 0:
		s = Strike{Crash: true, Tail: Tail(u >> 16 % 4), For: time.Duration(u>>32) % (5 * ms)}
	case 1:
		s = Strike{Pause: true, For: time.Duration(u>>32) % (5 * ms)}
	case 2:
		s = Strike{Drop: true}
	case 3:
		s = Strike{Duplicate: true, Delay: ms}
	default:
		return nil
	}
	c.struck[fmt.Sprint(b.Point, s.Crash, s.Pause)]++
	return &s
}

// busyWorld uses everything at once: shared hosts, logs, checkpoints, timers
// set and cancelled, a lossy network with packets, and faults everywhere.
func busyWorld(t testing.TB, cfg Config[note]) (*World[note], *chaos) {
	cfg.Network = Network{
		Links: []Link{{Delay: dist(t, "exp(300us)"), Loss: ProbabilityOf(0.02), Duplicate: ProbabilityOf(0.02)}},
		Share: true,
	}
	cfg.Disk = Disk{Sync: dist(t, "lognormal(200us, 0.3)"), Torn: ProbabilityOf(0.5)}
	cfg.CPU = CPU{Cores: 2, Message: 5 * us, Operation: us}
	w := New(cfg)
	const nodes = 8
	for i := range nodes {
		var options []Option[note]
		if i%2 == 1 {
			options = append(options, OnHostOf[note](NodeID(i-1)))
		}
		w.AddNode(fmt.Sprint("n", i), func(e *Env[note]) Node[note] { return &busyNode{e: e, nodes: nodes} }, options...)
	}
	c := &chaos{w: w, struck: map[string]int{}}
	w.Inject(c)
	w.Partition(Time(20*ms), []NodeID{0, 1}, []NodeID{2, 3, 4}, false, 30*ms)
	w.Partition(Time(30*ms), []NodeID{5}, []NodeID{6}, true, Forever)
	w.SlowDisk(Time(10*ms), 2, 10, 20*ms)
	w.Crash(Time(90*ms), 7, Forever)
	w.Pause(Time(95*ms), 6, Forever)
	w.EndFaultsAt(Time(150 * ms))
	return w, c
}

type busyNode struct {
	e       *Env[note]
	nodes   int
	n       uint64
	timeout Timer
}

func (b *busyNode) Start()           { b.e.SetTimer(10*us, 0) }
func (b *busyNode) Recover(Recovery) { b.Start() }
func (b *busyNode) Synced(lsn LSN)   { b.e.Note(Mail{Kind: 9, Arg: uint64(lsn)}, &note{}) }

func (b *busyNode) Fired(token uint64) {
	if token == 1 || b.e.Now() > Time(200*ms) {
		return
	}
	b.n++
	label := Label(uint64(b.e.Incarnation())<<32 | b.n)
	for range 1 + b.e.Choose("work/messages", label, 0, 3) {
		to := NodeID(b.e.Choose("work/to", label, b.n, b.nodes))
		b.e.Send(to, Mail{Kind: 1, Label: label, Ops: 3}, note{n: int(b.n)})
	}
	b.e.Cancel(b.timeout)
	b.timeout = b.e.SetTimer(2*ms, 1)
	b.e.SetTimer(time.Duration(b.e.Draw("work/think", label, 0)%uint64(200*us)), 0)
}

func (b *busyNode) Receive(from NodeID, mail Mail, m *note) {
	if mail.Kind == 2 {
		return
	}
	b.e.Before(3, mail.Label)
	b.e.Append(1, mail.Label, make([]byte, m.n%40))
	b.e.After(3, mail.Label)
	b.e.Sync()
	if b.e.LogBytes() > 500 && !b.e.Checkpointing() {
		b.e.Checkpoint([]byte{1})
	}
	b.e.Send(from, Mail{Kind: 2, Label: mail.Label}, *m)
}
