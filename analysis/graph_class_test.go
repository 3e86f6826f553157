package analysis

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// TestRotated: of all places where a cycle can begin, the first of those with the
// least shape.
func TestRotated(t *testing.T) {
	shape := func(cycle []histEdge) string {
		var b strings.Builder
		for _, e := range cycle {
			b.WriteString(e.kind.String())
		}
		return b.String()
	}
	for seed := range uint64(2000) {
		r := rand.New(rand.NewPCG(seed, 0))
		var cycle []histEdge
		for i := range 1 + r.IntN(12) {
			cycle = append(cycle, histEdge{a: int32(i), kind: edgeWW << r.IntN(3)})
		}
		want := cycle
		for i := range cycle {
			if turned := slices.Concat(cycle[i:], cycle[:i]); shape(turned) < shape(want) {
				want = turned
			}
		}
		if got := rotated(cycle); !slices.Equal(got, want) {
			t.Fatalf("%s becomes %s from %d on, expected from %d on", shape(cycle), shape(got), got[0].a, want[0].a)
		}
	}
}

// TestStrongestReason: of two reasons why t2 precedes t1, a cycle has the write
// dependency rather than the read.
func TestStrongestReason(t *testing.T) {
	h := parseHistScript(t, `
		submit 1 w0x=1 w0z=1 r0y
		submit 2 r0x w0y=2 w0z=2
		install 1.0
		install 2.1
		install 2.2
		install 1.1
		commit 1 2<2.1
		commit 2 0<1.0`)
	all := h.check(HistoryOptions{}, false).Finish(nil)
	if len(all) != 1 || all[0].Anomaly != AnomalyG1c || all[0].Shape != "wr ww" {
		t.Errorf("%+v", all)
	}
}
