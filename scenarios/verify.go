package scenarios

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios/coverage"
	"github.com/seed83d86191/txsim/scenarios/input"
	"github.com/seed83d86191/txsim/scenarios/quantity"
	"github.com/seed83d86191/txsim/sim"
)

// TB is the part of a test, a fuzz target or a property that is needed to fail it.
type TB interface {
	Helper()
	Name() string
	Fatalf(format string, args ...any)
}

// Check runs the scenario with each of the seeds, in subtests called seed=7, and
// fails those whose run is not valid, with an explanation, a repro and the lines
// that reproduce it. The first of them runs twice more, and must be the same each time.
// Without seeds it runs that of the scenario. The flags
// -txsim.seed=7 and -txsim.seeds=1-1000 of the test binary replace the seeds. If none of
// the runs commits anything, the test's log says so. A protocol of one's own is given by
// Using.
func Check(t *testing.T, s *Scenario, seeds ...uint64) {
	t.Helper()
	done := &tested{}
	defer done.report(t)
	first, last, given, err := flaggedSeeds()
	switch {
	case err != nil:
		t.Fatal(err)
	case given:
		seeds = nil
		for seed := first; seed <= last && seed >= first; seed++ {
			done.check(t, s, seed, seed == first)
		}
	case len(seeds) == 0:
		seeds = []uint64{s.Seed}
	}
	for i, seed := range seeds {
		done.check(t, s, seed, i == 0)
	}
}

// tested is what a test's valid runs came to.
type tested struct{ runs, commits uint64 }

// add counts a run.
func (d *tested) add(commits uint64) { d.runs, d.commits = d.runs+1, d.commits+commits }

// report logs it if nothing was committed.
func (d *tested) report(t interface{ Log(...any) }) {
	if d.runs > 0 && d.commits == 0 {
		t.Log(noCommit)
	}
}

func (d *tested) check(t *testing.T, s *Scenario, seed uint64, again bool) {
	t.Run("seed="+strconv.FormatUint(seed, 10), func(t *testing.T) {
		c := s.Clone()
		c.Seed = seed
		d.add(verify(t, c, nil, fmt.Sprintf("go test -run='%s' -txsim.seed=%d", runPattern(t.Name()), seed)))
		if again {
			if err := c.repeat(); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// repeat runs the scenario twice; its error is ErrUnstable if the runs differ.
func (s *Scenario) repeat() error {
	job, err := s.Open(model.Protocols())
	if err != nil {
		return err
	}
	defer job.Close()
	var runs [2]*Result
	for i := range runs {
		if runs[i], err = job.Run(context.Background(), Options{Seed: s.Seed, Unchecked: true}); err != nil {
			return err
		}
	}
	if v := (Verified{First: runs[0], Second: runs[1]}); !v.Same() {
		return job.unstable(context.Background(), Options{Seed: s.Seed}, twoHashes(v.First.Hash, v.Second.Hash))
	}
	return nil
}

// Verify runs the scenario with its seed, once, and fails the test if the run is not
// valid, as Check does.
func Verify(t TB, s *Scenario) {
	t.Helper()
	verify(t, s, nil, fmt.Sprintf("go test -run='%s'", runPattern(t.Name())))
}

// runPattern returns the pattern of -run that selects just this test.
func runPattern(name string) string { return "^" + strings.ReplaceAll(name, "/", "$/^") + "$" }

// The flags of test binaries; other binaries do not have them.
var seedFlag, seedsFlag = testFlag("txsim.seed", "run scenarios.Check with this seed only"),
	testFlag("txsim.seeds", "run scenarios.Check with these seeds only: first-last")

func testFlag(name, usage string) *string {
	if !testing.Testing() {
		return new(string)
	}
	return flag.String(name, "", usage)
}

// flaggedSeeds returns the seeds that the flags ask for, if they do.
func flaggedSeeds() (first, last uint64, given bool, err error) {
	text, name := *seedFlag, "txsim.seed"
	if text != "" && *seedsFlag != "" {
		return 0, 0, false, fmt.Errorf("-%s=%s and -txsim.seeds=%s: expected one of them", name, text, *seedsFlag)
	}
	if text == "" {
		text, name = *seedsFlag, "txsim.seeds"
	}
	if text == "" {
		return 0, 0, false, nil
	}
	if first, last, err = quantity.ParseSeeds(text); err != nil {
		return 0, 0, false, fmt.Errorf("-%s=%s: %w", name, text, err)
	}
	return first, last, true, nil
}

// failure is why a scenario fails a test.
type failure struct {
	text  string
	repro *Scenario // that shows it again
}

// verify runs the scenario, with its choices read off source if that is not nil, and fails
// the test if the run is not valid. again is the command that runs it again. It returns how
// many transactions were committed.
func verify(t TB, s *Scenario, source *sim.Bytes, again string) (commits uint64) {
	t.Helper()
	f, commits, err := examine(s, source)
	if err != nil {
		t.Fatalf("%v", err)
	}
	if f == nil {
		return commits
	}
	file := reproPath(t)
	text := ReproFile(f.repro, input.FileWord(file), strings.SplitN(f.text, "\n", 2)[0], again)
	if err := os.WriteFile(file, text, 0o666); err != nil {
		t.Fatalf("%s\nand the repro could not be written: %v\nreproduce with: %s", f.text, err, again)
	}
	with := ""
	if len(s.using) > 0 {
		with = fmt.Sprintf(" # a txsim that has %s: cmd.Main(args, stdout, stderr, protocol)", s.Protocol)
	}
	t.Fatalf("%s\n\nreproduce with: %s\n            or: txsim replay %s%s", f.text, again, input.FileWord(file), with)
	return commits
}

// examine runs the scenario. The failure is nil if the run is valid, or if its faults are
// outside the model; commits is how many transactions were committed.
func examine(s *Scenario, source *sim.Bytes) (f *failure, commits uint64, err error) {
	job, err := s.Open(model.Protocols())
	if err != nil {
		return nil, 0, err
	}
	defer job.Close()
	o := Options{Seed: s.Seed}
	if source != nil {
		seen := coverage.New(s.Coordinators)
		o.choices, o.Tracer = source, seen
		defer seen.Touch()
	}
	r, err := job.Run(context.Background(), o)
	repro := s.Clone()
	if source != nil {
		repro.Chance, repro.Choices = "nominal", sim.NewRecorded(nil, source.Deviations()).Deviations()
	}
	switch {
	case err != nil:
		return nil, 0, err
	case r.Verdict == analysis.Valid || r.Verdict == analysis.Invalid && len(r.Outside) > 0:
		return nil, r.Metrics.Committed(), nil
	}
	f = &failure{repro: repro}
	repro.Expect.Hash = hashText(r.Hash)
	if r.Verdict == analysis.Invalid {
		f.text = explained(r)
		repro.Expect.Finding = r.Findings[0].Fingerprint()
	} else {
		f.text = fmt.Sprintf("unknown: %s after %s and %s of virtual time: it hangs, or limits are too small",
			r.End.Status, analysis.Count(r.Stats.Events, "event"), r.Now)
	}
	return f, r.Metrics.Committed(), f.prove(source)
}

// prove runs the repro. If the finding does not come again, the failure says so.
func (f *failure) prove(source *sim.Bytes) error {
	job, err := f.repro.Open(model.Protocols())
	if err != nil {
		return fmt.Errorf("the repro is no scenario: %w", err)
	}
	defer job.Close()
	r, err := job.Reproduce(context.Background(), Options{})
	if err != nil {
		return err
	}
	if want := f.repro.Expect; !r.SameTrace || want.Finding != "" && r.Expected == nil {
		err := job.unstable(context.Background(), Options{Seed: f.repro.Seed}, fmt.Sprintf("the run with the trace hash %s has %s when it is run again", want.Hash, hashText(r.Hash)))
		return fmt.Errorf("%w\nit had shown:\n%s", err, f.text)
	}
	if want := f.repro.Expect.Finding; want != "" && source == nil {
		written, err := job.Repro(context.Background(), Options{Seed: f.repro.Seed}, want)
		if err != nil {
			return err
		}
		f.repro = written
	}
	return nil
}

// maxExplained is how many findings a test prints.
const maxExplained = 3

// explained prints the first findings of a run.
func explained(r *Result) string {
	var b strings.Builder
	n := min(len(r.Findings), maxExplained)
	for i := range r.Findings[:n] {
		appendFinding(&b, &r.Findings[i], false)
	}
	if more := r.Violations - n; more > 0 {
		fmt.Fprintf(&b, "and %s more\n", analysis.Count(more, "violation"))
	}
	return strings.TrimRight(b.String(), "\n")
}

// reproPath returns the file for the repro of a test: in the directory of its artifacts if
// go test -artifacts asks for these, otherwise in that of temporary files, where the next
// failure of the same test by the same process overwrites it.
func reproPath(t TB) string {
	if a, ok := t.(interface{ ArtifactDir() string }); ok && flagIs("test.artifacts", "true") {
		return filepath.Join(a.ArtifactDir(), "repro.yaml")
	}
	name := strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>|#= `, r) {
			return '-'
		}
		return r
	}, t.Name())
	return filepath.Join(os.TempDir(), fmt.Sprintf("txsim-%s-%d.yaml", name, os.Getpid()))
}

// flagIs reports whether a flag of the test binary has the value.
func flagIs(name, value string) bool {
	f := flag.Lookup(name)
	return f != nil && f.Value.String() == value
}
