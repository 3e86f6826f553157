package analysis

import (
	"strings"
	"testing"
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// voteless is a protocol whose workers may never vote, as those of linear two-phase commit.
type voteless struct{ ruleless }

func (v voteless) Promises() model.Promises {
	p := v.ruleless.Promises()
	p.Accountable = false
	return p
}

func newVotelessPad() *tracePad {
	return &tracePad{txn: map[uint64]*model.Transaction{}, c: newProtocolChecker(
		&model.Config{Protocol: voteless{ruleless{model.Protocols()[0].(model.TwoPhase)}}, Concurrency: model.Concurrencies()[0], Coordinators: 1, Workers: 2},
		&model.Formatter{Coordinators: 1, Workers: 2})}
}

// promised has a worker promise by a durable prepare record.
func (p *tracePad) promised(n sim.NodeID, a model.Attempt) {
	p.append(n, model.KindPrepare, a)
	p.synced(n)
	p.c.Promised(n, a.Label(), 1)
}

// TestPromiseWithoutVote: where nobody votes, a durable prepare record is the promise. Who
// commits before that is durable, and aborts after a crash, has decided twice.
func TestPromiseWithoutVote(t *testing.T) {
	p := newVotelessPad()
	p.request(t1, 2)
	p.promised(padW0, t1)
	p.promised(padW1, t1)
	p.append(padW1, model.KindCommit, t1)
	p.note(padW1, model.KindCommitted, t1, model.Message{})
	p.crash(padW1)
	p.befall(sim.TraceRestart, padW1, 2)
	p.note(padW1, model.KindAborted, t1, model.Message{})
	if got := strings.Join(p.findings(), "\n"); !strings.Contains(got, "one-decision: t1 was committed at w1 at 0.007000000 and aborted at w1") {
		t.Errorf("found %q", got)
	}
	p.c.EndDoubts(p.now)
	// At w0 from 3 ms to the end at 10 ms, at w1 from 5 to 6 ms and from its crash on, at 8 ms.
	if got, want := p.c.InDoubt(), (InDoubt{Parts: 3, Total: 10 * time.Millisecond, Max: 7 * time.Millisecond, Open: 1}); got != want {
		t.Errorf("in doubt %+v, want %+v", got, want)
	}
	if got := strings.Join(p.c.Evidence(t1), "\n"); strings.Contains(got, "vote") {
		t.Errorf("votes that nobody sent:\n%s", got)
	}
}

// TestPromises: a worker promises by a YES vote, or, where nobody votes, by a durable prepare
// record; those of an accountable protocol do, whether or not one has.
func TestPromises(t *testing.T) {
	if !newTracePad("presumed-abort").c.Promises() {
		t.Error("two-phase commit promises nothing")
	}
	for name, promise := range map[string]func(p *tracePad){
		"record": func(p *tracePad) { p.promised(padW0, t1) },
		"vote":   func(p *tracePad) { p.send(padW0, model.KindVote, t1, model.Message{Vote: model.VoteYes}) },
	} { // any order: each by itself
		p := newVotelessPad()
		p.request(t1, 2)
		p.append(padW1, model.KindCommitOne, t1)
		if p.c.Promises() {
			t.Errorf("%s: a promise before any", name)
		}
		if promise(p); !p.c.Promises() {
			t.Errorf("%s: no promise", name)
		}
	}
}

// TestPromiseByVote: where workers vote, who has a prepare record and has not voted may
// abort, and a doubt begins with the vote.
func TestPromiseByVote(t *testing.T) {
	p := newVotelessPad()
	p.request(t1, 2)
	p.promised(padW0, t1)
	p.promised(padW1, t1)
	p.send(padW1, model.KindVote, t1, model.Message{Vote: model.VoteYes}) // at 6 ms
	p.note(padW0, model.KindAborted, t1, model.Message{})
	p.note(padC0, model.KindDecide, t1, model.Message{Outcome: model.Committed})
	if got := p.findings(); got != nil {
		t.Errorf("found %q", got)
	}
	p.note(padW1, model.KindCommitted, t1, model.Message{})
	if got, want := p.c.InDoubt(), (InDoubt{Parts: 1, Total: 3 * time.Millisecond, Max: 3 * time.Millisecond}); got != want {
		t.Errorf("in doubt %+v, want %+v", got, want)
	}
}

// TestVotesTakeBackDoubts: with the first vote, who was taken to have promised is in no doubt
// any more, and what has its answer is at rest.
func TestVotesTakeBackDoubts(t *testing.T) {
	p := newVotelessPad()
	p.request(t1, 2)
	p.promised(padW0, t1)
	p.note(padClient, model.KindOutcome, t1, model.Message{Outcome: model.Aborted, Final: true})
	first := p.c.txns.find(t1.Label())
	if first.inDoubt != 1 || first.resting {
		t.Errorf("before: in doubt %d, at rest %v", first.inDoubt, first.resting)
	}
	p.request(t2, 2)
	p.send(padW1, model.KindVote, t2, model.Message{Vote: model.VoteYes})
	if first.inDoubt != 0 || !first.resting {
		t.Errorf("after: in doubt %d, at rest %v", first.inDoubt, first.resting)
	}
}

// TestGivenUpBeforeDurable: a prepare record that becomes durable when the abort behind it is
// written already is no promise.
func TestGivenUpBeforeDurable(t *testing.T) {
	p := newVotelessPad()
	p.request(t1, 2)
	p.append(padW0, model.KindPrepare, t1)
	p.append(padW0, model.KindAbort, t1)
	p.synced(padW0)
	p.c.Promised(padW0, t1.Label(), 1)
	if first := p.c.txns.find(t1.Label()); first.inDoubt != 0 {
		t.Errorf("in doubt %d", first.inDoubt)
	}
}

// TestEvidenceOfAttempt: what shows that a record was not durable is about its attempt only.
func TestEvidenceOfAttempt(t *testing.T) {
	p := newTracePad("presumed-abort")
	p.request(t1, 2)
	p.prepared(padW0, t1)
	again := model.Attempt{Txn: t1.Txn, Try: 2}
	p.request(again, 2)
	p.send(padW0, model.KindVote, again, model.Message{Vote: model.VoteYes})
	found := p.kept()
	if len(found) == 0 || found[0].Invariant != InvWriteAhead || len(found[0].Records) != 1 || !strings.Contains(found[0].Records[0], "t1#2") {
		t.Errorf("found %+v", found)
	}
}

// TestVotesTakeBackOnce: only the first YES of a run takes doubts back.
func TestVotesTakeBackOnce(t *testing.T) {
	p := newVotelessPad()
	p.request(t1, 2)
	p.prepared(padW0, t1)
	p.prepared(padW1, t1)
	p.act(padW0, t1)
	p.act(padW1, t1)
	if got := p.c.InDoubt(); got.Parts != 2 {
		t.Errorf("%+v", got)
	}
}
