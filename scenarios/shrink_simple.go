package scenarios

import (
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios/fault"
	"github.com/seed83d86191/txsim/scenarios/quantity"
	"github.com/seed83d86191/txsim/sim"
)

// concerned tries to keep only the transactions that the finding names, or those that came
// before it was seen.
func (z *shrinker) concerned() {
	f := z.last.shows(z.want)
	named := f.IDs()
	if len(named) > 0 && z.try(func(d *draft) { d.keep(named) }) {
		return
	}
	if z.best.scheduled() {
		z.try(func(d *draft) {
			d.txs = slices.DeleteFunc(d.txs, func(t *model.Transaction) bool { return t.At > f.At })
		})
	}
	if len(named) == 0 {
		return
	}
	items := map[itemKey]bool{}
	for _, t := range z.best.txs {
		for i := range t.Ops {
			if slices.Contains(named, t.ID) {
				items[itemKey{t.Ops[i].Worker, t.Ops[i].Key}] = true
			}
		}
	}
	touches := func(op model.Op) bool { return items[itemKey{op.Worker, op.Key}] }
	z.try(func(d *draft) {
		d.txs = slices.DeleteFunc(d.txs, func(t *model.Transaction) bool { return !slices.ContainsFunc(t.Ops, touches) })
	})
}

// again does once more what a shrinking begins with: after what has gone since, fewer
// transactions may be enough, which could not go one by one as each moved the others. And of
// fewer operations, fewer delays matter.
func (z *shrinker) again() bool {
	best, last := z.best, z.last
	z.schedule()
	if z.concerned(); len(z.best.txs) < len(best.txs) {
		return true
	}
	z.best, z.last = best, last
	if z.unsteady > best.operations() {
		z.unsteady = 0
		z.steady()
	}
	return z.best != best
}

// A repro as small as this is not worth another start.
const (
	enoughTransactions = 3
	enoughFaults       = 2
)

// afreshSeeds is how many seeds another start tries.
const afreshSeeds = 50

// afresh starts again, if the smallest repro is still large, from the transactions that the
// finding names, all submitted at once and with other seeds: what came about in a long
// run may also happen with these alone.
func (z *shrinker) afresh() bool {
	if len(z.best.txs) <= enoughTransactions && len(z.best.plan) <= enoughFaults {
		return false
	}
	named := z.last.shows(z.want).IDs()
	other := func(g fault.Fault) bool { return !slices.Contains(named, g.Transaction()) }
	for seed := range uint64(afreshSeeds) {
		for _, keep := range []bool{false, true} {
			if z.try(func(d *draft) {
				d.keep(named)
				d.unscheduled()
				d.plan = slices.DeleteFunc(d.plan, func(g fault.Fault) bool { return !keep || other(g) })
				d.s.Seed, d.s.Until, d.s.Choices = seed, UntilSubmitted, nil
				d.s.Network.Delay, d.s.Disk.Sync = quantity.MustDist("exp(1ms)"), Default().Disk.Sync
			}) {
				z.unsteady = 0
				return true
			}
		}
	}
	return false
}

// settled are the parameters that standard leaves alone: others passes set them, or they
// must not change.
var settled = []string{"name", "description", "workers", "coordinators", "protocol", "transactions", "faults", "seed", "choices", "until"}

// standard puts parameters back to their defaults.
func (z *shrinker) standard() {
	var names []string
	for _, p := range parameters {
		group, _, _ := strings.Cut(p.path, ".")
		if !slices.Contains(settled, p.path) && group != "expect" {
			names = append(names, p.path)
		}
	}
	reset := func(d *draft, paths []string) {
		for _, path := range paths {
			p := findParameter(path)
			reflect.ValueOf(p.in(d.s)).Elem().Set(reflect.ValueOf(p.in(Default())).Elem())
		}
	}
	steady := quantity.IsConstant(&z.best.s.Network.Delay) && quantity.IsConstant(&z.best.s.Disk.Sync)
	names = slices.DeleteFunc(names, func(p string) bool {
		// A constant delay is simpler than the default one.
		return steady && (p == "network.delay" || p == "disk.sync" || p == "disk.torn")
	})
	if z.try(func(d *draft) { reset(d, names) }) {
		z.steadySeed()
		return
	}
	// The workload does not matter once transactions are written out.
	z.try(func(d *draft) { d.s.Workload = Default().Workload })
	for _, name := range names {
		z.try(func(d *draft) { reset(d, []string{name}) })
	}
	z.steadySeed()
}

// simplerTimes tries to remove times, and to shorten those that remain.
func (z *shrinker) simplerTimes() {
	if z.best.scheduled() {
		z.try((*draft).unscheduled)
		z.try(func(d *draft) { d.unscheduled(); d.s.Clients = 1 })
	}
	z.try(func(d *draft) { d.s.Until = 0 })
	if z.best.s.Until > 0 && !z.try(func(d *draft) { d.s.Until = UntilSubmitted }) {
		z.shorter(func(d *draft) *time.Duration { return &d.s.Until })
	}
	z.earlier()
	for i := range z.best.txs {
		if z.best.scheduled() {
			z.shorter(func(d *draft) *time.Duration { return (*time.Duration)(&d.txs[i].At) })
		}
	}
	for i := range z.best.plan {
		for k := range mostTimes {
			if once := false; z.try(func(d *draft) { once = d.plan[i].Once(k) }) || !once {
				break
			}
		}
		for k := range fault.Durations {
			z.round(z.best.plan[i].Duration(k), func(d *draft, to time.Duration) { d.plan[i].SetDuration(k, to) })
		}
	}
	if delay := z.best.s.Network.Delay; quantity.IsConstant(&delay) && !delay.IsZero() {
		z.round(delay.Sample(0), func(d *draft, to time.Duration) { d.s.Network.Delay = quantity.Constant(to) })
	}
}

// mostTimes is of how many times that a fault strikes again each is tried alone.
const mostTimes = 10

func (d *draft) unscheduled() {
	for _, t := range d.txs {
		t.At = model.Unscheduled
	}
}

// earlier moves all times towards zero, by the time of the first transaction.
func (z *shrinker) earlier() {
	if !z.best.scheduled() || z.best.txs[0].At == 0 {
		return
	}
	by := time.Duration(z.best.txs[0].At)
	for i := range z.best.plan {
		if at, ok := z.best.plan[i].Time(); ok {
			by = min(by, at)
		}
	}
	z.try(func(d *draft) {
		for _, t := range d.txs {
			t.At -= sim.Time(by)
		}
		d.plan.Earlier(by)
		if d.s.Until > 0 {
			d.s.Until = max(0, d.s.Until-by)
		}
	})
}

// grains are the units of which durations are tried to be multiples.
var grains = []time.Duration{time.Second, 100 * time.Millisecond, 10 * time.Millisecond, time.Millisecond,
	100 * time.Microsecond, 10 * time.Microsecond, time.Microsecond}

// shorter tries durations that are shorter to write, the coarsest first, and none that is
// far off.
func (z *shrinker) shorter(of func(d *draft) *time.Duration) {
	z.round(*of(z.best), func(d *draft, to time.Duration) { *of(d) = to })
}

func (z *shrinker) round(was time.Duration, set func(d *draft, to time.Duration)) {
	for _, grain := range grains {
		for _, to := range []time.Duration{was.Truncate(grain), was.Truncate(grain) + grain} {
			fewer := len(sim.DurationText(to)) < len(sim.DurationText(was))
			if to > 0 && to <= 2*was && fewer && z.try(func(d *draft) { set(d, to) }) {
				return
			}
		}
	}
}
