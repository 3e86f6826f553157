package analysis_test

import (
	"fmt"
	"math"
	"os"
	"testing"
	"time"

	"github.com/seed83d86191/txsim/analysis/stats"
	"github.com/seed83d86191/txsim/sim"
)

// queue is a source of Poisson arrivals and a node that serves them with cores of
// one queue, for exponential times: M/M/c. A message costs its Ops, 1 ns each.
type queue struct {
	env     *sim.Env[struct{}]
	server  sim.NodeID
	between sim.Dist
	service sim.Dist
	left    int
	waits   []float64 // of messages, in seconds
}

func (q *queue) Start() { q.next() }

func (q *queue) next() {
	if q.left--; q.left >= 0 {
		q.env.SetTimer(q.between.Sample(q.env.Draw("arrivals", 0, uint64(q.left))), 0)
	}
}

func (q *queue) Fired(uint64) {
	service := q.service.Sample(q.env.Draw("service", 0, uint64(q.left)))
	q.env.Send(q.server, sim.Mail{Kind: 1, Label: sim.Label(q.left), Ops: int32(service)}, struct{}{})
	q.next()
}

func (q *queue) Receive(sim.NodeID, sim.Mail, *struct{}) {}
func (q *queue) Synced(sim.LSN)                          {}
func (q *queue) Recover(sim.Recovery)                    {}

// Trace implements sim.Tracer.
func (q *queue) Trace(r *sim.Record[struct{}]) {
	if r.Op == sim.TraceDeliver {
		q.waits = append(q.waits, (r.At.Sub(r.Arrived) - r.Service).Seconds())
	}
}

const serviceMean = time.Millisecond

// waitsOf runs M/M/c until n have been served.
func waitsOf(t *testing.T, seed uint64, cores, n int, utilisation float64) []float64 {
	t.Helper()
	between := time.Duration(float64(serviceMean) / utilisation / float64(cores))
	q := &queue{left: n, between: distOf(t, fmt.Sprintf("exp(%s)", between)), service: distOf(t, fmt.Sprintf("exp(%s)", serviceMean))}
	w := sim.New(sim.Config[struct{}]{
		Seed: seed, Tracer: q, CPU: sim.CPU{Cores: cores, Operation: 1},
		Limits: sim.Limits{Time: math.MaxInt64},
	})
	q.server = w.AddNode("server", func(*sim.Env[struct{}]) sim.Node[struct{}] { return &sink{} })
	w.AddNode("source", func(env *sim.Env[struct{}]) sim.Node[struct{}] { q.env = env; return q }, sim.Immortal[struct{}]())
	if s := w.Run(t.Context()); s != sim.Quiet {
		t.Fatal(s)
	}
	return q.waits
}

type sink struct{}

func (sink) Start()                                  {}
func (sink) Receive(sim.NodeID, sim.Mail, *struct{}) {}
func (sink) Fired(uint64)                            {}
func (sink) Synced(sim.LSN)                          {}
func (sink) Recover(sim.Recovery)                    {}

func distOf(t *testing.T, text string) sim.Dist {
	t.Helper()
	d, err := sim.ParseDist(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// erlangWait is the mean wait of M/M/c, in seconds: Erlang's C formula, by the
// recurrence of his B formula.
func erlangWait(cores int, utilisation float64) float64 {
	load, b := utilisation*float64(cores), 1.0
	for k := 1; k <= cores; k++ {
		b = load * b / (float64(k) + load*b)
	}
	c := b / (1 - utilisation*(1-b))
	return c * serviceMean.Seconds() / (float64(cores) * (1 - utilisation))
}

// coverage is how many of 20 seeds have an interval of the mean wait, from batch
// means behind a warm-up, that covers the closed form for a utilisation.
func coverage(t *testing.T, cores, n int, utilisation, formula float64) int {
	t.Helper()
	const batches = 20
	covered := 0
	for seed := uint64(1); seed <= 20; seed++ {
		waits := waitsOf(t, seed, cores, n, utilisation)
		waits = waits[n/10:]
		var means []float64
		for i := range batches {
			part := waits[i*len(waits)/batches : (i+1)*len(waits)/batches]
			sum := 0.0
			for _, x := range part {
				sum += x
			}
			means = append(means, sum/float64(len(part)))
		}
		if i := stats.Mean(means); i.Low <= erlangWait(cores, formula) && erlangWait(cores, formula) <= i.High {
			covered++
		}
	}
	return covered
}

// TestQueues holds the kernel's cores against queueing theory: the intervals at
// 95 % of at least 16 of 20 seeds cover the mean wait of M/M/1 and of M/M/4.
func TestQueues(t *testing.T) {
	longer := 1
	if os.Getenv("TXSIM_LONG") != "" {
		longer = 20
	}
	for _, c := range []struct {
		cores, n    int
		utilisation float64
	}{
		{1, 20000, 0.5}, {1, 100000, 0.8}, {1, 250000, 0.95},
		{4, 20000, 0.5}, {4, 100000, 0.8}, {4, 250000, 0.95},
	} {
		t.Run(fmt.Sprintf("M/M/%d at %v", c.cores, c.utilisation), func(t *testing.T) {
			t.Parallel()
			covered := coverage(t, c.cores, c.n*longer, c.utilisation, c.utilisation)
			t.Logf("%d of 20 intervals cover %.3f ms", covered, 1000*erlangWait(c.cores, c.utilisation))
			if covered < 16 {
				t.Errorf("%d of 20 intervals cover the mean wait, expected 16 at least", covered)
			}
		})
	}
	t.Run("a formula that is off", func(t *testing.T) {
		t.Parallel()
		if covered := coverage(t, 4, 60000, 0.8, 0.83); covered >= 16 {
			t.Errorf("%d of 20 intervals cover the wait at a utilisation that is not theirs", covered)
		}
	})
}

func TestErlangWait(t *testing.T) {
	for _, c := range []struct {
		cores       int
		utilisation float64
		want        float64 // in services
	}{
		{1, 0.5, 1}, {1, 0.8, 4}, {1, 0.95, 19}, // rho/(1-rho)
		{2, 0.5, 1.0 / 3}, // rho²/(1-rho²)
	} {
		if got := erlangWait(c.cores, c.utilisation) / serviceMean.Seconds(); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("M/M/%d at %v: %v, expected %v", c.cores, c.utilisation, got, c.want)
		}
	}
}
