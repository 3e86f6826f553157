package scenarios_test

import (
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios"
	"github.com/seed83d86191/txsim/scenarios/mutant"
)

// TestStoryToTheEnd: where only the end of a run shows what is violated, the story goes on to
// what made it so, and what repeats itself is left out.
func TestStoryToTheEnd(t *testing.T) {
	const write2 = "w0 write a = 1; w1 write b = 2"
	for _, c := range []struct { // the planted bugs choose by the numbers of the ids
		mutant, transaction, faults, finding string
		has                                  []string // in this order
	}{
		{"early-vote", `t17: w0 read a; w1 read b", "t18: ` + write2, "", "durability/lost-write", []string{
			" outcome    t18     committed", " w0        finding    t18     stopped: told a decision that cannot be", "nothing but repeats",
			"seen at the end of the run, ", "what shows it"}},
		{"forgotten-decision", "t1: " + write2, `"drop commit C0→w1 of t1#1"`, "atomicity/lost-write", []string{
			"w0 → C0   ack        t1      commit", "w1 → C0   enquire    t1", "C0 → w1   got abort  t1      presumed", "w1        aborted    t1",
			"seen at the end of the run, ", "what shows it"}},
		{"deaf-worker", "t10: " + write2, "", "progress/waits-for-acks", []string{
			"w0 → C0   enquire    t10", "nothing but repeats", "seen at the end of the run, ", "what shows it"}},
		{"unheard", "t8: w0 read a", "", "one-outcome", []string{
			"client → C0 got request t8", "client → C0 got ask    t8", "seen at the end of the run, ", "what shows it"}},
	} {
		s, err := scenarios.Parse("mutant.yaml", []byte(`{workers: 2, clients: 1, protocol: "mutant:`+c.mutant+`", network: {delay: 1ms}, disk: {sync: 5ms, torn: 0},
			transactions: {inline: ["`+c.transaction+`"]}, faults: [`+c.faults+`], expect: {finding: `+c.finding+`}}`))
		if err != nil {
			t.Fatal(c.mutant, err)
		}
		job, err := s.Open(append(model.Protocols(), mutant.Protocols()...))
		if err != nil {
			t.Fatal(c.mutant, err)
		}
		defer job.Close()
		story, err := job.Tell(t.Context())
		if err != nil {
			t.Fatal(c.mutant, err)
		}
		text := story.Text()
		rest := text
		for _, want := range c.has {
			_, after, ok := strings.Cut(rest, want)
			if !ok {
				t.Errorf("%s: no %q, or not in this order:\n%s", c.mutant, want, text)
				break
			}
			rest = after
		}
		if n := strings.Count(text, "\n"); n > 70 {
			t.Errorf("%s: a story of one transaction in %d lines:\n%s", c.mutant, n, text)
		}
		if got := strings.Count(story.Mermaid(), "nothing but repeats"); got != strings.Count(text, "nothing but repeats") {
			t.Errorf("%s: the diagram says %d times that repeats are left out:\n%s", c.mutant, got, text)
		}
	}
}
