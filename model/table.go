package model

import (
	"iter"
	"slices"
)

// table is a hash table with linear probing from keys of 64 bits to things. With thousands
// of nodes the memory of each is out of the cache when its turn comes, so that a lookup
// costs as many cache misses as it touches lines: one here, six in a map. The zero table is
// empty.
type table[T any] struct {
	n     int
	slots []slot[T] // a power of two, at most three quarters in use
}

type slot[T any] struct {
	key uint64
	it  *T // nil: free
}

// spread is 2^64 over the golden ratio, an odd number: multiplying by it spreads
// neighbouring keys over all bits.
const spread = 0x9e3779b97f4a7c15

// home returns the slot where a key belongs.
func (t *table[T]) home(key uint64) int { return int(key * spread >> 32) }

// get returns a thing of that key, nil if there is none.
func (t *table[T]) get(key uint64) *T {
	if t.n == 0 {
		return nil
	}
	for i := t.home(key); ; i++ {
		if s := &t.slots[i&(len(t.slots)-1)]; s.it == nil || s.key == key {
			return s.it
		}
	}
}

// after returns the next thing of the same key, nil if there is none. Several things may
// share a key that is a hash.
func (t *table[T]) after(key uint64, it *T) *T {
	for i, found := t.home(key), false; ; i++ {
		s := &t.slots[i&(len(t.slots)-1)]
		if s.it == nil || found && s.key == key {
			return s.it
		}
		found = found || s.it == it
	}
}

// add adds a thing. Those of one key have no order.
func (t *table[T]) add(key uint64, it *T) {
	if 4*t.n >= 3*len(t.slots) {
		old := t.slots
		t.slots = make([]slot[T], max(8, 2*len(old)))
		for _, s := range old {
			if s.it != nil {
				*t.free(s.key) = s
			}
		}
	}
	*t.free(key) = slot[T]{key, it}
	t.n++
}

// free returns the slot for a new thing of that key.
func (t *table[T]) free(key uint64) *slot[T] {
	for i := t.home(key); ; i++ {
		if s := &t.slots[i&(len(t.slots)-1)]; s.it == nil {
			return s
		}
	}
}

// remove removes a thing, and reports whether it was there. Things behind it that could not
// stand where they belong move up.
func (t *table[T]) remove(key uint64, it *T) bool {
	if t.n == 0 || it == nil {
		return false
	}
	mask := len(t.slots) - 1
	hole := t.home(key) & mask
	for ; t.slots[hole].it != it; hole = (hole + 1) & mask {
		if t.slots[hole].it == nil {
			return false
		}
	}
	for i := (hole + 1) & mask; t.slots[i].it != nil; i = (i + 1) & mask {
		if home := t.home(t.slots[i].key) & mask; (i-home)&mask >= (i-hole)&mask {
			t.slots[hole], hole = t.slots[i], i
		}
	}
	t.slots[hole] = slot[T]{}
	t.n--
	return true
}

// all yields the things in any order.
func (t *table[T]) all() iter.Seq[*T] {
	return func(yield func(*T) bool) {
		for _, s := range t.slots {
			if s.it != nil && !yield(s.it) {
				return
			}
		}
	}
}

// keys returns the keys in their order.
func (t *table[T]) keys() []uint64 {
	var keys []uint64
	for _, s := range t.slots {
		if s.it != nil {
			keys = append(keys, s.key)
		}
	}
	slices.Sort(keys)
	return keys
}

// mapped returns a copy with every thing replaced.
func (t *table[T]) mapped(f func(*T) *T) table[T] {
	return table[T]{t.n, mapped(t.slots, func(s slot[T]) slot[T] {
		if s.it != nil {
			s.it = f(s.it)
		}
		return s
	})}
}

// reset removes all things and keeps the room.
func (t *table[T]) reset() {
	clear(t.slots)
	t.n = 0
}
