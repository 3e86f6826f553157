package scenarios

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios/fault"
	"github.com/seed83d86191/txsim/scenarios/quantity"
	"github.com/seed83d86191/txsim/sim"
)

// chanceLog is a tracer that records what chance decided in a run: when transactions were
// submitted, which messages the network lost, and how long messages took.
type chanceLog struct {
	format    model.Formatter
	client    sim.NodeID
	submitted map[uint64]sim.Time // by index
	last      sim.Time            // the last of these times
	sent      map[messageKey]uint64
	inFlight  map[messageKey][]sentMessage
	took      []transit
	lost      []string // lost messages, as fault lines
}

// messageKey identifies the messages of one kind about an attempt on a link.
type messageKey struct {
	from, to sim.NodeID
	kind     sim.Kind
	label    sim.Label
}

// sentMessage is the n-th message of its key.
type sentMessage struct {
	n  uint64
	at sim.Time
}

// transit is how long a message took.
type transit struct {
	line string // the part of a fault line that names the message
	d    time.Duration
}

// chanceLog returns an empty log for a run of the draft.
func (d *draft) chanceLog() *chanceLog {
	ids := map[uint64]string{}
	for i, index := range d.indices() {
		ids[index] = d.txs[i].ID
	}
	return &chanceLog{
		format: model.Formatter{Coordinators: d.s.Coordinators, Workers: d.s.Workers, ID: func(i uint64) string { return ids[i] }},
		client: d.s.client(), submitted: map[uint64]sim.Time{},
		sent: map[messageKey]uint64{}, inFlight: map[messageKey][]sentMessage{},
	}
}

// Trace implements sim.Tracer.
func (w *chanceLog) Trace(r *sim.Record[model.Message]) {
	if r.Op == sim.TraceSend && r.Node == w.client {
		index := model.AttemptOf(r.Label).Txn
		if _, ok := w.submitted[index]; !ok {
			w.submitted[index], w.last = r.At, r.At
		}
	}
	arrives := r.Op == sim.TraceDeliver || r.Op == sim.TraceLost
	if r.Label == 0 || r.Node == w.client || r.Peer == w.client || arrives && r.Copy {
		return
	}
	switch r.Op {
	case sim.TraceSend:
		p := messageKey{r.Node, r.Peer, r.Kind, r.Label}
		w.sent[p]++
		w.inFlight[p] = append(w.inFlight[p], sentMessage{w.sent[p], r.At})
	case sim.TraceLost:
		p := messageKey{r.Peer, r.Node, r.Kind, r.Label}
		if sim.LossCause(r.Arg) == sim.LostByChance {
			w.lost = append(w.lost, "drop "+w.name(p, w.sent[p]))
		}
		if u := w.inFlight[p]; len(u) > 0 {
			w.inFlight[p] = u[:len(u)-1]
		}
	case sim.TraceDeliver:
		p := messageKey{r.Peer, r.Node, r.Kind, r.Label}
		if u := w.inFlight[p]; len(u) > 0 {
			w.took = append(w.took, transit{w.name(p, u[0].n), r.At.Sub(u[0].at)})
			w.inFlight[p] = u[1:]
		}
	}
}

// name returns how a fault line names a message.
func (w *chanceLog) name(p messageKey, n uint64) string {
	a := model.AttemptOf(p.label)
	text := fmt.Sprintf("%s %s→%s of %s", model.KindName(p.kind), w.format.Node(p.from), w.format.Node(p.to),
		fault.Attempt(w.format.Txn(a.Txn), a.Try))
	if n > 1 {
		text += " #" + strconv.FormatUint(n, 10)
	}
	return text
}

// logChance runs the best draft, and returns what chance decided in it.
func (z *shrinker) logChance() *chanceLog {
	w := z.best.chanceLog()
	if z.over() {
		return w
	}
	z.run(z.ctx, z.best.scenario(), w)
	return w
}

// schedule fixes the time at which each transaction was submitted, so that leaving some out
// does not move the others, and fixes how long faults last.
func (z *shrinker) schedule() {
	w := z.logChance()
	until := func(d *draft) {
		if d.s.Until <= 0 {
			d.s.Until = time.Duration(w.last)
		}
	}
	if z.best.scheduled() || z.try(func(d *draft) {
		until(d)
		for i, index := range d.indices() {
			d.txs[i].At = w.submitted[index]
		}
		d.s.Clients, d.s.Think, d.s.Arrivals = Default().Clients, Default().Think, Default().Arrivals
	}) {
		return
	}
	z.try(until)
}

// lossless removes chance losses of the network and the log devices: if they matter, faults
// lose the same messages instead.
func (z *shrinker) lossless() {
	n := &z.best.s.Network
	if n.Loss == 0 && n.Duplicate == 0 && z.best.s.Disk.Torn == 0 {
		return
	}
	quiet := func(d *draft) { d.s.Network.Loss, d.s.Network.Duplicate, d.s.Disk.Torn = 0, 0, 0 }
	if z.try(quiet) {
		return
	}
	z.try(func(d *draft) { d.s.Network.Duplicate = 0 })
	z.try(func(d *draft) { d.s.Disk.Torn = 0 })
	if z.best.s.Network.Loss == 0 || z.try(func(d *draft) { d.s.Network.Loss = 0 }) {
		return
	}
	w := z.logChance()
	if plan, err := fault.ParsePlan(w.lost); err == nil && z.try(func(d *draft) {
		d.s.Network.Loss = 0
		d.plan = append(d.plan, plan...)
	}) {
		z.fewerFaults()
	}
}

// steadyDelays are the delays and sync times to try.
var steadyDelays = [][2]string{
	{"1ms", "1ms"}, {"500us", "1ms"}, {"500us", "5ms"}, {"5ms", "1ms"}, {"500us", "100us"}, {"500us", ""}, {"", "1ms"},
}

// steady makes delays constant. If it matters how long messages took, the slower
// ones are delayed by faults instead.
func (z *shrinker) steady() {
	s := z.best.s
	if quantity.IsConstant(&s.Network.Delay) && quantity.IsConstant(&s.Disk.Sync) {
		return
	}
	for _, try := range steadyDelays {
		if z.try(func(d *draft) {
			if try[0] != "" {
				d.s.Network.Delay = quantity.MustDist(try[0])
			}
			if try[1] != "" {
				d.s.Disk.Sync = quantity.MustDist(try[1])
			}
		}) && quantity.IsConstant(&z.best.s.Network.Delay) {
			z.steadySeed()
			return
		}
	}
	if quantity.IsConstant(&z.best.s.Network.Delay) || len(z.best.txs) > 20 || z.unsteady > 0 {
		return
	}
	best, last := z.best, z.last
	if w := z.logChance(); len(w.took) > 0 && z.try(func(d *draft) { d.slowly(w.took) }) {
		z.fewerFaults()
		if len(z.best.plan) > len(best.plan)+mostSlow {
			z.best, z.last, z.unsteady = best, last, best.operations()
			return
		}
		z.steadySeed()
	}
}

// mostSlow is how many delayed messages are easier to read than a seed.
const mostSlow = 3

// steadySeed tries the default seed, once no delay is drawn.
func (z *shrinker) steadySeed() {
	if s := z.best.s; quantity.IsConstant(&s.Network.Delay) && quantity.IsConstant(&s.Disk.Sync) {
		z.try(func(d *draft) { d.s.Seed = Default().Seed })
	}
}

// slowly makes the network take as long as the fastest message took, and delays the others
// by faults.
func (d *draft) slowly(took []transit) {
	fastest := slices.MinFunc(took, func(a, b transit) int { return cmp.Compare(a.d, b.d) }).d
	d.s.Network.Delay = quantity.Constant(fastest)
	for _, j := range took {
		if j.d == fastest {
			continue
		}
		f, err := fault.Parse("delay " + j.line + " by " + sim.DurationText(j.d-fastest))
		if err == nil {
			d.plan = append(d.plan, f)
		}
	}
}
