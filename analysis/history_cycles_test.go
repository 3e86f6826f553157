package analysis

// cycleCases have no serial order.
var cycleCases = []histCase{
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
	// A run of equal edges counts as two.
	{name: "lost update of many", want: "strict-serializability/lost-update/rw-ww-ww",
		levels: "holds: read atomic; violated: cursor stability (lost update)", script: `
		submit 1 r0x w0x=1
		submit 2 w0x=2
		submit 3 w0x=3
		submit 4 w0x=4
		install 2.0
		install 3.0
		install 4.0
		install 1.1
		commit 2
		commit 3
		commit 4
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
}
