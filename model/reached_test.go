package model

import (
	"slices"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/sim"
)

// hardStates are the states that the stress test is there for. Each is told
// apart by looking on: at the trace and at the nodes as it is written.
var hardStates = []struct {
	name string
	in   func(l *lab, r *sim.Record[Message]) bool
}{
	{"worker in doubt while its coordinator crashes", func(l *lab, r *sim.Record[Message]) bool {
		return r.Op == sim.TraceCrash && l.anyPart(func(p *part) bool { return p.state == partPrepared && p.key.coordinator == r.Node })
	}},
	{"worker crashes in doubt and comes back in doubt", func(l *lab, r *sim.Record[Message]) bool {
		return l.isWorker(r.Node) && r.Op == sim.TraceNote && r.Kind == KindRecover && r.Arg > 0
	}},
	{"checkpoint while in doubt", func(l *lab, r *sim.Record[Message]) bool {
		w := l.workerNode(r.Node)
		return r.Op == sim.TraceTruncated && w != nil &&
			slices.ContainsFunc(w.parts, func(p *part) bool { return p != nil && p.state == partPrepared })
	}},
	{"checkpoint of a coordinator that has decided", func(l *lab, r *sim.Record[Message]) bool {
		c, ok := l.World.Node(max(r.Node, 0)).(*coordinator)
		return r.Op == sim.TraceTruncated && ok &&
			slices.ContainsFunc(c.open, func(a *attempt) bool { return a != nil && a.state >= attemptCommitted })
	}},
	{"torn tail cut by recovery", func(l *lab, r *sim.Record[Message]) bool { return r.Op == sim.TraceTorn }},
	{"presumed abort answered", func(l *lab, r *sim.Record[Message]) bool {
		return sends(r, KindAbort) && r.Message.Presumed && r.Message.Vote == VoteYes
	}},
	{"presumed commit answered", func(l *lab, r *sim.Record[Message]) bool { return sends(r, KindCommit) && r.Message.Presumed }},
	{"presumed abort to what has not voted", func(l *lab, r *sim.Record[Message]) bool {
		return sends(r, KindAbort) && r.Message.Presumed && r.Message.Vote == VoteNone
	}},
	{"presumed abort of what has voted since", func(l *lab, r *sim.Record[Message]) bool {
		p := l.partFor(r)
		return r.Op == sim.TraceDeliver && r.Kind == KindAbort && r.Message.Presumed && r.Message.Vote == VoteNone && p != nil && p.state == partPrepared
	}},
	{"wound of what has voted", func(l *lab, r *sim.Record[Message]) bool { return sends(r, KindWound) && r.Message.Vote == VoteYes }},
	{"wound of what has not voted", func(l *lab, r *sim.Record[Message]) bool {
		return sends(r, KindWound) && r.Message.Vote == VoteNone
	}},
	{"one-phase victim refused by its worker", func(l *lab, r *sim.Record[Message]) bool {
		return sends(r, KindDone) && r.Message.Reason == Wounded
	}},
	{"upgrade queued", func(l *lab, r *sim.Record[Message]) bool {
		w := l.workerNode(r.Node)
		return r.Op == sim.TraceSend && w != nil && w.anyUpgrade()
	}},
	{"tombstone", func(l *lab, r *sim.Record[Message]) bool {
		return r.Op == sim.TraceAppend && r.Kind == KindAbort && l.isWorker(r.Node) &&
			len(l.watch.records[recordOf{r.Node, KindPrepare, r.Label}]) == 0
	}},
	{"COMMIT of what is unknown below the mark", func(l *lab, r *sim.Record[Message]) bool {
		return r.Op == sim.TraceDeliver && r.Kind == KindCommit && l.partFor(r) == nil && !r.Message.Presumed
	}},
	{"commit-one answered from memory", func(l *lab, r *sim.Record[Message]) bool {
		p := l.partFor(r)
		return r.Op == sim.TraceDeliver && r.Kind == KindCommitOne && p != nil && p.state == partCommitted
	}},
	{"commit-one answered by a later life", func(l *lab, r *sim.Record[Message]) bool {
		p := l.partFor(r)
		return r.Op == sim.TraceDeliver && r.Kind == KindCommitOne && p != nil && p.state == partCommitted && p.txn == nil
	}},
	{"prepare repeated to what came back in doubt", func(l *lab, r *sim.Record[Message]) bool {
		p := l.partFor(r)
		return r.Op == sim.TraceDeliver && r.Kind == KindPrepare && p != nil && p.state == partPrepared && p.txn == nil
	}},
	{"prepare after the abort", func(l *lab, r *sim.Record[Message]) bool {
		p := l.partFor(r)
		return r.Op == sim.TraceDeliver && r.Kind == KindPrepare && p != nil && p.state == partAborted && p.reason == NoReason
	}},
	{"operations lost in a crash", func(l *lab, r *sim.Record[Message]) bool {
		w := l.workerNode(r.Node)
		return r.Op == sim.TraceDeliver && r.Kind == KindPrepare && w != nil && r.Message.Life > 0 && r.Message.Life != w.Env.Incarnation()
	}},
	{"READ vote", func(l *lab, r *sim.Record[Message]) bool { return sends(r, KindVote) && r.Message.Vote == VoteRead }},
	{"NO vote for a full worker", func(l *lab, r *sim.Record[Message]) bool { return sends(r, KindVote) && r.Message.Reason == Full }},
	{"coordinator comes back with a decision", func(l *lab, r *sim.Record[Message]) bool {
		return !l.isWorker(r.Node) && r.Op == sim.TraceNote && r.Kind == KindRecover && r.Message.Peer == r.Node && r.Arg > 0
	}},
	{"unknown answered", func(l *lab, r *sim.Record[Message]) bool {
		return r.Op == sim.TraceNote && r.Kind == KindOutcome && r.Message.Outcome == Unknown
	}},
	{"ask answered with a decision kept for the client", func(l *lab, r *sim.Record[Message]) bool {
		return r.Op == sim.TraceNote && r.Kind == KindOutcome && r.Message.Outcome == Committed && r.Message.Reads == nil &&
			slices.ContainsFunc(r.Message.Txn.Ops, func(op Op) bool { return op.Kind == Read })
	}},
}

func sends(r *sim.Record[Message], kind sim.Kind) bool {
	return r.Op == sim.TraceSend && r.Kind == kind
}

func (l *lab) isWorker(n sim.NodeID) bool { return n >= l.Workers[0] && n < l.Client }

// workerNode returns the state machine of a worker that is up, else nil.
func (l *lab) workerNode(n sim.NodeID) *worker {
	if !l.isWorker(n) {
		return nil
	}
	w, _ := l.World.Node(n).(*worker)
	return w
}

// partFor returns the part that a message that arrives at a worker is about.
func (l *lab) partFor(r *sim.Record[Message]) *part {
	if w := l.workerNode(r.Node); w != nil && r.Op == sim.TraceDeliver {
		return w.find(partKey{r.Peer, r.Message.ID})
	}
	return nil
}

func (l *lab) anyPart(is func(p *part) bool) bool {
	for _, n := range l.Workers {
		if w := l.workerNode(n); w != nil && slices.ContainsFunc(w.parts, func(p *part) bool { return p != nil && is(p) }) {
			return true
		}
	}
	return false
}

func (w *worker) anyUpgrade() bool {
	for it := range w.store.items.all() {
		if it.lock != nil && slices.ContainsFunc(it.lock.queue, func(h holder) bool { return h.upgrade }) {
			return true
		}
	}
	return false
}

// TestReached proves that the runs of the stress test come to the hard states:
// a test that never gets there shows nothing.
func TestReached(t *testing.T) {
	reached := map[string]bool{}
	for seed := uint64(0); seed < 60 && len(reached) < len(hardStates); seed++ {
		combinations(func(p Protocol, cc Concurrency, ex Execution) {
			if len(reached) == len(hardStates) || (int(ex)+len(cc.Name())+len(p.Name())+int(seed))%5 > 0 {
				return // every fifth will do
			}
			s := newStress(seed, p, cc, ex)
			seen := s.seen
			s.seen = func(r *sim.Record[Message]) {
				for i := range hardStates {
					if h := &hardStates[i]; !reached[h.name] && h.in(s.lab, r) {
						reached[h.name] = true
					}
				}
				if seen != nil {
					seen(r)
				}
			}
			s.run(t)
		})
	}
	var missed []string
	for _, h := range hardStates {
		if !reached[h.name] {
			missed = append(missed, h.name)
		}
	}
	if len(missed) > 0 {
		t.Errorf("not reached: %s", strings.Join(missed, "; "))
	}
}
