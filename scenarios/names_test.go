package scenarios

import (
	"slices"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
)

// named is a scenario of transactions with these ids, one after the other, each of
// which writes at two workers.
func named(t *testing.T, ids ...string) *Scenario {
	t.Helper()
	s := scenarioOf(t, "workers=2", "clients=1", "seed=1")
	s.Transactions = Transactions{}
	for _, id := range ids {
		s.Transactions.Inline = append(s.Transactions.Inline, id+": w0 write k = 1; w1 write k = 1")
	}
	return s
}

// A fault of one transaction strikes that one, whichever line of the file it is on,
// and none where there is no such id: not the one that a line called t<n> would be.
func TestFaultOfID(t *testing.T) {
	for _, c := range []struct {
		ids    []string
		of     string
		struck string // what w0 has logged when it crashes; "" is never
	}{
		{[]string{"pay", "t1"}, "t1", "t1"},
		{[]string{"t1", "pay"}, "t1", "t1"},
		{[]string{"t2", "t1", "t3"}, "t1", "t1"},
		{[]string{"t2", "t1", "t3"}, "t2", "t2"},
		{[]string{"t2", "t1", "t3"}, "t3", "t3"},
		{[]string{"t3", "t7", "t9"}, "t7", "t7"},
		{[]string{"t3", "t7", "t9"}, "t2", ""},
		{[]string{"a", "b"}, "b", "b"},
		{[]string{"a", "b"}, "t2", ""},
		{[]string{"a", "t2", "b"}, "t3", ""},
	} {
		s := named(t, c.ids...)
		s.Faults = []string{"crash w0 after append prepare of " + c.of + "#1 for 50ms"}
		before, log := "", logOf(t, s)
		for line := range strings.Lines(log) {
			if f := strings.Fields(line); len(f) > 3 && f[1] == "w0" && f[2] == "append" {
				before = f[3]
			} else if len(f) > 2 && f[1] == "w0" && f[2] == "crash" {
				break
			}
		}
		if !strings.Contains(log, " crash ") {
			before = ""
		}
		if before != c.struck {
			t.Errorf("%s in a file of %v: struck %q, expected %q\n%s", c.of, c.ids, before, c.struck, log)
		}
	}
}

// logOf is the full log of a run.
func logOf(t *testing.T, s *Scenario) string {
	t.Helper()
	job := openJob(t, s)
	var b strings.Builder
	log := NewLog(&b, Text, true, false)
	if _, err := job.Run(t.Context(), Options{Seed: s.Seed, Log: log}); err != nil {
		t.Fatal(err)
	}
	if err := log.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// What chance struck is recorded by id, and that repeats the run where ids look like
// the places of others.
func TestFiredOfID(t *testing.T) {
	s := named(t, "t2", "t1", "t4", "t3", "pay")
	s.Faults = []string{"crash w0 60% on prepare for 20ms", "delay 50% vote by 1ms"}
	r := runWith(t, s, Options{Seed: s.Seed})
	again := named(t, "t2", "t1", "t4", "t3", "pay")
	again.Faults = explicit(r)
	if x := runWith(t, again, Options{Seed: s.Seed}); len(again.Faults) == 0 || x.Hash != r.Hash {
		t.Errorf("%v: trace %x, expected %x", again.Faults, x.Hash, r.Hash)
	}
	if !slices.ContainsFunc(again.Faults, func(f string) bool { return strings.Contains(f, " of t2#1") }) {
		t.Errorf("none is of t2: %v", again.Faults)
	}
}

// A transaction is asked for by its id, not by its place.
func TestStepperTransaction(t *testing.T) {
	job := openJob(t, named(t, "t2", "t1", "t3"))
	s, err := NewStepper(t.Context(), job)
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]uint64{"t1": 2, "t2": 1, "t3": 3, "t4": 0} {
		if index, ok := s.Transaction(id); index != want || ok != (want > 0) {
			t.Errorf("%s: %d, %v", id, index, ok)
		}
	}
}

// A record of a transaction whose name is forgotten prints its place in a form that is
// no id's: what is printed without quotes is another's id else. Where the ids are the
// places, nothing is ever forgotten.
func TestForgottenNames(t *testing.T) {
	for _, c := range []struct {
		ids  []string
		want string // of the first transaction, long after
	}{
		{[]string{"t2", "t1"}, "#1"},
		{[]string{"t1", "pay"}, "#1"},
		{[]string{"t1", "t2"}, "t1"},
	} {
		job := openJob(t, named(t, c.ids...))
		r := &run{scenario: job.s, names: job.names()}
		f := job.formatter(&r.names)
		for i := range uint64(keepNames + 1) {
			txn := &model.Transaction{ID: "later", Index: i + 1}
			if i < uint64(len(c.ids)) {
				txn.ID = c.ids[i]
			}
			r.names.observe(&model.Event{Kind: model.Submitted, Txn: txn})
			if got := f.Attempt(model.Attempt{Txn: 1, Try: 1}); got != c.ids[0] {
				t.Fatalf("%v: the first is %s, after %d", c.ids, got, i)
			}
			r.names.observe(&model.Event{Kind: model.Answered, Txn: txn, Final: true})
		}
		if got := f.Attempt(model.Attempt{Txn: 1, Try: 2}); got != c.want+"#2" {
			t.Errorf("%v: the first is %s in the end, expected %s#2", c.ids, got, c.want)
		}
	}
}

// A date and a number make an id that is larger than any index: it is a name.
func TestLargeNumbers(t *testing.T) {
	for _, ids := range [][]string{
		{"t202401150001", "t202401150002"}, {"t1", "t17179869185"}, {"t17179869183", "t17179869184"}, {"t1099511627775", "t1099511627776"},
	} {
		r := runWith(t, named(t, ids...), Options{Seed: 1})
		if c := r.Metrics.Committed(); r.Verdict != analysis.Valid || c != 2 {
			t.Errorf("%v: %v, %d committed, %q", ids, r.Verdict, c, r.Findings)
		}
	}
}

// What differs between two runs is told by the names of a file.
func TestRecordsName(t *testing.T) {
	job := openJob(t, named(t, "pay", "refund"))
	n := map[string]int{}
	for r := range job.records(t.Context(), Options{Seed: 1}) {
		for _, id := range []string{" pay ", " refund ", " t1 ", " t2 "} {
			if strings.Contains(r.line+" ", id) {
				n[id]++
			}
		}
		if strings.Contains(r.line, "outcome") && strings.Contains(r.line, "refund") {
			break // before the end
		}
	}
	if n[" pay "] < 10 || n[" refund "] < 10 || n[" t1 "]+n[" t2 "] > 0 {
		t.Errorf("lines by id: %v", n)
	}
}
