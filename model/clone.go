package model

import (
	"maps"
	"slices"

	"github.com/seed83d86191/txsim/sim"
)

// Clone implements sim.Cloner. The copy shares with the worker what is
// immutable (transactions, results, the configuration) and what both report
// to (history and tally), and nothing else.
func (w *worker) Clone(env *sim.Env[Message]) sim.Node[Message] {
	c := &workerCloner{items: map[*item]*item{}, parts: map[*part]*part{}}
	n := *w
	n.Site = w.Site.moved(env)
	n.store = store{items: w.store.items.mapped(c.item), present: w.store.present}
	n.store.written = mapped(w.store.written, c.item)
	n.parts = mapped(w.parts, c.part)
	n.unused = slices.Clone(w.unused)
	n.peers = mapped(w.peers, c.peer)
	n.waiting = slices.Clone(w.waiting)
	for i := range n.waiting {
		n.waiting[i].p = c.part(n.waiting[i].p)
	}
	n.locks.pool = n.pool
	return &n
}

// moved returns the site for a copy of the node in another world.
func (s *Site) moved(env *sim.Env[Message]) Site {
	n := *s
	n.Env, n.event, n.pool = env, &Event{}, &pool{} // chunks that both would cut from must not be shared
	return n
}

// mapped returns a copy of a slice with every element replaced; nil stays nil.
func mapped[S ~[]E, E any](s S, f func(E) E) S {
	s = slices.Clone(s)
	for i := range s {
		s[i] = f(s[i])
	}
	return s
}

// workerCloner copies the graph of items, locks and parts, each of them once.
type workerCloner struct {
	items map[*item]*item
	parts map[*part]*part
}

func (c *workerCloner) item(it *item) *item {
	if it == nil {
		return nil
	}
	if n := c.items[it]; n != nil {
		return n
	}
	n := new(item)
	*n = *it
	c.items[it] = n
	if it.lock != nil {
		n.lock = &lock{holders: mapped(it.lock.holders, c.holder), queue: mapped(it.lock.queue, c.holder)}
	}
	return n
}

func (c *workerCloner) holder(h holder) holder {
	h.p = c.part(h.p)
	return h
}

func (c *workerCloner) part(p *part) *part {
	if p == nil {
		return nil
	}
	if n := c.parts[p]; n != nil {
		return n
	}
	n := new(part)
	*n = *p
	c.parts[p] = n
	n.reads = slices.Clone(p.reads) // it may still grow
	if p.work == nil {
		return n
	}
	n.work = new(work)
	*n.work = *p.work
	n.locked = mapped(p.locked, func(h held) held { return held{c.item(h.it), h.own} })
	n.waiting = c.item(p.waiting)
	n.staged = mapped(p.staged, func(s staged) staged {
		s.item = c.item(s.item)
		return s
	})
	return n
}

func (c *workerCloner) peer(p peer) peer {
	return peer{node: p.node, mark: p.mark, epoch: p.epoch, parts: p.parts.mapped(c.part), done: mapped(p.done, c.part), head: p.head}
}

// Clone implements sim.Cloner; see worker.Clone.
func (c *coordinator) Clone(env *sim.Env[Message]) sim.Node[Message] {
	copies := map[*attempt]*attempt{}
	clone := func(a *attempt) *attempt {
		if a == nil || copies[a] != nil {
			return copies[a]
		}
		n := new(attempt)
		*n = *a
		n.parts, n.reads, n.ran = slices.Clone(a.parts), slices.Clone(a.reads), slices.Clone(a.ran)
		copies[a] = n
		return n
	}
	n := *c
	n.Site = c.Site.moved(env)
	n.open, n.old = mapped(c.open, clone), mapped(c.old, clone)
	n.byTxn = c.byTxn.mapped(clone)
	n.waiting = slices.Clone(c.waiting)
	for i := range n.waiting {
		n.waiting[i].a = clone(n.waiting[i].a)
	}
	n.suspects, n.known = maps.Clone(c.suspects), maps.Clone(c.known)
	return &n
}
