package sim

// NodeID numbers the nodes of a world in the order they were added, from 0.
type NodeID int32

// Nobody is the Peer of a trace record that has none.
const Nobody NodeID = -1

// Kind says what a message, log record or note is. The kernel knows no names of kinds; the
// nodes do.
type Kind uint8

// Label says what a message, log record or note is about: a transaction's
// attempt, say. It is opaque to the kernel, which uses it to key draws (the
// same label meets the same delay in two variants of a protocol), to aim
// faults and to print. Zero is no label.
type Label uint64

// A Node is a state machine that reacts to one event at a time and acts only
// through the Env that it was built with. M is the type of its messages.
type Node[M any] interface {
	// Start is the first event of the node's first incarnation.
	Start()

	// Recover is the first event of every later incarnation: the node was
	// built anew after a crash and has nothing but its log.
	Recover(log Recovery)

	// Receive handles a message. m is valid during the call only; copy what
	// has to stay.
	Receive(from NodeID, mail Mail, m *M)

	// Fired handles the timer that was set with this token.
	Fired(token uint64)

	// Synced says that all records below lsn are durable.
	Synced(lsn LSN)
}

// Cloner is implemented by nodes whose state can be copied, for explorations that copy
// nodes. The clone acts through env. A Bench needs no Cloner: it runs a node's steps again.
type Cloner[M any] interface {
	Clone(env *Env[M]) Node[M]
}

// StateAppender is implemented by nodes that can append a canonical encoding of their
// state, for exploration: states of equal bytes are taken for one, and visited once.
//
// States that may react differently to anything that comes must give different bytes,
// or ways are missed, and others are found that no run can take. What a reaction sets
// counts too: a counter from which tokens of timers are made, and what each pending
// token stands for. What the device holds and which timers are pending is known without
// that. Beware of what prints alike and is not: fmt shows nil as it shows an empty slice or
// map, and behind a pointer nothing but an address.
//
// States that react alike should give equal bytes, or there are more to visit than need
// be: leave out virtual time, log positions and the order of a map. A counter that only
// numbers messages, for [Mail].Again, must be left out though a reaction sets it: with it,
// each time that something is sent again is a new state, and there is no end of them. Nor is
// there where each sets a timer and leaves the last one running: pending timers count.
type StateAppender interface {
	AppendState(b []byte) []byte
}

// Mail is the envelope of a message, or the head of a note.
type Mail struct {
	Kind  Kind
	Label Label
	// Again tells messages of one kind and label on one link apart, by counting the
	// earlier ones say, so that each re-send has a delay and a fate of its own.
	Again uint32
	// Ops is the message's cost at the receiver, in operations; see CPU.
	Ops int32
	// Arg is hashed into the trace: what sets this message apart from another
	// of its kind and label, a vote's yes or no for instance.
	Arg uint64
}

// Timer is a handle to cancel a timer. The zero Timer is none.
type Timer struct {
	slot uint32
	gen  uint32
}
