package model

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestItems holds the table against a map.
func TestItems(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for round := range 200 {
		var table items
		want := map[string]*item{}
		keys := 1 + r.IntN(60)
		for range 400 {
			key := fmt.Sprint("k", r.IntN(keys))
			hash := hashKey(key)
			if got := table.get(key, hash); got != want[key] {
				t.Fatalf("round %d: %s is %v, want %v", round, key, got, want[key])
			}
			switch it := want[key]; {
			case it == nil:
				want[key] = &item{key: key}
				table.add(want[key], hash)
			case r.IntN(2) == 0:
				table.remove(it)
				table.remove(it) // it is not there
				delete(want, key)
			}
		}
		var got []string
		for _, it := range table.sorted() {
			if got = append(got, it.key); want[it.key] != it {
				t.Fatalf("round %d: %s is another item", round, it.key)
			}
		}
		if table.n != len(want) || len(got) != len(want) || !slices.IsSorted(got) {
			t.Fatalf("round %d: %d items, %v, want %d", round, table.n, got, len(want))
		}
		if table.reset(); table.n != 0 || table.get("k0", hashKey("k0")) != nil || len(table.sorted()) > 0 {
			t.Fatal("not empty")
		}
	}
}
