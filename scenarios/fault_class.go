package scenarios

// FaultClass is a kind of fault: the first word of its line.
type FaultClass struct {
	Name string
	// Promise is what the protocol promises while it lasts.
	Promise string
	// Outside: it is outside the model. The protocol promises nothing once it has
	// struck, and a violation then is to be expected.
	Outside bool
}

const (
	promiseAll   = "safety; and liveness once the fault is over"
	promiseDead  = "safety; and liveness once the fault is over, but for what waits for a node that never restarts"
	promiseSafe  = "safety and liveness"
	promiseFull  = "safety and liveness: what finds no room is aborted"
	promiseNever = "nothing: it rests on synced records that are still there"
)

var faultClasses = []FaultClass{
	{"crash", promiseDead, false},
	{"pause", promiseAll, false},
	{"hang", promiseAll, false},
	{"slow", promiseSafe, false},
	{"partition", promiseAll, false},
	{"drop", promiseAll, false},
	{"delay", promiseSafe, false},
	{"duplicate", promiseSafe, false},
	{"slow-disk", promiseSafe, false},
	{"full-disk", promiseFull, false},
	{"fail-sync", promiseDead, false},
	{"lose-sync", promiseNever, true},
	{"corrupt", promiseNever, true},
	{"tear", promiseSafe, false},
	{"skew", promiseSafe, false},
}

// FaultClasses returns all classes of faults.
func FaultClasses() []FaultClass { return append([]FaultClass(nil), faultClasses...) }

func faultVerbs() []string {
	var verbs []string
	for _, c := range faultClasses {
		verbs = append(verbs, c.Name)
	}
	return verbs
}

// outside returns the classes outside the model of which a line struck.
func outside(lines []Strikes) []string {
	var names []string
	for _, c := range faultClasses {
		struck := false
		for _, l := range lines {
			struck = struck || l.Class == c.Name && l.Times > 0
		}
		if struck && c.Outside {
			names = append(names, c.Name)
		}
	}
	return names
}
