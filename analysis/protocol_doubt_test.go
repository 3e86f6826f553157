package analysis

import (
	"testing"
	"time"

	"github.com/seed83d86191/txsim/model"
)

// TestInDoubt measures from the first YES to what the worker does, once.
func TestInDoubt(t *testing.T) {
	for _, protocol := range []string{"presumed-abort", "ruleless"} {
		testInDoubt(t, newTracePad(protocol))
	}
	if (InDoubt{}).Mean() != 0 {
		t.Error("the mean of nothing")
	}
}

// TestDoubtOfLostRecord: who votes on a prepare record that a crash has taken is in no
// doubt that the log would know of.
func TestDoubtOfLostRecord(t *testing.T) {
	p := newTracePad("ruleless")
	p.request(t1, 2)
	p.append(padW0, model.KindPrepare, t1)
	p.crash(padW0)
	p.send(padW0, model.KindVote, t1, model.Message{Vote: model.VoteYes})
	p.note(padW0, model.KindAborted, t1, model.Message{})
	if got := p.c.InDoubt(); got != (InDoubt{}) {
		t.Errorf("in doubt: %+v", got)
	}
}

func testInDoubt(t *testing.T, p *tracePad) {
	p.request(t1, 2)
	p.prepared(padW0, t1) // at 4 ms
	p.send(padW0, model.KindVote, t1, model.Message{Vote: model.VoteYes})
	p.crash(padW0)
	p.append(padW0, model.KindCommit, t1) // at 7 ms
	p.note(padW0, model.KindCommitted, t1, model.Message{})
	p.prepared(padW1, t1) // at 11 ms
	p.note(padW1, model.KindAborted, t1, model.Message{})
	p.prepared(padW1, t2) // never acts
	want := InDoubt{Parts: 2, Total: 4 * time.Millisecond, Max: 3 * time.Millisecond}
	if got := p.c.InDoubt(); got != want || got.Mean() != 2*time.Millisecond {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
