package cmd

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/model"
)

// broken promises a forced abort record that is not written: each abort is a finding.
type broken struct{ model.TwoPhase }

func (b broken) Promises() model.Promises {
	p := b.TwoPhase.Promises()
	p.WriteAhead = append(p.WriteAhead, model.Force{Message: model.KindAbort, Record: model.KindAbort})
	return p
}

// TestSweepConfirm: results of a protocol whose code has changed since, or that were counted
// in another way, are not added to, whichever part of the sweep is made: not even if none of
// them is valid.
func TestSweepConfirm(t *testing.T) {
	t.Parallel()
	mine := model.TwoPhase{Label: "mine", Presumption: model.Presumption{CommitAcked: true, Presume: model.Aborted}}
	changed := mine
	changed.AbortAcked, changed.AbortForced = true, true
	name := filepath.Join(t.TempDir(), "mine.jsonl")
	sweep := func(p model.Protocol, args string) (code int, stdout, stderr string) {
		var out, errs bytes.Buffer
		a := &app{ctx: t.Context(), in: strings.NewReader(""), out: &out, err: &errs, protocols: append(model.Protocols(), p)}
		code = a.main(strings.Fields("sweep hot-key --protocol mine --vary transactions=50,20 -q -o " + name + " " + args))
		return code, out.String(), errs.String()
	}
	for _, c := range []struct {
		made, now model.Protocol
		old, new  string // of the text of the results, what is changed behind txsim's back
		code      int
		want      string
	}{
		{mine, mine, "", "", exitValid, ""},
		{mine, changed, "", "", exitUsage, `:[45]: transactions=20, seed [12]: trace hash [0-9a-f]{16}, but [0-9a-f]{16} now: made by another build of txsim or of the protocol: expected another file\n$`},
		{mine, mine, `"latency.mean":`, `"latency.mean":1`, exitUsage, `:[45]: transactions=20, seed [12]: trace hash [0-9a-f]{16}, and the same trace has another result now: `},
		{broken{mine}, broken{mine}, "", "", exitInvalid, ""},
		{broken{mine}, broken{changed}, "", "", exitUsage, `:2: transactions=50, seed 1: trace hash [0-9a-f]{16}, but [0-9a-f]{16} now: `},
	} {
		for _, args := range []string{"--seeds 1-2", "--seeds 3-6 --shard 1/2", "--seeds 1-20 --until-precision 50%"} {
			if err := os.RemoveAll(name); err != nil {
				t.Fatal(err)
			}
			sweep(c.made, "--seeds 1-2")
			made, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			made = bytes.ReplaceAll(made, []byte(c.old), []byte(c.new))
			if err := os.WriteFile(name, made, 0o666); err != nil {
				t.Fatal(err)
			}
			code, out, errs := sweep(c.now, args)
			after, _ := os.ReadFile(name)
			switch {
			case code != c.code, c.code == exitUsage && (out != "" || !bytes.Equal(after, made) || !regexp.MustCompile("mine.jsonl"+c.want).MatchString(errs)):
				t.Errorf("%T by %T, %s: exit code %d, expected %d and %s:\n%s%s", c.made, c.now, args, code, c.code, c.want, out, errs)
			case c.code != exitUsage && !bytes.HasPrefix(after, made):
				t.Errorf("%T by %T, %s: what was there has changed", c.made, c.now, args)
			}
		}
	}
}
