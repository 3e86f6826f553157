package scenarios_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios"
	"github.com/seed83d86191/txsim/sim"
)

func exploreLinear(t *testing.T, p model.Protocol, b sim.Budget, o scenarios.ExploreOptions) *scenarios.Exploration {
	return exploreLinearOf(t, "t1: w0 write x = 1; w1 write y = 1", p, b, o)
}

func exploreLinearOf(t *testing.T, txn string, p model.Protocol, b sim.Budget, o scenarios.ExploreOptions) *scenarios.Exploration {
	s, err := scenarios.Parse("linear.yaml", fmt.Appendf(nil, `{name: linear, workers: 2, clients: 1, protocol: linear, transactions: {inline: [%q]}}`, txn))
	if err != nil {
		t.Fatal(err)
	}
	s.Schedule.Budget = b
	x, err := scenarios.Explore(t.Context(), s, []model.Protocol{p}, o)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// TestVotelessRefines: where nobody votes, a durable prepare record is the promise that
// Transaction Commit asks for.
func TestVotelessRefines(t *testing.T) {
	x := exploreLinear(t, linear{}, sim.Budget{}, scenarios.ExploreOptions{Refine: true})
	if x.Verdict != analysis.Valid || len(x.Refined) != 1 || x.Refined[0].Violation != nil {
		t.Errorf("%v, refined %+v, way %q", x.Verdict, x.Refined, x.Way)
	}
}

// TestVotelessDecidesTwice: who acts before its commit is durable decides twice, with a way
// to that and a repro.
func TestVotelessDecidesTwice(t *testing.T) {
	x := exploreLinear(t, linear{early: true}, sim.Budget{Crash: 1}, scenarios.ExploreOptions{})
	if x.Verdict != analysis.Invalid || x.Repro == nil || x.Findings[0].Invariant != analysis.InvOneDecision ||
		!strings.Contains(x.Findings[0].Text, "t1 was committed at w1") {
		t.Fatalf("%v: %+v", x.Verdict, x.Findings)
	}
}

// contrary is a protocol whose worker says, without a promise, that it has committed, while
// its coordinator decides to abort.
type contrary struct{ linear }

func (contrary) Worker(s *model.Site) sim.Node[model.Message] {
	return &contraryWorker{linearWorker{Site: s}}
}

type contraryWorker struct{ linearWorker }

func (w *contraryWorker) Receive(from sim.NodeID, mail sim.Mail, m *model.Message) {
	w.Env.Note(sim.Mail{Kind: model.KindCommitted, Label: mail.Label}, &model.Message{Attempt: m.Attempt, Peer: m.Peer})
	w.Env.Send(from, sim.Mail{Kind: model.KindUser, Label: mail.Label}, model.Message{Attempt: m.Attempt, Outcome: model.Aborted, Reason: model.Timeout})
}

// TestContradiction: where a state is wrong and the checkers of runs see nothing, as nobody
// has promised, that is a violation with a repro, and no lack of determinism.
func TestContradiction(t *testing.T) {
	x := exploreLinear(t, contrary{}, sim.Budget{}, scenarios.ExploreOptions{})
	if x.Verdict != analysis.Invalid || x.Repro == nil || len(x.Way) != 3 || x.Findings[0].Invariant != analysis.InvOneDecision ||
		!strings.Contains(x.Findings[0].Text, "count a promise only") {
		t.Fatalf("%v, repro %v, way %q: %+v", x.Verdict, x.Repro, x.Way, x.Findings)
	}
	if want := (scenarios.Expect{Hash: x.Repro.Expect.Hash}); x.Repro.Expect != want || want.Hash == "" {
		t.Errorf("the repro expects %+v, which its run does not show", x.Repro.Expect)
	}
}

// TestContradictionOfReads: of a transaction that writes nothing, without a promise, both
// outcomes may be stated: neither has an effect, and the client is told one.
func TestContradictionOfReads(t *testing.T) {
	x := exploreLinearOf(t, "t1: w0 read x; w1 read y", contrary{}, sim.Budget{}, scenarios.ExploreOptions{})
	if x.Verdict != analysis.Valid {
		t.Fatalf("%v, way %q: %+v", x.Verdict, x.Way, x.Findings)
	}
}
