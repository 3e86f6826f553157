package results

import (
	"strings"
	"testing"
)

// TestCompareSides: a comparison of what was not made in the same way names what differs,
// and the commands; of what was, it says nothing of them.
func TestCompareSides(t *testing.T) {
	for _, c := range []struct {
		change func(*File)
		want   string // "" is no note
	}{
		{func(*File) {}, ""},
		{func(f *File) { f.Command = "txsim sweep --plan p.yaml" }, ""},
		{func(f *File) { f.Hash, f.Version = "i", "2" }, "not of the same sweep: other version (1 and 2)"},
		{func(f *File) { f.Hash = "i" }, "not of the same sweep: other warm-up or transactions"},
		{func(f *File) {
			f.Hash, f.Scenario = "i", "name: x\nclients: 4\nretry: {attempts: 1,\n  cap: 2s}\nfaults:\n  - \"a\"\n"
		}, "not of the same sweep: other scenario (clients, faults)"},
		{func(f *File) {
			f.Hash, f.Scenario, f.Version = "i", "name: x\nclients: 8\nfaults: []\nzones: []\n", "2"
		}, "not of the same sweep: other version (1 and 2), scenario (retry, zones)"},
		{func(f *File) { f.Content = map[string]string{"protocol=a clients=1": "2"} }, "the files of the cell protocol=a clients=1 held something else"},
	} {
		a, b := sample(6, 1), sample(6, 1)
		a.Path, a.Scenario, a.Content = "a.jsonl", "name: x\nclients: 8\nretry: {attempts: 1,\n  cap: 2s}\nfaults: []\n", map[string]string{"protocol=a clients=1": "1"}
		b.Path, b.Scenario = "b.jsonl", a.Scenario
		c.change(b)
		a, _ = Merge(a)
		b, _ = Merge(b)
		r, err := Compare(a, b, nil)
		if err != nil {
			t.Fatal(err)
		}
		notes := strings.Join(r.Notes(), "\n")
		if c.want == "" && strings.Contains(notes, "made with") || !strings.Contains(notes, c.want) {
			t.Errorf("%q:\n%s", c.want, notes)
		}
		if made := "\na.jsonl: made with txsim sweep sample\nb.jsonl: made with " + b.Command; c.want != "" && !strings.Contains(notes, made) {
			t.Errorf("how they were made:\n%s", notes)
		}
	}
}
