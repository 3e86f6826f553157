package sim

import "time"

// Limits bound a run. Zero means the default.
type Limits struct {
	Time    time.Duration // virtual; default 1 hour
	Events  uint64        // default 10⁹
	Pending int           // events at one time that are yet to come, planned faults too; default 10⁷
}

// Status says why a run, or a part of one, ended.
type Status uint8

// The statuses. Only after Quiet is the end of the run known.
const (
	Interrupted Status = iota
	Quiet              // nothing is left to happen
	TimeLimit
	EventLimit
	Paused   // RunUntil reached its time
	Panicked // a node has panicked; set by the caller that recovers, who must not run the world again
	PendingLimit
)

var statusNames = [...]string{"interrupted", "quiet", "time limit reached", "event limit reached", "paused", "panicked", "pending limit reached"}

func (s Status) String() string { return statusNames[s] }

// limit returns why a run until t does not take the event at time at.
func (w *World[M]) limit(at, t Time) Status {
	switch end := Time(w.cfg.Limits.Time); {
	case at > end && t >= end:
		return TimeLimit
	case at > t:
		w.next = at
		return Paused
	}
	return w.exhausted()
}

// exhausted says which limit leaves no event to the run.
func (w *World[M]) exhausted() Status {
	if w.mostEvents == 0 {
		return PendingLimit
	}
	return EventLimit
}
