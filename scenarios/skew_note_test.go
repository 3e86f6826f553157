package scenarios

import (
	"strings"
	"testing"
)

// TestSkewedNotes: how long a node has been silent does not depend on the clock of the
// coordinator that says so.
func TestSkewedNotes(t *testing.T) {
	s := Small()
	s.Transactions.Count, s.Coordinators = 30, 1
	s.Faults = []string{"skew C0 by 10s", "crash w1 at 1ms for 200ms"}
	job := openJob(t, s)
	var text strings.Builder
	log := NewLog(&text, Text, false, false)
	if _, err := job.Run(t.Context(), Options{Seed: 1, Log: log}); err != nil {
		t.Fatal(err)
	}
	if err := log.Flush(); err != nil {
		t.Fatal(err)
	}
	suspected, heard := 0, 0
	for line := range strings.Lines(text.String()) {
		if strings.Contains(line, " suspect ") {
			suspected++
			if !strings.HasSuffix(line, " for 50ms\n") && !strings.HasSuffix(line, " for 100ms\n") {
				t.Error(line)
			}
		}
		if strings.Contains(line, "heard again after ") {
			heard++
			if strings.Contains(line, "after -") {
				t.Error(line)
			}
		}
	}
	if suspected == 0 || heard == 0 {
		t.Errorf("%d suspected, %d heard again", suspected, heard)
	}
}
