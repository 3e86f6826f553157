package analysis

// histCases are histories of a few events each. want lists the findings, in order,
// as "invariant" or "invariant/anomaly"; none means that the history is right.
var histCases = []struct {
	name, script string
	want         []string
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

	{name: "results lost with the coordinator", script: `
		submit 1 r0x w0x=1
		install 1.1
		commit 1`},

	{name: "one install dropped", want: []string{InvDurability, InvAtomicity}, script: `
		submit 1 w0x=1 w1y=1
		install 1.0
		commit 1`},
	{name: "commit lost", want: []string{InvDurability}, script: `
		submit 1 w0x=1
		commit 1`},
	{name: "unknown in part", want: []string{InvAtomicity}, script: `
		submit 1 w0x=1 w1y=1
		install 1.0
		unknown 1`},
	{name: "duplicate install", want: []string{InvAtomicity}, script: `
		submit 1 w0x=1 w1y=1
		install 1.0
		install 1.0
		install 1.1
		commit 1`},
	{name: "install after settlement", want: []string{InvAtomicity}, script: `
		submit 1 w0x=1
		install 1.0
		commit 1
		install 1.0`},
	{name: "wrong value installed", want: []string{InvAtomicity}, script: `
		submit 1 w0x=1
		install 1.0 =7
		commit 1`},
	{name: "superseded write installed", want: []string{InvAtomicity}, script: `
		submit 1 w0x=1 w0x=2
		install 1.0
		install 1.1
		commit 1`},
	{name: "aborted, then installed", want: []string{InvAtomicity}, script: `
		submit 1 w0x=1
		abort! 1
		install 1.0`},
	{name: "installed, then aborted", want: []string{InvAtomicity}, script: `
		submit 1 w0x=1
		install 1.0
		abort! 1`},
	{name: "aborted attempt installs while the next runs", want: []string{InvAtomicity, InvOneCommit}, script: `
		submit 1 w0x=1 w1y=1
		abort 1
		begin 1#2 0
		install 1.0
		install 1#2.1
		abort! 1#3`},
	{name: "two attempts install", want: []string{InvOneCommit}, script: `
		submit 1 w0x=1 w1y=1
		install 1.0
		install 1#2.1
		unknown 1`},
	{name: "two attempts told committed", want: []string{InvOneCommit}, script: `
		submit 1 r0x
		submit 2 r0x
		commit 1 0<init
		commit 1#2 0<init
		commit 2 0<init`},
	{name: "another attempt told committed than installed", want: []string{InvOneCommit}, script: `
		submit 1 w0x=1
		install 1.0
		commit 1#2`},
	{name: "no final answer", want: []string{InvOneOutcome}, script: `
		submit 1 r0x
		abort 1`},
	{name: "two final answers", want: []string{InvOneOutcome}, script: `
		submit 1 r0x
		submit 2 r0x
		abort! 1
		commit 1 0<init
		commit 2 0<init`},
	{name: "aborted attempt committed later", want: []string{InvOneOutcome}, script: `
		submit 1 r0x
		abort 1
		commit 1 0<init`},
	{name: "never submitted", want: []string{InvOneOutcome}, script: `
		abort! 1`},
	{name: "age changes", want: []string{InvStableAge}, script: `
		submit 1 r0x
		begin 1 5
		abort 1
		begin 1#2 6
		abort! 1#2`},
	{name: "attempt numbers do not rise", want: []string{InvStableAge}, script: `
		submit 1 r0x
		begin 1#2 5
		begin 1#2 5
		abort! 1#2`},
	{name: "own write not seen", want: []string{InvOwnWrites}, script: `
		submit 1 w0x=1 r0x
		install 1.0
		commit 1 1<init`},
	{name: "own delete not seen", want: []string{InvOwnWrites}, script: `
		submit 1 w0x=1 d0x r0x
		install 1.1
		commit 1 2<1.0`},
	{name: "own later write seen", want: []string{InvOwnWrites}, script: `
		submit 1 r0x w0x=1
		install 1.1
		commit 1 0<1.1`},
	{name: "read result repeated", want: []string{InvCommittedReads}, script: `
		submit 1 r0x r0y
		commit 1 0<init 0<init`},
	{name: "read result missing", want: []string{InvCommittedReads}, script: `
		submit 1 r0x r0y
		commit 1 0<init`},
	{name: "aborted read", want: []string{InvCommittedReads + "/" + AnomalyG1a}, script: `
		submit 1 w0x=1
		submit 2 r0x
		commit 2 0<1.0
		abort! 1`},
	{name: "read of an aborted attempt", want: []string{InvCommittedReads + "/" + AnomalyG1a}, script: `
		submit 1 w0x=1
		submit 2 r0x
		abort 1
		install 1#2.0
		commit 1#2
		commit 2 0<1.0`},
	{name: "read of what was never installed", want: []string{InvCommittedReads + "/" + AnomalyG1a}, script: `
		submit 1 w0x=1
		submit 2 r0x
		unknown 1
		commit 2 0<1.0`},
	{name: "intermediate read", want: []string{InvCommittedReads + "/" + AnomalyG1b}, script: `
		submit 1 w0x=1 w0x=2
		submit 2 r0x
		install 1.1
		commit 1
		commit 2 0<1.0`},
	{name: "wrong value read", want: []string{InvCommittedReads}, script: `
		submit 1 w0x=1
		submit 2 r0x
		install 1.0
		commit 1
		commit 2 0<1.0=7`},
	{name: "value read where there is none", want: []string{InvCommittedReads}, script: `
		submit 1 r0x
		commit 1 0<init=7`},
	{name: "read of an operation that does not write the item", want: []string{InvCommittedReads}, script: `
		submit 1 w0x=1
		submit 2 r0y
		install 1.0
		commit 1
		commit 2 0<1.0`},

	{name: "write order", want: []string{InvStrictSerializability + "/" + AnomalyG0}, script: `
		submit 1 w0x=1 w1y=1
		submit 2 w0x=2 w1y=2
		install 1.0
		install 2.0
		install 2.1
		install 1.1
		commit 1
		commit 2`},
	{name: "circular information flow", want: []string{InvStrictSerializability + "/" + AnomalyG1c}, script: `
		submit 1 w0x=1 r1y
		submit 2 w1y=2 r0x
		install 1.0
		install 2.0
		commit 1 1<2.0
		commit 2 1<1.0`},
	{name: "lost update", want: []string{InvStrictSerializability + "/" + AnomalyGSingle}, script: `
		submit 1 r0x w0x=1
		submit 2 r0x w0x=2
		install 1.1
		commit 1 0<init
		install 2.1
		commit 2 0<init`},
	{name: "read skew", want: []string{InvStrictSerializability + "/" + AnomalyGSingle}, script: `
		submit 1 w0x=1 w1y=1
		submit 2 r0x r1y
		install 1.0
		install 1.1
		commit 2 0<init 1<1.1
		commit 1`},
	{name: "unrepeatable read", want: []string{InvStrictSerializability + "/" + AnomalyGSingle}, script: `
		submit 1 w0x=1
		submit 2 r0x r0x
		install 1.0
		commit 1
		commit 2 0<init 1<1.0`},
	{name: "write skew", want: []string{InvStrictSerializability + "/" + AnomalyG2Item}, script: `
		submit 1 r0x w1y=1
		submit 2 r1y w0x=2
		install 1.1
		install 2.1
		commit 1 0<init
		commit 2 0<init`},
	{name: "stale read", want: []string{InvStrictSerializability + "/" + AnomalyRealTime}, script: `
		submit 1 w0x=1
		install 1.0
		commit 1
		submit 2 r0x
		commit 2 0<init`},
	{name: "causal reverse", want: []string{InvStrictSerializability + "/" + AnomalyRealTime}, script: `
		submit 3 r0x r1y
		submit 1 w0x=1
		install 1.0
		commit 1
		submit 2 w1y=2
		install 2.0
		commit 2
		commit 3 0<init 1<2.0`},
	{name: "write ordered before an earlier one", want: []string{InvStrictSerializability + "/" + AnomalyRealTime}, script: `
		submit 1 w0x=1
		commit 1
		submit 2 w0x=2
		install 2.0
		commit 2
		install 1.0`},
	{name: "unknown, seen, then not seen", want: []string{InvStrictSerializability + "/" + AnomalyRealTime}, script: `
		submit 1 w0x=1 w1y=1
		unknown 1
		install 1.0
		install 1.1
		submit 2 r0x
		commit 2 0<1.0
		submit 3 r1y
		commit 3 0<init`},

	{name: "item lost from storage", want: []string{InvDurability}, script: `
		submit 1 w0x=1
		install 1.0
		commit 1
		lose 0x`},
	{name: "older version in storage", want: []string{InvDurability}, script: `
		submit 1 w0x=1
		install 1.0
		commit 1
		submit 2 w0x=2
		install 2.0
		commit 2
		extra 0x 1.0`},
	{name: "item in storage that nobody installed", want: []string{InvDurability}, script: `
		submit 1 w0x=1
		install 1.0
		commit 1
		extra 1x 1.0`},
}
