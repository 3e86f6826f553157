package analysis

import (
	"math"
	"slices"
)

// digraph is a directed graph in compressed sparse rows: the successors of node v
// are targets[heads[v]:heads[v+1]].
type digraph struct {
	heads   []int32
	targets []int32
}

func (g *digraph) nodes() int { return len(g.heads) - 1 }

func (g *digraph) successors(v int32) []int32 {
	return g.targets[g.heads[v]:g.heads[v+1]]
}

func (g *digraph) reset() {
	g.heads = append(g.heads[:0], 0)
	g.targets = g.targets[:0]
}

// endNode ends the successors of the next node.
func (g *digraph) endNode() { g.heads = append(g.heads, int32(len(g.targets))) }

// components holds the strongly connected components of a digraph. Its buffers are
// reused from one run to the next.
type components struct {
	// order lists the nodes by component, every component after all that it reaches:
	// reversed, it is a topological order. Component i is order[starts[i]:starts[i+1]], or
	// order[i] alone if there are no starts.
	order  []int32
	starts []int32

	index, low []int32
	stack      []int32
	calls      []tarjanCall
}

type tarjanCall struct{ node, edge int32 }

// assigned is the index of a node whose component is known.
const assigned = math.MaxInt32

// run is Tarjan's algorithm with its own stack. It is deterministic: roots and
// successors are taken in order.
func (c *components) run(g *digraph) {
	n := g.nodes()
	c.order, c.stack = c.order[:0], c.stack[:0]
	c.starts = append(c.starts[:0], 0)
	c.index = zeroed(c.index, n)
	c.low = zeroed(c.low, n)
	next := int32(0)
	enter := func(v int32) {
		next++
		c.index[v], c.low[v] = next, next
		c.stack = append(c.stack, v)
		c.calls = append(c.calls, tarjanCall{v, g.heads[v]})
	}
	for root := range int32(n) {
		if c.index[root] != 0 {
			continue
		}
		for enter(root); len(c.calls) > 0; {
			call := &c.calls[len(c.calls)-1]
			v := call.node
			if call.edge == g.heads[v+1] {
				c.leave(v)
				continue
			}
			w := g.targets[call.edge]
			call.edge++
			if c.index[w] == 0 {
				enter(w)
			} else {
				c.low[v] = min(c.low[v], c.index[w])
			}
		}
	}
}

// leave returns from v to its caller and closes the component of which v is the root.
func (c *components) leave(v int32) {
	c.calls = c.calls[:len(c.calls)-1]
	if c.low[v] != c.index[v] {
		p := c.calls[len(c.calls)-1].node
		c.low[p] = min(c.low[p], c.low[v])
		return
	}
	for i := len(c.stack) - 1; ; i-- {
		w := c.stack[i]
		c.index[w] = assigned
		c.order = append(c.order, w)
		if w == v {
			c.stack = c.stack[:i]
			break
		}
	}
	c.starts = append(c.starts, int32(len(c.order)))
}

// single makes each node a component of its own, in this topological order.
func (c *components) single(order []int32) {
	slices.Reverse(order)
	c.order, c.starts = order, c.starts[:0]
}

// count returns the number of components.
func (c *components) count() int {
	if len(c.starts) == 0 {
		return len(c.order)
	}
	return len(c.starts) - 1
}

func (c *components) component(i int) []int32 {
	if len(c.starts) == 0 {
		return c.order[i : i+1]
	}
	return c.order[c.starts[i]:c.starts[i+1]]
}

// numbers returns the number of each node's component.
func (c *components) numbers() []int32 {
	numbers := make([]int32, len(c.order))
	for i := range c.count() {
		for _, v := range c.component(i) {
			numbers[v] = int32(i)
		}
	}
	return numbers
}

// zeroed returns s with n elements, all zero.
func zeroed[T any](s []T, n int) []T {
	if cap(s) < n {
		s = make([]T, n, n+n/16)
	}
	s = s[:n]
	clear(s)
	return s
}
