package analysis

import (
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/model"
)

// TestAckedOutcome: what an ack rests on follows from the decision, if its worker has
// promised to abide by that.
func TestAckedOutcome(t *testing.T) {
	ack := func(m model.Message) func(p *tracePad) {
		return func(p *tracePad) { p.send(padW0, model.KindAck, t1, m) }
	}
	prepared := func(p *tracePad) { p.prepared(padW0, t1) }
	decided := func(m model.Message) func(p *tracePad) {
		return func(p *tracePad) { p.note(padC0, model.KindDecide, t1, m) }
	}
	acts := func(k model.Message) func(p *tracePad) {
		return func(p *tracePad) {
			if k.Outcome == model.Committed {
				p.append(padW0, model.KindCommit, t1)
			} else {
				p.append(padW0, model.KindAbort, t1)
			}
		}
	}
	sync := func(p *tracePad) { p.synced(padW0) }
	for _, tc := range []struct {
		name  string
		steps []func(p *tracePad)
		want  string // the record that is missed
	}{
		{"an abort in memory", []func(p *tracePad){prepared, decided(aborted), acts(aborted), ack(aborted)}, "abort"},
		{"a durable abort", []func(p *tracePad){prepared, decided(aborted), acts(aborted), sync, ack(aborted)}, ""},
		{"an abort that nobody decided", []func(p *tracePad){prepared, acts(aborted), ack(aborted)}, "abort"},
		{"an abort of what was not prepared", []func(p *tracePad){decided(aborted), ack(aborted)}, ""},
		{"an abort, its outcome left out", []func(p *tracePad){prepared, decided(aborted), acts(aborted), ack(model.Message{})}, "abort"},
		{"a commit in memory", []func(p *tracePad){prepared, decided(committed), acts(committed), ack(committed)}, "commit"},
		{"a commit in memory, its outcome left out", []func(p *tracePad){prepared, decided(committed), acts(committed), ack(model.Message{})}, "commit"},
		{"a commit in memory that is called an abort", []func(p *tracePad){prepared, decided(committed), acts(committed), ack(aborted)}, "commit"},
		{"a durable commit, and an abort presumed since", []func(p *tracePad){prepared, decided(committed), acts(committed), sync, ack(aborted)}, ""},
		{"an abort presumed by who only read", []func(p *tracePad){decided(committed), ack(aborted)}, ""},
		{"no outcome, none decided", []func(p *tracePad){prepared, ack(model.Message{})}, ""},
	} {
		p := newTracePad("presumed-nothing")
		p.only = InvWriteAhead
		p.request(t1, 2)
		for _, step := range tc.steps {
			step(p)
		}
		want := ""
		if tc.want != "" {
			want = "write-ahead: w0 sent ack of t1 while its " + tc.want + " record was not durable"
		}
		if got := strings.Join(p.findings(), "\n"); got != want {
			t.Errorf("%s: %q, want %q", tc.name, got, want)
		}
	}
}
