package analysis

// histCases are histories of a few events each. want are the fingerprints of the
// findings, in order; none means that the history is right. levels is what is said of
// the levels: strictSerializable if it is empty.
var histCases = []struct {
	name, want, levels, script string
}{
	{name: "clean", script: `
		submit 1 w0x=1 w1y=1
		begin 1 5
		install 1.0
		commit 1
		install 1.1
		submit 2 r0x w0x=2 r0x d1y r1y
		begin 2 6
		abort 2
		begin 2#2 6
		install 2#2.1
		install 2#2.3
		commit 2#2 0<1.0 2<2#2.1 4<2#2.3
		submit 3 r1y r1z r0x
		commit 3 0<2#2.3 1<init 2<2#2.1`},
	{name: "last write of an item counts", script: `
		submit 1 w0x=1 w0x=2 r0x
		install 1.1
		commit 1 2<1.1`},
	{name: "unknown, installed everywhere or nowhere", script: `
		submit 1 w0x=1 w1y=1
		submit 2 w0x=2
		unknown 1
		blocked 2
		install 1.0
		install 1.1
		submit 3 r0x
		commit 3 0<1.0`},
	{name: "unknown may take effect after a later reader", script: `
		submit 1 w0x=1
		unknown 1
		install 1.0
		submit 2 r0x
		commit 2 0<init`},
	{name: "blocked in doubt on one worker", script: `
		submit 1 w0x=1 w1y=1
		install 1.0
		blocked 1`},
	{name: "version read before its commit record is durable", script: `
		submit 1 w0x=1
		submit 2 r0x
		commit 2 0<1.0
		install 1.0
		commit 1`},

	{name: "results lost with the coordinator", levels: "not judged", script: `
		submit 1 r0x w0x=1
		install 1.1
		commit 1`},

	{name: "some results lost with the coordinator", script: `
		submit 1 r0x w0x=1
		install 1.1
		commit 1
		submit 2 r0x
		commit 2 0<1.1`},

	{name: "one install dropped", want: "durability/lost-write atomicity/lost-write",
		levels: "holds: none; violated: read uncommitted (lost write)", script: `
		submit 1 w0x=1 w1y=1
		install 1.0
		commit 1`},
	{name: "commit lost", want: "durability/lost-write",
		levels: "holds: none; violated: read uncommitted (lost write)", script: `
		submit 1 w0x=1
		commit 1`},
	{name: "unknown in part", want: "atomicity/lost-write",
		levels: "holds: none; violated: read uncommitted (lost write)", script: `
		submit 1 w0x=1 w1y=1
		install 1.0
		unknown 1`},
	{name: "duplicate install", want: "atomicity/duplicate-apply",
		levels: "holds: none; violated: read uncommitted (duplicate apply)", script: `
		submit 1 w0x=1 w1y=1
		install 1.0
		install 1.0
		install 1.1
		commit 1`},
	{name: "install after settlement", want: "atomicity/duplicate-apply",
		levels: "holds: none; violated: read uncommitted (duplicate apply)", script: `
		submit 1 w0x=1
		install 1.0
		commit 1
		install 1.0`},
	{name: "wrong value installed", want: "atomicity/garbage",
		levels: "holds: none; violated: read uncommitted (garbage)", script: `
		submit 1 w0x=1
		install 1.0 =7
		commit 1`},
	{name: "superseded write installed", want: "atomicity/dirty-write",
		levels: "holds: none; violated: read uncommitted (dirty write)", script: `
		submit 1 w0x=1 w0x=2
		install 1.0
		install 1.1
		commit 1`},
	{name: "aborted, then installed", want: "atomicity/dirty-write",
		levels: "holds: none; violated: read uncommitted (dirty write)", script: `
		submit 1 w0x=1
		abort! 1
		install 1.0`},
	{name: "installed, then aborted", want: "atomicity/dirty-write",
		levels: "holds: none; violated: read uncommitted (dirty write)", script: `
		submit 1 w0x=1
		install 1.0
		abort! 1`},
	{name: "aborted attempt installs while the next runs", want: "atomicity/dirty-write one-commit/dirty-write",
		levels: "holds: none; violated: read uncommitted (dirty write)", script: `
		submit 1 w0x=1 w1y=1
		abort 1
		begin 1#2 0
		install 1.0
		install 1#2.1
		abort! 1#3`},
	{name: "two attempts install", want: "one-commit/dirty-write",
		levels: "holds: none; violated: read uncommitted (dirty write)", script: `
		submit 1 w0x=1 w1y=1
		install 1.0
		install 1#2.1
		unknown 1`},
	{name: "two attempts told committed", want: "one-commit", script: `
		submit 1 r0x
		submit 2 r0x
		commit 1 0<init
		commit 1#2 0<init
		commit 2 0<init`},
	{name: "another attempt told committed than installed", want: "one-commit/dirty-write",
		levels: "holds: none; violated: read uncommitted (dirty write)", script: `
		submit 1 w0x=1
		install 1.0
		commit 1#2`},
	{name: "no final answer", want: "one-outcome", script: `
		submit 1 r0x
		abort 1`},
	{name: "two final answers", want: "one-outcome", script: `
		submit 1 r0x
		submit 2 r0x
		abort! 1
		commit 1 0<init
		commit 2 0<init`},
	{name: "aborted attempt committed later", want: "one-outcome", script: `
		submit 1 r0x
		abort 1
		commit 1 0<init`},
	{name: "never submitted", want: "one-outcome", script: `
		abort! 1`},
	{name: "age changes", want: "stable-age", script: `
		submit 1 r0x
		begin 1 5
		abort 1
		begin 1#2 6
		abort! 1#2`},
	{name: "attempt numbers do not rise", want: "stable-age", script: `
		submit 1 r0x
		begin 1#2 5
		begin 1#2 5
		abort! 1#2`},
	{name: "own write not seen", want: "own-writes/internal",
		levels: "holds: none; violated: read uncommitted (internal)", script: `
		submit 1 w0x=1 r0x
		install 1.0
		commit 1 1<init`},
	{name: "own delete not seen", want: "own-writes/internal",
		levels: "holds: none; violated: read uncommitted (internal)", script: `
		submit 1 w0x=1 d0x r0x
		install 1.1
		commit 1 2<1.0`},
	{name: "own later write seen", want: "own-writes/internal",
		levels: "holds: none; violated: read uncommitted (internal)", script: `
		submit 1 r0x w0x=1
		install 1.1
		commit 1 0<1.1`},
	{name: "read result repeated", want: "committed-reads/garbage",
		levels: "holds: none; violated: read uncommitted (garbage)", script: `
		submit 1 r0x r0y
		commit 1 0<init 0<init`},
	{name: "read result missing", want: "committed-reads/garbage",
		levels: "holds: none; violated: read uncommitted (garbage)", script: `
		submit 1 r0x r0y
		commit 1 0<init`},
	{name: "aborted read", want: "committed-reads/G1a",
		levels: "holds: read uncommitted; violated: read committed (G1a)", script: `
		submit 1 w0x=1
		submit 2 r0x
		commit 2 0<1.0
		abort! 1`},
	{name: "read of an aborted attempt", want: "committed-reads/G1a",
		levels: "holds: read uncommitted; violated: read committed (G1a)", script: `
		submit 1 w0x=1
		submit 2 r0x
		abort 1
		install 1#2.0
		commit 1#2
		commit 2 0<1.0`},
	{name: "read of what was never installed", want: "committed-reads/G1a",
		levels: "holds: read uncommitted; violated: read committed (G1a)", script: `
		submit 1 w0x=1
		submit 2 r0x
		unknown 1
		commit 2 0<1.0`},
	{name: "intermediate read", want: "committed-reads/G1b",
		levels: "holds: read uncommitted; violated: read committed (G1b)", script: `
		submit 1 w0x=1 w0x=2
		submit 2 r0x
		install 1.1
		commit 1
		commit 2 0<1.0`},
	{name: "wrong value read", want: "committed-reads/garbage",
		levels: "holds: none; violated: read uncommitted (garbage)", script: `
		submit 1 w0x=1
		submit 2 r0x
		install 1.0
		commit 1
		commit 2 0<1.0=7`},
	{name: "value read where there is none", want: "committed-reads/garbage",
		levels: "holds: none; violated: read uncommitted (garbage)", script: `
		submit 1 r0x
		commit 1 0<init=7`},
	{name: "read of an operation that does not write the item", want: "committed-reads/garbage",
		levels: "holds: none; violated: read uncommitted (garbage)", script: `
		submit 1 w0x=1
		submit 2 r0y
		install 1.0
		commit 1
		commit 2 0<1.0`},

	{name: "write order", want: "strict-serializability/G0/ww-ww",
		levels: "holds: none; violated: read uncommitted (G0)", script: `
		submit 1 w0x=1 w1y=1
		submit 2 w0x=2 w1y=2
		install 1.0
		install 2.0
		install 2.1
		install 1.1
		commit 1
		commit 2`},
	{name: "circular information flow", want: "strict-serializability/G1c/wr-wr",
		levels: "holds: read uncommitted; violated: read committed (G1c)", script: `
		submit 1 w0x=1 r1y
		submit 2 w1y=2 r0x
		install 1.0
		install 2.0
		commit 1 1<2.0
		commit 2 1<1.0`},
	{name: "lost update", want: "strict-serializability/lost-update/rw-ww",
		levels: "holds: read atomic; violated: cursor stability (lost update)", script: `
		submit 1 r0x w0x=1
		submit 2 r0x w0x=2
		install 1.1
		commit 1 0<init
		install 2.1
		commit 2 0<init`},
	{name: "read skew", want: "strict-serializability/fractured-read/rw-wr",
		levels: "holds: cursor stability; violated: read atomic (fractured read)", script: `
		submit 1 w0x=1 w1y=1
		submit 2 r0x r1y
		install 1.0
		install 1.1
		commit 2 0<init 1<1.1
		commit 1`},
	{name: "unrepeatable read", want: "strict-serializability/fractured-read/rw-wr",
		levels: "holds: cursor stability; violated: read atomic (fractured read)", script: `
		submit 1 w0x=1
		submit 2 r0x r0x
		install 1.0
		commit 1
		commit 2 0<init 1<1.0`},
	{name: "write skew", want: "strict-serializability/G2-item/rw-rw",
		levels: "holds: strong snapshot isolation; violated: repeatable read (G2-item)", script: `
		submit 1 r0x w1y=1
		submit 2 r1y w0x=2
		install 1.1
		install 2.1
		commit 1 0<init
		commit 2 0<init`},
	{name: "stale read", want: "strict-serializability/real-time/rt-rw",
		levels: "holds: serializable; violated: strong snapshot isolation (G-nonadjacent-realtime)", script: `
		submit 1 w0x=1
		install 1.0
		commit 1
		submit 2 r0x
		commit 2 0<init`},
	{name: "causal reverse", want: "strict-serializability/real-time/rt-wr-rw",
		levels: "holds: serializable; violated: strong snapshot isolation (G-nonadjacent-realtime)", script: `
		submit 3 r0x r1y
		submit 1 w0x=1
		install 1.0
		commit 1
		submit 2 w1y=2
		install 2.0
		commit 2
		commit 3 0<init 1<2.0`},
	{name: "write ordered before an earlier one", want: "strict-serializability/real-time/rt-ww",
		levels: "holds: serializable; violated: strong snapshot isolation (G-nonadjacent-realtime)", script: `
		submit 1 w0x=1
		commit 1
		submit 2 w0x=2
		install 2.0
		commit 2
		install 1.0`},
	{name: "unknown, seen, then not seen", want: "strict-serializability/real-time/rt-rw-wr",
		levels: "holds: serializable; violated: strong snapshot isolation (G-nonadjacent-realtime)", script: `
		submit 1 w0x=1 w1y=1
		unknown 1
		install 1.0
		install 1.1
		submit 2 r0x
		commit 2 0<1.0
		submit 3 r1y
		commit 3 0<init`},

	{name: "old by two readers", want: "strict-serializability/real-time/rt-rw-rw",
		levels: "holds: strong snapshot isolation, serializable; violated: strict serializable (real-time)", script: `
		submit 2 r1y w0x=2
		submit 3 w1y=3
		install 3.0
		commit 3
		submit 1 r0x
		commit 1 0<init
		install 2.1
		commit 2 0<init`},

	{name: "lost update of several", want: "strict-serializability/lost-update/rw-ww-ww",
		levels: "holds: read atomic; violated: cursor stability (lost update)", script: `
		submit 1 r0x w0x=1
		submit 2 w0x=2
		submit 3 w0x=3
		install 2.0
		install 3.0
		install 1.1
		commit 2
		commit 3
		commit 1 0<init`},
	{name: "single anti-dependency", want: "strict-serializability/G-single/rw-ww",
		levels: "holds: read atomic, cursor stability; violated: consistent view (G-single)", script: `
		submit 1 r0x w1y=1
		submit 2 w0x=2 w1y=2
		install 2.0
		install 2.1
		install 1.1
		commit 1 0<init
		commit 2`},
	{name: "long fork", want: "strict-serializability/G-nonadjacent/rw-wr-rw-wr",
		levels: "holds: consistent view; violated: snapshot isolation (G-nonadjacent), repeatable read (G2-item)", script: `
		submit 1 w0x=1
		submit 2 w1y=2
		submit 3 r0x r1y
		submit 4 r1y r0x
		install 1.0
		install 2.0
		commit 3 0<1.0 1<init
		commit 4 0<2.0 1<init
		commit 1
		commit 2`},
	{name: "fractured read of a superseded part", want: "strict-serializability/fractured-read/rw-ww-wr",
		levels: "holds: cursor stability; violated: read atomic (fractured read)", script: `
		submit 1 w0x=1 w1y=1
		submit 2 w1y=2
		submit 3 r0x r1y
		install 2.0
		install 1.0
		install 1.1
		commit 3 0<1.0 1<init
		commit 1
		commit 2`},
	{name: "fractured read of one that also wrote", want: "strict-serializability/G1c/wr-ww",
		levels: "holds: read uncommitted; violated: read committed (G1c)", script: `
		submit 1 w0x=1 w1y=1
		submit 2 r0x r1y w1y=2
		install 1.0
		install 2.2
		install 1.1
		commit 2 0<1.0 1<init
		commit 1`},
	{name: "write skew with a key made anew after a delete", want: "strict-serializability/G2-item/rw-rw",
		levels: "holds: strong snapshot isolation; violated: repeatable read (G2-item)", script: `
		submit 1 w0x=1
		install 1.0
		commit 1
		submit 2 d0x
		install 2.0
		commit 2
		submit 3 r0x w1y=3
		submit 4 r1y w0x=4
		install 3.1
		install 4.1
		commit 3 0<2.0
		commit 4 0<init`},

	{name: "item lost from storage", want: "durability/lost-write",
		levels: "holds: none; violated: read uncommitted (lost write)", script: `
		submit 1 w0x=1
		install 1.0
		commit 1
		lose 0x`},
	{name: "older version in storage", want: "durability/lost-write",
		levels: "holds: none; violated: read uncommitted (lost write)", script: `
		submit 1 w0x=1
		install 1.0
		commit 1
		submit 2 w0x=2
		install 2.0
		commit 2
		extra 0x 1.0`},
	{name: "item in storage that nobody installed", want: "durability/lost-write",
		levels: "holds: none; violated: read uncommitted (lost write)", script: `
		submit 1 w0x=1
		install 1.0
		commit 1
		extra 1x 1.0`},
}
