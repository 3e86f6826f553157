package scenarios

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/sim"
)

// TestPerSecond: small rates have digits.
func TestPerSecond(t *testing.T) {
	for rate, want := range map[float64]string{0: "0.0", 0.0312: "0.031", 0.1: "0.1", 9.96: "10.0", 12345.67: "12345.7"} {
		if got := perSecond(rate); got != want {
			t.Errorf("%v: %s, expected %s", rate, got, want)
		}
	}
}

// TestNoLatency: of a run without a commit there is no latency, which is not none.
func TestNoLatency(t *testing.T) {
	for capacity, commits := range map[string]bool{"136": false, "0": true} {
		r := runWith(t, Default(), Options{Seed: 1}, "transactions=5", "disk.capacity="+capacity)
		text := r.Table().String()
		if none := strings.Contains(text, " latency            no commit\n"); none == commits || strings.Contains(text, "p50") != commits {
			t.Errorf("capacity %s:\n%s", capacity, text)
		}
		if s := r.Summary(); (s.P50 != nil) != commits || (s.P99 != nil) != commits || (s.Max != nil) != commits {
			t.Errorf("capacity %s: %v, %v, %v", capacity, s.P50, s.P99, s.Max)
		}
	}
}

// TestSpentSampled: what latency was spent on is told of how many commits it is known, if
// not of all.
func TestSpentSampled(t *testing.T) {
	for count, sampled := range map[string]bool{"4000": false, "5000000": true} {
		r := runWith(t, Default(), Options{Seed: 1, Spent: true}, "transactions="+count, "workload.keys=100000", "limits.time=200ms")
		followed := r.spans.Means(0, sim.Never).Commits
		line := fmt.Sprintf("; of %d followed:", followed)
		if there := strings.Contains(r.Table().String(), line); there != sampled || sampled == (uint64(followed) == r.Metrics.Committed()) {
			t.Errorf("%d of %d followed, which is said: %v", followed, r.Metrics.Committed(), there)
		}
		if !sampled && strings.Contains(r.Table().String(), "followed") {
			t.Errorf("all are followed:\n%s", r.Table())
		}
	}
}

// TestSpentUnknown: that no commit was followed does not say that there was none.
func TestSpentUnknown(t *testing.T) {
	r := runWith(t, Default(), Options{Seed: 1, Spent: true}, "transactions=1000000000", "limits.time=20ms")
	if n := r.spans.Means(0, sim.Never).Commits; n > 0 || r.Metrics.Committed() == 0 {
		t.Fatalf("%d of %d commits are followed", n, r.Metrics.Committed())
	}
	if s := r.Summary(); s.Bottleneck != "not known" || len(s.Spent) > 0 || strings.Contains(r.Table().String(), "nothing was committed") {
		t.Errorf("bottleneck %s, spent on %v\n%s", s.Bottleneck, s.Spent, r.Table())
	}
}

// TestSpentNothing: commits that take no time have no parts of it, and are commits.
func TestSpentNothing(t *testing.T) {
	r := runWith(t, Default(), Options{Seed: 1, Spent: true}, "transactions=3", "network.delay=0s", "disk.sync=0s")
	if text := r.Table().String(); r.Metrics.Committed() != 3 || !strings.Contains(text, "none, as commits took no time") || strings.Contains(text, "mean 0.000 ms:") {
		t.Errorf("%d committed\n%s", r.Metrics.Committed(), text)
	}
}

// TestSummaryAttempts: the summary for programs has what the table has of aborted attempts
// and of the mean latency.
func TestSummaryAttempts(t *testing.T) {
	r := runWith(t, Default(), Options{Seed: 1, Spent: true}, "transactions=300", "workload.keys=5", "retry.attempts=3")
	s, sum := r.Summary(), int64(0)
	for _, ns := range s.Spent { // any order: a sum
		sum += ns
	}
	if s.Mean == nil || max(sum-*s.Mean, *s.Mean-sum) > int64(len(s.Spent)) {
		t.Errorf("the parts are %d ns, the mean %v", sum, s.Mean)
	}
	text := r.Table().String()
	if n := s.Refused["conflict"]; n <= s.Reasons["conflict"] || s.Reasons["conflict"] == 0 || !strings.Contains(text, fmt.Sprintf("attempts aborted   conflict %d", n)) {
		t.Errorf("%v, for good %v\n%s", s.Refused, s.Reasons, text)
	}
}

// TestSummaryPlurals: one thing is no plural, and where no attempt is aborted, the summary says so.
func TestSummaryPlurals(t *testing.T) {
	one := runWith(t, Default(), Options{Seed: 1}, "workers=2", "network.delay=1ms", "disk.sync=5ms", "protocol=presumed-abort",
		`transactions.inline=["t1: w0 write x = 1; w1 write y = 1"]`, `faults=["crash w0 after send vote #1 for 20ms"]`)
	text := one.Table().String()
	for _, want := range []string{"1 submitted in 1 attempt\n", "attempts aborted   none\n", "over 2 parts", ": 1 part, "} {
		if !strings.Contains(trimmed(text), want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	r := &Result{Scenario: Default(), Metrics: &analysis.Metrics{Submitted: 2, Attempts: 2}, Records: 1,
		Stats: sim.Stats{Messages: 1, Packets: 1, Syncs: 1}, InDoubt: analysis.InDoubt{Parts: 1}}
	r.Tally.Forced = 1
	text = r.Table().String()
	for _, want := range []string{"2 submitted in 2 attempts", "1, in 1 packet; no commit", "1, by 1 sync; no commit", "1 record in the trace", "over 1 part\n"} {
		if !strings.Contains(trimmed(text), want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if got := (Blocked{"C1", 1, 1, 1, 0}).String(); got != "C1: 1 in doubt, 1 lock held, 1 waiting behind them" {
		t.Error(got)
	}
}

// trimmed is a table without the blanks at the ends of its lines.
func trimmed(text string) string { return regexp.MustCompile(` +\n`).ReplaceAllString(text, "\n") }
