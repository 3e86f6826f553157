package model

// Concurrency decides what becomes of a lock request that conflicts with
// another transaction, which holds the lock or waits for it ahead. All three
// of the project's are strict two-phase locking without deadlock: a wait is
// only ever allowed in one direction of age.
//
// Source of wait-die and wound-wait: Rosenkrantz, Stearns, Lewis, "System
// Level Concurrency Control for Distributed Database Systems", TODS 3(2), 1978.
//
// One of one's own comes with a Protocol that is Controlled, which may be no more
// than a TwoPhase and that method.
type Concurrency interface {
	Name() string
	Conflict(requester, other Age) Resolution
}

// ByAge is a Concurrency that promises to abort an attempt only for the sake of
// an older one; the analysis holds every conflict against it, and expects the Obstacle of
// a worker that refuses for a conflict, or a wound, to say for whose sake.
type ByAge interface {
	Concurrency
	ByAge()
}

// Controlled is a Protocol that says which concurrency control its nodes run, given
// that of the scenario. What it returns is Config.Concurrency at every Site, and what
// the analysis holds the conflicts against. A control that nodes use without saying so
// is taken for the scenario's, whose promise it may break.
type Controlled interface {
	Protocol
	Concurrency(given Concurrency) Concurrency
}

// Control is the concurrency control that the nodes of a cluster of this Config run.
func (c *Config) Control() Concurrency {
	if p, ok := c.Protocol.(Controlled); ok {
		return p.Concurrency(c.Concurrency)
	}
	return c.Concurrency
}

// Lenient is a Concurrency that overlooks some conflicts: the request is then
// granted beside the other's lock, or goes past the other's request. The
// project's own overlook none; what a weaker one lets through, the analysis of
// the history shows.
type Lenient interface {
	Concurrency
	Overlooks(requester, other Claim) bool
}

// Claim is a lock that an attempt holds at a worker, or asks for.
type Claim struct {
	Age
	Exclusive bool
	Voted     bool // the worker has promised to commit the attempt
	Restored  bool // and has had to take the promise, and the lock, from its log since
}

// Resolution is the answer to a conflict.
type Resolution uint8

// The resolutions.
const (
	Wait  Resolution = iota // until the other is through
	Die                     // the requester's attempt votes NO
	Wound                   // the requester waits, and the other's coordinator is asked to abort it
)

type (
	noWait    struct{}
	waitDie   struct{}
	woundWait struct{}
)

func (noWait) Name() string    { return "no-wait" }
func (waitDie) Name() string   { return "wait-die" }
func (woundWait) Name() string { return "wound-wait" }

// Conflict never waits.
func (noWait) Conflict(_, _ Age) Resolution { return Die }

// Conflict lets the older wait for the younger.
func (waitDie) Conflict(requester, other Age) Resolution {
	if requester.OlderThan(other) {
		return Wait
	}
	return Die
}

// Conflict lets the younger wait for the older.
func (woundWait) Conflict(requester, other Age) Resolution {
	if requester.OlderThan(other) {
		return Wound
	}
	return Wait
}

// ByAge implements ByAge.
func (waitDie) ByAge() {}

// ByAge implements ByAge.
func (woundWait) ByAge() {}

// Concurrencies returns the built-in concurrency controls.
func Concurrencies() []Concurrency { return []Concurrency{waitDie{}, woundWait{}, noWait{}} }
