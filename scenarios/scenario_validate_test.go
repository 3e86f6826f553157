package scenarios

import (
	"strconv"
	"strings"
	"testing"
)

// TestValidateEdges: what is at a bound is taken, and what is beyond it refused, also if one
// who makes a scenario in Go gives more than a file can say.
func TestValidateEdges(t *testing.T) {
	for _, c := range []struct {
		change func(*Scenario)
		want   string
	}{
		{func(s *Scenario) { s.Until = s.Limits.Time }, ""},
		{func(s *Scenario) { s.Until = s.Limits.Time + 1 }, "until = 10m0.000000001s: must be at most limits.time, or no run comes to rest"},
		{func(s *Scenario) { s.Workers = MaxWorkers }, ""},
		{func(s *Scenario) { s.Clients = 1<<31 - 1 }, ""},
		{func(s *Scenario) { s.Clients = 1 << 30; s.Clients *= 2 }, ": must be 0 to 2147483647"},
		{func(s *Scenario) { s.Arrivals.Kind = "poisson" }, "clients = 8: must be 0, or arrivals.kind be none"},
		{func(s *Scenario) { s.Arrivals.Kind, s.Clients = "poisson", 0 }, ""},
		{func(s *Scenario) { s.Expect.Transactions = "0123abcd" }, ""},
		{func(s *Scenario) { s.Expect.Transactions = "0123abc" }, "expect.transactions = \"0123abc\": must be 8 hexadecimal digits in lower case"},
		{func(s *Scenario) { s.Expect.Transactions = "0123abcg" }, "expect.transactions = \"0123abcg\": must be 8 hexadecimal digits in lower case"},
		{func(s *Scenario) { s.Transactions = Transactions{File: "x"} }, ""},
		{func(s *Scenario) { s.Transactions = Transactions{File: "x", Count: 1} }, "must be one of a number, a file and lines"},
		{func(s *Scenario) { s.Transactions = Transactions{File: "x", Inline: []string{"t1: w0 read x"}} }, "must be one of a number, a file and lines"},
		{func(s *Scenario) { s.Transactions = Transactions{Count: 1, Inline: []string{"t1: w0 read x"}} }, "must be one of a number, a file and lines"},
		{func(s *Scenario) {
			s.Transactions = Transactions{Inline: []string{"t1: w0 read x\nt2: w0 read x", "t3: w0 read x", "t4: w0 raed x"}}
		}, `transactions.inline[2] = "t4: w0 raed x": unknown operation "raed"`},
		{func(s *Scenario) {
			s.Transactions = Transactions{Inline: []string{"t1: w0 read x", "t2: w0 read x\nt3: w0 raed x"}}
		}, "transactions.inline[1] = "},
		{func(s *Scenario) { manyZones(s, maxZones) }, ""},
		{func(s *Scenario) { manyZones(s, maxZones+1) }, ": must be at most 64"},
	} {
		s := Default()
		c.change(s)
		err := s.Validate()
		if (err == nil) != (c.want == "") || err != nil && (!strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n")) {
			t.Errorf("got %v\nwant %s", err, c.want)
		}
	}
}

// manyZones gives the scenario n zones.
func manyZones(s *Scenario, n int) {
	for i := range n {
		s.Zones = append(s.Zones, "z"+strconv.Itoa(i))
		s.Network.Matrix = append(s.Network.Matrix, strings.TrimSuffix(strings.Repeat("1ms ", n), " "))
	}
}
