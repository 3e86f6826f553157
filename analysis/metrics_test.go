package analysis

import (
	"math"
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
	m := &Metrics{}
	for range 5 {
		m.Record(&model.Event{Kind: model.Submitted})
	}
	m.Record(&model.Event{Kind: model.Began}) // only of those that a coordinator was up for
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
	if want := [256]uint64{model.Full: 1}; m.Reasons != want {
		t.Errorf("reasons of final aborts %v, want %v", m.Reasons, want)
	}
	if want := [256]uint64{model.Full: 1, model.Conflict: 1, model.Timeout: 1}; m.Refused != want {
		t.Errorf("reasons of all aborts %v, want %v", m.Refused, want)
	}
	if got := m.Throughput(); got != 4 { // two in half a second
		t.Errorf("throughput %v, want 4", got)
	}
	if len(m.exact) != 2 {
		t.Errorf("%d latencies: those of commits count, and no others", len(m.exact))
	}
}

// TestLatency compares quantiles with those of known latencies: they are some of them, and
// of very many none is above what it should be.
func TestLatency(t *testing.T) {
	for _, n := range []int{1, 2, 60, 1000, 99_999, maxExact, maxExact + 1, maxExact + 50_000} {
		m := &Metrics{}
		for i := 1; i <= n; i++ {
			m.Record(metricsAnswer(time.Second, model.Committed, 0, true, time.Duration(i)*time.Millisecond))
		}
		for _, q := range []float64{0, 0.1, 0.5, 0.9, 0.99, 0.999, 1} {
			want := time.Duration(max(math.Ceil(q*float64(n)), 1)) * time.Millisecond
			least := want
			if n > maxExact && q < 1 {
				least -= want / 1000
			}
			if got := m.Quantile(q); got < least || got > want {
				t.Errorf("quantile %v of %d: %v, want %v", q, n, got, want)
			}
		}
		if m.rough != nil && m.rough.TotalCount() != int64(n) {
			t.Errorf("%d of %d latencies are known", m.rough.TotalCount(), n)
		}
		if got, want := m.Max(), time.Duration(n)*time.Millisecond; got != want || m.Quantile(1) != want {
			t.Errorf("max %v, quantile 1 %v, want %v", got, m.Quantile(1), want)
		}
	}
}

// TestLatencyExtremes: what took no time, and what took years.
func TestLatencyExtremes(t *testing.T) {
	m := &Metrics{}
	if m.Throughput() != 0 || m.Max() != 0 || m.Quantile(0.5) != 0 {
		t.Error("a run without transactions has some throughput or latency")
	}
	m.Record(metricsAnswer(0, model.Committed, 0, true, 0))
	if m.Throughput() != 0 {
		t.Error("a throughput in no time")
	}
	if m.Max() != 0 || m.Quantile(0.5) != 0 {
		t.Errorf("no time: max %v, median %v", m.Max(), m.Quantile(0.5))
	}
	const years = 876000 * time.Hour
	m.Record(metricsAnswer(time.Hour, model.Committed, 0, true, years))
	if m.Max() != years || m.Quantile(1) != years || m.Quantile(0.5) != 0 {
		t.Errorf("max %v, quantiles %v, %v", m.Max(), m.Quantile(0.5), m.Quantile(1))
	}
	m.Record(metricsAnswer(time.Hour, model.Committed, 0, true, math.MaxInt64))
	if m.Max() != math.MaxInt64 || len(m.exact) != 3 {
		t.Errorf("max %v of %d", m.Max(), len(m.exact))
	}
}

func TestVerdict(t *testing.T) {
	var v Verdict
	if v != Undecided || v.String() != "unknown" || Valid.String() != "valid" || Invalid.String() != "invalid" {
		t.Error("what is not known to be valid is called so")
	}
}
