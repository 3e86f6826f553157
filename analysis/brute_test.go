package analysis

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// recording is a script as a recording of a run that came to rest.
func (h *histScript) recording() *Recording {
	return &Recording{Events: slices.Clone(h.events), Complete: true, Stores: h.stores}
}

// TestBruteForce compares HistoryChecker with the trial of all orders, in both
// directions, and what both of them accept with the black box.
func TestBruteForce(t *testing.T) {
	t.Parallel()
	runs := 1500 * histRounds()
	for i, p := range []histChaos{
		{txns: 4, keys: 1, spread: 3, stray: 0.6, damage: 0.02},
		{txns: 5, keys: 2, spread: 3, stray: 0.1, damage: 0.2},
		{txns: 9, keys: 2, spread: 4, stray: 0.05, damage: 0.1},
		{txns: 9, keys: 2, spread: 12, stray: 0.3, damage: 0.1},
		{txns: 6, keys: 3, spread: 6, stray: 0.05, damage: 0.02, doubt: 0.2},
	} {
		valid, order := 0, 0
		for seed := range runs {
			h := p.generate(rand.New(rand.NewPCG(uint64(seed), uint64(200+i))))
			rec := h.recording()
			inDoubt(rec, h)
			brute := BruteForce(rec)
			white := NewHistoryChecker(HistoryOptions{})
			findings := rec.Feed(white)
			if d := rec.CrossCheck(white, Judges{}); d != nil {
				t.Fatalf("%+v, seed %d: %s\nbrute: %+v\nfindings: %v\n%s", p, seed, d, brute, findings, histDump(h, white))
			}
			switch {
			case brute.Verdict == Valid:
				valid++
			case brute.Serializable != Undecided:
				order++
			}
		}
		if valid < runs/10 || order < runs/100 {
			t.Errorf("%+v: %d of %d histories valid, %d without an order: one direction is hardly tested", p, valid, runs, order)
		}
	}
}

// TestStopped compares the judges of histories that stop anywhere: what has been answered
// committed must be seen, also before it is installed.
func TestStopped(t *testing.T) {
	t.Parallel()
	runs, wrong := 3000*histRounds(), 0
	for seed := range runs {
		rng := rand.New(rand.NewPCG(uint64(seed), 400))
		h := histChaos{txns: 6, keys: 2, spread: 4, stray: 0.4}.generate(rng)
		rec := &Recording{Events: h.events[:rng.IntN(len(h.events))]}
		white := NewHistoryChecker(HistoryOptions{})
		if len(rec.Feed(white)) > 0 {
			wrong++
		}
		if d := rec.CrossCheck(white, Judges{}); d != nil {
			t.Fatalf("seed %d: %s\n%s", seed, d, histDump(&histScript{events: rec.Events}, white))
		}
	}
	if wrong < runs/20 || wrong > runs-runs/20 {
		t.Errorf("%d of %d histories wrong: one direction is hardly tested", wrong, runs)
	}
}

// TestBruteForceRefused: what a try installs that was told aborted is wrong, also where
// its transaction never is told for good.
func TestBruteForceRefused(t *testing.T) {
	b := BruteForce(parseHistScript(t, `
		submit 1 w0x=5
		abort 1#1
		install 1#1.0
		unknown 1#2`).recording())
	if b.Verdict != Invalid || b.Why != "try 1 of t1 is installed, but it did not commit" {
		t.Errorf("%+v", b)
	}
}

// TestDisagreement shows that a judge that is wrong is found out: each of these
// findings, or the lack of it, is of another history.
func TestDisagreement(t *testing.T) {
	const right = `
		submit 1 w0x=5
		install 1.0
		commit 1
		submit 2 r0x
		commit 2 0<1.0`
	const stale = `
		submit 1 w0x=5
		install 1.0
		commit 1
		submit 2 r0x
		commit 2 0<init`
	const unstored = `
		submit 1 w0x=5
		install 1.0
		commit 1
		lose 0x`
	const lost = `
		submit 1 r0x w0x=1
		submit 2 r0x w0x=2
		install 1.1
		commit 1 0<init
		install 2.1
		commit 2 0<init`
	for _, c := range []struct{ judged, recorded, accepts, rejects string }{
		{stale, lost, judgeWhite, judgeBrute}, // wrong are both, but serializable is only the first
		{lost, stale, judgeBrute, judgeWhite},
		{lost, lost, "", ""},
		{right, stale, judgeWhite, judgeBlack},
		{right, unstored, judgeWhite, judgeBrute},
		{stale, right, judgeBrute, judgeWhite},
		{right, right, "", ""},
		{stale, stale, "", ""},
		{unstored, unstored, "", ""},
	} {
		white := NewHistoryChecker(HistoryOptions{})
		parseHistScript(t, c.judged).recording().Feed(white)
		d := parseHistScript(t, c.recorded).recording().CrossCheck(white, Judges{})
		if d == nil {
			d = &Disagreement{}
		}
		if d.Accepts != c.accepts || d.Rejects != c.rejects {
			t.Errorf("%s\njudged as%s\n%v", c.recorded, c.judged, d)
		}
	}
}

// inDoubt excuses what the script does, or what transactions that are blocked have not
// installed, as the white box does by itself.
func inDoubt(rec *Recording, h *histScript) {
	rec.End(true, slices.Values(h.stores), func(txn uint64, worker int) bool {
		if h.doubts != nil {
			return h.doubts[histPart{txn, worker}]
		}
		for i := range rec.Events {
			if e := &rec.Events[i]; e.Attempt.Txn == txn && e.Outcome.String() == "blocked" {
				return true
			}
		}
		return false
	})
}
