package model

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/seed83d86191/txsim/sim"
)

var (
	stressSeeds = flag.Int("seeds", 2, "seeds per combination of the stress test")
	stressFirst = flag.Uint64("seed", 0, "first seed of the stress test")
)

// stressRun is one random run: the configuration, the transactions and the
// faults all come from the seed.
type stressRun struct {
	*lab
	r *rand.Rand
	// wild crashes nodes at random boundaries of their steps.
	wild int
}

func newStress(seed uint64, p Protocol, cc Concurrency, ex Execution) *stressRun {
	return newStressIn(nil, seed, p, cc, ex)
}

func newStressIn(m *Memory, seed uint64, p Protocol, cc Concurrency, ex Execution) *stressRun {
	r := rand.New(rand.NewPCG(seed, 1))
	pick := func(all ...int) int { return all[r.IntN(len(all))] }
	ms := func(all ...int) time.Duration { return time.Duration(pick(all...)) * time.Millisecond }
	cfg := Config{Seed: seed, Protocol: p, Concurrency: cc, Execution: ex,
		Workers: 2 + r.IntN(7), Coordinators: 1 + r.IntN(3), Clients: pick(3, 10, 30),
		Timeouts:   Timeouts{ms(3, 10, 50), ms(4, 20, 100), ms(10, 100, 1000), ms(5, 50, 200)},
		Retry:      Retry{pick(1, 3, 10), 5 * time.Millisecond, 500 * time.Millisecond},
		Checkpoint: pick(64, 300, 1<<10, 1<<14),
		Network:    sim.Link{Delay: dist("lognormal(500us, 0.6)")}, Share: r.IntN(2) == 0,
		Disk:  sim.Disk{Sync: dist([]string{"100us", "1ms", "exp(1ms)"}[r.IntN(3)]), Torn: sim.ProbabilityOf(0.5)},
		Stuck: 20 * time.Second, Limits: sim.Limits{Events: 2_000_000}, Memory: m,
	}
	cfg.Network.Loss = sim.ProbabilityOf(float64(pick(0, 2, 10)) / 100)
	cfg.Network.Duplicate = sim.ProbabilityOf(float64(pick(0, 2, 10)) / 100)
	if r.IntN(3) == 0 {
		cfg.CPU = sim.CPU{Cores: 2, Message: 20 * time.Microsecond, Operation: 10 * time.Microsecond}
	}
	if r.IntN(4) == 0 {
		cfg.Resources = Resources{Staging: int64(pick(0, 20, 60)), Keys: pick(0, 2, 4)}
	}
	if r.IntN(4) == 0 {
		cfg.Disk.Capacity = int64(pick(1500, 4000))
	}
	cfg.Placement = Placement(seed % 3)
	cfg.FaultsEnd = time.Duration(300+r.IntN(1500)) * time.Millisecond
	s := &stressRun{r: r, lab: newLab(cfg, randomTxns(r, 120, cfg.Workers, pick(2, 6)))}
	s.wound()
	return s
}

func randomTxns(r *rand.Rand, n, workers, keys int) []*Transaction {
	var ts []*Transaction
	for i := 1; i <= n; i++ {
		t := &Transaction{ID: fmt.Sprint("t", i), Index: uint64(i), At: Unscheduled}
		kinds := 3
		if r.IntN(4) == 0 {
			kinds = 1 // reads only
		}
		for k := 1 + r.IntN(5); k > 0; k-- {
			t.Ops = append(t.Ops, Op{Kind: OpKind(r.IntN(kinds)), Worker: r.IntN(workers),
				Key: fmt.Sprint("k", r.IntN(keys)), Value: fmt.Sprint("v", i, ".", k)})
		}
		t.Compile()
		ts = append(ts, t)
	}
	return ts
}

// wound plans the faults: crashes and pauses at random times, partitions, and
// crashes at random boundaries within steps.
func (s *stressRun) wound() {
	r, nodes := s.r, s.cfg.Workers+s.cfg.Coordinators
	span := int64(s.cfg.FaultsEnd)
	for range r.IntN(60) {
		s.World.Crash(sim.Time(r.Int64N(span)), sim.NodeID(r.IntN(nodes)), time.Duration(r.Int64N(2e8)))
	}
	for range r.IntN(10) {
		s.World.Pause(sim.Time(r.Int64N(span)), sim.NodeID(r.IntN(nodes)), time.Duration(r.Int64N(2e8)))
	}
	for range r.IntN(4) {
		a, b := sim.NodeID(r.IntN(nodes)), sim.NodeID(r.IntN(nodes))
		s.World.Partition(sim.Time(r.Int64N(span)), []sim.NodeID{a}, []sim.NodeID{b}, r.IntN(2) == 0, time.Duration(r.Int64N(3e8)))
	}
	if s.wild = r.IntN(3) * 10; s.wild > 0 {
		s.World.Inject(s)
	}
	if r.IntN(3) == 0 {
		s.keepCopies().storm(r, 400, s.cfg.FaultsEnd)
	}
}

// At implements sim.Injector: now and then a crash, a long delay or a late
// duplicate at whatever boundary a node is.
func (s *stressRun) At(b *sim.Boundary) *sim.Strike {
	switch n := s.r.IntN(2000); {
	case n >= s.wild, b.Node == s.Client:
		return nil
	case n%3 == 0:
		return &sim.Strike{Crash: true, For: time.Duration(s.r.Int64N(5e7))}
	case b.Peer == s.Client: // no network between them
		return nil
	case n%3 == 1:
		return &sim.Strike{Delay: time.Duration(s.r.Int64N(1e8))}
	}
	return &sim.Strike{Duplicate: true, Delay: time.Duration(s.r.Int64N(5e7))}
}

// combinations calls f for every protocol, concurrency control and execution.
func combinations(f func(p Protocol, cc Concurrency, ex Execution)) {
	for _, p := range Protocols() {
		for _, cc := range Concurrencies() {
			for ex := OneShot; ex <= Interactive; ex++ {
				f(p, cc, ex)
			}
		}
	}
}

// TestStress holds random runs under crashes, pauses, partitions, losses,
// duplicates and torn tails against what must hold of every run: see lab.try.
// For more, go test ./model -run Stress -seeds 500.
func TestStress(t *testing.T) {
	combinations(func(p Protocol, cc Concurrency, ex Execution) {
		t.Run(strings.Join([]string{p.Name(), cc.Name(), ex.String()}, "/"), func(t *testing.T) {
			t.Parallel()
			for i := range uint64(*stressSeeds) {
				s := newStress(*stressFirst+i, p, cc, ex)
				if err := s.try(); err != nil {
					t.Errorf("%v\n\tgo test ./model -run 'Stress/%s/%s/%s$' -seeds 1 -seed %d", err, p.Name(), cc.Name(), ex, *stressFirst+i)
				}
			}
		})
	})
}
