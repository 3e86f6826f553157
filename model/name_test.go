package model

import (
	"strconv"
	"testing"

	"github.com/seed83d86191/txsim/sim"
)

// TestQuoteWord quotes ids and keys that would not read as one word of a line.
func TestQuoteWord(t *testing.T) {
	for text, want := range map[string]string{
		"t17": "t17", "acct/7": "acct/7", "é日本": "é日本", "open-catalogue": "open-catalogue",
		"": `""`, "a b": `"a b"`, "a\nb": `"a\nb"`, "a\tb": `"a\tb"`, "t1#2": `"t1#2"`, "a=b": `"a=b"`, "a;b": `"a;b"`,
		`a"b`: `"a\"b"`, "a`b": "\"a`b\"", "\x00": `"\x00"`, "\x1b[31m": `"\x1b[31m"`, "\u202ek": `"\u202ek"`, "\ufeff": `"\ufeff"`,
	} {
		if got := QuoteWord(text); got != want {
			t.Errorf("%q is shown as %s, want %s", text, got, want)
		}
	}
	f := Formatter{ID: func(uint64) string { return "t1#2" }}
	if got, want := f.Attempt(Attempt{Txn: 1, Try: 3}), `"t1#2"#3`; got != want {
		t.Errorf("the third attempt is %s, want %s", got, want)
	}
}

// TestBareNotes: a node may say any kind of note about itself without a message.
func TestBareNotes(t *testing.T) {
	f := Formatter{Coordinators: 1, Workers: 1}
	for kind := range sim.Kind(255) {
		l := f.Line(&sim.Record[Message]{Op: sim.TraceNote, Node: 1, Kind: kind, Label: Attempt{Txn: 3, Try: 1}.Label()})
		if l.Detail != "" || l.Who != "w0" || l.What != KindName(kind) || l.About != "t3" {
			t.Errorf("kind %d: %+v", kind, l)
		}
	}
}

// ballot is a payload of a protocol of one's own.
type ballot struct{ n byte }

func (b ballot) AppendState(to []byte) []byte { return append(to, b.n, 0, 0) }
func (b ballot) String() string               { return "ballot " + strconv.Itoa(int(b.n)) }

// blockedBallot tells of an obstacle besides.
type blockedBallot struct {
	*Obstacle
	ballot
}

func (b blockedBallot) AppendState(to []byte) []byte {
	return b.ballot.AppendState(b.Obstacle.AppendState(to))
}
func (b blockedBallot) String() string { return b.ballot.String() }

// TestPayload: what a protocol of one's own says is shown, counts on the wire, and sets
// messages apart; an obstacle in it is seen.
func TestPayload(t *testing.T) {
	f := Formatter{Coordinators: 1, Workers: 1, Names: Names{Kinds: []string{"accept"}, Reasons: []string{"outvoted"}}}
	seen := map[uint64]string{}
	by := &Obstacle{"k", Attempt{3, 1}}
	for _, c := range []struct {
		kind    sim.Kind
		m       Message
		shown   string
		size    int
		blocked Obstacle
	}{
		{KindUser, Message{}, "accept", 40, Obstacle{}},
		{KindUser, Message{Payload: ballot{7}}, "accept ballot 7", 43, Obstacle{}},
		{KindUser, Message{Payload: ballot{8}}, "accept ballot 8", 43, Obstacle{}},
		{KindUser + 1, Message{Payload: ballot{8}}, "user+1 ballot 8", 43, Obstacle{}},
		{KindVote, Message{Vote: VoteYes, Payload: ballot{8}}, "vote yes  ballot 8", 43, Obstacle{}},
		{KindVote, Message{Vote: VoteNo, Reason: ReasonUser, Payload: ballot{8}}, "vote no   outvoted  ballot 8", 43, Obstacle{}},
		{KindVote, Message{Vote: VoteNo, Reason: ReasonUser + 1}, "vote no   user+1", 40, Obstacle{}},
		{KindVote, Message{Vote: VoteNo, Reason: Conflict, Payload: by}, "vote no   conflict on k with t3", 41, *by},
		{KindVote, Message{Vote: VoteNo, Reason: Conflict, Payload: (*Obstacle)(nil)}, "vote no   conflict", 40, Obstacle{}},
		{KindVote, Message{Vote: VoteNo, Reason: Conflict, Payload: blockedBallot{by, ballot{8}}}, "vote no   conflict on k with t3  ballot 8", 40 + 8 + 3, *by},
		{KindVote, Message{Vote: VoteNo, Reason: Conflict, Payload: blockedBallot{nil, ballot{8}}}, "vote no   conflict  ballot 8", 40 + 5 + 3, Obstacle{}},
	} {
		mail := sim.Mail{Kind: c.kind}
		if got := f.Message(c.kind, &c.m); got != c.shown {
			t.Errorf("%q, expected %q", got, c.shown)
		}
		if got := size(&mail, &c.m); got != c.size {
			t.Errorf("%s: %d bytes, expected %d", c.shown, got, c.size)
		}
		if got := c.m.Obstacle().Get(); got != c.blocked {
			t.Errorf("%s: obstacle %v, expected %v", c.shown, got, c.blocked)
		}
		hash := MessageHash(0, 1, &mail, &c.m)
		if again := MessageHash(0, 1, &mail, &c.m); seen[hash] != "" || again != hash {
			t.Errorf("%s: hash %x, again %x, which is that of %q", c.shown, hash, again, seen[hash])
		}
		seen[hash] = c.shown
	}
	note := f.Line(&sim.Record[Message]{Op: sim.TraceNote, Node: 1, Kind: KindUser, Message: &Message{Payload: ballot{7}}})
	if note.What != "accept" || note.Detail != "ballot 7" {
		t.Errorf("a note: %+v", note)
	}
}
