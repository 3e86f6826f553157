package cmd

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios"
	"github.com/seed83d86191/txsim/sim"
)

// helpOf returns what txsim help prints about something.
func helpOf(t *testing.T, topic string) string {
	t.Helper()
	var out, errs strings.Builder
	if code := Main([]string{"help", topic}, &out, &errs); code != exitValid {
		t.Fatalf("txsim help %s: exit %d: %s", topic, code, &errs)
	}
	return out.String()
}

// TestStorageTopic: what a lost sync or a corrupt record takes violates durability without a
// crash, and the pages about both say why.
func TestStorageTopic(t *testing.T) {
	for _, topic := range []string{"faults", "invariants"} {
		if page := strings.Join(strings.Fields(helpOf(t, topic)), " "); !strings.Contains(page, "what a restart would rebuild from the log") {
			t.Errorf("help %s does not say what is stored", topic)
		}
	}
	for _, fault := range []string{"lose-sync w0 prepare #1", "corrupt w0 prepare #1"} {
		var out, errs strings.Builder
		code := Main([]string{"run", "rivals", "-q", "--set", `transactions.inline=["t1: w0 write x = 1; w1 write y = 1"]`, "--set", `faults=["` + fault + `"]`}, &out, &errs)
		if code != exitInvalid || strings.Contains(out.String(), "1 crash") || !strings.Contains(out.String(), "w0 x is not in storage") {
			t.Errorf("%s: exit %d\n%s%s", fault, code, &out, &errs)
		}
	}
}

// TestTopics: the pages about the model name all that can be chosen, or told, fit a
// terminal, and words that users look up lead to where they are explained.
func TestTopics(t *testing.T) {
	names := map[string][]string{"execution": model.ExecutionNames, "outcomes": {"committed", "aborted", "unknown", "blocked"}, "workload": nil}
	for _, p := range model.Protocols() {
		names["protocols"] = append(names["protocols"], p.Name())
	}
	for _, c := range model.Concurrencies() {
		names["concurrency"] = append(names["concurrency"], c.Name())
	}
	for r := model.NoReason + 1; r < model.ReasonUser; r++ {
		names["outcomes"] = append(names["outcomes"], r.String())
	}
	for _, inv := range analysis.Invariants() {
		names["invariants"] = append(names["invariants"], inv.Name)
	}
	for topic, words := range names { // in any order: they do not depend on each other
		page := helpOf(t, topic)
		for _, word := range words {
			if !strings.Contains(page, "\n  "+word+" ") && word != model.WorkerLost.String() {
				t.Errorf("help %s does not explain %s", topic, word)
			}
		}
		for line := range strings.Lines(page) {
			if n := utf8.RuneCountInString(line); n > 93 {
				t.Errorf("help %s: a line of %d characters: %s", topic, n, line)
			}
		}
	}
	for word, where := range elsewhere { // in any order: they do not depend on each other
		if helpOf(t, word) != helpOf(t, where) {
			t.Errorf("help %s is not help %s", word, where)
		}
	}
}

// TestParametersTopic: the page has each parameter but those of the workload, with its default,
// and the forms of a distribution.
func TestParametersTopic(t *testing.T) {
	page := helpOf(t, "parameters")
	var names []string
	for _, row := range regexp.MustCompile(`(?m)^  ([a-z]+(?:\.[a-z]+)?)  +(\S+(?: \S+)*)`).FindAllStringSubmatch(page, -1) {
		names = append(names, row[1])
		if row[2] == "-" {
			continue
		}
		s := scenarios.Default()
		err := s.Set(row[1], row[2])
		if row[1] == "arrivals.rate" { // makes the loop an open one
			s.Arrivals.Kind, s.Clients = "none", 8
		}
		if err != nil || !s.Equal(scenarios.Default()) {
			t.Errorf("%s is not the default of %s: %v", row[2], row[1], err)
		}
	}
	want := slices.DeleteFunc(scenarios.Paths(), func(path string) bool { return strings.HasPrefix(path, "workload.") })
	if slices.Sort(names); !slices.Equal(names, slices.Sorted(slices.Values(want))) {
		t.Errorf("explained are\n%s\nbut there are\n%s", names, want)
	}
	_, forms, _ := strings.Cut(page, "has a distribution:")
	rows := regexp.MustCompile(`(?m)^  ([a-z]+\(.*?\))  |, (constant\(.*?\))  `).FindAllStringSubmatch(forms, -1)
	for _, row := range rows {
		if _, err := sim.ParseDist(row[1] + row[2]); err != nil {
			t.Error(err)
		}
	}
	_, err := sim.ParseDist("?()")
	if _, want, _ := strings.Cut(err.Error(), "want "); len(rows) != strings.Count(want, "(") {
		t.Errorf("%d forms in %s\nbut there are %s", len(rows), forms, want)
	}
}

// TestWorkloadTopic: the page has each parameter of the workload in the order in which they are
// printed, with its default, and each kind and distribution.
func TestWorkloadTopic(t *testing.T) {
	table, rest, _ := strings.Cut(helpOf(t, "workload"), "Operations that are of no share")
	var names, want []string
	for _, row := range regexp.MustCompile(`(?m)^  ([a-z]+) +(\S+) +\S`).FindAllStringSubmatch(table, -1) {
		names = append(names, "workload."+row[1])
		if s := scenarios.Default(); row[1] == "properties" {
			continue
		} else if err := s.Set("workload."+row[1], row[2]); err != nil || !s.Equal(scenarios.Default()) {
			t.Errorf("%s is not the default of %s: %v", row[2], row[1], err)
		}
	}
	for _, path := range scenarios.Paths() {
		if strings.HasPrefix(path, "workload.") {
			want = append(want, path)
		}
	}
	if !slices.Equal(names, want) {
		t.Errorf("explained are\n%s\nbut there are\n%s", names, want)
	}
	kinds, distributions, _ := strings.Cut(rest, "The distributions")
	for name, text := range map[string]string{"kind": kinds, "distribution": distributions} { // in any order: they do not depend on each other
		s := scenarios.Default()
		if err := s.Set("workload."+name, "?"); err != nil {
			t.Fatal(err)
		}
		_, known, _ := strings.Cut(s.Validate().Error(), "must be ")
		known, _, _ = strings.Cut(known, "\n")
		for _, word := range strings.Split(strings.ReplaceAll(known, " or ", ", "), ", ") {
			if !strings.Contains(text, "\n  "+word+" ") {
				t.Errorf("%s %s is not explained in\n%s", name, word, text)
			}
		}
	}
}

// TestHeeded: where help workload says which parameters a kind heeds, it heeds these only.
func TestHeeded(t *testing.T) {
	others := map[string]string{"theta": "0.3", "keys": "77", "operations": "7", "workers": "1", "single": "0.5", "reads": "0.9", "deletes": "0.3",
		"distribution": "hotspot", "hot": "0.5", "heat": "0.5", "order": "hashed", "updates": "0.3", "inserts": "0.3", "inserted": "50",
		"scans": "0.3", "scan": "7", "lengths": "zipf", "mix": "[balance 1]", "warehouses": "2", "remote": "0.5", "away": "0.9", "local": "true"}
	hash := func(sets ...string) string {
		s := scenarios.Default()
		if s.Apply(append(sets, "transactions=60")...) != nil || s.Validate() != nil {
			return ""
		}
		job, err := s.Open(model.Protocols())
		if err != nil {
			t.Fatal(err)
		}
		defer job.Close()
		r, err := job.Run(t.Context(), scenarios.Options{Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(r.Hash)
	}
	said := regexp.MustCompile(`(?s)\n  (\S+) +[^\n]*(?:\n {13}[^\n]*)*?Heeds ([^.]+)\.`).FindAllStringSubmatch(helpOf(t, "workload"), -1)
	if len(said) != 4 {
		t.Fatalf("%d kinds say what they heed: %q", len(said), said)
	}
	for _, row := range said {
		heeded := strings.FieldsFunc(row[2], func(r rune) bool { return !unicode.IsLower(r) })
		for name, value := range others { // any order: they do not depend on each other
			if name == "mix" && row[1] == "tpcc" {
				value = "[payment 1]"
			}
			effect := false
			for _, d := range []string{"default", "zipf"} {
				kind, by := "workload.kind="+row[1], "workload.distribution="+d
				with, without := hash(kind, by, "workload."+name+"="+value), hash(kind, by)
				effect = effect || with != without && with != "" && without != ""
			}
			if want := slices.Contains(heeded, name); effect != want {
				t.Errorf("%s: heeds %s: %v, help says %v", row[1], name, effect, want)
			}
		}
	}
}

// TestProtocolCosts: the table of help protocols is what runs cost, with U workers that
// write and M that only read.
func TestProtocolCosts(t *testing.T) {
	_, table, _ := strings.Cut(helpOf(t, "protocols"), "  commit  ")
	rows := regexp.MustCompile(`(?m)^  ([a-z-]+) +\d\((\d)\) +\d\((\d)\) +(\d)U\+(\d)M$`).FindAllStringSubmatch(table, -1)
	if len(rows) != len(model.Protocols()) {
		t.Fatalf("%d rows in\n%s", len(rows), table)
	}
	number := func(s string) int { n, _ := strconv.Atoi(s); return n }
	for _, r := range rows {
		for u := 1; u <= 3; u++ {
			m := 4 - u
			line := "t1:"
			for w := range u + m {
				line += fmt.Sprintf(" w%d %s;", w, map[bool]string{true: "write x = 1", false: "read x"}[w < u])
			}
			file := filepath.Join(t.TempDir(), "one.txt")
			if err := os.WriteFile(file, []byte(strings.TrimSuffix(line, ";")+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			var out strings.Builder
			Main([]string{"run", file, "-q", "--protocol", r[1], "--execution", "batched"}, &out, io.Discard)
			messages := number(r[4])*u + number(r[5])*m + 2*(u+m) // those that execute included
			forced := number(r[2]) + number(r[3])*u
			for _, want := range []string{fmt.Sprintf("%d.00 per commit, in", messages), fmt.Sprintf("%d.00 per commit, by", forced)} {
				if !strings.Contains(out.String(), want) {
					t.Errorf("%s, U=%d, M=%d: expected %s:\n%s", r[1], u, m, want, &out)
				}
			}
		}
	}
}

// TestHistoryExamples: the histories in the help of check, pasted as they stand there, are
// not at fault: what clients saw is not refuted, and with storage it is valid.
func TestHistoryExamples(t *testing.T) {
	examples := regexp.MustCompile(`(?m)(^  \{.*\n)+`).FindAllString(helpOf(t, "check"), -1)
	if len(examples) != 2 {
		t.Fatalf("%d examples", len(examples))
	}
	for i, code := range []int{exitUnknown, exitValid} {
		file := filepath.Join(t.TempDir(), "pasted.history")
		if err := os.WriteFile(file, []byte(examples[i]), 0o600); err != nil {
			t.Fatal(err)
		}
		var out, errs strings.Builder
		if got := Main([]string{"check", file}, &out, &errs); got != code {
			t.Errorf("exit %d, expected %d, of\n%s%s%s", got, code, examples[i], &out, &errs)
		}
	}
}
