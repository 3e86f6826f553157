package model

import (
	"testing"

	"github.com/seed83d86191/txsim/sim"
)

// TestOutgoing: what is sent is what the hook has made of it, its envelope too.
func TestOutgoing(t *testing.T) {
	w := newLab(labConfig(), nil).worker(0)
	w.Hooks = &Hooks{Outgoing: func(_ sim.NodeID, mail *sim.Mail, m *Message) bool {
		mail.Kind, m.Vote = KindAck, VoteNo
		return m.Reason == NoReason
	}}
	for reason, sent := range map[Reason]bool{NoReason: true, Timeout: false} {
		mail, m := sim.Mail{Kind: KindVote}, Message{Vote: VoteYes, Reason: reason}
		if ok := w.passes(w.Client, &mail, &m); ok != sent || mail.Kind != KindAck || m.Vote != VoteNo {
			t.Errorf("%s: sent=%v, %+v %+v", reason, ok, mail, m)
		}
	}
}

// TestKept: what a checkpoint keeps is found again, and in one that keeps nothing nothing is.
func TestKept(t *testing.T) {
	for checkpoint, want := range map[string]string{
		"": "nil", "\x00\x00\x00\x00": "nil", "kab\x02\x00\x00\x00": "ab", "xkab\x02\x00\x00\x00": "ab", "k\x00\x00\x00\x00": "",
		"xab\x02\x00\x00\x00": "nil", "kab\x03\x00\x00\x00": "nil", "kab\x04\x00\x00\x00": "nil", "kab\xff\xff\xff\xff": "nil",
	} {
		got := "nil"
		if b := Kept(sim.Recovery{Checkpoint: []byte(checkpoint)}); b != nil {
			got = string(b)
		}
		if got != want {
			t.Errorf("%q: %q, want %q", checkpoint, got, want)
		}
	}
	s := Site{Hooks: &Hooks{Keep: func() []byte { return []byte("ab") }}}
	if got := Kept(sim.Recovery{Checkpoint: s.appendKept([]byte("x"))}); string(got) != "ab" {
		t.Errorf("%q", got)
	}
}
