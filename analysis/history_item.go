package analysis

import (
	"hash/maphash"
	"slices"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// histKey is one item: (worker, key). Its versions in the window form a list from first to
// last; the base is the newest one before the window. There may be millions of items, they
// take most of a long run's memory, and every operation looks one up several times: a
// histKey takes 64 bytes, one cache line.
type histKey struct {
	key   string
	value string // of the base

	txn uint64 // the transaction that wrote the base: see baseVersion
	try uint32
	op  int32 // the operation; its complement if the base has no value: see setBase

	worker      int32
	first, last histRef
	replayed    histRef // the last version replayed in this cut, or baseRef
}

// setBase makes a version the base. Without a value it is a delete.
func (k *histKey) setBase(v model.Version, found bool, value string) {
	k.txn, k.try, k.op, k.value = v.Txn, v.Try, v.Op, value
	if !found {
		k.op = ^v.Op
	}
}

// found reports whether the base has a value: it was written, and not deleted.
func (k *histKey) found() bool { return k.op >= 0 }

func (k *histKey) baseVersion() model.Version {
	return model.Version{Attempt: model.Attempt{Txn: k.txn, Try: k.try}, Op: max(k.op, ^k.op)}
}

// histChunk is how many items are allocated at a time. One slice of all would be copied as
// it grows, and then be half empty.
const histChunk = 1 << 12

func (c *HistoryChecker) key(k int32) *histKey {
	return &c.keys[uint32(k)/histChunk][uint32(k)%histChunk]
}

// baseAt returns when the base of an item was installed.
func (c *HistoryChecker) baseAt(k int32) *sim.Time {
	return &c.bases[uint32(k)/histChunk][uint32(k)%histChunk]
}

// itemIndex is an open-addressing table that finds the number of an item. An entry is part
// of the item's hash and, in the lower half, its number plus one. The hash differs between
// processes, but nothing depends on the order of the table.
type itemIndex struct {
	table []uint64 // a power of two, at most half full
	seed  maphash.Seed
}

func (x *itemIndex) hash(worker int, key string) uint32 {
	return uint32(maphash.String(x.seed, key)) ^ uint32(worker)*0x9E3779B1
}

// warm reads what intern will need, only to bring it into the processor's cache. For
// several items in a row, the memory accesses then overlap; otherwise intern would wait for
// each.
func (c *HistoryChecker) warm(worker int, key string) {
	if c.known < histChunk {
		return // everything is in the cache
	}
	mask := uint32(len(c.items.table) - 1)
	if e := c.items.table[c.items.hash(worker, key)&mask]; e != 0 {
		c.warmth = c.key(int32(uint32(e)) - 1).worker // a use, so that the compiler keeps the read
	}
}

// intern returns the number of an item, giving it one if it is new.
func (c *HistoryChecker) intern(worker int, key string) int32 {
	x := &c.items
	if 2*int(c.known) >= len(x.table) {
		x.grow()
	}
	hash := x.hash(worker, key)
	mask := len(x.table) - 1
	i := int(hash) & mask
	for ; x.table[i] != 0; i = (i + 1) & mask {
		if e := x.table[i]; uint32(e>>32) == hash {
			k := int32(uint32(e)) - 1
			if at := c.key(k); int(at.worker) == worker && at.key == key {
				return k
			}
		}
	}
	k := c.addKey(histKey{worker: int32(worker), key: key, op: -1, first: noRef, last: noRef, replayed: baseRef})
	x.table[i] = uint64(hash)<<32 | uint64(c.known)
	return k
}

// addKey gives an item a number.
func (c *HistoryChecker) addKey(key histKey) int32 {
	k := c.known
	if k%histChunk == 0 {
		c.keys, c.bases = more(c.keys), more(c.bases)
		n := len(c.keys) - 1
		c.keys[n], c.bases[n] = c.keys[n][:0], c.bases[n][:0]
		if k > 0 { // only the first chunk grows: most histories are short
			c.keys[n], c.bases[n] = slices.Grow(c.keys[n], histChunk), slices.Grow(c.bases[n], histChunk)
		}
	}
	n := len(c.keys) - 1
	c.keys[n], c.bases[n] = append(c.keys[n], key), append(c.bases[n], 0)
	c.known++
	return k
}

func (x *itemIndex) grow() {
	old := x.table
	if old == nil {
		x.seed = maphash.MakeSeed()
	}
	x.table = make([]uint64, max(1024, 2*len(old)))
	mask := len(x.table) - 1
	for _, e := range old {
		if e == 0 {
			continue
		}
		i := int(e>>32) & mask
		for x.table[i] != 0 {
			i = (i + 1) & mask
		}
		x.table[i] = e
	}
}
