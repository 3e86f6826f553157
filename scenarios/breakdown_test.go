package scenarios

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/analysis/results"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// runWith runs a scenario with these parameters, "path=value" each.
func runWith(t *testing.T, s *Scenario, o Options, settings ...string) *Result {
	t.Helper()
	if err := s.Apply(settings...); err != nil {
		t.Fatal(err)
	}
	job := openJob(t, s)
	r, err := job.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestSpans: what a commit's latency was spent on, in cases that can be counted by
// hand. A message takes 1 ms and a sync 2 ms.
func TestSpans(t *testing.T) {
	const two = `transactions.inline=["t1: w0 write a = 1; w1 write b = 2"]`
	for _, c := range []struct {
		name string
		set  []string
		want string
	}{
		{"presumed abort: two delays and two syncs", []string{two}, "network 2ms, sync 4ms"},
		{"a sync of the coordinator more", []string{two, "protocol=presumed-commit"}, "network 2ms, sync 6ms"},
		{"one worker alone decides", []string{`transactions.inline=["t1: w0 write a = 1"]`}, "network 2ms, sync 2ms"},
		{"a round trip for each operation, and one to prepare", []string{two, "execution=interactive"}, "network 6ms, sync 4ms"},
		{"services of the request, a prepare and the vote, which waits for the other vote",
			[]string{two, "cpu.message=100us"}, "queue 100µs, cpu 300µs, network 2ms, sync 4ms"},
		// 19 requests reach the one core of w0 at once. Each is served for 1 ms, logs, which
		// takes no time, and waits for the core again before it can answer.
		{"a core that is waited for twice, and a log that is not", []string{"workers=1", "coordinators=19", "clients=19", "transactions=19",
			"workload.operations=1", "workload.reads=0", "workload.workers=1", "workload.keys=1000000", "disk.sync=0s", "cpu.operation=1ms", "network.delay=0s"}, "queue 18ms, cpu 1ms"},
		{"two workers share a log device", []string{two, "hosts=1"}, "network 2ms, sync 6ms"},
		{"a copy of what it waits to answer tells a worker nothing new", []string{`transactions.inline=["t1: w0 write a = 1"]`,
			"until=1s", `faults=["duplicate commit-one C0→w0 #1"]`}, "network 2ms, sync 2ms"},
		{"nor does a copy of what it has answered, at 3 ms", []string{`transactions.inline=["t1: w0 write a = 1"]`,
			"until=1s", `faults=["duplicate commit-one C0→w0 #1 late by 2500us"]`}, "network 2ms, sync 2ms"},
		{"nor do copies of prepares", []string{two, "until=1s", `faults=["duplicate 100% prepare late by 2500us"]`}, "network 2ms, sync 4ms"},
		{"nor do copies of operations that have run, and of the prepare, whether they come before the next or after it",
			[]string{`transactions.inline=["t1: w0 read a; w1 read b; w0 write a = 1; w1 write b = 1"]`, "execution=interactive", "until=1s",
				`faults=["duplicate 100% execute late by 1800us", "duplicate 100% prepare late by 2500us"]`}, "network 10ms, sync 4ms"},
		{"nor does one that is sent again", []string{`transactions.inline=["t1: w0 write a = 1"]`,
			"disk.sync=30ms", "timeouts.prepare=20ms", "timeouts.answer=25ms"}, "network 2ms, sync 30ms"},
		{"a client that asks meanwhile", []string{two, "timeouts.answer=4ms"}, "network 2ms, sync 4ms"},
		{"clients at a distance", []string{two, "placement=separate"}, "network 4ms, sync 4ms"},
		{"an attempt that loses a vote is timed out and tried again",
			[]string{two, "retry.backoff=0s", "timeouts.prepare=20ms", "until=1s", `faults=["drop vote w1→C0 #1"]`}, "network 2ms, sync 4ms, retry 20ms"},
		{"a prepare that comes in a pause, at 1 ms, and waits for no core", []string{two, "until=1s", `faults=["pause w0 at 500us for 5500us"]`},
			"network 2ms, sync 4ms, retry 5ms"},
		// From 2 ms on w0 serves the prepare, to 4 ms, and syncs its record, to 6 ms.
		{"pauses within a service and beyond a sync", []string{two, "until=1s", "cpu.message=1ms", `faults=["pause w0 at 2500us for 1ms", "pause w0 at 4500us for 3ms"]`},
			"cpu 3ms, network 2ms, sync 4ms, retry 2.5ms"},
		// Both prepares come at 2 ms; that of w1 is served to 3 ms and synced to 5 ms.
		{"a core and a device that are waited for behind a pause", []string{two, "until=1s", "cpu.message=1ms", "workers=2", "hosts=1", `faults=["pause w0 at 0s for 2500us"]`},
			"queue 500µs, cpu 3ms, network 2ms, sync 5ms, retry 500µs"},
		// The lock is taken when t2's prepare comes, at 1.1 ms, and given up when its
		// commit does, at 7.1 ms. The prepare of t1 comes at 3 ms. Its record shares
		// the sync of that commit.
		{"the older waits for a lock", []string{"clients=0", `faults=["delay prepare C0→w0 #1 by 2ms"]`,
			`transactions.inline=["t1 @0ms: w0 write a = 1; w1 write b = 2", "t2 @100us: w0 write a = 3; w2 write c = 4"]`},
			"network 4ms, lock 4.1ms, sync 4ms"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := runWith(t, Default(), Options{Seed: 1, Spent: true}, append([]string{"network.delay=1ms", "disk.sync=2ms"}, c.set...)...)
			if r.Verdict != analysis.Valid {
				t.Fatal(r.Findings)
			}
			first := r.spans.Means(0, sim.Never)
			if first.Commits == 2 { // the one that counts is submitted first, and answered last
				first = r.spans.Means(0, sim.Time(50*time.Microsecond))
			}
			if got := spansText(first.Spent); got != c.want {
				t.Errorf("%s, expected %s", got, c.want)
			}
			if waited, all := first.Spent[analysis.SpanLock], r.spans.LockWaits(r.Now); all != float64(waited) {
				t.Errorf("locks were waited for %v in all, and %v on the way", time.Duration(all), waited)
			}
		})
	}
}

func spansText(spent [analysis.Spans]time.Duration) string {
	var words []string
	for s, d := range spent {
		if d != 0 {
			words = append(words, fmt.Sprint(analysis.SpanNames[s], " ", d))
		}
	}
	return strings.Join(words, ", ")
}

// TestSpansAddUp: in every scenario of the library, no part is negative and all
// parts together are the mean latency.
func TestSpansAddUp(t *testing.T) {
	for _, e := range Library() {
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			s := loaded(t, e.Name)
			s.Transactions.Count = min(s.Transactions.Count, 500)
			r := runWith(t, s, Options{Seed: 3, Spent: true, samples: true})
			steady := r.samples.Steady(analysis.Warmup{})
			m := r.spans.Means(steady.From, steady.To)
			if m.Commits != len(steady.Latencies) || m.Commits == 0 {
				t.Fatalf("%d commits followed of %d", m.Commits, len(steady.Latencies))
			}
			sum := time.Duration(0)
			for s, d := range m.Spent {
				if sum += d; d < 0 {
					t.Errorf("%s %v", analysis.SpanNames[s], d)
				}
			}
			if diff := sum - steady.Mean(); diff.Abs() > time.Microsecond {
				t.Errorf("%s is %v, of a mean of %v", spansText(m.Spent), sum, steady.Mean())
			}
		})
	}
}

// TestSpansOfHost: where nobody waits for a lock, who waits behind a record waits for the cores
// of its host, which serve other nodes too.
func TestSpansOfHost(t *testing.T) {
	r := runWith(t, Default(), Options{Seed: 1, Spent: true}, "concurrency=no-wait", "hosts=1", "workers=8", "clients=32", "transactions=500",
		"cpu={cores: 1, message: 200us}", "network.delay=100us", "disk.sync=1ms")
	if m := r.spans.Means(0, sim.Never); m.Commits == 0 || m.Spent[analysis.SpanLock] != 0 || m.Spent[analysis.SpanQueue] < time.Millisecond {
		t.Errorf("%d commits: %s", m.Commits, spansText(m.Spent))
	}
}

// TestSpansOfFew: a fault that holds up a few of many transactions changes nothing in what
// the others spend, and all that it costs is found: a sample of 625 has 0.05 ms of retry,
// and with that scaled to the mean of all 1.32 ms of network and 2.63 ms of sync.
func TestSpansOfFew(t *testing.T) {
	t.Parallel()
	s := loaded(t, "partition")
	r := runWith(t, s, Options{Seed: 1, Spent: true, samples: true}, "transactions=20000")
	steady := r.samples.Steady(analysis.Warmup{})
	f, sum := r.figures(&steady), 0.0
	for span := range analysis.Spans {
		sum += f[results.SpanMetric(span)]
	}
	if math.Abs(sum-f["latency.mean"]) > 1e-5 {
		t.Errorf("parts sum up to %v ms, the mean is %v", sum, f["latency.mean"])
	}
	for span, want := range map[analysis.Span]float64{analysis.SpanNetwork: 1.196, analysis.SpanSync: 2.383, analysis.SpanRetry: 0.381} {
		if got := f[results.SpanMetric(span)]; math.Abs(got-want) > 0.005 {
			t.Errorf("%s %v ms, expected %v", analysis.SpanNames[span], got, want)
		}
	}
}

// TestSpansWound: that an older transaction wounds another is no step of the wounded one. At
// w0 t1 waits for the lock of t2 from 0.4 to 2.45 ms, and t2 for its log.
func TestSpansWound(t *testing.T) {
	r := runWith(t, Default(), Options{Seed: 1, Spent: true}, "network.delay=100us", "disk.sync=1ms", "concurrency=wound-wait", "clients=0", "until=1s",
		`transactions.inline=["t1 @0s: w0 write x = 1; w1 write y = 1", "t2 @100us: w0 write x = 2; w2 write z = 2"]`,
		`faults=["delay prepare C0→w0 #1 by 300us", "delay prepare C0→w0 #2 by 50us", "delay wound w0→C0 #1 by 5ms"]`)
	m := r.spans.Means(0, sim.Never)
	if got, want, all := spansText(m.Spent), "network 375µs, lock 1.025ms, sync 2ms", r.spans.LockWaits(r.Now); r.Struck[2].Times != 1 || got != want || all != 2.05e6 {
		t.Errorf("wounded %d times: %s, all locks %v; expected %s", r.Struck[2].Times, got, time.Duration(all), want)
	}
}

// waitCount adds up for how long workers wait for locks: it counts how many do when time has
// passed, before the step that is then.
type waitCount struct {
	cluster *model.Cluster
	at      sim.Time
	sum     time.Duration
}

func (c *waitCount) Trace(r *sim.Record[model.Message]) {
	passed := r.At.Sub(c.at)
	if c.at = r.At; passed == 0 {
		return
	}
	for _, n := range c.cluster.Workers {
		w, up := c.cluster.World.Node(n).(model.Resident)
		if !up {
			continue
		}
		for _, x := range w.Residue() {
			if strings.HasPrefix(x.State, "waits for a lock") {
				c.sum += passed
			}
		}
	}
}

// TestLocks: the figure holds all waits for locks, also those that an abort or a crash ends,
// or that have no end, and those of transactions that are not committed in the end.
func TestLocks(t *testing.T) {
	for _, c := range []struct {
		name string
		set  []string
	}{
		{"hot-key", []string{"transactions=150", "concurrency=wound-wait", "timeouts.prepare=8ms", "retry.attempts=200"}},
		{"ycsb", []string{"transactions=150", "concurrency=wound-wait", "workload.keys=50", "retry.attempts=200"}},
		{"bank", []string{"transactions=200", "execution=batched", "workload.keys=3", "retry.attempts=2"}},
		{"crashes", []string{"transactions=200", "retry.attempts=3"}},
		{"crashes", []string{"transactions=200", "workload.keys=20", "concurrency=wound-wait", `faults=["crash w3 after lock #20 for 5ms", "crash w5 before lock #30 for 5ms"]`}},
		{"open-loop", []string{"transactions=200", "arrivals.rate=30000/s", "workload.keys=20", "concurrency=wound-wait", "until=10ms"}},
		{"lossy", []string{"transactions=100", "execution=interactive", "concurrency=no-wait"}},
		{"lossy", []string{"transactions=100", "execution=interactive", "concurrency=wait-die"}},
	} {
		s := loaded(t, c.name)
		var count waitCount
		r := runWith(t, s, Options{Seed: 3, Spent: true, samples: true, Tracer: &count, attach: func(k *model.Cluster, _ sim.Injector) { count.cluster = k }}, c.set...)
		steady := r.samples.Steady(analysis.Warmup{})
		n := r.Metrics.Committed()
		got, want := r.figures(&steady)["locks"]*float64(n), float64(count.sum)/1e6
		if math.Abs(got-want) > 1e-5 || n == 0 || (want == 0) != slices.Contains(c.set, "concurrency=no-wait") {
			t.Errorf("%s %v: all waits for locks last %.6f ms, by count %.6f ms; %d commits of %d", c.name, c.set, got, want, n, r.Metrics.Submitted)
		}
	}
}
