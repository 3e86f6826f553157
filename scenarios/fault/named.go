package fault

import (
	"strings"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// Partition names a partition by its sides, as its line does: it is given the number
// that the partition has in the trace.
func (j *Injection) Partition(number int) string {
	l := &j.lines[j.cuts[number]]
	return l.verb + " " + strings.Join(l.sides(), " ")
}

// note counts a passing of what the line aims at, by what it was about.
func (l *active) note(label sim.Label) {
	if l.about == nil {
		l.about = map[sim.Label]uint64{}
	}
	l.about[label]++
}

// Named returns the plan, with the lines that struck the n-th passing of all
// aimed at the n-th of those about the same attempt: that strikes the same, and
// still does when there are fewer others.
func (j *Injection) Named() Plan {
	p := make(Plan, len(j.lines))
	for i := range j.lines {
		l := &j.lines[i]
		p[i] = l.Fault
		if l.trig == aimed && l.done && l.try == 0 && l.hit != 0 {
			j.attempt(&p[i], l.hit, l.about[l.hit])
			if l.device() && l.kind == "" {
				p[i].kind = model.KindName(l.hitKind)
			}
		}
	}
	return p
}
