package analysis

import (
	"math"
	"slices"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/seed83d86191/txsim/analysis/stats"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// Samples keeps when each transaction was submitted and how it ended, from which the
// figures of a steady state are computed. It takes 32 bytes a transaction.
type Samples struct {
	submitted []sim.Time
	ended     []ended // in the order of the answers
	open      bool    // open loop: transactions are submitted whether or not others are answered
}

// NewSamples returns samples with room for so many transactions, but a million at most, as
// a run may be stopped early.
func NewSamples(transactions int) *Samples {
	n := min(max(transactions, 0), 1<<20)
	return &Samples{submitted: make([]sim.Time, 0, n), ended: make([]ended, 0, n)}
}

// ended is a final answer.
type ended struct {
	at      sim.Time
	latency time.Duration
	outcome model.Outcome
	reason  model.Reason
}

// Record takes a history event into account.
func (s *Samples) Record(e *model.Event) {
	switch {
	case e.Kind == model.Submitted:
		s.submitted = append(s.submitted, e.At)
		s.open = e.Txn.At != model.Unscheduled
	case e.Kind == model.Answered && e.Final:
		s.ended = append(s.ended, ended{e.At, e.Latency, e.Outcome, e.Reason})
	}
}

// Warmup is how much of the beginning of a run is left out of its figures, and what else is
// known of the run.
type Warmup struct {
	Auto    bool          // as MSER-5 finds it in the latencies of commits
	Time    time.Duration // if not Auto
	Fault   time.Duration // if Auto: when the first planned fault begins, which is not warm-up; 0 is never
	Clients int           // of a closed loop; 0 is not known
	Think   time.Duration // mean time that these think
}

// batchCount is how many batches one run's throughput is cut into.
const batchCount = 20

// Steady are the figures of a run between its warm-up and its drain, which begins with the
// last submission.
type Steady struct {
	From, To sim.Time
	// Reached is false if the warm-up takes more than half of the commits or of the time,
	// or leaves nothing, or a closed loop has few answers for each of its clients, or the
	// window is not balanced. The figures are then those of the whole run; in an open loop
	// still without the drain, since the offered load ends before it.
	Reached   bool
	Offered   int      // transactions submitted
	first     int      // of which at the beginning of the run
	Committed int      // of the answers
	Aborted   [256]int // of the answers, by model.Reason
	Answered  int      // of whatever outcome
	UnderWay  float64  // average number of open transactions, of those that got a final answer
	Failing   float64  // average number of these that did not commit in the end
	// Latencies are those of the commits that were submitted in the window, whenever they
	// were answered, ascending: of those answered in it, the slow ones would be left out.
	Latencies []time.Duration
	Batches   [batchCount]float64 // commits per second in equal parts of the window, 0 if it takes no time
}

// Steady measures the window that the warm-up leaves.
func (s *Samples) Steady(w Warmup) Steady {
	r := s.window(w)
	s.measure(&r)
	if r.Reached && !r.balanced(w) {
		r = Steady{}
		s.whole(&r)
		s.measure(&r)
	}
	return r
}

// measure takes the figures of the window.
func (s *Samples) measure(r *Steady) {
	for _, at := range s.submitted {
		if r.in(at) {
			r.Offered++
			if at == 0 {
				r.first++
			}
		}
	}
	span := r.To - r.From
	r.Latencies = make([]time.Duration, 0, len(s.ended))
	for i := range s.ended {
		e := &s.ended[i]
		if e.outcome == model.Committed && r.in(e.at.Add(-e.latency)) {
			r.Latencies = append(r.Latencies, e.latency)
		}
		within := float64(max(0, min(e.at, r.To).Sub(max(e.at.Add(-e.latency), r.From))))
		r.UnderWay += within
		if e.outcome != model.Committed {
			r.Failing += within
		}
		if !r.in(e.at) {
			continue
		}
		r.Answered++
		switch e.outcome {
		case model.Committed:
			r.Committed++
			if span > 0 {
				batch := int(float64(e.at-r.From) / float64(span) * batchCount)
				r.Batches[min(batch, batchCount-1)]++
			}
		case model.Aborted:
			r.Aborted[e.reason]++
		}
	}
	if span > 0 {
		r.UnderWay /= float64(span)
		r.Failing /= float64(span)
		for i := range r.Batches {
			r.Batches[i] /= r.Seconds() / batchCount
		}
	}
	slices.Sort(r.Latencies)
}

// fewPerClient is how many answers for each client a closed loop must have before its last
// submission to count as steady. With one, each client has had only its fastest.
const fewPerClient = 5

// balanced reports whether a window has, to a tenth, as many submissions as answers, which is
// job flow balance: an open loop beyond saturation has not. A closed loop must also have as
// many clients as there are: those that wait, and by Little's law those that think. Clients
// that think for equally long keep in step, and part of a round may be in the window then.
// What clients begin with is no flow.
func (r *Steady) balanced(w Warmup) bool {
	const most = 0.1
	flow, n := float64(r.Offered-r.first), float64(r.Answered)
	if math.Abs(flow-n) > most*n {
		return false
	}
	if w.Think == 0 || w.Clients == 0 {
		return true
	}
	clients := float64(w.Clients)
	thinking := float64(n / r.Seconds() * w.Think.Seconds())
	return math.Abs(thinking+r.UnderWay-clients) <= most*clients
}

// window finds the window, and whether the run was steady in it.
func (s *Samples) window(w Warmup) (r Steady) {
	r.From, r.Reached = s.warm(w)
	if n := len(s.submitted); n > 0 {
		r.To = s.submitted[n-1]
	}
	if r.To <= r.From || w.Auto && r.From > r.To/2 {
		r.Reached = false
	}
	if !s.open {
		drain := 0 // what is answered in it: one of each client that does not think
		for i := len(s.ended) - 1; i >= 0 && s.ended[i].at > r.To; i-- {
			drain++
		}
		if len(s.ended)-drain < fewPerClient*max(drain, w.Clients) {
			r.Reached = false
		}
	}
	if !r.Reached {
		s.whole(&r)
	}
	return r
}

// whole has the window be the whole run.
func (s *Samples) whole(r *Steady) {
	r.From, r.To = 0, 0
	if n := len(s.submitted); n > 0 {
		r.To = s.submitted[n-1]
	}
	if n := len(s.ended); n > 0 && (!s.open || r.To <= 0) {
		r.To = s.ended[n-1].at
	}
}

// in reports whether the window contains a time. The window is open at its beginning,
// unless that is the beginning of the run, so that events at equal distances are not
// counted at both ends.
func (r *Steady) in(at sim.Time) bool { return (at > r.From || r.From == 0) && at <= r.To }

// Seconds returns the length of the window.
func (r *Steady) Seconds() float64 { return float64(r.To-r.From) / 1e9 }

// Histogram returns the histogram of the latencies, to two digits.
func (r *Steady) Histogram() *hdrhistogram.Histogram {
	h := NewLatencyHistogram()
	for _, d := range r.Latencies {
		_ = h.RecordValue(min(int64(d), maxLatency)) // within its bounds
	}
	return h
}

// NewLatencyHistogram returns an empty histogram of latencies to two digits, in
// nanoseconds.
func NewLatencyHistogram() *hdrhistogram.Histogram { return hdrhistogram.New(1, maxLatency, 2) }

// Quantile returns the nearest-rank quantile of the latencies, q from 0 to 1; 0 if there
// are none.
func (r *Steady) Quantile(q float64) time.Duration {
	n := len(r.Latencies)
	if n == 0 {
		return 0
	}
	return r.Latencies[int(rank(q, float64(n)))-1]
}

// Mean returns the mean of the latencies; 0 if there are none.
func (r *Steady) Mean() time.Duration {
	if len(r.Latencies) == 0 {
		return 0
	}
	sum := 0.0
	for _, d := range r.Latencies {
		sum += float64(d)
	}
	return time.Duration(sum / float64(len(r.Latencies)))
}

// warm returns when the warm-up ends, and whether it leaves enough.
func (s *Samples) warm(w Warmup) (sim.Time, bool) {
	if !w.Auto {
		return sim.Time(w.Time), true
	}
	var latencies []float64
	var at []sim.Time
	for i := range s.ended {
		if e := &s.ended[i]; e.outcome == model.Committed {
			latencies, at = append(latencies, float64(e.latency)), append(at, e.at)
		}
	}
	cut, ok := stats.MSER5(latencies)
	if !ok || cut == 0 {
		return 0, ok
	}
	end := at[cut-1] + 1 // just after the last one that is cut
	if fault := sim.Time(w.Fault); fault > 0 && fault < end {
		end = fault
		for i, a := range at { // what the fault finds under way counts
			if a > fault {
				end = max(0, min(end, a.Add(-time.Duration(latencies[i]))-1))
			}
		}
	}
	return end, true
}
