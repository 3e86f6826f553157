package model

import (
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
