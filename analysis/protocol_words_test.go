package analysis

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// TestLogGrammar appends records about t1 to a log, in orders that there are and in others.
func TestLogGrammar(t *testing.T) {
	const crash = sim.Kind(0) // between records
	for _, tc := range []struct {
		protocol string
		node     sim.NodeID
		log      []sim.Kind
		want     string
	}{
		{"presumed-abort", padW0, []sim.Kind{model.KindPrepare, model.KindCommit}, ""},
		{"presumed-abort", padW0, []sim.Kind{model.KindCommit}, "log-grammar: w0 appended its commit record of t1, which can not follow nothing"},
		{"presumed-abort", padW0, []sim.Kind{model.KindPrepare, model.KindAbort, model.KindCommit},
			"log-grammar: w0 appended its commit record of t1, which can not follow prepare abort"},
		{"presumed-abort", padW0, []sim.Kind{model.KindPrepare, model.KindCommit, model.KindPrepare},
			"idempotence: w0 appended its prepare record of t1 again, to a log of prepare commit"},
		{"presumed-abort", padW0, []sim.Kind{model.KindPrepare, model.KindCommit, model.KindCommit},
			"idempotence: w0 appended its commit record of t1 again, to a log of prepare commit"},
		{"presumed-abort", padW0, []sim.Kind{model.KindStart}, "log-grammar: w0 appended its start record of t1, which can not follow nothing"},
		{"presumed-abort", padW0, []sim.Kind{model.KindPrepare, crash, model.KindPrepare}, ""}, // the first is lost
		{"presumed-abort", padC0, []sim.Kind{model.KindStart, model.KindCommit, model.KindPrepare, model.KindEnd}, ""},
		{"presumed-abort", padC0, []sim.Kind{model.KindStart, model.KindStart}, ""},
		{"presumed-abort", padC0, []sim.Kind{model.KindEnd}, "log-grammar: C0 appended its end record of t1, which can not follow nothing"},
		{"presumed-commit", padC0, []sim.Kind{model.KindCollecting, model.KindCommit}, ""},
		{"presumed-commit", padC0, []sim.Kind{model.KindCommit}, "log-grammar: C0 appended its commit record of t1, which can not follow nothing"},
	} {
		p := newTracePad(tc.protocol)
		p.c.bounds = newBounds(lateConfig())
		p.request(t1, 2)
		for _, k := range tc.log {
			if k == crash {
				p.crash(tc.node)
				continue
			}
			p.append(tc.node, k, t1)
		}
		if got := strings.Join(p.findings(), "\n"); got != tc.want {
			t.Errorf("%s, log %v of node %d: %q, want %q", tc.protocol, tc.log, tc.node, got, tc.want)
		}
	}
}

// wordless is a protocol without a grammar.
type wordless struct{ model.Protocol }

func (wordless) Promises() model.Promises { return model.Promises{} }

// TestWithoutGrammar: any log is right.
func TestWithoutGrammar(t *testing.T) {
	cfg := lateConfig()
	cfg.Protocol = wordless{cfg.Protocol}
	p := newTracePad("presumed-abort")
	p.c = newProtocolChecker(cfg, p.c.format)
	p.request(t1, 2)
	p.append(padW0, model.KindCommit, t1)
	p.append(padW0, model.KindPrepare, t1)
	p.crash(padC0) // from now on what is open is looked for in the records
	p.c.Finish(func(sim.NodeID, model.Attempt) bool { return false })
	if got := p.findings(); len(got) > 0 {
		t.Errorf("%q", got)
	}
}

// TestLogsLeftOpen: at the end a log says of each attempt all that it has to, but for what is
// excused.
func TestLogsLeftOpen(t *testing.T) {
	open := func(node, spelt string) string {
		return fmt.Sprintf("log-grammar: the log of %s about t1 ends after %s, though nothing is open any more", node, spelt)
	}
	for _, tc := range []struct {
		name    string
		log     func(p *tracePad)
		excused sim.NodeID
		want    []string
	}{
		{"whole", func(p *tracePad) { p.append(padW0, model.KindPrepare, t1); p.append(padW0, model.KindCommit, t1) }, sim.Nobody, nil},
		{"two open", func(p *tracePad) { p.append(padW0, model.KindPrepare, t1); p.append(padC0, model.KindCommit, t1) }, sim.Nobody,
			[]string{open("w0", "prepare"), open("C0", "commit")}},
		{"one of two excused", func(p *tracePad) { p.append(padW0, model.KindPrepare, t1); p.append(padC0, model.KindCommit, t1) }, padW0,
			[]string{open("C0", "commit")}},
		{"lost", func(p *tracePad) { p.append(padW0, model.KindPrepare, t1); p.crash(padW0) }, sim.Nobody, nil},
		{"its end is lost", func(p *tracePad) {
			p.append(padW0, model.KindPrepare, t1)
			p.synced(padW0)
			p.append(padW0, model.KindCommit, t1)
			p.crash(padW0)
		}, sim.Nobody, []string{open("w0", "prepare")}},
	} {
		p := newTracePad("presumed-abort")
		p.request(t1, 2)
		tc.log(p)
		p.append(padW1, model.KindCommit, t1) // found before the end
		p.c.Finish(func(n sim.NodeID, a model.Attempt) bool { return a == t1 && n == tc.excused })
		kept := p.kept()
		if got := p.findings(); len(got) == 0 || !slices.Equal(got[1:], tc.want) {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
		for i, f := range kept {
			if f.AtEnd != (i > 0) {
				t.Errorf("%s: %v is found at the end: %v", tc.name, f, f.AtEnd)
			}
		}
	}
}
