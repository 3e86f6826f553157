package scenarios_test

import (
	"context"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios"
	"github.com/seed83d86191/txsim/sim"
)

// faint is a protocol whose workers panic at their start.
type faint struct{ model.TwoPhase }

func (faint) Name() string { return "faint" }

func (f faint) Worker(s *model.Site) sim.Node[model.Message] { return fainting{f.TwoPhase.Worker(s)} }

type fainting struct{ sim.Node[model.Message] }

func (fainting) Start() { panic("no start today") }

// idle is a protocol that makes no coordinators.
type idle struct{ model.TwoPhase }

func (idle) Name() string                                    { return "idle" }
func (idle) Coordinator(*model.Site) sim.Node[model.Message] { return nil }

// TestPanicAtStart: nodes that can not be made, or do not survive their start, are a
// finding of everything that runs them. What happens to those that panic later on is in
// cmd/testdata/script/panic.txtar.
func TestPanicAtStart(t *testing.T) {
	sound := model.Protocols()[0].(model.TwoPhase)
	for _, c := range []struct {
		protocol    model.Protocol
		text, shape string
	}{
		{mad{sound}, "no worker today: scenarios_test.mad.Worker, ", "panic/mad.Worker"},
		{faint{sound}, "no start today: scenarios_test.fainting.Start, ", "panic/fainting.Start"},
		{idle{sound}, "idle has made no coordinator: model.made, ", "panic/made"},
	} {
		p, text, shape := c.protocol, c.text, c.shape
		s := loaded(t, "pair")
		s.Protocol = p.Name()
		job := open(t, s, p)
		r, err := job.Run(context.Background(), scenarios.Options{Record: true, Spent: true})
		if err != nil || r.Verdict != analysis.Invalid || r.History == nil || !strings.Contains(r.Table().String(), "panicked") {
			t.Errorf("%s: run: %+v, %v", p.Name(), r, err)
		}
		h, err := job.Hunt(context.Background(), scenarios.HuntOptions{First: 1, Last: 3, KeepGoing: true})
		if err != nil || len(h.Found) != 1 || h.Found[0].Fingerprint != shape || h.Found[0].Runs != 3 || !strings.HasPrefix(h.Found[0].Finding.Text, text) || h.Found[0].Repro == nil {
			t.Errorf("%s: hunt: %+v, %v", p.Name(), h, err)
		}
		if _, err := scenarios.NewStepper(t.Context(), job); p.Name() != "faint" && (err == nil || !strings.Contains(err.Error(), "can not be made: "+text)) {
			t.Errorf("%s: step: %v", p.Name(), err)
		}
		m, err := scenarios.Matrix(context.Background(), job, scenarios.MatrixOptions{})
		if err != nil || len(m.Failures) != 1 || m.Failures[0].Fingerprint != shape {
			t.Errorf("%s: matrix: %+v, %v", p.Name(), m, err)
		}
		x, err := scenarios.Explore(context.Background(), s, []model.Protocol{p}, scenarios.ExploreOptions{})
		if err != nil || x.Verdict != analysis.Invalid || x.Repro == nil || !strings.HasPrefix(x.Findings[0].Text, text) {
			t.Errorf("%s: exploration: %+v, %v", p.Name(), x, err)
		}
	}
}

// brief is a protocol whose coordinators cannot be made in one of the runs, which thus has
// no records.
type brief struct {
	model.TwoPhase
	runs *int
	bad  int
}

func (brief) Name() string { return "brief" }

func (b brief) Coordinator(s *model.Site) sim.Node[model.Message] {
	if *b.runs++; *b.runs == b.bad {
		panic("not in this run")
	}
	return b.TwoPhase.Coordinator(s)
}

// TestFirstDifferenceAtEnd: where one run has ended, and the other goes on, they differ.
func TestFirstDifferenceAtEnd(t *testing.T) {
	for bad := 1; bad <= 2; bad++ {
		s := scenarios.Small().Using(brief{model.Protocols()[0].(model.TwoPhase), new(int), bad})
		s.Coordinators = 1
		j := open(t, s)
		if d := j.FirstDifference(t.Context(), scenarios.Options{}); d == nil || d.Line != 1 || (d.Want == "") != (bad == 1) || (d.Got == "") != (bad == 2) {
			t.Errorf("run %d has no records: %v", bad, d)
		}
	}
}
