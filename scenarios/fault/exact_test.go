package fault

import (
	"fmt"
	"testing"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// TestManyAimed: what a boundary costs does not depend on how many lines aim at one like it.
// Where each boundary went through all of them, this took many minutes.
func TestManyAimed(t *testing.T) {
	const lines, passings = 30_000, 300_000
	for _, c := range []struct {
		line     string
		of       bool // the line names an attempt, else it has a number
		boundary sim.Boundary
	}{
		{"drop prepare C0→w3 #%d", false, sim.Boundary{Point: sim.BeforeSend, Kind: model.KindPrepare, Peer: 5}},
		{"drop decision C0→w3 of t%d#1", true, sim.Boundary{Point: sim.BeforeSend, Kind: model.KindCommit, Peer: 5}},
		{"crash w3 after append prepare of t%d#1 for 1ms", true, sim.Boundary{Node: 5, Point: sim.AfterAppend, Kind: model.KindPrepare}},
		{"fail-sync w3 #%d for 1ms", false, sim.Boundary{Node: 5, Point: sim.BeforeSync, Kind: model.KindPrepare}},
		{"corrupt w3 #%d", false, sim.Boundary{Node: 5, Point: sim.AfterSync, Kind: model.KindPrepare}},
	} {
		// The first line aims at the last passing, the others at later ones.
		aims := []string{fmt.Sprintf(c.line, passings)}
		for i := range lines {
			aims = append(aims, fmt.Sprintf(c.line, passings+1+i))
		}
		r := newFaultRun(t, 0, aims...)
		r.cluster = model.NewCluster(r.cfg)
		r.inject = r.plan.Install(r.cluster, 1, func(index uint64) string { return fmt.Sprint("t", index) })
		at, struck := c.boundary, uint64(0)
		for i := uint64(1); i <= passings; i++ {
			at.Label, at.Sync = model.Attempt{Txn: 1, Try: 1}.Label(), uint32(i)
			if c.of {
				at.Label = model.Attempt{Txn: i, Try: 1}.Label()
			}
			if r.inject.At(&at) != nil {
				struck = i
			}
		}
		if struck != passings {
			t.Errorf("%s: the last that struck is that of %d, expected %d", c.line, struck, passings)
		}
		r.struck(t, 1)
	}
}

// TestAimedAtNext: a passing counts once for each line, whatever else other lines name, and
// however often the transaction that a line names has passed something.
func TestAimedAtNext(t *testing.T) {
	t.Parallel()
	about := func(txn uint64) sim.Label { return model.Attempt{Txn: txn, Try: 1}.Label() }
	for _, c := range []struct {
		line, other string
		label       sim.Label
	}{
		{"pause w0 before send user #3 for 1ms", "pause w0 before send user of t1#1 for 1ms", 0},
		{"drop user w0→C0 #3", "drop user w0→C0 of t1#1", 0},
		{"pause w0 before send user of t1#1 #3 for 1ms", "pause w0 before send user of t2#1 for 1ms", about(1)},
	} {
		r := newFaultRun(t, 0, c.line, c.other)
		r.cluster = model.NewCluster(r.cfg)
		r.inject = r.plan.Install(r.cluster, 1, func(index uint64) string { return fmt.Sprint("t", index) })
		at := sim.Boundary{Node: r.cluster.Workers[0], Point: sim.BeforeSend, Kind: model.KindUser, Peer: r.cluster.Coordinators[0], Label: c.label}
		for i := 1; i <= 6; i++ {
			if struck := r.inject.At(&at) != nil; struck != (i == 3) {
				t.Errorf("%s, beside %s: passing %d: %v", c.line, c.other, i, struck)
			}
		}
	}
}
