package explore

import "slices"

// mostSteps bounds the transitions that are kept to look for livelocks: 512 MiB.
const mostSteps = 1 << 25

// transition is one that was found, by fingerprints.
type transition struct{ from, to uint64 }

// Livelock is what an exhausted search has found out about its ends.
type Livelock struct {
	// States are those from which no end can be reached without another fault. What has
	// been spent on faults up to there is all the same.
	States uint64
	// Nearest is the fingerprint of one of them, none of which is nearer, and Depth is
	// its depth.
	Nearest uint64
	Depth   int
}

// keep notes transitions, until there are too many.
func (x *search[S]) keep(steps []transition) {
	if x.tooMany = x.tooMany || len(x.steps)+len(steps) > mostSteps; x.tooMany {
		x.steps = nil
		return
	}
	x.steps = append(x.steps, steps...)
}

// note notes the ends among a level.
func (x *search[S]) note(level []S) {
	if x.o.End == nil {
		return
	}
	if x.ending == nil {
		x.ending = newSet()
	}
	x.parallel(level, func(_ int, part []S) {
		for _, s := range part {
			if x.o.End(s) {
				x.ending.add(x.sys.Fingerprint(s))
			}
		}
	})
}

// livelock goes back from the ends, transition by transition, to see from where none
// can be reached. It is nil if the transitions were too many to keep.
func (x *search[S]) livelock() *Livelock {
	if x.o.End == nil || x.tooMany {
		return nil
	}
	// Most lead to a greater depth, so that few rounds are needed.
	for more := true; more; {
		more = false
		for _, t := range slices.Backward(x.steps) {
			if x.ending.has(t.to) && x.ending.add(t.from) {
				more = true
			}
		}
	}
	l := &Livelock{}
	x.known.each(func(f uint64, from reached) {
		if x.ending.has(f) {
			return
		}
		l.States++
		if x.known.ways && (from.action < 0 || x.ending.has(from.fingerprint)) {
			if d := len(x.result.Way(f)) + 1; l.Depth == 0 || d < l.Depth || d == l.Depth && f < l.Nearest {
				l.Nearest, l.Depth = f, d
			}
		}
	})
	return l
}
