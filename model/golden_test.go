package model

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/seed83d86191/txsim/sim"
)

var update = flag.Bool("update", false, "rewrite the golden transcripts")

// golden is a short run that is written down.
type golden struct {
	name     string
	why      string
	protocol string
	policy   Concurrency // default wait-die
	mode     Execution
	txns     []string
	strikes  []strikeAt
	set      func(c *Config)
	plan     func(l *lab) // faults at given times
	faults   string       // what plan does, in words
	arrivals bool         // show what arrives at workers
	shows    string       // what the transcript must match, with the first seed that makes it
	seed     uint64
}

// TestGolden holds runs against their transcripts in testdata. After a change
// that is meant, read the difference and run
//
//	go test ./model -run Golden -update
func TestGolden(t *testing.T) {
	for _, g := range goldens() {
		t.Run(g.name, func(t *testing.T) {
			got := g.transcript(t)
			for shown := regexp.MustCompile(g.shows); !shown.MatchString(got); {
				if g.seed++; g.seed > 10000 {
					t.Fatal("no seed shows it")
				}
				got = g.transcript(t)
			}
			file := filepath.Join("testdata", g.name+".txt")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("%s\n%s\nif that is meant: go test ./model -run Golden -update", file, firstDifference(string(want), got))
			}
		})
	}
}

func firstDifference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := 0; i < len(w) || i < len(g); i++ {
		switch {
		case i >= len(w):
			return fmt.Sprintf("line %d is new: %s", i+1, g[i])
		case i >= len(g):
			return fmt.Sprintf("line %d is missing: %s", i+1, w[i])
		case w[i] != g[i]:
			return fmt.Sprintf("line %d:\nwant %s\ngot  %s", i+1, w[i], g[i])
		}
	}
	return ""
}

func (g *golden) transcript(t *testing.T) string {
	cfg := labConfig()
	cfg.Execution = g.mode
	cfg.Seed += g.seed
	cfg.Protocol = protocolNamed("presumed-abort")
	if g.protocol != "" {
		cfg.Protocol = protocolNamed(g.protocol)
	}
	if g.policy != nil {
		cfg.Concurrency = g.policy
	}
	if g.set != nil {
		g.set(&cfg)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n", g.why)
	fmt.Fprintf(&b, "#\n# %s, %s, %s; delay %s, sync %s\n", cfg.Protocol.Name(), cfg.Concurrency.Name(), cfg.Execution,
		cfg.Network.Delay, cfg.Disk.Sync)
	for i, line := range g.txns {
		fmt.Fprintf(&b, "# t%d: %s\n", i+1, line)
	}
	for i := range g.strikes {
		fmt.Fprintf(&b, "# fault: %s\n", &g.strikes[i])
	}
	if g.faults != "" {
		fmt.Fprintf(&b, "# fault: %s\n", g.faults)
	}
	b.WriteByte('\n')
	l := newLab(cfg, script(g.txns...), g.strikes...)
	if g.plan != nil {
		g.plan(l)
	}
	l.seen = func(r *sim.Record[Message]) {
		if telling(l, r) || g.arrivals && r.Op == sim.TraceDeliver && r.Node >= l.Workers[0] && r.Node < l.Client {
			line := l.format.Line(r)
			b.Write(line.Append(nil))
		}
	}
	l.run(t)
	fmt.Fprintf(&b, "\n")
	l.Stored(func(it StoredItem) bool {
		value := fmt.Sprintf("%q", it.Value)
		if it.Deleted {
			value = "deleted"
		}
		fmt.Fprintf(&b, "stored  w%d %s = %s by %s\n", it.Worker, it.Key, value, l.format.Attempt(it.Version.Attempt))
		return true
	})
	return b.String()
}

// telling picks the records that tell the story: what coordinators send, what
// workers' messages say when they arrive, protocol records and when they are
// durable, what nodes say of themselves, and every fault.
func telling(l *lab, r *sim.Record[Message]) bool {
	coordinator := int(r.Node) < l.cfg.Coordinators
	client := r.Node == l.Client || r.Peer == l.Client
	switch r.Op {
	case sim.TraceSend:
		return coordinator && !client || r.Kind == KindAsk
	case sim.TraceDeliver:
		return coordinator && !client
	case sim.TraceAppend:
		audit := r.Kind == KindStart || r.Kind == KindPrepare || r.Kind == KindSuspect || r.Kind == KindRecover
		return !(coordinator && audit)
	case sim.TraceSync, sim.TraceTimer:
		return false
	}
	return true
}

const ms = time.Millisecond

func crash(d time.Duration) sim.Strike { return sim.Strike{Crash: true, For: d} }
func late(d time.Duration) sim.Strike  { return sim.Strike{Delay: d} }

func goldens() []golden {
	all := commitGoldens()
	all = append(all, crashGoldens()...)
	all = append(all, abortGoldens()...)
	all = append(all, lockGoldens()...)
	return append(all, messageGoldens()...)
}
