package scenarios_test

import (
	"testing"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios"
	"github.com/seed83d86191/txsim/sim"
)

// chatter passes one message between coordinator and worker for ever, and resolves nothing.
type chatter struct{ linear }

func (chatter) Coordinator(s *model.Site) sim.Node[model.Message] {
	return &chatterCoordinator{linearCoordinator{Site: s}}
}

func (chatter) Worker(s *model.Site) sim.Node[model.Message] {
	return &chatterWorker{linearWorker{Site: s}}
}

type chatterCoordinator struct{ linearCoordinator }

func (c *chatterCoordinator) Receive(_ sim.NodeID, mail sim.Mail, m *model.Message) {
	switch mail.Kind {
	case model.KindRequest:
		c.Began(m.Txn, m.Attempt, m.Age())
	case model.KindUser:
	default:
		return
	}
	c.Env.Send(c.Workers[0], sim.Mail{Kind: model.KindUser, Label: mail.Label}, model.Message{Attempt: m.Attempt})
}

type chatterWorker struct{ linearWorker }

func (w *chatterWorker) Receive(from sim.NodeID, mail sim.Mail, m *model.Message) {
	w.Env.Send(from, sim.Mail{Kind: model.KindUser, Label: mail.Label}, model.Message{Attempt: m.Attempt})
}

// TestLivelock: a run in which something is always under way, and nothing is ever resolved, is
// stuck, and not waited for until a limit.
func TestLivelock(t *testing.T) {
	s, err := scenarios.Parse("chatter.yaml", []byte(`{name: chatter, workers: 1, clients: 1, protocol: linear, limits: {stuck: 100ms}, transactions: {inline: ["t1: w0 write x = 1"]}}`))
	if err != nil {
		t.Fatal(err)
	}
	job, err := s.Open([]model.Protocol{chatter{}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer job.Close()
	r, err := job.Run(t.Context(), scenarios.Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if r.Verdict != analysis.Invalid || !r.End.Stuck || r.Now > sim.Time(10*s.Limits.Stuck) {
		t.Errorf("%v, %+v at %v", r.Verdict, r.End, r.Now)
	}
}
