package model

import (
	"iter"
	"slices"
	"strings"

	"github.com/seed83d86191/txsim/sim"
)

// items finds the items of a store by their keys: a hash table with linear probing.
// With a thousand workers the memory of each is cold when its turn comes, and what
// a lookup costs is how many lines of it are touched: here one and the item itself,
// of a map six. The zero items is empty.
type items struct {
	slots []itemSlot // a power of two, at most three quarters in use
	n     int
}

type itemSlot struct {
	it   *item // nil: free
	hash uint32
}

func hashKey(key string) uint32 { return uint32(sim.HashString(0, key)) }

// get returns the item of a key, nil if there is none.
func (t *items) get(key string, hash uint32) *item {
	if t.n == 0 {
		return nil
	}
	for i := int(hash); ; i++ {
		s := &t.slots[i&(len(t.slots)-1)]
		if s.it == nil || s.hash == hash && s.it.key == key {
			return s.it
		}
	}
}

// add adds an item whose key is not there yet.
func (t *items) add(it *item, hash uint32) {
	if 4*t.n >= 3*len(t.slots) {
		old := t.slots
		t.slots = make([]itemSlot, max(8, 2*len(old)))
		for _, s := range old {
			if s.it != nil {
				*t.free(s.hash) = s
			}
		}
	}
	*t.free(hash) = itemSlot{it, hash}
	t.n++
}

// free is the slot that an item of that hash goes to.
func (t *items) free(hash uint32) *itemSlot {
	for i := int(hash); ; i++ {
		if s := &t.slots[i&(len(t.slots)-1)]; s.it == nil {
			return s
		}
	}
}

// remove removes an item; what is not there need not be. What stands behind it and could not stand
// where it belongs moves up.
func (t *items) remove(it *item) {
	if t.n == 0 {
		return
	}
	mask := len(t.slots) - 1
	hole := int(hashKey(it.key)) & mask
	for t.slots[hole].it != it {
		if t.slots[hole].it == nil {
			return
		}
		hole = (hole + 1) & mask
	}
	for i := (hole + 1) & mask; t.slots[i].it != nil; i = (i + 1) & mask {
		if home := int(t.slots[i].hash) & mask; (i-home)&mask >= (i-hole)&mask {
			t.slots[hole], hole = t.slots[i], i
		}
	}
	t.slots[hole] = itemSlot{}
	t.n--
}

// all yields the items in any order.
func (t *items) all() iter.Seq[*item] {
	return func(yield func(*item) bool) {
		for _, s := range t.slots {
			if s.it != nil && !yield(s.it) {
				return
			}
		}
	}
}

// sorted returns the items by key.
func (t *items) sorted() []*item { return slices.SortedFunc(t.all(), byKey) }

func byKey(a, b *item) int { return strings.Compare(a.key, b.key) }

// reset removes all items and keeps the room.
func (t *items) reset() {
	clear(t.slots)
	t.n = 0
}
