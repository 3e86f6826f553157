package space

import (
	"slices"

	"github.com/seed83d86191/txsim/sim"
)

// forecast is what may arrive at each node of a state before a node does one of some
// inputs: at least that. Each message may arrive again and again, at any time.
type forecast struct {
	space  *Space
	x      *State
	timers bool       // may fire
	node   sim.NodeID // that does none of the inputs
	in     [MaxNodes][]*message
	sum    [MaxNodes]uint64 // of their hashes
	asked  [MaxNodes]int    // for how many of them outlook has been asked, and 1
	comes  []*message       // may be sent to the node
	dirty  bool             // it holds what one set alone has added, or nothing of this node yet
}

// turn turns to another node.
func (f *forecast) turn(n sim.NodeID) {
	f.node, f.dirty = n, true
}

// reset has no more in it than what is in flight, and what has been told of that.
func (f *forecast) reset() {
	if !f.dirty {
		return
	}
	f.dirty = false
	f.comes = f.comes[:0]
	for b := range f.in {
		f.in[b], f.sum[b], f.asked[b] = f.in[b][:0], 0, 0
	}
	for _, m := range f.x.flight {
		f.add(m)
	}
	for _, m := range f.x.lines {
		f.add(m)
	}
}

// add takes in a message that may arrive. It is false if it has been there before.
func (f *forecast) add(m *message) bool {
	if slices.Contains(f.in[m.to], m) {
		return false
	}
	f.in[m.to] = append(f.in[m.to], m)
	f.sum[m.to] += m.hash
	return true
}

// expect takes in a message that may be sent.
func (f *forecast) expect(m *message) bool {
	news := f.add(m)
	if m.to == f.node && !slices.Contains(f.comes, m) {
		f.comes = append(f.comes, m)
		news = true
	}
	return news
}

// sendsOwn adds what the node sends itself. It is false if nothing is new.
func (f *forecast) sendsOwn(all []*message) bool {
	more := false
	for _, m := range all {
		more = f.expect(m) || more
	}
	f.dirty = f.dirty || more
	return more
}

// run takes in what the other nodes may send, until there is no more. It is false if
// that is too much to tell.
func (f *forecast) run() bool {
	for more := true; more; {
		more = false
		for b, l := range f.x.nodes[:f.space.count] {
			if sim.NodeID(b) == f.node || f.asked[b] == len(f.in[b])+1 {
				continue
			}
			f.asked[b] = len(f.in[b]) + 1
			o := f.space.outlook(l, f.in[b], f.sum[b], f.timers)
			if o.many {
				f.dirty = true
				return false
			}
			for _, m := range o.sent {
				more = f.expect(m) || more
			}
		}
	}
	return true
}

// outlook is what a node may send from a state on, given what may arrive.
type outlook struct {
	sent []*message
	many bool // too many states to tell, or too much is not known
}

// given is what a node may meet.
type given struct {
	r      *reaction // to an input that comes later; nil is to none
	in     uint64    // the sum of the hashes of messages
	timers bool
}

func (s *Space) outlook(l *local, in []*message, sum uint64, timers bool) *outlook {
	g := given{in: sum, timers: timers}
	if o, known := l.outlooks.get(g); known {
		return o
	}
	o := &outlook{}
	var edges []edge
	o.many = !s.roam(l, in, timers, func(at *local, i input) *local {
		r := s.suppose(at, i)
		if r == nil {
			return nil
		}
		o.sent = appendNew(o.sent, r.order)
		edges = append(edges, edge{at, r.to, false})
		return r.to
	}, func() bool { return false })
	if !o.many {
		s.sawAll(edges) // most will be seen anyway: the earlier, the fewer searches
	}
	if !o.many || !s.frugal {
		o, _ = l.outlooks.put(g, o)
	}
	return o
}

// roam visits the states to which a node may come from a state on, given what may arrive,
// as far as next leads there: those a step away, then those two away, until enough is
// seen. It is false if there are too many.
func (s *Space) roam(l *local, in []*message, timers bool, next func(at *local, i input) *local, enough func() bool) bool {
	in = slices.SortedFunc(slices.Values(in), (*message).before)
	all := []*local{l}
	for at, end := 0, 0; at < len(all) && !enough(); {
		for end = len(all); at < end; at++ {
			visit := func(i input) bool {
				to := next(all[at], i)
				if to != nil && !slices.Contains(all, to) {
					all = append(all, to)
				}
				return to != nil && len(all) <= s.most
			}
			for _, i := range all[at].pending {
				if (timers || i.op != sim.InputTimer) && !visit(i) {
					return false
				}
			}
			for _, m := range in {
				if !visit(input{op: sim.InputMessage, m: m}) {
					return false
				}
			}
		}
	}
	return true
}

// spared is how many reactions may be run, and one more for every eighth state whose
// persistent sets were asked for: more would cost more time than the sets save. Then a
// depth, at whose beginning there are as many, makes do with what is known. Where workers
// are folded, what is known depends on whose name a job has come by first.
const spared = 10000

// suppose is the reaction to what may be impossible; nil if it is not known.
func (s *Space) suppose(l *local, in input) *reaction {
	if !s.frugal {
		return s.try(l, in)
	}
	if r, known := l.next.get(in); known && r.since < s.depth && !r.fatal { // the others depend on who is first
		return r
	}
	return nil
}

// try is the reaction to what may be impossible; nil if the node does not survive it, or
// does it in another way under another name.
func (s *Space) try(l *local, in input) *reaction {
	r, known := l.next.get(in)
	if !known {
		r = s.run(l, in)
	}
	switch {
	case r.fatal:
		return nil
	case known:
		return r
	case s.match(l, in, r) != "":
		return nil
	}
	return s.publish(l, in, r)
}

func appendNew(all, more []*message) []*message {
	for _, m := range more {
		if !slices.Contains(all, m) {
			all = append(all, m)
		}
	}
	return all
}
