package analysis

import "testing"

// TestTextbookNames: anomalies as textbooks tell them have the names that the help on isolation
// gives them.
func TestTextbookNames(t *testing.T) {
	for _, c := range []struct{ name, want, script string }{
		{"dirty write", AnomalyG0, `
			submit 1 w0x=1 w1y=1
			submit 2 w0x=2 w1y=2
			install 1.0
			install 2.0
			install 2.1
			install 1.1
			commit 1
			commit 2`},
		{"non-repeatable read", AnomalyFracturedRead, `
			submit 1 r0x r0x
			submit 2 w0x=1
			install 2.0
			commit 2
			commit 1 0<init 1<2.0`},
		{"read skew", AnomalyFracturedRead, `
			submit 1 r0x r1y
			submit 2 w0x=1 w1y=1
			install 2.0
			install 2.1
			commit 2
			commit 1 0<init 1<2.1`},
		{"read skew of two transactions", AnomalyGSingle, `
			submit 1 r0x r1y
			submit 2 w0x=1
			submit 3 r0x w1y=1
			install 2.0
			commit 2
			install 3.1
			commit 3 0<2.0
			commit 1 0<init 1<3.1`},
		{"long fork", AnomalyGNonadjacent, `
			submit 1 w0x=1
			submit 2 w1y=1
			submit 3 r0x r1y
			submit 4 r0x r1y
			install 1.0
			install 2.0
			commit 1
			commit 2
			commit 3 0<1.0 1<init
			commit 4 0<init 1<2.0`},
		{"write skew", AnomalyG2Item, `
			submit 1 r0x r1y w0x=1
			submit 2 r0x r1y w1y=2
			install 1.2
			install 2.2
			commit 1 0<init 1<init
			commit 2 0<init 1<init`},
	} {
		found := parseHistScript(t, c.script).check(HistoryOptions{}, false).Finish(nil)
		if len(found) == 0 || found[0].Anomaly != c.want {
			t.Errorf("%s: %v, expected %s", c.name, found, c.want)
		}
	}
}
