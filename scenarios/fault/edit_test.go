package fault

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// TestEdits: numbers and durations that are set to what they are change nothing, and
// changed lines print and parse.
func TestEdits(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	same := func(i int) int { return i }
	further := func(i int) int { return i + 100 }
	set := 0
	for range 5000 {
		plan, err := ParsePlan([]string{randomFault(r)})
		if err != nil {
			t.Fatal(err)
		}
		was := plan.Lines()[0]
		kept := plan.Clone()
		kept.Renumber(same, same)
		kept.Rename(map[string]string{"": "nobody", plan[0].Transaction(): plan[0].Transaction()})
		kept.Earlier(0)
		for k := range Durations {
			if d := kept[0].Duration(k); d != 0 {
				kept[0].SetDuration(k, d)
				set++
			}
		}
		if got := kept.Lines()[0]; got != was {
			t.Fatalf("%s becomes %s", was, got)
		}
		other := plan.Clone()
		other.Renumber(further, further)
		other.Rename(map[string]string{plan[0].Transaction(): "another"})
		for k := range Durations {
			if other[0].Duration(k) != 0 {
				other[0].SetDuration(k, 7*time.Minute)
			}
		}
		again, err := Parse(other.Lines()[0])
		if err != nil || again.String() != other.Lines()[0] {
			t.Fatalf("%s becomes %s, which is read as %s, %v", was, other.Lines()[0], again, err)
		}
		if plan.Lines()[0] != was {
			t.Fatalf("%s is changed with its clone", was)
		}
	}
	if set < 1000 {
		t.Errorf("only %d durations", set)
	}
}

// TestRenumberSome: without a function for them, workers or coordinators keep their numbers.
func TestRenumberSome(t *testing.T) {
	further := func(i int) int { return i + 10 }
	plan, err := ParsePlan([]string{"partition w1 | w2 C1 at 1s for 3s", "drop commit C0→w9 #3"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		worker, coordinator func(int) int
		want                []string
	}{
		{further, nil, []string{"partition w11 | w12 C1 at 1s for 3s", "drop commit C0→w19 #3"}},
		{nil, further, []string{"partition w1 | w2 C11 at 1s for 3s", "drop commit C10→w9 #3"}},
		{nil, nil, plan.Lines()},
	} {
		p := plan.Clone()
		p.Renumber(c.worker, c.coordinator)
		if got := p.Lines(); !slices.Equal(got, c.want) {
			t.Errorf("%q, expected %q", got, c.want)
		}
	}
}

// TestNames: a line names the nodes that stand in it, and no others.
func TestNames(t *testing.T) {
	for line, names := range map[string][]Node{
		"crash w3 at 1s for 1s":                 {Worker(3)},
		"drop commit C0→w9 #3":                  {Coordinator(0), Worker(9)},
		"partition w1 w2 | * at 1s for 3s":      {Worker(1), Worker(2)},
		"partition w1 | w2 C1 at 1s for 3s":     {Worker(1), Worker(2), Coordinator(1)},
		"delay vote w4→C1 of t17#1 by 10ms":     {Worker(4), Coordinator(1)},
		"crash C7 before sync commit #1 for 1s": {Coordinator(7)},
	} {
		f, err := Parse(line)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range names {
			if !f.Names(want) || f.Names(Worker(8)) || f.Names(Coordinator(3)) {
				t.Errorf("%s does not name %s", line, want)
			}
		}
	}
	for _, line := range []string{"crash workers at 1s for 1s", "drop 1% commit"} {
		if f, err := Parse(line); err != nil || f.Names(Worker(0)) || f.Names(Coordinator(0)) {
			t.Errorf("%s names a node, %v", line, err)
		}
	}
}

// TestTransaction: a line names the transaction of the attempt that it aims at.
func TestTransaction(t *testing.T) {
	for line, want := range map[string]string{
		"crash w1 after send vote of t3#1 for 5ms": "t3", `drop commit C0→w1 of "a b"#2`: "a b",
		"crash w1 at 1s for 2s": "", "crash w1 after send vote #2 for 5ms": "",
	} {
		f, err := Parse(line)
		if err != nil || f.Transaction() != want {
			t.Errorf("%s: %q, %v", line, f.Transaction(), err)
		}
	}
}

// TestSooner: the attempts of a transaction that lines name keep their distances, and become
// its first ones.
func TestSooner(t *testing.T) {
	p, err := ParsePlan([]string{
		"drop commit C0→w1 of t5#9", "crash w1 after send vote of t5#11 #2 for 5ms", "drop abort C0→w1 of t2#3",
		"drop vote w1→C0 of t3#1", "drop vote w1→C0 of t3#4", "drop 1% commit", "crash w1 at 1s for 2s",
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"drop commit C0→w1 of t5#1", "crash w1 after send vote of t5#3 #2 for 5ms", "drop abort C0→w1 of t2#1",
		"drop vote w1→C0 of t3#1", "drop vote w1→C0 of t3#4", "drop 1% commit", "crash w1 at 1s for 2s",
	}
	if changed := p.Sooner(); !changed || !slices.Equal(p.Lines(), want) {
		t.Errorf("%v: %q", changed, p.Lines())
	}
	if p.Sooner() {
		t.Errorf("again: %q", p.Lines())
	}
}

// TestOnce: of what comes again each time can be had alone, and no more of them.
func TestOnce(t *testing.T) {
	for line, want := range map[string][]string{
		"crash w1 at 1s for 2s every 10s until 21s": {"crash w1 at 1s for 2s", "crash w1 at 11s for 2s", "crash w1 at 21s for 2s"},
		"pause w1 at 1s for 2s every 10s until 11s": {"pause w1 at 1s for 2s", "pause w1 at 11s for 2s"},
		"crash w1 at 1s for 2s":                     nil,
		"drop 1% vote":                              nil,
	} {
		var got []string
		for k := 0; ; k++ {
			f, err := Parse(line)
			if err != nil {
				t.Fatal(err)
			}
			if !f.Once(k) {
				if f.String() != line {
					t.Errorf("%s is changed to %s", line, f)
				}
				break
			}
			got = append(got, f.String())
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, expected %q", line, got, want)
		}
	}
}
