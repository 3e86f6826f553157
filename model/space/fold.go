package space

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// folding has states that differ only in which worker is which be one.
//
// Under a renaming of workers each state of a node and each message has an image. That
// is found, not computed: the image of a worker at its start is the other worker at its
// own; and if a node's reaction leads from l to l' then the image of l, given the image
// of the input, leads to the image of l'. The nth message of the one reaction to a node
// is that of the other to the node's namesake. Every reaction that is run is run under
// each name too, and what it does must be the same but for names: what it sends, what
// is recorded in the trace, what the analysis is told, what the node waits for. If one
// is not, or if something has two images, nothing is folded: see Why.
//
// So a state and its image do the same from then on, as long as their reactions are
// whole. A crash within a step is not the same under another name: it cuts what is sent
// in order of the workers. For that reason states are folded once no crash is left.
//
// Only fingerprints are folded. A search keeps the states themselves, as it reached
// them, so that each has a way that can be taken.
type folding struct {
	renamings []renaming
	times     [][]int // times[p][q]: q, and then p
	workers   [][]int // those that play the same part
	broken    atomic.Bool

	mu  sync.Mutex
	why string // it is broken
}

// renaming says, by node, whose name it gets.
type renaming []sim.NodeID

// mostRenamings bounds the ways in which workers are renamed, the one that leaves all
// as they are included.
const mostRenamings = 24

// Fold has workers that play the same part, but for the names of their keys, be folded.
// It returns them, part by part; none if each has its own. Whether they do so will be
// seen while states are visited: a search at whose end Why says something has to be
// made again without. It comes before anything else.
func (s *Space) Fold() [][]int {
	f := &folding{workers: s.alike()}
	if len(f.workers) == 0 {
		return nil
	}
	for _, p := range permutations(f.workers, s.count-1-s.format.Coordinators) {
		f.add(s, p)
	}
	index := func(r renaming) int {
		return slices.IndexFunc(f.renamings, func(q renaming) bool { return slices.Equal(q, r) })
	}
	for _, p := range f.renamings {
		row := make([]int, len(f.renamings))
		for i, q := range f.renamings {
			both := make(renaming, len(q))
			for n, to := range q {
				both[n] = p[to]
			}
			row[i] = index(both)
		}
		f.times = append(f.times, row)
	}
	s.fold = f
	s.begin()
	return f.workers
}

// Why says what two workers do not do alike; "" if nothing has been found.
func (s *Space) Why() string {
	if s.fold == nil {
		return ""
	}
	s.fold.mu.Lock()
	defer s.fold.mu.Unlock()
	return s.fold.why
}

// add takes up a renaming of workers.
func (f *folding) add(s *Space, workers []int) {
	r := make(renaming, s.count)
	for n := range r {
		r[n] = sim.NodeID(n)
		if w := n - s.format.Coordinators; w >= 0 && w < len(workers) {
			r[n] = sim.NodeID(s.format.Coordinators + workers[w])
		}
	}
	f.renamings = append(f.renamings, r)
}

// alike are the workers that play the same part.
func (s *Space) alike() [][]int {
	parts := map[string][]int{}
	var names []string
	for w := range s.count - 1 - s.format.Coordinators {
		name := s.role(w)
		if parts[name] == nil {
			names = append(names, name)
		}
		parts[name] = append(parts[name], w)
	}
	var all [][]int
	left := mostRenamings
	for _, name := range names {
		some, n := parts[name][:1], 1
		for _, w := range parts[name][1:] {
			if n *= len(some) + 1; n > left {
				break
			}
			some = append(some[:len(some):len(some)], w)
		}
		if len(some) > 1 {
			all = append(all, some)
			for i := range some {
				left /= i + 1
			}
		}
	}
	return all
}

// role is what a worker has to do, its keys by number.
func (s *Space) role(w int) string {
	var b strings.Builder
	keys := s.keys(w)
	for _, t := range s.txns {
		b.WriteString(";")
		for _, op := range t.Ops {
			if op.Worker == w {
				fmt.Fprintf(&b, " %d %d %q", op.Kind, slices.Index(keys, op.Key), op.Value)
			}
		}
	}
	return b.String()
}

// keys are those of a worker in the order in which transactions name them.
func (s *Space) keys(w int) []string {
	var keys []string
	for _, t := range s.txns {
		for _, op := range t.Ops {
			if op.Worker == w && !slices.Contains(keys, op.Key) {
				keys = append(keys, op.Key)
			}
		}
	}
	return keys
}

// permutations are the renamings of n workers within parts; the first leaves all as
// they are.
func permutations(parts [][]int, n int) [][]int {
	same := make([]int, n)
	for w := range same {
		same[w] = w
	}
	all := [][]int{same}
	for _, part := range parts {
		var more [][]int
		for _, p := range all {
			arrange(part, nil, func(order []int) {
				q := slices.Clone(p)
				for i, w := range part {
					q[w] = order[i]
				}
				more = append(more, q)
			})
		}
		all = more
	}
	return all
}

// arrange yields the orders of a list, its own first.
func arrange(list, begun []int, yield func([]int)) {
	if len(begun) == len(list) {
		yield(begun)
	}
	for _, x := range list {
		if !slices.Contains(begun, x) {
			arrange(list, append(begun[:len(begun):len(begun)], x), yield)
		}
	}
}

// names are the renamings in terms of the history.
func (f *folding) names(s *Space) []model.Renaming {
	var all []model.Renaming
	for _, r := range f.renamings {
		n := model.Renaming{}
		to := func(w int) int { return int(r[s.format.Coordinators+w]) - s.format.Coordinators }
		for w := range s.count - 1 - s.format.Coordinators {
			mine, theirs := s.keys(w), s.keys(to(w))
			keys := map[string]string{}
			for i, key := range mine {
				keys[key] = theirs[i]
			}
			n.Keys = append(n.Keys, keys)
		}
		for _, t := range s.txns {
			n.Ops = append(n.Ops, renamedOps(t, to))
		}
		all = append(all, n)
	}
	return all
}

// renamedOps says of each operation which one takes its place: the nth of a worker
// becomes the nth of the other.
func renamedOps(t *model.Transaction, to func(int) int) []int32 {
	all := make([]int32, len(t.Ops))
	seen := map[int]int{}
	for i, op := range t.Ops {
		n := seen[op.Worker]
		seen[op.Worker]++
		for j, other := range t.Ops {
			if other.Worker == to(op.Worker) {
				if n == 0 {
					all[i] = int32(j)
					break
				}
				n--
			}
		}
	}
	return all
}
