package model

import (
	"encoding/binary"

	"github.com/seed83d86191/txsim/sim"
)

// Identities of messages and timers that are equal in a Bench and in the world of a run, so
// that what an exploration found on a Bench can be repeated as a run.

// MessageHash returns a hash of what a message says from one node to another. It leaves out
// times, the count of re-sends, and Part where the transaction does not come along: without
// it Part is only a hint.
func MessageHash(from, to sim.NodeID, mail *sim.Mail, m *Message) uint64 {
	b := binary.AppendUvarint(make([]byte, 0, 128), uint64(from))
	b = binary.AppendUvarint(append(b, byte(mail.Kind)), uint64(to))
	b = binary.AppendUvarint(b, uint64(mail.Label))
	b = binary.AppendUvarint(b, mail.Arg)
	b = appendKey(appendKey(b, partKey{from, m.ID}), partKey{from, m.Mark})
	b = appendAttempt(b, m.Attempt)
	b = binary.AppendUvarint(b, m.aged(mail.Kind))
	part := m.Part
	if m.Txn == nil {
		part = 0
	}
	for _, n := range [...]uint64{uint64(part), uint64(m.From), uint64(m.To), uint64(m.Life), uint64(m.Peer)} {
		b = binary.AppendUvarint(b, n)
	}
	b = append(b, byte(m.Vote), byte(m.Outcome), byte(m.Reason))
	b = appendReads(appendBools(b, m.Txn == nil, m.Final, m.Presumed), byOperation(m.Reads))
	var p Payload = (*Obstacle)(nil) // which reads as that of nothing
	if m.Payload != nil {
		p = m.Payload
	}
	return hashBytes(p.AppendState(b))
}

// digest returns sim.Config.Digest. The built-in protocols need none: what their messages and
// records say follows from what the trace hash has anyway.
func (c *Config) digest() func(*sim.Mail, *Message) uint64 {
	if _, builtIn := c.Protocol.(TwoPhase); builtIn {
		return nil
	}
	return ownDigest
}

// ownDigest is of all that a message or note says but times, if it has a kind or a payload of
// a protocol's own; 0 of others.
func ownDigest(mail *sim.Mail, m *Message) uint64 {
	if mail.Kind < KindUser {
		switch m.Payload.(type) {
		case nil, *Obstacle:
			return 0
		}
	}
	return MessageHash(sim.Nobody, sim.Nobody, mail, m)
}

// timerNamer is a node whose timer tokens are positions in its memory, which differ between
// equal states.
type timerNamer interface{ timerName(token uint64) uint64 }

// TimerName returns what a timer of a node is for: the same number in equal states, even if
// the tokens differ.
func TimerName(n sim.Node[Message], token uint64) uint64 {
	if x, ok := as[timerNamer](n); ok {
		return x.timerName(token)
	}
	return token
}

func (w *worker) timerName(token uint64) uint64 {
	if token >= uint64(len(w.parts)) || w.parts[token] == nil {
		return token
	}
	k := w.parts[token].key
	return sim.Hash(uint64(k.coordinator), uint64(k.id.Epoch()), k.id.N())
}
