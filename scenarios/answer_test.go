package scenarios_test

import (
	"slices"
	"testing"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/model/plain"
	"github.com/seed83d86191/txsim/scenarios"
	"github.com/seed83d86191/txsim/sim"
)

// curt is a protocol whose coordinator does nothing for its clients but send one message.
type curt struct {
	plain.Protocol
	kind    sim.Kind
	outcome model.Outcome
}

func (curt) Name() string { return "curt" }

func (c curt) Coordinator(s *model.Site) sim.Node[model.Message] {
	return &curtCoordinator{c.Protocol.Coordinator(s), s, c}
}

type curtCoordinator struct {
	sim.Node[model.Message]
	site *model.Site
	says curt
}

func (c *curtCoordinator) Receive(_ sim.NodeID, mail sim.Mail, m *model.Message) {
	c.site.Env.Send(c.site.Client, sim.Mail{Kind: c.says.kind, Label: mail.Label}, model.Message{Attempt: m.Attempt, Outcome: c.says.outcome})
}

// TestWrongAnswers: what is no answer, or says of no outcome that a coordinator which has not
// crashed can give, is none of the final answers that every transaction must have.
func TestWrongAnswers(t *testing.T) {
	for _, c := range []struct {
		says  curt
		wrong bool
	}{
		{curt{kind: model.KindAnswer, outcome: model.Aborted}, false},
		{curt{kind: model.KindAnswer, outcome: model.Unknown}, true},
		{curt{kind: model.KindAnswer}, true},
		{curt{kind: model.KindAnswer, outcome: model.Blocked}, true},
		{curt{kind: model.KindAnswer, outcome: 99}, true},
		{curt{kind: model.KindUser, outcome: model.Unknown}, true},
		{curt{kind: model.KindCommit, outcome: model.Unknown}, true},
	} {
		r := runPlant(t, scenarios.Small(), 0, c.says)
		wrong := slices.ContainsFunc(r.Findings, func(f analysis.Finding) bool { return f.Invariant == analysis.InvOneOutcome })
		if wrong != c.wrong || (r.Verdict == analysis.Invalid) != c.wrong {
			t.Errorf("%s %d: %v, %v", model.KindName(c.says.kind), c.says.outcome, r.Verdict, r.Findings)
		}
	}
}
