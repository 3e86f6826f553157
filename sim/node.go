package sim

// NodeID numbers the nodes of a world in the order they were added, from 0.
type NodeID int32

// Kind names what a message, log record or note is; the names are the world's
// Config.Kinds.
type Kind uint8

// Label says what a message, log record or note is about: a transaction's
// attempt, say. It is opaque to the kernel, which uses it to key draws (the
// same label meets the same delay in two variants of a protocol), to aim
// faults and to print. Zero is no label.
type Label uint64
