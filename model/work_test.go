package model

import (
	"bytes"
	"reflect"
	"testing"

	"github.com/seed83d86191/txsim/sim"
)

// TestWork: what the built-in workers log is what Work says, and a record that is none
// is refused.
func TestWork(t *testing.T) {
	read := map[sim.Kind]int{}
	shared, deleted := 0, 0
	for seed := range uint64(6) {
		run := newStress(seed, Protocols()[seed%3], waitDie{}, OneShot)
		run.run(t)
		for _, n := range run.Workers {
			for rec := range run.World.Storage(n).Records() {
				w, err := ReadWork(rec)
				if err != nil || w.Attempt != AttemptOf(rec.Label) || w.ID == 0 {
					t.Fatalf("%v of %v: %+v, %v", rec.Kind, AttemptOf(rec.Label), w, err)
				}
				b := appendKey(nil, w.key())
				if rec.Kind == KindPrepare || rec.Kind == KindCommitOne {
					b = w.append(b)
				}
				if !bytes.Equal(b, rec.Data) {
					t.Fatalf("%+v: %x, and the worker wrote %x", w, b, rec.Data)
				}
				for i := range w.Writes {
					if w.Writes[i].Deleted {
						deleted++
					}
				}
				shared += len(w.Shared)
				read[rec.Kind]++
				rec.Data = append(rec.Data, 0)
				if _, err := ReadWork(rec); err == nil {
					t.Fatalf("%v with a byte too many was read", rec.Kind)
				}
			}
		}
	}
	if len(read) != 4 || shared == 0 || deleted == 0 {
		t.Errorf("read %v, %d shared keys, %d deletions", read, shared, deleted)
	}
	if _, err := ReadWork(sim.LogRecord{Kind: KindUser}); err == nil {
		t.Error("a record of another kind was read")
	}
}

// TestWorkOfNoID: a number that is no id is refused.
func TestWorkOfNoID(t *testing.T) {
	for id, ok := range map[WireID]bool{1: true, NewWireID(maxEpoch, maxAttempts): true, 1 << 63: false, ^WireID(0): false} {
		w, err := ReadWork(sim.LogRecord{Kind: KindCommit, Data: appendKey(nil, partKey{1, id})})
		if (err == nil) != ok || ok && w.ID != id {
			t.Errorf("%x: %+v, %v", uint64(id), w, err)
		}
	}
}

// TestWorkUnnamed: without an ID of the protocol's the attempt's own name is its name.
func TestWorkUnnamed(t *testing.T) {
	w := Work{Coordinator: 1, Attempt: Attempt{7, 2}, Start: 5, Writes: []StagedWrite{{"k", "v", false, 3}}, Shared: []string{"s"}}
	data := w.append(appendKey(nil, w.key()))
	got, err := ReadWork(sim.LogRecord{Kind: KindPrepare, Label: w.Attempt.Label(), Data: data})
	if err != nil || !reflect.DeepEqual(got, w) {
		t.Errorf("%+v, %v; wrote %+v", got, err, w)
	}
	if v := w.Item(4, 0); v != (StoredItem{4, "k", "v", false, Version{Attempt{7, 2}, 3}}) {
		t.Errorf("installs %+v", v)
	}
}

// TestCrowded: promises that the log device has no room for are counted, with what the decision
// takes, and nothing else.
func TestCrowded(t *testing.T) {
	cfg := labConfig()
	cfg.Disk.Capacity = 200
	l := newLab(cfg, nil)
	w := l.worker(0)
	a := Attempt{Txn: 1, Try: 1}
	w.Append(KindPrepare, a.Label(), make([]byte, w.Env.LogRoom()-LogReserve+1))
	if got := l.Tally().Crowded; got != (BadRecords{Records: 1, Node: w.Env.ID(), Kind: KindPrepare, Attempt: a}) {
		t.Errorf("without room for the decision: %+v", got)
	}
	l = newLab(cfg, nil)
	c := l.World.Node(l.Coordinators[0]).(*coordinator)
	c.Append(KindEnd, a.Label(), make([]byte, c.Env.LogRoom()+1)) // binds nobody
	c.Append(KindAbort, a.Label(), make([]byte, 1))
	if got := l.Tally().Crowded; got != (BadRecords{Records: 1, Node: c.Env.ID(), Kind: KindAbort, Attempt: a}) {
		t.Errorf("a decision: %+v", got)
	}
	l = newLab(cfg, nil)
	w = l.worker(0)
	w.Append(KindPrepare, a.Label(), make([]byte, w.Env.LogRoom()-LogReserve))
	if w.Append(KindCommitOne, a.Label(), make([]byte, w.Env.LogRoom())); w.Env.LogRoom() >= 0 {
		t.Fatalf("room for %d", w.Env.LogRoom())
	}
	w.Append(KindAbort, a.Label(), make([]byte, 60))
	if got := l.Tally().Crowded; got != (BadRecords{}) {
		t.Errorf("%+v", got)
	}
	w.Append(KindCommitOne, a.Label(), make([]byte, 1))
	w.Append(KindPrepare, a.Label(), make([]byte, 1))
	if got := l.Tally().Crowded; got != (BadRecords{Records: 2, Node: w.Env.ID(), Kind: KindCommitOne, Attempt: a}) {
		t.Errorf("%+v", got)
	}
}
