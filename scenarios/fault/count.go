package fault

import (
	"sync"

	"github.com/seed83d86191/txsim/sim"
)

// passCounts counts how often an attempt has passed the boundaries of a node, or how many
// of its messages have passed a link. It remembers the latest 87000 to 175000 pairs of
// attempt and node (or link), which bounds the memory of the longest run. A pair that comes
// up again after so many others counts from 1 again, strikes that waited for it have
// expired, and a recorded strike may then have the wrong number.
type passCounts struct {
	columns int         // how many boundaries are told apart
	slots   []passCount // open addressing, linear probing; a power of 2
	used    int
	room    int              // how many more fit into slots
	last    *passCount       // looked up last: neighbours in time are mostly one attempt at one node
	place   uint64           // what it counts …
	label   sim.Label        // … 0 at first
	n       []uint16         // the counts: columns for each slot in use
	old     []passCount      // of the generation before, once slots are at their maximum
	oldN    []uint16         // theirs
	limit   int              // of slots; 0 is maxPasses
	drop    func(*passCount) // called for a forgotten counter for which strikes wait
}

type passCount struct {
	key   uint64 // 0 is a free slot
	row   uint32 // of its counts
	armed uint32 // first of the strikes that wait
}

const (
	minPasses = 1 << 8
	maxPasses = 1 << 17
)

// of returns the counter of an attempt (a label that is not 0) at a node or on a link. The
// pointer is valid until the next call.
func (t *passCounts) of(place uint64, label sim.Label) *passCount {
	if place != t.place || label != t.label {
		t.look(place, label)
	}
	return t.last
}

// look makes the counter of an attempt the one looked up last.
func (t *passCounts) look(place uint64, label sim.Label) {
	if t.used >= t.room {
		t.grow()
		t.room = len(t.slots) / 3 * 2
	}
	t.last, t.place, t.label = t.find(max(sim.Hash(place, uint64(label)), 1)), place, label
}

// find returns the counter of a key, adding one if need be.
func (t *passCounts) find(key uint64) *passCount {
	slot := probe(t.slots, key)
	if slot.key == key {
		return slot
	}
	*slot = passCount{key: key, row: uint32(t.used)}
	t.used++
	t.n = append(t.n, make([]uint16, t.columns)...)
	if len(t.old) > 0 {
		if before := probe(t.old, key); before.key == key {
			copy(t.counts(slot), t.oldN[int(before.row)*t.columns:])
			slot.armed, before.armed = before.armed, 0
		}
	}
	return slot
}

// counts returns the count in each column.
func (t *passCounts) counts(slot *passCount) []uint16 {
	return t.n[int(slot.row)*t.columns:][:t.columns]
}

// probe returns the slot of a key, or the free one where it belongs.
func probe(slots []passCount, key uint64) *passCount {
	mask := uint64(len(slots) - 1)
	for i := key & mask; ; i = (i + 1) & mask {
		if slots[i].key == key || slots[i].key == 0 {
			return &slots[i]
		}
	}
}

// grow doubles the table, or at its maximum begins a new generation.
func (t *passCounts) grow() {
	limit := t.limit
	if limit == 0 {
		limit = maxPasses
	}
	if t.slots == nil && t.take() {
		return
	}
	if len(t.slots) < limit {
		before := t.slots
		t.slots = make([]passCount, max(minPasses, 2*len(before)))
		for i := range before {
			if before[i].key != 0 {
				*probe(t.slots, before[i].key) = before[i]
			}
		}
		return
	}
	if t.drop != nil {
		for i := range t.old {
			if t.old[i].armed != 0 {
				t.drop(&t.old[i])
			}
		}
	}
	clear(t.old)
	if len(t.old) == 0 {
		t.old = make([]passCount, len(t.slots))
	}
	t.slots, t.old, t.used = t.old, t.slots, 0
	t.n, t.oldN = t.oldN[:0], t.n
}

// passRooms holds the tables of runs that have ended, empty.
var passRooms sync.Pool // of *passCounts

// take gives t the table of a run that has ended, if there is one.
func (t *passCounts) take() bool {
	room, ok := passRooms.Get().(*passCounts)
	if ok {
		t.slots, t.n = room.slots, room.n
	}
	return ok
}

// release leaves the table to another run, unless emptying it would cost that run more than
// growing a new one.
func (t *passCounts) release() {
	if n := len(t.slots); n > 0 && n <= 16*minPasses {
		clear(t.slots)
		passRooms.Put(&passCounts{slots: t.slots, n: t.n[:0]})
	}
	*t = passCounts{}
}

// pass counts a passing in a column and returns its number. At the end of its range the
// count stays.
func (t *passCounts) pass(slot *passCount, column int) uint64 {
	n := &t.n[int(slot.row)*t.columns+column]
	if *n < 1<<16-1 {
		*n++
	}
	return uint64(*n)
}
