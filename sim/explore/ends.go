package explore

import "slices"

// mostSteps bounds the transitions that are kept to look for livelocks: 512 MiB.
const mostSteps = 1 << 25

// transition is a transition that was found, by the fingerprints of its ends.
type transition struct{ from, to uint64 }

// Livelock tells from which states of an exhausted search no end can be reached.
type Livelock struct {
	// States is how many states there are from which no end can be reached without another
	// fault. How many faults the way to them has used does not matter.
	States uint64
	// Nearest is the fingerprint of such a state of the least depth, and Depth is its
	// depth; both are 0 without Options.Ways.
	Nearest uint64
	Depth   int
}

// keep records transitions, until there are too many.
func (x *search[S]) keep(steps []transition) {
	if x.tooMany = x.tooMany || len(x.steps)+len(steps) > mostSteps; x.tooMany {
		x.steps = nil
		return
	}
	x.steps = append(x.steps, steps...)
}

// note records which states of a level are ends.
func (x *search[S]) note(level []S) {
	if x.o.End == nil {
		return
	}
	if x.ending == nil {
		x.ending = &set{}
	}
	x.parallel(level, func(_ int, part []S) {
		for _, s := range part {
			if x.o.End(s) {
				x.ending.add(x.sys.Fingerprint(s))
			}
		}
	})
}

// livelock goes back from the ends along the transitions, to find the states from which
// none can be reached. It is nil if there were too many transitions to keep.
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
