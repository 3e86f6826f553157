package sim

// heapQueue is the oracle of the ladder, in order and in speed: a plain 4-ary
// heap of concrete keys.
type heapQueue struct{ items []heapItem }

type heapItem struct {
	at   Time
	seq  uint64
	slot uint32
}

func (a *heapItem) less(b *heapItem) bool {
	if a.at != b.at {
		return a.at < b.at
	}
	return a.seq < b.seq
}

func (h *heapQueue) len() int { return len(h.items) }

func (h *heapQueue) push(at Time, seq uint64, slot, _ uint32) {
	h.items = append(h.items, heapItem{at, seq, slot})
	h.siftUp(len(h.items) - 1)
}

func (h *heapQueue) siftUp(i int) {
	s := h.items
	x := s[i]
	for i > 0 {
		parent := (i - 1) / 4
		if !x.less(&s[parent]) {
			break
		}
		s[i] = s[parent]
		i = parent
	}
	s[i] = x
}

func (h *heapQueue) peek() (at Time, ok bool) {
	if len(h.items) == 0 {
		return 0, false
	}
	return h.items[0].at, true
}

func (h *heapQueue) pop() (at Time, slot uint32, ok bool) {
	s := h.items
	if len(s) == 0 {
		return 0, 0, false
	}
	first, x := s[0], s[len(s)-1]
	s = s[:len(s)-1]
	h.items = s
	i := 0
	for child := 1; child < len(s); child = 4*i + 1 {
		least := child
		for c := child + 1; c < min(child+4, len(s)); c++ {
			if s[c].less(&s[least]) {
				least = c
			}
		}
		if !s[least].less(&x) {
			break
		}
		s[i] = s[least]
		i = least
	}
	if len(s) > 0 {
		s[i] = x
	}
	return first.at, first.slot, true
}

func (h *heapQueue) filter(keep func(slot uint32) bool) {
	all := h.items
	h.items = h.items[:0]
	for _, x := range all {
		if keep(x.slot) {
			h.items = append(h.items, x)
			h.siftUp(len(h.items) - 1)
		}
	}
}

// pop removes the entry with the smallest (at, seq), as the heap does.
func (q *ladder) pop() (at Time, slot uint32, ok bool) {
	e := q.peek()
	if e == nil {
		return 0, 0, false
	}
	at, slot = Time(e.at), e.slot
	q.take(at)
	return at, slot, true
}
