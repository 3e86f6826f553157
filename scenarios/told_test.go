package scenarios_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios"
	"github.com/seed83d86191/txsim/sim"
)

// retold is two-phase commit that changes its messages.
type retold struct {
	model.TwoPhase
	change func(to sim.NodeID, mail *sim.Mail, m *model.Message) bool
}

func (r retold) inner(s *model.Site) *model.Site {
	inner := *s
	inner.Hooks = &model.Hooks{Outgoing: r.change}
	return &inner
}

func (r retold) Coordinator(s *model.Site) sim.Node[model.Message] {
	return r.TwoPhase.Coordinator(r.inner(s))
}

func (r retold) Worker(s *model.Site) sim.Node[model.Message] {
	return r.TwoPhase.Worker(r.inner(s))
}

// retell makes one of a built-in protocol.
func retell(sound int, change func(mail *sim.Mail, m *model.Message)) retold {
	two := model.Protocols()[sound].(model.TwoPhase)
	two.Label = "retold"
	return retold{two, func(_ sim.NodeID, mail *sim.Mail, m *model.Message) bool {
		change(mail, m)
		return true
	}}
}

// TestToldLess: a client is told the results of what committed, and the outcome, unless
// there was a crash.
func TestToldLess(t *testing.T) {
	for name, c := range map[string]struct {
		change    func(m *model.Message)
		invariant string
		isolation string
	}{
		"no results": {func(m *model.Message) { m.Reads = nil }, analysis.InvCommittedReads, "not judged; "},
		"unknown":    {func(m *model.Message) { m.Outcome, m.Reads = model.Unknown, nil }, analysis.InvOneOutcome, ""},
	} {
		s := scenarios.Small()
		s.Faults = nil
		r := runPlant(t, s, 0, retell(0, func(mail *sim.Mail, m *model.Message) {
			if mail.Kind == model.KindAnswer {
				c.change(m)
			}
		}))
		if !slices.ContainsFunc(r.Findings, func(f analysis.Finding) bool { return f.Invariant == c.invariant }) {
			t.Errorf("%s: %s, %v", name, r.Verdict, r.Findings)
		}
		if got := strings.Join(strings.Fields(r.Table().String()), " "); !strings.Contains(got, c.isolation) || strings.Contains(got, "commits told no results") != (c.isolation != "") {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// TestSaysTooLittle: what a worker leaves out of its messages does not hide what it does.
func TestSaysTooLittle(t *testing.T) {
	for name, c := range map[string]struct {
		sound     int
		set       []string
		change    func(mail *sim.Mail, m *model.Message)
		invariant string
	}{
		"conflicts with nobody": {0, []string{"workload.keys=3"}, func(_ *sim.Mail, m *model.Message) {
			if m.Reason == model.Conflict {
				m.Payload = nil
			}
		}, analysis.InvAgeOrder},
		"wounds for nobody": {0, []string{"workload.keys=3", "concurrency=wound-wait"}, func(mail *sim.Mail, m *model.Message) {
			if mail.Kind == model.KindWound {
				m.Payload = nil
			}
		}, analysis.InvAgeOrder},
	} {
		s := scenarios.Small()
		if err := s.Apply(append(c.set, "faults=[]", "transactions=100")...); err != nil {
			t.Fatal(err)
		}
		r := runPlant(t, s, 0, retell(c.sound, c.change))
		if !slices.ContainsFunc(r.Findings, func(f analysis.Finding) bool { return f.Invariant == c.invariant }) {
			t.Errorf("%s: %s, %v", name, r.Verdict, r.Findings)
		}
	}
}

// meddler changes the transactions that its clients hand it.
type meddler struct {
	model.TwoPhase
	when sim.Kind
	edit func(t *model.Transaction)
}

func (p meddler) Coordinator(s *model.Site) sim.Node[model.Message] {
	return &meddling{p.TwoPhase.Coordinator(s), p}
}

func (p meddler) Worker(s *model.Site) sim.Node[model.Message] {
	return &meddling{p.TwoPhase.Worker(s), p}
}

type meddling struct {
	sim.Node[model.Message]
	meddler
}

func (n *meddling) Receive(from sim.NodeID, mail sim.Mail, m *model.Message) {
	if mail.Kind == n.when && m.Txn != nil {
		n.edit(m.Txn)
	}
	n.Node.Receive(from, mail, m)
}

// TestChangedTransaction: a protocol that changes a transaction is not judged by what it has
// made of it, be it before the answer or after.
func TestChangedTransaction(t *testing.T) {
	garbage := func(t *model.Transaction) {
		for i := range t.Ops {
			t.Ops[i].Value = "garbage"
		}
	}
	for name, c := range map[string]struct {
		when sim.Kind
		edit func(t *model.Transaction)
		want bool
	}{
		"values":          {model.KindRequest, garbage, true},
		"values, at last": {model.KindCommit, garbage, true},
		"a key":           {model.KindRequest, func(t *model.Transaction) { t.Ops[0].Key += "x" }, true},
		"parts":           {model.KindRequest, func(t *model.Transaction) { t.Parts = t.Parts[:1] }, true},
		"an operation":    {model.KindRequest, func(t *model.Transaction) { op := *t.Parts[0].Ops[0].Op; t.Parts[0].Ops[0].Op = &op }, true},
		"nothing":         {model.KindRequest, func(*model.Transaction) {}, false},
	} {
		s := scenarios.Small()
		s.Faults = nil
		two := model.Protocols()[0].(model.TwoPhase)
		two.Label = "meddler"
		r := runPlant(t, s, 0, meddler{two, c.when, c.edit})
		found := slices.ContainsFunc(r.Findings, func(f analysis.Finding) bool { return f.Fingerprint() == "atomicity/garbage/changed" })
		if found != c.want || (r.Verdict == analysis.Invalid) != c.want {
			t.Errorf("%s: %s, %v", name, r.Verdict, r.Findings)
		}
	}
}
