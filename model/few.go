package model

// few is a map that is fastest while it holds few entries: up to fewLinear of
// them are searched, more have an index. The zero few is empty.
type few[K comparable, V any] struct {
	pairs []pair[K, V]
	index map[K]int // empty while searching is faster
}

type pair[K comparable, V any] struct {
	key   K
	value V
}

const fewLinear = 12

func (f *few[K, V]) find(k K) int {
	if len(f.index) > 0 {
		if i, ok := f.index[k]; ok {
			return i
		}
		return -1
	}
	for i := range f.pairs {
		if f.pairs[i].key == k {
			return i
		}
	}
	return -1
}

// get returns the value of k, the zero V if there is none.
func (f *few[K, V]) get(k K) (v V) {
	if i := f.find(k); i >= 0 {
		v = f.pairs[i].value
	}
	return v
}

// add adds a key that is not there yet.
func (f *few[K, V]) add(k K, v V) {
	f.pairs = append(f.pairs, pair[K, V]{k, v})
	switch {
	case len(f.index) > 0:
		f.index[k] = len(f.pairs) - 1
	case len(f.pairs) > fewLinear:
		if f.index == nil {
			f.index = make(map[K]int, 2*len(f.pairs))
		}
		for i := range f.pairs {
			f.index[f.pairs[i].key] = i
		}
	}
}

// reset empties f and keeps its room.
func (f *few[K, V]) reset() {
	clear(f.pairs)
	clear(f.index)
	*f = few[K, V]{pairs: f.pairs[:0], index: f.index}
}

// remove removes a key; what is not there need not be.
func (f *few[K, V]) remove(k K) {
	i := f.find(k)
	if i < 0 {
		return
	}
	last := len(f.pairs) - 1
	f.pairs[i] = f.pairs[last]
	f.pairs[last] = pair[K, V]{}
	f.pairs = f.pairs[:last]
	if len(f.index) > 0 {
		delete(f.index, k)
		if i < last {
			f.index[f.pairs[i].key] = i
		}
	}
}
