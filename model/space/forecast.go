package space

import (
	"slices"

	"github.com/seed83d86191/txsim/sim"
)

// forecast is an upper bound on the messages that may arrive at each node of a state before
// one node does some inputs. It assumes that each message may arrive any number of times,
// at any time.
type forecast struct {
	space  *Space
	x      *State
	timers bool       // whether timers may fire
	node   sim.NodeID // the node that has not done any of the inputs yet
	in     [MaxNodes][]*message
	sum    [MaxNodes]uint64 // of their hashes
	asked  [MaxNodes]int    // 1 + the number of messages with which outlook was last asked
	comes  []*message       // messages that may be sent to node
	dirty  bool             // it must be reset: it holds what one set has added, or is of another node

	// vague is a node of which it takes too much to find out what it may send, given no more
	// than what is in flight: more can only take longer, so that there is no forecast but that
	// before vague itself does something. It is -1 if no such node is known.
	vague    sim.NodeID
	sentOwn  bool          // it holds what node itself sends
	hopeless bool          // there is no forecast for node, whatever it sends
	flying   [MaxNodes]int // how many of in are in flight
}

// turn begins the forecast for another node. It is false if there is none.
func (f *forecast) turn(n sim.NodeID) bool {
	f.node, f.dirty = n, true
	f.hopeless = f.vague >= 0 && f.vague != n
	return !f.hopeless
}

// reset goes back to the messages that are in flight.
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
	for _, m := range f.x.ordered {
		f.add(m)
	}
	for b := range f.in {
		f.flying[b] = len(f.in[b])
	}
	f.sentOwn = false
}

// add adds a message that may arrive. It is false if it was there already.
func (f *forecast) add(m *message) bool {
	if slices.Contains(f.in[m.to], m) {
		return false
	}
	f.in[m.to] = append(f.in[m.to], m)
	f.sum[m.to] += m.hash
	return true
}

// expect adds a message that may be sent. It is false if that is nothing new.
func (f *forecast) expect(m *message) bool {
	news := f.add(m)
	if m.to == f.node && !slices.Contains(f.comes, m) {
		f.comes = append(f.comes, m)
		news = true
	}
	return news
}

// sendsOwn adds what the node itself sends. It is false if that is nothing new.
func (f *forecast) sendsOwn(all []*message) bool {
	more := false
	for _, m := range all {
		more = f.expect(m) || more
	}
	f.dirty, f.sentOwn = f.dirty || more, f.sentOwn || more
	return more
}

// run adds what the other nodes may send, until there is nothing new. It is false if that
// takes too much to find out.
func (f *forecast) run() bool {
	for more := true; more; {
		more = false
		for b, l := range f.x.nodes[:f.space.count] {
			if sim.NodeID(b) == f.node || f.asked[b] == len(f.in[b])+1 {
				continue
			}
			f.asked[b] = len(f.in[b]) + 1
			o := f.space.outlook(l, f.in[b], f.sum[b], f.timers)
			if o.undecided {
				f.giveUp(sim.NodeID(b))
				return false
			}
			for _, m := range o.sent {
				more = f.expect(m) || more
			}
		}
	}
	return true
}

// giveUp notes that there is no forecast, because of what a node may send.
func (f *forecast) giveUp(because sim.NodeID) {
	f.dirty, f.hopeless = true, !f.sentOwn
	if len(f.in[because]) == f.flying[because] {
		f.vague = because
	}
}

// outlook is what a node may send, beginning in some state, given what may arrive.
type outlook struct {
	sent []*message
	doubt
}

// doubt is whether something has not been found out.
type doubt struct {
	undecided bool // there are too many states, or reactions are not known
	depth     int  // if reactions may not have been known, Space.depth, beyond which more of them are; 0 if not
}

// decide sets whether it has been found out.
func (d *doubt) decide(s *Space, yes bool) {
	if *d = (doubt{undecided: !yes}); !yes && s.orders.frugal {
		d.depth = s.depth // not 0: no search begins frugal
	}
}

// stands reports whether trying again would come to the same.
func (d *doubt) stands(s *Space) bool { return d.depth == 0 || d.depth == s.depth }

// premise identifies what a node may meet.
type premise struct {
	r      *reaction // the reaction to the input that comes later; nil for none
	in     uint64    // the sum of the hashes of messages
	timers bool
}

func (s *Space) outlook(l *local, in []*message, sum uint64, timers bool) *outlook {
	g := premise{in: sum, timers: timers}
	if o, known := l.outlooks.get(g); known && o.stands(s) {
		return o
	}
	o := &outlook{}
	var edges []edge
	o.decide(s, s.roam(l, in, timers, func(at *local, i input) *local {
		r := s.suppose(at, i)
		if r == nil {
			return nil
		}
		o.sent = appendNew(o.sent, r.order)
		edges = append(edges, edge{at, r.to, false})
		return r.to
	}, func() bool { return false }))
	if !o.undecided {
		s.sawAll(edges) // most will be taken anyway; knowing them early saves repeated searches
	}
	l.outlooks.set(g, o)
	return o
}

// roam visits the states that a node may reach from a state, given what may arrive: first
// those one step away, then those two steps away, until enough says so. next takes a step,
// and returns nil where it does not lead on. roam is false if there are too many states.
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
				return to != nil && len(all) <= s.orders.mostRoamed
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

// spared bounds the reactions that are run only for persistent sets: this many, and one
// more for every eighth state whose sets were asked for. More would cost more time than the
// sets save. A depth that begins over the bound makes do with the reactions that are known.
// If workers are folded, which ones are known depends on the jobs.
const spared = 10000

func appendNew(all, more []*message) []*message {
	for _, m := range more {
		if !slices.Contains(all, m) {
			all = append(all, m)
		}
	}
	return all
}
