package analysis

import (
	"strings"
	"testing"
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// lateConfig allows 2 x (1 s + 8 x 1 s) = 18 s of doubt.
func lateConfig() *model.Config {
	return &model.Config{Protocol: model.Protocols()[0], Concurrency: model.Concurrencies()[0], Coordinators: 1, Workers: 2,
		Timeouts: model.Timeouts{Prepare: time.Second, Decision: time.Second, Idle: time.Second, Answer: time.Second}}
}

// TestBounded has w0 act so long after its YES, and more.
func TestBounded(t *testing.T) {
	const enough = 19 * time.Second
	wait := func(p *tracePad, d time.Duration) { p.now = p.now.Add(d) }
	for _, tc := range []struct {
		name string
		run  func(p *tracePad)
		want string // what was late
	}{
		{"soon", func(p *tracePad) { wait(p, 15*time.Second) }, ""},
		{"late", func(p *tracePad) { wait(p, enough) }, "in doubt"},
		{"a crash starts the clock anew", func(p *tracePad) {
			wait(p, 15*time.Second)
			p.crash(padC0)
			p.befall(sim.TraceRestart, padC0, 2)
			wait(p, 15*time.Second)
		}, ""},
		{"once", func(p *tracePad) {
			p.crash(padC0)
			p.befall(sim.TraceRestart, padC0, 2)
			wait(p, enough)
		}, "in doubt"},
		{"while a node is down", func(p *tracePad) { p.crash(padC0); wait(p, enough) }, ""},
		{"while a node is paused", func(p *tracePad) { p.befall(sim.TracePause, padW1, 0); wait(p, enough) }, ""},
		{"while a link is cut", func(p *tracePad) { p.befall(sim.TraceCut, sim.Nobody, 1); wait(p, enough) }, ""},
		{"behind a late message on one host", func(p *tracePad) {
			p.c.causes.share = 3
			p.c.Held(p.now.Add(5 * time.Second))
			wait(p, enough)
		}, ""},
		{"longer than behind it", func(p *tracePad) {
			p.c.causes.share = 3
			p.c.Held(p.now.Add(time.Millisecond))
			wait(p, enough)
		}, "in doubt"},
		{"beside a late message between hosts", func(p *tracePad) { p.c.Held(p.now.Add(5 * time.Second)); wait(p, enough) }, "in doubt"},
		{"when a link is healed", func(p *tracePad) {
			p.befall(sim.TraceCut, sim.Nobody, 1)
			p.befall(sim.TraceHeal, sim.Nobody, 1)
			wait(p, enough)
		}, "in doubt"},
		{"a lost message is a fault", func(p *tracePad) {
			wait(p, 15*time.Second)
			p.lose(model.KindCommit, padC0, padW0, t1, sim.LostByChance)
			wait(p, 15*time.Second)
		}, ""},
		{"its coordinator is dead", func(p *tracePad) { p.die(padC0); wait(p, enough) }, ""},
		{"another worker is dead", func(p *tracePad) { p.die(padW1); wait(p, enough) }, "in doubt"},
		{"and soon after another one", func(p *tracePad) { p.die(padW1); wait(p, 15*time.Second) }, ""},
		{"what the dead miss is no fault", func(p *tracePad) {
			p.die(padW1)
			wait(p, 15*time.Second)
			p.lose(model.KindCommit, padC0, padW1, t1, sim.LostNodeDown)
			wait(p, 15*time.Second)
		}, "in doubt"},
		{"while a node is paused, and one is dead", func(p *tracePad) {
			p.die(padW1)
			p.befall(sim.TracePause, padC0, 0)
			wait(p, enough)
		}, ""},
		{"a sync that takes long", func(p *tracePad) {
			p.trace(sim.TraceSync, padW1, sim.Nobody, 0, model.Attempt{}, 0, nil)
			wait(p, time.Second)
			p.synced(padW1)
			wait(p, enough)
		}, ""},
		{"a processor that is asked too often", func(p *tracePad) { wait(p, time.Second); p.handle(time.Second); wait(p, enough) }, ""},
		{"one that was paused", func(p *tracePad) {
			p.befall(sim.TracePause, padW1, 0)
			wait(p, time.Second)
			p.befall(sim.TraceResume, padW1, 0)
			p.handle(time.Second)
			wait(p, enough)
		}, "in doubt"},
		{"before faults are over", func(p *tracePad) { p.c.AwaitCalm(); wait(p, enough) }, ""},
		{"the end of faults starts the clock anew", func(p *tracePad) {
			p.c.AwaitCalm()
			wait(p, 15*time.Second)
			p.calm = true
			p.trace(sim.TraceSync, padW1, sim.Nobody, 0, model.Attempt{}, 0, nil)
			wait(p, 15*time.Second)
		}, ""},
		{"when they are", func(p *tracePad) {
			p.c.AwaitCalm()
			p.calm = true
			p.synced(padW1)
			wait(p, enough)
		}, "in doubt"},
	} {
		p := newTracePad("presumed-abort")
		p.c = newProtocolChecker(lateConfig(), &model.Formatter{Coordinators: 1, Workers: 2})
		p.request(t1, 2)
		p.prepared(padW0, t1)
		tc.run(p)
		p.act(padW0, t1)
		var got []string
		kept := p.kept()
		for _, f := range kept {
			got = append(got, strings.TrimPrefix(f.Fingerprint(), InvBounded+"/"))
		}
		if strings.Join(got, " ") != strings.ReplaceAll(tc.want, " ", "-") {
			t.Errorf("%s: got %q, want %q", tc.name, got, tc.want)
		}
	}
}

// die has a node crash for good.
func (p *tracePad) die(n sim.NodeID) {
	p.crash(n)
	p.befall(sim.TraceDead, n, 0)
}

// handle has w1 receive a message that has waited for its processor.
func (p *tracePad) handle(waited time.Duration) {
	p.now++
	p.c.Trace(&sim.Record[model.Message]{At: p.now, Op: sim.TraceDeliver, Node: padW1, Peer: padC0, Kind: model.KindPrepare, Arrived: p.now - sim.Time(waited)})
}

// second is a delay of a second.
func second(t *testing.T) sim.Dist {
	t.Helper()
	d, err := sim.ParseDist("1s")
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestBoundedFar allows for the way between zones, however short that within them is.
func TestBoundedFar(t *testing.T) {
	cfg := lateConfig()
	near, far := sim.Dist{}, second(t)
	cfg.Distances = [][]sim.Dist{{near, far}, {near, near}}
	inTime(t, cfg, 19*time.Second)
}

// TestBoundedSlow allows for the delay of a network without zones.
func TestBoundedSlow(t *testing.T) {
	cfg := lateConfig()
	cfg.Network.Delay = second(t)
	inTime(t, cfg, 19*time.Second)
}

// TestBoundedForever judges nothing where nobody asks again.
func TestBoundedForever(t *testing.T) {
	cfg := lateConfig()
	cfg.Timeouts.Decision = sim.Forever
	inTime(t, cfg, 1000*time.Hour)
}

// TestBoundedSchedule judges nothing where events come in any order.
func TestBoundedSchedule(t *testing.T) {
	cfg := lateConfig()
	cfg.Schedule.Strategy = sim.RandomWalk
	inTime(t, cfg, 1000*time.Hour)
}

// TestBoundedCrowd allows for those that are ahead at a processor: the most that were open.
func TestBoundedCrowd(t *testing.T) {
	cfg := lateConfig()
	cfg.CPU.Message = time.Second
	for others, late := range map[int]bool{0: true, 99: false} {
		p := newTracePad("presumed-abort")
		p.c = newProtocolChecker(cfg, p.c.format)
		for i := range others {
			p.request(model.Attempt{Txn: uint64(i + 2), Try: 1}, 2)
		}
		p.request(t1, 2)
		p.prepared(padW0, t1)
		p.now = p.now.Add(time.Minute)
		p.act(padW0, t1)
		if got := p.findings(); len(got) > 0 != late {
			t.Errorf("%d others: %q", others, got)
		}
	}
}

// TestBoundedAlone: who commits in one phase may wait a little longer for the answer, as those
// ahead of it are answered first.
func TestBoundedAlone(t *testing.T) {
	cfg := lateConfig()
	cfg.Network.Delay = second(t)
	for workers, late := range map[int]bool{1: false, 2: true} {
		p := newTracePad("presumed-abort")
		p.c = newProtocolChecker(cfg, p.c.format)
		p.request(t1, workers)
		p.now = p.now.Add(114*time.Second + 500*time.Millisecond) // 2 x (8 + 8 + 8) s, 2 s for the votes, 2 x 32 rounds of 1 s
		p.note(padClient, model.KindOutcome, t1, model.Message{Outcome: model.Aborted, Final: true})
		if got := p.findings(); len(got) > 0 != late {
			t.Errorf("%d workers: %q", workers, got)
		}
	}
}

// TestBoundedAnswer waits for an answer, and for a log to be closed.
func TestBoundedAnswer(t *testing.T) {
	p := newTracePad("presumed-abort")
	p.c = newProtocolChecker(lateConfig(), &model.Formatter{Coordinators: 1, Workers: 2})
	p.request(t1, 2)
	p.append(padC0, model.KindCommit, t1)
	p.now = p.now.Add(49 * time.Second) // 2 x (8 + 8 + 8) s, and 2 s for the votes
	p.note(padClient, model.KindOutcome, t1, model.Message{Outcome: model.Aborted})
	p.now = p.now.Add(2 * time.Second)
	p.append(padC0, model.KindEnd, t1)
	want := "bounded-resolution: t1: log not closed for 51.002s, where nothing was wrong; 18s is enough"
	if got := p.findings(); len(got) != 1 || got[0] != want {
		t.Errorf("got %q, want %q", got, want)
	}
	p.note(padClient, model.KindOutcome, t1, model.Message{Outcome: model.Aborted, Final: true})
	if got := p.findings(); len(got) != 2 || !strings.HasPrefix(got[1], "bounded-resolution: t1: no answer for 51.0") {
		t.Errorf("got %q", got)
	}
}

// TestNeedsDead: who needs a node that is dead waits for good, and so may who is alone
// at a worker, behind such a one; nobody else. In doubt, it is the coordinator who counts.
// Where nodes may have other roles, any may be needed.
func TestNeedsDead(t *testing.T) {
	two, own := lateConfig(), lateConfig()
	two.Workers, own.Workers = 3, 3
	own.Protocol = unaccountable{model.Protocols()[0].(model.TwoPhase)}
	for _, tc := range []struct {
		cfg     *model.Config
		dead    sim.NodeID // C0 is 0; sim.Nobody is none
		workers []int
		want    string // what may be late
	}{
		{two, sim.Nobody, []int{0, 1}, ""}, {two, sim.Nobody, []int{0}, ""},
		{two, 2, []int{0, 1}, "no answer, log not closed"}, {two, 2, []int{1, 2}, "no answer, log not closed"}, {two, 2, []int{0, 2}, ""},
		{two, 0, []int{0, 1}, "in doubt, no answer, log not closed"}, {two, 2, []int{0}, "no answer, log not closed"},
		{own, 2, []int{0, 2}, "in doubt, no answer, log not closed"}, {own, sim.Nobody, []int{0, 2}, ""},
	} {
		c := newProtocolChecker(tc.cfg, &model.Formatter{Coordinators: 1, Workers: 3})
		if tc.dead != sim.Nobody {
			c.faults.dead, c.faults.nodes[tc.dead].dead = 1, true
		}
		txn := &model.Transaction{}
		for _, w := range tc.workers {
			txn.Parts = append(txn.Parts, model.Part{Worker: w})
		}
		var may []string
		for _, what := range []string{lateDoubt, lateAnswer, lateLog} {
			if c.needsDead(&txnTrace{txn: txn}, what) {
				may = append(may, what)
			}
		}
		if got := strings.Join(may, ", "); got != tc.want {
			t.Errorf("node %d is dead, workers %v: %q, want %q", tc.dead, tc.workers, got, tc.want)
		}
	}
}

// TestInDoubtParts: parts are found whatever order they are added in.
func TestInDoubtParts(t *testing.T) {
	r := &Recording{}
	for i := range uint64(20) {
		r.AddInDoubt(i*7%20, int(i*3%5))
		r.AddInDoubt(i*7%20, int(i*3%5))
	}
	if len(r.InDoubt) != 20 {
		t.Errorf("%d parts, expected 20", len(r.InDoubt))
	}
	for i := range uint64(20) {
		if w := int(i * 3 % 5); !r.Undecided(i*7%20, w) || r.Undecided(i*7%20, w+1) {
			t.Errorf("t%d at w%d", i*7%20, w)
		}
	}
}

// inTime expects nothing of a worker that acts so long after its YES.
func inTime(t *testing.T, cfg *model.Config, doubt time.Duration) {
	t.Helper()
	p := newTracePad("presumed-abort")
	p.c = newProtocolChecker(cfg, &model.Formatter{Coordinators: 1, Workers: 2})
	p.request(t1, 2)
	p.prepared(padW0, t1)
	p.now = p.now.Add(doubt)
	p.act(padW0, t1)
	if got := p.findings(); len(got) > 0 {
		t.Errorf("got %q", got)
	}
}

// TestKeptBack: nobody waits for a timeout with a decision, nor with its ack.
func TestKeptBack(t *testing.T) {
	wait := func(d time.Duration) func(p causePad) { return func(p causePad) { p.wait(d) } }
	decide := func(p causePad) { p.note(padC0, model.KindDecide, t1, committed) }
	tell := func(p causePad) { p.send(padC0, model.KindCommit, t1, model.Message{}) }
	hear := func(p causePad) { p.arrive(padC0, padW0, model.KindCommit, model.Message{}) }
	hearAbort := func(p causePad) { p.arrive(padC0, padW0, model.KindAbort, model.Message{}) }
	act := func(p causePad) {
		p.append(padW0, model.KindCommit, t1)
		p.note(padW0, model.KindCommitted, t1, model.Message{})
	}
	sync := func(p causePad) { p.synced(padW0) }
	ack := func(p causePad) { p.send(padW0, model.KindAck, t1, committed) }
	abort := func(p causePad) { p.note(padC0, model.KindDecide, t1, aborted) }
	drop := func(p causePad) { p.send(padC0, model.KindAbort, t1, model.Message{}) }
	discard := func(p causePad) {
		p.append(padW0, model.KindAbort, t1)
		p.note(padW0, model.KindAborted, t1, model.Message{})
	}
	ackAbort := func(p causePad) { p.send(padW0, model.KindAck, t1, aborted) }
	retry := func(p causePad) { p.request(t2, 2) }
	fault := func(p causePad) { p.crash(padW1); p.befall(sim.TraceRestart, padW1, 2) }
	slow := func(p causePad) { p.c.slowest = time.Second / 20 }
	exhaustive := func(c *model.Config) { c.Schedule.Strategy = sim.Exhaustive }
	const long, short = 510 * time.Millisecond, 490 * time.Millisecond // the timeout is a second
	for _, tc := range []struct {
		name  string
		set   func(c *model.Config)
		steps []func(p causePad)
		want  string
	}{
		{"a decision told late", nil, []func(p causePad){decide, wait(long), tell}, "decision kept back"},
		{"a decision told soon", nil, []func(p causePad){decide, wait(short), tell}, ""},
		{"a decision told again", nil, []func(p causePad){decide, tell, wait(long), tell}, ""},
		{"a decision told late after a fault", nil, []func(p causePad){decide, fault, wait(long), tell}, ""},
		{"a decision told late where all is slow", nil, []func(p causePad){slow, decide, wait(long), tell}, ""},
		{"a decision told late, and a fault of before", nil, []func(p causePad){fault, func(p causePad) { p.request(t1, 2) }, decide, wait(long), tell}, "decision kept back"},
		{"a decision told late where there is no time", exhaustive, []func(p causePad){decide, wait(long), tell}, ""},
		{"a decision told late by another protocol", ownReasons, []func(p causePad){decide, wait(long), tell}, ""},
		{"no ack", nil, []func(p causePad){decide, tell, hear, act, sync, wait(long), tell}, "ack kept back"},
		{"no ack, and told again soon", nil, []func(p causePad){decide, tell, hear, act, sync, wait(short), tell}, ""},
		{"no ack, and told again just now", nil, []func(p causePad){decide, tell, hear, act, sync, wait(long), hear, tell}, "ack kept back"},
		{"no ack of what is not durable", nil, []func(p causePad){decide, tell, hear, act, wait(long), tell}, ""},
		{"no ack of what has not reached the worker", nil, []func(p causePad){decide, tell, wait(long), tell}, ""},
		{"no ack of what the worker had given up before it heard of it", nil, []func(p causePad){decide, tell, act, sync, wait(long), tell}, ""},
		{"no ack of what it had given up long before", nil, []func(p causePad){decide, tell, act, sync, wait(long), hear, tell}, ""},
		{"no ack of what it had given up before it heard of it, long after", nil, []func(p causePad){decide, tell, act, sync, hear, wait(long), tell}, "ack kept back"},
		{"an ack on its way", nil, []func(p causePad){decide, tell, hear, act, sync, ack, wait(long), tell}, ""},
		{"no ack after a fault", nil, []func(p causePad){decide, tell, hear, act, sync, fault, wait(long), tell}, ""},
		{"no ack of an abort once the client tries again", under(1), []func(p causePad){abort, drop, hearAbort, discard, sync, retry, wait(long), drop}, "ack kept back"},
		{"an ack of an abort once the client tries again", under(1), []func(p causePad){abort, drop, hearAbort, discard, retry, sync, ackAbort, wait(long), drop}, ""},
		{"no ack of an abort, and a fault since", under(1), []func(p causePad){abort, drop, hearAbort, discard, sync, fault, retry, wait(long), drop}, ""},
		{"no ack in another protocol", ownReasons, []func(p causePad){decide, tell, hear, act, sync, wait(long), tell}, ""},
	} {
		found := judged(tc.set, func(p causePad) {
			p.prepared(padW0, t1)
			for _, step := range tc.steps {
				step(p)
			}
		})
		if got := shapes(found, InvBounded); got != tc.want {
			t.Errorf("%s: got %q, want %q: %v", tc.name, got, tc.want, found)
		}
	}
}
