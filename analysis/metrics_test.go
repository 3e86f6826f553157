package analysis

import (
	"testing"
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// metricsAnswer makes the history event of an answer.
func metricsAnswer(at time.Duration, o model.Outcome, why model.Reason, final bool, latency time.Duration) *model.Event {
	return &model.Event{Kind: model.Answered, At: sim.Time(at), Outcome: o, Reason: why, Final: final, Latency: latency}
}

func TestMetrics(t *testing.T) {
	m := NewMetrics()
	for range 5 {
		m.Record(&model.Event{Kind: model.Submitted})
	}
	for range 7 {
		m.Record(&model.Event{Kind: model.Began})
	}
	m.Record(&model.Event{Kind: model.Installed, At: sim.Time(time.Hour)})
	m.Record(metricsAnswer(10*time.Millisecond, model.Aborted, model.Conflict, false, time.Millisecond))
	m.Record(metricsAnswer(20*time.Millisecond, model.Committed, 0, true, 2*time.Millisecond))
	m.Record(metricsAnswer(30*time.Millisecond, model.Aborted, model.Timeout, false, time.Millisecond))
	m.Record(metricsAnswer(40*time.Millisecond, model.Aborted, model.Full, true, 9*time.Millisecond))
	m.Record(metricsAnswer(50*time.Millisecond, model.Unknown, model.CoordinatorLost, true, 9*time.Millisecond))
	m.Record(metricsAnswer(400*time.Millisecond, model.Committed, 0, true, 4*time.Millisecond))
	m.Record(metricsAnswer(500*time.Millisecond, model.Blocked, 0, true, 9*time.Millisecond))
	if m.Submitted != 5 || m.Attempts != 7 || m.Last != sim.Time(500*time.Millisecond) {
		t.Errorf("submitted %d, attempts %d, last answer at %v", m.Submitted, m.Attempts, m.Last)
	}
	if want := [5]uint64{model.Committed: 2, model.Aborted: 1, model.Unknown: 1, model.Blocked: 1}; m.Outcomes != want {
		t.Errorf("outcomes %v, want %v", m.Outcomes, want)
	}
	if want := [16]uint64{model.Full: 1}; m.Reasons != want {
		t.Errorf("reasons of final aborts %v, want %v", m.Reasons, want)
	}
	if want := [16]uint64{model.Full: 1, model.Conflict: 1, model.Timeout: 1}; m.Refused != want {
		t.Errorf("reasons of all aborts %v, want %v", m.Refused, want)
	}
	if got := m.Throughput(); got != 4 { // two in half a second
		t.Errorf("throughput %v, want 4", got)
	}
	if m.Latency.TotalCount() != 2 {
		t.Errorf("%d latencies: those of commits count, and no others", m.Latency.TotalCount())
	}
}

// TestLatency compares quantiles with those of a known distribution.
func TestLatency(t *testing.T) {
	m := NewMetrics()
	for i := 1; i <= 1000; i++ {
		m.Record(metricsAnswer(time.Second, model.Committed, 0, true, time.Duration(i)*time.Millisecond))
	}
	for _, tc := range []struct {
		q    float64
		want time.Duration
	}{{0, time.Millisecond}, {50, 500 * time.Millisecond}, {99, 990 * time.Millisecond}, {100, time.Second}} {
		if got := m.Quantile(tc.q); (got - tc.want).Abs() > tc.want/1000+time.Microsecond {
			t.Errorf("quantile %v: %v, want %v to three digits", tc.q, got, tc.want)
		}
	}
	if got := m.Max(); got < time.Second || got > time.Second+2*time.Millisecond {
		t.Errorf("max %v, want 1s", got)
	}
}

// TestLatencyExtremes counts what is too large for the histogram, and what took
// no time.
func TestLatencyExtremes(t *testing.T) {
	m := NewMetrics()
	if m.Throughput() != 0 || m.Max() != 0 || m.Quantile(50) != 0 {
		t.Error("a run without transactions has some throughput or latency")
	}
	m.Record(metricsAnswer(0, model.Committed, 0, true, 0))
	if m.Throughput() != 0 {
		t.Error("a throughput in no time")
	}
	m.Record(metricsAnswer(time.Hour, model.Committed, 0, true, 100*time.Hour))
	if m.Beyond != 1 || m.Latency.TotalCount() != 2 || m.Max() < time.Hour {
		t.Errorf("beyond %d, %d latencies, max %v", m.Beyond, m.Latency.TotalCount(), m.Max())
	}
}

func TestVerdict(t *testing.T) {
	var v Verdict
	if v != Undecided || v.String() != "unknown" || Valid.String() != "valid" || Invalid.String() != "invalid" {
		t.Error("what is not known to be valid is called so")
	}
}
