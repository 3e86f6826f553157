package fault

import (
	"slices"
	"time"

	"github.com/seed83d86191/txsim/scenarios/quantity"
	"github.com/seed83d86191/txsim/sim"
)

// Clone returns a copy of the plan whose lines can be changed.
func (p Plan) Clone() Plan {
	c := slices.Clone(p)
	for i := range c {
		c[i].a, c[i].b = slices.Clone(c[i].a), slices.Clone(c[i].b)
	}
	return c
}

// Names reports whether the line names this node, not only a class that it is in.
func (f *Fault) Names(n Node) bool {
	is := func(m Node) bool { return m.bare() == n.bare() }
	switch {
	case f.class == "partition":
		return slices.ContainsFunc(f.a, is) || slices.ContainsFunc(f.b, is)
	case f.message():
		return f.linked && (is(f.who) || is(f.peer))
	}
	return is(f.who)
}

// Renumber gives other numbers to the workers and coordinators that the lines name; a nil
// function leaves theirs.
func (p Plan) Renumber(worker, coordinator func(index int) int) {
	visit := func(n *Node) {
		switch {
		case n.class == oneWorker && worker != nil:
			n.index = worker(n.index)
		case n.class == oneCoordinator && coordinator != nil:
			n.index = coordinator(n.index)
		}
	}
	for i := range p {
		f := &p[i]
		visit(&f.who)
		visit(&f.peer)
		for k := range f.a {
			visit(&f.a[k])
		}
		for k := range f.b {
			visit(&f.b[k])
		}
	}
}

// Transaction returns the id of the transaction that the line strikes, "" if it names none.
func (f *Fault) Transaction() string { return f.of }

// Rename gives the transactions that the lines name other ids; those that are not in the
// map keep theirs.
func (p Plan) Rename(ids map[string]string) {
	for i := range p {
		if id := ids[p[i].Transaction()]; id != "" {
			p[i].of = id
		}
	}
}

// Sooner has the lines that strike attempts of transactions strike earlier ones, the earliest
// that lines name of each transaction becoming its first. It reports whether that changes any.
func (p Plan) Sooner() (changed bool) {
	least := map[string]uint32{}
	for i := range p {
		if f := &p[i]; f.try > 0 && (least[f.of] == 0 || f.try < least[f.of]) {
			least[f.of] = f.try
		}
	}
	for i := range p {
		if f := &p[i]; f.try > 0 && least[f.of] > 1 {
			f.try -= least[f.of] - 1
			changed = true
		}
	}
	return changed
}

// Time returns when the line strikes, if it gives a time.
func (f *Fault) Time() (at time.Duration, ok bool) { return f.at, f.trig == timed }

// Earlier moves the lines that have a time towards zero.
func (p Plan) Earlier(by time.Duration) {
	for i := range p {
		if p[i].trig == timed {
			p[i].at -= by
		}
	}
}

// Durations is how many durations a line can have: its time, its skew, how long it lasts
// and by how much it delays.
const Durations = 4

// Duration returns the k-th duration of the line, 0 if the line has none or draws it.
func (f *Fault) Duration(k int) time.Duration {
	fixed := func(d *sim.Dist) time.Duration {
		if d.IsZero() || !quantity.IsConstant(d) {
			return 0
		}
		return d.Sample(0)
	}
	switch k {
	case 0:
		at, _ := f.Time()
		return at
	case 1:
		return f.skew
	case 2:
		return fixed(&f.dur)
	}
	return fixed(&f.by)
}

// SetDuration sets the k-th duration, which the line must have.
func (f *Fault) SetDuration(k int, d time.Duration) {
	switch k {
	case 0:
		f.at = d
	case 1:
		f.skew = d
	case 2:
		f.dur = quantity.Constant(d)
	default:
		f.by = quantity.Constant(d)
	}
}

// ByChance reports whether chance decides when the line strikes, so that its strikes are
// recorded as explicit lines.
func (f *Fault) ByChance() bool {
	switch f.trig {
	case inStep, atPassing, atRate, onLink, onDevice:
		return true
	case timed, aimed:
		return !quantity.IsConstant(&f.dur) || !quantity.IsConstant(&f.by)
	}
	return false
}

// Once leaves of what comes again only the k-th time, from 0. It is false, and changes
// nothing, if there is no such.
func (f *Fault) Once(k int) bool {
	at := f.at + time.Duration(k)*f.every
	if f.every == 0 || f.until > 0 && at > f.until {
		return false
	}
	f.at, f.every, f.until = at, 0, 0
	return true
}
