package analysis

import (
	"math/rand/v2"
	"testing"

	"github.com/seed83d86191/txsim/model"
)

// TestSlotMap compares a slotMap with a map, under indices that come in order,
// stay for different times, and go.
func TestSlotMap(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, live := range []int{1, 50, 3000} {
		var m slotMap
		oracle := map[uint64]int32{}
		var known []uint64
		next := uint64(1)
		for range 50_000 {
			switch {
			case len(known) < live && r.IntN(3) > 0 || len(known) == 0:
				if next += uint64(r.IntN(2) * r.IntN(4)); r.IntN(1000) == 0 {
					next += 1 << 20
				}
				next++
				slot := int32(r.IntN(1 << 20))
				m.add(next, slot)
				oracle[next] = slot
				known = append(known, next)
			default:
				i := r.IntN(min(len(known), 1+r.IntN(20)))
				m.remove(known[i])
				delete(oracle, known[i])
				known = append(known[:i], known[i+1:]...)
			}
			for _, index := range []uint64{next, uint64(r.IntN(int(next) + 10)), next / 2} {
				want, ok := oracle[index]
				if !ok {
					want = -1
				}
				if got := m.find(index); got != want {
					t.Fatalf("%d live: slot of %d is %d, want %d", live, index, got, want)
				}
			}
		}
		if m.n != len(oracle) || len(m.table) > 64 && len(m.table) > 4*live+64 {
			t.Errorf("%d live: %d known, %d held, table of %d", live, len(oracle), m.n, len(m.table))
		}
	}
}

// TestSlotMapOfLargeIndices: up to the largest, no two indices are taken for one.
func TestSlotMapOfLargeIndices(t *testing.T) {
	var m slotMap
	indices := []uint64{1, 1 << 33, 1<<33 + 1, model.MaxIndex - 1, model.MaxIndex}
	for i, index := range indices {
		if got := m.find(index); got != -1 {
			t.Errorf("%d, not added, is at %d", index, got)
		}
		m.add(index, int32(i))
	}
	for i, index := range indices {
		if got := m.find(index); got != int32(i) {
			t.Errorf("%d is at %d, want %d", index, got, i)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("an index above the largest was taken")
		}
	}()
	m.add(model.MaxIndex+1, 0)
}
