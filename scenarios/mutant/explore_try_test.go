package mutant

import (
	"fmt"
	"testing"
	"time"
	"strings"
	"context"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios"
)

func TestTry(t *testing.T) {
	cases := []struct{ name, txns, faults string }{
		{"one", "t1: w0 write x = 1; w1 write y = 1", "timeout=1"},
		{"one crash", "t1: w0 write x = 1; w1 write y = 1", "crash=1,timeout=1"},
		{"one drop dup", "t1: w0 write x = 1; w1 write y = 1", "drop=1,duplicate=1,timeout=1"},
		{"single", "t1: w0 write x = 1; w0 read x\nt2: w0 read x; w0 write x = 2", "timeout=1,duplicate=1,drop=1"},
		{"two ww", "t1: w0 write x = 1; w1 write y = 1\nt2: w0 write x = 2; w1 write y = 2", "timeout=0"},
		{"two wr", "t1: w0 write x = 1; w1 write y = 1\nt2: w0 read x; w1 read y", "timeout=0"},
		{"two skew", "t1: w0 read x; w1 write y = 1\nt2: w0 write x = 2; w1 read y", "timeout=0"},
		{"two rmw", "t1: w0 read x; w0 write x = 1; w1 write y = 1\nt2: w0 read x; w0 write x = 2; w1 write z = 2", "timeout=0"},
		{"two ww 1", "t1: w0 write x = 1; w1 write y = 1\nt2: w0 write x = 2; w1 write y = 2", "timeout=1"},
		{"two wr dup", "t1: w0 write x = 1; w1 write y = 1\nt2: w0 read x; w1 read y", "timeout=1,duplicate=1"},
		{"two ww crash", "t1: w0 write x = 1; w1 write y = 1\nt2: w0 write x = 2; w1 write y = 2", "crash=1,timeout=0"},
		{"two wr crash", "t1: w0 write x = 1; w1 write y = 1\nt2: w0 read x; w1 read y", "crash=1,timeout=0"},
		{"one crash2", "t1: w0 write x = 1; w1 write y = 1", "crash=2,timeout=1"},
	}
	found := 0
	for _, m := range All() {
		if testing.Short() { break }
		begin := time.Now()
		line := ""
		for _, c := range cases {
			s := m.Scenario()
			s.Faults = nil
			s.Transactions = scenarios.Transactions{Inline: strings.Split(c.txns, "\n")}
			s.Arrivals = scenarios.Default().Arrivals
			s.Clients = 4
			if err := s.Set("schedule", "exhaustive:"+c.faults); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 6*time.Second)
			x, err := scenarios.Explore(ctx, s, []model.Protocol{m.Protocol}, scenarios.ExploreOptions{States: 20000})
			cancel()
			if err != nil {
				line += fmt.Sprintf(" [%s: %v]", c.name, err)
				continue
			}
			if len(x.Findings) > 0 {
				ok := m.Expects(x.Findings[0])
				line = fmt.Sprintf("%s: %d states, %d steps, %s expected=%v %s", c.name, x.Distinct, len(x.Way), x.Findings[0].Fingerprint(), ok, line)
				found++
				break
			}
		}
		t.Logf("%-28s %.1fs %s", m.Name, time.Since(begin).Seconds(), line)
	}
	t.Log(found)
}
