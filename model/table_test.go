package model

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestTable holds a table against a map. Every key can be there twice.
func TestTable(t *testing.T) {
	type thing struct {
		key  uint64
		copy int
	}
	r := rand.New(rand.NewPCG(1, 2))
	for round := range 200 {
		var table table[thing]
		want := map[thing]*thing{}
		keys := 1 + r.Uint64N(60)
		for range 400 {
			x := thing{r.Uint64N(keys) << (round % 50), r.IntN(2)}
			got := table.get(x.key)
			for got != nil && *got != x {
				if got = table.after(x.key, got); got != nil && got.key != x.key {
					t.Fatalf("round %d: %v comes behind another %d", round, *got, x.key)
				}
			}
			if got != want[x] {
				t.Fatalf("round %d: %v is %v, want %v", round, x, got, want[x])
			}
			switch it := want[x]; {
			case it == nil:
				want[x] = &x
				table.add(x.key, &x)
			case r.IntN(2) == 0:
				if !table.remove(x.key, it) || table.remove(x.key, it) {
					t.Fatalf("round %d: %v was not removed once", round, x)
				}
				delete(want, x)
			}
		}
		n := 0
		for it := range table.all() {
			if n++; want[*it] != it {
				t.Fatalf("round %d: %v is another thing", round, *it)
			}
		}
		if table.n != len(want) || n != len(want) || len(table.keys()) != n || !slices.IsSorted(table.keys()) {
			t.Fatalf("round %d: %d things, %d, want %d", round, table.n, n, len(want))
		}
		if table.reset(); table.n != 0 || table.get(0) != nil || len(table.keys()) > 0 {
			t.Fatal("not empty")
		}
	}
}
