package model

import (
	"math/rand/v2"
	"time"

	"github.com/seed83d86191/txsim/sim"
)

// carbon keeps copies of the messages to coordinators and workers, so
// that they can arrive once more, as late as one likes.
type carbon struct {
	lab  *lab
	kept []copied
}

type copied struct {
	from, to sim.NodeID
	mail     sim.Mail
	msg      Message
}

// keepCopies starts copying what is sent.
func (l *lab) keepCopies() *carbon {
	c := &carbon{lab: l}
	seen := l.seen
	l.seen = func(r *sim.Record[Message]) {
		if r.Op == sim.TraceSend && r.Peer != l.Client {
			c.kept = append(c.kept, copied{r.Node, r.Peer, sim.Mail{Kind: r.Kind, Label: r.Label, Arg: r.Arg}, *r.Message})
		}
		if seen != nil {
			seen(r)
		}
	}
	return c
}

// again lets the nth message (from 1) of a kind to a node arrive once more at
// a given time, changed by change if that is not nil.
func (c *carbon) again(at time.Duration, kind sim.Kind, to sim.NodeID, nth int, change func(*copied)) {
	c.lab.World.FaultAt(sim.Time(at), func() {
		for _, m := range c.kept {
			if m.mail.Kind != kind || m.to != to {
				continue
			}
			if nth--; nth == 0 {
				if change != nil {
					change(&m)
				}
				c.deliver(m)
				return
			}
		}
		panic("no such message yet")
	})
}

func (c *carbon) deliver(m copied) {
	if node := c.lab.World.Node(m.to); node != nil {
		c.lab.seen(&sim.Record[Message]{At: c.lab.World.Now(), Op: sim.TraceDeliver, Node: m.to, Peer: m.from,
			Kind: m.mail.Kind, Label: m.mail.Label, Arg: m.mail.Arg, Message: &m.msg})
		node.Receive(m.from, m.mail, &m.msg)
	}
}

// storm lets random old messages arrive again at random times.
func (c *carbon) storm(r *rand.Rand, n int, until time.Duration) {
	for range n {
		c.lab.World.FaultAt(sim.Time(r.Int64N(int64(until))), func() {
			if len(c.kept) == 0 {
				return
			}
			if m := c.kept[r.IntN(len(c.kept))]; m.from != c.lab.Client { // whose messages never come twice
				c.deliver(m)
			}
		})
	}
}
