package mutant

import (
	"context"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios"
	"github.com/seed83d86191/txsim/sim"
)

// pairs are ten transactions on two workers, two of them with a third one; nobody needs the fourth.
const pairs = `
workers: 4
clients: 1
transactions:
  inline:
    - "t1: w0 write x = 1; w1 write y = 1"
    - "t2: w0 write x = 2; w1 write y = 2"
    - "t3: w0 write x = 3; w1 write y = 3"
    - "t4: w0 write x = 4; w1 write y = 4"
    - "t5: w0 write x = 5; w1 write y = 5; w2 write z = 5"
    - "t6: w0 write x = 6; w1 write y = 6"
    - "t7: w0 write x = 7; w1 write y = 7"
    - "t8: w0 write x = 8; w1 write y = 8"
    - "t9: w0 write x = 9; w1 write y = 9"
    - "t10: w0 write x = 10; w1 write y = 10; w2 write z = 10"
`

// TestNoExcuse has a participant dead for good, which does not excuse what goes wrong
// between those who live. The sound protocol passes.
func TestNoExcuse(t *testing.T) {
	for _, tc := range []struct {
		mutant, fault string
		want          string // the first finding begins so
	}{
		{"deaf-worker", "crash w2 after send vote of t10#1 forever", "progress: w0 still has t10 at rest: in doubt, awaiting C0 [waits for acks], in a circle"},
		{"unheard", "crash w0 at 20ms forever", "one-outcome: t8 has no final answer"},
		{"late-decision", "crash w2 after send vote of t5#1 forever", "bounded-resolution: t5: in doubt for "},
		{"late-decision", "crash w3 at 1ms forever", "bounded-resolution: t5: in doubt for "},
		{"silent", "crash w2 after send vote of t10#1 forever", "one-outcome: t10 has no final answer"},
	} {
		for protocol, want := range map[string]string{Prefix + tc.mutant: tc.want, "presumed-abort": ""} {
			r := runText(t, pairs, "protocol="+protocol, `faults=["`+tc.fault+`"]`)
			got := ""
			if len(r.Findings) > 0 {
				got = r.Findings[0].Invariant + ": " + r.Findings[0].Text
			}
			if (r.Verdict == analysis.Valid) != (want == "") || !strings.HasPrefix(got, want) {
				t.Errorf("%s, %s: %s, %q, want %q", protocol, tc.fault, r.Verdict, got, want)
			}
		}
	}
}

// TestLateWithoutFaults: where there are no faults, nobody awaits their end to say what is late.
func TestLateWithoutFaults(t *testing.T) {
	r := runText(t, pairs, "protocol="+Prefix+"late-decision", "think=1m")
	if len(r.Findings) == 0 || r.Findings[0].Txn != "t5" || r.Findings[0].Invariant != analysis.InvBounded {
		t.Errorf("%s: %v", r.Verdict, r.Findings)
	}
}

// TestReleasedReadsExecuted: where operations are executed before the prepare, locks that
// only reads need may go with the vote, and the mutant is sound.
func TestReleasedReadsExecuted(t *testing.T) {
	const text = `
clients: 2
transactions:
  inline:
    - "t1: w0 read x; w1 write y = 1"
    - "t2: w1 read y; w0 write x = 2"
    - "t3: w0 read x"
`
	for _, execution := range []string{"batched", "interactive"} {
		r := runText(t, text, "workers=2", "protocol="+Prefix+"released-reads", "execution="+execution)
		if r.Verdict != analysis.Valid {
			t.Errorf("%s: %s %v", execution, r.Verdict, r.Findings)
		}
	}
}

// silent is a protocol whose coordinator never tells a client the outcome of t10.
func silent() model.Protocol {
	return protocol(&Mutant{Name: "silent", Sound: sound(""), coordinator: func(n *node) {
		n.send = func(_ sim.NodeID, mail *sim.Mail, m *model.Message) bool {
			return mail.Kind != model.KindAnswer || m.Attempt.Txn != 10
		}
	}})
}

// runText runs a scenario, with some parameters set.
func runText(t *testing.T, text string, sets ...string) *scenarios.Result {
	t.Helper()
	s, err := scenarios.Parse("text", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Apply(sets...); err != nil {
		t.Fatal(err)
	}
	job, err := s.Open(append(append(model.Protocols(), Protocols()...), silent()))
	if err != nil {
		t.Fatal(err)
	}
	defer job.Close()
	r, err := job.Run(context.Background(), scenarios.Options{Seed: s.Seed})
	if err != nil {
		t.Fatal(err)
	}
	return r
}
