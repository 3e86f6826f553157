package analysis

import (
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// maxLatency is the largest latency that the histogram tells apart, in virtual
// nanoseconds; larger ones are counted there and in Beyond.
const maxLatency = int64(time.Hour)

// Metrics counts what clients met in a run.
type Metrics struct {
	Submitted uint64
	Attempts  uint64
	Outcomes  [5]uint64  // final answers, by model.Outcome
	Reasons   [16]uint64 // final aborts, by model.Reason
	Refused   [16]uint64 // aborted attempts, retried or not, by model.Reason
	Latency   *hdrhistogram.PackedHistogram
	Beyond    uint64   // latencies over maxLatency
	Last      sim.Time // of the last final answer

	latencies float64 // their sum
}

// NewMetrics returns empty metrics. The histogram is packed: a dense one takes
// 200 kB, and most runs are short.
func NewMetrics() *Metrics {
	return &Metrics{Latency: hdrhistogram.NewPacked(1000, maxLatency, 3)}
}

// Record takes a history event into account.
func (m *Metrics) Record(e *model.Event) {
	switch e.Kind {
	case model.Submitted:
		m.Submitted++
	case model.Began:
		m.Attempts++
	case model.Answered:
		if e.Outcome == model.Aborted {
			m.Refused[e.Reason]++
		}
		if !e.Final {
			return
		}
		m.Last = e.At
		m.Outcomes[e.Outcome]++
		switch e.Outcome {
		case model.Aborted:
			m.Reasons[e.Reason]++
		case model.Committed:
			ns := int64(e.Latency)
			m.latencies += float64(ns)
			if ns > maxLatency {
				ns = maxLatency
				m.Beyond++
			}
			if err := m.Latency.RecordValue(ns); err != nil {
				m.Beyond++
			}
		}
	}
}

// Committed is the number of committed transactions.
func (m *Metrics) Committed() uint64 { return m.Outcomes[model.Committed] }

// Throughput is committed transactions per virtual second, from the start to
// the last final answer.
func (m *Metrics) Throughput() float64 {
	if m.Last <= 0 {
		return 0
	}
	return float64(m.Committed()) / (float64(m.Last) / 1e9)
}

// Quantile is a latency of committed transactions to three digits, q from 0 to
// 100; 0 if there are none.
func (m *Metrics) Quantile(q float64) time.Duration {
	if m.Latency.TotalCount() == 0 {
		return 0
	}
	return time.Duration(m.Latency.ValueAtPercentile(q))
}

// Mean is that of the latencies of committed transactions; 0 if there are none.
func (m *Metrics) Mean() time.Duration {
	if m.Committed() == 0 {
		return 0
	}
	return time.Duration(m.latencies / float64(m.Committed()))
}

// Max is the largest latency of a committed transaction, to three digits.
func (m *Metrics) Max() time.Duration {
	if m.Latency.TotalCount() == 0 {
		return 0
	}
	return time.Duration(m.Latency.Max())
}
