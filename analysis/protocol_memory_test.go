package analysis

import (
	"testing"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// TestProtocolMemory drops what is at rest, and nothing else. The protocol owes no notes.
func TestProtocolMemory(t *testing.T) {
	p := newTracePad("presumed-abort")
	cfg := lateConfig()
	cfg.Protocol = unaccountable{model.Protocols()[0].(model.TwoPhase)}
	p.c = newProtocolChecker(cfg, p.c.format)
	doubtful := model.Attempt{Txn: 1, Try: 1}
	open := model.Attempt{Txn: 2, Try: 1}
	p.request(doubtful, 2)
	p.prepared(padW0, doubtful)
	p.note(padClient, model.KindOutcome, doubtful, model.Message{Outcome: model.Blocked, Final: true})
	p.request(open, 2)
	p.prepared(padW0, open)
	const n = 3 * keepAnswered
	for i := uint64(3); i < n; i++ {
		a := model.Attempt{Txn: i, Try: 1}
		p.request(a, 2)
		p.prepared(padW0, a)
		p.append(padW0, model.KindCommit, a)
		p.note(padClient, model.KindOutcome, a, model.Message{Outcome: model.Committed, Final: true})
	}
	if got := len(p.c.txns.slots); got > keepAnswered+3 {
		t.Errorf("%d transactions are held, want at most %d at rest and 2", got, keepAnswered)
	}
	for _, a := range []model.Attempt{doubtful, open} {
		p.note(padC0, model.KindDecide, a, model.Message{Outcome: model.Committed})
		p.note(padW0, model.KindAborted, a, model.Message{})
	}
	if got := p.findings(); len(got) != 2 {
		t.Errorf("got %q, want two findings", got)
	}
	late := model.Attempt{Txn: 5, Try: 1}
	p.send(padW0, model.KindVote, late, model.Message{Vote: model.VoteYes}) // long forgotten: no accusation
	if got := p.findings(); len(got) != 2 {
		t.Errorf("got %q, want two findings", got)
	}
}

// TestProtocolMemoryWide holds fewer transactions of many records.
func TestProtocolMemoryWide(t *testing.T) {
	p := newTracePad("presumed-abort")
	for i := uint64(1); i < 1000; i++ {
		a := model.Attempt{Txn: i, Try: 1}
		p.request(a, 2)
		for range 1000 {
			p.append(padW0, model.KindPrepare, a)
		}
		p.note(padClient, model.KindOutcome, a, model.Message{Outcome: model.Committed, Final: true})
	}
	if got := len(p.c.txns.slots); got > (keepRecords+keepLeft)/1000+2 {
		t.Errorf("%d transactions of 1000 records are held", got)
	}
}

// TestProtocolPartial: how many logs are not finished is counted as records come,
// and is what looking through them all finds.
func TestProtocolPartial(t *testing.T) {
	p := newTracePad("presumed-abort")
	open := 0
	check := func(a model.Attempt) {
		t.Helper()
		trace := p.c.txns.find(a.Label())
		if got, want := int(trace.partial), len(p.c.unfinished(trace)); got != want {
			t.Errorf("after %d records of %v: %d counted, %d found", len(trace.records), a, got, want)
		}
		open = max(open, int(trace.partial))
	}
	for try := range uint32(3) {
		a := model.Attempt{Txn: 1, Try: try + 1}
		p.request(a, 2)
		for _, n := range []sim.NodeID{padW0, padW1} {
			p.append(n, model.KindPrepare, a)
			check(a)
		}
		if try < 2 {
			p.append(padW1, model.KindAbort, a)
			check(a)
			continue
		}
		p.append(padC0, model.KindCommit, a)
		check(a)
		p.append(padW0, model.KindCommit, a)
		p.append(padW1, model.KindPrepare, a) // again: no word goes on so
		check(a)
	}
	if open != 5 {
		t.Errorf("at most %d logs are open at a time, not 5", open)
	}
}
