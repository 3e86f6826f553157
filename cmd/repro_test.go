package cmd

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
)

// TestReproLost: a repro that can not be written does not take with it what was found.
func TestReproLost(t *testing.T) {
	t.Parallel()
	nowhere := filepath.Join(t.TempDir(), "missing", "found.yaml")
	for args, found := range map[string]string{
		"explore pair --protocol mutant:early-vote -q --jobs 1 -o " + nowhere:    "finding       write-ahead",
		"hunt mutant:early-vote --seeds 1-1 -q --jobs 1 -o /dev/null/" + nowhere: "FOUND write-ahead",
	} {
		var out, errs bytes.Buffer
		code := Main(strings.Fields(args), &out, &errs)
		if code != exitUsage || !strings.Contains(out.String(), found) || !strings.Contains(errs.String(), "missing") {
			t.Errorf("txsim %s: exit code %d, expected %d with %q and the path:\n%s\n%s", args, code, exitUsage, found, out.String(), errs.String())
		}
	}
}
