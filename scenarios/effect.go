package scenarios

import (
	"context"
	"fmt"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios/fault"
	"github.com/seed83d86191/txsim/sim"
)

// effects reports for each class of faults whether it changes the run. It compares the run
// with the same run without the class, leaving out the trace records of the faults
// themselves.
func (j *Job) effects(ctx context.Context, o Options, classes []string) ([]bool, error) {
	o.without = ""
	with, err := j.hashWithoutFaults(ctx, o)
	if err != nil {
		return nil, err
	}
	effective := make([]bool, len(classes))
	for i := range classes {
		o.without = classes[i]
		hash, err := j.hashWithoutFaults(ctx, o)
		if err != nil {
			return nil, err
		}
		effective[i] = hash != with
	}
	return effective, nil
}

// hashWithoutFaults runs the job and returns a hash of its trace without the records of
// faults, and of the number of violations, since what a device loses need not show in the
// trace.
func (j *Job) hashWithoutFaults(ctx context.Context, o Options) (uint64, error) {
	var e faultlessHash
	r, err := j.Run(ctx, Options{Seed: o.Seed, Swarm: o.Swarm, without: o.without, Tracer: &e})
	if err == nil {
		err = ctx.Err() // an incomplete trace must not be compared
	}
	if err != nil {
		return 0, err
	}
	return sim.Hash(e.hash, uint64(r.Violations)), nil
}

// faultlessHash is a running hash of the trace without the records of faults and without
// what a node says about its own restart. It also leaves out log positions and incarnation
// numbers, which change with every earlier fault.
type faultlessHash struct{ hash uint64 }

// Trace implements sim.Tracer.
func (e *faultlessHash) Trace(r *sim.Record[model.Message]) {
	arg := r.Arg
	switch r.Op {
	case sim.TraceCrash, sim.TraceRestart, sim.TraceDead, sim.TracePause, sim.TraceResume,
		sim.TraceCut, sim.TraceHeal, sim.TraceSyncFailed:
		return
	case sim.TraceLost:
		if sim.LossCause(r.Arg) == sim.LostByFault {
			return
		}
	case sim.TraceNote:
		if r.Kind == model.KindRecover && r.Message != nil && r.Message.Peer == r.Node {
			return
		}
	case sim.TraceAppend:
		if r.Kind == model.KindRecover {
			return
		}
		arg = 0
	case sim.TraceSync, sim.TraceSynced, sim.TraceTorn, sim.TraceStopped, sim.TraceTruncated:
		arg = 0
	}
	where := uint64(r.Op)<<56 | uint64(r.Kind)<<48 | uint64(uint32(r.Node)&0xffffff)<<24 | uint64(uint32(r.Peer)&0xffffff)
	e.hash = sim.Hash(e.hash, uint64(r.At), where, uint64(r.Label), arg)
}

// Accounting counts what the classes of faults did in the runs of a hunt. A fault that
// changes nothing tests nothing.
type Accounting struct {
	runs    uint64
	classes []FaultAccount // in the order of fault.Classes; Runs 0 is never asked for
}

// FaultAccount counts what one class of faults did.
type FaultAccount struct {
	Class     string `json:"class"`
	Runs      uint64 `json:"runs"`      // runs that asked for it
	Struck    uint64 `json:"struck"`    // runs in which it struck
	Strikes   uint64 `json:"strikes"`   // times that it struck, in all runs
	Measured  uint64 `json:"measured"`  // runs that were compared with the same run without it
	Effective uint64 `json:"effective"` // measured runs that differed
}

// Measuring a class takes another run. One run in accountEvery is measured for all classes
// that struck in it. A class that has had no effect so far is also measured in the first
// measureAll runs in which it struck, and then in each 16th of those.
const (
	accountEvery = 64
	measureAll   = 64
)

// add adds a run of the job, which had this plan, and may run it again without some of its
// faults. Which runs are run again depends on the order of the calls: it must be that of the
// seeds, however many runs are made in parallel.
func (a *Accounting) add(ctx context.Context, j *Job, o Options, plan fault.Plan, struck []fault.Strikes) error {
	if a.classes == nil {
		for _, class := range fault.Classes() {
			a.classes = append(a.classes, FaultAccount{Class: class})
		}
	}
	sampled := a.runs%accountEvery == 0
	a.runs++
	asked := map[string]bool{}
	for _, class := range plan.Classes() {
		asked[class] = true
	}
	strikes := map[string]uint64{}
	for _, s := range struck {
		strikes[s.Class] += s.Times
	}
	var measured []*FaultAccount
	var classes []string
	for i := range a.classes {
		c := &a.classes[i]
		if asked[c.Class] {
			c.Runs++
		}
		if n := strikes[c.Class]; n > 0 {
			c.Struck++
			c.Strikes += n
			if sampled || c.Effective == 0 && (c.Measured < measureAll || c.Struck%16 == 0) {
				measured, classes = append(measured, c), append(classes, c.Class)
			}
		}
	}
	if measured == nil {
		return nil
	}
	effective, err := j.effects(ctx, o, classes)
	if err != nil {
		return err
	}
	for i, c := range measured {
		c.Measured++
		if effective[i] {
			c.Effective++
		}
	}
	return nil
}

// Accounts returns the accounts of the classes that were asked for.
func (a *Accounting) Accounts() []FaultAccount {
	var all []FaultAccount
	for _, c := range a.classes {
		if c.Runs > 0 {
			all = append(all, c)
		}
	}
	return all
}

// Idle returns the classes that were asked for and never seen to be effective:
// they tested nothing.
func (a *Accounting) Idle() []string {
	var idle []string
	for _, c := range a.Accounts() {
		if c.Effective == 0 {
			idle = append(idle, c.Class)
		}
	}
	return idle
}

// Table is the accounts for people.
func (a *Accounting) Table() *analysis.Table {
	t := &analysis.Table{
		Header: []string{"faults", "runs", "struck in", "strikes", "measured", "effective"},
		Right:  []bool{false, true, true, true, true, false},
	}
	for _, c := range a.Accounts() {
		effective := count(c.Effective, c.Measured)
		switch {
		case c.Struck == 0:
			effective = "never struck"
		case c.Effective == 0:
			effective = "NEVER"
		}
		t.Add(c.Class, fmt.Sprint(c.Runs), fmt.Sprint(c.Struck), fmt.Sprint(c.Strikes), fmt.Sprint(c.Measured), effective)
	}
	return t
}
