package scenarios

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios/input"
	"github.com/seed83d86191/txsim/sim"
)

// TestLibrary loads all that is embedded, as it is and as it prints itself.
func TestLibrary(t *testing.T) {
	var names []string
	for _, e := range Library() {
		names = append(names, e.Name)
		s, err := Load(e.Name)
		if err != nil {
			t.Error(err)
			continue
		}
		if s.Name != e.Name || s.Description != e.Description || e.Description == "" || strings.Contains(e.Description, "\n") {
			t.Errorf("%s: named %s, described as %q", e.Name, s.Name, e.Description)
		}
		again, err := Parse("elsewhere/s.yaml", s.YAML())
		if err != nil || !again.Equal(s) {
			t.Errorf("%s does not print itself: %v", e.Name, err)
			continue
		}
		j, err := again.Open(model.Protocols())
		if err != nil {
			t.Errorf("%s: %v", e.Name, err)
			continue
		}
		cfg := j.Config(1)
		n := 0
		for tx, err := cfg.Source.Next(); tx != nil || err != nil; tx, err = cfg.Source.Next() {
			if err != nil {
				t.Fatalf("%s: %v", e.Name, err)
			}
			n++
		}
		if n != j.Transactions() {
			t.Errorf("%s: %d transactions of %d", e.Name, n, j.Transactions())
		}
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	}
	for _, want := range []string{"orders", "bank", "hot-key", "ycsb", "lossy", "crashes", "thousand", "ycsb-a", "ycsb-f", "deneva", "smallbank", "tpcc", "read-mostly", "scan"} {
		if !slices.Contains(names, want) {
			t.Errorf("%s is missing", want)
		}
	}
	if !slices.IsSorted(names) {
		t.Errorf("not sorted: %v", names)
	}
}

// TestShow shows scenarios by name, and files of transactions.
func TestShow(t *testing.T) {
	for name, want := range map[string]string{"bank": "kind: bank", "orders": "library:orders.txt", "orders.txt": "order-1042:"} {
		text, err := Show(name)
		if err != nil || !bytes.Contains(text, []byte(want)) {
			t.Errorf("%s: %v, %d bytes", name, err, len(text))
		}
	}
	for name, want := range map[string]string{
		"order":         "order: not in the library: must be " + input.Or(libraryNames()) + "; did you mean orders?",
		"../library.go": `../library.go: not in the library: must be ` + input.Or(libraryNames()),
		"":              `"": not in the library: must be ` + input.Or(libraryNames()),
	} {
		if _, err := Show(name); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", name, err, want)
		}
	}
}

type noHistory struct{}

func (noHistory) Record(*model.Event) {}

// TestConfig runs the configuration of a file, generated work and lines.
func TestConfig(t *testing.T) {
	for _, c := range []struct {
		set     string
		clients int
		at      []sim.Time // of the first transactions
	}{
		{"transactions=3", 8, []sim.Time{-1, -1, -1}},
		{`transactions.inline=["a: w0 read k", "b: w1 write k = v"]`, 8, []sim.Time{-1, -1}},
		{`transactions.inline=["a @1ms: w0 read k", "b @3ms: w1 write k = v"]`, 0, []sim.Time{1e6, 3e6}},
		{"transactions.file=-", 8, []sim.Time{-1, -1}},
		{"transactions=2;arrivals={kind: constant, rate: 1000/s}", 0, []sim.Time{1e6, 2e6}},
		{`transactions.file=-;arrivals={kind: constant, rate: 500/s}`, 0, []sim.Time{2e6, 4e6}},
		{"transactions.file=library:orders.txt;workers=8", 8, []sim.Time{-1, -1}},
	} {
		s := Default()
		if err := s.Apply(strings.Split(c.set, ";")...); err != nil {
			t.Fatal(err)
		}
		j, err := s.OpenContext(t.Context(), model.Protocols(), strings.NewReader("x: w0 read k\ny: w0 read l\n"))
		if err != nil {
			t.Errorf("%s: %v", c.set, err)
			continue
		}
		for range 2 { // a job serves any number of runs
			cfg := j.Config(1)
			if cfg.Clients != c.clients {
				t.Errorf("%s: %d clients, want %d", c.set, cfg.Clients, c.clients)
			}
			for i, want := range c.at {
				tx, err := cfg.Source.Next()
				if err != nil || tx == nil || tx.At != want || len(tx.Parts) == 0 {
					t.Fatalf("%s: transaction %d is %+v, %v; want at %d", c.set, i, tx, err, want)
				}
			}
		}
		cfg := j.Config(1)
		cfg.History = noHistory{}
		if end := model.NewCluster(cfg).Run(context.Background()); end.Status != sim.Quiet || end.Err != nil {
			t.Errorf("%s: ends %v, %v", c.set, end.Status, end.Err)
		}
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestOpenRefusals are what only opening shows.
func TestOpenRefusals(t *testing.T) {
	for set, want := range map[string]string{
		"protocol=presumed-abrot":                                 "protocol = presumed-abrot: must be presumed-abort, presumed-nothing or presumed-commit; did you mean presumed-abort?",
		"disk.capacity=135":                                       "disk.capacity = 135: must be 0 or at least 136, or no transaction can begin",
		"workers=0":                                               "workers = 0: must be 1 to 100000",
		"transactions.file=library:odrers":                        "transactions.file = library:odrers: must be library:orders.txt",
		"transactions.file=library:bank":                          "transactions.file = library:bank: must be library:orders.txt",
		"transactions.file=-;clients=0":                           "clients = 0: must be positive, or arrivals be given, as the transactions of stdin have no times",
		"transactions.file=-;workers=1":                           `stdin:2: unknown worker "w1": expected w0`,
		`transactions.inline=["a: w77 r k"]`:                      `transactions.inline[0] = "a: w77 r k": unknown worker "w77": expected w0 … w9`,
		`transactions.inline=["a @1s: w0 r k"];arrivals.rate=5/s`: "arrivals.kind = poisson: must be none, as the transactions of transactions.inline have times",
	} {
		s := Default()
		if err := s.Apply(strings.Split(set, ";")...); err != nil {
			t.Fatal(err)
		}
		j, err := s.OpenContext(t.Context(), model.Protocols(), strings.NewReader("x: w0 read k\ny: w1 read l\n"))
		if err == nil {
			err = errors.Join(errors.New("accepted"), j.Close())
		}
		if text, _, _ := strings.Cut(err.Error(), "\n"); text != want {
			t.Errorf("%s:\ngot  %s\nwant %s", set, text, want)
		}
	}
}
