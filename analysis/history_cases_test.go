package analysis

import "slices"

// histCases are histories of a few events each. want are the fingerprints of the
// findings, in order; none means that the history is right. levels is what is said of
// the levels: strictSerializable if it is empty.
var histCases = slices.Concat(outcomeCases, cycleCases, dueCases)

type histCase struct{ name, want, levels, script string }

// outcomeCases show in the events of one transaction, in what it read or in the storage.
var outcomeCases = []histCase{
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

	{name: "aborted attempt answered late", script: `
		submit 1 w0x=1
		install 1#2.0
		abort 1
		commit 1#2`},
	{name: "what begins after the final answer is not judged", script: `
		submit 1 w0x=1
		begin 1 5
		install 1.0
		commit 1
		begin 1 7`},

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
	{name: "submitted twice", want: "one-outcome one-outcome", script: `
		submit 1 w0x=1
		submit 1 w0x=1`},
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
