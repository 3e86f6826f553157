package model

import (
	"context"
	"encoding/binary"
	"slices"
	"testing"

	"github.com/seed83d86191/txsim/sim"
)

// number appends numbers of 32 bits.
func number(b []byte, all ...uint32) []byte {
	for _, n := range all {
		b = binary.LittleEndian.AppendUint32(b, n)
	}
	return b
}

// promiseRecord is a record that promises or commits what attempt n writes and has read; each
// letter is a key.
func promiseRecord(kind sim.Kind, n uint64, writes, shared string) scrawlRecord {
	w := Work{Attempt: Attempt{Txn: n, Try: 1}, ID: NewWireID(1, n), Start: 5}
	for i, key := range writes {
		w.Writes = append(w.Writes, StagedWrite{Key: string(key), Value: "1", Op: int32(i)})
	}
	for _, key := range shared {
		w.Shared = append(w.Shared, string(key))
	}
	return scrawlRecord{kind, w.Attempt.Label(), w.append(appendKey(nil, w.key()))}
}

// decisionRecord decides about attempt n.
func decisionRecord(kind sim.Kind, n uint64) scrawlRecord {
	return scrawlRecord{kind, Attempt{Txn: n, Try: 1}.Label(), appendKey(nil, partKey{0, NewWireID(1, n)})}
}

// finishedIn is attempt n, finished, in a checkpoint.
func finishedIn(n uint64, s partState) []byte {
	b := appendKey(nil, partKey{0, NewWireID(1, n)})
	return append(binary.LittleEndian.AppendUint64(b, uint64(Attempt{Txn: n, Try: 1}.Label())), byte(s), 0)
}

// promisedIn is attempt n in a checkpoint, in doubt or, in one phase, about to commit. It writes
// the key.
func promisedIn(n uint64, decided byte, key string) []byte {
	b := appendKey(nil, partKey{0, NewWireID(1, n)})
	b = append(binary.LittleEndian.AppendUint64(b, uint64(Attempt{Txn: n, Try: 1}.Label())), decided)
	w := Work{Writes: []StagedWrite{{Key: key, Value: "1"}}}
	return w.append(b)
}

// checkpointOf is a worker's checkpoint without marks and items.
func checkpointOf(finished, promised [][]byte, more ...byte) []byte {
	b := number([]byte{}, 0, 0)
	for _, list := range [][][]byte{finished, promised} {
		b = number(b, uint32(len(list)))
		b = append(b, slices.Concat(list...)...)
	}
	return append(b, more...)
}

// TestSenselessLogs: a node whose checkpoint or log says what no node of its kind can have
// written, though the checksums are right, stops for good and says so; it does not go on with a
// part of it. What one may have written it reads.
func TestSenselessLogs(t *testing.T) {
	prepare, one := KindPrepare, KindCommitOne
	commit, abort := decisionRecord(KindCommit, 1), decisionRecord(KindAbort, 1)
	promise := promiseRecord(prepare, 1, "a", "b")
	stranger := func(node sim.NodeID) scrawlRecord {
		return scrawlRecord{KindAbort, Attempt{Txn: 1, Try: 1}.Label(), appendKey(nil, partKey{node, NewWireID(1, 1)})}
	}
	type log = []scrawlRecord
	type list = [][]byte
	for _, tc := range []struct {
		name       string
		checkpoint []byte
		records    log
		sense      bool
	}{
		{"nothing", nil, nil, true},
		{"a promise and its commit", nil, log{promise, commit}, true},
		{"a promise and its abort", nil, log{promise, abort}, true},
		{"an abort of what was not promised", nil, log{abort}, true},
		{"promises of other keys", nil, log{promise, promiseRecord(prepare, 2, "c", "b")}, true},
		{"a commit in one phase", nil, log{promiseRecord(one, 1, "a", "")}, true},
		{"a promise of what the commit in front has written", nil, log{promise, commit, promiseRecord(prepare, 2, "a", "")}, true},
		{"a commit of what was not promised", nil, log{commit}, false},
		{"a promise twice", nil, log{promise, promise}, false},
		{"a commit twice", nil, log{promise, commit, commit}, false},
		{"a promise behind its abort", nil, log{abort, promise}, false},
		{"a commit behind its abort", nil, log{promise, abort, commit}, false},
		{"an abort behind its commit", nil, log{promise, commit, abort}, false},
		{"a commit in one phase of what was promised", nil, log{promise, promiseRecord(one, 1, "a", "")}, false},
		{"a commit in one phase twice", nil, log{promiseRecord(one, 1, "a", ""), promiseRecord(one, 1, "a", "")}, false},
		{"promises to write one key", nil, log{promise, promiseRecord(prepare, 2, "a", "")}, false},
		{"a promise to write what another has read", nil, log{promise, promiseRecord(prepare, 2, "b", "")}, false},
		{"a promise that has read what another is to write", nil, log{promise, promiseRecord(prepare, 2, "", "a")}, false},
		{"a commit in one phase of what is promised", nil, log{promise, promiseRecord(one, 2, "a", "")}, false},
		{"a promise to write a key twice", nil, log{promiseRecord(prepare, 1, "aa", "")}, false},
		{"a promise that names a key as written and as read", nil, log{promiseRecord(prepare, 1, "a", "a")}, false},
		{"a record of another kind", nil, log{{KindStart, 0, abort.data}}, false},
		{"a record that ends early", nil, log{{KindAbort, 0, abort.data[:11]}}, false},
		{"the last coordinator", nil, log{stranger(0)}, true},
		{"a worker for a coordinator", nil, log{stranger(1)}, false},
		{"no node for a coordinator", nil, log{stranger(-1)}, false},

		{"an empty checkpoint", checkpointOf(nil, nil), nil, true},
		{"a checkpoint with what a protocol keeps", checkpointOf(nil, nil, keptMark, 1, 0, 0, 0), nil, true},
		{"a checkpoint with something else", checkpointOf(nil, nil, keptMark+1, 1, 0, 0, 0), nil, false},
		{"one that remembers", checkpointOf(list{finishedIn(1, partAborted), finishedIn(2, partCommitted), finishedIn(3, partLeft)}, nil), nil, true},
		{"an abort of what was given up", checkpointOf(list{finishedIn(1, partAborted)}, nil), log{abort}, true},
		{"an abort of what a checkpoint has committed", checkpointOf(list{finishedIn(1, partCommitted)}, nil), log{abort}, false},
		{"an abort of what has let go", checkpointOf(list{finishedIn(1, partLeft)}, nil), log{abort}, false},
		{"a promise of what a checkpoint has aborted", checkpointOf(list{finishedIn(1, partAborted)}, nil), log{promise}, false},
		{"one that remembers an attempt twice", checkpointOf(list{finishedIn(1, partAborted), finishedIn(1, partAborted)}, nil), nil, false},
		{"one that remembers what is not over", checkpointOf(list{finishedIn(1, partDeciding)}, nil), nil, false},
		{"one with an unheard-of state", checkpointOf(list{finishedIn(1, partAborted+1)}, nil), nil, false},
		{"promises of a checkpoint", checkpointOf(nil, list{promisedIn(1, 0, "a"), promisedIn(2, 0, "b")}), log{commit}, true},
		{"an attempt promised twice in a checkpoint", checkpointOf(nil, list{promisedIn(1, 0, "a"), promisedIn(1, 0, "b")}), nil, false},
		{"one that is promised and over", checkpointOf(list{finishedIn(1, partAborted)}, list{promisedIn(1, 0, "a")}), nil, false},
		{"a key promised twice in a checkpoint", checkpointOf(nil, list{promisedIn(1, 0, "a"), promisedIn(2, 0, "a")}), nil, false},
		{"a key promised and committed in one phase", checkpointOf(nil, list{promisedIn(1, 0, "a"), promisedIn(2, 1, "a")}), nil, false},
		{"a commit of what a checkpoint has decided", checkpointOf(nil, list{promisedIn(1, 1, "a")}), log{commit}, false},
	} {
		records := append(tc.records, decisionRecord(KindAbort, 99)) // which alone makes sense
		checkSense(t, tc.name, waitDie{}, scrawl{checkpoint: tc.checkpoint, records: records}, tc.sense)
	}
}

// overlooksUnvoted is a control that lets requests pass what has not voted.
type overlooksUnvoted struct{ waitDie }

func (overlooksUnvoted) Overlooks(_, other Claim) bool { return !other.Voted }

// TestSenseOfLenient: promises that are in each other's way make sense where the control may have
// let them through, whatever it thinks of them now.
func TestSenseOfLenient(t *testing.T) {
	s := scrawl{records: []scrawlRecord{promiseRecord(KindPrepare, 1, "a", "b"), promiseRecord(KindPrepare, 2, "ab", "")}}
	checkSense(t, "strict", waitDie{}, s, false)
	checkSense(t, "lenient", overlooksUnvoted{}, s, true)
	s.records[1] = s.records[0]
	checkSense(t, "a promise twice", overlooksUnvoted{}, s, false)
}

// TestSenselessDecisions is TestSenselessLogs for a coordinator.
func TestSenselessDecisions(t *testing.T) {
	decided := func(n uint64, epoch uint32, workers ...uint32) []byte {
		b := binary.LittleEndian.AppendUint64(nil, uint64(NewWireID(epoch, n)))
		return number(number(b, uint32(len(workers))), workers...)
	}
	label := Attempt{Txn: 1, Try: 1}.Label()
	kept := func(kind sim.Kind, data []byte) []byte {
		b := binary.LittleEndian.AppendUint64([]byte{byte(kind)}, uint64(label))
		return append(b, data...)
	}
	for _, tc := range []struct {
		name       string
		checkpoint []byte
		kind       sim.Kind
		data       []byte
		sense      bool
	}{
		{"a commit", nil, KindCommit, decided(1, 1, 1, 2), true},
		{"an abort", nil, KindAbort, decided(1, 1, 1), true},
		{"an audit entry", nil, KindSuspect, nil, true},
		{"the end of what is unknown", nil, KindEnd, decided(1, 1)[:8], true},
		{"a commit at a coordinator", nil, KindCommit, decided(1, 1, 0, 2), false},
		{"a commit at nobody", nil, KindCommit, decided(1, 1, 1, 3), false},
		{"a commit that ends early", nil, KindCommit, decided(1, 1, 1, 2)[:15], false},
		{"a commit of this life", nil, KindCommit, decided(1, 2, 1, 2), false},
		{"an end of nothing", nil, KindEnd, decided(1, 1)[:7], false},
		{"a checkpoint", append(kept(KindCommit, decided(1, 1, 1, 2)), byte(KindNone)), KindStart, nil, true},
		{"a checkpoint that speaks of nobody", append(kept(KindCommit, decided(1, 1, 1, 3)), byte(KindNone)), KindStart, nil, false},
		{"a checkpoint of this life", append(kept(KindCommit, decided(1, 2, 1, 2)), byte(KindNone)), KindStart, nil, false},
		{"a checkpoint that ends early", kept(KindCommit, decided(1, 1, 1, 2))[:20], KindStart, nil, false},
	} {
		records := []scrawlRecord{{tc.kind, label, tc.data}, {KindCommit, label, decided(2, 1, 1)}} // of which the second alone makes sense
		checkSense(t, tc.name, waitDie{}, scrawl{coordinator: true, checkpoint: tc.checkpoint, records: records}, tc.sense)
	}
}

// checkSense lets a node recover from a scrawl, and says whether it had to stop.
func checkSense(t *testing.T, name string, cc Concurrency, s scrawl, sense bool) {
	t.Helper()
	cfg := labConfig()
	cfg.Workers, cfg.Coordinators, cfg.Concurrency = 2, 1, cc
	cfg.Protocol = scribbled{Protocols()[0].(TwoPhase), s}
	l := newLab(cfg, nil)
	l.watch.rules = nil // nobody submitted what such a log speaks of
	node := l.Workers[0]
	if s.coordinator {
		node = 0
	}
	said := map[sim.Kind]int{}
	l.seen = func(r *sim.Record[Message]) {
		if r.Node == node && (r.Op == sim.TraceNote || r.Op == sim.TraceSend) {
			said[r.Kind]++
		}
	}
	l.World.Crash(sim.Time(10*ms), node, ms)
	l.World.RunUntil(context.Background(), sim.Time(12*ms))
	stopped := l.World.Dead(node)
	if stopped == sense || said[KindFinding] > 0 == sense || said[KindRecover] > 0 != sense || !sense && len(said) > 1 {
		t.Errorf("%s: sense %v, stopped %v, said %v", name, sense, stopped, said)
	}
}
