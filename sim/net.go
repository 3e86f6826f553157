package sim

import "time"

// Link is what a network does between two nodes.
type Link struct {
	Delay     Dist
	Loss      Probability
	Duplicate Probability
	// Local is talk within one machine: it counts neither as message nor as
	// packet in the Stats.
	Local bool
	// Session is talk over one connection: messages keep their order, and schedules
	// and explorations neither lose nor double any. Local talk is a session too.
	Session bool
}

func (l *Link) session() bool { return l.Local || l.Session }

// Network configures the links of a world.
type Network struct {
	Links []Link
	// Class picks the link between two nodes, an index into Links; nil is
	// always 0. It must be a pure function.
	Class func(from, to NodeID) int
	// Share lets messages that a node sends to the same destination at the
	// same instant travel as one packet: one delay, one fate, order kept.
	Share bool
}

// Send sends a message: it arrives once, never, or, duplicated, twice, and may
// overtake another. Nothing tells the sender.
func (e *Env[M]) Send(to NodeID, mail Mail, m M) {
	if !e.alive() {
		return
	}
	if e.aims == nil {
		e.transmit(to, &mail, &m, &noStrike)
		return
	}
	fate := &noStrike
	if e.aimed(BeforeSend, mail.Kind) {
		if s := e.at(BeforeSend, mail.Kind, mail.Label, to, 0); s != nil {
			fate = s
			if e.strike(s); !e.alive() {
				return
			}
		}
	}
	e.transmit(to, &mail, &m, fate)
	if e.aimed(AfterSend, mail.Kind) {
		e.meet(AfterSend, mail.Kind, mail.Label, to)
	}
}

var noStrike Strike

// transmit gives a message to the network.
func (e *Env[M]) transmit(to NodeID, mail *Mail, m *M, s *Strike) {
	w := e.w
	link := w.link(e.id, to)
	ev := w.alloc()
	ev.op, ev.node, ev.from, ev.mail = eventDeliver, to, e.id, *mail
	ev.msg = *m // by itself: together they would be copied twice
	if !link.Local {
		w.stats.Messages++
		if w.cfg.Size != nil { // of the copy: what a function value is given moves to the heap
			w.stats.Bytes += uint64(w.cfg.Size(&ev.mail, &ev.msg))
		}
	}
	w.stats.Sent[mail.Kind]++
	w.trace(TraceSend, e.id, to, mail.Kind, mail.Label, mail.Arg, &ev.msg)

	p := e.packet(to, mail, link)
	switch {
	case s.Drop:
		p.lost = LostByFault
	case len(w.cuts) > 0 && w.severed(e.id, to):
		p.lost = LostByPartition
	}
	extra := max(s.Delay, 0)
	if s.Duplicate || p.twice {
		e.duplicate(to, mail, m, p.lost, &link.Delay, extra)
	}
	if p.lost != 0 {
		w.lose(ev, p.lost)
		return
	}
	at := w.now.Add(p.delay + extra)
	if link.Session {
		at = e.inOrder(to, at)
	}
	w.enqueue(at, ev)
}

// inOrder is when a message can arrive that is not to overtake earlier ones.
func (e *Env[M]) inOrder(to NodeID, at Time) Time {
	if e.sessions == nil {
		e.sessions = map[NodeID]Time{}
	}
	at = max(at, e.sessions[to])
	e.sessions[to] = at
	return at
}

// duplicate sends the message's second copy, with a delay of its own. Chance may
// lose the first alone; a cut link or a fault takes both.
func (e *Env[M]) duplicate(to NodeID, mail *Mail, m *M, lost LossCause, delay *Dist, extra time.Duration) {
	if lost != 0 && lost != LostByChance {
		return
	}
	w := e.w
	w.stats.Duplicates++
	took := w.sample(purposeTwice, e.id, to, mail.Label, mailKey(mail), delay)
	ev := w.alloc()
	ev.op, ev.node, ev.from, ev.mail = eventDeliver, to, e.id, *mail
	ev.msg = *m
	w.enqueue(w.now.Add(took+extra), ev)
}

// packet is what the network carries from one node to another at one instant.
type packet struct {
	to    NodeID
	delay time.Duration
	lost  LossCause
	twice bool
}

// shareable is how many of the last packets of the instant a message may join;
// a bound, so that a broadcast stays linear.
const shareable = 4

// packet draws the fate of the packet that carries the mail, or finds the one
// that left for the same node at this instant.
func (e *Env[M]) packet(to NodeID, mail *Mail, link *Link) packet {
	w := e.w
	if w.cfg.Network.Share {
		if e.packetsAt != w.now || w.calm != e.packetsCalm {
			e.packetsAt, e.packetsCalm, e.packets = w.now, w.calm, e.packets[:0]
		}
		for i := len(e.packets) - 1; i >= 0 && i >= len(e.packets)-shareable; i-- {
			if e.packets[i].to == to {
				return e.packets[i]
			}
		}
	}
	if !link.Local {
		w.stats.Packets++
	}
	key := mailKey(mail)
	p := packet{to: to, delay: w.sample(purposeDelay, e.id, to, mail.Label, key, &link.Delay)}
	if link.Loss > 0 && !w.calm && w.happens(purposeLoss, e.id, to, mail.Label, key, link.Loss) {
		p.lost = LostByChance
	}
	if link.Duplicate > 0 && !w.calm && w.happens(purposeDuplicate, e.id, to, mail.Label, key, link.Duplicate) {
		p.twice = true
	}
	if w.cfg.Network.Share {
		e.packets = append(e.packets, p)
	}
	return p
}

func mailKey(m *Mail) uint64 { return uint64(m.Again)<<8 | uint64(m.Kind) }

func (w *World[M]) link(from, to NodeID) *Link {
	if w.cfg.Network.Class == nil {
		return &w.cfg.Network.Links[0]
	}
	return &w.cfg.Network.Links[w.cfg.Network.Class(from, to)]
}

// lose drops the message of the event.
func (w *World[M]) lose(ev *event[M], cause LossCause) {
	w.stats.Lost[cause]++
	w.trace(TraceLost, ev.node, ev.from, ev.mail.Kind, ev.mail.Label, uint64(cause), &ev.msg)
	w.free(ev)
}
