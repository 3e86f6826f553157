package analysis

// slotMap finds the slot of a transaction by its index: open addressing with
// linear probing. A map costs three times as much on this path. The zero
// slotMap is empty.
type slotMap struct {
	table []slotEntry // a power of two, at most half full
	n     int
}

type slotEntry struct {
	index uint64
	slot  int32 // plus one; 0 is free
}

// home is where an index belongs. Neighbours in number, which are neighbours in
// time, are neighbours in memory; but no more than eight, lest runs grow.
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
		if e := &x.table[i]; e.slot == 0 || e.index == index {
			return e.slot - 1
		}
	}
}

// add makes a slot known by its index, which must be new.
func (x *slotMap) add(index uint64, slot int32) {
	x.n++
	if 2*x.n > len(x.table) {
		old := x.table
		x.table = make([]slotEntry, max(64, 2*len(old)))
		for _, e := range old {
			if e.slot != 0 {
				x.put(e)
			}
		}
	}
	x.put(slotEntry{index, slot + 1})
}

func (x *slotMap) put(e slotEntry) {
	i := x.home(e.index)
	for x.table[i].slot != 0 {
		i = (i + 1) & (len(x.table) - 1)
	}
	x.table[i] = e
}

// remove undoes add and closes the gap in the table.
func (x *slotMap) remove(index uint64) {
	mask := len(x.table) - 1
	i := x.home(index)
	for x.table[i].index != index || x.table[i].slot == 0 {
		i = (i + 1) & mask
	}
	x.n--
	for j := (i + 1) & mask; x.table[j].slot != 0; j = (j + 1) & mask {
		if home := x.home(x.table[j].index); (j-home)&mask >= (j-i)&mask {
			x.table[i] = x.table[j]
			i = j
		}
	}
	x.table[i] = slotEntry{}
}
