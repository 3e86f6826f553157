package analysis

// Verdict is what is known of a run's invariants. The zero value is unknown: a
// run that hit a bound, or was interrupted, is never called valid.
type Verdict uint8

// The verdicts.
const (
	Undecided Verdict = iota
	Valid
	Invalid
)

func (v Verdict) String() string { return [...]string{"unknown", "valid", "invalid"}[v] }

// InvProgress is the invariant of a run's end: once faults are over, everything comes to
// rest, with nothing locked, staged, in doubt or unacknowledged, except what waits for a
// node that is dead for good.
const InvProgress = "progress"
