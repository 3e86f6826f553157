package scenarios

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"strings"
	"testing"
)

// Fuzz has go test -fuzz look for violations: its bytes are read as choices, which
// make transactions, faults and schedule as Rapid does, and then decide whatever is
// left to chance in the run and which event is next. Each of these has its place among
// the bytes, so that a change of one leaves the others. Transactions that are written
// down stay, and so do execution, concurrency control and a schedule that is not
// latency. Without -fuzz it runs the corpus, of which some is made here and more may be
// in testdata/fuzz.
//
// What a run makes a worker do about one attempt while it has got so far with another
// that is in conflict with it, and no run had before, counts as new coverage: such
// inputs are kept though they reach no new code.
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
	for i := range fuzzSeeds {
		f.Add(fuzzSeed(s, i))
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

// corpusName is the name by which -run finds the input: while fuzzing, that which
// go test is going to give it.
func corpusName(t *testing.T, b []byte) string {
	if strings.Contains(t.Name(), "/") || flagIs("test.fuzz", "") {
		return t.Name()
	}
	file := fmt.Appendf(nil, "go test fuzz v1\n[]byte(%q)\n", b)
	return fmt.Sprintf("%s/%x", t.Name(), sha256.Sum256(file))[:len(t.Name())+1+16]
}
