package scenarios

import (
	"slices"
	"testing"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// echoed is a protocol that aborts what comes. Its w0 prepares all the same, and votes
// when w1 has echoed that, whether or not its record is durable by then: the state that it
// comes to, and what it sends, are the same in either order.
type echoed struct{ model.TwoPhase }

func (echoed) Name() string                                      { return "echoed" }
func (echoed) Coordinator(s *model.Site) sim.Node[model.Message] { return &echoes{Site: s} }
func (echoed) Worker(s *model.Site) sim.Node[model.Message]      { return &echoes{Site: s} }

func (e echoed) Promises() model.Promises {
	p := e.TwoPhase.Promises()
	p.Accountable = false // it aborts for no cause
	return p
}

type echoes struct {
	*model.Site
	voted, heard, durable, over bool
	name                        model.Attempt
}

func (n *echoes) tell(to sim.NodeID, kind sim.Kind, m model.Message) {
	n.Env.Send(to, sim.Mail{Kind: kind, Label: m.Attempt.Label()}, m)
}

func (n *echoes) Receive(from sim.NodeID, mail sim.Mail, m *model.Message) {
	about := model.Message{Attempt: m.Attempt, Txn: m.Txn}
	switch mail.Kind {
	case model.KindRequest:
		n.Began(m.Txn, m.Attempt, m.Age())
		aborted := about
		aborted.Outcome, aborted.Reason = model.Aborted, model.Conflict
		n.Env.Note(sim.Mail{Kind: model.KindDecide, Label: mail.Label, Arg: uint64(model.Aborted)}, &aborted)
		n.tell(n.Client, model.KindAnswer, aborted)
		prepare := about
		prepare.Start, prepare.To = m.Start, 1
		n.tell(n.Workers[0], model.KindPrepare, prepare)
	case model.KindPrepare:
		n.name = m.Attempt
		n.Log(model.KindPrepare, &model.Work{Coordinator: from, Attempt: m.Attempt, Writes: []model.StagedWrite{{Key: "x", Value: "1"}}})
		n.tell(n.Workers[1], model.KindUser, about)
		n.Env.Sync()
	case model.KindUser:
		if n.Worker == 1 {
			n.tell(from, model.KindUser, about)
		} else if !n.voted {
			n.voted, about.Vote = true, model.VoteYes
			n.tell(n.Coordinators[0], model.KindVote, about)
		}
	case model.KindVote, model.KindUser + 1:
		n.heard, n.durable = n.heard || mail.Kind == model.KindVote, n.durable || mail.Kind != model.KindVote
		if n.heard && n.durable {
			n.tell(from, model.KindAbort, about)
		}
	case model.KindAbort:
		if !n.over {
			n.over = true
			n.Log(model.KindAbort, &model.Work{Coordinator: from, Attempt: m.Attempt})
			n.Env.Sync()
			n.Env.Note(sim.Mail{Kind: model.KindAborted, Label: mail.Label}, &model.Message{Attempt: m.Attempt, Peer: from})
		}
	}
}

// Synced says so: the abort comes only then.
func (n *echoes) Synced(sim.LSN) {
	if !n.over {
		n.tell(n.Coordinators[0], model.KindUser+1, model.Message{Attempt: n.name})
	}
}

func (n *echoes) Start()               {}
func (n *echoes) Recover(sim.Recovery) {}
func (n *echoes) Fired(uint64)         {}

func (n *echoes) AppendState(b []byte) []byte {
	for _, is := range []bool{n.voted, n.heard, n.durable, n.over} {
		bit := byte(0)
		if is {
			bit = 1
		}
		b = append(b, bit)
	}
	return b
}

// TestExploreOrder: what is wrong only in one of two orders that lead to the same is
// found, by the same way, though one order is enough to come to all states.
func TestExploreOrder(t *testing.T) {
	for _, budget := range []string{"timeout=0", "timeout=any", "drop=1", "crash=1,timeout=0"} {
		var ways []int
		for _, full := range []bool{false, true} {
			s := loaded(t, "pair", "schedule=exhaustive:"+budget)
			s.Protocol = "echoed"
			x, err := Explore(t.Context(), s, []model.Protocol{echoed{model.Protocols()[0].(model.TwoPhase)}}, ExploreOptions{Full: full})
			if err != nil {
				t.Fatal(err)
			}
			if x.Verdict != analysis.Invalid || x.Findings[0].Invariant != analysis.InvWriteAhead || x.Reduced == full {
				t.Errorf("%s, full %v: %s %v", budget, full, x.Verdict, x.Findings)
			}
			ways = append(ways, len(x.Way))
		}
		if ways[0] != ways[1] {
			t.Errorf("%s: a way of %d steps, of all states one of %d", budget, ways[0], ways[1])
		}
	}
}

// onceTold is presumed abort whose coordinator tells a decision once.
type onceTold struct{ model.TwoPhase }

func (onceTold) Name() string { return "once-told" }

func (p onceTold) Coordinator(s *model.Site) sim.Node[model.Message] {
	site, config := *s, *s.Config
	config.Timeouts.Decision = sim.Forever
	site.Config = &config
	return p.TwoPhase.Coordinator(&site)
}

// TestExploreEnds: of two ends of ways with the same history, a node may hold on to something
// in one alone: a worker asks for a decision that gets lost, but nobody for a lost ack.
func TestExploreEnds(t *testing.T) {
	p := onceTold{model.Protocols()[0].(model.TwoPhase)}
	for _, o := range []ExploreOptions{{Full: true}, {}, {Symmetry: true}} {
		s := loaded(t, "pair", "schedule=exhaustive:drop=1,timeout=0")
		s.Using(p)
		x, err := Explore(t.Context(), s, nil, o)
		if err != nil {
			t.Fatal(err)
		}
		if x.Verdict != analysis.Invalid || x.Findings[0].Invariant != analysis.InvProgress || !slices.Contains(x.Way, `C0 never gets "ack commit" of t1 from w1`) && !slices.Contains(x.Way, `C0 never gets "ack commit" of t1 from w0`) {
			t.Errorf("%+v: %s %v by %q", o, x.Verdict, x.Findings, x.Way)
		}
	}
}

// deaf is two-phase commit whose coordinator does not hear the votes of w1.
type deaf struct{ model.TwoPhase }

func (deaf) Name() string { return "deaf" }

func (p deaf) Coordinator(s *model.Site) sim.Node[model.Message] {
	return deafened{p.TwoPhase.Coordinator(s), s}
}

type deafened struct {
	sim.Node[model.Message]
	*model.Site
}

func (d deafened) Unwrap() sim.Node[model.Message] { return d.Node }

func (d deafened) Receive(from sim.NodeID, mail sim.Mail, m *model.Message) {
	if mail.Kind != model.KindVote || from != d.Workers[1] {
		d.Node.Receive(from, mail, m)
	}
}

func (d deafened) AppendState(b []byte) []byte { return d.Node.(sim.StateAppender).AppendState(b) }

// TestExploreDeaf: that whom a coordinator misses has voted is found, by a shortest way, though a
// coordinator that ignores a vote is in the same state as before.
func TestExploreDeaf(t *testing.T) {
	for i, ways := range []map[string]int{ // presumed commit syncs a record on the way
		{"timeout=0": 8, "timeout=1": 5, "crash=1,timeout=0": 8},
		{"timeout=0": 8, "timeout=1": 5, "crash=1,timeout=0": 8},
		{"timeout=0": 9, "timeout=1": 6, "crash=1,timeout=0": 9},
	} {
		for budget, way := range ways { // in any order, as each is a case of its own
			for _, o := range []ExploreOptions{{Full: true}, {}, {Symmetry: true}} {
				s := loaded(t, "pair", "schedule=exhaustive:"+budget)
				s.Using(deaf{model.Protocols()[i].(model.TwoPhase)})
				x, err := Explore(t.Context(), s, nil, o)
				if err != nil {
					t.Fatal(err)
				}
				if x.Verdict != analysis.Invalid || x.Findings[0].Invariant != analysis.InvAbortCause || len(x.Way) != way {
					t.Errorf("%s, %s, %+v: %s %v by %d steps %q", model.Protocols()[i].Name(), budget, o, x.Verdict, x.Findings, len(x.Way), x.Way)
				}
			}
		}
	}
}
