package model

import (
	"fmt"
	"slices"
	"testing"

	"github.com/seed83d86191/txsim/sim"
)

// TestClashed: a promise or commit that takes a key from an undecided promise is told of, and of
// no other record.
func TestClashed(t *testing.T) {
	work := func(txn uint64, written, shared string) *Work {
		w := &Work{Attempt: Attempt{Txn: txn, Try: 1}, ID: WireID(txn)}
		for _, key := range written {
			w.Writes = append(w.Writes, StagedWrite{Key: string(key)})
		}
		for _, key := range shared {
			w.Shared = append(w.Shared, string(key))
		}
		return w
	}
	type record struct {
		kind sim.Kind
		work *Work
	}
	var many []record
	for txn := range uint64(2000) {
		many = append(many, record{KindPrepare, work(10+txn, string(rune(1000+txn)), "r")})
	}
	for _, tc := range []struct {
		name    string
		records []record
		want    []string
	}{
		{"other keys", []record{{KindPrepare, work(1, "a", "b")}, {KindPrepare, work(2, "c", "d")}}, nil},
		{"one that both write", []record{{KindPrepare, work(1, "a", "")}, {KindPrepare, work(2, "ca", "")}}, []string{"t2 a t1"}},
		{"one that the first has read", []record{{KindPrepare, work(1, "a", "bc")}, {KindPrepare, work(2, "c", "")}}, []string{"t2 c t1"}},
		{"one that the first writes", []record{{KindPrepare, work(1, "a", "b")}, {KindPrepare, work(2, "", "ca")}}, []string{"t2 a t1"}},
		{"one that both read", []record{{KindPrepare, work(1, "a", "b")}, {KindPrepare, work(2, "c", "b")}}, nil},
		{"of a commit in one phase", []record{{KindPrepare, work(1, "a", "")}, {KindCommitOne, work(2, "a", "")}}, []string{"t2 a t1"}},
		{"behind a commit in one phase", []record{{KindCommitOne, work(1, "a", "")}, {KindPrepare, work(2, "a", "")}}, nil},
		{"behind the commit", []record{{KindPrepare, work(1, "a", "")}, {KindCommit, work(1, "", "")}, {KindPrepare, work(2, "a", "")}}, nil},
		{"behind the abort", []record{{KindPrepare, work(1, "a", "")}, {KindAbort, work(1, "", "")}, {KindPrepare, work(2, "a", "")}}, nil},
		{"of the same attempt, again", []record{{KindPrepare, work(1, "a", "")}, {KindPrepare, work(1, "ab", "")}, {KindPrepare, work(2, "b", "")}}, []string{"t2 b t1"}},
		{"behind the commit of two", []record{{KindPrepare, work(1, "a", "")}, {KindPrepare, work(1, "ab", "")}, {KindCommit, work(1, "", "")}, {KindPrepare, work(2, "ab", "")}}, nil},
		{"of two others", []record{{KindPrepare, work(1, "a", "")}, {KindPrepare, work(2, "b", "")}, {KindPrepare, work(3, "ab", "")}}, []string{"t3 a t1", "t3 b t2"}},
		{"of one of thousands in doubt", append(many, record{KindPrepare, work(1, string(rune(1999)), "")}), []string{"t1 \u07cf t1009"}},
	} {
		var got []string
		r := recorder{hist: &store{}, pool: &pool{}, clashed: func(_ sim.NodeID, attempt, other sim.Label, key string) {
			got = append(got, fmt.Sprintf("t%d %s t%d", AttemptOf(attempt).Txn, key, AttemptOf(other).Txn))
		}}
		im := &image{}
		for _, rec := range tc.records {
			b := appendKey(nil, rec.work.key())
			if rec.kind == KindPrepare || rec.kind == KindCommitOne {
				b = rec.work.append(b)
			}
			r.read(im, sim.LogRecord{Kind: rec.kind, Label: rec.work.Attempt.Label(), Data: b})
		}
		if slices.Sort(got); !slices.Equal(got, tc.want) || r.unread.Records > 0 {
			t.Errorf("%s: %q, want %q, and %d records were not read", tc.name, got, tc.want, r.unread.Records)
		}
	}
}

// logged is a record of attempt n of a coordinator's, which writes and has read keys of a letter.
func logged(kind sim.Kind, k partKey, txn uint64, written, shared string) sim.LogRecord {
	w := &Work{Coordinator: k.coordinator, ID: k.id, Attempt: Attempt{Txn: txn, Try: 1}}
	for _, key := range written {
		w.Writes = append(w.Writes, StagedWrite{Key: string(key)})
	}
	for _, key := range shared {
		w.Shared = append(w.Shared, string(key))
	}
	b := appendKey(nil, k)
	if kind == KindPrepare || kind == KindCommitOne {
		b = w.append(b)
	}
	return sim.LogRecord{Kind: kind, Label: w.Attempt.Label(), Data: b}
}

// TestRecorder: what becomes durable is installed when a record commits it, and only what that
// commits, also where the names of two attempts have one hash; a record that makes no sense is
// counted, and of one of another kind nothing is said.
func TestRecorder(t *testing.T) {
	two := uint64(2)
	a, b := partKey{2, 9}, partKey{0, WireID(9 ^ two*spread)}
	if a.hash() != b.hash() {
		t.Fatalf("the hashes of %v and %v are %x and %x", a, b, a.hash(), b.hash())
	}
	short := logged(KindPrepare, a, 1, "x", "")
	short.Data = short.Data[:len(short.Data)-1]
	for _, tc := range []struct {
		name      string
		records   []sim.LogRecord
		installed string
		promised  int
		doubt     []uint64
		unread    sim.Kind
	}{
		{"promises", []sim.LogRecord{logged(KindPrepare, a, 1, "x", "y"), logged(KindPrepare, b, 2, "z", "")}, "", 3, []uint64{1, 2}, 0},
		{"the first of two committed", []sim.LogRecord{logged(KindPrepare, a, 1, "x", ""), logged(KindPrepare, b, 2, "z", ""), logged(KindCommit, a, 1, "", "")}, "x", 2, []uint64{2}, 0},
		{"the second of two committed", []sim.LogRecord{logged(KindPrepare, a, 1, "x", ""), logged(KindPrepare, b, 2, "z", ""), logged(KindCommit, b, 2, "", "")}, "z", 2, []uint64{1}, 0},
		{"the second aborted, the first committed", []sim.LogRecord{logged(KindPrepare, a, 1, "x", ""), logged(KindPrepare, b, 2, "z", ""), logged(KindAbort, b, 2, "", ""), logged(KindCommit, a, 1, "", "")}, "x", 2, nil, 0},
		{"one phase", []sim.LogRecord{logged(KindCommitOne, a, 1, "xy", "")}, "xy", 0, nil, 0},
		{"an abort of what was not promised", []sim.LogRecord{logged(KindAbort, a, 1, "", "")}, "", 0, nil, 0},
		{"another protocol's", []sim.LogRecord{{Kind: KindUser}}, "", 0, nil, 0},
		{"a commit of what was not promised", []sim.LogRecord{logged(KindPrepare, a, 1, "x", ""), logged(KindCommit, b, 2, "", "")}, "", 1, []uint64{1}, KindCommit},
		{"a promise that ends early", []sim.LogRecord{short}, "", 0, nil, KindPrepare},
		{"a decision that ends early", []sim.LogRecord{logged(KindPrepare, a, 1, "x", ""), {Kind: KindCommit, Data: short.Data[:11]}}, "", 1, []uint64{1}, KindCommit},
	} {
		hist, im, promised := &store{}, &image{}, 0
		r := recorder{hist: hist, pool: &pool{}, promised: func(_ sim.NodeID, _ sim.Label, keys int) { promised += keys }}
		for _, rec := range tc.records {
			r.read(im, rec)
		}
		installed := ""
		for _, it := range hist.written {
			installed += it.key
		}
		var doubt []uint64
		for txn := range uint64(4) {
			if im.inDoubt(txn) {
				doubt = append(doubt, txn)
			}
		}
		if installed != tc.installed || promised != tc.promised || !slices.Equal(doubt, tc.doubt) || r.unread.Kind != tc.unread || r.unread.Records > 0 != (tc.unread > 0) {
			t.Errorf("%s: installed %q, promised %d, in doubt about %v, unread %+v", tc.name, installed, promised, doubt, r.unread)
		}
	}
}

// TestPromisedAgain: a prepare record holds all of the work, so that what an attempt commits is
// what its last one says, as where a worker promises anew with every operation.
func TestPromisedAgain(t *testing.T) {
	w := &Work{Attempt: Attempt{Txn: 1, Try: 1}, Writes: []StagedWrite{{Key: "a", Value: "old"}}}
	again := &Work{Attempt: w.Attempt, Writes: []StagedWrite{{Key: "a", Value: "new"}, {Key: "b", Value: "1"}}}
	for _, last := range []sim.Kind{KindCommit, KindCommitOne} {
		var s store
		r, im := recorder{hist: &s, pool: &pool{}}, &image{}
		for _, rec := range []struct {
			kind sim.Kind
			work *Work
		}{{KindPrepare, w}, {KindPrepare, again}, {last, again}} {
			b := appendKey(nil, rec.work.key())
			if rec.kind != KindCommit {
				b = rec.work.append(b)
			}
			r.read(im, sim.LogRecord{Kind: rec.kind, Label: w.Attempt.Label(), Data: b})
		}
		var got []string
		for _, it := range s.written {
			got = append(got, it.key+"="+it.value)
		}
		if want := []string{"a=new", "b=1"}; !slices.Equal(got, want) || im.inDoubt(1) {
			t.Errorf("%s: installed %q, want %q; in doubt %v", KindName(last), got, want, im.inDoubt(1))
		}
	}
}
