package scenarios_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// protocolPlant is a fault that the protocol checker, and maybe it alone, must
// see.
type protocolPlant struct {
	fault     string
	invariant string
	shape     string // of the finding, its beginning
	base      string // protocol; default presumed-abort
	build     func(two model.TwoPhase) model.Protocol
	set       []string
}

func inCoordinator(f func(n *node)) func(model.TwoPhase) model.Protocol {
	return func(two model.TwoPhase) model.Protocol { return planted{two, f, nil} }
}

func inWorker(f func(n *node)) func(model.TwoPhase) model.Protocol {
	return func(two model.TwoPhase) model.Protocol { return planted{two, nil, f} }
}

var protocolPlants = []protocolPlant{
	{fault: "an abort record behind a commit record", invariant: analysis.InvLogGrammar, shape: "commit abort", build: inCoordinator(recordTooMany)},
	{fault: "a commit record without a prepare record", invariant: analysis.InvLogGrammar, shape: "commit", build: inWorker(commitFromNowhere)},
	{fault: "the end of an attempt is not logged", invariant: analysis.InvLogGrammar, shape: "commit and no more", build: neverEnds},

	{fault: "a prepare that comes again runs again", invariant: analysis.InvIdempotence, build: inWorker(runAgain), set: []string{"network.duplicate=10%"}},
	{fault: "an abort that comes again is carried out again", invariant: analysis.InvIdempotence, shape: "act", build: inWorker(abortAgain),
		set: []string{"network.duplicate=10%"}},
	{fault: "a prepare that comes after the decision is answered YES", invariant: analysis.InvIdempotence, shape: "vote", build: inWorker(yesAgain),
		set: []string{"faults=[duplicate 20% prepare, delay 20% prepare by exp(20ms)]"}},

	{fault: "a restart counts from the beginning", invariant: analysis.InvUniqueIDs, shape: "one name", build: inCoordinator(sameEpoch),
		set: []string{"faults=[crash C0 at 20ms for 10ms]"}},
	{fault: "a request that is sent again has a new name", invariant: analysis.InvUniqueIDs, shape: "two names", build: inCoordinator(newName),
		set: []string{"network.loss=5%", "workload.workers=1"}},

	{fault: "wait-die lets the younger wait", invariant: analysis.InvAgeOrder, build: youngerFirst},
	{fault: "wound-wait wounds the older", invariant: analysis.InvAgeOrder, build: youngerFirst, set: []string{"concurrency=wound-wait"}},
	{fault: "a decision is held back for ten seconds", invariant: analysis.InvBounded, shape: "in doubt", build: inCoordinator(tellsLate)},
	{fault: "some acks are held back for ten seconds", invariant: analysis.InvBounded, shape: "log not closed", build: inWorker(acksLate)},
	{fault: "the client's answer is held back for a minute", invariant: analysis.InvBounded, shape: "no answer", build: inCoordinator(answersLate)},
	{fault: "a decision is held back for ten seconds after faults", invariant: analysis.InvBounded, shape: "in doubt", build: inCoordinator(tellsLate),
		set: []string{"until=100ms", "faults=[crash workers 2% on prepare for exp(20ms)]"}},

	{fault: "prepare says that an attempt is as young as if it were new", invariant: analysis.InvAgeOrder, shape: "changed", build: inCoordinator(youngAgain)},
}

// TestProtocolPlants plants what the protocol checker guards against. The sound
// protocol passes the same runs.
func TestProtocolPlants(t *testing.T) {
	for _, p := range protocolPlants {
		t.Run(p.invariant+"/"+p.fault, func(t *testing.T) {
			like := plant{protocol: p.base, set: p.set}
			s, sound := like.scenario(t), like.sound()
			for seed := range uint64(plantSeeds) {
				if r := runPlant(t, s, seed, sound); r.Verdict != analysis.Valid {
					t.Fatalf("seed %d: the sound protocol's verdict is %v: %v", seed, r.Verdict, r.Findings)
				}
				r := runPlant(t, s, seed, p.build(sound))
				for _, f := range r.Findings {
					if f.Invariant == p.invariant && strings.HasPrefix(f.Shape, p.shape) {
						checkFinding(t, f)
						return
					}
				}
			}
			t.Errorf("%d seeds show nothing", plantSeeds)
		})
	}
}

// plantedElsewhere reports whether TestProtocolPlants shows that a check can fail.
func plantedElsewhere(invariant string) bool {
	return slices.ContainsFunc(protocolPlants, func(p protocolPlant) bool { return p.invariant == invariant })
}

func recordTooMany(n *node) {
	n.send = func(_ sim.NodeID, mail *sim.Mail, m *model.Message) bool {
		if mail.Kind == model.KindCommit && every(3, m) {
			n.Env.Append(model.KindAbort, mail.Label, []byte{byte(m.ID.Epoch), 1, 0})
		}
		return true
	}
}

// neverEnds has a coordinator that waits for no acks, and so never closes a commit.
func neverEnds(two model.TwoPhase) model.Protocol { return hasty{two} }

type hasty struct{ model.TwoPhase }

func (h hasty) Name() string { return "planted" }

func (h hasty) Coordinator(s *model.Site) sim.Node[model.Message] {
	h.CommitAcked = false
	return h.TwoPhase.Coordinator(s)
}

// again is for a worker that takes what it has finished with for something new:
// under another name, which nobody outside gets to see.
const againName = 1 << 30

// runAgain runs a prepare again whose attempt has been decided.
func runAgain(n *node) {
	decided := map[model.Attempt]bool{}
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		switch {
		case mail.Kind == model.KindCommit || mail.Kind == model.KindAbort:
			decided[m.Attempt] = true
		case mail.Kind == model.KindPrepare && decided[m.Attempt] && m.ID.N < againName:
			m.ID.N += againName
		}
		n.pass(from, mail, m)
	}
	n.send = func(_ sim.NodeID, _ *sim.Mail, m *model.Message) bool {
		m.ID.N %= againName
		return true
	}
}

func abortAgain(n *node) {
	seen := map[model.Attempt]uint64{}
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		if mail.Kind == model.KindAbort {
			m.ID.N += seen[m.Attempt] * againName
			seen[m.Attempt]++
		}
		n.pass(from, mail, m)
	}
}

func yesAgain(n *node) {
	decided := map[model.Attempt]bool{}
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		n.pass(from, mail, m)
		switch {
		case mail.Kind == model.KindCommit || mail.Kind == model.KindAbort:
			decided[m.Attempt] = true
		case mail.Kind == model.KindPrepare && decided[m.Attempt]:
			n.say(from, model.KindVote, m, model.Message{Vote: model.VoteYes})
		}
	}
}

// renames has a coordinator use other names on the wire than it believes.
func renames(n *node, name func(mail *sim.Mail, id model.WireID) model.WireID) {
	believed := map[model.Attempt]model.WireID{}
	n.send = func(_ sim.NodeID, mail *sim.Mail, m *model.Message) bool {
		if m.ID != (model.WireID{}) {
			believed[m.Attempt] = m.ID
			m.ID, m.Mark = name(mail, m.ID), model.WireID{}
		}
		return true
	}
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		if id, ok := believed[m.Attempt]; ok {
			m.ID = id
		}
		n.pass(from, mail, m)
	}
}

func sameEpoch(n *node) {
	renames(n, func(_ *sim.Mail, id model.WireID) model.WireID { return model.WireID{Epoch: 1, N: id.N} })
}

func newName(n *node) {
	renames(n, func(mail *sim.Mail, id model.WireID) model.WireID {
		id.N += uint64(mail.Again) << 20
		return id
	})
}

// holdBack drops the messages of an attempt, of these kinds, until so long after
// the first of them.
func holdBack(n *node, d time.Duration, kinds ...sim.Kind) {
	first := map[model.Attempt]sim.Time{}
	n.send = func(_ sim.NodeID, mail *sim.Mail, m *model.Message) bool {
		if !slices.Contains(kinds, mail.Kind) || !every(10, m) {
			return true
		}
		since, ok := first[m.Attempt]
		if !ok {
			first[m.Attempt], since = n.Env.Now(), n.Env.Now()
		}
		return n.Env.Now() > since.Add(d)
	}
}

func tellsLate(n *node) { holdBack(n, 10*time.Second, model.KindCommit, model.KindAbort) }

func acksLate(n *node) { holdBack(n, 10*time.Second, model.KindAck) }

func answersLate(n *node) { holdBack(n, time.Minute, model.KindAnswer) }

func youngAgain(n *node) {
	n.send = func(_ sim.NodeID, mail *sim.Mail, m *model.Message) bool {
		if mail.Kind == model.KindPrepare && m.Attempt.Try > 1 {
			m.Age.Start = n.Env.Now()
		}
		return true
	}
}

// youngerFirst has the workers take the younger for the older.
func youngerFirst(two model.TwoPhase) model.Protocol { return reversed{two} }

type reversed struct{ model.TwoPhase }

func (r reversed) Name() string { return "planted" }

func (r reversed) Worker(s *model.Site) sim.Node[model.Message] {
	site, cfg := *s, *s.Config
	cfg.Concurrency = backwards{cfg.Concurrency}
	site.Config = &cfg
	return r.TwoPhase.Worker(&site)
}

type backwards struct{ model.Concurrency }

func (b backwards) Conflict(requester, other model.Age) model.Resolution {
	return b.Concurrency.Conflict(other, requester)
}
