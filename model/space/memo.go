package space

import "sync"

// memo is a map that several jobs fill. With put, the first value of a key stays.
type memo[K comparable, V any] struct {
	mu  sync.RWMutex
	all map[K]V
}

func (m *memo[K, V]) get(k K) (v V, known bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	v, known = m.all[k]
	return v, known
}

// put returns the value that is stored, and whether that is v.
func (m *memo[K, V]) put(k K, v V) (there V, first bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if known, ok := m.all[k]; ok {
		return known, false
	}
	if m.all == nil {
		m.all = map[K]V{}
	}
	m.all[k] = v
	return v, true
}

// set stores a value in place of that of the key, if there is one.
func (m *memo[K, V]) set(k K, v V) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.all == nil {
		m.all = map[K]V{}
	}
	m.all[k] = v
}
