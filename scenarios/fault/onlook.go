package fault

import (
	"time"

	"github.com/seed83d86191/txsim/sim"
)

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

// tellHeld tells of what is sent behind a message that arrives later, or whose copy does.
func (j *Injection) tellHeld(d time.Duration) {
	if j.onlooker != nil {
		j.onlooker.Held(j.w.Now().Add(d))
	}
}

// tellDelayed tells of the message that passes at b.
func (j *Injection) tellDelayed(i int, b *sim.Boundary, d time.Duration) {
	if j.onlooker != nil {
		j.onlooker.Delayed(i, b.Node, b.Peer, b.Kind, b.Label, j.w.Now(), d)
	}
}

// tellSlowed tells of a node that is slow from now on, if that is what the line does.
func (j *Injection) tellSlowed(i int, n sim.NodeID, d time.Duration) {
	if j.onlooker != nil && j.lines[i].slows() {
		now := j.w.Now()
		j.onlooker.Slowed(i, n, now, now.Add(d))
	}
}
