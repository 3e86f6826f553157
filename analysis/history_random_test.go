package analysis

import (
	"cmp"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/seed83d86191/txsim/model"
)

// histChaos makes random histories: a serial execution, in which each transaction
// takes effect at a point that may lie outside of its real-time interval, and then
// some damage.
type histChaos struct {
	txns, keys, spread int
	stray              float64 // probability that a point lies outside of the interval
	damage             float64 // probability of each kind of damage, per history
	shuffle            float64 // probability that a read sees any version of its item that takes effect
	doubt              float64 // probability that a transaction is in doubt at the end, on one worker
}

// histPlan is a transaction of a random history and when its events happen.
type histPlan struct {
	tx                    *model.Transaction
	submit, point, answer int
	outcome               model.Outcome
	effect, silent        bool
	try                   uint32
	reads                 []model.ReadResult
	installs              []histTimed
}

type histTimed struct {
	at     int
	worker int // of an install
	emit   func()
}

func (p histChaos) generate(rng *rand.Rand) *histScript {
	h := newHistScript()
	plans := make([]*histPlan, p.txns)
	for i := range plans {
		plans[i] = p.plan(rng, h, uint64(i+1))
	}
	byPoint := slices.Clone(plans)
	slices.SortStableFunc(byPoint, func(a, b *histPlan) int { return cmp.Compare(a.point, b.point) })
	p.execute(rng, h, byPoint)
	if rng.Float64() < p.damage {
		p.damageRead(rng, h, plans)
	}
	if rng.Float64() < p.damage {
		p.damageInstall(rng, plans)
	}
	if rng.Float64() < p.damage {
		plans[rng.IntN(len(plans))].silent = true
	}
	if p.doubt > 0 {
		h.doubts = map[histPart]bool{}
		for _, q := range plans {
			if rng.Float64() < p.doubt {
				worker := rng.IntN(2)
				h.doubts[histPart{q.tx.Index, worker}] = true
				q.installs = slices.DeleteFunc(q.installs, func(i histTimed) bool { return i.worker == worker })
			}
		}
	}
	var all []histTimed
	for _, q := range plans {
		all = append(all, q.events(h)...)
	}
	slices.SortStableFunc(all, func(a, b histTimed) int { return cmp.Compare(a.at, b.at) })
	for _, e := range all {
		e.emit()
	}
	if rng.Float64() < p.damage && len(h.stores) > 0 {
		h.stores = h.stores[1:]
	}
	return h
}

// plan draws the operations, the times and the outcome of a transaction.
func (p histChaos) plan(rng *rand.Rand, h *histScript, index uint64) *histPlan {
	tx := &model.Transaction{ID: "t" + strconv.FormatUint(index, 10), Index: index}
	for i := range 1 + rng.IntN(4) {
		kind := model.OpKind(min(rng.IntN(5)/2, 2)) // reads and writes alike, few deletes
		tx.Ops = append(tx.Ops, model.Op{Kind: kind, Worker: rng.IntN(2), Key: strconv.Itoa(rng.IntN(p.keys))})
		if kind == model.Write {
			tx.Ops[i].Value = strconv.Itoa(rng.IntN(3))
		}
	}
	h.txns[index] = tx
	q := &histPlan{tx: tx, submit: rng.IntN(p.spread * p.txns), try: 1}
	length := 1 + rng.IntN(4*p.spread)
	q.point = q.submit + rng.IntN(length)
	q.answer = q.submit + length
	if rng.Float64() < p.stray {
		q.point += rng.IntN(6*p.spread) - 3*p.spread
	}
	if rng.IntN(4) == 0 {
		q.try = 2
	}
	switch rng.IntN(12) {
	case 0:
		q.outcome = model.Aborted
	case 1:
		q.outcome, q.effect = model.Unknown, rng.IntN(2) == 0
	case 2:
		q.outcome, q.effect = model.Blocked, rng.IntN(2) == 0
	default:
		q.outcome, q.effect = model.Committed, true
	}
	return q
}

// execute runs the transactions one after another and fixes what they read and when
// their installs are recorded: late ones in the order of the versions.
func (p histChaos) execute(rng *rand.Rand, h *histScript, byPoint []*histPlan) {
	current := map[histItem]model.Version{}
	installed := map[histItem]int{}
	for _, q := range byPoint {
		if !q.effect {
			continue
		}
		own := map[histItem]model.Version{}
		for i, op := range q.tx.Ops {
			item := histItem{op.Worker, op.Key}
			v, ok := own[item]
			if !ok {
				v = current[item]
			}
			if op.Kind == model.Read {
				if !ok && rng.Float64() < p.shuffle {
					v = p.any(rng, byPoint, item, q)
				}
				q.reads = append(q.reads, h.result(int32(i), v))
			} else {
				own[item] = model.Version{Attempt: model.Attempt{Txn: q.tx.Index, Try: q.try}, Op: int32(i)}
			}
		}
		for _, op := range q.tx.Ops {
			item := histItem{op.Worker, op.Key}
			v, ok := own[item]
			if op.Kind == model.Read || !ok {
				continue
			}
			delete(own, item)
			current[item] = v
			at := max(q.submit, q.point, installed[item]) + rng.IntN(2*p.spread)
			installed[item] = at
			if q.outcome == model.Blocked && rng.IntN(3) == 0 {
				at = 1 << 30 // in doubt for long
				installed[item] = at
			}
			q.installs = append(q.installs, histTimed{at, op.Worker, func() { h.install(v) }})
		}
	}
}

// any draws a version of an item that some other transaction installs, or the initial one.
func (p histChaos) any(rng *rand.Rand, plans []*histPlan, item histItem, reader *histPlan) model.Version {
	versions := []model.Version{{}}
	for _, w := range plans {
		last := int32(-1)
		for i, op := range w.tx.Ops {
			if op.Kind != model.Read && (histItem{op.Worker, op.Key}) == item {
				last = int32(i)
			}
		}
		if last >= 0 && w.effect && w != reader {
			versions = append(versions, model.Version{Attempt: model.Attempt{Txn: w.tx.Index, Try: w.try}, Op: last})
		}
	}
	return versions[rng.IntN(len(versions))]
}

// damageRead makes a read see another version of its item, or nothing.
func (p histChaos) damageRead(rng *rand.Rand, h *histScript, plans []*histPlan) {
	q := plans[rng.IntN(len(plans))]
	if len(q.reads) == 0 {
		return
	}
	r := &q.reads[rng.IntN(len(q.reads))]
	op := q.tx.Ops[r.Op]
	versions := []model.Version{{}}
	for _, w := range plans {
		for i, other := range w.tx.Ops {
			if other.Kind != model.Read && other.Worker == op.Worker && other.Key == op.Key {
				versions = append(versions, model.Version{
					Attempt: model.Attempt{Txn: w.tx.Index, Try: 1 + uint32(rng.IntN(int(w.try)))}, Op: int32(i)})
			}
		}
	}
	*r = h.result(r.Op, versions[rng.IntN(len(versions))])
}

// damageInstall drops, repeats or moves an install.
func (p histChaos) damageInstall(rng *rand.Rand, plans []*histPlan) {
	q := plans[rng.IntN(len(plans))]
	if len(q.installs) == 0 {
		return
	}
	i := rng.IntN(len(q.installs))
	switch e := q.installs[i]; rng.IntN(4) {
	case 0:
		q.installs = slices.Delete(q.installs, i, i+1)
	case 1:
		e.at += rng.IntN(4 * p.spread)
		q.installs = append(q.installs, e)
	default:
		q.installs[i].at = max(q.submit, e.at+rng.IntN(8*p.spread)-4*p.spread)
	}
}

// events lists what happens to a transaction.
func (q *histPlan) events(h *histScript) []histTimed {
	a := model.Attempt{Txn: q.tx.Index, Try: q.try}
	all := []histTimed{{q.submit, 0, func() { h.emit(model.Event{Kind: model.Submitted, Txn: q.tx}) }}}
	answer := func(at int, a model.Attempt, o model.Outcome, final bool) {
		e := model.Event{Kind: model.Answered, Txn: q.tx, Attempt: a, Outcome: o, Final: final}
		if o == model.Committed {
			e.Reads = q.reads
		}
		all = append(all, histTimed{at, 0, func() { h.emit(e) }})
	}
	if q.try > 1 {
		answer(q.submit, model.Attempt{Txn: a.Txn, Try: 1}, model.Aborted, false)
	}
	if !q.silent {
		answer(q.answer, a, q.outcome, true)
	}
	return append(all, q.installs...)
}

// histVerdicts returns the verdicts of the checker with different windows.
func histVerdicts(h *histScript) (none, eager, small *HistoryChecker) {
	return h.check(HistoryOptions{Window: -1}, false),
		h.check(HistoryOptions{}, true),
		h.check(HistoryOptions{Window: 3}, false)
}

// histRounds is how many times longer than usual random tests run: TXSIM_LONG
// in the environment, else 1.
func histRounds() int {
	if n, err := strconv.Atoi(os.Getenv("TXSIM_LONG")); err == nil && n > 0 {
		return n
	}
	return 1
}

// TestHistoryOracle compares the checker, without and with cuts, with a search
// through all serial orders.
func TestHistoryOracle(t *testing.T) {
	t.Parallel()
	runs := 2000 * histRounds()
	for i, p := range []histChaos{
		{txns: 4, keys: 1, spread: 3, stray: 0.6, damage: 0.02},
		{txns: 5, keys: 1, spread: 4, stray: 0.3, damage: 0.05},
		{txns: 5, keys: 2, spread: 3, stray: 0.1, damage: 0.2},
		{txns: 9, keys: 2, spread: 4, stray: 0.05, damage: 0.1},
		{txns: 9, keys: 2, spread: 12, stray: 0.3, damage: 0.1},
		{txns: 4, keys: 3, spread: 3, stray: 0.3, damage: 0.02, doubt: 0.3},
		{txns: 6, keys: 4, spread: 6, stray: 0.1, damage: 0.02, doubt: 0.2},
	} {
		valid := 0
		for seed := range runs {
			h := p.generate(rand.New(rand.NewPCG(uint64(seed), uint64(i))))
			want := histOracleValid(h)
			if want {
				valid++
			}
			none, eager, small := histVerdicts(h)
			for _, c := range []*HistoryChecker{none, eager, small} {
				if (c.Total() == 0) != want {
					t.Fatalf("%+v, seed %d: valid: %v; %s", p, seed, want, histDump(h, none, eager, small))
				}
			}
		}
		if valid < runs/10 || valid > runs-runs/10 {
			t.Errorf("%+v: %d of %d histories valid: one direction is hardly tested", p, valid, runs)
		}
	}
}

// TestHistoryWindows compares different windows over longer histories, which are cut
// many times.
func TestHistoryWindows(t *testing.T) {
	t.Parallel()
	runs := 600 * histRounds()
	for i, p := range []histChaos{
		{txns: 60, keys: 3, spread: 4, stray: 0.002, damage: 0.1},
		{txns: 60, keys: 20, spread: 2, stray: 0.02, damage: 0.1},
		{txns: 60, keys: 40, spread: 2, stray: 0.01, damage: 0.02, doubt: 0.02},
	} {
		valid, cuts := 0, 0
		for seed := range runs {
			h := p.generate(rand.New(rand.NewPCG(uint64(seed), uint64(100+i))))
			none, eager, small := histVerdicts(h)
			if none.Total() == 0 {
				valid++
			}
			cuts += small.cuts
			if (none.Total() == 0) != (eager.Total() == 0) || (none.Total() == 0) != (small.Total() == 0) {
				t.Fatalf("%+v, seed %d: %s", p, seed, histDump(h, none, eager, small))
			}
		}
		if valid < runs/10 || valid > runs-runs/10 || cuts < 3*runs {
			t.Errorf("%+v: %d of %d histories valid, %d cuts", p, valid, runs, cuts)
		}
	}
}

func histDump(h *histScript, checkers ...*HistoryChecker) string {
	var b []byte
	for i := range h.events {
		e := &h.events[i]
		b = append(b, '\n')
		b = append(b, checkers[0].eventLine(e)...)
		for _, r := range e.Reads {
			b = append(b, "  "+checkers[0].versionName(r.Version)...)
		}
	}
	for _, c := range checkers {
		b = append(b, "\nfindings:"...)
		for _, f := range c.Finish(nil) {
			b = append(b, "\n  "+f.String()...)
		}
	}
	return string(b)
}
