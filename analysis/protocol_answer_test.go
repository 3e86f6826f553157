package analysis

import (
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// TestTold: results are lost, and an outcome is unknown, only where a crash can have been
// the reason.
func TestTold(t *testing.T) {
	const read = true
	silent, unknown := model.Message{Outcome: model.Committed}, model.Message{Outcome: model.Unknown}
	full := model.Message{Outcome: model.Committed, Reads: []model.ReadResult{{}}}
	for _, tc := range []struct {
		name    string
		workers int
		reads   bool
		before  func(p *tracePad)
		after   func(p *tracePad)
		told    model.Message
		want    string
	}{
		{"results", 2, read, nil, nil, full, ""},
		{"no results", 2, read, nil, nil, silent, InvCommittedReads},
		{"no results of no reads", 2, !read, nil, nil, silent, ""},
		{"no results after a crash", 2, read, nil, func(p *tracePad) { p.crash(padC0); p.befall(sim.TraceRestart, padC0, 2) }, silent, ""},
		{"no results after one long before", 2, read, func(p *tracePad) { p.crash(padC0); p.befall(sim.TraceRestart, padC0, 2) }, nil, silent, InvCommittedReads},
		{"no results after a pause", 2, read, nil, func(p *tracePad) { p.befall(sim.TracePause, padC0, 0); p.befall(sim.TraceResume, padC0, 0) }, silent, InvCommittedReads},
		{"no results after a worker's crash", 2, read, nil, func(p *tracePad) { p.crash(padW0) }, silent, InvCommittedReads},
		{"no results after the only worker's crash", 1, read, nil, func(p *tracePad) { p.crash(padW0) }, silent, ""},
		{"no results after another worker's crash", 1, read, nil, func(p *tracePad) { p.crash(padW1) }, silent, InvCommittedReads},
		{"unknown", 1, read, nil, nil, unknown, InvOneOutcome},
		{"unknown after a crash", 1, read, nil, func(p *tracePad) { p.crash(padC0); p.befall(sim.TraceRestart, padC0, 2) }, unknown, ""},
		{"unknown of several workers", 2, read, nil, func(p *tracePad) { p.crash(padC0); p.befall(sim.TraceRestart, padC0, 2) }, unknown, InvOneOutcome},
		{"unknown of several workers, one of them dead", 2, read, nil, func(p *tracePad) { p.crash(padC0); p.befall(sim.TraceRestart, padC0, 2); p.die(padW1) }, unknown, ""},
		{"unknown after a crash and a pause", 1, read, nil, func(p *tracePad) {
			p.crash(padC0)
			p.befall(sim.TraceRestart, padC0, 2)
			p.befall(sim.TracePause, padC0, 0)
		}, unknown, ""},
		{"unknown: the request came while it was down", 1, read, func(p *tracePad) { p.crash(padC0) }, func(p *tracePad) { p.befall(sim.TraceRestart, padC0, 2) }, unknown, ""},
		{"unknown after one long before", 1, read, func(p *tracePad) { p.crash(padC0); p.befall(sim.TraceRestart, padC0, 2) }, nil, unknown, InvOneOutcome},
		{"unknown after the worker's crash", 1, read, nil, func(p *tracePad) { p.crash(padW0) }, unknown, InvOneOutcome},
		{"unknown: a worker is dead", 1, read, func(p *tracePad) { p.die(padW1) }, nil, unknown, ""},
		{"blocked", 1, read, nil, nil, model.Message{Outcome: model.Blocked}, ""},
	} {
		p := newTracePad("presumed-abort")
		p.c = newProtocolChecker(lateConfig(), p.c.format)
		for _, f := range []func(*tracePad){tc.before, func(p *tracePad) {
			p.request(t1, tc.workers)
			if tc.reads {
				p.txn[t1.Txn].Ops[0].Kind = model.Read
			}
		}, tc.after} {
			if f != nil {
				f(p)
			}
		}
		p.note(padClient, model.KindOutcome, t1, tc.told)
		if got := strings.Join(p.findings(), "; "); (got != "") != (tc.want != "") || !strings.HasPrefix(got, tc.want) {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}
