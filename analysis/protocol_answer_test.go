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
		{"no results, asked for when a crash is over", 2, read, func(p *tracePad) { p.crash(padC0); p.befall(sim.TraceRestart, padC0, 2); p.atOnce() }, nil, silent, ""},
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

// TestOnePhaseAnswer: the answer that a single worker has committed rests on the worker's
// record, and on none of the coordinator's.
func TestOnePhaseAnswer(t *testing.T) {
	const want = "write-ahead: C0 sent answer of t1 while the commit-one record of w0 was not durable"
	durable := func(n sim.NodeID, k sim.Kind, a model.Attempt) func(p *tracePad) {
		return func(p *tracePad) { p.append(n, k, a); p.synced(n) }
	}
	written := func(p *tracePad) { p.append(padW0, model.KindCommitOne, t1) }
	own := unaccountable{model.Protocols()[0].(model.TwoPhase)}
	for _, tc := range []struct {
		name     string
		protocol model.Protocol // nil: presumed abort
		workers  int
		reads    bool
		before   func(p *tracePad)
		outcome  model.Outcome
		want     string
	}{
		{"no record", nil, 1, false, nil, model.Committed, want},
		{"a record", nil, 1, false, durable(padW0, model.KindCommitOne, t1), model.Committed, ""},
		{"a record in memory", nil, 1, false, written, model.Committed, want},
		{"a record that is lost in a crash", nil, 1, false, func(p *tracePad) { written(p); p.crash(padW0); p.synced(padW0) }, model.Committed, want},
		{"a record that survives one", nil, 1, false, func(p *tracePad) { written(p); p.synced(padW0); p.crash(padW0) }, model.Committed, ""},
		{"the coordinator's record", nil, 1, false, durable(padC0, model.KindCommit, t1), model.Committed, want},
		{"another worker's", nil, 1, false, durable(padW1, model.KindCommitOne, t1), model.Committed, want},
		{"another attempt's", nil, 1, false, durable(padW0, model.KindCommitOne, t2), model.Committed, want},
		{"reads alone", nil, 1, true, nil, model.Committed, ""},
		{"an abort", nil, 1, false, nil, model.Aborted, ""},
		{"an unknown outcome", nil, 1, false, nil, model.Unknown, ""},
		{"several workers", nil, 2, false, durable(padC0, model.KindCommit, t1), model.Committed, ""},
		{"no worker", nil, 0, false, nil, model.Committed, ""},
		{"another protocol", own, 1, false, nil, model.Committed, ""},
	} {
		p := newTracePad("presumed-abort")
		p.only = InvWriteAhead
		cfg := lateConfig()
		if tc.protocol != nil {
			cfg.Protocol = tc.protocol
		}
		p.c = newProtocolChecker(cfg, p.c.format)
		p.request(t1, tc.workers)
		if tc.reads {
			p.txn[t1.Txn].Ops[0].Kind = model.Read
		}
		if tc.before != nil {
			tc.before(p)
		}
		p.send(padC0, model.KindAnswer, t1, model.Message{Outcome: tc.outcome})
		if got := strings.Join(p.findings(), "; "); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}

// TestContradiction: within one life a coordinator does not tell a client the other outcome
// than it has told or decided; after a crash, what it says later does not count.
func TestContradiction(t *testing.T) {
	say := func(o model.Outcome) func(p *tracePad) {
		return func(p *tracePad) {
			p.send(padC0, model.KindAnswer, t1, model.Message{Outcome: o, Reason: model.CoordinatorLost})
		}
	}
	restart := func(p *tracePad) { p.crash(padC0); p.befall(sim.TraceRestart, padC0, 2) }
	decide := func(p *tracePad) { p.note(padC0, model.KindDecide, t1, model.Message{Outcome: model.Committed}) }
	vote := func(p *tracePad) { p.prepared(padW0, t1) }
	decideNext := func(p *tracePad) {
		p.prepared(padW0, t2)
		p.note(padC0, model.KindDecide, t2, model.Message{Outcome: model.Committed})
	}
	apply := func(p *tracePad) { p.note(padW0, model.KindCommitted, t1, model.Message{}) }
	for _, tc := range []struct {
		name  string
		steps []func(p *tracePad)
		want  bool
	}{
		{"twice the same", []func(p *tracePad){say(model.Committed), say(model.Committed)}, false},
		{"aborted after committed", []func(p *tracePad){say(model.Committed), say(model.Aborted)}, true},
		{"committed after aborted", []func(p *tracePad){say(model.Aborted), say(model.Committed)}, true},
		{"unknown after committed", []func(p *tracePad){say(model.Committed), say(model.Unknown)}, false},
		{"after a crash", []func(p *tracePad){say(model.Committed), restart, say(model.Aborted)}, false},
		{"after a crash, twice", []func(p *tracePad){say(model.Committed), restart, say(model.Aborted), say(model.Committed)}, true},
		{"after a pause", []func(p *tracePad){say(model.Committed), func(p *tracePad) { p.befall(sim.TracePause, padC0, 0); p.befall(sim.TraceResume, padC0, 0) }, say(model.Aborted)}, true},
		{"aborted after the decision", []func(p *tracePad){vote, decide, say(model.Aborted)}, true},
		{"aborted after the decision, and that of another attempt", []func(p *tracePad){vote, decide, decideNext, say(model.Aborted)}, true},
		{"aborted after the decision of another attempt", []func(p *tracePad){vote, decideNext, say(model.Aborted)}, false},
		{"aborted after a worker has committed", []func(p *tracePad){vote, apply, say(model.Aborted)}, false},
		{"aborted after the decision, of reads alone", []func(p *tracePad){decide, say(model.Aborted)}, false},
		{"aborted after the decision of an earlier life", []func(p *tracePad){vote, decide, restart, say(model.Aborted)}, false},
	} {
		p := newTracePad("presumed-abort")
		p.only = InvOneDecision
		p.c = newProtocolChecker(lateConfig(), p.c.format)
		p.request(t1, 2)
		for _, step := range tc.steps {
			step(p)
		}
		if got := p.findings(); len(got) > 0 != tc.want {
			t.Errorf("%s: %q", tc.name, got)
		}
	}
}
