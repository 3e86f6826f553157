package fault

import (
	"strings"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// Partition returns the name of a partition, its sides as in its line, by the number that
// it has in the trace.
func (j *Injection) Partition(number int) string {
	l := &j.lines[j.cuts[number]]
	return l.class + " " + strings.Join(l.sides(), " ")
}

// note counts a passing of the boundary that the line aims at, by the label it was about.
func (l *active) note(label sim.Label) {
	if l.about == nil {
		l.about = map[sim.Label]uint64{}
	}
	l.about[label]++
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
			j.attempt(&p[i], l.struckLabel, l.about[l.struckLabel])
			if l.device() && l.kind == "" {
				p[i].kind = model.KindName(l.struckKind)
			}
		}
	}
	return p
}
