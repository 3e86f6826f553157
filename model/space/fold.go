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

// folding makes states one that differ only in which worker is which.
//
// Under a renaming of workers, each state of a node and each message has an image. Images
// are found, not computed. The image of a worker at its start is the other worker at its
// own start. If a node's reaction leads from state l to l', then the image of l, given the
// image of the input, must lead to the image of l'; and the nth message that the one
// reaction sends to a node corresponds to the nth that the other sends to that node's
// image. So every reaction that is run is run under each renaming too, and its effects must
// be the same but for names: the messages, the trace records, what the analysis is told,
// what the node waits for. If they are not, or if something gets two images, nothing may be
// folded: see WhyNotFolded.
//
// So a state and its image behave alike as long as reactions run to their end. A crash
// within a step does not: it cuts the messages of the step, which are sent in the order of
// the workers. States are therefore folded only once no crash is left.
//
// Only fingerprints are folded. A search keeps the states as it reached them, so that each
// has a way that a run can take.
type folding struct {
	renamings []renaming
	times     [][]int // times[p][q]: the renaming that applies q, then p
	workers   [][]int // groups of workers that play the same part
	broken    atomic.Bool

	mu  sync.Mutex
	why string // why nothing may be folded; "" while folding holds
}

// renaming maps each node to the node whose name it gets.
type renaming []sim.NodeID

// mostRenamings bounds the number of renamings, the identity included.
const mostRenamings = 24

// Fold folds workers that play the same part, whatever the names of their keys. It returns
// the groups of such workers; none if each has a part of its own. Whether they really act
// alike is checked while states are visited: if WhyNotFolded says something at the end, the
// search must be repeated without folding. Fold must be called before anything else.
func (s *Space) Fold() [][]int {
	f := &folding{workers: s.roleGroups()}
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

// WhyNotFolded returns what two workers do not do alike; "" if nothing has been found.
func (s *Space) WhyNotFolded() string {
	if s.fold == nil {
		return ""
	}
	s.fold.mu.Lock()
	defer s.fold.mu.Unlock()
	return s.fold.why
}

// add adds a renaming of workers.
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

// roleGroups returns the groups of workers that play the same part.
func (s *Space) roleGroups() [][]int {
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
			some = append(slices.Clip(some), w)
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

// role describes what a worker has to do, with numbers in place of its keys.
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

// keys returns the keys of a worker in the order in which transactions name them.
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

// permutations returns the renamings of n workers within their groups; the first is the
// identity.
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

// arrange yields the orders of a list, beginning with its own.
func arrange(list, begun []int, yield func([]int)) {
	if len(begun) == len(list) {
		yield(begun)
	}
	for _, x := range list {
		if !slices.Contains(begun, x) {
			arrange(list, append(slices.Clip(begun), x), yield)
		}
	}
}

// names returns the renamings as the model's bench takes them.
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

// renamedOps returns, for each operation, the one that takes its place: the nth of a worker
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
