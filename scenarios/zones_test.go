package scenarios

import (
	"strings"
	"testing"
	"time"

	"github.com/seed83d86191/txsim/model"
)

// TestZones: the matrix is read row by row, "-" is what is known without it, and
// what is not known is asked for.
func TestZones(t *testing.T) {
	for _, c := range []struct{ zones, matrix, want string }{
		{"[]", "[]", ""},
		{"[a]", "[]", "1ms"},
		{"[a, b]", `["- 4ms", "8ms 2ms"]`, "1ms 4ms / 8ms 2ms"},
		{"[a, b]", `["- lognormal(4ms, 0.1)", "exp(8ms)  -"]`, "1ms lognormal(4ms, 0.1) / exp(8ms) 1ms"},
		{"[us-east, eu-west]", "[]", "1ms lognormal(35ms, 0.05) / lognormal(35ms, 0.05) 1ms"},
		{"[us-east, eu-west]", `["- 4ms", "- -"]`, "1ms 4ms / lognormal(35ms, 0.05) 1ms"},
		{"[a, b]", `["-\t4ms", "8ms 2ms"]`, "1ms 4ms / 8ms 2ms"},
		{`[""]`, "[]", "zones[0] = "},
		{"[us-east, mars]", "[]", "zones = [us-east, mars]: no delay from us-east to mars is known"},
		{"[a, b]", `["- 4ms"]`, "must have a row for each of the 2 zones, found 1"},
		{"[a, b]", `["- 4ms", "1ms"]`, "row 2: must have a delay to each of the 2 zones, found 1"},
		{"[a, b]", `["- 4ms", "x 1ms"]`, "row 2, from b to a: found x"},
		{"[]", `["1ms"]`, "must be empty, or zones be given"},
		{"[a, a]", `["- 1ms", "1ms -"]`, "zones[1] = a: must not be there twice"},
		{`["a b"]`, `[]`, "zones[0] = "},
	} {
		s := Default()
		if err := s.Apply("network.delay=1ms", "zones="+c.zones, "network.matrix="+c.matrix); err != nil {
			t.Fatal(err)
		}
		err := s.Validate()
		if err != nil {
			if c.want == "" || !strings.Contains(err.Error(), c.want) {
				t.Errorf("zones %s matrix %s: %v, expected %s", c.zones, c.matrix, err, c.want)
			}
			continue
		}
		all, _ := s.distances()
		var rows []string
		for _, row := range all {
			var texts []string
			for _, d := range row {
				texts = append(texts, d.String())
			}
			rows = append(rows, strings.Join(texts, " "))
		}
		if got := strings.Join(rows, " / "); got != c.want {
			t.Errorf("zones %s matrix %s: %s, expected %s", c.zones, c.matrix, got, c.want)
		}
	}
}

// TestRegions: every pair of regions has a distance, the same both ways, and no
// detour over a third region is much shorter.
func TestRegions(t *testing.T) {
	trip := func(i, j int) int {
		if i == j {
			return 0
		}
		return roundTrips[max(i, j)][min(i, j)]
	}
	for i, from := range regions {
		if len(roundTrips[i]) != i {
			t.Fatalf("%s: %d round trips, expected %d", from, len(roundTrips[i]), i)
		}
		for j, to := range regions {
			if _, ok := known(from, to); ok != (i != j) {
				t.Errorf("from %s to %s: known %v", from, to, ok)
			}
			for k, over := range regions {
				if direct, detour := trip(i, j), trip(i, k)+trip(k, j); direct*9 > detour*10 {
					t.Errorf("from %s to %s: %d ms, over %s %d ms", from, to, direct, over, detour)
				}
			}
		}
	}
}

// TestZonesPatience: where there are zones, the defaults of timeouts are longer
// than the longest round trip; what is given stays; what is printed reads back.
func TestZonesPatience(t *testing.T) {
	s, problems := Parse("x.yaml", []byte("zones: [us-east, eu-west]\ntimeouts: {decision: 100ms}\n"))
	if problems != nil {
		t.Fatal(problems)
	}
	if want := (Timeouts{500 * time.Millisecond, 100 * time.Millisecond, time.Second, 2 * time.Second}); s.Timeouts != want {
		t.Errorf("%+v", s.Timeouts)
	}
	for _, text := range [][]byte{s.Brief(), s.YAML()} {
		if again, err := Parse("x.yaml", text); err != nil || !again.Equal(s) {
			t.Errorf("%s: %v", text, err)
		}
	}
	longest := time.Duration(0)
	for _, row := range roundTrips {
		for _, ms := range row {
			longest = max(longest, time.Duration(ms)*time.Millisecond)
		}
	}
	if longest*5/4 > s.Timeouts.Prepare {
		t.Errorf("a round trip of %v, and %v to vote", longest, s.Timeouts.Prepare)
	}
}

// TestPatienceGiven: a timeout that is given before the zones stays as it is, be it that of a
// scenario without zones or of one with them; without zones, what was not given is short again.
func TestPatienceGiven(t *testing.T) {
	in, far := "zones=[us-east, eu-west]", 500*time.Millisecond
	for _, c := range []struct {
		file, sets string
		want       time.Duration
	}{
		{"workers: 2", in, far},
		{"workers: 2", "timeouts.prepare=50ms;" + in, 50 * time.Millisecond},
		{"timeouts: {prepare: 50ms}", in, 50 * time.Millisecond},
		{"timeouts: {decision: 1s}", in + ";workers=3", far},
		{"zones: [us-east, eu-west]", "zones=[]", 50 * time.Millisecond},
		{"zones: [us-east, eu-west]", "timeouts.prepare=500ms;zones=[]", far},
		{"zones: [us-east, eu-west]", "timeouts.prepare=70ms;zones=[]", 70 * time.Millisecond},
	} {
		s, err := Parse("x.yaml", []byte(c.file))
		if err != nil {
			t.Fatal(err)
		}
		plain := s.Clone()
		if err := s.Apply(strings.Split(c.sets, ";")...); err != nil || s.Timeouts.Prepare != c.want {
			t.Errorf("%s, then %s: prepare %v (%v), expected %v", c.file, c.sets, s.Timeouts.Prepare, err, c.want)
		}
		if again, _ := Parse("x.yaml", []byte(c.file)); !again.Equal(plain) {
			t.Errorf("%s, then %s: changes what it was cloned from", c.file, c.sets)
		}
	}
	s := Default()
	s.Timeouts.Prepare = 70 * time.Millisecond // by a program, before any text
	if err := s.Apply(in); err != nil || s.Timeouts.Prepare != 70*time.Millisecond {
		t.Errorf("set by a program: %v (%v)", s.Timeouts.Prepare, err)
	}
}

// TestPlacedRun: a bank over three regions, its coordinators on the workers.
func TestPlacedRun(t *testing.T) {
	s := Default()
	for path, value := range map[string]string{ // any order
		"zones": "[us-east, eu-west, ap-northeast]", "placement": "workers", "coordinators": "3", "hosts": "6",
		"workload.kind": "bank", "transactions": "200", "cpu.cores": "2", "cpu.message": "20us",
	} {
		if err := s.Set(path, value); err != nil {
			t.Fatal(err)
		}
	}
	job := openJob(t, s)
	r, err := job.Run(t.Context(), Options{Seed: 1})
	if err != nil || r.Verdict.String() != "valid" {
		t.Fatal(r.Verdict, r.Findings, err)
	}
	if p50 := r.Metrics.Quantile(0.5); p50 < 130*time.Millisecond || p50 > 450*time.Millisecond {
		t.Errorf("half of the transactions take %v", p50)
	}
}

// TestDistancesOnce: the delays between zones are made for all runs of a job, not for each:
// with their tables that was nearly all that small runs cost.
func TestDistancesOnce(t *testing.T) {
	s := Default()
	s.Zones = regions
	j, err := s.Open(model.Protocols())
	if err != nil {
		t.Fatal(err)
	}
	first, second := j.Config(1).Distances, j.Config(2).Distances
	if len(first) != len(regions) || &first[0] != &second[0] {
		t.Error("each run has distances of its own")
	}
}
