package explore

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
)

// Explore visits the states of a system until all have been visited, a state breaks
// an invariant, a bound is hit or ctx ends. Bounds are looked at after each depth.
func Explore[S any](ctx context.Context, sys System[S], invariants []Invariant[S], o Options[S]) *Result[S] {
	if o.Jobs <= 0 {
		o.Jobs = runtime.GOMAXPROCS(0)
	}
	x := &search[S]{ctx: ctx, sys: sys, invariants: invariants, o: o, known: &set{}}
	x.known.ways = o.Ways
	x.reducer, _ = sys.(Reducer[S])
	x.known.depths = x.reducer != nil
	level := x.begin()
	r := &x.result
	r.known, r.Exhausted = x.known, len(level) == 0
	for len(level) > 0 {
		r.Depth++
		r.Frontier = max(r.Frontier, len(level))
		if o.Progress != nil {
			o.Progress(r.Depth, r.Distinct, len(level))
		}
		if o.Visit != nil {
			x.parallel(level, func(_ int, part []S) {
				for _, s := range part {
					o.Visit(r.Depth, s)
				}
			})
		}
		x.note(level)
		if broken := x.broken(level); broken >= 0 {
			r.Broken = true
			r.Violation = x.shortest(broken, r.Depth)
			break
		}
		if o.Level != nil && !o.Level(r) {
			break
		}
		if ctx.Err() != nil || o.Depth > 0 && r.Depth == o.Depth || o.Budget > 0 && r.Distinct >= o.Budget {
			// The states of this depth may all be terminal: then nothing is left, and the result is
			// that of a search without the bound.
			if x.goesOn(level) {
				break
			}
		}
		level = x.expand(level)
		r.Distinct += uint64(len(level))
		r.Exhausted = len(level) == 0 && !x.cut.Load()
	}
	if r.Exhausted && o.Level != nil {
		o.Level(r)
	}
	r.Bytes = x.known.bytes()
	if r.Exhausted {
		r.Livelock = x.livelock()
	}
	return r
}

// search is one exploration.
type search[S any] struct {
	ctx        context.Context
	cut        atomic.Bool // ctx has ended while a level was gone through, which is not whole
	sys        System[S]
	reducer    Reducer[S]
	invariants []Invariant[S]
	o          Options[S]
	known      *set
	result     Result[S]
	steps      []transition // all transitions found, without faults, unless there are …
	tooMany    bool
	ending     *set // states from which an end can be reached
}

// begin returns the first level: the initial states.
func (x *search[S]) begin() []S {
	var level []S
	for _, s := range x.sys.Initial() {
		if x.known.add(x.sys.Fingerprint(s)) {
			level = append(level, s)
		}
	}
	x.result.Distinct = uint64(len(level))
	return level
}

// chunk is how many states a job takes at a time.
const chunk = 256

// parallel calls do with all chunks of a level, in several goroutines, until ctx ends.
func (x *search[S]) parallel(level []S, do func(job int, part []S)) {
	var next atomic.Int64
	work := func(job int) {
		for {
			from := int(next.Add(chunk)) - chunk
			if from >= len(level) {
				return
			}
			if x.ctx.Err() != nil {
				x.cut.Store(true)
				return
			}
			do(job, level[from:min(from+chunk, len(level))])
		}
	}
	jobs := min(x.o.Jobs, (len(level)+chunk-1)/chunk)
	if jobs == 1 {
		work(0)
		return
	}
	var group sync.WaitGroup
	var panicked atomic.Pointer[string]
	for job := range jobs {
		group.Go(func() {
			defer func() {
				if v := recover(); v != nil {
					text := fmt.Sprintf("%v, in a job:\n%s", v, debug.Stack())
					panicked.CompareAndSwap(nil, &text)
					next.Store(int64(len(level))) // the other jobs take no more
				}
			}()
			work(job)
		})
	}
	group.Wait()
	if text := panicked.Load(); text != nil {
		panic(*text) // in the caller's goroutine, which can recover from it
	}
}

// expand returns the next level: the new states that a level leads to.
func (x *search[S]) expand(level []S) []S {
	found := make([][]S, x.o.Jobs)
	transitions := make([]uint64, x.o.Jobs)
	kept := make([][]transition, x.o.Jobs)
	keep := x.o.End != nil && !x.tooMany
	fresh := func(s S) bool { return x.known.fresh(x.sys.Fingerprint(s), x.result.Depth) }
	x.parallel(level, func(job int, part []S) {
		mine, n, steps := found[job], uint64(0), kept[job]
		var at S
		var from uint64
		to := func(action int, next S) {
			n++
			f := x.sys.Fingerprint(next)
			if keep && (x.o.Fault == nil || !x.o.Fault(action, at, next)) {
				steps = append(steps, transition{from, f})
			}
			if x.known.addFrom(f, reached{from, action}, x.result.Depth+1) {
				mine = append(mine, next)
			}
		}
		for _, at = range part {
			if o := &x.o; o.Ways || keep {
				from = x.sys.Fingerprint(at)
			}
			if x.reducer == nil || !x.reducer.Persistent(at, fresh, to) {
				x.sys.Next(at, to)
			}
		}
		found[job], kept[job] = mine, steps
		transitions[job] += n
	})
	for _, steps := range kept {
		x.keep(steps)
	}
	for _, n := range transitions {
		x.result.Transitions += n
	}
	return slices.Concat(found...)
}

// goesOn reports whether a state of the level leads to one that is not known, or may: ctx
// has ended before all were looked at. Jobs come to states in any order; they are looked at
// in the order of fingerprints, for a system may count what it is asked.
func (x *search[S]) goesOn(level []S) bool {
	if x.ctx.Err() != nil {
		return true
	}
	type place struct {
		print uint64
		at    int
	}
	all := make([]place, len(level))
	for i, s := range level {
		all[i] = place{x.sys.Fingerprint(s), i}
	}
	slices.SortFunc(all, func(p, q place) int { return cmp.Compare(p.print, q.print) })
	on := false
	for _, p := range all {
		x.sys.Next(level[p.at], func(_ int, next S) { on = on || !x.known.has(x.sys.Fingerprint(next)) })
		if on || x.ctx.Err() != nil {
			return true
		}
	}
	return false
}

// broken returns the place of the first invariant that a state of the level breaks, -1 if
// none does.
func (x *search[S]) broken(level []S) int {
	if len(x.invariants) == 0 {
		return -1
	}
	first := make([]int, x.o.Jobs)
	for job := range first {
		first[job] = len(x.invariants)
	}
	x.parallel(level, func(job int, part []S) {
		for _, s := range part {
			for i := range first[job] {
				if !x.invariants[i].Holds(s) {
					first[job] = i
					break
				}
			}
		}
	})
	if i := slices.Min(first); i < len(x.invariants) {
		return i
	}
	return -1
}

// shortest searches again, without reductions and in a fixed order, for the first state up
// to a depth that breaks an invariant; of several, one with the fewest faults on the way.
// The result is the same for any number of jobs.
func (x *search[S]) shortest(invariant, depth int) *Violation[S] {
	inv := &x.invariants[invariant]
	type node struct {
		Step[S]
		from, faults int
	}
	var nodes []node
	known := &set{}
	for _, s := range x.sys.Initial() {
		if known.add(x.sys.Fingerprint(s)) {
			nodes = append(nodes, node{Step[S]{-1, s}, -1, 0})
		}
	}
	for begin, d := 0, 1; begin < len(nodes) && x.ctx.Err() == nil; d++ {
		end, broken := len(nodes), -1
		for i := begin; i < end; i++ {
			if !inv.Holds(nodes[i].State) && (broken < 0 || nodes[i].faults < nodes[broken].faults) {
				broken = i
			}
		}
		if broken >= 0 {
			v := &Violation[S]{Invariant: inv.Name}
			for ; nodes[broken].from >= 0; broken = nodes[broken].from {
				v.Steps = append(v.Steps, nodes[broken].Step)
			}
			slices.Reverse(v.Steps)
			v.Initial = nodes[broken].State
			return v
		}
		for i := begin; i < end && d < depth && x.ctx.Err() == nil; i++ {
			from := nodes[i]
			x.sys.Next(from.State, func(action int, next S) {
				if known.add(x.sys.Fingerprint(next)) {
					n := node{Step[S]{action, next}, i, from.faults}
					if x.o.Fault != nil && x.o.Fault(action, from.State, next) {
						n.faults++
					}
					nodes = append(nodes, n)
				}
			})
		}
		begin = end
	}
	return nil
}
