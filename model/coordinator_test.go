package model

import (
	"testing"

	"github.com/seed83d86191/txsim/sim"
)

// overheard is a protocol that notes the decisions which its workers receive.
type overheard struct {
	TwoPhase
	decisions *[]decisionHeard
}

// decisionHeard is what tells a message of a decision from others about the same attempt.
type decisionHeard struct {
	to    sim.NodeID
	kind  sim.Kind
	again uint32
}

func (o overheard) Worker(s *Site) sim.Node[Message] {
	return &listener{o.TwoPhase.Worker(s), s.Env.ID(), o.decisions}
}

type listener struct {
	sim.Node[Message]
	id        sim.NodeID
	decisions *[]decisionHeard
}

// Unwrap implements Wrapper.
func (l *listener) Unwrap() sim.Node[Message] { return l.Node }

func (l *listener) Receive(from sim.NodeID, mail sim.Mail, m *Message) {
	if mail.Kind == KindCommit || mail.Kind == KindAbort {
		*l.decisions = append(*l.decisions, decisionHeard{l.id, mail.Kind, mail.Again})
	}
	l.Node.Receive(from, mail, m)
}

// TestResendsAreNumbered: a decision that is sent once more, in another round, in another
// life of the coordinator or to a worker that asks, has a number of its own, and with it
// a delay and a fate of its own on the way.
func TestResendsAreNumbered(t *testing.T) {
	lostAck := strikeAt{node: "w0", point: sim.BeforeSend, kind: KindAck, do: sim.Strike{Drop: true}}
	crashed := strikeAt{node: "C0", point: sim.AfterSend, kind: KindCommit, peer: "w0", do: crash(5 * ms)}
	held := func(kind sim.Kind) strikeAt { // so that w0 asks
		return strikeAt{node: "C0", point: sim.BeforeSend, kind: kind, peer: "w0", do: late(100 * ms)}
	}
	noVote := strikeAt{node: "C0", point: sim.BeforeSend, kind: KindPrepare, peer: "w1", do: late(80 * ms)}
	for name, list := range map[string][]strikeAt{
		"another round":          {lostAck},
		"other lives":            {lostAck, crashed, crashed},
		"asked after the commit": {held(KindCommit)},
		"asked after the abort":  {held(KindAbort), noVote},
	} {
		var heard []decisionHeard
		cfg := labConfig()
		cfg.Protocol = overheard{protocolNamed("presumed-nothing").(TwoPhase), &heard}
		newLab(cfg, script("w0 write x = 1; w1 write y = 1"), list...).run(t)
		first := map[decisionHeard]bool{}
		again := 0 // to w0
		for _, d := range heard {
			if d.to == 1 {
				again++
			}
			if first[d] {
				t.Errorf("%s: twice %+v", name, d)
			}
			first[d] = true
		}
		if again < 2 {
			t.Errorf("%s: %v: the test does not get where it wants to", name, heard)
		}
	}
}

// TestAskedOfAnEarlierTry: a question that comes when its client has had the answer, and
// has gone on to its next try, is not answered with what became of that.
func TestAskedOfAnEarlierTry(t *testing.T) {
	cfg := labWith("presumed-abort", noWait{}, OneShot)
	cfg.Retry.Attempts = 2
	l := newLab(cfg, script("w0 write x = 1; w1 write y = 1", "w1 write y = 2; w0 write x = 2"),
		strikeAt{node: "w0", point: sim.BeforeSend, kind: KindAck, nth: 2, do: sim.Strike{Drop: true}})
	answers := 0
	l.seen = func(r *sim.Record[Message]) {
		if r.Op == sim.TraceSend && r.Kind == KindAnswer && r.Message.Attempt.Txn == 2 {
			answers++
		}
	}
	l.World.FaultAt(sim.Time(30*ms), func() { // when its second try is committed, and waits for an ack
		c := l.World.Node(l.Coordinators[0]).(*coordinator)
		if a := c.byTxn.get(2); a == nil || a.name.Try != 2 || a.state != attemptCommitted {
			t.Errorf("%+v: the test does not get where it wants to", a)
		}
		c.Receive(l.Client, sim.Mail{Kind: KindAsk}, &Message{Attempt: Attempt{2, 1}, Txn: l.book.txns[2]})
	})
	if l.run(t); answers != 2 {
		t.Errorf("%d answers, want one to each try", answers)
	}
}

// began counts the attempts that a history knows of.
type began struct{ n int }

// Record implements History.
func (b *began) Record(e *Event) {
	if e.Kind == Began {
		b.n++
	}
}

// TestBegan: an attempt that the log says has begun is known to the history, whatever the
// crash of its coordinator cuts off.
func TestBegan(t *testing.T) {
	for _, point := range []sim.Point{sim.BeforeReceive, sim.BeforeAppend, sim.AfterAppend} {
		kind := KindStart
		if point == sim.BeforeReceive {
			kind = KindRequest
		}
		l := newLab(labConfig(), script("w0 write a = 1; w1 write a = 1"), strikeAt{node: "C0", point: point, kind: kind, do: sim.Strike{Crash: true, For: sim.Forever}})
		history, noted := &began{}, 0
		l.World.Node(0).(*coordinator).hist = history
		l.seen = func(r *sim.Record[Message]) {
			if r.Op == sim.TraceNote && r.Kind == KindStart {
				noted++
			}
		}
		l.Run(t.Context())
		if history.n != noted || noted == 0 != (point == sim.BeforeReceive) {
			t.Errorf("crash %s %s: %d attempts began, the log has %d", point, KindName(kind), history.n, noted)
		}
	}
}
