package scenarios

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios/fault"
	"github.com/seed83d86191/txsim/sim"
)

// Small returns a scenario of few workers and few keys, in which things go wrong between
// transactions soon: a start for tests. It has no faults, so that Check alone does not find
// what shows only in crashes and losses: Rapid, Fuzz and Swarmed add them and find more. It
// has the bound on events that Fuzz has, so that a run that never ends fails at once.
func Small() *Scenario {
	s := Default()
	s.Workers, s.Coordinators, s.Clients = 3, 2, 4
	s.Transactions.Count = 12
	s.Workload.Keys, s.Workload.Operations = 2, 4
	s.Limits.Events = uint64(s.Transactions.Count+mostFaults) * fuzzEvents
	return s
}

// Rapid returns a scenario like s with transactions, faults, execution, concurrency
// control, schedule and seed drawn. Transactions that s has written down, its faults, and
// its schedule if it is not latency, are kept; faults are added, of the kinds that a
// protocol of one's own names (model.Named) too. draw returns one of
// 0..n-1, of which 0 is the simplest; it fits what property tests draw with,
// pgregory.net/rapid for one:
//
//	func(label string, n int) int { return rapid.IntRange(0, n-1).Draw(t, label) }
//
// It is a function, and no type of such a library, so that this package does not
// depend on any.
func Rapid(s *Scenario, draw func(label string, n int) int) *Scenario {
	d := &drawing{s: s.Clone(), draw: draw}
	d.transactions()
	d.s.Execution = model.Execution(draw("execution", len(model.ExecutionNames)))
	all := model.Concurrencies()
	d.s.Concurrency = all[draw("concurrency", len(all))].Name()
	if d.s.Schedule.Strategy == sim.ByLatency {
		d.schedule()
	}
	d.faults()
	d.s.Seed = uint64(draw("seed", 1<<16))
	return d.s
}

// drawing draws the parts of a scenario.
type drawing struct {
	s    *Scenario
	draw func(label string, n int) int
}

// Bounds of what is drawn.
const (
	mostTransactions = 16
	mostOperations   = 6
	mostFaults       = 4
)

// transactions draws them within the bounds of the workload, unless they are
// written down.
func (d *drawing) transactions() {
	s := d.s
	if s.Transactions.Count == 0 {
		return
	}
	var txs []*model.Transaction
	for i := range 1 + d.draw("transactions", min(s.Transactions.Count, mostTransactions)) {
		t := &model.Transaction{ID: "t" + strconv.Itoa(i+1), Index: uint64(i + 1), At: model.Unscheduled}
		for k := range 1 + d.draw("operations", min(s.Workload.Operations, mostOperations)) {
			op := model.Op{Kind: [...]model.OpKind{model.Write, model.Read, model.Delete}[d.draw("operation", 3)],
				Worker: d.draw("worker", s.Workers), Key: "k" + strconv.Itoa(d.draw("key", s.Workload.Keys))}
			if op.Kind == model.Write {
				op.Value = fmt.Sprintf("%s.%d", t.ID, k)
			}
			t.Ops = append(t.Ops, op)
		}
		txs = append(txs, t)
	}
	s.write(txs)
	s.Arrivals, s.Clients = Default().Arrivals, max(s.Clients, 1) // the drawn transactions have no times
}

// drawnSchedules are the schedules that are drawn.
var drawnSchedules = []sim.Schedule{{}, {Strategy: sim.RandomWalk}, {Strategy: sim.PCT, Depth: 3}, {Strategy: sim.DelayBounded, Depth: 3}}

func (d *drawing) schedule() {
	d.s.Schedule = drawnSchedules[d.draw("schedule", len(drawnSchedules))]
}

// faults draws lines of a fault plan, none of them of chance. An exhaustive schedule has
// faults of its own.
func (d *drawing) faults() {
	if d.s.Schedule.Strategy == sim.Exhaustive {
		return
	}
	d.s.onlySubmitted() // a run need not be longer than what it is about
	for range d.draw("faults", mostFaults+1) {
		d.s.Faults = append(d.s.Faults, d.fault())
	}
}

func (d *drawing) fault() string {
	switch d.draw("fault", 8) {
	case 0:
		boundaries := append(slices.Clip(votingBoundaries), d.ownBoundaries()...)
		at := boundaries[d.draw("boundary", len(boundaries))]
		node := "w" + strconv.Itoa(d.draw("worker", d.s.Workers))
		if at.node == "C" {
			node = "C" + strconv.Itoa(d.draw("coordinator", d.s.Coordinators))
		}
		return fmt.Sprintf("crash %s %s %s #%d for %s", node, [...]string{"after", "before"}[d.draw("when", 2)], at.of, d.number(), d.length())
	case 1:
		return "drop " + d.message()
	case 2:
		return "duplicate " + d.message()
	case 3:
		return "delay " + d.message() + " by " + d.length()
	case 4:
		return "crash " + d.node() + d.window()
	case 5:
		return "pause " + d.node() + d.window()
	case 6:
		return "partition " + d.node() + " | *" + d.window()
	}
	return "tear " + d.node()
}

func (d *drawing) node() string {
	i := d.draw("node", d.s.Workers+d.s.Coordinators)
	if i >= d.s.Workers {
		return "C" + strconv.Itoa(i-d.s.Workers)
	}
	return "w" + strconv.Itoa(i)
}

// own are the kinds that the protocol has of its own, if it names them.
func (d *drawing) own() []string {
	for _, p := range d.s.using {
		if p.Name() == d.s.Protocol {
			return fault.OwnKinds(model.NamesOf(p))
		}
	}
	return nil
}

// ownBoundaries are those of kinds that may be of messages or of records.
func (d *drawing) ownBoundaries() (all []boundary) {
	for _, kind := range d.own() {
		for _, action := range []string{"send ", "receive ", "append ", "sync "} {
			all = append(all, boundary{"w", action + kind}, boundary{"C", action + kind})
		}
	}
	return all
}

// number draws the n of "#n".
func (d *drawing) number() int { return 1 + d.draw("number", 8) }

// message draws the kind and the link of a message. One of the protocol's own may go between
// any two nodes.
func (d *drawing) message() string {
	down, up := []string{"prepare", "commit", "abort"}, []string{"vote", "ack"}
	kinds := slices.Concat(down, up, d.own())
	i := d.draw("message", len(kinds))
	var from, to string
	if i < len(down)+len(up) {
		from, to = "C"+strconv.Itoa(d.draw("coordinator", d.s.Coordinators)), "w"+strconv.Itoa(d.draw("worker", d.s.Workers))
	} else if from, to = d.node(), d.node(); from == to {
		from, to = "C0", "w0"
	}
	if slices.Contains(up, kinds[i]) {
		from, to = to, from
	}
	return fmt.Sprintf("%s %s→%s #%d", kinds[i], from, to, d.number())
}

// length draws how long a fault lasts: shorter and longer than what nodes wait for.
func (d *drawing) length() string {
	t := &d.s.Timeouts
	scale := []time.Duration{time.Millisecond, 5 * time.Millisecond, 20 * time.Millisecond}
	for _, w := range []time.Duration{t.Prepare, t.Decision} {
		if w < time.Hour {
			scale = append(scale, w, 2*w)
		}
	}
	return sim.DurationText(max(scale[d.draw("length", len(scale))], 1))
}

// window draws when a fault begins, mostly early, and for how long it lasts.
func (d *drawing) window() string {
	n := time.Duration(d.draw("time", 32))
	return " at " + sim.DurationText(n*n*time.Millisecond/2) + " for " + d.length()
}
