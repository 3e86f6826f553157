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

// TestAimedAtNoAttempt: a passing that is about no attempt counts once, for lines that name
// none, also where others name one.
func TestAimedAtNoAttempt(t *testing.T) {
	t.Parallel()
	for _, link := range []string{"pause w0 before send user%s for 1ms", "drop user w0→C0%s"} {
		r := newFaultRun(t, 0, fmt.Sprintf(link, " #3"), fmt.Sprintf(link, " of t1#1"))
		r.cluster = model.NewCluster(r.cfg)
		r.inject = r.plan.Install(r.cluster, 1, nil)
		at, struck := sim.Boundary{Node: r.cluster.Workers[0], Point: sim.BeforeSend, Kind: model.KindUser, Peer: r.cluster.Coordinators[0]}, 0
		for i := 1; i <= 6; i++ {
			if r.inject.At(&at) != nil {
				struck = i
			}
		}
		if struck != 3 {
			t.Errorf("%s: struck passing %d of those about no attempt, expected 3", link, struck)
		}
	}
}
