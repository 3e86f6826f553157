package scenarios

import (
	"regexp"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// TestLogOfLocks: with all, the log says who waits for a lock and for whom, who is granted one,
// and who is refused one, be it for the sake of one that waits itself; without, and where traces
// are compared, it does not, and what it says is no part of the trace.
func TestLogOfLocks(t *testing.T) {
	const file = `transactions.inline=["t1 @0ms: w0 read p; w1 write x = 1", "t2 @100us: w0 read p; w1 write x = 2",
		"t3 @200us: w1 write x = 3; w0 write r = 3; w0 read s; w0 read r"]`
	const all = `
0.003000000  w1        waits      t1      for t3 on x
0.003100000  w1        refused    t2      on x, for which t1 waits
0.013200000  w1        granted    t1      lock on x
0.013604212  w1        refused    t2#2    on x, which t1 has locked
`
	line := regexp.MustCompile(`(?m)^\S+  w1 +(waits|granted|refused) .*\n`)
	hashes := map[uint64]bool{}
	for _, c := range []struct {
		all, each, unchecked bool
		want                 string
	}{{all: true, want: all[1:]}, {all: true, unchecked: true, want: all[1:]}, {}, {all: true, each: true}} {
		var b strings.Builder
		log := NewLog(&b, Text, c.all, false)
		if c.each {
			log.each = func(_ *sim.Record[model.Message], line string) { b.WriteString(line + "\n") }
		}
		r := runWith(t, Default(), Options{Seed: 1, Log: log, Unchecked: c.unchecked}, "workers=2", "execution=interactive", "network.delay=1ms", "disk.sync=1ms", "timeouts.prepare=500ms", file)
		if err := log.Flush(); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(line.FindAllString(b.String(), -1), ""); got != c.want {
			t.Errorf("%+v: got\n%s", c, got)
		}
		hashes[r.Hash] = true
	}
	if len(hashes) != 1 {
		t.Errorf("%d traces", len(hashes))
	}
}
