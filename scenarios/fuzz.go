package scenarios

import (
	"bytes"
	"crypto/sha256"
	"flag"
	"fmt"
	"slices"
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
// A run counts as new coverage if it makes a worker do something about one attempt, at a
// stage of another attempt in conflict with it, that no run had before. Such inputs are
// kept though they reach no new code.
//
// A run may take twenty times the events that its transactions should need, so that one
// which never ends is found. A finding fails with its explanation, a repro and the lines
// that reproduce it. If nothing of the corpus commits, the test's log says so. A protocol of
// one's own is given by Using:
//
//	func FuzzMine(f *testing.F) { scenarios.Fuzz(f, scenarios.Small().Using(mine{})) }
func Fuzz(f *testing.F, s *Scenario) {
	f.Helper()
	if err := s.Validate(); err != nil {
		f.Fatal(err)
	}
	quickMinimizing()
	seeds := [][]byte{{}}
	for i := range fuzzSeeds {
		seeds = append(seeds, fuzzSeed(s, i))
	}
	for _, b := range seeds {
		f.Add(b)
	}
	done := &tested{}
	f.Cleanup(func() { done.report(f) })
	f.Fuzz(func(t *testing.T, b []byte) {
		drawn, source := fuzzed(s, b)
		done.add(verify(t, drawn, source, fmt.Sprintf("go test -run='%s'", runPattern(corpusName(t, seeds, b)))))
	})
}

// quickMinimizing keeps go test -fuzz from spending long on shortening inputs, unless
// -fuzzminimizetime is given: by default it takes up to a minute for each input that
// reaches something new, and searches for nothing meanwhile. Repros have txsim shrink.
func quickMinimizing() {
	const name = "test.fuzzminimizetime"
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == name })
	if !given && flag.Lookup(name) != nil {
		_ = flag.Set(name, "200x") // it is one that the flag takes
	}
}

// corpusName returns the name by which -run finds the input: while fuzzing, that of the seed,
// or the name that go test is going to give it.
func corpusName(t *testing.T, seeds [][]byte, b []byte) string {
	if strings.Contains(t.Name(), "/") || flagIs("test.fuzz", "") {
		return t.Name()
	}
	if i := slices.IndexFunc(seeds, func(seed []byte) bool { return bytes.Equal(seed, b) }); i >= 0 {
		return fmt.Sprintf("%s/seed#%d", t.Name(), i)
	}
	file := fmt.Appendf(nil, "go test fuzz v1\n[]byte(%q)\n", b)
	return fmt.Sprintf("%s/%x", t.Name(), sha256.Sum256(file))[:len(t.Name())+1+16]
}
