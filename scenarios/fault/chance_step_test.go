package fault

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// TestChanceBoundaries: a chance of a step falls on every boundary that the step passes,
// and on no other. Presumed nothing logs and acknowledges everything.
func TestChanceBoundaries(t *testing.T) {
	t.Parallel()
	worker := func(kind, reply string) []string {
		return []string{"before receive " + kind, "before append " + kind, "after append " + kind,
			"before sync " + kind, "after sync " + kind, "before send " + reply, "after send " + reply}
	}
	decision := func(kind string) []string {
		return []string{"before append " + kind, "after append " + kind, "before sync " + kind, "after sync " + kind,
			"before send " + kind, "after send " + kind}
	}
	for who, want := range map[string][]string{
		"workers 40% on prepare":      append(worker("prepare", "vote"), worker("commit-one", "done")...),
		"workers 40% on commit":       worker("commit", "ack"),
		"workers 40% on abort":        worker("abort", "ack"),
		"coordinators 40% on prepare": {"before send prepare", "after send prepare", "before receive vote", "before send commit-one", "after send commit-one", "before receive done"},
		"coordinators 40% on commit":  decision("commit"),
		"coordinators 40% on abort":   decision("abort"),
	} {
		points := map[string]bool{}
		for seed := range uint64(2) {
			r := newFaultRun(t, 1000, "pause "+who+" for 1us", "drop 5% vote")
			r.cfg.Seed = seed
			for _, line := range r.run(t).inject.Fired().Lines() {
				if f := strings.Fields(line); f[0] == "pause" {
					points[strings.Join(f[2:5], " ")] = true
				}
			}
		}
		if got := slices.Sorted(maps.Keys(points)); !slices.Equal(got, slices.Sorted(slices.Values(want))) {
			t.Errorf("%s: struck %q, want %q", who, got, want)
		}
	}
}

// TestChancePassing: a chance of a boundary falls on every passing of it alike, by every
// node that the line names, and on nothing else.
func TestChancePassing(t *testing.T) {
	t.Parallel()
	for line, want := range map[string][]string{
		"workers 20% after send vote":          {"w after send vote"},
		"coordinators 20% before sync commit":  {"C before sync commit"},
		"C1 20% before receive done":           {"C before receive done"},
		"workers 20% before apply":             {"w before apply"},
		"workers 20% before append *":          {"w before append abort", "w before append commit", "w before append commit-one", "w before append prepare"},
		"coordinators 20% after send decision": {"C after send abort", "C after send commit"},
	} {
		r := newFaultRun(t, 300, "pause "+line+" for 1us")
		r.run(t)
		points := map[string]bool{}
		for _, strike := range r.inject.Fired().Lines() {
			boundary, _, _ := strings.Cut(strings.TrimPrefix(strike, "pause "), " of ")
			node, boundary, _ := strings.Cut(boundary, " ")
			points[node[:1]+" "+boundary] = true
		}
		if got := slices.Sorted(maps.Keys(points)); !slices.Equal(got, want) {
			t.Errorf("%s: struck %q, want %q", line, got, want)
		}
	}
	r := newFaultRun(t, 2000, "pause workers 25% before send vote for 1us")
	r.run(t)
	votes := 0
	for _, record := range r.records {
		if record.Op == sim.TraceSend && record.Kind == model.KindVote {
			votes++
		}
	}
	if times := r.inject.Counts()[0].Times; float64(times) < 0.22*float64(votes) || float64(times) > 0.28*float64(votes) {
		t.Errorf("struck %d times of %d", times, votes)
	}
	near := newFaultRun(t, 300, "pause w1 20% before apply for 1us", "pause w3 20% before apply for 2us", "pause workers 20% after send vote for 1ms",
		"pause workers 20% before send * for 1ms", "crash coordinators 1% after append * for 1ms").run(t)
	for _, strike := range near.inject.Fired().Lines() {
		if node, apply, _ := strings.Cut(strings.TrimPrefix(strike, "pause "), " before apply "); apply != "" && (node != "w1" || !strings.HasSuffix(apply, " 1us")) && (node != "w3" || !strings.HasSuffix(apply, " 2us")) {
			t.Errorf("%s: no line strikes so", strike)
		}
	}
	replayed(t, near)
}

// TestChancePassingDraws: each kind has draws of its own, and so has what comes again.
func TestChancePassingDraws(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ line, first, second string }{
		{"workers 50% before append *", "before append prepare of T for", "before append commit of T for"},
		{"workers 50% before receive commit", "before receive commit of T for", "before receive commit of T #2 for"},
	} {
		r := newFaultRun(t, 300, "pause "+c.line+" for 1us", "duplicate 80% commit")
		r.run(t)
		struck := map[string]bool{}
		for _, strike := range r.inject.Fired().Lines() {
			node, what, _ := strings.Cut(strings.TrimPrefix(strike, "pause "), " ")
			_, about, _ := strings.Cut(what, " of ")
			attempt, _, _ := strings.Cut(about, " ")
			struck[node+" "+attempt+" "+strings.Replace(what, attempt, "T", 1)] = true
		}
		both, alone := 0, 0
		for strike := range struck { // in any order
			about, ok := strings.CutSuffix(strike, c.second+" 1us")
			switch {
			case ok && struck[about+c.first+" 1us"]:
				both++
			case ok:
				alone++
			}
		}
		if both < 10 || alone < both/2 {
			t.Errorf("%s: struck %q %d times with and %d times without %q", c.line, c.second, both, alone, c.first)
		}
	}
}
