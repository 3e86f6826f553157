package scenarios

import (
	"context"
	"slices"
	"testing"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/model/space"
	"github.com/seed83d86191/txsim/sim"
)

// TestEndlessWay: a way of an exhaustive schedule that does not come to its end is
// given up, as unknown.
func TestEndlessWay(t *testing.T) {
	s := loaded(t, "bank")
	s.Transactions.Count, s.Clients = 3000, 3
	if err := s.Set("schedule", "exhaustive"); err != nil {
		t.Fatal(err)
	}
	j := openJob(t, s)
	r, err := j.Run(context.Background(), Options{Seed: 1})
	if err != nil || r.Verdict != analysis.Undecided || r.Stats.Events != wayEvents {
		t.Errorf("%v after %d events: %v", r.Verdict, r.Stats.Events, err)
	}
}

// talker sends some mail to another node, which notes what it gets.
type talker struct {
	sim.Node[model.Message]
	env  *sim.Env[model.Message]
	says []sim.Mail
	got  *[]sim.Mail
}

func (n *talker) Start() {
	for _, mail := range n.says {
		n.env.Send(1, mail, model.Message{})
	}
}

func (n *talker) Receive(_ sim.NodeID, mail sim.Mail, _ *model.Message) {
	*n.got = append(*n.got, mail)
}

// TestGuideKeepsSessions: to a message of a session leads what stands before it in its session,
// that an exploration takes for one with it, and not what stands in another.
func TestGuideKeepsSessions(t *testing.T) {
	for _, mine := range []sim.Label{1, 2} {
		first, aim := sim.Mail{Kind: model.KindAsk, Label: mine}, sim.Mail{Kind: model.KindCommit, Label: mine}
		other := sim.Mail{Kind: model.KindAsk, Label: 3 - mine}
		g := &guide{way: []space.Choice{{Op: sim.InputMessage, Node: 1, From: 0, Session: mine, Hash: model.MessageHash(0, 1, &aim, &model.Message{})}}}
		g.world = sim.New(sim.Config[model.Message]{
			Source: g, Schedule: sim.Schedule{Strategy: sim.Exhaustive}, Network: sim.Network{Links: []sim.Link{{Session: true}}},
		})
		var got []sim.Mail
		for _, name := range []string{"a", "b"} {
			g.world.AddNode(name, func(env *sim.Env[model.Message]) sim.Node[model.Message] {
				n := &talker{env: env, got: &got}
				if name == "a" {
					n.says = []sim.Mail{first, other, first, aim}
				}
				return n
			})
		}
		status := g.world.Run(t.Context())
		if want := []sim.Mail{first, first, aim, other}; status != sim.Quiet || g.lost > 0 || !slices.Equal(got, want) {
			t.Errorf("line %d: %v, lost at step %d, got %v, expected %v", mine, status, g.lost, got, want)
		}
	}
}
