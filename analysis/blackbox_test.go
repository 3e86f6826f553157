package analysis

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// clientView judges by definition what clients saw: it looks for an order, of all
// transactions told committed and any of those that were told nothing definite,
// which keeps real time and explains every read.
type clientView struct {
	txns  []blackTxn
	tried map[string]bool
}

func explainable(events []model.Event) bool {
	b := &blackBox{byIndex: map[uint64]int32{}, items: map[blackItem]int32{}, writers: map[blackValue]int32{}}
	if b.collect(events) != nil {
		return false
	}
	v := &clientView{tried: map[string]bool{}}
	for _, t := range b.txns {
		if t.told != model.Aborted {
			v.txns = append(v.txns, t)
		}
	}
	return v.search(0, map[blackItem]string{})
}

func (v *clientView) search(done uint64, state map[blackItem]string) bool {
	complete := true
	for i := range v.txns {
		complete = complete && (done&(1<<i) != 0 || v.txns[i].told != model.Committed)
	}
	if complete {
		return true
	}
	id := fmt.Sprint(done, state)
	if v.tried[id] {
		return false
	}
	v.tried[id] = true
	for i := range v.txns {
		if done&(1<<i) != 0 || !v.mayBeNext(done, i) {
			continue
		}
		if after, ok := v.txns[i].runOn(state); ok && v.search(done|1<<i, after) {
			return true
		}
	}
	return false
}

func (v *clientView) mayBeNext(done uint64, i int) bool {
	for j := range v.txns {
		if done&(1<<j) == 0 && v.txns[j].end < v.txns[i].start {
			return false
		}
	}
	return true
}

// runOn executes a transaction, and reports whether it would read what it did.
func (t *blackTxn) runOn(state map[blackItem]string) (after map[blackItem]string, ok bool) {
	after = map[blackItem]string{}
	for k, s := range state {
		after[k] = s
	}
	reads := 0
	for i, op := range t.t.Ops {
		k := blackItem{op.Worker, op.Key}
		switch op.Kind {
		case model.Write:
			after[k] = "=" + op.Value
		case model.Delete:
			delete(after, k)
		case model.Read:
			if len(t.reads) == 0 {
				continue
			}
			reads++
			at := slices.IndexFunc(t.reads, func(r model.ReadResult) bool { return r.Op == int32(i) })
			if at < 0 {
				return nil, false
			}
			if r := t.reads[at]; r.Found != (after[k] != "") || r.Found && after[k] != "="+r.Value {
				return nil, false
			}
		}
	}
	return after, reads == len(t.reads)
}

// clientChaos makes random histories as clients see them: a serial execution, in
// which each transaction takes effect at a point that may lie outside of its
// interval, and then some damage to what was read.
type clientChaos struct {
	txns, keys, spread int
	deletes, repeats   float64 // of writes: that delete, that write a value that is not their own
	stray, damage      float64 // of transactions: points outside, damaged reads
}

func (p clientChaos) generate(rng *rand.Rand) []model.Event {
	type plan struct {
		tx                    *model.Transaction
		submit, point, answer int
		outcome               model.Outcome
		effect                bool
		reads                 []model.ReadResult
	}
	plans := make([]*plan, p.txns)
	for i := range plans {
		q := &plan{tx: p.transaction(rng, uint64(i+1)), submit: rng.IntN(p.spread * p.txns), outcome: model.Committed, effect: true}
		length := 1 + rng.IntN(4*p.spread)
		q.point, q.answer = q.submit+rng.IntN(length), q.submit+length
		if rng.Float64() < p.stray {
			q.point += rng.IntN(6*p.spread) - 3*p.spread
		}
		if n := rng.IntN(12); n < 2 {
			q.outcome = []model.Outcome{model.Aborted, model.Unknown}[n]
			q.effect = n == 1 && rng.IntN(2) == 0
		}
		plans[i] = q
	}
	slices.SortStableFunc(plans, func(a, b *plan) int { return cmp.Compare(a.point, b.point) })
	state := map[blackItem]*string{}
	var old []string
	for _, q := range plans {
		own := map[blackItem]*string{}
		for i, op := range q.tx.Ops {
			k := blackItem{op.Worker, op.Key}
			switch op.Kind {
			case model.Read:
				v, ok := own[k]
				if !ok {
					v = state[k]
				}
				r := model.ReadResult{Op: int32(i)}
				if v != nil {
					r.Found, r.Value = true, *v
				}
				if rng.Float64() < p.damage {
					r.Found = len(old) > 0 && rng.IntN(3) > 0
					if r.Value = ""; r.Found {
						r.Value = old[rng.IntN(len(old))]
					}
				}
				q.reads = append(q.reads, r)
			case model.Write:
				own[k] = &q.tx.Ops[i].Value
				old = append(old, op.Value)
			case model.Delete:
				own[k] = nil
			}
		}
		if q.effect {
			for k, v := range own {
				state[k] = v
			}
		}
	}
	type timed struct {
		at int
		e  model.Event
	}
	var all []timed
	for _, q := range plans {
		all = append(all, timed{q.submit, model.Event{Kind: model.Submitted, Txn: q.tx}})
		e := model.Event{Kind: model.Answered, Txn: q.tx, Attempt: model.Attempt{Txn: q.tx.Index, Try: 1}, Outcome: q.outcome, Final: true}
		if q.outcome == model.Committed {
			e.Reads = q.reads
		}
		all = append(all, timed{q.answer, e})
	}
	slices.SortStableFunc(all, func(a, b timed) int { return cmp.Compare(a.at, b.at) })
	events := make([]model.Event, len(all))
	for i := range all {
		events[i] = all[i].e
		events[i].At = sim.Time(i+1) * 1e6
	}
	return events
}

func (p clientChaos) transaction(rng *rand.Rand, index uint64) *model.Transaction {
	tx := &model.Transaction{ID: "t" + strconv.FormatUint(index, 10), Index: index}
	for i := range 1 + rng.IntN(4) {
		op := model.Op{Kind: model.OpKind(rng.IntN(2)), Worker: rng.IntN(2), Key: strconv.Itoa(rng.IntN(p.keys))}
		switch {
		case op.Kind == model.Write && rng.Float64() < p.deletes:
			op.Kind = model.Delete
		case op.Kind == model.Write && rng.Float64() < p.repeats:
			op.Value = strconv.Itoa(rng.IntN(3))
		case op.Kind == model.Write:
			op.Value = fmt.Sprintf("%d.%d", index, i)
		}
		tx.Ops = append(tx.Ops, op)
	}
	return tx
}

// TestBlackBoxOracle holds the black box against the definition: it must refute
// nothing that has an explanation, and most of what has none.
func TestBlackBoxOracle(t *testing.T) {
	runs := 2000 * histRounds()
	for i, c := range []struct {
		clientChaos
		power float64 // least part of the wrong histories that is refuted
	}{
		{clientChaos{txns: 4, keys: 1, spread: 3, stray: 0.6}, 1},
		{clientChaos{txns: 6, keys: 1, spread: 4, damage: 0.03}, 1},
		{clientChaos{txns: 6, keys: 2, spread: 8, stray: 0.3, damage: 0.03}, 0.99},
		{clientChaos{txns: 6, keys: 2, spread: 12, deletes: 0.3, stray: 0.1, damage: 0.05}, 0.97},
		{clientChaos{txns: 6, keys: 1, spread: 12, deletes: 0.2, repeats: 0.5, stray: 0.1, damage: 0.02}, 0.95},
	} {
		p := c.clientChaos
		wrong, refuted := 0, 0
		for seed := range runs {
			events := p.generate(rand.New(rand.NewPCG(uint64(seed), uint64(i))))
			right := explainable(events)
			f := BlackBox(events)
			if right && f != nil {
				t.Fatalf("%+v, seed %d: refuted, but there is an order\n%s\n%s\n%s", p, seed, clientDump(events), f, strings.Join(f.Records, "\n"))
			}
			if !right {
				wrong++
				if f != nil {
					refuted++
				}
			}
		}
		t.Logf("%+v: %d of %d wrong histories refuted", p, refuted, wrong)
		if float64(refuted) < c.power*float64(wrong) {
			t.Errorf("%+v: %d of %d wrong histories refuted, expected %v of them", p, refuted, wrong, c.power)
		}
		if wrong < runs/20 || wrong > runs*19/20 {
			t.Errorf("%+v: %d of %d wrong: one direction is hardly tested", p, wrong, runs)
		}
	}
}

// TestBlackBoxWindows judges long histories, of many windows: right ones, and the
// same with one read gone wrong.
func TestBlackBoxWindows(t *testing.T) {
	t.Parallel()
	found := map[string]int{}
	for seed := range 50 * histRounds() {
		p := clientChaos{txns: 1500, keys: 20, spread: 1 + seed%6, deletes: 0.05 * float64(seed%2)}
		rng := rand.New(rand.NewPCG(uint64(seed), 77))
		events := p.generate(rng)
		if f := BlackBox(events); f != nil {
			t.Fatalf("%+v, seed %d: %s\n%s", p, seed, f, strings.Join(f.Records, "\n"))
		}
		for i := rng.IntN(len(events)); i < len(events); i++ {
			if e := &events[i]; len(e.Reads) > 0 && e.Txn.Ops[0].Kind == model.Read && e.Reads[0].Found {
				if old := anotherValue(rng, events[:i], e.Txn.Ops[0], e.Reads[0].Value); old != "" {
					e.Reads = slices.Clone(e.Reads)
					e.Reads[0].Value = old
					break
				}
			}
		}
		if f := BlackBox(events); f != nil {
			found[f.Anomaly]++
		}
	}
	t.Logf("found: %v", found)
	for _, anomaly := range []string{AnomalyStaleRead, AnomalyG1a, blackNoOrder} {
		if found[anomaly] == 0 {
			t.Errorf("no %s found", anomaly)
		}
	}
}

// TestBlackBoxWindowsOverlap: a contradiction between two transactions that are next to
// each other is found wherever they are in a long history.
func TestBlackBoxWindowsOverlap(t *testing.T) {
	for before := blackWindow/4 - 1; before <= blackWindow; before += blackWindow / 4 {
		var script strings.Builder
		pad := func(from, to int) {
			for i := from; i < to; i++ {
				fmt.Fprintf(&script, "submit %d w1k=%d\ncommit %d\n", i, i, i)
			}
		}
		pad(10, 10+before)
		script.WriteString(`
			submit 1 r0x r0y w0x=1
			submit 2 r0x r0y w0y=2
			commit 1 0<init 1<init
			commit 2 0<init 1<init
		`)
		pad(10+before, 10+2*blackWindow)
		f := BlackBox(parseHistScript(t, script.String()).events)
		if f == nil || f.Anomaly != blackNoOrder {
			t.Errorf("behind %d others: %v", before, f)
		}
	}
}

// anotherValue is some value of the operation's item, written before.
func anotherValue(rng *rand.Rand, events []model.Event, at model.Op, not string) string {
	var values []string
	for i := range events {
		if events[i].Kind != model.Submitted {
			continue
		}
		for _, op := range events[i].Txn.Ops {
			if op.Kind == model.Write && op.Worker == at.Worker && op.Key == at.Key && op.Value != not {
				values = append(values, op.Value)
			}
		}
	}
	if len(values) == 0 {
		return ""
	}
	return values[rng.IntN(len(values))]
}

// clientDump prints a history as clients saw it.
func clientDump(events []model.Event) string {
	var b strings.Builder
	for i := range events {
		e := &events[i]
		fmt.Fprintf(&b, "%v %s", e.At, e.Txn.ID)
		if e.Kind == model.Submitted {
			for _, op := range e.Txn.Ops {
				fmt.Fprintf(&b, "  %v w%d/%s %s", op.Kind, op.Worker, op.Key, op.Value)
			}
		} else {
			fmt.Fprintf(&b, " %v", e.Outcome)
			for _, r := range e.Reads {
				fmt.Fprintf(&b, "  %d=%s", r.Op, valueName(r.Found, r.Value))
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}
