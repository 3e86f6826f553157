package sim

import (
	"maps"
	"time"
)

// Link says what the network does to messages from one node to another.
type Link struct {
	Delay     Dist
	Loss      Probability
	Duplicate Probability
	// Local is talk within one machine: it counts neither as message nor as
	// packet in the Stats.
	Local bool
	// Session makes the link a set of sessions, one for each Label. The messages of a
	// session keep their order, duplicates too, and travel in packets of their own;
	// schedules and explorations neither lose nor duplicate any. A Local link is one
	// session, whatever the labels.
	Session bool
}

// inSessions reports whether all messages of the link are in sessions.
func (l *Link) inSessions() bool { return l.Local || l.Session }

// session returns the name of the session of a message with this label.
func (l *Link) session(label Label) Label {
	if l.Local {
		return 0
	}
	return label
}

// Network configures the links of a world.
type Network struct {
	Links []Link
	// Class picks the link between two nodes, an index into Links; nil is
	// always 0. It must be a pure function.
	Class func(from, to NodeID) int
	// Share lets messages that a node sends to the same destination at the
	// same instant travel as one packet: one delay, one fate, order kept. Those of
	// sessions with different labels do not, nor one after which the node has sent four
	// more packets at this instant.
	Share bool
}

// Send sends a message: it arrives once, never, or, duplicated, twice, and may overtake
// another. Nothing tells the sender. It panics if there is no node of that number or Ops is
// negative, which are mistakes in the sender's code.
func (e *Env[M]) Send(to NodeID, mail Mail, m M) { e.Post(to, &mail, &m) }

// Post is Send without the copies of a large message: it is copied once, from where m
// points.
func (e *Env[M]) Post(to NodeID, mail *Mail, m *M) {
	if !e.alive() {
		return
	}
	w := e.w
	if uint(to) >= uint(len(w.keys)) || mail.Ops < 0 {
		e.wrong(to, mail)
	}
	fate := &noStrike
	if e.aims != nil && e.aimed(BeforeSend, mail.Kind) {
		if s := e.at(BeforeSend, mail.Kind, mail.Label, to, 0); s != nil {
			fate = s
			if e.strike(s); !e.alive() {
				return
			}
		}
	}
	link := w.cfg.Network.link(e.id, to)
	ev := w.blank.get()
	if ev == nil {
		ev = w.more()
	}
	ev.op, ev.node, ev.from = eventDeliver, to, e.id
	d := &ev.mail // field by field: a wider copy of what was just written would stall the processor
	d.Kind, d.Label, d.Again, d.Ops, d.Arg = mail.Kind, mail.Label, mail.Again, mail.Ops, mail.Arg
	ev.msg = *m
	if !link.Local {
		w.stats.Messages++
		if w.cfg.Size != nil { // pass the copy: an argument of a function value escapes to the heap
			w.stats.Bytes += uint64(w.cfg.Size(&ev.mail, &ev.msg))
		}
	}
	w.stats.Sent[mail.Kind]++
	w.trace(TraceSend, e.id, to, mail.Kind, mail.Label, mail.Arg, &ev.msg)
	if w.cfg.Digest != nil {
		w.fold(w.cfg.Digest(&ev.mail, &ev.msg))
	}

	p := e.packet(to, mail, link)
	if fate == &noStrike && p.lost == 0 && !p.twice && len(w.cuts) == 0 { // the common case
		at := w.now.Add(p.delay)
		if link.inSessions() {
			at = e.inOrder(link, ev, at)
		}
		w.enqueue(at, ev)
	} else {
		e.route(ev, p, link, fate)
	}
	if e.aims != nil && e.aimed(AfterSend, mail.Kind) {
		e.meet(AfterSend, mail.Kind, mail.Label, to)
	}
}

var noStrike Strike

// route sends a message on its way if it is not to be lost. A loss by chance takes only the
// first of two copies; a cut link or a fault takes both.
func (e *Env[M]) route(ev *event[M], p *packet, link *Link, fate *Strike) {
	w := e.w
	lost := LossCause(p.lost)
	switch {
	case fate.Drop:
		lost = LostByFault
	case len(w.cuts) > 0 && w.severed(e.id, ev.node) != nil:
		lost = LostByPartition
	}
	at := w.now.Add(p.delay).Add(max(fate.Delay, 0))
	if lost == 0 && link.inSessions() {
		at = e.inOrder(link, ev, at)
	}
	twice := (fate.Duplicate || p.twice) && (lost == 0 || lost == LostByChance)
	if twice {
		e.duplicate(ev, p, link, fate)
	}
	if twice || lost == 0 {
		fate.meet()
	}
	if lost != 0 {
		w.lose(ev, lost)
		return
	}
	w.enqueue(at, ev)
}

// letter makes the event of one more copy of a message that is on its way.
func (w *World[M]) letter(from, to NodeID, mail *Mail, m *M) *event[M] {
	ev := w.blank.get()
	if ev == nil {
		ev = w.more()
	}
	ev.op, ev.node, ev.from = eventDeliver, to, from
	ev.mail = *mail
	ev.msg = *m
	return ev
}

// second returns the second copy of a message.
func (w *World[M]) second(of *event[M]) *event[M] {
	ev := w.letter(of.from, of.node, &of.mail, &of.msg)
	ev.copy = true
	return ev
}

// session is a session of a node with the node at its other end.
type session struct {
	to    NodeID
	label Label // 0 of a Local link
}

// sessions are those of a node that have messages on their way.
type sessions struct {
	last map[session]Time // when the last of them arrives
	full int              // at this many, those whose messages have all arrived are dropped
}

// inOrder returns when a message that would arrive at at may do so without overtaking an
// earlier one of its session.
func (e *Env[M]) inOrder(link *Link, ev *event[M], at Time) Time {
	s := &e.sessions
	if at == e.w.now && len(s.last) == 0 {
		return at
	}
	if len(s.last) >= s.full {
		maps.DeleteFunc(s.last, func(_ session, last Time) bool { return last <= e.w.now })
		s.full = 2*len(s.last) + 16
	}
	if s.last == nil {
		s.last = map[session]Time{}
	}
	key := session{ev.node, link.session(ev.mail.Label)}
	at = max(at, s.last[key])
	s.last[key] = at
	return at
}

// duplicate sends the message's second copy. Its delay is that of the packet's second copy if
// the packet is duplicated, and otherwise drawn anew; a fault may add to it.
func (e *Env[M]) duplicate(ev *event[M], p *packet, link *Link, fate *Strike) {
	w := e.w
	w.stats.Duplicates++
	took := p.second
	if !p.twice {
		took = e.sample(purposeTwice, ev.node, ev.mail.Label, mailKey(&ev.mail), &link.Delay)
	}
	at := w.now.Add(took).Add(max(fate.Delay, 0)).Add(max(fate.Late, 0))
	if link.inSessions() {
		at = e.inOrder(link, ev, at)
	}
	w.enqueue(at, w.second(ev))
}

// packet is what the network carries from one node to another at one instant: one fate for
// all messages in it.
type packet struct {
	delay   time.Duration
	session Label
	to      NodeID
	lost    uint8 // the LossCause
	twice   bool
	second  time.Duration // the delay of the second copy, if it comes twice
}

// shareable is how many of the last packets of the instant a message may join;
// a bound, so that a broadcast stays linear.
const shareable = 4

// packet draws the fate of the packet that carries the mail, or finds the packet that has
// left for the same node at this instant. The result is valid until the next call.
func (e *Env[M]) packet(to NodeID, mail *Mail, link *Link) *packet {
	w := e.w
	session := Label(0)
	if link.Session {
		session = link.session(mail.Label)
	}
	if w.cfg.Network.Share {
		if e.packetsAt != w.now {
			e.packetsAt, e.packetsSent = w.now, 0
		}
		for i := range min(e.packetsSent, shareable) {
			if e.packets[i].to == to && e.packets[i].session == session {
				return &e.packets[i]
			}
		}
	}
	if !link.Local {
		w.stats.Packets++
	}
	key := mailKey(mail)
	p := &e.packets[e.packetsSent%shareable]
	e.packetsSent++
	p.to, p.session, p.lost, p.twice = to, session, 0, false
	p.delay = e.sample(purposeDelay, to, mail.Label, key, &link.Delay)
	if link.Loss > 0 && !w.calm && w.happens(purposeLoss, e.id, to, mail.Label, key, link.Loss) {
		p.lost = uint8(LostByChance)
	}
	if link.Duplicate > 0 && !w.calm && w.happens(purposeDuplicate, e.id, to, mail.Label, key, link.Duplicate) {
		p.twice = true
		p.second = e.sample(purposeTwice, to, mail.Label, key, &link.Delay)
	}
	return p
}

func mailKey(m *Mail) uint64 { return uint64(m.Again)<<8 | uint64(m.Kind) }

// link returns the link between two nodes.
func (n *Network) link(from, to NodeID) *Link {
	class := 0
	if n.Class != nil {
		class = n.Class(from, to)
	}
	if uint(class) >= uint(len(n.Links)) {
		n.wrong(from, to, class)
	}
	return &n.Links[class]
}

// lose drops the message of the event.
func (w *World[M]) lose(ev *event[M], cause LossCause) {
	w.stats.Lost[cause]++
	if cause == LostByPartition {
		w.rec.Cut = w.severed(ev.from, ev.node).id
	}
	w.rec.Copy = ev.copy
	w.trace(TraceLost, ev.node, ev.from, ev.mail.Kind, ev.mail.Label, uint64(cause), &ev.msg)
	w.free(ev)
}
