package scenarios_test

import (
	"errors"
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
	job := open(t, s, chatter{})
	r, err := job.Run(t.Context(), scenarios.Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if r.Verdict != analysis.Invalid || !r.End.Stuck || r.Now > sim.Time(10*s.Limits.Stuck) {
		t.Errorf("%v, %+v at %v", r.Verdict, r.End, r.Now)
	}
}

// tired is chatter whose coordinator aborts after a while, of which its state says nothing.
type tired struct{ chatter }

func (tired) Name() string { return "tired" }

func (tired) Coordinator(s *model.Site) sim.Node[model.Message] {
	return &tiredCoordinator{linearCoordinator: linearCoordinator{Site: s}}
}

type tiredCoordinator struct {
	linearCoordinator
	asked int
}

func (c *tiredCoordinator) Receive(from sim.NodeID, mail sim.Mail, m *model.Message) {
	switch {
	case mail.Kind == model.KindRequest:
		c.txn = m.Txn
		c.Began(m.Txn, m.Attempt, m.Age())
	case mail.Kind != model.KindUser:
		return
	case c.asked == 3:
		c.linearCoordinator.Receive(from, mail, &model.Message{Attempt: m.Attempt, Outcome: model.Aborted})
		return
	}
	c.asked++
	c.Env.Send(c.Workers[0], sim.Mail{Kind: model.KindUser, Label: mail.Label}, model.Message{Attempt: m.Attempt})
}

// TestExploreNoLivelock: a run that comes to rest behind a state from which no end was found
// shows that states were taken for one that are not.
func TestExploreNoLivelock(t *testing.T) {
	s, err := scenarios.Parse("tired.yaml", []byte(`{workers: 1, clients: 1, schedule: "exhaustive:timeout=0", transactions: {inline: ["t1: w0 write x = 1"]}}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		protocol model.Protocol
		want     error
	}{{chatter{}, nil}, {tired{}, scenarios.ErrUnstable}} {
		x, err := scenarios.Explore(t.Context(), s.Clone().Using(c.protocol), nil, scenarios.ExploreOptions{})
		if !errors.Is(err, c.want) || err == nil && (len(x.Findings) != 1 || x.Findings[0].Anomaly != "livelock" || x.Repro != nil) {
			t.Errorf("%T: %v, %+v", c.protocol, err, x)
		}
	}
}
