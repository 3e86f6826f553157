package fault

import (
	"time"

	"github.com/seed83d86191/txsim/sim"
)

// messageStrike is a strike that delays or duplicates the message which is about to be sent:
// its line, how late the message or its copy will be, and which of those that the line counts
// it is.
type messageStrike struct {
	line int
	d    time.Duration
	n    uint64
}

// onMessage adds to s what a line does to the message that is sent at b. A message that a
// crash keeps from being sent, or that another line drops, is not struck; whether one that is
// delayed or duplicated is lost all the same, the network says later.
func (j *Injection) onMessage(i int, b *sim.Boundary, s *sim.Strike, n uint64) {
	l := &j.lines[i]
	if s.Crash || s.Drop {
		return
	}
	if l.class == "drop" {
		s.Drop = true
		j.moot = append(j.moot, mootStrike{i, int(j.total)})
		j.record(i, b, 0, n)
		return
	}
	d := j.sample(i, b.Node, b.Label, j.linkKey(l, b, n), &l.by)
	switch {
	case l.class == "delay":
		s.Delay += d
	case s.Duplicate && d <= s.Late:
		return
	default:
		s.Duplicate, s.Late = true, d
	}
	j.found, j.boundary, s.Met = true, *b, j.onItsWay
	j.mail = append(j.mail, messageStrike{i, d, n})
}

// sent counts the strikes on a message that is on its way now, and tells of them.
func (j *Injection) sent() {
	b, now := &j.boundary, j.w.Now()
	for _, m := range j.mail {
		if j.onlooker != nil {
			if j.lines[m.line].class == "delay" {
				j.onlooker.Delayed(m.line, b.Node, b.Peer, b.Kind, b.Label, now, m.d)
			}
			j.onlooker.Held(now.Add(m.d)) // what is sent behind it
		}
		j.record(m.line, b, m.d, m.n)
	}
}
