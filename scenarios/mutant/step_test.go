package mutant

import (
	"testing"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/scenarios"
)

// TestStepFindsViolations: the event is the first after which the checkers see it.
func TestStepFindsViolations(t *testing.T) {
	s, err := scenarios.Load("../testdata/repros/abort-alone.yaml")
	if err != nil {
		t.Fatal(err)
	}
	job, err := s.Open(Protocols())
	if err != nil {
		t.Fatal(err)
	}
	defer job.Close()
	st, err := scenarios.NewStepper(t.Context(), job)
	if err != nil {
		t.Fatal(err)
	}
	found, err := st.FindViolation(t.Context())
	if err != nil || !found || st.Result().Violations == 0 {
		t.Fatalf("%v %v: %d violations at %d of %d", err, found, st.Result().Violations, st.At(), st.End())
	}
	at := st.At()
	if err := st.Go(t.Context(), at-1); err != nil || st.Result().Violations != 0 {
		t.Errorf("%v: %d violations before event %d", err, st.Result().Violations, at)
	}
	if st.Whole().Verdict != analysis.Invalid {
		t.Error(st.Whole().Verdict)
	}
}
