package model

// pool keeps parts and locks for use again. All workers of a cluster share one:
// what one worker has just let go of is still in the processor's cache when
// the next needs it.
type pool struct {
	parts []*part
	locks []*lock
}

func (q *pool) part() *part {
	n := len(q.parts)
	if n == 0 {
		return &part{}
	}
	p := q.parts[n-1]
	q.parts = q.parts[:n-1]
	return p
}

// putPart takes a part back and keeps the room of its slices.
func (q *pool) putPart(p *part) {
	*p = part{items: p.items[:0], shadow: p.shadow[:0], staged: p.staged[:0], locked: p.locked[:0]}
	q.parts = append(q.parts, p)
}

func (q *pool) lock() *lock {
	n := len(q.locks)
	if n == 0 {
		return &lock{}
	}
	l := q.locks[n-1]
	q.locks = q.locks[:n-1]
	return l
}

// putLock takes back a lock that nobody holds or awaits.
func (q *pool) putLock(l *lock) { q.locks = append(q.locks, l) }
