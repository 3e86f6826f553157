package analysis

import (
	"strings"
	"testing"
)

// TestBlackBoxProofs reads the proofs. Versions in the scripts only say which values
// are read: the black box does not see them.
func TestBlackBoxProofs(t *testing.T) {
	for _, c := range []struct{ name, script, want string }{
		{"aborted read", `
			submit 1 w0x=5
			abort! 1
			submit 2 r0x
			commit 2 0<1.0`, `
			committed-reads (G1a): t2 read w0 x = "5", which only t1 writes, and that was aborted`},
		{"intermediate read", `
			submit 1 w0x=5 w0x=6
			commit 1
			submit 2 r0x
			commit 2 0<1.0`, `
			committed-reads (G1b): t2 read w0 x = "5", which t1 writes and then overwrites itself`},
		{"thin-air read", `
			submit 2 r0x
			commit 2 0<init=7`, `
			committed-reads (thin-air read): t2 read w0 x = "7", which nobody writes`},
		{"future read", `
			submit 2 r0x
			commit 2 0<init=7
			submit 1 w0x=7
			commit 1`, `
			committed-reads (thin-air read): t2 read w0 x = "7", which only t1 writes, and that was submitted later`},
		{"read of what several aborted write", `
			submit 1 w0x=5 w0x=5
			abort! 1
			submit 2 w0x=5
			abort! 2
			submit 3 r0x
			commit 3 0<1.0`, `
			committed-reads (G1a): t3 read w0 x = "5", which t1 writes, and that was aborted; t2 writes, and that was aborted; nobody else does`},
		{"read of what several write later", `
			submit 3 r0x
			commit 3 0<init=5
			submit 1 w0x=5
			submit 2 w0x=5`, `
			committed-reads (thin-air read): t3 read w0 x = "5", which t1 writes, and that was submitted later; t2 writes, and that was submitted later; nobody else does`},
		{"which of several anomalies is not known", `
			submit 1 w0x=5
			abort! 1
			submit 2 w0x=5 w0x=6
			commit 2
			submit 3 r0x w0x=5
			commit 3 0<1.0
			submit 4 w0x=5`, `
			committed-reads: t3 read w0 x = "5", which t1 writes, and that was aborted; t2 writes and then overwrites itself; it writes itself, but later; t4 writes, and that was submitted later; nobody else does`},
		{"one of several that write it can have been read", `
			submit 1 w0x=5
			abort! 1
			submit 2 w0x=5
			submit 3 r0x
			commit 3 0<1.0
			submit 4 w0x=5`, ``},
		{"many that write it later", `
			submit 9 r0x
			commit 9 0<init=5
			submit 1 w0x=5
			submit 2 w0x=5
			submit 3 w0x=5
			submit 4 w0x=5
			submit 5 w0x=5
			submit 6 w0x=5
			submit 7 w0x=5`, `
			committed-reads (thin-air read): t9 read w0 x = "5", which t1 writes, and that was submitted later; t2 writes, and that was submitted later; t3 writes, and that was submitted later; t4 writes, and that was submitted later; t5 writes, and that was submitted later; and 2 more, and it was not read from there either`},
		{"written twice by one that aborted", `
			submit 1 w0x=5 w0x=6 w0x=5
			abort! 1
			submit 2 r0x
			commit 2 0<1.0`, `
			committed-reads (G1a): t2 read w0 x = "5", which only t1 writes, and that was aborted`},
		{"own write not seen", `
			submit 1 w0x=5 r0x
			commit 1 1<init`, `
			own-writes: t1 read w0 x = none, after its own write of "5"`},
		{"submitted twice", `
			submit 1 r0x
			submit 1 r0x`, `
			one-outcome: t1 is submitted a second time`},
		{"a result twice, another never", `
			submit 1 r0x r0y
			commit 1 0<init 0<init`, `
			committed-reads: t1 is answered with 2 results, not those of its 2 reads`},
		{"one result too many", `
			submit 1 r0x
			commit 1 0<init 0<init`, `
			committed-reads: t1 is answered with 2 results, not those of its 1 read`},
		{"stale read", `
			submit 1 w0x=5
			commit 1
			submit 2 w0x=6
			commit 2
			submit 3 r0x
			commit 3 0<1.0`, `
			strict-serializability (stale read): t3 read w0 x = "5" of t1, but t2 had overwritten it and was answered before t3 was submitted
			t1 was answered at 0.002000000, before t2 was submitted at 0.003000000
			t2, told committed, leaves "6" in w0 x
			t2 was answered at 0.004000000, before t3 was submitted at 0.005000000
			t3 read w0 x = "5" of t1`},
		{"lost update", `
			submit 1 r0x w0x=5
			submit 2 r0x w0x=6
			commit 1 0<init
			commit 2 0<init`, `
			strict-serializability (lost update): t1 and t2 both read w0 x = none, its initial state, and both overwrite it
			t1 read w0 x = none, its initial state and leaves "5"
			t2 read w0 x = none, its initial state and leaves "6"
			whichever of them comes second should have read what the first leaves`},
		{"write skew", `
			submit 1 r0x r0y w0x=1
			submit 2 r0x r0y w0y=2
			commit 1 0<init 1<init
			commit 2 0<init 1<init`, `
			strict-serializability (no order): no serial order explains what was read: t2 before t1 before t2
			t2 read w0 x = none, its initial state, and t1 overwrites it: t2 precedes t1
			t1 read w0 y = none, its initial state, and t2 overwrites it: t1 precedes t2`},
		{"fractured read of a transaction without an answer", `
			submit 1 w0x=1 w0y=1
			commit 1
			submit 2 w0x=2 w0y=2
			submit 3 r0x r0y
			commit 3 0<2.0 1<1.1`, `
			strict-serializability (no order): no serial order explains what was read: t3 before t2 before t3
			t3 read w0 y = "1" of t1: t1 precedes t3
			t1, which precedes t3, leaves "1", but t3 read w0 x = "2" of t2: t1 precedes t2
			t3 read w0 y = "1" of t1, and t2, which follows t1, overwrites it: t3 precedes t2
			t3 read w0 x = "2" of t2: t2 precedes t3`},
		{"read-only anomaly, and what it reads was answered before", `
			submit 2 r0x r0y w0x=-11
			submit 1 r0y w0y=20
			commit 1 0<init
			submit 3 r0x r0y
			commit 3 0<init 1<1.1
			commit 2 0<init 1<init`, `
			strict-serializability (no order): no serial order explains what was read: t3 before t2 before t1 before t3
			t3 read w0 x = none, its initial state, and t2 overwrites it: t3 precedes t2
			t2 read w0 y = none, its initial state, and t1 overwrites it: t2 precedes t1
			t3 read w0 y = "20" of t1: t1 precedes t3`},
		{"real time, and a read of what was answered before", `
			submit 1 w0y=1
			commit 1
			submit 2 w0y=2 w0z=2
			submit 4 r0z w0x=4
			commit 4 0<2.1
			submit 3 r0y r0x
			commit 3 0<1.0 1<4.1`, `
			strict-serializability (no order): no serial order that keeps real time explains what was read: t3 before t2 before t4 before t3
			t1 was answered at 0.002000000, before t2 was submitted at 0.003000000
			t3 read w0 y = "1" of t1, and t2, which follows t1, overwrites it: t3 precedes t2
			t4 read w0 z = "2" of t2: t2 precedes t4
			t3 read w0 x = "4" of t4: t4 precedes t3`},
		{"nothing is known of ambiguous values", `
			submit 1 w0x=1
			commit 1
			submit 2 w0x=2 d0x
			submit 4 w0x=1
			submit 3 r0x
			commit 3 0<1.0`, ``},
	} {
		f := BlackBox(parseHistScript(t, c.script).events)
		got := ""
		if f != nil {
			got = strings.Join(append([]string{f.String()}, f.Records...), "\n")
		}
		if want := strings.TrimSpace(strings.ReplaceAll(c.want, "\n\t\t\t", "\n")); got != want {
			t.Errorf("%s:\n%s\nexpected:\n%s", c.name, got, want)
		}
	}
}
