package fault

import (
	"fmt"
	"slices"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// Validate refuses a plan that names nodes which do not exist. An error is a *Error.
func (p Plan) Validate(workers, coordinators int) error {
	for i := range p {
		f := &p[i]
		named := append([]Node{f.who}, f.a...)
		switch {
		case f.class == "partition":
			named = slices.Concat(f.a, f.b)
		case f.message() && !f.linked:
			continue
		case f.linked:
			named = append(named, f.peer)
		}
		for _, n := range named {
			limit := coordinators
			if n.class == oneWorker {
				limit = workers
			}
			if n.one() && n.index >= limit {
				first, last := n, n
				first.index, last.index = 0, limit-1
				return &Error{i, n.column, fmt.Sprintf("there is no %s: there are %s to %s", n, first, last)}
			}
		}
		if f.class == "partition" {
			if err := f.checkSides(workers, coordinators); err != nil {
				err.Index = i
				return err
			}
		}
	}
	return nil
}

// checkSides refuses a partition with a node on both sides, or with an empty
// side.
func (f *Fault) checkSides(workers, coordinators int) *Error {
	a, b := f.expandSides(workers, coordinators)
	const none = "there is no node on this side"
	switch {
	case len(a) == 0:
		return &Error{-1, f.a[0].column, none}
	case len(b) == 0:
		return &Error{-1, f.b[0].column, none}
	}
	on := map[sim.NodeID]bool{}
	for _, n := range a {
		on[n] = true
	}
	for _, n := range b {
		if on[n] {
			name := (&model.Formatter{Coordinators: coordinators, Workers: workers}).Node(n)
			return &Error{-1, f.b[0].column, name + " is on both sides"}
		}
	}
	return nil
}

// expand returns the nodes that n stands for; allOthers stands for none here.
func (n Node) expand(workers, coordinators int) []sim.NodeID {
	from, to := 0, 0
	switch n.class {
	case oneCoordinator:
		from, to = n.index, n.index+1
	case oneWorker:
		from, to = coordinators+n.index, coordinators+n.index+1
	case allCoordinators:
		to = coordinators
	case allWorkers:
		from, to = coordinators, coordinators+workers
	}
	nodes := make([]sim.NodeID, to-from)
	for i := range nodes {
		nodes[i] = sim.NodeID(from + i)
	}
	return nodes
}

func (f *Fault) expandSides(workers, coordinators int) (a, b []sim.NodeID) {
	side := func(named, others []Node) (nodes []sim.NodeID) {
		if named[0].class != allOthers {
			for _, n := range named {
				nodes = append(nodes, n.expand(workers, coordinators)...)
			}
			return nodes
		}
		taken := make([]bool, workers+coordinators)
		for _, n := range others {
			for _, id := range n.expand(workers, coordinators) {
				taken[id] = true
			}
		}
		for i, t := range taken {
			if !t {
				nodes = append(nodes, sim.NodeID(i))
			}
		}
		return nodes
	}
	return side(f.a, f.b), side(f.b, f.a)
}
