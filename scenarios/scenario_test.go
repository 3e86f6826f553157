package scenarios

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios/input"
	"github.com/seed83d86191/txsim/scenarios/input/inputtest"
	"github.com/seed83d86191/txsim/scenarios/quantity"
	"github.com/seed83d86191/txsim/scenarios/workload"
	"github.com/seed83d86191/txsim/sim"
)

// TestDefault pins the defaults, and the form in which a run prints them.
func TestDefault(t *testing.T) {
	const want = `name: ""
description: ""
workers: 10
coordinators: 1
placement: client
hosts: 0
zones: []
protocol: presumed-abort
concurrency: wait-die
execution: one-shot
isolation: promised
clients: 8
think: 0s
arrivals: {kind: none, rate: 1000/s, to: 0/s, over: 0s, burst: 0/s, every: 0s, for: 0s}
transactions: 1000
workload: {kind: uniform, theta: 0.9, keys: 1000, operations: 4, workers: 2, single: 0, reads: 0.5, deletes: 0, value: 0,
  record: 0, distribution: default, global: false, hot: 0.2, heat: 0.8, order: ordered, updates: 0, inserts: 0,
  inserted: 0, scans: 0, scan: 100, lengths: uniform, mix: [], warehouses: 1, remote: 0.01, away: 0.15, local: false}
network: {delay: "lognormal(500us, 0.4)", matrix: [], loss: 0, duplicate: 0, packets: true}
disk: {sync: "lognormal(1ms, 0.3)", torn: 0.1, capacity: 0, checkpoint: 32KiB}
cpu: {cores: 1, message: 0s, operation: 0s}
timeouts: {prepare: 50ms, decision: 100ms, idle: 1s, answer: 200ms}
retry: {attempts: 10, backoff: 5ms, cap: 500ms}
resources: {staging: 0, keys: 0}
limits: {time: 10m, events: 1000000000, pending: 10000000, stuck: default, faults: never}
until: default
faults: []
seed: 1
schedule: latency
chance: seeded
choices: []
expect: {finding: "", hash: "", transactions: ""}
`
	if got := string(Default().YAML()); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	if err := Default().Validate(); err != nil {
		t.Error(err)
	}
}

// TestValidate reports everything, in one go.
func TestValidate(t *testing.T) {
	s := Default()
	s.Workers, s.Coordinators, s.Protocol, s.Concurrency, s.Execution, s.Placement = 0, 10001, "", "wait", 3, 3
	s.Clients, s.Arrivals.Rate, s.Transactions.Count = -1, 0, -5
	s.Workload = workload.Parameters{Kind: "tpc-c", Theta: -1, Keys: 0, Operations: 10001, Workers: 100001, Reads: 1 << 63, Deletes: 3 << 62, Value: -1}
	s.Disk.Capacity, s.Disk.Checkpoint, s.CPU.Cores, s.CPU.Message = -1, 0, 0, -time.Second
	s.Timeouts.Prepare, s.Retry.Attempts, s.Limits = -time.Second, model.MaxTries+1, Limits{Stuck: -1}
	s.Until, s.Name, s.Faults, s.Expect.Hash = -1, "\xff", []string{"crash C3 at 1s for 2s", "\xff"}, "xyz"
	const want = `name = "\xff": must be UTF-8 text
faults[1] = "\xff": must be UTF-8 text
workers = 0: must be 1 to 100000
coordinators = 10001: must be 1 to 10000
protocol = "": must be the name of a protocol
concurrency = wait: must be wait-die, wound-wait or no-wait; did you mean wait-die?
execution = 3: must be one-shot, batched or interactive
placement = 3: must be client, separate or workers
clients = -1: must be 0 to 2147483647
arrivals.rate = 0/s: must be 0.000001/s to 1000000000/s
transactions = -5: must be positive
workload.kind = tpc-c: must be uniform, zipf, ycsb, bank, hot-key, smallbank or tpcc; did you mean tpcc?
workload.theta = -1: must be 0 to 10
workload.keys = 0: must be 1 to 10000000
workload.operations = 10001: must be 1 to 10000
workload.workers = 100001: must be 1 to 100000, or any
workload.value = -1: must be 0 to 65536
workload.deletes = 0.75: must be at most 1 together with workload.reads
workload.distribution = "": must be default, uniform, zipf, scrambled, latest or hotspot
workload.hot = 0: must be positive
workload.order = "": must be ordered or hashed
workload.scan = 0: must be 1 to 10000
workload.lengths = "": must be uniform or zipf
workload.warehouses = 0: must be 1 to 10000
disk.capacity = -1: must not be negative
cpu.message = -1s: must not be negative
disk.checkpoint = 0: must be 1 to 2147483647
cpu.cores = 0: must be 1 to 1048576
timeouts.prepare = -1s: must be positive or never
retry.attempts = 65536: must be 1 to 65535
limits.time = 0s: must be positive
limits.events = 0: must be positive
limits.pending = 0: must be 1 to 2147483647
limits.stuck = -1ns: must be positive or default
limits.faults = 0s: must be positive or never
until = -1ns: must be positive, default or submitted
expect.hash = xyz: must be 16 hexadecimal digits in lower case`
	err := s.Validate()
	if err == nil || err.Error() != want {
		t.Errorf("got:\n%v\nwant:\n%s", err, want)
	}
}

// TestSet sets parameters by their paths.
func TestSet(t *testing.T) {
	for _, c := range []struct {
		path, value string
		want        string // in YAML(), or the error if it has a ": must" or "unknown" in it
	}{
		{"workload.theta", "0.99", "theta: 0.99,"},
		{"clients", "64", "clients: 64\n"},
		{"faults", `["crash w3 at 1s for 2s"]`, "faults:\n  - \"crash w3 at 1s for 2s\"\n"},
		{"faults", "[]", "faults: []\n"},
		{"network", "{loss: 1%, packets: false}", `network: {delay: "lognormal(500us, 0.4)", matrix: [], loss: 0.01, duplicate: 0, packets: false}`},
		{"network.loss", "0.01%", "loss: 0.0001,"},
		{"network.loss", "1e-15", "loss: 0.000000000000001,"},
		{"network.loss", "0.1234567890123456", "loss: 0.1234567890123456,"},
		{"network.delay", "lognormal(1ms, 0.2)", `delay: "lognormal(1ms, 0.2)"`},
		{"network.delay", "exp(1ms)", `delay: exp(1ms)`},
		{"timeouts.prepare", "never", "prepare: never,"},
		{"limits.stuck", "3s", "stuck: 3s, faults: never}"},
		{"limits.events", "1000000", "events: 1000000,"},
		{"execution", "batched", "execution: batched\n"},
		{"transactions", "5", "transactions: 5\n"},
		{"transactions.file", "orders.jsonl", "transactions: {file: orders.jsonl}\n"},
		{"transactions", "{file: '-'}", "transactions: {file: \"-\"}\n"},
		{"transactions.inline", `["t1: w0 read k"]`, "transactions:\n  inline:\n    - \"t1: w0 read k\"\n"},
		{"arrivals.rate", "5000/s", "clients: 0\nthink: 0s\narrivals: {kind: poisson, rate: 5000/s, "},
		{"arrivals", "{kind: constant, rate: 2/ms}", "clients: 0\nthink: 0s\narrivals: {kind: constant, rate: 2000/s, "},
		{"arrivals", "{to: 90/s, over: 5s, burst: 3000/s, every: 2s, for: 100ms}", "arrivals: {kind: poisson, rate: 1000/s, to: 90/s, over: 5s, burst: 3000/s, every: 2s, for: 100ms}"},
		{"resources.staging", "1MiB", "staging: 1MiB,"},
		{"name", "", "name: \"\"\n"},
		{"name", "yes", "name: \"yes\"\n"},
		{"choices", `["fault/crash w7 #0 = 1"]`, "choices:\n  - \"fault/crash w7 #0 = 1\"\n"},
		{"seed", "18446744073709551615", "seed: 18446744073709551615\n"},

		{"workload.thta", "1", "unknown parameter workload.thta: did you mean workload.theta?"},
		{"theta", "1", "unknown parameter theta: did you mean workload.theta?"},
		{"netwrok.loss", "1", "unknown parameter netwrok.loss: did you mean network.loss?"},
		{"workloads", "1", "unknown parameter workloads: did you mean workload?"},
		{"transactions.fil", "x", "unknown parameter transactions.fil: did you mean transactions.file?"},
		{"cpu.colour", "1", "unknown parameter cpu.colour: expected cores, message or operation"},
		{"colour", "1", "unknown parameter colour: expected " + input.Or(members(""))},
		{"", "1", `unknown parameter "": expected ` + input.Or(members(""))},
		{"clients", "many", "clients = many: must be an integer"},
		{"clients", "", `clients = "": must be an integer`},
		{"clients", "[1", "clients = [1: not YAML: sequence end token ']' not found"},
		{"transactions", "orders.txt", "transactions = orders.txt: must be one of a number, {file: …} and {inline: […]}"},
		{"transactions", "[\"t1: w0 read x\"]", "transactions = a list: must be one of a number, {file: …} and {inline: […]}"},
		{"transactions", "1.5", "transactions = 1.5: must be an integer"},
		{"network", "{lost: 1}", "unknown parameter network.lost: did you mean network.loss?"},
		{"network", "5", "network = 5: must be a group such as {delay: …}"},
		{"faults", "tear w3", `faults = tear w3: must be a list of lines such as ["…", "…"]`},
		{"timeouts.prepare", "soon", "timeouts.prepare = soon: must be a duration such as 50ms, or never"},
	} {
		s := Default()
		before := string(s.YAML())
		err := s.Set(c.path, c.value)
		if err != nil {
			if err.Error() != c.want {
				t.Errorf("Set(%q, %q): %v, want %s", c.path, c.value, err, c.want)
			}
			if string(s.YAML()) != before {
				t.Errorf("Set(%q, %q) failed and changed the scenario", c.path, c.value)
			}
			continue
		}
		if !strings.Contains(string(s.YAML()), c.want) {
			t.Errorf("Set(%q, %q): want %s in\n%s", c.path, c.value, c.want, s.YAML())
		}
	}
}

// TestGiven: what transactions that are given leave no room for is refused, and what is also
// about them is not.
func TestGiven(t *testing.T) {
	file := writeFile(t, t.TempDir(), "orders.txt", "t1: w0 read k\n")
	onlyFile := func() *Scenario {
		s := loaded(t, file)
		return s
	}
	with := func(set string) *Scenario {
		s := Default()
		if err := s.Apply(set); err != nil {
			t.Fatal(err)
		}
		return s
	}
	properties := "workload.properties=" + writeFile(t, t.TempDir(), "w.properties", "recordcount=10\n")
	for set, want := range map[string][3]bool{ // whether it is accepted: of Load, with transactions.file, with transactions.inline
		"workload.record=1KiB":                     {true, true, true},
		"workload.theta=0.5":                       {},
		"workload={record: 1KiB}":                  {},
		properties:                                 {false, true, true},
		"transactions=5":                           {false, true, true},
		"transactions.file=other.txt":              {false, true, true},
		`transactions.inline=["t1: w0 read k"]`:    {true, true, true},
		`transactions={inline: ["t1: w0 read k"]}`: {true, true, true},
		"name=transactions":                        {true, true, true},
	} {
		for i, s := range []*Scenario{onlyFile(), with("transactions.file=" + file), with(`transactions.inline=["t1: w1 read k"]`)} {
			if err := s.Apply(set); (err == nil) != want[i] || err != nil && !strings.Contains(err.Error(), "must not be given, as the transactions are those of ") {
				t.Errorf("%s, %d: %v", set, i, err)
			}
		}
	}
}

// TestSettled: what depends on other parameters, and comes out as it went in.
func TestSettled(t *testing.T) {
	for text, want := range map[string][]string{
		"arrivals: {to: 5/s, over: 1s}":                        {"arrivals.kind=poisson", "clients=0"},
		"arrivals: {burst: 5/s, every: 1s, for: 1ms}":          {"arrivals.kind=poisson", "clients=0"},
		"arrivals: {to: 0/s}":                                  {"arrivals.kind=none", "clients=8"},
		"arrivals: {burst: 0/s}":                               {"arrivals.kind=none", "clients=8"},
		"arrivals: {kind: constant}":                           {"arrivals.kind=constant", "arrivals.rate=1000/s", "clients=0"},
		"arrivals: {kind: constant, rate: 7/s}":                {"arrivals.kind=constant", "arrivals.rate=7/s", "clients=0"},
		"arrivals: {kind: none}\nclients: 20":                  {"arrivals.kind=none", "clients=20"},
		"zones: [us-east, eu-west]":                            {"timeouts.prepare=500ms", "timeouts.decision=1s", "timeouts.answer=2s"},
		"zones: [us-east, eu-west]\ntimeouts: {prepare: 50ms}": {"timeouts.prepare=50ms", "timeouts.decision=1s"},
		"zones: []": {"timeouts.prepare=50ms"},
	} {
		s, err := Parse("s.yaml", []byte(text))
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		for _, w := range want {
			path, value, _ := strings.Cut(w, "=")
			if got := findParameter(path).text(s); got != value {
				t.Errorf("%s: %s = %s, expected %s", text, path, got, value)
			}
		}
		for _, print := range [][]byte{s.YAML(), s.Brief()} {
			if again, err := Parse("s.yaml", print); err != nil || !again.Equal(s) {
				t.Errorf("%s: %v\n%s", text, err, print)
			}
		}
	}
}

// TestSetKeeps: what is set without regard to clients and arrivals leaves them alone.
func TestSetKeeps(t *testing.T) {
	for sets, want := range map[string]string{
		"clients=20 arrivals.kind=none":                         "20 none",
		"arrivals.rate=5/s clients=0":                           "0 poisson",
		"clients=20 arrivals.to=0/s":                            "20 none",
		"clients=20 zones=[us-east,eu-west] workload.theta=0.5": "20 none",
		"until=submitted clients=3":                             "3 none",
	} {
		s := Default()
		if err := s.Apply(strings.Fields(sets)...); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(s.Clients, " ", s.Arrivals.Kind); got != want {
			t.Errorf("%s: %s, expected %s", sets, got, want)
		}
		if again, err := Parse("s.yaml", s.Brief()); err != nil || !again.Equal(s) {
			t.Errorf("%s: %v\n%s", sets, err, s.Brief())
		}
	}
	s := Default()
	for _, bad := range []string{"clients", "packets=yes", "packets=1", "timeouts.prepare=2562047h47m16.854775807s", "until=-2562047h47m16.854775807s", "zones=5=6", "workers=many"} {
		if err := s.Apply(bad, "clients=3"); err == nil || !s.Equal(Default()) {
			t.Errorf("%s: %v", bad, err)
		}
	}
	if err := s.Apply(`choices=["fault/crash w7 #0 = 1"]`, `choices=["fault/crash w8 #0 = 1"]`); err != nil || len(s.Choices) != 1 {
		t.Errorf("%v, %v", s.Choices, err)
	}
}

// TestSetReplaces shows that the last of two that exclude each other holds.
func TestSetReplaces(t *testing.T) {
	s := Default()
	for _, c := range []struct {
		path, value string
		clients     int
		kind        string
	}{
		{"arrivals.rate", "10/s", 0, "poisson"},
		{"arrivals.kind", "constant", 0, "constant"},
		{"arrivals.rate", "20/s", 0, "constant"},
		{"clients", "5", 5, "none"},
		{"arrivals.kind", "poisson", 0, "poisson"},
		{"arrivals.kind", "none", 8, "none"},
	} {
		if err := s.Set(c.path, c.value); err != nil {
			t.Fatal(err)
		}
		if s.Clients != c.clients || s.Arrivals.Kind != c.kind {
			t.Errorf("%s = %s: %d clients, arrivals %s; want %d, %s", c.path, c.value, s.Clients, s.Arrivals.Kind, c.clients, c.kind)
		}
		if err := s.Validate(); err != nil {
			t.Errorf("%s = %s: %v", c.path, c.value, err)
		}
	}
}

// TestPaths sets every parameter that Paths lists to what it is.
func TestPaths(t *testing.T) {
	paths := Paths()
	for _, want := range []string{"name", "transactions.file", "workload.theta", "timeouts.answer", "expect.hash"} {
		if !slices.Contains(paths, want) {
			t.Errorf("%s is missing", want)
		}
	}
	for _, p := range parameters {
		s := Default()
		if err := s.Set(p.path, p.text(s)); err != nil {
			t.Error(err)
		}
		if !s.Equal(Default()) && p.path != "arrivals.rate" { // which is to set the kind
			t.Errorf("%s: changed by its own value:\n%s", p.path, s.YAML())
		}
	}
}

// TestScenarioYAML prints random scenarios and reads them back.
func TestScenarioYAML(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		s := randomScenario(r)
		text := s.YAML()
		back, err := Parse("s.yaml", text)
		if err != nil {
			t.Fatalf("%v\nin\n%s", err, text)
		}
		if !back.Equal(s) || !bytes.Equal(back.YAML(), text) {
			t.Fatalf("printed:\n%s\nread back:\n%s", text, back.YAML())
		}
	}
}

// randomScenario changes a few parameters to random valid values.
func randomScenario(r *rand.Rand) *Scenario {
	s := Default()
	word := func() string {
		word := inputtest.Word(r)
		return strings.Map(func(c rune) rune {
			if c == '\r' || c == '\n' {
				return '·'
			}
			return c
		}, word)
	}
	set := []func(){
		func() { s.Name = word() },
		func() { s.Description = inputtest.Word(r) },
		func() { s.Workers = 1 + r.IntN(MaxWorkers) },
		func() { s.Protocol = "x" + word() },
		func() { s.Execution = model.Execution(r.IntN(3)) },
		func() {
			s.Clients, s.Arrivals = 0, workload.Arrivals{Kind: "poisson", Rate: quantity.Rate(1e-6 + r.Float64()*1e6)}
		},
		func() {
			s.Clients, s.Arrivals = 0, workload.Arrivals{
				Kind: "constant", Rate: 3, To: quantity.Rate(1 + r.Float64()), Over: time.Duration(1 + r.Int64N(1e12)),
				Burst: 7, Every: time.Second, For: time.Millisecond,
			}
		},
		func() { s.Transactions = Transactions{File: "f" + word()} },
		func() {
			s.Transactions = Transactions{Inline: []string{}}
			for i := range 1 + r.IntN(3) {
				s.Transactions.Inline = append(s.Transactions.Inline, fmt.Sprintf(`t%d: w0 write "a%d" = %q`, i, r.Uint32(), word()))
			}
		},
		func() { s.Workload.Theta = r.Float64() * 10 },
		func() {
			s.Workload.Kind, s.Workload.Distribution, s.Workload.Mix = "smallbank", "zipf", []string{"balance 5", "write-check 70"}
		},
		func() { s.Workload.Reads, s.Workload.Deletes = sim.ProbabilityOf(r.Float64()/2), 0 },
		func() { s.Network.Loss = sim.ProbabilityOf(r.Float64() * r.Float64() * r.Float64()) },
		func() { s.Network.Duplicate = sim.ProbabilityOf(1) },
		func() { s.Network.Delay = quantity.MustDist(fmt.Sprintf("uniform(1ms, %dns)", 1e6+r.Int64N(1e12))) },
		func() { s.Network.Packets = false },
		func() { s.Think = quantity.MustDist("empirical(1ms, 2ms, 50us)") },
		func() { s.Disk.Checkpoint = quantity.Bytes(1 + r.Int64N(1<<31-1)) },
		func() { s.Resources.Staging = quantity.Bytes(r.Int64()) },
		func() { s.CPU.Message = time.Duration(r.Int64()) },
		func() { s.Timeouts.Answer = sim.Forever },
		func() { s.Timeouts.Idle = 1 + time.Duration(r.Int64N(1<<40)) },
		func() {
			s.Limits.Stuck, s.Until = 1+time.Duration(r.Int64N(1e12)), 1+time.Duration(r.Int64N(int64(s.Limits.Time)))
		},
		func() { s.Limits.Events, s.Limits.Pending, s.Seed = r.Uint64(), 1+r.IntN(1<<31-1), r.Uint64() },
		func() {
			s.Choices = []sim.Deviation{{Stream: "s" + sim.Stream(word()), Ordinal: r.Uint64(), Value: r.Int()}}
		},
		func() { s.Expect = Expect{word(), fmt.Sprintf("%016x", r.Uint64()), fmt.Sprintf("%08x", r.Uint32())} },
	}
	for range r.IntN(len(set)) {
		set[r.IntN(len(set))]()
	}
	return s
}

// FuzzScenarioFile holds Parse to not panic, to refuse with a place, and to print
// what it accepts such that it reads it again.
func FuzzScenarioFile(f *testing.F) {
	quickMinimizing()
	for _, name := range libraryNames() {
		text, _ := Show(name)
		f.Add(text)
	}
	for _, c := range scenarioRefusals {
		f.Add([]byte(c.input))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := Parse("s.yaml", text)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "s.yaml:") {
				t.Errorf("no place: %v", err)
			}
			return
		}
		back, err := Parse("s.yaml", s.YAML())
		if err != nil {
			t.Fatalf("%v\nin\n%s", err, s.YAML())
		}
		if !back.Equal(s) {
			t.Errorf("printed:\n%s\nread back:\n%s", s.YAML(), back.YAML())
		}
	})
}

// TestStuckAfter resolves the default.
func TestStuckAfter(t *testing.T) {
	s := Default()
	check := func(want time.Duration) {
		t.Helper()
		if got := s.StuckAfter(); got != want {
			t.Errorf("got %v, want %v", got, want)
		}
	}
	check(20 * time.Second) // idle is 1s
	s.Retry.Cap = 3 * time.Second
	check(time.Minute)
	s.Timeouts.Decision = sim.Forever - 1
	check(sim.Forever)
	s.Timeouts = Timeouts{sim.Forever, sim.Forever, sim.Forever, sim.Forever}
	check(time.Minute)
	s.Retry.Cap = 0 // 5ms doubled up to the tenth attempt
	check(20 * 256 * 5 * time.Millisecond)
	s.Retry.Backoff = 0
	check(20 * time.Second)
	s.Zones, s.Network.Matrix = []string{"earth", "moon", "mars"}, []string{"1ms 1300ms 20m", "1300ms 1ms 20m", "20m 20m 1ms"}
	check(400 * time.Minute)
	s.Zones, s.Network.Matrix, s.CPU.Operation = nil, nil, time.Minute
	check(6 * 20 * time.Minute)
	s.Workload.Operations = 50
	check(50 * 20 * time.Minute)
	s.Workload.Operations, s.Workload.Scans, s.Workload.Scan = 1, 1, 10
	check(60 * 20 * time.Minute)
	s.Workload.Scans = 0
	s.Schedule.Strategy = sim.PCT
	check(6 * 200 * time.Minute)
	s.Limits.Stuck = time.Millisecond
	check(time.Millisecond)
}

// TestLoad tells the library, scenario files and transaction files apart.
func TestLoad(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	orders := write("orders.jsonl", `{"id":"a","ops":[["r","w1","k"]]}`)
	for _, c := range []struct{ arg, name, file string }{
		{"bank", "bank", ""},
		{write("s.yml", "name: mine\ntransactions: {file: orders.jsonl}"), "mine", "orders.jsonl"},
		{orders, "orders.jsonl", orders},
		{"-", "stdin", "-"},
	} {
		s, err := Load(c.arg)
		if err != nil {
			t.Error(err)
			continue
		}
		if s.Name != c.name || s.Transactions.File != c.file {
			t.Errorf("Load(%s): %s, file %s", c.arg, s.Name, s.Transactions.File)
		}
		j, err := s.OpenContext(t.Context(), model.Protocols(), strings.NewReader("t1: w0 read k\n"))
		if err != nil {
			t.Errorf("Load(%s): %v", c.arg, err)
			continue
		}
		if tx, err := j.Config(1).Source.Next(); tx == nil || err != nil || len(tx.Parts) == 0 {
			t.Errorf("Load(%s): first transaction %v, %v", c.arg, tx, err)
		}
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	}
	for arg, want := range map[string]string{
		"bnak":     "bnak: no such scenario or file: did you mean bank?",
		"crash":    "crash: no such scenario or file: did you mean crashes?",
		"lib.yaml": "lib.yaml: no such scenario or file: expected a file or " + input.Or(libraryNames()),
		"ycbs.yml": "ycbs.yml: no such scenario or file: did you mean ycsb?",
	} {
		if _, err := Load(arg); err == nil || err.Error() != want {
			t.Errorf("Load(%s): %v, want %s", arg, err, want)
		}
	}
}

// TestLoadGone: a file of transactions on the command line that cannot be read is named as it
// was given, not as a parameter that nobody wrote.
func TestLoadGone(t *testing.T) {
	t.Chdir(t.TempDir())
	writeFile(t, ".", "day.txt", "t1: w0 read k\n")
	s := loaded(t, "./day.txt")
	if err := os.Remove("day.txt"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Open(model.Protocols()); err == nil || err.Error() != "./day.txt: no such file or directory" {
		t.Errorf("got %v", err)
	}
}
