package model

// few is a map that is fastest while it holds few entries: up to fewLinear of
// them are searched, more have an index. The zero few is empty.
type few[K comparable, V any] struct {
	keys   []K
	values []V
	index  map[K]int // nil while searching is faster
}

const fewLinear = 12

func (f *few[K, V]) find(k K) int {
	if f.index != nil {
		if i, ok := f.index[k]; ok {
			return i
		}
		return -1
	}
	for i := range f.keys {
		if f.keys[i] == k {
			return i
		}
	}
	return -1
}

// get returns the value of k, the zero V if there is none.
func (f *few[K, V]) get(k K) (v V) {
	if i := f.find(k); i >= 0 {
		v = f.values[i]
	}
	return v
}

// add adds a key that is not there yet.
func (f *few[K, V]) add(k K, v V) {
	f.keys, f.values = append(f.keys, k), append(f.values, v)
	switch {
	case f.index != nil:
		f.index[k] = len(f.keys) - 1
	case len(f.keys) > fewLinear:
		f.index = make(map[K]int, 2*len(f.keys))
		for i, k := range f.keys {
			f.index[k] = i
		}
	}
}

// remove removes a key; what is not there need not be.
func (f *few[K, V]) remove(k K) {
	i := f.find(k)
	if i < 0 {
		return
	}
	last := len(f.keys) - 1
	f.keys[i], f.values[i] = f.keys[last], f.values[last]
	var none V
	f.values[last] = none
	f.keys, f.values = f.keys[:last], f.values[:last]
	if f.index != nil {
		delete(f.index, k)
		if i < last {
			f.index[f.keys[i]] = i
		}
	}
}
