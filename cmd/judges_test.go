package cmd

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios/mutant"
)

// judged is the command line with other judges beside the serialization graph.
func judged(t *testing.T, j analysis.Judges, args ...string) (out string, code int) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	a := &app{ctx: t.Context(), in: os.Stdin, out: &stdout, err: &stderr, protocols: append(model.Protocols(), mutant.Protocols()...), judges: j}
	code = a.main(args)
	if code == exitUsage {
		t.Fatalf("txsim %s: %s", strings.Join(args, " "), &stderr)
	}
	return stdout.String(), code
}

// TestJudgesDisagree: a judge that is wrong, in either direction, is an error of the
// tool and said as such, by every command that asks the judges; with those that there
// are it is not.
func TestJudgesDisagree(t *testing.T) {
	t.Parallel()
	refuting := analysis.Judges{Black: func([]model.Event) *analysis.Finding {
		return &analysis.Finding{Invariant: analysis.InvStrictSerializability, Text: "made up", Records: []string{"a record"}}
	}}
	strict := analysis.Judges{Brute: func(*analysis.Recording) analysis.Brute {
		return analysis.Brute{Verdict: analysis.Invalid, Why: "made up"}
	}}
	blind := analysis.Judges{Brute: func(*analysis.Recording) analysis.Brute { return analysis.Brute{Verdict: analysis.Valid} }}
	dir := t.TempDir()
	sound, broken := filepath.Join(dir, "sound"), filepath.Join(dir, "broken")
	if out, code := judged(t, analysis.Judges{}, "run", "bank", "--transactions", "5", "--quiet", "--oracles", "--history", sound); code != exitValid || strings.Contains(out, "TOOL ERROR") {
		t.Fatalf("exit code %d: %s", code, out)
	}
	if out, code := judged(t, analysis.Judges{}, "run", "mutant:dirty-reads", "--transactions", "8", "--quiet", "--oracles", "--history", broken); code != exitInvalid || strings.Contains(out, "TOOL ERROR") {
		t.Fatalf("exit code %d: %s", code, out)
	}
	const accepts = "TOOL ERROR error of the tool, not of the run: the serialization graph accepts the history and "
	const seed = "TOOL ERROR seed 1: error of the tool, not of the run: "
	const rejected = "the trial of all orders accepts the history and the serialization graph rejects it: "
	for _, c := range []struct {
		judges analysis.Judges
		args   string
		code   int
		text   string
	}{
		{refuting, "run bank --transactions 5 --quiet --oracles", exitUnknown, accepts + "the black box rejects it: strict-serializability: made up\n    a record\n"},
		{refuting, "run bank --transactions 5 --quiet", exitValid, ""}, // not asked
		{strict, "run bank --transactions 5 --quiet --oracles", exitUnknown, accepts + "the trial of all orders rejects it: made up\n"},
		{blind, "run mutant:dirty-reads --transactions 8 --quiet --oracles", exitInvalid, "TOOL ERROR error of the tool, not of the run: " + rejected},
		{refuting, "hunt bank --transactions 5 --seeds 1-3 --oracles", exitUnknown, seed + "the serialization graph accepts the history and the black box rejects it: "},
		{blind, "hunt mutant:dirty-reads --transactions 8 --seeds 1-3 --oracles -o " + dir, exitUnknown, seed + rejected},
		{refuting, "check " + sound, exitUnknown, accepts + "the black box rejects it: "},
		{strict, "check " + sound, exitUnknown, accepts + "the trial of all orders rejects it: "},
		{blind, "check " + broken, exitInvalid, "TOOL ERROR error of the tool, not of the run: " + rejected},
		{blind, "check --format json " + broken, exitInvalid, `"tool_error":{"accepts":"the trial of all orders","rejects":"the serialization graph"`},
		{refuting, "run bank --transactions 5 --quiet --oracles --format jsonl", exitUnknown, `{"tool_error":{"accepts":"the serialization graph","rejects":"the black box"`},
	} {
		out, code := judged(t, c.judges, strings.Fields(c.args)...)
		if code != c.code || !strings.Contains(out, c.text) || strings.Contains(out, "TOOL ERROR") && c.text == "" {
			t.Errorf("txsim %s: exit code %d, want %d and %q:\n%s", c.args, code, c.code, c.text, out)
		}
		if c.code == exitUnknown && !strings.Contains(c.args, "hunt") && !strings.Contains(c.args, "json") && !strings.Contains(out, "unknown: those who judge the history disagree\n") {
			t.Errorf("txsim %s: no verdict that the judges disagree:\n%s", c.args, out)
		}
	}
}
