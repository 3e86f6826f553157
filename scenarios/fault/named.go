package fault

import (
	"sort"
	"strings"
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// cutRun says of which line partitions are, from a number on.
type cutRun struct{ from, line int }

// numbered takes note of the number that a partition of a line has in the trace. Numbers go
// up, and a line that repeats takes many in a row.
func (j *Injection) numbered(number, line int) {
	if n := len(j.cuts); n == 0 || j.cuts[n-1].line != line {
		j.cuts = append(j.cuts, cutRun{number, line})
	}
}

// Partition returns the name of a partition, its sides as in its line, by the number that
// it has in the trace.
func (j *Injection) Partition(number int) string {
	behind := sort.Search(len(j.cuts), func(i int) bool { return j.cuts[i].from > number })
	l := &j.lines[j.cuts[behind-1].line]
	return l.class + " " + strings.Join(l.sides(), " ")
}

// Named returns the plan in a form that survives when other passings disappear: lines that
// struck the n-th passing of all aim instead at the n-th about the same attempt. In this
// run they strike the same.
func (j *Injection) Named() Plan {
	p := make(Plan, len(j.lines))
	for i := range j.lines {
		l := &j.lines[i]
		p[i] = l.Fault
		if l.trig == aimed && l.done && l.try == 0 && l.struckLabel != 0 {
			j.attempt(&p[i], l.struckLabel, l.struckN)
			if l.device() && l.kind == "" {
				p[i].kind = model.KindName(l.struckKind)
			}
		}
	}
	return p
}

// An Onlooker is told of the strikes that the trace has no record of, by the number of their
// line in the plan.
type Onlooker interface {
	// Delayed: a message that is sent at that time takes longer.
	Delayed(line int, from, to sim.NodeID, kind sim.Kind, label sim.Label, at sim.Time, by time.Duration)
	// Held: where messages keep their order, what is sent from now on may arrive no earlier
	// than at until, as one that was sent before does.
	Held(until sim.Time)
	// Slowed: a node, or its log device, is slow from now on until a time, or until faults end.
	Slowed(line int, n sim.NodeID, at, until sim.Time)
}

// Tell has the onlooker be told.
func (j *Injection) Tell(o Onlooker) { j.onlooker = o }

// Line returns a line of the plan by its number, as it was written.
func (j *Injection) Line(number int) string { return j.lines[number].text }
