package sim

import (
	"context"
	"testing"
)

// refold computes the trace hash again, from the records and its definition.
type refold struct {
	hash    uint64
	records uint64
	last    Time
	bad     string
}

func (f *refold) Trace(r *Record[note]) {
	if r.At < f.last {
		f.bad = "time went backwards"
	}
	if withMessage := r.Op == TraceSend || r.Op == TraceDeliver || r.Op == TraceLost || r.Op == TraceNote; withMessage != (r.Message != nil) {
		f.bad = "a record of " + r.Op.String() + " with or without a message"
	}
	f.last = r.At
	f.records++
	id := func(n NodeID) uint64 { return uint64(n) & 0xffffff }
	where := uint64(r.Op)<<56 | uint64(r.Kind)<<48 | id(r.Node)<<24 | id(r.Peer)
	f.hash = mix(mix(f.hash^uint64(r.At), where)^uint64(r.Label), r.Arg)
}

// TestHash: the hash is on without a tracer, a tracer changes nothing, and it
// sees every record that the hash covers.
func TestHash(t *testing.T) {
	f := &refold{hash: 4}
	traced, _ := busyWorld(t, Config[note]{Seed: 4, Tracer: f})
	plain, _ := busyWorld(t, Config[note]{Seed: 4})
	traced.Run(context.Background())
	plain.Run(context.Background())
	if plain.Hash() != traced.Hash() || f.hash != plain.Hash() || f.records != plain.Records() || f.bad != "" {
		t.Errorf("plain %x of %d records, traced %x, refolded %x of %d; %s",
			plain.Hash(), plain.Records(), traced.Hash(), f.hash, f.records, f.bad)
	}
}

// TestHashSeesEveryField: a change of any one field changes the hash.
func TestHashSeesEveryField(t *testing.T) {
	fold := func(r Record[note], now Time) uint64 {
		w := New(Config[note]{Seed: 1})
		w.now = now
		w.trace(r.Op, r.Node, r.Peer, r.Kind, r.Label, r.Arg, nil)
		w.trace(TraceNote, 0, Nobody, 0, 0, 0, nil)
		return w.Hash()
	}
	seen := map[uint64]bool{}
	for i := range 7 {
		r := Record[note]{Op: TraceSend, Node: 1, Peer: 2, Kind: 3, Label: 4, Arg: 5}
		now := Time(6)
		switch i {
		case 0:
			now++
		case 1:
			r.Op++
		case 2:
			r.Node++
		case 3:
			r.Peer = Nobody
		case 4:
			r.Kind++
		case 5:
			r.Label++
		case 6:
			r.Arg++
		}
		seen[fold(r, now)] = true
	}
	if len(seen) != 7 {
		t.Errorf("seven changes gave %d hashes", len(seen))
	}
}

// TestHashOfOwn: the hash takes what Digest makes of messages and notes, and the data of
// records from Own on; without Digest it takes none of it.
func TestHashOfOwn(t *testing.T) {
	const own = 5
	digest := func(_ *Mail, m *note) uint64 { return uint64(m.n) }
	run := func(digest func(*Mail, *note) uint64, act func(e *Env[note], n int), n int) uint64 {
		w := New(Config[note]{Digest: digest, Own: own})
		add(w, "a", hooks{start: func(e *Env[note]) { act(e, n) }})
		if w.Run(context.Background()); w.Records() == 0 {
			t.Error("no records")
		}
		return w.Hash()
	}
	for name, c := range map[string]struct {
		act   func(e *Env[note], n int)
		tells bool
	}{
		"message":              {func(e *Env[note], n int) { e.Send(0, Mail{Kind: 1}, note{n: n}) }, true},
		"note":                 {func(e *Env[note], n int) { e.Note(Mail{Kind: 1}, &note{n: n}) }, true},
		"note without message": {func(e *Env[note], n int) { e.Note(Mail{Kind: 1}, nil) }, false},
		"record":               {func(e *Env[note], n int) { e.Append(own, 0, []byte{byte(n), 7}) }, true},
		"other record":         {func(e *Env[note], n int) { e.Append(own-1, 0, []byte{byte(n)}) }, false},
	} {
		one, two := run(digest, c.act, 1), run(digest, c.act, 2)
		if (one != two) != c.tells {
			t.Errorf("%s: hashes %x and %x", name, one, two)
		}
		if one, two := run(nil, c.act, 1), run(nil, c.act, 2); one != two {
			t.Errorf("%s: hashes %x and %x without Digest", name, one, two)
		}
	}
	message := func(e *Env[note], n int) { e.Send(0, Mail{Kind: 1}, note{n: n}) }
	if one, two := run(digest, message, 0), run(nil, message, 0); one != two {
		t.Errorf("a digest of nothing: hashes %x and %x", one, two)
	}
}

func TestOpsHaveNames(t *testing.T) {
	if len(traceOpNames) != int(TraceSyncFailed)+1 || len(lossNames) != int(LostByFault)+1 || len(pointNames) != Points {
		t.Error("a name is missing")
	}
	if TraceTruncated.String() != "truncated" || LostByFault.String() != "dropped by a fault" || AfterSync.String() != "after sync" {
		t.Error("a name has moved")
	}
}
