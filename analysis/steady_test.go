package analysis

import (
	"cmp"
	"slices"
	"testing"
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// closedLoop and openLoop are transactions of one.
var closedLoop, openLoop = &model.Transaction{At: model.Unscheduled}, &model.Transaction{}

// samplesOf has a transaction submitted every 10 ms, which takes as long as
// latency says.
func samplesOf(n int, latency func(i int) time.Duration, outcome model.Outcome) *Samples {
	s := &Samples{}
	for i := range n {
		at := sim.Time(i) * sim.Time(10*time.Millisecond)
		s.Record(&model.Event{Kind: model.Submitted, At: at, Txn: closedLoop})
		d := latency(i)
		s.Record(&model.Event{Kind: model.Answered, Final: true, Outcome: outcome, At: at.Add(d), Latency: d})
	}
	return s
}

func TestSteadyWindow(t *testing.T) {
	s := samplesOf(101, func(int) time.Duration { return 5 * time.Millisecond }, model.Committed)
	// The last answer comes after the last submission: in the drain.
	r := s.Steady(Warmup{Time: 500 * time.Millisecond})
	if r.From != sim.Time(500*time.Millisecond) || r.To != sim.Time(time.Second) || !r.Reached {
		t.Errorf("window %v to %v, reached %v", r.From, r.To, r.Reached)
	}
	if r.Offered != 50 || r.Committed != 50 || r.Seconds() != 0.5 {
		t.Errorf("%d offered, %d committed in %v s", r.Offered, r.Committed, r.Seconds())
	}
	sum := 0.0
	for _, b := range r.Batches {
		sum += b
	}
	if mean := sum / batchCount; mean < 99.9 || mean > 100.1 {
		t.Errorf("batches have %v a second on average, expected 100", mean)
	}
	if r.Quantile(0.99) != 5*time.Millisecond || r.Mean() != 5*time.Millisecond {
		t.Errorf("p99 %v, mean %v", r.Quantile(0.99), r.Mean())
	}
	// A warm-up that leaves nothing.
	if r := s.Steady(Warmup{Time: time.Hour}); r.Reached || r.Committed != 101 {
		t.Errorf("after a warm-up of an hour: reached %v, %d committed", r.Reached, r.Committed)
	}
	if r := s.Steady(Warmup{Auto: true}); !r.Reached || r.From != 0 {
		t.Errorf("without a transient: from %v, reached %v", r.From, r.Reached)
	}
}

// TestSteadyInstant: a run may take no virtual time.
func TestSteadyInstant(t *testing.T) {
	for _, w := range []Warmup{{}, {Auto: true}} {
		r := samplesOf(1, func(int) time.Duration { return 0 }, model.Committed).Steady(w)
		if r.Seconds() != 0 || r.Committed != 1 || len(r.Latencies) != 1 || r.Batches != [batchCount]float64{} {
			t.Errorf("%+v", r)
		}
	}
}

func TestSteadyAuto(t *testing.T) {
	slowStart := samplesOf(400, func(i int) time.Duration {
		return time.Duration(2+max(0, 60-i)+i%3) * time.Millisecond
	}, model.Committed)
	r := slowStart.Steady(Warmup{Auto: true})
	if from := time.Duration(r.From); !r.Reached || from < 400*time.Millisecond || from > time.Second {
		t.Errorf("a transient of 600 ms ends at %v, reached %v", from, r.Reached)
	}
	ramp := samplesOf(400, func(i int) time.Duration { return time.Duration(i+1) * time.Millisecond }, model.Committed)
	if r := ramp.Steady(Warmup{Auto: true}); r.Reached || r.From != 0 {
		t.Errorf("a ramp is steady from %v", r.From)
	}
	if r := (&Samples{}).Steady(Warmup{Auto: true}); r.Seconds() != 0 || r.Committed != 0 {
		t.Errorf("of nothing: %+v", r)
	}
	aborted := samplesOf(50, func(int) time.Duration { return time.Millisecond }, model.Aborted)
	if r := aborted.Steady(Warmup{Auto: true}); r.Committed != 0 || r.Aborted[0] == 0 {
		t.Errorf("of aborts: %+v", r)
	}
}

// TestSteadyOverload: what an open loop offers does not depend on how long it takes to
// deal with it.
func TestSteadyOverload(t *testing.T) {
	for _, c := range []struct {
		txn                *model.Transaction
		to                 time.Duration
		offered, committed int
	}{{openLoop, 99 * time.Millisecond, 100, 24}, {closedLoop, 400 * time.Millisecond, 100, 100}} {
		s := &Samples{}
		for i := range 100 {
			s.Record(&model.Event{Kind: model.Submitted, At: sim.Time(i) * sim.Time(time.Millisecond), Txn: c.txn})
		}
		for i := range 100 { // four times as slow
			at := sim.Time(i+1) * sim.Time(4*time.Millisecond)
			s.Record(&model.Event{Kind: model.Answered, Final: true, Outcome: model.Committed, At: at, Latency: at.Sub(sim.Time(i) * sim.Time(time.Millisecond))})
		}
		r := s.Steady(Warmup{Auto: true})
		if r.Reached || r.From != 0 || r.To != sim.Time(c.to) || r.Offered != c.offered || r.Committed != c.committed {
			t.Errorf("reached %v, %v to %v, %d offered, %d committed", r.Reached, r.From, r.To, r.Offered, r.Committed)
		}
		if len(r.Latencies) != 100 || r.Quantile(1) != 301*time.Millisecond {
			t.Errorf("%d latencies up to %v: the slow ones are left out", len(r.Latencies), r.Quantile(1))
		}
	}
}

// TestSteadyFlow: an open loop is steady while answers keep up with submissions, to a tenth.
func TestSteadyFlow(t *testing.T) {
	for every, want := range map[time.Duration]bool{1000 * time.Microsecond: true, 1050 * time.Microsecond: true, 1150 * time.Microsecond: false} {
		s := &Samples{}
		for i := range 1000 {
			s.Record(&model.Event{Kind: model.Submitted, At: sim.Time(i) * sim.Time(time.Millisecond), Txn: openLoop})
			at := sim.Time(0).Add(time.Duration(i+1) * every)
			s.Record(&model.Event{Kind: model.Answered, Final: true, Outcome: model.Committed, At: at, Latency: at.Sub(sim.Time(i) * sim.Time(time.Millisecond))})
		}
		if r := s.Steady(Warmup{}); r.Reached != want {
			t.Errorf("an answer every %v: %d submitted, %d answered, steady %v", every, r.Offered, r.Answered, r.Reached)
		}
	}
}

// TestSteadyShort: until each client of a closed loop has had some answers, only the fast
// ones are in.
func TestSteadyShort(t *testing.T) {
	const clients = 10
	for n, want := range map[int]bool{clients + 1: false, 6*clients - 1: false, 6 * clients: true} {
		s := &Samples{}
		for i := range n { // all begin at once; then each takes 10 ms, one a millisecond
			at := sim.Time(max(i-clients+1, 0)) * sim.Time(time.Millisecond)
			if i >= clients {
				s.Record(&model.Event{Kind: model.Answered, Final: true, Outcome: model.Committed, At: at, Latency: 10 * time.Millisecond})
			}
			s.Record(&model.Event{Kind: model.Submitted, At: at, Txn: closedLoop})
		}
		for i := range clients {
			s.Record(&model.Event{Kind: model.Answered, Final: true, Outcome: model.Committed,
				At: sim.Time(n-clients+1+i) * sim.Time(time.Millisecond), Latency: 10 * time.Millisecond})
		}
		if r := s.Steady(Warmup{Auto: true}); r.Reached != want {
			t.Errorf("%d transactions of %d clients: steady %v, want %v", n, clients, r.Reached, want)
		}
	}
}

// TestSteadyBalance: clients that think for equally long keep in step, and a window may have
// the answers of a round without the next submissions, or not the clients that there are.
func TestSteadyBalance(t *testing.T) {
	const clients, rounds = 100, 6
	for _, c := range []struct {
		name    string
		slower  time.Duration // each client than the one before
		think   time.Duration // as the samples are told; they think for a second
		reached bool
	}{
		{"in step", time.Microsecond, time.Second, true},
		{"so far apart that of the sixth round most are answered", 2 * time.Millisecond, time.Second, false},
		{"fewer than there are by Little's law", time.Microsecond, 850 * time.Millisecond, false},
		{"not much fewer", time.Microsecond, 950 * time.Millisecond, true},
	} {
		var events []model.Event
		for i := range clients * rounds {
			latency := time.Millisecond + time.Duration(i%clients)*c.slower
			at := sim.Time(i/clients) * sim.Time(time.Second+latency)
			events = append(events, model.Event{Kind: model.Submitted, At: at, Txn: closedLoop},
				model.Event{Kind: model.Answered, Final: true, Outcome: model.Committed, At: at.Add(latency), Latency: latency})
		}
		slices.SortStableFunc(events, func(a, b model.Event) int { return cmp.Compare(a.At, b.At) })
		s := &Samples{}
		for i := range events {
			s.Record(&events[i])
		}
		r := s.Steady(Warmup{Clients: clients, Think: c.think})
		if r.Reached != c.reached || !r.Reached && r.Answered != clients*rounds {
			t.Errorf("%s: steady %v, %d submissions and %d answers", c.name, r.Reached, r.Offered, r.Answered)
		}
	}
	half := Steady{To: sim.Time(time.Second), Offered: 50, Answered: 50, UnderWay: 50} // 50 think
	for n, want := range map[int]bool{100: true, 50: false, 150: false} {
		if got := half.balanced(Warmup{Clients: n, Think: time.Second}); got != want {
			t.Errorf("50 of %d clients wait, and 50 think: balanced %v", n, got)
		}
	}
	for n, want := range map[int]bool{clients: true, 2 * clients: false} { // too few answers for each
		s := samplesOf(5*clients+1, func(int) time.Duration { return time.Millisecond }, model.Committed)
		if r := s.Steady(Warmup{Clients: n}); r.Reached != want {
			t.Errorf("%d clients with %d answers: steady %v", n, r.Answered, r.Reached)
		}
	}
}

// TestSteadyFault: a planned fault is not warm-up, and what takes half of the time is
// none either, however few commits there were.
func TestSteadyFault(t *testing.T) {
	s := &Samples{}
	at := sim.Time(0)
	for i := range 400 { // 10 ms each, but for an outage of a second around the fiftieth
		s.Record(&model.Event{Kind: model.Submitted, At: at, Txn: closedLoop})
		d := 10 * time.Millisecond
		if i == 50 {
			d = time.Second
		}
		at = at.Add(d)
		s.Record(&model.Event{Kind: model.Answered, Final: true, Outcome: model.Committed, At: at, Latency: d})
	}
	if r := s.Steady(Warmup{Auto: true}); !r.Reached || r.From < sim.Time(1500*time.Millisecond) {
		t.Errorf("an outage that nobody has planned: from %v, reached %v", r.From, r.Reached)
	}
	if r := s.Steady(Warmup{Auto: true, Fault: 500 * time.Millisecond}); !r.Reached || r.From != sim.Time(500*time.Millisecond)-1 || r.Quantile(1) != time.Second {
		t.Errorf("a planned outage: from %v, reached %v, the longest latency %v", r.From, r.Reached, r.Quantile(1))
	}
	s.submitted, s.ended = s.submitted[:160], s.ended[:160] // 2.6 s, of which the outage ends at 1.5 s
	if r := s.Steady(Warmup{Auto: true}); r.Reached || r.From != 0 {
		t.Errorf("more than half of the time: from %v, reached %v", r.From, r.Reached)
	}
}

// TestSteadyCut: what MSER-5 cuts is not counted.
func TestSteadyCut(t *testing.T) {
	s := samplesOf(400, func(i int) time.Duration {
		return time.Duration(2+max(0, 60-i)+i%3) * time.Millisecond
	}, model.Committed)
	r := s.Steady(Warmup{Auto: true})
	if r.Committed%5 != 4 { // of 400, of which the last comes in the drain, and 5 n are cut
		t.Errorf("%d committed in the window", r.Committed)
	}
}

func TestQuantileRank(t *testing.T) {
	r := Steady{Latencies: []time.Duration{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}}
	for q, want := range map[float64]time.Duration{0: 1, 0.1: 1, 0.5: 5, 0.51: 6, 0.9: 9, 0.99: 10, 1: 10} {
		if got := r.Quantile(q); got != want {
			t.Errorf("quantile %v: %v, expected %v", q, got, want)
		}
	}
}
