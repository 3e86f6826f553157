package model

import (
	"encoding/binary"

	"github.com/seed83d86191/txsim/sim"
)

// Hooks are for a protocol that wraps nodes of TwoPhase. It sets them in the copy of the Site
// from which it makes the node.
type Hooks struct {
	// Outgoing, if not nil, is called with each message of the node before it is sent, to
	// anyone, and may change it; if it returns false, the message is not sent. What the
	// message points to must not be changed.
	Outgoing func(to sim.NodeID, mail *sim.Mail, m *Message) bool
	// Keep, if not nil, is called when the node writes a checkpoint, which replaces the log
	// and with it the records of the protocol around. It returns what that protocol needs of
	// them; Kept finds it again.
	Keep func() []byte
}

// send sends a message unless a hook objects. The most frequent senders call passes and
// Post themselves, which saves a call.
func (s *Site) send(to sim.NodeID, mail *sim.Mail, m *Message) {
	if s.passes(to, mail, m) {
		s.Env.Post(to, mail, m)
	}
}

// passes asks Outgoing whether a message may be sent, and as what.
func (s *Site) passes(to sim.NodeID, mail *sim.Mail, m *Message) bool {
	return s.Hooks == nil || s.Hooks.Outgoing == nil || s.offer(to, mail, m)
}

// offer asks Outgoing about copies of the message: an argument of a function value escapes
// to the heap, and without Outgoing there should be no allocation.
func (s *Site) offer(to sim.NodeID, mail *sim.Mail, m *Message) bool {
	ownMail, own := *mail, *m
	ok := s.Hooks.Outgoing(to, &ownMail, &own)
	*mail, *m = ownMail, own
	return ok
}

// keptMark begins what Keep has returned in a checkpoint; its length is at the end.
const keptMark = 'k'

// appendKept appends what Keep returns to a checkpoint.
func (s *Site) appendKept(b []byte) []byte {
	if s.Hooks == nil || s.Hooks.Keep == nil {
		return b
	}
	return appendKept(b, s.Hooks.Keep())
}

const keptBytes = 1 + 4 // beside what is kept

func appendKept(b, kept []byte) []byte {
	return binary.LittleEndian.AppendUint32(append(append(b, keptMark), kept...), uint32(len(kept)))
}

// Kept returns what Keep had returned when the checkpoint was written; nil if there is no
// checkpoint, or none with anything kept.
func Kept(log sim.Recovery) []byte {
	b := log.Checkpoint
	if len(b) < keptBytes {
		return nil
	}
	end := len(b) - 4
	from := end - int(binary.LittleEndian.Uint32(b[end:]))
	if from < 1 || b[from-1] != keptMark {
		return nil
	}
	return b[from:end]
}
