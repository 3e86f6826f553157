package analysis

import (
	"math"
	"math/bits"
	"slices"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// maxLatency is the largest latency that a histogram can hold, in virtual
// nanoseconds: 146 years.
const maxLatency = int64(1 << 62)

// Metrics counts what clients met in a run.
type Metrics struct {
	Submitted uint64
	Attempts  uint64      // that clients have made, or, in their backoff when a bound ended the run, were about to make
	Outcomes  [5]uint64   // final answers, by model.Outcome
	Reasons   [256]uint64 // final aborts, by model.Reason
	Refused   [256]uint64 // aborted attempts, retried or not, by model.Reason
	Last      sim.Time    // of the last final answer

	exact []time.Duration               // latencies of commits, up to maxExact of them
	rough *hdrhistogram.PackedHistogram // all latencies, to roughDigits, once there are more; nil before
	sum   float64                       // of the latencies
	busy  float64                       // clients' time, in nanoseconds: the sum over all final answers
	max   time.Duration
}

// maxExact is how many latencies are kept as they are, in 8 bytes each.
const maxExact = 1 << 20

// roughDigits is the precision of latencies beyond that, in digits.
const roughDigits = 3

// Record takes a history event into account.
func (m *Metrics) Record(e *model.Event) {
	switch e.Kind {
	case model.Submitted:
		m.Submitted++
		m.Attempts++
	case model.Answered:
		if e.Outcome == model.Aborted {
			m.Refused[e.Reason]++
		}
		if !e.Final {
			m.Attempts++
			return
		}
		m.Last = e.At
		m.Outcomes[e.Outcome]++
		m.busy += float64(e.Latency)
		switch e.Outcome {
		case model.Aborted:
			m.Reasons[e.Reason]++
		case model.Committed:
			m.committed(e.Latency)
		}
	}
}

func (m *Metrics) committed(latency time.Duration) {
	m.sum += float64(latency)
	m.max = max(m.max, latency)
	switch {
	case m.rough != nil:
		m.roughly(latency)
	case len(m.exact) < maxExact:
		m.exact = append(m.exact, latency)
	default:
		m.rough = hdrhistogram.NewPacked(1, maxLatency, roughDigits)
		for _, d := range append(m.exact, latency) {
			m.roughly(d)
		}
		m.exact = nil
	}
}

func (m *Metrics) roughly(latency time.Duration) {
	_ = m.rough.RecordValue(min(int64(latency), maxLatency)) // within its bounds
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

// UnderWay is the average number of open transactions between the start and the last final
// answer. Those that never got a final answer are not counted.
func (m *Metrics) UnderWay() float64 { return m.busy / max(float64(m.Last), 1) }

// Failing is the average number of these that did not commit in the end.
func (m *Metrics) Failing() float64 { return (m.busy - m.sum) / max(float64(m.Last), 1) }

// Quantile returns the nearest-rank quantile of the latencies of committed transactions, q
// from 0 to 1; 0 if there are none. With more than a million latencies it is too small by
// less than a thousandth.
func (m *Metrics) Quantile(q float64) time.Duration {
	if m.rough != nil {
		n := float64(m.rough.TotalCount())
		if rank(q, n) == n {
			return m.max
		}
		v := AtRank(m.rough, q)
		// The histogram returns the end of a bucket. Its beginning follows from the width
		// of a bucket: a value keeps the first bits that two times three digits take.
		coarse := max(bits.Len64(uint64(v))-bits.Len(2*1000), 0)
		return time.Duration(v >> coarse << coarse)
	}
	if len(m.exact) == 0 {
		return 0
	}
	slices.Sort(m.exact)
	return m.exact[int(rank(q, float64(len(m.exact))))-1]
}

// AtRank returns the nearest-rank quantile of a histogram, q from 0 to 1; 0 if it is empty.
// The histogram's own method takes the rank nearest to q, not the one that reaches it.
func AtRank(h interface {
	TotalCount() int64
	ValueAtPercentile(percent float64) int64
}, q float64) int64 {
	n := float64(h.TotalCount())
	if n == 0 {
		return 0
	}
	return h.ValueAtPercentile(100 * rank(q, n) / n)
}

// rank returns the smallest rank, from 1, such that a share q of n values is not above it.
func rank(q, n float64) float64 { return max(math.Ceil(q*n), 1) }

// Mean returns the mean latency of committed transactions; 0 if there are none.
func (m *Metrics) Mean() time.Duration {
	if m.Committed() == 0 {
		return 0
	}
	return time.Duration(m.sum / float64(m.Committed()))
}

// Max returns the largest latency of a committed transaction.
func (m *Metrics) Max() time.Duration { return m.max }
