package analysis

import "github.com/seed83d86191/txsim/model"

// slotMap finds the slot of a transaction by its index: open addressing with linear
// probing, where a map costs three times as much. The zero slotMap is empty. It has room
// for 2^30 slots and for indices up to model.MaxIndex.
type slotMap struct {
	table []uint64 // index and slot plus one; 0 is free; a power of two, at most half full
	n     int
}

const slotBits = 30

const _ uint = -(model.MaxIndex >> (64 - slotBits)) // compiles if all indices fit

func slotEntry(index uint64, slot int32) uint64 { return index<<slotBits | uint64(slot+1) }

func entrySlot(e uint64) int32 { return int32(e&(1<<slotBits-1)) - 1 }

// home returns where an index belongs. Neighbours in number, which are neighbours in time,
// are neighbours in memory, but no more than eight of them, lest runs grow.
func (x *slotMap) home(index uint64) int {
	const run = 8
	return int((index/run*0x9E3779B97F4A7C15>>32)*run|index%run) & (len(x.table) - 1)
}

// find returns the slot of an index, or -1.
func (x *slotMap) find(index uint64) int32 {
	if x.n == 0 {
		return -1
	}
	for i := x.home(index); ; i = (i + 1) & (len(x.table) - 1) {
		if e := x.table[i]; e == 0 || e>>slotBits == index {
			return entrySlot(e)
		}
	}
}

// add makes a slot known by its index, which must be new.
func (x *slotMap) add(index uint64, slot int32) {
	if index > model.MaxIndex {
		panic("a transaction's index is above model.MaxIndex")
	}
	x.n++
	if 2*x.n > len(x.table) {
		old := x.table
		x.table = make([]uint64, max(64, 2*len(old)))
		for _, e := range old {
			if e != 0 {
				x.put(e)
			}
		}
	}
	x.put(slotEntry(index, slot))
}

func (x *slotMap) put(e uint64) {
	i := x.home(e >> slotBits)
	for x.table[i] != 0 {
		i = (i + 1) & (len(x.table) - 1)
	}
	x.table[i] = e
}

// remove undoes add and closes the gap in the table.
func (x *slotMap) remove(index uint64) {
	mask := len(x.table) - 1
	i := x.home(index)
	for x.table[i]>>slotBits != index || x.table[i] == 0 {
		i = (i + 1) & mask
	}
	x.n--
	for j := (i + 1) & mask; x.table[j] != 0; j = (j + 1) & mask {
		if home := x.home(x.table[j] >> slotBits); (j-home)&mask >= (j-i)&mask {
			x.table[i] = x.table[j]
			i = j
		}
	}
	x.table[i] = 0
}
