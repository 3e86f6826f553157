package model

import "github.com/seed83d86191/txsim/sim"

// LockEvent is what becomes of a request for a lock.
type LockEvent struct {
	Kind    LockEventKind
	Worker  sim.NodeID
	Attempt Attempt // whose request it is
	Key     string
	// Other is whom it waits for or gives way to; zero if only others that wait are ahead.
	Other  Attempt
	Queued bool // Other waits too, further ahead, and does not hold the lock
}

// LockEventKind is a kind of LockEvent.
type LockEventKind uint8

// The kinds of LockEvent.
const (
	LockWaits   LockEventKind = iota // for Other, which may have been granted the lock meanwhile
	LockGranted                      // to one that waited
	LockRefused                      // because of Other
)
