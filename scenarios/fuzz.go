package scenarios

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/sim"
)

// Fuzz has go test -fuzz look for violations: its bytes are read as choices, which
// make transactions and faults as Rapid does, and then decide whatever is left to
// chance in the run and which event is next, by a random walk unless the scenario
// has another schedule. Transactions that are written down stay, and so do
// execution and concurrency control. Without -fuzz it runs the corpus, of which
// some is made here and more may be in testdata/fuzz.
//
// What a run makes the protocol do that it had not done before, in the terms of
// prepare, vote, decide, log and crash, counts as new coverage: such inputs are kept
// though they reach no new code.
//
// A run has at most the events that its transactions should need, and twenty times
// that: what hangs is found. A finding fails with its explanation, a repro and the
// lines that reproduce it. A protocol of one's own is given by Using:
//
//	func FuzzMine(f *testing.F) { scenarios.Fuzz(f, scenarios.Small().Using(mine{})) }
func Fuzz(f *testing.F, s *Scenario) {
	f.Helper()
	if err := s.Validate(); err != nil {
		f.Fatal(err)
	}
	quickMinimizing()
	f.Add([]byte{})
	for i, n := range fuzzSeeds {
		f.Add(randomBytes(s.Seed, i, n))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		drawn, source := fuzzed(s, b)
		verify(t, drawn, source, fmt.Sprintf("go test -run='%s'", runPattern(corpusName(t, b))))
	})
}

// quickMinimizing has go test -fuzz spend little on making inputs shorter, unless
// -fuzzminimizetime is given: it does that with each that reaches something new, by
// default for up to a minute, in which it looks for nothing. Repros have txsim
// shrink.
func quickMinimizing() {
	const name = "test.fuzzminimizetime"
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == name })
	if !given && flag.Lookup(name) != nil {
		_ = flag.Set(name, "200x") // it is one that the flag takes
	}
}

// fuzzSeeds are the lengths of the made corpus: enough to find what is grossly
// wrong without -fuzz.
var fuzzSeeds = func() (n []int) {
	for i := range 32 {
		n = append(n, 32<<(i%6))
	}
	return n
}()

// randomBytes is an entry of the corpus that is made.
func randomBytes(seed uint64, entry, length int) []byte {
	r := sim.NewRand(seed, sim.Stream(fmt.Sprint("fuzz/corpus ", entry)))
	b := make([]byte, length)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

// fuzzEvents is how many events a fuzzed run may take for a transaction, and for
// the faults.
const fuzzEvents = 20 * stepsPerTransaction

// fuzzed makes of bytes a scenario, and the source of the rest of the choices.
func fuzzed(s *Scenario, b []byte) (*Scenario, *sim.Bytes) {
	source := sim.NewBytes(b)
	d := &drawing{s: s.Clone(), draw: func(_ string, n int) int { return source.Next(n) }}
	d.s.dir = s.dir
	d.transactions()
	d.faults()
	if d.s.Schedule.Strategy == sim.ByLatency {
		d.s.Schedule.Strategy = sim.RandomWalk
	}
	n := len(d.s.Transactions.Inline)
	if n == 0 {
		n = swarmFile
	}
	d.s.Limits.Events = min(d.s.Limits.Events, uint64(n+mostFaults)*fuzzEvents)
	return d.s, source
}

// corpusName is the name by which -run finds the input: while fuzzing, that which
// go test is going to give it.
func corpusName(t *testing.T, b []byte) string {
	if strings.Contains(t.Name(), "/") || flagIs("test.fuzz", "") {
		return t.Name()
	}
	file := fmt.Appendf(nil, "go test fuzz v1\n[]byte(%q)\n", b)
	return fmt.Sprintf("%s/%x", t.Name(), sha256.Sum256(file))[:len(t.Name())+1+16]
}
