package scenarios

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios/input"
	"github.com/seed83d86191/txsim/scenarios/workload"
	"github.com/seed83d86191/txsim/sim"
)

// scenarioRefusals are bad files with all that is reported about them.
var scenarioRefusals = []struct{ name, input, want string }{
	{"unknown parameter", "workers: 3\nwrokers: 3\n", `
s.yaml:2:1: unknown parameter wrokers: did you mean workers?
  2 | wrokers: 3
    | ^`},
	{"unknown parameter of a group", "network: {dely: 1ms}", `
s.yaml:1:11: unknown parameter network.dely: did you mean network.delay?
  1 | network: {dely: 1ms}
    |           ^`},
	{"unknown parameter unlike any", "disk:\n  colour: red", `
s.yaml:2:3: unknown parameter disk.colour: expected sync, torn, capacity or checkpoint
  2 |   colour: red
    |   ^`},
	{"parameter without its group", "theta: 0.5", `
s.yaml:1:1: unknown parameter theta: did you mean workload.theta?
  1 | theta: 0.5
    | ^`},
	{"duplicate parameter", "workers: 3\nname: x\nworkers: 4\n", `
s.yaml:3:1: duplicate parameter workers, first on line 1: expected it once
  3 | workers: 4
    | ^`},
	{"duplicate in a group", "retry: {cap: 1s, cap: 2s}", `
s.yaml:1:18: duplicate parameter retry.cap, first on line 1: expected it once
  1 | retry: {cap: 1s, cap: 2s}
    |                  ^`},
	{"duplicate by path", "retry: {cap: 1s}\nretry.cap: 2s", `
s.yaml:2:1: duplicate parameter retry.cap, first on line 1: expected it once
  2 | retry.cap: 2s
    | ^`},
	{"no lines", "transactions: {inline: []}", `
s.yaml:1:24: transactions.inline: no transactions: expected at least one
  1 | transactions: {inline: []}
    |                        ^`},
	{"bad integer", "workers: ten", `
s.yaml:1:10: workers = ten: must be an integer
  1 | workers: ten
    |          ^`},
	{"out of range", "description: é\nworkers: 100001", `
s.yaml:2:10: workers = 100001: must be 1 to 100000
  2 | workers: 100001
    |          ^`},
	{"several, by line", "workers: 0\ntimeouts: {prepare: -1s, idle: soon}\nnetwork: {loss: 2}\n", `
s.yaml:2:32: timeouts.idle = soon: must be a duration such as 50ms, or never
  2 | timeouts: {prepare: -1s, idle: soon}
    |                                ^
s.yaml:3:17: network.loss = 2: must be 0 to 1, or 0% to 100%
  3 | network: {loss: 2}
    |                 ^`},
	{"several rules, by line", "workers: 0\ntimeouts: {prepare: -1s}\ncoordinators: -3\n", `
s.yaml:1:10: workers = 0: must be 1 to 100000
  1 | workers: 0
    |          ^
s.yaml:2:21: timeouts.prepare = -1s: must be positive or never
  2 | timeouts: {prepare: -1s}
    |                     ^
s.yaml:3:15: coordinators = -3: must be 1 to 10000
  3 | coordinators: -3
    |               ^`},
	{"never where it is not", "retry: {cap: never}", `
s.yaml:1:14: retry.cap = never: must be a duration such as 50ms
  1 | retry: {cap: never}
    |              ^`},
	{"distribution", "disk: {sync: expo(1ms)}", `
s.yaml:1:14: disk.sync = expo(1ms): unknown distribution "expo", want a duration such as 500us, constant(duration), uniform(low, high), exp(mean), lognormal(median, sigma), pareto(minimum, alpha) or empirical(sample, sample, ...)
  1 | disk: {sync: expo(1ms)}
    |              ^`},
	{"distribution cut at its comma", "network: {delay: lognormal(1ms, 0.4), loss: 0}", `
s.yaml:1:18: network.delay = lognormal(1ms: must end with a parenthesis; in { } quote it: "lognormal(1ms, 0.3)"
  1 | network: {delay: lognormal(1ms, 0.4), loss: 0}
    |                  ^`},
	{"execution", "execution: oneshot", `
s.yaml:1:12: execution = oneshot: must be one-shot, batched or interactive; did you mean one-shot?
  1 | execution: oneshot
    |            ^`},
	{"concurrency", "concurrency: 2pl", `
s.yaml:1:14: concurrency = "2pl": must be wait-die, wound-wait or no-wait
  1 | concurrency: 2pl
    |              ^`},
	{"workload", "workload: {kind: zpif}", `
s.yaml:1:18: workload.kind = zpif: must be uniform, zipf, ycsb, bank, hot-key, smallbank or tpcc; did you mean zipf?
  1 | workload: {kind: zpif}
    |                  ^`},
	{"clients and arrivals", "clients: 5\narrivals: {rate: 5000/s}", `
s.yaml:1:10: clients = 5: must be 0, or arrivals.kind be none
  1 | clients: 5
    |          ^`},
	{"neither clients nor arrivals", "clients: 0", `
s.yaml:1:10: clients = 0: must be positive, or arrivals be given
  1 | clients: 0
    |          ^`},
	{"rate", "arrivals: {kind: constant, rate: 5/fortnight}", `
s.yaml:1:34: arrivals.rate = 5/fortnight: must be a rate such as 5000/s
  1 | arrivals: {kind: constant, rate: 5/fortnight}
    |                                  ^`},
	{"size", "disk: {checkpoint: 64 kilos}", `
s.yaml:1:20: disk.checkpoint = 64 kilos: must be a size in bytes, such as 4096 or 64KiB
  1 | disk: {checkpoint: 64 kilos}
    |                    ^`},
	{"fault cut by YAML", "faults:\n  - crash w3 after send vote #2 for 200ms\n", `
s.yaml:2:5: faults[0] = crash w3 after send vote: must be quoted, as it ends in a comment or goes on below
  2 |   - crash w3 after send vote #2 for 200ms
    |     ^`},
	{"fault folded by YAML", "faults:\n  - crash w3\n    at 1s\n", `
s.yaml:2:5: faults[0] = crash w3 at 1s: must be quoted, as it ends in a comment or goes on below
  2 |   - crash w3
    |     ^`},
	{"fault that is no text", "faults: [{a: b}]", `
s.yaml:1:10: faults[0] = a group: must be a line of text; quote it
  1 | faults: [{a: b}]
    |          ^`},
	{"faults that are no list", "faults: tear w3", `
s.yaml:1:9: faults = tear w3: must be a list of lines such as ["…", "…"]
  1 | faults: tear w3
    |         ^`},
	{"fault", "faults:\n  - crash w3 at 1s for 2s\n  - \"crahs w3 at 1s for 2s\"\n", `
s.yaml:3:5: faults[1] = "crahs w3 at 1s for 2s": column 1: unknown fault "crahs": did you mean crash? expected one of crash, pause, hang, slow, partition, drop, delay, duplicate, slow-disk, full-disk, fail-sync, lose-sync, corrupt, tear, skew
  3 |   - "crahs w3 at 1s for 2s"
    |     ^`},
	{"fault of a node that is not", "faults:\n  - crash w30 at 1s for 2s\n", `
s.yaml:2:5: faults[0] = "crash w30 at 1s for 2s": column 7: there is no w30: there are w0 to w9
  2 |   - crash w30 at 1s for 2s
    |     ^`},
	{"faults in a block", "workers: 4\nfaults: |\n  tear w3\n  tear w4\n", `
s.yaml:4:3: faults[1] = "tear w4": column 6: there is no w4: there are w0 to w3
  4 |   tear w4
    |   ^`},
	{"choice", "choices: [\"net/delay C0→w7 #3 = 12\", what]", `
s.yaml:1:40: choices[1] = what: must be STREAM #ORDINAL = VALUE
  1 | choices: ["net/delay C0→w7 #3 = 12", what]
    |                                      ^`},
	{"transactions twice", "transactions: {file: a, inline: [b]}", `
s.yaml:1:25: transactions.inline is given beside transactions.file on line 1: must be one of a number, {file: …} and {inline: […]}
  1 | transactions: {file: a, inline: [b]}
    |                         ^`},
	{"transactions of no kind", "transactions: {}", `
s.yaml:1:15: transactions: must be one of a number, {file: …} and {inline: […]}
  1 | transactions: {}
    |               ^`},
	{"transactions by number and path", "transactions: 3\ntransactions.file: x", `
s.yaml:2:1: transactions.file is given beside transactions on line 1: must be one of a number, {file: …} and {inline: […]}
  2 | transactions.file: x
    | ^`},
	{"transactions by path and number", "transactions.inline: [\"t1: w0 read k\"]\ntransactions: 3", `
s.yaml:2:1: transactions is given beside transactions.inline on line 1: must be one of a number, {file: …} and {inline: […]}
  2 | transactions: 3
    | ^`},
	{"transactions of a file without a name", "transactions: {file: \"\"}", `
s.yaml:1:22: transactions.file = "": must be the name of a file
  1 | transactions: {file: ""}
    |                      ^`},
	{"transactions none", "transactions: 0", `
s.yaml:1:15: transactions = 0: must be positive
  1 | transactions: 0
    |               ^`},
	{"transactions inline", "transactions:\n  inline:\n    - \"t1: w0 read k\"\n    - \"t1: w12 read k\"\n", `
s.yaml:4:7: transactions.inline[1] = "t1: w12 read k": unknown worker "w12": expected w0 … w9
  4 |     - "t1: w12 read k"
    |       ^`},
	{"transactions inline, behind two in one item", `transactions:
  inline:
    - "t1: w0 read k\nt2: w0 read k"
    - "t3: w0 raed k"
    - "t4: w0 read"`, `
s.yaml:4:7: transactions.inline[1] = "t3: w0 raed k": unknown operation "raed": expected read, write or delete
  4 |     - "t3: w0 raed k"
    |       ^
s.yaml:5:7: transactions.inline[2] = "t4: w0 read": column 5: missing key: expected the key to read
  5 |     - "t4: w0 read"
    |       ^`},
	{"group without a value", "workload:\nname: x", `
s.yaml:1:10: workload = nothing: must be a group such as {kind: …}
  1 | workload:
    |          ^`},
	{"value where a group is", "network: fast", `
s.yaml:1:10: network = fast: must be a group such as {delay: …}
  1 | network: fast
    |          ^`},
	{"group where a value is", "workers: {a: 1}", `
s.yaml:1:10: workers = a group: must be a single value
  1 | workers: {a: 1}
    |          ^`},
	{"nothing where a value is", "workers:", `
s.yaml:1:9: workers = nothing: must be a single value
  1 | workers:
    |         ^`},
	{"anchor", "workers: &a 3", `
s.yaml:1:10: workers = an anchor, alias or tag: must be a single value
  1 | workers: &a 3
    |          ^`},
	{"merge key", "<<: {workers: 3}", `
s.yaml:1:1: found an anchor, alias or tag: expected the name of a parameter
  1 | <<: {workers: 3}
    | ^`},
	{"not YAML", "workers: [3\nname: x", `
s.yaml:2:1: not YAML: ',' or ']' must be specified
  2 | name: x
    | ^`},
	{"two documents", "workers: 3\n---\nworkers: 4\n", `
s.yaml:2:1: a second document: expected one
  2 | ---
    | ^`},
	{"no scenario", "- workers\n", `
s.yaml:1:1: found a list: expected parameters such as workers: 10
  1 | - workers
    | ^`},
	{"empty", "# nothing\n", "\ns.yaml: empty: expected parameters such as workers: 10"},
	{"not UTF-8", "name: x\ndescription: é\xff", `
s.yaml:2:16: invalid UTF-8, byte 0xff: expected UTF-8 text
  2 | description: é�
    |               ^`},
	{"0 where the default is 0 inside", "until: 0s\nlimits: {stuck: 0}", `
s.yaml:1:8: until = 0s: must be positive, default or submitted
  1 | until: 0s
    |        ^
s.yaml:2:17: limits.stuck = 0: must be positive or default
  2 | limits: {stuck: 0}
    |                 ^`},
	{"faults that go on beyond the end", "until: 11m\nlimits: {time: 10m}", `
s.yaml:1:8: until = 11m: must be at most limits.time, or no run comes to rest
  1 | until: 11m
    |        ^`},
	{"distance", "workers: 4\nzones: [mars, venus]\n", `
s.yaml:2:8: zones = [mars, venus]: no delay from mars to venus is known: network.matrix must have a row for each zone, such as "1ms 40ms 80ms", unless zones are among us-east, us-west, sa-east, eu-west, eu-central, ap-south, ap-southeast, ap-northeast, ap-sydney
  2 | zones: [mars, venus]
    |        ^`},
	{"matrix", "zones: [mars, venus]\nnetwork: {matrix: [\"- -\", \"1ms -\"]}\n", `
s.yaml:2:19: network.matrix = ["- -", "1ms -"]: no delay from mars to venus is known: network.matrix must have a row for each zone, such as "1ms 40ms 80ms", unless zones are among us-east, us-west, sa-east, eu-west, eu-central, ap-south, ap-southeast, ap-northeast, ap-sydney
  2 | network: {matrix: ["- -", "1ms -"]}
    |                   ^`},
	{"sum", "expect: {transactions: 12ab}", `
s.yaml:1:24: expect.transactions = "12ab": must be 8 hexadecimal digits in lower case
  1 | expect: {transactions: 12ab}
    |                        ^`},
	{"hash", "expect: {hash: 12AB}", `
s.yaml:1:16: expect.hash = "12AB": must be 16 hexadecimal digits in lower case
  1 | expect: {hash: 12AB}
    |                ^`},
}

func TestScenarioRefusals(t *testing.T) {
	for _, c := range scenarioRefusals {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse("s.yaml", []byte(c.input))
			if err == nil {
				t.Fatal("accepted")
			}
			if _, ok := errors.AsType[*input.Error](err); !ok {
				t.Errorf("is a %T", err)
			}
			if got := "\n" + err.Error(); got != c.want {
				t.Errorf("got:%s\nwant:%s", got, c.want)
			}
		})
	}
}

// TestScenarioLongLine shows that an excerpt is what is around the column.
func TestScenarioLongLine(t *testing.T) {
	_, err := Parse("s.yaml", []byte(`network: {delay: "empirical(`+strings.Repeat("1ms, ", 60)+`1ms)", loss: x}`))
	want := `s.yaml:1:342: network.loss = x: must be 0 to 1, or 0% to 100%
  1 | 1ms, 1ms, 1ms, 1ms, 1ms, 1ms, 1ms, 1ms, 1ms, 1ms, 1ms, 1ms, 1ms, 1ms, 1ms, 1ms, 1ms, 1ms)", loss: x}
    |                                                                                                   ^`
	if err == nil || err.Error() != want {
		t.Errorf("got:\n%v\nwant:\n%s", err, want)
	}
}

// TestScenarioManyProblems stops at the bound and says so.
func TestScenarioManyProblems(t *testing.T) {
	var in strings.Builder
	for i := range 20 {
		in.WriteString(strings.Repeat("x", i+20) + ": 1\n")
	}
	_, err := Parse("s.yaml", []byte(in.String()))
	if err == nil || strings.Count(err.Error(), "unknown parameter") != input.MaxProblems ||
		!strings.HasSuffix(err.Error(), "\ns.yaml: stopped after 10 problems") {
		t.Errorf("got %v", err)
	}
}

// TestScenarioDirective: a directive is no document.
func TestScenarioDirective(t *testing.T) {
	s, err := Parse("s.yaml", []byte("%YAML 1.2\n---\nworkers: 3\n"))
	if err != nil || s.Workers != 3 {
		t.Fatal(s, err)
	}
}

// TestScenarioExamples reads the scenario of the design, and one that uses
// the other forms.
func TestScenarioExamples(t *testing.T) {
	s, err := Parse("dir/s.yaml", []byte(`
name: contended
workers: 1000                 # w0 … w999
coordinators: 16              # C0 … C15
protocol: presumed-abort
concurrency: wait-die
execution: one-shot
clients: 64                   # closed loop
transactions: 100000          # how many to generate
workload: {kind: ycsb, theta: 0.9, keys: 10000, operations: 10, workers: 4, reads: 0.5, deletes: 0}
network: {delay: "lognormal(500us, 0.4)", loss: 0}
disk: {sync: "lognormal(1ms, 0.3)"}
cpu: {cores: 4, message: 5us, operation: 2us}
timeouts: {prepare: 50ms, decision: 100ms}
retry: {attempts: 10, backoff: 5ms, cap: 500ms}
limits: {time: 10m, events: 1000000000}
faults:
  - crash workers 2% on prepare for exp(200ms)
`))
	if err != nil {
		t.Fatal(err)
	}
	if s.Workers != 1000 || s.Workload.Theta != 0.9 || s.CPU.Operation != 2*time.Microsecond || len(s.Faults) != 1 {
		t.Errorf("got\n%s", s.YAML())
	}
	s, err = Parse("dir/s.yaml", []byte("\ufeff"+`execution: interactive
arrivals: {rate: 300/m}
think: exp(1ms)
transactions: {file: orders.jsonl}
resources: {staging: 64KiB}
timeouts: {prepare: never}
limits: {stuck: default}
until: 3s
network:
  loss: 5%
faults: |
  crash w3 after send vote #2 for 200ms
  tear w3
choices: ['net/delay C0→w7 #3 = 12']
`))
	if err != nil {
		t.Fatal(err)
	}
	if s.Execution != model.Interactive || s.Clients != 0 || s.Arrivals != (workload.Arrivals{Kind: "poisson", Rate: 5}) || s.Resources.Staging != 65536 ||
		s.Timeouts.Prepare != sim.Forever || s.Until != 3*time.Second || s.Network.Loss != sim.ProbabilityOf(0.05) ||
		strings.Join(s.Faults, "|") != "crash w3 after send vote #2 for 200ms|tear w3" ||
		len(s.Choices) != 1 || s.Choices[0].Value != 12 || s.Transactions.File != "orders.jsonl" || s.Transactions.Count != 0 {
		t.Errorf("got\n%s", s.YAML())
	}
}

// TestDepth: what lies too deep to be parsed in little memory is refused before, in every form.
func TestDepth(t *testing.T) {
	for _, open := range []string{"[", "{a: ", "[{a: ", "- "} {
		deep := strings.Repeat(open, 1000)
		_, parsed := Parse("s.yaml", []byte("x:\n  "+deep))
		_, planned := ParseSweepPlan("s.yaml", []byte("vary:\n  "+deep))
		for _, err := range []error{parsed, planned, Default().Set("faults", deep)} {
			if err == nil || !strings.Contains(err.Error(), "lists and groups more than 100 deep") || len(err.Error()) > 1000 {
				t.Errorf("%s: %v", open, err)
			}
		}
	}
	for opened, deep := range map[int]bool{100: false, 101: true} { // any order: each by itself
		_, err := Parse("s.yaml", []byte("x: "+strings.Repeat("[", opened)+strings.Repeat("]", opened)))
		if err == nil || strings.Contains(err.Error(), "more than 100 deep") != deep {
			t.Errorf("%d: %v", opened, err)
		}
	}
	ok := `faults: ["` + strings.Repeat("[", 200) + "\"]\nx: " + strings.Repeat("[", 100) + strings.Repeat("]", 100)
	if _, err := Parse("s.yaml", []byte(ok)); err == nil || strings.Contains(err.Error(), "deep") {
		t.Errorf("%v, expected what is wrong with faults and x", err)
	}
}
