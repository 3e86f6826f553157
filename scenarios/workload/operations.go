package workload

import (
	"cmp"
	"slices"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// operations fills in independent operations.
func (g *generator) operations() {
	g.choose()
	for i := range g.w.Operations {
		g.operation(i)
	}
}

// choose draws the workers of the transaction, if it has a number of them.
func (g *generator) choose() {
	if g.w.Workers != Any {
		g.chosen = g.among(g.w.Workers)
	}
}

// worker returns that of the i-th operation: those that were chosen take turns.
func (g *generator) worker(i int) int {
	switch {
	case g.w.Workers != Any:
		return int(g.chosen[i%len(g.chosen)])
	case i == 0 && g.w.Local:
		return g.home()
	}
	return below(g.places.at(g.index, i), g.workers)
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

// operation adds the i-th operation of the transaction. The shares lie one after the other
// in the range of the draw, so that changing the last share does not move the others.
func (g *generator) operation(i int) {
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
		g.on(i, model.Read)
	case is(w.Deletes):
		g.on(i, model.Delete)
	case is(w.Updates):
		g.on(i, model.Write)
	case is(w.Inserts):
		g.insert(i)
	case is(w.Scans):
		g.scan(i)
	case w.Kind == "ycsb":
		g.on(i, model.Read, model.Write)
	default:
		g.on(i, model.Write)
	}
}

// on adds operations of these kinds on the key of the i-th.
func (g *generator) on(i int, kinds ...model.OpKind) {
	worker, at := g.place(i)
	key := g.names.name(at)
	for _, kind := range kinds {
		g.add(kind, worker, key)
	}
}

// place draws the key of the i-th operation: the worker that it is on, and where it lies
// among those of the worker.
func (g *generator) place(i int) (worker, at int) {
	if g.w.Global {
		return g.dealt(g.drawn(i, g.grown))
	}
	worker = g.worker(i)
	return worker, g.drawn(i, g.inserted[worker])
}

// dealt returns where a key lies that is drawn from those of all workers, which are dealt to
// them in turn.
func (g *generator) dealt(key int) (worker, at int) { return key % g.workers, key / g.workers }

// drawn is the key that the i-th operation draws, of so many inserted ones too.
func (g *generator) drawn(i, inserted int) int {
	key := g.popular.draw(g.keys.at(g.index, i), inserted)
	if g.w.Order == "hashed" {
		key = g.scatter.place(key)
	}
	return key
}

// insert writes the next key: of the worker, or of all.
func (g *generator) insert(i int) {
	worker, _ := g.dealt(g.grown) // as the number of other keys is a multiple of that of workers
	if !g.w.Global {
		worker = g.worker(i)
	}
	g.write(worker, g.names.name(g.w.Keys+g.inserted[worker]), cmp.Or(g.w.Inserted, g.w.Value))
	g.inserted[worker]++
	g.grown++
}

// scan reads consecutive keys of a worker, beginning with that of the i-th operation.
func (g *generator) scan(i int) {
	u := g.lengths.at(g.index, i)
	n := 1 + below(u, g.w.Scan)
	if g.short != nil {
		n = int(g.short.rank(u))
	}
	worker, from := g.place(i)
	for at := from; at < min(from+n, g.w.Keys+g.inserted[worker]); at++ {
		g.add(model.Read, worker, g.names.name(at))
	}
}
