package analysis

import (
	"math/rand/v2"
	"testing"
)

// TestComponents compares Tarjan's algorithm with reachability by transitive closure.
func TestComponents(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var comps components // reused, as in the checker
	for range 2000 {
		n := 1 + rng.IntN(12)
		reach := make([][]bool, n)
		var g digraph
		g.reset()
		for v := range n {
			reach[v] = make([]bool, n)
			reach[v][v] = true
			for range rng.IntN(3) {
				w := rng.IntN(n)
				reach[v][w] = true
				g.targets = append(g.targets, int32(w))
			}
			g.endNode()
		}
		for k := range n {
			for v := range n {
				for w := range n {
					reach[v][w] = reach[v][w] || reach[v][k] && reach[k][w]
				}
			}
		}
		comps.run(&g)
		component := make([]int, n)
		for i := range comps.count() {
			for _, v := range comps.component(i) {
				component[v] = i
			}
		}
		if len(comps.order) != n {
			t.Fatalf("%d nodes in the order of a graph of %d", len(comps.order), n)
		}
		for v := range n {
			for w := range n {
				if same := reach[v][w] && reach[w][v]; same != (component[v] == component[w]) {
					t.Fatalf("%v: nodes %d and %d in one component: %v", g, v, w, !same)
				}
				if reach[v][w] && component[w] > component[v] {
					t.Fatalf("%v: node %d reaches %d, whose component comes later", g, v, w)
				}
			}
		}
	}
}

// TestComponentsDeep needs a stack as deep as the graph is long.
func TestComponentsDeep(t *testing.T) {
	const n = 1_000_000
	var g digraph
	g.reset()
	for v := range n {
		g.targets = append(g.targets, int32((v+1)%n))
		g.endNode()
	}
	var comps components
	comps.run(&g)
	if comps.count() != 1 {
		t.Errorf("%d components in a ring, want 1", comps.count())
	}
}
