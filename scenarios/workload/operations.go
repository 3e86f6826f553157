package workload

import (
	"cmp"
	"slices"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// operations fills in independent operations, dealt to the workers in turn.
func (g *generator) operations() {
	among := g.among(min(g.w.Workers, g.w.Operations))
	for i := range g.w.Operations {
		g.operation(i, int(among[i%len(among)]))
	}
}

// among returns k workers for the transaction, or one if it is single, the local one first if
// Local asks for it.
func (g *generator) among(k int) []int32 {
	if g.w.Single > 0 && g.w.Single.Hits(g.singles.at(g.index, 0)) {
		k = 1
	}
	hand := g.deal.draw(g.places, g.index, k)
	if g.w.Local {
		home := int32(g.home())
		at := slices.Index(hand, home)
		if at < 0 {
			at = len(hand) - 1
		}
		copy(hand[1:], hand[:at])
		hand[0] = home
	}
	return hand
}

// home returns the worker with the number of the transaction's coordinator; coordinators
// take the transactions in turn.
func (g *generator) home() int {
	return int((g.index-1)%uint64(g.coordinators)) % g.workers
}

// operation adds the i-th operation of the transaction. The shares lie one behind the other
// in the range of the draw, so that changing the last share does not move the others.
func (g *generator) operation(i, worker int) {
	w, u := g.w, g.kinds.at(g.index, i)
	is := func(share sim.Probability) bool {
		if share.Hits(u) {
			return true
		}
		u -= uint64(share)
		return false
	}
	switch {
	case is(w.Reads):
		g.add(model.Read, worker, g.key(i, worker))
	case is(w.Deletes):
		g.add(model.Delete, worker, g.key(i, worker))
	case is(w.Updates):
		g.add(model.Write, worker, g.key(i, worker))
	case is(w.Inserts):
		g.insert(worker)
	case is(w.Scans):
		g.scan(i, worker)
	default:
		key := g.key(i, worker)
		if w.Kind == "ycsb" {
			g.add(model.Read, worker, key)
		}
		g.add(model.Write, worker, key)
	}
}

// key draws the key of the i-th operation.
func (g *generator) key(i, worker int) string { return g.names.name(g.place(i, worker)) }

// place returns where that key lies among those of the worker.
func (g *generator) place(i, worker int) int {
	key := g.popular.draw(g.keys.at(g.index, i), g.inserted[worker])
	if g.w.Order == "hashed" {
		key = g.scatter.place(key)
	}
	return key
}

// insert writes the worker's next key.
func (g *generator) insert(worker int) {
	g.write(worker, g.names.name(g.w.Keys+g.inserted[worker]), cmp.Or(g.w.Inserted, g.w.Value))
	g.inserted[worker]++
}

// scan reads consecutive keys, beginning with that of the i-th operation.
func (g *generator) scan(i, worker int) {
	u := g.lengths.at(g.index, i)
	n := 1 + below(u, g.w.Scan)
	if g.short != nil {
		n = g.short.rank(u)
	}
	from := g.place(i, worker)
	for at := from; at < min(from+n, g.w.Keys+g.inserted[worker]); at++ {
		g.add(model.Read, worker, g.names.name(at))
	}
}
