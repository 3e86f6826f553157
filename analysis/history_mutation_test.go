package analysis

import (
	"context"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// histTape is a recorded history, and what is needed to find a place in it to damage.
type histTape struct {
	events  []model.Event
	txns    map[uint64]*model.Transaction
	submit  map[uint64]int
	commit  map[uint64]int // the answer
	aborted []model.Attempt
	order   map[histItem][]int // installs
}

// Record implements model.History.
func (h *histTape) Record(e *model.Event) {
	i := len(h.events)
	h.events = append(h.events, *e)
	h.events[i].Reads = slices.Clone(e.Reads)
	switch {
	case e.Kind == model.Submitted:
		h.txns[e.Txn.Index], h.submit[e.Txn.Index] = e.Txn, i
	case e.Kind == model.Answered && e.Outcome == model.Committed:
		h.commit[e.Attempt.Txn] = i
	case e.Kind == model.Answered && e.Outcome == model.Aborted:
		h.aborted = append(h.aborted, e.Attempt)
	case e.Kind == model.Installed:
		item := histItem{e.Worker, e.Key}
		h.order[item] = append(h.order[item], i)
	}
}

func newHistTape(events []model.Event) *histTape {
	h := &histTape{txns: map[uint64]*model.Transaction{}, submit: map[uint64]int{}, commit: map[uint64]int{}, order: map[histItem][]int{}}
	for i := range events {
		h.Record(&events[i])
	}
	return h
}

// rank returns the place of a version of an item; that of the initial one is -1.
func (h *histTape) rank(item histItem, v model.Version) int {
	return slices.IndexFunc(h.order[item], func(i int) bool { return h.events[i].Version == v })
}

// see makes a read see the version of its item with this rank.
func (h *histTape) see(r *model.ReadResult, item histItem, rank int) {
	*r = model.ReadResult{Op: r.Op}
	if rank >= 0 {
		e := &h.events[h.order[item][rank]]
		r.Version, r.Found, r.Value = e.Version, !e.Deleted, e.Value
	}
}

// delay moves event i behind event j.
func (h *histTape) delay(i, j int) {
	e := h.events[i]
	copy(h.events[i:j], h.events[i+1:j+1])
	h.events[j] = e
}

// histSite is a read of a committed transaction.
type histSite struct {
	tx    *model.Transaction
	at    int // its answer
	r     *model.ReadResult
	item  histItem
	rank  int // of what was read
	own   int // the operation of the transaction that last wrote the item before, or -1
	later int // rank of what the transaction installed there, or -1
}

func (h *histTape) reads() (sites []histSite) {
	for id := range uint64(len(h.txns)) + 1 {
		at, ok := h.commit[id]
		if !ok {
			continue
		}
		for j := range h.events[at].Reads {
			r := &h.events[at].Reads[j]
			s := histSite{tx: h.txns[id], at: at, r: r, own: -1, later: -1}
			s.item = histItem{s.tx.Ops[r.Op].Worker, s.tx.Ops[r.Op].Key}
			s.rank = h.rank(s.item, r.Version)
			for i, op := range s.tx.Ops {
				if op.Kind != model.Read && (histItem{op.Worker, op.Key}) == s.item && i < int(r.Op) {
					s.own = i
				}
			}
			for rank, i := range h.order[s.item] {
				if h.events[i].Version.Txn == id {
					s.later = rank
				}
			}
			sites = append(sites, s)
		}
	}
	return sites
}

// histMutations damage a history at the k-th place that fits: damage returns what there
// is to do at each place, and the transaction that a finding must name.
var histMutations = []struct {
	name, want string
	places     func(h *histTape) []histPlace
}{
	{"read flipped to the version before", AnomalyRealTime, func(h *histTape) []histPlace {
		return h.flips(func(s histSite) bool {
			if s.own >= 0 || s.rank < 0 {
				return false
			}
			end, ok := h.commit[s.r.Version.Txn]
			return ok && end < h.submit[s.tx.Index]
		})
	}},
	{"read flipped before a write of the same item", AnomalyLostUpdate, func(h *histTape) []histPlace {
		return h.flips(func(s histSite) bool { return s.own < 0 && s.rank >= 0 && s.later == s.rank+1 })
	}},
	{"one of two reads from the same transaction flipped", AnomalyFracturedRead, func(h *histTape) []histPlace {
		return h.flips(func(s histSite) bool {
			return s.own < 0 && s.rank >= 0 && s.later < 0 && slices.ContainsFunc(h.events[s.at].Reads, func(r model.ReadResult) bool {
				return r.Version.Txn == s.r.Version.Txn && r.Version != s.r.Version
			})
		})
	}},
	{"read flipped to an attempt that aborted", AnomalyG1a, func(h *histTape) (places []histPlace) {
		for _, s := range h.reads() {
			for _, a := range h.aborted {
				if op := lastWriteOf(h.txns[a.Txn], s.item); s.own < 0 && op >= 0 && a.Txn != s.tx.Index && h.submit[a.Txn] < s.at {
					places = append(places, histPlace{s.tx.ID, func() {
						*s.r = model.ReadResult{Op: s.r.Op, Version: model.Version{Attempt: a, Op: int32(op)},
							Found: h.txns[a.Txn].Ops[op].Kind == model.Write, Value: h.txns[a.Txn].Ops[op].Value}
					}})
				}
			}
		}
		return places
	}},
	{"read flipped to a superseded write", AnomalyG1b, func(h *histTape) (places []histPlace) {
		for _, s := range h.reads() {
			for i, op := range h.txns[max(1, s.r.Version.Txn)].Ops {
				if s.own < 0 && s.rank >= 0 && op.Kind == model.Write && (histItem{op.Worker, op.Key}) == s.item && int32(i) != s.r.Version.Op {
					places = append(places, histPlace{s.tx.ID, func() {
						s.r.Version.Op, s.r.Found, s.r.Value = int32(i), true, op.Value
					}})
				}
			}
		}
		return places
	}},
	{"value of a read flipped", AnomalyGarbage, func(h *histTape) (places []histPlace) {
		for _, s := range h.reads() {
			if s.own < 0 {
				places = append(places, histPlace{s.tx.ID, func() { s.r.Found, s.r.Value = true, "nobody's" }})
			}
		}
		return places
	}},
	{"own write not read", AnomalyInternal, func(h *histTape) []histPlace {
		return h.flips(func(s histSite) bool { return s.own >= 0 })
	}},
	{"install dropped", AnomalyLostWrite, func(h *histTape) []histPlace {
		return h.installs(func(i int) { h.events = slices.Delete(h.events, i, i+1) })
	}},
	{"install repeated", AnomalyDuplicateApply, func(h *histTape) []histPlace {
		return h.installs(func(i int) { h.events = append(h.events, h.events[i]) })
	}},
	{"value of an install flipped", AnomalyGarbage, func(h *histTape) []histPlace {
		return h.installs(func(i int) { h.events[i].Value, h.events[i].Deleted = "nobody's", false })
	}},
	{"install of an aborted attempt", AnomalyDirtyWrite, func(h *histTape) (places []histPlace) {
		for _, a := range h.aborted {
			i := slices.IndexFunc(h.txns[a.Txn].Ops, func(op model.Op) bool { return op.Kind == model.Write })
			if i < 0 {
				continue
			}
			op := h.txns[a.Txn].Ops[i]
			op2 := lastWriteOf(h.txns[a.Txn], histItem{op.Worker, op.Key})
			places = append(places, histPlace{h.txns[a.Txn].ID, func() {
				op := h.txns[a.Txn].Ops[op2]
				h.events = append(h.events, model.Event{Kind: model.Installed, Attempt: a, Worker: op.Worker, Key: op.Key,
					Value: op.Value, Deleted: op.Kind == model.Delete, Version: model.Version{Attempt: a, Op: int32(op2)}})
			}})
		}
		return places
	}},
	{"installs swapped", AnomalyRealTime, func(h *histTape) []histPlace {
		return h.swaps(func(a, b *model.Event) bool {
			end, ok := h.commit[a.Version.Txn]
			return ok && end < h.submit[b.Version.Txn]
		})
	}},
	{"one of two pairs of installs swapped", AnomalyG0, func(h *histTape) []histPlace {
		return h.swaps(func(a, b *model.Event) bool {
			return h.pair(a, b)
		})
	}},
	{"installs swapped against a read", AnomalyG1c, func(h *histTape) []histPlace {
		return h.swaps(func(a, b *model.Event) bool {
			at, ok := h.commit[b.Version.Txn]
			return ok && slices.ContainsFunc(h.events[at].Reads, func(r model.ReadResult) bool {
				return r.Version.Txn == a.Version.Txn && (r.Version != a.Version)
			}) && !h.pair(a, b)
		})
	}},
}

type histPlace struct {
	txn    string
	damage func()
}

// flips returns the reads that fit, to be flipped to the version before.
func (h *histTape) flips(fits func(histSite) bool) (places []histPlace) {
	for _, s := range h.reads() {
		if fits(s) {
			places = append(places, histPlace{s.tx.ID, func() { h.see(s.r, s.item, max(-1, s.rank-1)) }})
		}
	}
	return places
}

// installs returns the installs of transactions that were answered committed.
func (h *histTape) installs(damage func(i int)) (places []histPlace) {
	for i := range h.events {
		if e := &h.events[i]; e.Kind == model.Installed && h.commit[e.Version.Txn] > 0 {
			places = append(places, histPlace{h.txns[e.Version.Txn].ID, func() { damage(i) }})
		}
	}
	return places
}

// swaps returns the neighbours in the order of versions that fit, the first to be
// delayed beyond the second.
func (h *histTape) swaps(fits func(a, b *model.Event) bool) (places []histPlace) {
	for i := range h.events {
		e := &h.events[i]
		if e.Kind != model.Installed {
			continue
		}
		list := h.order[histItem{e.Worker, e.Key}]
		if k := slices.Index(list, i); k+1 < len(list) && fits(e, &h.events[list[k+1]]) {
			places = append(places, histPlace{h.txns[e.Version.Txn].ID, func() { h.delay(i, list[k+1]) }})
		}
	}
	return places
}

// pair reports whether the writers of a and b are neighbours in another item, too.
func (h *histTape) pair(a, b *model.Event) bool {
	for item, list := range h.order {
		for k := range list[1:] {
			if item != (histItem{a.Worker, a.Key}) && h.events[list[k]].Version.Txn == a.Version.Txn && h.events[list[k+1]].Version.Txn == b.Version.Txn {
				return true
			}
		}
	}
	return false
}

func lastWriteOf(tx *model.Transaction, item histItem) int {
	for i := len(tx.Ops) - 1; i >= 0; i-- {
		if op := tx.Ops[i]; op.Kind != model.Read && (histItem{op.Worker, op.Key}) == item {
			return i
		}
	}
	return -1
}

// histTxns is a source of n transactions over few items, written and read repeatedly.
type histTxns struct {
	rng  *rand.Rand
	n, i int
}

func (s *histTxns) Next() (*model.Transaction, error) {
	if s.i == s.n {
		return nil, nil
	}
	s.i++
	tx := &model.Transaction{ID: "t" + strconv.Itoa(s.i), Index: uint64(s.i)}
	for j := range 2 + s.rng.IntN(4) {
		tx.Ops = append(tx.Ops, model.Op{Kind: model.OpKind(min(s.rng.IntN(5)/2, 2)), Worker: s.rng.IntN(2), Key: strconv.Itoa(s.rng.IntN(2))})
		if tx.Ops[j].Kind == model.Write {
			tx.Ops[j].Value = strconv.Itoa(s.i) + "." + strconv.Itoa(j)
		}
	}
	tx.Compile()
	return tx, nil
}

// histRun records a run of the simulator.
func histRun(t *testing.T, seed uint64) []model.Event {
	t.Helper()
	dist := func(s string) sim.Dist {
		d, err := sim.ParseDist(s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	tape := newHistTape(nil)
	c := model.NewCluster(model.Config{
		Seed: seed, Workers: 2, Coordinators: 2, Clients: 4,
		Protocol: model.Protocols()[seed%3], Concurrency: model.Concurrencies()[seed%3], Execution: model.Execution(seed % 3),
		Timeouts:   model.Timeouts{Prepare: time.Second, Decision: time.Second, Idle: time.Second, Answer: time.Second},
		Retry:      model.Retry{Attempts: 20, Backoff: time.Millisecond, Cap: 50 * time.Millisecond},
		Checkpoint: 1 << 20, Network: sim.Link{Delay: dist("exp(1ms)")}, Disk: sim.Disk{Sync: dist("1ms")},
		Source: &histTxns{rng: rand.New(rand.NewPCG(seed, 0)), n: 60}, History: tape,
	})
	if end := c.Run(context.Background()); end.Status != sim.Quiet {
		t.Fatal(end)
	}
	return tape.events
}

// TestHistoryMutations damages correct histories, generated and recorded ones, in one
// place, and looks whether the checker names what is wrong and who.
func TestHistoryMutations(t *testing.T) {
	t.Parallel()
	var histories [][]model.Event
	for seed := uint64(0); len(histories) < 24; seed++ {
		p := histChaos{txns: 60, keys: 2, spread: 1}
		h := p.generate(rand.New(rand.NewPCG(seed, 400)))
		if h.check(HistoryOptions{}, false).Total() == 0 { // some answer before they take effect
			histories = append(histories, h.events, histRun(t, seed))
		}
	}
	rng := rand.New(rand.NewPCG(1, 1))
	for _, m := range histMutations {
		t.Run(m.name, func(t *testing.T) {
			damaged := [2]int{}
			for i, events := range histories {
				n := len(m.places(newHistTape(events)))
				for range min(10, n) {
					h := newHistTape(events)
					place := m.places(h)[rng.IntN(n)]
					place.damage()
					histNamed(t, h, place.txn, m.want)
					damaged[i%2]++
				}
			}
			if damaged[0] == 0 || damaged[1] == 0 {
				t.Errorf("%d generated and %d recorded histories damaged", damaged[0], damaged[1])
			}
		})
	}
	for _, events := range histories {
		if c := newHistTape(events).check(); c.Total() > 0 || c.Levels().String() != strictSerializable {
			t.Errorf("undamaged: %v, %v", c.Levels(), c.Finish(nil))
		}
	}
}

func (h *histTape) check() *HistoryChecker {
	c := NewHistoryChecker(HistoryOptions{Window: -1, MaxFindings: 1000})
	for i := range h.events {
		c.Record(&h.events[i])
	}
	c.Finish(nil)
	return c
}

// histNamed checks that the anomaly was found and that a finding names both it and the
// transaction. The cycle shown may be of a lower class than the one that the damage makes by itself.
func histNamed(t *testing.T, h *histTape, txn, anomaly string) {
	t.Helper()
	c := h.check()
	named := slices.ContainsFunc(c.Finish(nil), func(f Finding) bool {
		cycle := (anomaly == AnomalyRealTime || anomaly == AnomalyG1c) && f.Invariant == InvStrictSerializability
		return (f.Anomaly == anomaly || cycle) && slices.Contains(strings.Fields(f.Txn), txn) && strings.Contains(f.Text, txn)
	})
	if c.seen&anomalies(anomaly) == 0 || !named {
		t.Errorf("%s at %s: found %q: %v", anomaly, txn, c.seen.names(), c.Finish(nil))
	}
}
