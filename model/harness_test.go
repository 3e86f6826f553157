package model

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/seed83d86191/txsim/sim"
)

// dist parses a distribution that is known to be good.
func dist(s string) sim.Dist {
	d, err := sim.ParseDist(s)
	if err != nil {
		panic(err)
	}
	return d
}

// script makes transactions of lines such as "w0 read x; w1 write y = 1; w2
// delete z", submitted all at once; "@3ms " in front delays one.
func script(lines ...string) []*Transaction {
	var all []*Transaction
	for i, line := range lines {
		t := &Transaction{ID: "t" + strconv.Itoa(i+1), Index: uint64(i + 1)}
		if at, rest, ok := strings.Cut(line, " "); ok && at[0] == '@' {
			d, err := time.ParseDuration(at[1:])
			if err != nil {
				panic(err)
			}
			t.At, line = sim.Time(d), rest
		}
		for op := range strings.SplitSeq(line, ";") {
			t.Ops = append(t.Ops, parseOp(strings.Fields(op)))
		}
		t.Compile()
		all = append(all, t)
	}
	return all
}

func parseOp(f []string) Op {
	w, err := strconv.Atoi(f[0][1:])
	if err != nil {
		panic(err)
	}
	op := Op{Worker: w, Key: f[2]}
	switch f[1] {
	case "write":
		op.Kind, op.Value = Write, f[4]
	case "delete":
		op.Kind = Delete
	}
	return op
}

type sliceSource struct{ ts []*Transaction }

func (s *sliceSource) Next() (*Transaction, error) {
	if len(s.ts) == 0 {
		return nil, nil
	}
	t := s.ts[0]
	s.ts = s.ts[1:]
	return t, nil
}

// strikeAt is a fault at an exact boundary: the nth time (from 1; 0 is 1) that
// the node passes this point with this kind and, if given, this peer.
type strikeAt struct {
	node  string
	point sim.Point
	kind  sim.Kind
	peer  string
	nth   int
	do    sim.Strike
}

func (s *strikeAt) String() string {
	what := "nothing"
	switch d := &s.do; {
	case d.Crash && d.For == sim.Forever:
		what = "crash forever"
	case d.Crash:
		what = "crash for " + d.For.String()
	case d.Pause:
		what = "pause for " + d.For.String()
	case d.Drop:
		what = "drop"
	case d.Duplicate:
		what = "duplicate"
	case d.Delay > 0:
		what = "delay by " + d.Delay.String()
	}
	to := ""
	if s.peer != "" {
		to = "→" + s.peer
	}
	return fmt.Sprintf("%s%s %s %s #%d: %s", s.node, to, s.point, kindNames[s.kind], max(s.nth, 1), what)
}

// script of faults; it implements sim.Injector.
type strikes struct {
	world  *sim.World[Message]
	list   []strikeAt
	passed []int
	struck int
}

func (s *strikes) At(b *sim.Boundary) *sim.Strike {
	for i := range s.list {
		r := &s.list[i]
		if r.point != b.Point || r.kind != b.Kind || s.world.Name(b.Node) != r.node || r.peer != "" && s.world.Name(b.Peer) != r.peer {
			continue
		}
		if s.passed[i]++; s.passed[i] == max(r.nth, 1) {
			s.struck++
			return &r.do
		}
	}
	return nil
}

// lab is a cluster under test with everything that is observed of it.
type lab struct {
	*Cluster
	cfg    Config
	book   *book
	watch  *watcher
	lines  []string
	keep   bool
	format Formatter
	faults strikes
	seen   func(r *sim.Record[Message])
}

// labConfig is a cluster with a constant delay of 1 ms and a sync of 2 ms.
func labConfig() Config {
	return Config{
		Workers: 4, Coordinators: 1, Protocol: Protocols()[0], Concurrency: waitDie{},
		Timeouts: Timeouts{20 * time.Millisecond, 40 * time.Millisecond, 200 * time.Millisecond, 100 * time.Millisecond},
		Retry:    Retry{Attempts: 1, Backoff: 5 * time.Millisecond}, Checkpoint: 1 << 20,
		Network: sim.Link{Delay: dist("1ms")}, Disk: sim.Disk{Sync: dist("2ms")},
		FaultsEnd: time.Second, Stuck: 10 * time.Second, Limits: sim.Limits{Events: 2_000_000},
	}
}

// patient makes a cluster without timeouts, and without faults.
func patient(cfg Config) Config {
	cfg.FaultsEnd = 0
	cfg.Timeouts = Timeouts{sim.Forever, sim.Forever, sim.Forever, sim.Forever}
	return cfg
}

func newLab(cfg Config, ts []*Transaction, list ...strikeAt) *lab {
	l := &lab{cfg: cfg, book: newBook(), format: Formatter{Coordinators: cfg.Coordinators, Workers: cfg.Workers}}
	l.watch = newWatcher(cfg)
	cfg.Source, cfg.History, cfg.Tracer = &sliceSource{ts}, l.book, l
	l.Cluster = NewCluster(cfg)
	if len(list) > 0 {
		l.faults = strikes{world: l.World, list: list, passed: make([]int, len(list))}
		l.World.Inject(&l.faults)
	}
	return l
}

func (l *lab) Trace(r *sim.Record[Message]) {
	l.watch.trace(r)
	if l.keep {
		line := l.format.Line(r)
		l.lines = append(l.lines, string(line.Append(nil)))
	}
	if l.seen != nil {
		l.seen(r)
	}
}

// run runs to the end and checks all that holds of every run.
func (l *lab) run(t testing.TB) *lab {
	t.Helper()
	if err := l.try(); err != nil {
		t.Fatalf("%s %s %s seed %d: %v", l.cfg.Protocol.Name(), l.cfg.Concurrency.Name(), l.cfg.Execution, l.cfg.Seed, err)
	}
	return l
}

func (l *lab) try() error {
	end := l.Run(context.Background())
	open, _ := l.Residue()
	switch {
	case l.watch.err != nil:
		return l.watch.err
	case end.Status != sim.Quiet || end.Stuck || end.Err != nil:
		return fmt.Errorf("ended %+v, residue %v", end, open)
	case len(open) > 0:
		return fmt.Errorf("residue %v", open)
	case l.Tally().Open > 0:
		return fmt.Errorf("%d transactions have no final answer", l.Tally().Open)
	case len(l.faults.list) != l.faults.struck:
		return fmt.Errorf("%d of %d faults struck", l.faults.struck, len(l.faults.list))
	case l.recorder.unread.Records > 0:
		return fmt.Errorf("%d log records without sense", l.recorder.unread.Records)
	}
	return l.book.check(l.Cluster)
}

// worker returns the state machine of w<i>.
func (l *lab) worker(i int) *worker { return l.World.Node(l.Workers[i]).(*worker) }

// stored returns the values in the durable storage, by "w0/key".
func (l *lab) stored() map[string]string {
	m := map[string]string{}
	l.Stored(func(it StoredItem) bool {
		if !it.Deleted {
			m[fmt.Sprintf("w%d/%s", it.Worker, it.Key)] = it.Value
		}
		return true
	})
	return m
}

// answer returns the final answer to a transaction.
func (l *lab) answer(index uint64) Event { return l.book.final[index] }
