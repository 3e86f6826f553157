package model

import (
	"encoding/binary"
	"slices"
	"strings"
)

// item is one key of a worker: its newest installed version and its lock. It fills one
// cache line.
type item struct {
	key     string
	value   string
	writer  Attempt // of the value or the deletion; zero if never written
	op      int32
	present bool // false: never written, or deleted
	lock    *lock
}

// hashKey returns the hash of a key: FNV-1a, which is fast for short keys. No order depends
// on it.
func hashKey(key string) uint64 {
	h := uint64(0xcbf29ce484222325)
	for i := 0; i < len(key); i++ {
		h = (h ^ uint64(key[i])) * 0x100000001b3
	}
	return h
}

func byKey(a, b *item) int { return strings.Compare(a.key, b.key) }

func (it *item) version() Version { return Version{it.writer, it.op} }

func (it *item) written() bool { return it.writer != Attempt{} }

// store is a worker's volatile image of its storage. Deletions stay as
// versions, so that a read of a deleted key says which deletion it saw.
type store struct {
	items   table[item] // by hashKey
	present int         // keys with a value
	written []*item     // those with a version, in the order of their first one
	spare   []item
	idle    []*item  // forgotten by tidy
	next    int      // block
	blocks  [][]item // from which all items are, one after the other
}

// item returns the item of key, making an unwritten one.
func (s *store) item(key string) *item {
	hash := hashKey(key)
	for it := s.items.get(hash); it != nil; it = s.items.after(hash, it) {
		if it.key == key {
			return it
		}
	}
	if n := len(s.idle); n > 0 {
		it := s.idle[n-1]
		s.idle = s.idle[:n-1]
		*it = item{key: key}
		s.items.add(hash, it)
		return it
	}
	if len(s.spare) == 0 {
		if s.next == len(s.blocks) {
			s.blocks = append(s.blocks, make([]item, min(max(s.items.n, 4), 256)))
		}
		s.spare = s.blocks[s.next]
		s.next++
	}
	it := &s.spare[0]
	s.spare = s.spare[1:]
	it.key = key
	s.items.add(hash, it)
	return it
}

// reset empties the store and keeps its room.
func (s *store) reset() {
	for _, b := range s.blocks[:s.next] {
		clear(b)
	}
	s.items.reset()
	clear(s.written)
	*s = store{items: s.items, written: s.written[:0], blocks: s.blocks, idle: s.idle[:0]}
}

// all returns the items by key.
func (s *store) all() []*item { return slices.SortedFunc(s.items.all(), byKey) }

// install makes what an attempt has written the newest version of its item.
func (s *store) install(it *item, w *staged, a Attempt) {
	if it.present {
		s.present--
	}
	if !it.written() {
		s.written = append(s.written, it)
	}
	it.value, it.writer, it.op, it.present = w.value, a, w.op, !w.deleted
	if it.present {
		s.present++
	}
}

// tidy forgets an item that was never written once nobody locks it.
func (s *store) tidy(it *item) {
	if it.lock == nil && !it.written() && s.items.remove(hashKey(it.key), it) {
		s.idle = append(s.idle, it)
	}
}

// Record implements History: the store takes over what is installed.
func (s *store) Record(e *Event) {
	s.install(s.item(e.Key), &staged{value: e.Value, deleted: e.Deleted, op: e.Version.Op}, e.Version.Attempt)
}

// sorted returns the items that were ever written, by key.
func (s *store) sorted() []*item {
	items := slices.Clone(s.written)
	slices.SortFunc(items, byKey)
	return items
}

// append encodes the written items.
func (s *store) append(b []byte) []byte {
	b = binary.LittleEndian.AppendUint32(b, uint32(len(s.written)))
	for _, it := range s.written {
		b = appendItem(b, it.version().Attempt, &staged{key: it.key, value: it.value, deleted: !it.present, op: it.op})
	}
	return b
}

// appendItem encodes an item that an attempt has written.
func appendItem(b []byte, writer Attempt, w *staged) []byte {
	return appendStaged(binary.LittleEndian.AppendUint64(b, uint64(writer.Label())), w)
}

// staged is one write in the shadow area: the last one of its key.
type staged struct {
	key     string
	value   string
	item    *item // at a worker
	op      int32 // index in Transaction.Ops
	deleted bool
}

func (w *staged) bytes() int64 { return int64(len(w.key) + len(w.value)) }
