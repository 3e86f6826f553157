package scenarios_test

import (
	"testing"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios"
	"github.com/seed83d86191/txsim/sim"
)

// talkative is presumed abort with workers that begin with a note of every kind, without a
// message.
type talkative struct{ model.TwoPhase }

func (talkative) Name() string { return "talkative" }

func (p talkative) Worker(s *model.Site) sim.Node[model.Message] {
	return talker{p.TwoPhase.Worker(s), s.Env}
}

type talker struct {
	sim.Node[model.Message]
	env *sim.Env[model.Message]
}

func (n talker) Start() {
	n.Node.Start()
	for kind := sim.Kind(1); kind < model.KindUser; kind++ {
		n.env.Note(sim.Mail{Kind: kind, Label: model.Attempt{Txn: 1, Try: 1}.Label()}, nil)
	}
}

// TestBareNotes: nothing that follows a run needs a message with the notes of nodes.
func TestBareNotes(t *testing.T) {
	s := loaded(t, "pair")
	job := open(t, s.Using(talkative{model.Protocols()[0].(model.TwoPhase)}))
	if r, err := job.Run(t.Context(), scenarios.Options{Seed: 1, Spent: true}); err != nil || r.Metrics.Committed() == 0 {
		t.Errorf("run: %v", err)
	}
	if story, err := job.Tell(t.Context()); err != nil || story.Text() == "" {
		t.Errorf("told: %v", err)
	}
	if m, err := scenarios.Matrix(t.Context(), job, scenarios.MatrixOptions{First: 1}); err != nil || m.Done == 0 {
		t.Errorf("matrix: %v", err)
	}
}
