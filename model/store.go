package model

// item is one key of a worker: its newest installed version and its lock.
type item struct {
	key     string
	value   string
	version Version // of the value or the deletion; zero if never written
	present bool    // false: never written, or deleted
	lock    *lock
}

// store is a worker's volatile image of its storage. Deletions stay as
// versions, so that a read of a deleted key says which deletion it saw.
type store struct {
	items   map[string]*item
	written []*item // those with a version, in the order of their first one
	present int     // keys with a value
	spare   []item
}

// item returns the item of key, making an unwritten one.
func (s *store) item(key string) *item {
	if it := s.items[key]; it != nil {
		return it
	}
	if s.items == nil {
		s.items = map[string]*item{}
	}
	if len(s.spare) == 0 {
		s.spare = make([]item, min(max(len(s.items), 4), 256))
	}
	it := &s.spare[0]
	s.spare = s.spare[1:]
	it.key = key
	s.items[key] = it
	return it
}

// install makes a version the newest of its item.
func (s *store) install(it *item, w staged) {
	if it.present {
		s.present--
	}
	if it.version == (Version{}) {
		s.written = append(s.written, it)
	}
	it.value, it.version, it.present = w.value, w.version, !w.deleted
	if it.present {
		s.present++
	}
}

// tidy forgets an item that was never written once nobody locks it.
func (s *store) tidy(it *item) {
	if it.lock == nil && it.version == (Version{}) {
		delete(s.items, it.key)
	}
}

// staged is one write in the shadow area: the last one of its key.
type staged struct {
	key     string
	value   string
	deleted bool
	version Version
	item    *item // at a worker
}

func (w *staged) bytes() int64 { return int64(len(w.key) + len(w.value)) }
