package analysis

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// tracePad makes a trace by hand: node 0 is C0, 1 and 2 are w0 and w1, and each
// step takes a millisecond.
type tracePad struct {
	c   *ProtocolChecker
	now sim.Time
	lsn [3]sim.LSN
	txn map[uint64]*model.Transaction

	calm bool
	only string // the invariant whose findings count; "" for all
}

const (
	padC0 sim.NodeID = iota
	padW0
	padW1
	padClient
)

func newProtocolChecker(cfg *model.Config, format *model.Formatter) *ProtocolChecker {
	c := &ProtocolChecker{}
	c.Reset(cfg, format)
	return c
}

// unheard are the shapes of findings about who has heard or noted what. Most traces that are
// made by hand have neither deliveries nor notes, and leave such findings out.
var unheard = []string{"without votes", "untold", "told otherwise", "guess", "unasked", "silence", "not noted"}

// kept returns the findings but for those.
func (p *tracePad) kept() []Finding {
	all, _ := p.c.Findings()
	return slices.DeleteFunc(slices.Clone(all), func(f Finding) bool { return slices.Contains(unheard, f.Shape) })
}

func newTracePad(protocol string) *tracePad {
	for _, q := range append(model.Protocols(), ruleless{model.Protocols()[0].(model.TwoPhase)}) {
		if q.Name() == protocol {
			return &tracePad{txn: map[uint64]*model.Transaction{}, c: newProtocolChecker(
				&model.Config{Protocol: q, Concurrency: model.Concurrencies()[0], Coordinators: 1, Workers: 2},
				&model.Formatter{Coordinators: 1, Workers: 2})}
		}
	}
	panic("no protocol " + protocol)
}

// ruleless is a protocol that does not say what its messages rest on.
type ruleless struct{ model.TwoPhase }

func (ruleless) Name() string { return "ruleless" }

func (r ruleless) Promises() model.Promises {
	p := r.TwoPhase.Promises()
	p.WriteAhead = nil
	return p
}

func (p *tracePad) trace(op sim.TraceOp, n, peer sim.NodeID, k sim.Kind, a model.Attempt, arg uint64, m *model.Message) {
	p.now += sim.Time(time.Millisecond)
	var l sim.Label
	if a.Txn > 0 {
		l = a.Label()
	}
	p.c.Trace(&sim.Record[model.Message]{At: p.now, Op: op, Node: n, Peer: peer, Kind: k, Label: l, Arg: arg, Message: m, Calm: p.calm})
	if t := p.c.txns.find(l); allWide && t != nil && t.wide == nil {
		t.wide = newWide(t.txn)
	}
}

// allWide has pads take every transaction for one of many parts, see TestTracesWide.
var allWide bool

// request has the client ask for a transaction that writes on so many workers.
func (p *tracePad) request(a model.Attempt, workers int) {
	t := &model.Transaction{Index: a.Txn}
	for w := range workers {
		t.Ops = append(t.Ops, model.Op{Kind: model.Write, Worker: w, Key: "k", Value: "v"})
	}
	t.Compile()
	p.txn[a.Txn] = t
	p.trace(sim.TraceSend, padClient, padC0, model.KindRequest, a, 0, &model.Message{Attempt: a, Txn: t})
}

func (p *tracePad) send(n sim.NodeID, k sim.Kind, a model.Attempt, m model.Message) {
	peer := padC0
	if n == padC0 {
		peer = padW0
	}
	m.Attempt = a
	p.trace(sim.TraceSend, n, peer, k, a, 0, &m)
}

func (p *tracePad) note(n sim.NodeID, k sim.Kind, a model.Attempt, m model.Message) {
	m.Attempt = a
	p.trace(sim.TraceNote, n, sim.Nobody, k, a, uint64(m.Outcome), &m)
}

func (p *tracePad) append(n sim.NodeID, k sim.Kind, a model.Attempt) {
	p.lsn[n] += 10
	p.trace(sim.TraceAppend, n, sim.Nobody, k, a, uint64(p.lsn[n]), nil)
}

func (p *tracePad) synced(n sim.NodeID) { p.syncedTo(n, p.lsn[n]) }

func (p *tracePad) syncedTo(n sim.NodeID, lsn sim.LSN) {
	p.trace(sim.TraceSynced, n, sim.Nobody, 0, model.Attempt{}, uint64(lsn), nil)
}

// crash takes a node down; its log ends where it was durable.
func (p *tracePad) crash(n sim.NodeID) {
	p.trace(sim.TraceCrash, n, sim.Nobody, 0, model.Attempt{}, 1, nil)
	p.lsn[n] = p.c.nodes[n].durable
}

// prepared has a worker vote YES as it should.
func (p *tracePad) prepared(n sim.NodeID, a model.Attempt) {
	p.append(n, model.KindPrepare, a)
	p.synced(n)
	p.send(n, model.KindVote, a, model.Message{Vote: model.VoteYes})
}

func (p *tracePad) findings() (got []string) {
	if all, n := p.c.Findings(); n != len(all) {
		got = append(got, fmt.Sprint(n, " findings"))
	}
	for _, f := range p.kept() {
		if p.only == "" || p.only == f.Invariant {
			got = append(got, f.Invariant+": "+f.Text)
		}
	}
	return got
}

var (
	t1 = model.Attempt{Txn: 1, Try: 1}
	t2 = model.Attempt{Txn: 1, Try: 2}
)

// TestWriteAhead breaks and keeps each rule of each protocol.
func TestWriteAhead(t *testing.T) {
	vote := func(v model.Vote) model.Message { return model.Message{Vote: v} }
	done := func(o model.Outcome) model.Message { return model.Message{Outcome: o} }
	for _, tc := range []struct {
		protocol string
		workers  int
		node     sim.NodeID
		record   sim.Kind
		kind     sim.Kind
		message  model.Message
		rule     bool // the message rests on the record
	}{
		{"presumed-abort", 2, padW0, model.KindPrepare, model.KindVote, vote(model.VoteYes), true},
		{"presumed-abort", 2, padW0, model.KindAbort, model.KindVote, vote(model.VoteNo), false},
		{"presumed-abort", 2, padW0, model.KindPrepare, model.KindVote, vote(model.VoteRead), false},
		{"presumed-abort", 2, padC0, model.KindCommit, model.KindCommit, model.Message{}, true},
		{"presumed-abort", 2, padC0, model.KindCommit, model.KindCommit, model.Message{Presumed: true}, false},
		{"presumed-abort", 2, padC0, model.KindAbort, model.KindAbort, model.Message{}, false},
		{"presumed-abort", 2, padC0, model.KindCollecting, model.KindPrepare, model.Message{}, false},
		{"presumed-abort", 2, padC0, model.KindCommit, model.KindAnswer, done(model.Committed), true},
		{"presumed-abort", 2, padC0, model.KindCommit, model.KindAnswer, done(model.Aborted), false},
		{"presumed-abort", 0, padC0, model.KindCommit, model.KindAnswer, done(model.Committed), false},
		{"presumed-abort", 1, padW0, model.KindCommitOne, model.KindDone, done(model.Committed), true},
		{"presumed-abort", 1, padW0, model.KindAbort, model.KindDone, done(model.Aborted), true},
		{"presumed-abort", 2, padW0, model.KindCommit, model.KindAck, done(model.Committed), true},
		{"presumed-abort", 2, padW0, model.KindAbort, model.KindAck, done(model.Aborted), false},
		{"presumed-nothing", 2, padC0, model.KindAbort, model.KindAbort, model.Message{}, true},
		{"presumed-nothing", 2, padC0, model.KindCommit, model.KindCommit, model.Message{}, true},
		{"presumed-commit", 2, padC0, model.KindCollecting, model.KindPrepare, model.Message{}, true},
		{"presumed-commit", 2, padC0, model.KindAbort, model.KindAbort, model.Message{}, false},
		{"presumed-commit", 2, padW0, model.KindAbort, model.KindVote, vote(model.VoteNo), true},
		{"presumed-commit", 2, padW0, model.KindCommit, model.KindAck, done(model.Committed), false},
		{"presumed-commit", 2, padW0, model.KindAbort, model.KindAck, done(model.Aborted), true},
	} {
		names := model.KindNames()
		t.Run(fmt.Sprintf("%s, %s before %s of %d workers", tc.protocol, names[tc.record], names[tc.kind], tc.workers), func(t *testing.T) {
			who := (&model.Formatter{Coordinators: 1, Workers: 2}).Node(tc.node)
			want := fmt.Sprintf("write-ahead: %s sent %s of t1 while its %s record was not durable", who, names[tc.kind], names[tc.record])
			for _, kept := range []bool{true, false} {
				p := newTracePad(tc.protocol)
				p.only = InvWriteAhead
				p.request(t1, tc.workers)
				p.append(tc.node, tc.record, t1)
				if kept {
					p.synced(tc.node)
				}
				p.send(tc.node, tc.kind, t1, tc.message)
				got := strings.Join(p.findings(), "\n")
				if tc.rule && !kept && got != want || (kept || !tc.rule) && got != "" {
					t.Errorf("durable: %v: got %q, want %q", kept, got, want)
				}
			}
		})
	}
}

// TestWriteAheadWhose looks for the record of this node, kind and attempt only.
func TestWriteAheadWhose(t *testing.T) {
	for name, make := range map[string]func(p *tracePad){
		"none":                func(*tracePad) {},
		"another node's":      func(p *tracePad) { p.append(padW1, model.KindPrepare, t1); p.synced(padW1) },
		"another attempt's":   func(p *tracePad) { p.append(padW0, model.KindPrepare, t2); p.synced(padW0) },
		"another kind's":      func(p *tracePad) { p.append(padW0, model.KindCommit, t1); p.synced(padW0) },
		"synced up to before": func(p *tracePad) { p.append(padW0, model.KindPrepare, t1); p.syncedTo(padW0, p.lsn[padW0]-1) },
	} {
		p := newTracePad("presumed-abort")
		p.only = InvWriteAhead
		p.request(t1, 2)
		make(p)
		p.send(padW0, model.KindVote, t1, model.Message{Vote: model.VoteYes})
		if got := p.findings(); len(got) != 1 || !strings.HasPrefix(got[0], "write-ahead: w0 sent vote of t1 ") {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// TestWriteAheadCrash loses a record in a crash, and has the next life write
// another one to the same place.
func TestWriteAheadCrash(t *testing.T) {
	yes := model.Message{Vote: model.VoteYes}
	p := newTracePad("presumed-abort")
	p.only = InvWriteAhead
	p.request(t1, 2)
	p.append(padW0, model.KindPrepare, t1) // lost
	p.crash(padW0)
	p.append(padW0, model.KindCommit, t2) // at the same position
	p.synced(padW0)
	p.send(padW0, model.KindVote, t1, yes)
	if got := p.findings(); len(got) != 1 {
		t.Errorf("a lost record counts: %q", got)
	}

	p = newTracePad("presumed-abort")
	p.only = InvWriteAhead
	p.request(t1, 2)
	p.append(padW0, model.KindPrepare, t1)
	p.synced(padW0)
	p.append(padW0, model.KindPrepare, t2) // lost
	p.crash(padW0)
	p.crash(padW0)
	p.send(padW0, model.KindVote, t1, yes) // kept over both crashes
	if got := p.findings(); len(got) != 0 {
		t.Errorf("a record that survived does not count: %q", got)
	}
	p.append(padW0, model.KindPrepare, t2)
	p.send(padW0, model.KindVote, t2, yes)
	if got := p.findings(); len(got) != 1 {
		t.Errorf("a record that is not durable counts: %q", got)
	}
	p.synced(padW0)
	p.send(padW0, model.KindVote, t2, yes)
	if got := p.findings(); len(got) != 1 {
		t.Errorf("a record that became durable does not count: %q", got)
	}
}

var committed, aborted = model.Message{Outcome: model.Committed}, model.Message{Outcome: model.Aborted}

// decisions are what may be said and done of t1, on which w0 has voted YES.
var decisions = []struct {
	name string
	run  func(p *tracePad)
	want string
}{
	{"decided twice alike", func(p *tracePad) {
		p.note(padC0, model.KindDecide, t1, committed)
		p.note(padC0, model.KindDecide, t1, committed)
	}, ""},
	{"decided both ways", func(p *tracePad) {
		p.note(padC0, model.KindDecide, t1, committed)
		p.note(padC0, model.KindDecide, t1, aborted)
	}, "t1 was committed at C0 at 0.005000000 and aborted at C0 at 0.006000000"},
	{"attempts decided apart", func(p *tracePad) {
		p.note(padC0, model.KindDecide, t1, aborted)
		p.note(padC0, model.KindDecide, t2, committed)
	}, ""},
	{"a worker aborts after its YES", func(p *tracePad) {
		p.note(padC0, model.KindDecide, t1, committed)
		p.note(padW0, model.KindAborted, t1, model.Message{})
	}, "t1 was committed at C0 at 0.005000000 and aborted at w0 at 0.006000000"},
	{"a worker that never voted aborts", func(p *tracePad) {
		p.note(padC0, model.KindDecide, t1, committed)
		p.note(padW1, model.KindAborted, t1, model.Message{})
	}, ""},
	{"a worker applies what was aborted", func(p *tracePad) {
		p.note(padC0, model.KindDecide, t1, aborted)
		p.note(padW1, model.KindCommitted, t1, model.Message{})
	}, "t1 was aborted at C0 at 0.005000000 and committed at w1 at 0.006000000"},
	{"a coordinator sends what it did not decide", func(p *tracePad) {
		p.note(padC0, model.KindDecide, t1, committed)
		p.send(padC0, model.KindAbort, t1, model.Message{})
	}, "t1 was committed at C0 at 0.005000000 and aborted at C0 at 0.006000000"},
	{"what is presumed is no decision", func(p *tracePad) {
		p.note(padC0, model.KindDecide, t1, committed)
		p.send(padC0, model.KindAbort, t1, model.Message{Presumed: true})
	}, ""},
	{"but it is one once a worker acts on it", func(p *tracePad) {
		p.note(padC0, model.KindDecide, t1, committed)
		p.send(padC0, model.KindAbort, t1, model.Message{Presumed: true})
		p.note(padW0, model.KindAborted, t1, model.Message{})
	}, "t1 was committed at C0 at 0.005000000 and aborted at w0 at 0.007000000"},
	{"each contradiction is told once", func(p *tracePad) {
		for range 3 {
			p.note(padC0, model.KindDecide, t1, committed)
			p.note(padW0, model.KindAborted, t1, model.Message{})
		}
	}, "t1 was committed at C0 at 0.005000000 and aborted at w0 at 0.006000000"},
}

// TestOneDecision compares what is said and done of an attempt, whether or not the
// protocol has a rule for what a YES vote rests on.
func TestOneDecision(t *testing.T) {
	for _, protocol := range []string{"presumed-abort", "ruleless"} {
		for _, tc := range decisions {
			p := newTracePad(protocol)
			p.only = InvOneDecision
			p.request(t1, 2)
			p.prepared(padW0, t1)
			tc.run(p)
			want := tc.want
			if want != "" {
				want = InvOneDecision + ": " + want
			}
			if got := strings.Join(p.findings(), "\n"); got != want {
				t.Errorf("%s, %s: got %q, want %q", protocol, tc.name, got, want)
			}
		}
	}
}

// TestHastyVote: a promise binds, though the record of it has never been durable, if
// there is no rule that says so.
func TestHastyVote(t *testing.T) {
	p := newTracePad("ruleless")
	p.request(t1, 2)
	p.append(padW0, model.KindPrepare, t1)
	p.send(padW0, model.KindVote, t1, model.Message{Vote: model.VoteYes})
	p.note(padC0, model.KindDecide, t1, model.Message{Outcome: model.Committed})
	p.crash(padW0)
	p.note(padW0, model.KindAborted, t1, model.Message{})
	if got := strings.Join(p.findings(), "\n"); !strings.HasPrefix(got, "one-decision: t1 was committed at C0 ") {
		t.Errorf("got %q", got)
	}
}

// TestNothingBound is a transaction that only read, under presumed commit: its
// commit record need not survive a crash, and nobody minds.
func TestNothingBound(t *testing.T) {
	p := newTracePad("presumed-commit")
	p.request(t1, 2)
	p.note(padC0, model.KindDecide, t1, model.Message{Outcome: model.Committed})
	p.crash(padC0)
	p.send(padC0, model.KindAbort, t1, model.Message{})
	if got := p.findings(); len(got) != 0 {
		t.Errorf("got %q", got)
	}
}

// TestImpossible hears of nodes that stopped themselves.
func TestImpossible(t *testing.T) {
	stop := func(p *tracePad, n sim.NodeID) {
		p.trace(sim.TraceStopped, n, sim.Nobody, 0, model.Attempt{}, 1, nil)
	}
	p := newTracePad("presumed-abort")
	p.request(t1, 2)
	p.note(padW0, model.KindFinding, t1, model.Message{})
	stop(p, padW0)
	stop(p, padW1)
	got := strings.Join(p.findings(), "\n")
	want := "no-impossible-message: w0 stopped: told a decision that cannot be about t1\n" +
		"no-impossible-message: w1 stopped: its log is damaged before its end"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestEvidence is a whole finding, as it is shown.
func TestEvidence(t *testing.T) {
	p := newTracePad("presumed-abort")
	p.request(t2, 2)
	p.prepared(padW0, t2)
	p.append(padC0, model.KindCommit, t2)
	p.send(padC0, model.KindCommit, t2, model.Message{})
	kept := p.kept()
	if len(kept) != 1 {
		t.Fatal(kept)
	}
	got := kept[0].Txn + "; " + kept[0].String() + "\n" + strings.Join(kept[0].Records, "\n")
	want := `t1; write-ahead: C0 sent commit of t1#2 while its commit record was not durable
0.002000000  w0        append     t1#2    prepare record, log at 10
0.004000000  w0 → C0   vote       t1#2    yes
0.005000000  C0        append     t1#2    commit record, log at 10
0.006000000  C0 → w0   commit     t1#2`
	got = strings.ReplaceAll(got, "send vote ", "vote      ")
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
