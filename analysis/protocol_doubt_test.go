package analysis

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// TestInDoubt measures from the first YES to what the worker does, once.
func TestInDoubt(t *testing.T) {
	for _, protocol := range []string{"presumed-abort", "ruleless"} {
		testInDoubt(t, newTracePad(protocol))
	}
	if (InDoubt{}).Mean() != 0 {
		t.Error("the mean of nothing")
	}
}

// TestDoubtOfLostRecord: who votes on a prepare record that a crash has taken is in no
// doubt that the log would know of.
func TestDoubtOfLostRecord(t *testing.T) {
	p := newTracePad("ruleless")
	p.request(t1, 2)
	p.append(padW0, model.KindPrepare, t1)
	p.crash(padW0)
	p.send(padW0, model.KindVote, t1, model.Message{Vote: model.VoteYes})
	p.note(padW0, model.KindAborted, t1, model.Message{})
	if got := p.c.InDoubt(); got != (InDoubt{}) {
		t.Errorf("in doubt: %+v", got)
	}
}

// TestDoubtOnce: of a worker that acts without a record of it, a crash before that is no
// reason to be in doubt anew, and one behind it is.
func TestDoubtOnce(t *testing.T) {
	for crashes, want := range []InDoubt{{Parts: 1, Total: 3 * time.Millisecond, Max: 3 * time.Millisecond},
		{Parts: 2, Total: 5 * time.Millisecond, Max: 3 * time.Millisecond, Open: 1}} {
		p := newTracePad("ruleless")
		p.request(t1, 2)
		p.prepared(padW0, t1)
		p.crash(padW0)
		p.befall(sim.TraceRestart, padW0, 2)
		p.note(padW0, model.KindAborted, t1, model.Message{})
		for range crashes {
			p.crash(padW0)
			p.befall(sim.TraceRestart, padW0, 3)
		}
		p.c.EndDoubts(p.now.Add(time.Millisecond))
		if got := p.c.InDoubt(); got != want {
			t.Errorf("%d crashes: in doubt %+v, want %+v", crashes, got, want)
		}
	}
}

// TestNotInDoubtAgain: a worker that asks after a crash is not in doubt again if its log has the
// decision.
func TestNotInDoubtAgain(t *testing.T) {
	p := newTracePad("presumed-abort")
	p.request(t1, 2)
	p.prepared(padW0, t1)
	p.act(padW0, t1)
	p.synced(padW0)
	p.crash(padW0)
	p.befall(sim.TraceRestart, padW0, 2)
	p.send(padW0, model.KindEnquire, t1, model.Message{})
	p.c.EndDoubts(p.now)
	want := InDoubt{Parts: 1, Total: time.Millisecond, Max: time.Millisecond}
	if got := p.c.InDoubt(); got != want || p.c.txns.find(t1.Label()).inDoubt != 0 {
		t.Errorf("in doubt %+v, want %+v", got, want)
	}
}

// TestDoubtOfOthers: at the end of a run one worker of a transaction is in doubt, and another one
// that has crashed is not, as its log has the decision.
func TestDoubtOfOthers(t *testing.T) {
	p := newTracePad("presumed-abort")
	p.request(t1, 2)
	p.prepared(padW0, t1)
	p.act(padW0, t1)
	p.synced(padW0)
	p.crash(padW0)
	p.prepared(padW1, t1)
	p.c.EndDoubts(p.now)
	if want := (InDoubt{Parts: 2, Total: time.Millisecond, Max: time.Millisecond, Open: 1}); p.c.InDoubt() != want {
		t.Errorf("in doubt %+v, want %+v", p.c.InDoubt(), want)
	}
}

// TestDoubtWithoutVote: a worker whose prepare record survives a crash is in doubt from the crash
// on, whether or not its vote has left, and until it is told; in the end at the latest this shows.
// That it has promised is not said of it: it may act untold.
func TestDoubtWithoutVote(t *testing.T) {
	ms := time.Millisecond
	asks := func(p *tracePad) { p.send(padW0, model.KindEnquire, t1, model.Message{}) }
	for name, c := range map[string]struct {
		after func(p *tracePad)
		want  InDoubt
	}{
		"down to the end": {func(*tracePad) {}, InDoubt{Parts: 1, Total: 2 * ms, Max: 2 * ms, Open: 1}},
		"never told":      {asks, InDoubt{Parts: 1, Total: 3 * ms, Max: 3 * ms, Open: 1}},
		"told": {func(p *tracePad) {
			asks(p)
			p.trace(sim.TraceDeliver, padW0, padC0, model.KindAbort, t1, 0, &model.Message{Attempt: t1})
			p.note(padW0, model.KindAborted, t1, model.Message{})
		}, InDoubt{Parts: 1, Total: 4 * ms, Max: 4 * ms}},
		"acts untold": {func(p *tracePad) {
			asks(p)
			p.note(padW0, model.KindAborted, t1, model.Message{})
		}, InDoubt{Parts: 1, Total: 3 * ms, Max: 3 * ms}},
	} {
		p := newTracePad("presumed-abort")
		p.request(t1, 2)
		p.append(padW0, model.KindPrepare, t1)
		p.synced(padW0)
		p.crash(padW0)
		p.befall(sim.TraceRestart, padW0, 2)
		c.after(p)
		p.c.EndDoubts(p.now.Add(ms))
		all, _ := p.c.Findings()
		if got := p.c.InDoubt(); got != c.want || slices.ContainsFunc(all, func(f Finding) bool { return f.Shape == "untold" }) {
			t.Errorf("%s: in doubt %+v, want %+v; findings %v", name, got, c.want, all)
		}
	}
}

func testInDoubt(t *testing.T, p *tracePad) {
	p.request(t1, 2)
	p.prepared(padW0, t1) // at 4 ms
	p.send(padW0, model.KindVote, t1, model.Message{Vote: model.VoteYes})
	p.crash(padW0)
	p.append(padW0, model.KindCommit, t1) // at 7 ms
	p.note(padW0, model.KindCommitted, t1, model.Message{})
	p.prepared(padW1, t1) // at 11 ms
	p.note(padW1, model.KindAborted, t1, model.Message{})
	p.prepared(padW1, t2) // never acts
	want := InDoubt{Parts: 2, Total: 4 * time.Millisecond, Max: 3 * time.Millisecond}
	if got := p.c.InDoubt(); got != want || got.Mean() != 2*time.Millisecond {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// unstated is two-phase commit that does not state what it presumes.
type unstated struct{ model.Protocol }

func (u unstated) Promises() model.Promises {
	p := u.Protocol.Promises()
	p.Presumes = model.Pending
	return p
}

// TestPresumption: of what has voted YES, only what the protocol states is presumed, or, if it
// states nothing, one outcome only.
func TestPresumption(t *testing.T) {
	presume := func(k sim.Kind, v model.Vote) func(p causePad) {
		return func(p causePad) { p.between(padC0, padW0, k, model.Message{Presumed: true, Vote: v}) }
	}
	commit, abort := presume(model.KindCommit, model.VoteYes), presume(model.KindAbort, model.VoteYes)
	said := func(i int) func(c *model.Config) {
		return func(c *model.Config) { c.Protocol = unstated{model.Protocols()[i]} }
	}
	const text = "C0 presumes that t1, on which w0 has voted YES, is "
	for _, tc := range []struct {
		name  string
		set   func(c *model.Config)
		steps []func(p causePad)
		want  string
	}{
		{"commits", said(0), []func(p causePad){commit, commit}, ""},
		{"aborts", said(2), []func(p causePad){abort, abort}, ""},
		{"a commit, and an abort of what has not voted", said(0), []func(p causePad){commit, presume(model.KindAbort, model.VoteNone)}, ""},
		{"a commit and an abort", said(0), []func(p causePad){commit, abort}, text + "aborted, and of others it was presumed that they are committed"},
		{"an abort and a commit", said(0), []func(p causePad){abort, commit}, text + "committed, and of others it was presumed that they are aborted"},
		{"the same in another protocol", ownReasons, []func(p causePad){abort, commit}, ""},

		{"aborts under presumed abort", nil, []func(p causePad){abort, abort}, ""},
		{"a commit under presumed abort", nil, []func(p causePad){commit, abort}, text + "committed, and its protocol presumes that such are aborted"},
		{"a commit under presumed nothing", under(1), []func(p causePad){abort, commit}, text + "committed, and its protocol presumes that such are aborted"},
		{"commits under presumed commit", under(2), []func(p causePad){commit, commit}, ""},
		{"an abort under presumed commit", under(2), []func(p causePad){abort, commit}, text + "aborted, and its protocol presumes that such are committed"},
		{"a commit of what has not voted", under(2), []func(p causePad){presume(model.KindCommit, model.VoteNone)}, "C0 presumes that t1, on which w0 had not voted, is committed"},
		{"a commit of what has not voted, in another protocol", ownReasons, []func(p causePad){presume(model.KindCommit, model.VoteNone)}, ""},
		{"an abort of what has not voted, under presumed commit", under(2), []func(p causePad){presume(model.KindAbort, model.VoteNone)}, ""},
	} {
		if got := foundAfter(tc.set, "presumption", tc.steps); got != tc.want {
			t.Errorf("%s: %q", tc.name, got)
		}
	}
}

// TestForgotten: what is decided is presumed otherwise only of who has acknowledged it.
func TestForgotten(t *testing.T) {
	yes := func(p causePad) { p.vote(padW0, model.VoteYes, 0); p.vote(padW1, model.VoteYes, 0) }
	presume := func(k sim.Kind) func(p causePad) {
		return func(p causePad) { p.between(padC0, padW0, k, model.Message{Presumed: true, Vote: model.VoteYes}) }
	}
	decide := func(p causePad) { p.note(padC0, model.KindDecide, t1, committed) }
	ack := func(p causePad) { p.between(padW0, padC0, model.KindAck, committed) }
	abort := presume(model.KindAbort)
	testHeard(t, "forgotten", []heardCase{
		{"nothing was decided", nil, []func(p causePad){yes, abort}, ""},
		{"a commit, and no ack", nil, []func(p causePad){yes, decide, abort}, "C0 presumes that t1 is aborted, and it was committed, which w0 has not acknowledged"},
		{"a commit, and then an ack", nil, []func(p causePad){yes, decide, ack, abort}, ""},
		{"a commit of which w0 is told the same", under(2), []func(p causePad){yes, decide, presume(model.KindCommit)}, ""},
		{"in another protocol", ownReasons, []func(p causePad){yes, decide, abort}, ""},
	})
}

// TestGuess: a worker in doubt is not told to abort by what was presumed of who had not voted.
func TestGuess(t *testing.T) {
	tell := func(v model.Vote, presumed bool) func(p causePad) {
		return func(p causePad) {
			p.between(padC0, padW0, model.KindAbort, model.Message{Presumed: presumed, Vote: v})
		}
	}
	log := func(k sim.Kind, at sim.NodeID, a model.Attempt) func(p causePad) {
		return func(p causePad) {
			p.wait(-time.Millisecond) // in the step that has just begun
			p.append(at, k, a)
		}
	}
	vote := func(p causePad) { p.prepared(padW0, t1) }
	abort := log(model.KindAbort, padW0, t1)
	guess, answer, decision := tell(model.VoteNone, true), tell(model.VoteYes, true), tell(model.VoteNone, false)
	own := func(c *model.Config) { c.Protocol = unaccountable{model.Protocols()[0].(model.TwoPhase)} }
	const want = "w0 has voted YES on t1, and aborts it because an abort was presumed of what had not voted"
	for _, tc := range []struct {
		name  string
		set   func(c *model.Config)
		steps []func(p causePad)
		want  string
	}{
		{"after a guess", nil, []func(p causePad){vote, guess, abort}, want},
		{"after a guess and a crash", nil, []func(p causePad){vote, func(p causePad) { p.crash(padW0) }, guess, abort}, want},
		{"before the vote", nil, []func(p causePad){func(p causePad) { p.append(padW0, model.KindPrepare, t1) }, guess, abort}, ""},
		{"without a promise", nil, []func(p causePad){guess, abort}, ""},
		{"after the answer to an enquiry", nil, []func(p causePad){vote, answer, abort}, ""},
		{"after the decision", nil, []func(p causePad){vote, decision, abort}, ""},
		{"after a guess and then the decision", nil, []func(p causePad){vote, guess, decision, abort}, ""},
		{"in a later step", nil, []func(p causePad){vote, guess, func(p causePad) { p.wait(2 * time.Millisecond) }, abort}, ""},
		{"a commit", nil, []func(p causePad){vote, guess, log(model.KindCommit, padW0, t1)}, ""},
		{"at another worker", nil, []func(p causePad){vote, func(p causePad) { p.prepared(padW1, t1) }, guess, log(model.KindAbort, padW1, t1)}, ""},
		{"the same in another protocol", own, []func(p causePad){vote, guess, abort}, ""},
	} {
		if got := foundAfter(tc.set, "guess", tc.steps); got != tc.want {
			t.Errorf("%s: %q", tc.name, got)
		}
	}
}

// TestWoundOfVoted: a worker that wounds says that the victim has voted YES only of what it has
// promised.
func TestWoundOfVoted(t *testing.T) {
	wound := func(p causePad, v model.Vote) { p.send(padW0, model.KindWound, t1, model.Message{Vote: v}) }
	for _, tc := range []struct {
		name  string
		steps func(p causePad)
		want  int
	}{
		{"that has voted", func(p causePad) { p.prepared(padW0, t1); wound(p, model.VoteYes) }, 0},
		{"that has not", func(p causePad) { wound(p, model.VoteNone) }, 0},
		{"that has not, and is said to have", func(p causePad) { wound(p, model.VoteYes) }, 1},
		{"that is about to", func(p causePad) { p.append(padW0, model.KindPrepare, t1); wound(p, model.VoteYes) }, 1},
	} {
		_, found := causes(func(c *model.Config) { c.Concurrency = model.Concurrencies()[1] }, tc.steps)
		found = slices.DeleteFunc(found, func(f Finding) bool { return f.Invariant != InvWriteAhead })
		if len(found) != tc.want {
			t.Errorf("%s: %v", tc.name, found)
		}
	}
}

// TestPromised: a prepare record names each key of its part.
func TestPromised(t *testing.T) {
	own := func(c *model.Config) { c.Protocol = unaccountable{model.Protocols()[0].(model.TwoPhase)} }
	const want = "the prepare record of t1 names 0 of the 1 key that w1 locks for it"
	for _, tc := range []struct {
		name string
		set  func(c *model.Config)
		keys int
		want string
	}{
		{"all keys", nil, 1, ""},
		{"a key left out", nil, 0, want},
		{"the same in another protocol", own, 0, ""},
	} {
		_, found := causes(tc.set, func(p causePad) {
			p.c.Promised(padW1, t1.Label(), tc.keys)
			p.c.Promised(padW1, model.Attempt{Txn: 7, Try: 1}.Label(), 0) // nobody has asked for it
		})
		var got []string
		for _, f := range found {
			got = append(got, f.Text)
		}
		if strings.Join(got, "\n") != tc.want {
			t.Errorf("%s: %q", tc.name, got)
		}
	}
}

// TestClashed: no promise and no commit takes a key from what a worker is in doubt about.
func TestClashed(t *testing.T) {
	const want = "w0 promises or commits t1 with the key k, and its log has a promise of t7 with that key and no decision"
	for _, tc := range []struct {
		name  string
		set   func(c *model.Config)
		other model.Attempt
		want  string
	}{
		{"from another transaction", nil, model.Attempt{Txn: 7, Try: 1}, want},
		{"from itself", nil, t1, ""}, // it was promised twice
		{"under a control that overlooks conflicts", func(c *model.Config) { c.Concurrency = lenient{model.Concurrencies()[0]} }, model.Attempt{Txn: 7, Try: 1}, ""},
		{"in another protocol", func(c *model.Config) { c.Protocol = unaccountable{model.Protocols()[0].(model.TwoPhase)} }, model.Attempt{Txn: 7, Try: 1}, ""},
	} {
		_, found := causes(tc.set, func(p causePad) { p.c.Clashed(padW0, t1.Label(), tc.other.Label(), "k") })
		if got := texts(found, "key taken"); got != tc.want {
			t.Errorf("%s: %q", tc.name, got)
		}
	}
}

// lenient overlooks all conflicts.
type lenient struct{ model.Concurrency }

func (lenient) Overlooks(_, _ model.Claim) bool { return true }

// TestClashedEvidence: what is shown are the records that the finding is about, each once, as
// the trace has them.
func TestClashedEvidence(t *testing.T) {
	t3 := model.Attempt{Txn: 3, Try: 1}
	for _, tc := range []struct {
		kind sim.Kind
		find func(p causePad)
		want string
	}{
		{model.KindCommitOne, func(p causePad) { p.c.Clashed(padW0, t3.Label(), t1.Label(), "k") }, `t1 t3
0.002000000  w0        append     t1      prepare record, log at 10
0.004000000  w0 → C0   send vote  t1      yes
0.006000000  w0        append     t3      commit-one record, log at 20`},
		{model.KindPrepare, func(p causePad) { p.c.Clashed(padW0, t3.Label(), t1.Label(), "k") }, `t1 t3
0.002000000  w0        append     t1      prepare record, log at 10
0.004000000  w0 → C0   send vote  t1      yes
0.006000000  w0        append     t3      prepare record, log at 20`},
		{model.KindPrepare, func(p causePad) { p.c.Promised(padW0, t3.Label(), 0) }, `t3
0.006000000  w0        append     t3      prepare record, log at 20`},
		{model.KindPrepare, func(p causePad) {
			p.c.Crowded(model.BadRecords{Records: 1, At: p.now, Node: padW0, Kind: model.KindPrepare, Attempt: t3})
		}, `t3
0.006000000  w0        append     t3      prepare record, log at 20`},
	} {
		found := judged(nil, func(p causePad) {
			p.prepared(padW0, t1)
			p.request(t3, 2)
			p.append(padW0, tc.kind, t3)
			p.synced(padW0)
			tc.find(p)
		})
		found = slices.DeleteFunc(found, func(f Finding) bool { return f.Shape == "unasked" }) // nobody has asked for these records
		if len(found) != 1 {
			t.Fatal(found)
		}
		if got := found[0].Txn + "\n" + strings.Join(found[0].Records, "\n"); got != tc.want {
			t.Errorf("%s\ngot  %s\nwant %s", found[0], got, tc.want)
		}
	}
}

// TestEvidenceOfLost: what is known of an attempt says which messages about it were lost, and
// nothing of another attempt.
func TestEvidenceOfLost(t *testing.T) {
	p := newTracePad("presumed-abort")
	p.request(t1, 2)
	p.prepared(padW0, t1)
	p.note(padC0, model.KindDecide, t1, model.Message{Outcome: model.Aborted})
	p.lose(model.KindAbort, padC0, padW0, t1, sim.LostByFault)
	p.delay(model.KindAbort, padC0, padW0, 5)
	p.request(t2, 2)
	p.prepared(padW0, t2)
	p.lose(model.KindVote, padW0, padC0, t2, sim.LostByChance)
	want := `0.002000000  w0        append     t1      prepare record, log at 10
0.004000000  w0 → C0   send vote  t1      yes
0.005000000  C0        decide     t1      abort
0.006000000  C0 → w0   lost       t1      abort dropped by a fault`
	if got := strings.Join(p.c.Evidence(t1), "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := p.c.Evidence(model.Attempt{Txn: 7, Try: 1}); got != nil {
		t.Errorf("of an attempt that is not known: %q", got)
	}
}
