package space

import (
	"slices"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// There are three ways to ask for a reaction. react is for steps that the cluster takes, try
// for inputs that may be impossible in that state, and suppose is try unless too much has
// been run already.

// start returns the state of a node after its start.
func (s *Space) start(n sim.NodeID) *local {
	b := s.benches.Get().(*model.Bench)
	defer s.benches.Put(b)
	b.Begin(n)
	first := s.sends(b, n)
	l := s.state(b, n, nil, input{})
	l.atStart = first
	return l
}

// wreck returns the state of a node that has panicked about an input: that before the
// input, but it waits for nothing and does nothing more.
func (s *Space) wreck(l *local, in input, panicked any) *local {
	hash := sim.Hash(l.hash, in.hash(), uint64(in.cut))
	s.mu.Lock()
	defer s.mu.Unlock()
	if w := s.locals[hash]; w != nil {
		return w
	}
	w := &local{hash: hash, history: l.history, node: l.node, from: l, in: in, exact: true, claims: l.claims, crashes: l.crashes,
		shapes: l.shapes, panics: sim.PanicText(panicked)}
	s.locals[hash] = w
	return w
}

// react returns the reaction of a node, which is run the first time that it is asked for.
func (s *Space) react(l *local, in input) *reaction {
	if r, known := l.next.get(in); known {
		return r
	}
	r := s.run(l, in)
	if why := s.match(l, in, r); why != "" {
		s.fold.fail(why)
	}
	return s.publish(l, in, r)
}

// suppose returns the reaction to an input that may be impossible; nil if it is not known
// and may not be run.
func (s *Space) suppose(l *local, in input) *reaction {
	if !s.orders.frugal {
		return s.try(l, in)
	}
	// Those of the present depth are known or not depending on the order of jobs.
	if r, known := l.next.get(in); known && r.since < s.depth && !r.fatal {
		return r
	}
	return nil
}

// try returns the reaction to an input that may be impossible; nil if the node panics, or
// reacts differently under another renaming.
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

// publish stores a reaction, unless another job was quicker, and returns the one that is
// stored.
func (s *Space) publish(l *local, in input, r *reaction) *reaction {
	r.since = s.depth
	r, first := l.next.put(in, r)
	if first {
		s.ran.Add(1)
	}
	return r
}

// run runs a reaction and, if there is a budget of crashes, all of its cuts.
func (s *Space) run(l *local, in input) *reaction {
	if l.panics != "" {
		return &reaction{to: l}
	}
	b := s.benches.Get().(*model.Bench)
	defer s.benches.Put(b)
	r := &reaction{}
	r.to, r.sent = s.once(b, l, in)
	if r.fatal = r.to.panics != ""; r.fatal {
		return r
	}
	r.outline = b.Outline()
	if l.crashes >= s.budget.Crash || in.op == sim.InputCrash || l.node == s.client || r.nothing(l) {
		return r
	}
	var idle *local // the state after a crash between two steps
	boundaries := b.Boundaries()
	if !l.down {
		idle = s.react(l, input{op: sim.InputCrash}).to
	}
	for in.cut = 1; in.cut <= boundaries; in.cut++ {
		c := cut{at: in.cut}
		c.to, c.sent = s.once(b, l, in)
		c.where = b.Struck()
		r.fatal = r.fatal || c.to.panics != ""
		same := func(o cut) bool { return o.to == c.to && o.equal(c.sent) }
		if (c.to != idle || !c.none()) && !slices.ContainsFunc(r.cuts, same) {
			r.cuts = append(r.cuts, c)
		}
	}
	return r
}

// once replays a node's way to a state, and then has it react to an input.
func (s *Space) once(b *model.Bench, l *local, in input) (to *local, all sent) {
	defer func() {
		if p := recover(); p != nil {
			to, all = s.wreck(l, in, p), sent{}
		}
	}()
	var way []input
	for at := l; at.from != nil; at = at.from {
		way = append(way, at.in)
	}
	b.Begin(l.node)
	for _, earlier := range slices.Backward(way) {
		step(b, earlier)
	}
	step(b, in)
	return s.state(b, l.node, l, in), s.sends(b, l.node)
}

func step(b *model.Bench, in input) {
	i := sim.Input[model.Message]{Op: in.op, Token: in.token, Cut: in.cut}
	if in.m != nil {
		i.From, i.Mail, i.Msg = in.m.from, in.m.mail, &in.m.msg
	}
	b.Step(&i)
}

// state returns the state that the bench's node is in.
func (s *Space) state(b *model.Bench, n sim.NodeID, from *local, in input) *local {
	hash, exact := b.State()
	s.mu.Lock()
	defer s.mu.Unlock()
	if l := s.locals[hash]; l != nil {
		return l
	}
	l := &local{hash: hash, history: b.History(), node: n, from: from, in: in, down: b.Down(), exact: exact, claims: s.claim(b),
		crashes: int(b.Incarnation()) - 1}
	l.shapes = b.Shapes()
	for op, token := range b.Pending {
		l.pending = append(l.pending, input{op: op, token: token})
		if op != sim.InputTimer {
			l.idle++
		}
	}
	slices.SortFunc(l.pending, input.compare)
	s.locals[hash] = l
	s.inexact = s.inexact || !exact
	return l
}

// sends returns the messages of the bench's last step.
func (s *Space) sends(b *model.Bench, from sim.NodeID) (all sent) {
	for _, x := range b.Sent() {
		hash := model.MessageHash(from, x.To, &x.Mail, &x.Msg)
		s.mu.Lock()
		m := s.messages[hash]
		if m == nil {
			m = &message{hash: hash, from: from, to: x.To, inSession: x.InSession, session: x.Session, mail: x.Mail, msg: x.Msg}
			s.messages[hash] = m
		}
		s.mu.Unlock()
		if !slices.Contains(all.order, m) {
			all.order = append(all.order, m)
		}
		if m.inSession {
			all.ordered = append(all.ordered, m)
		} else {
			all.free = append(all.free, m)
		}
	}
	slices.SortFunc(all.free, (*message).before)
	all.free = slices.Compact(all.free)
	return all
}

// claim returns the claims of the bench's node. An accountable protocol promises by votes.
// Another may send none, so that a durable prepare record is the promise. If it does vote, it
// has prepared a little earlier so, which Transaction Commit always allows.
func (s *Space) claim(b *model.Bench) (c claims) {
	for _, f := range b.Facts() {
		bit := s.attempt(f.Label)
		switch f.Kind {
		case model.KindStart:
			c.begun |= bit
		case model.KindVote:
			if model.Vote(f.Arg) == model.VoteNo {
				c.no |= bit
			} else {
				c.yes |= bit
			}
		case model.KindCommitted:
			c.committed |= bit
		case model.KindAborted:
			c.aborted |= bit
		case model.KindDecide:
			if model.Outcome(f.Arg) == model.Committed {
				c.toCommit |= bit
			} else {
				c.toAbort |= bit
			}
		}
	}
	if !s.records {
		return c
	}
	for rec, safe := range b.Log() {
		if rec.Kind == model.KindPrepare && safe == 0 {
			c.yes |= s.attempt(rec.Label)
		}
	}
	return c
}

// attempt returns the bit of an attempt; there are at most 32.
func (s *Space) attempt(l sim.Label) uint32 {
	a := model.AttemptOf(l)
	return 1 << min((a.Txn-1)*uint64(s.tries)+uint64(a.Try)-1, 31)
}
