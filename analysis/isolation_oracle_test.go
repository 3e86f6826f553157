package analysis

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/seed83d86191/txsim/model"
)

// levelOracle finds the anomalies of a history by their definitions: it builds the
// graph from lists of versions and looks at every simple cycle.
type levelOracle struct {
	*histOracle
	max   map[uint64]uint32 // the last try that was told aborted
	edges map[uint64][]levelEdge
	seen  anomalySet
	path  []edgeKind
	short map[string]int // length of the shortest cycle that is in a class and no lower one
}

type levelEdge struct {
	kind edgeKind
	to   uint64
}

// levelRead is a read of what another transaction, or nobody, wrote. Its rank is the
// place of the version among those of the item: -1 is the initial one, -2 none, and what is due
// comes behind all.
type levelRead struct {
	item histItem
	from uint64
	rank int
}

func newLevelOracle(h *histScript) *levelOracle {
	o := &levelOracle{histOracle: newHistOracle(h), max: map[uint64]uint32{}, edges: map[uint64][]levelEdge{},
		short: map[string]int{}}
	for i := range h.events {
		o.look(i, &h.events[i])
	}
	if !o.sameStores() {
		o.seen |= anomalies(AnomalyLostWrite)
	}
	o.findDue()
	for id, tx := range h.txns {
		o.writes(id, tx)
		o.reads(id, tx)
		for other, end := range o.final {
			if o.commit[other] != nil && end < o.submit[id] {
				o.edges[other] = append(o.edges[other], levelEdge{edgeRT, id})
			}
		}
	}
	for item, versions := range o.order {
		for i, v := range versions {
			for _, w := range o.behind(item, i) {
				o.edges[v.Txn] = append(o.edges[v.Txn], levelEdge{edgeWW, w.Txn})
			}
		}
	}
	for id := range h.txns {
		o.walk(id, id, map[uint64]bool{})
	}
	return o
}

// look takes one event, and goes on after what is wrong.
func (o *levelOracle) look(i int, e *model.Event) {
	v := e.Version
	if e.Kind == model.Installed && o.installs[v] {
		o.seen |= anomalies(AnomalyDuplicateApply)
		return
	}
	if e.Kind == model.Answered && e.Outcome == model.Aborted {
		o.max[e.Attempt.Txn] = max(o.max[e.Attempt.Txn], e.Attempt.Try)
	}
	o.event(i, e)
}

// writes looks for writes that are missing.
func (o *levelOracle) writes(id uint64, tx *model.Transaction) {
	if _, here := o.submit[id]; !here || o.commit[id] == nil && o.count[id] == 0 {
		return
	}
	for v := range o.missing(id) {
		if !o.h.mayInstall(id, tx.Ops[v.Op].Worker, o.outcome[id]) {
			o.seen |= anomalies(AnomalyLostWrite)
		}
	}
}

// behind lists the versions of an item that may be the next behind the one of a rank.
func (o *levelOracle) behind(item histItem, rank int) []model.Version {
	versions := o.order[item]
	switch {
	case rank+1 < len(versions):
		return versions[rank+1 : rank+2]
	case rank+1 == len(versions):
		return o.due[item]
	}
	return nil
}

// reads judges each read of a transaction alone, and then what they say together.
func (o *levelOracle) reads(id uint64, tx *model.Transaction) {
	commit := o.commit[id]
	if commit == nil {
		return
	}
	var external []levelRead
	for _, r := range commit.Reads {
		if x, ok := o.read(id, tx, commit.Attempt.Try, r); ok {
			external = append(external, x)
		}
	}
	for _, x := range external {
		if x.from != 0 {
			o.edges[x.from] = append(o.edges[x.from], levelEdge{edgeWR, id})
		}
		versions := o.order[x.item]
		if x.rank == -2 {
			continue
		}
		for _, v := range o.behind(x.item, x.rank) {
			o.edges[id] = append(o.edges[id], levelEdge{edgeRW, v.Txn})
		}
		for rank, v := range slices.Concat(versions, o.due[x.item]) {
			rank = min(rank, len(versions)) // all that are due have the same
			if v.Txn == id && (rank > x.rank+1 || rank == len(versions) && o.alsoLoses(id, x)) {
				o.seen |= anomalies(AnomalyLostUpdate)
			}
			for _, y := range external {
				if y.from != 0 && v.Txn == y.from && rank > x.rank {
					o.seen |= anomalies(AnomalyFracturedRead)
				}
			}
		}
	}
}

// alsoLoses reports whether another transaction has read the same version, the last one, and
// its own version of the item is due.
func (o *levelOracle) alsoLoses(id uint64, x levelRead) bool {
	return slices.ContainsFunc(o.due[x.item], func(v model.Version) bool {
		c := o.commit[v.Txn]
		if c == nil || v.Txn == id || x.rank+1 != len(o.order[x.item]) {
			return false
		}
		for _, r := range c.Reads {
			seen := o.seen // what is wrong with that read is seen elsewhere
			y, ok := o.read(v.Txn, o.h.txns[v.Txn], c.Attempt.Try, r)
			if o.seen = seen; ok && y.item == x.item && y.rank == x.rank {
				return true
			}
		}
		return false
	})
}

func (o *levelOracle) read(id uint64, tx *model.Transaction, try uint32, r model.ReadResult) (x levelRead, ok bool) {
	item := histItem{tx.Ops[r.Op].Worker, tx.Ops[r.Op].Key}
	x = levelRead{item: item, rank: -1}
	for i := r.Op - 1; i >= 0; i-- {
		if op := tx.Ops[i]; op.Kind != model.Read && (histItem{op.Worker, op.Key}) == item {
			if r.Version != (model.Version{Attempt: model.Attempt{Txn: id, Try: try}, Op: i}) {
				o.seen |= anomalies(AnomalyInternal)
			}
			return x, false
		}
	}
	if r.Version == (model.Version{}) {
		return x, true
	}
	v := r.Version
	x.from, x.rank = v.Txn, slices.Index(o.order[item], v)
	told := uint32(0)
	if c := o.commit[v.Txn]; c != nil {
		told = c.Attempt.Try
	}
	_, ended := o.final[v.Txn]
	switch {
	case o.submit[v.Txn] > o.final[id]:
		o.seen |= anomalies(AnomalyGarbage)
		return x, false
	case v.Try != told && (told != 0 || v.Try <= o.max[v.Txn] || ended && o.outcome[v.Txn] == model.Aborted):
		o.seen |= anomalies(AnomalyG1a)
		return x, false
	case v.Txn == id:
		o.seen |= anomalies(AnomalyInternal)
		return x, false
	case !o.isLast(v):
		o.seen |= anomalies(AnomalyG1b)
		return x, false
	case x.rank >= 0:
		return x, true
	}
	if slices.ContainsFunc(o.order[item], func(w model.Version) bool { return w.Txn == v.Txn }) {
		o.seen |= anomalies(AnomalyG1a)
		return x, false // another attempt is
	}
	x.rank = -2
	if o.isDue(item, v) {
		x.rank = len(o.order[item])
	} else if !o.h.mayInstall(v.Txn, item.worker, o.outcome[v.Txn]) {
		o.seen |= anomalies(AnomalyG1a)
	}
	return x, true
}

// walk follows all simple paths on from node at and notes those that return to start,
// the least of their nodes.
func (o *levelOracle) walk(start, at uint64, on map[uint64]bool) {
	for _, e := range o.edges[at] {
		o.path = append(o.path, e.kind)
		if e.to == start && at != start {
			o.note()
		} else if e.to > start && !on[e.to] {
			on[e.to] = true
			o.walk(start, e.to, on)
			delete(on, e.to)
		}
		o.path = o.path[:len(o.path)-1]
	}
}

// note tells of which classes a cycle is.
func (o *levelOracle) note() {
	n := map[edgeKind]int{}
	adjacent := false
	for i, kind := range o.path {
		n[kind]++
		adjacent = adjacent || kind == edgeRW && o.path[(i+1)%len(o.path)] == edgeRW
	}
	class := AnomalyRealTime
	mark := func(name string, in bool) {
		if in {
			o.seen |= anomalies(name)
			class = name
		}
	}
	o.seen |= anomalies(AnomalyRealTime)
	if !adjacent {
		o.seen |= anomalies(AnomalyGNonadjacentRT)
	}
	mark(AnomalyG2Item, n[edgeRT] == 0 && n[edgeRW] > 0)
	mark(AnomalyGNonadjacent, n[edgeRT] == 0 && !adjacent)
	mark(AnomalyGSingle, n[edgeRT] == 0 && n[edgeRW] == 1)
	mark(AnomalyG1c, n[edgeRT]+n[edgeRW] == 0)
	mark(AnomalyG0, n[edgeRT]+n[edgeRW]+n[edgeWR] == 0)
	if m := o.short[class]; m == 0 || len(o.path) < m {
		o.short[class] = len(o.path)
	}
}

func (s anomalySet) names() (names []string) {
	for i, name := range levelAnomalies {
		if s&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return names
}

// checkHeldTo holds the history to each level: it must be found wrong if and only if the
// level is violated, or something is that has no anomaly, and by what the level forbids.
func checkHeldTo(t *testing.T, h *histScript, strict *HistoryChecker) {
	t.Helper()
	nameless := slices.ContainsFunc(strict.Finish(nil), func(f Finding) bool { return f.Anomaly == "" })
	for _, v := range strict.Levels().Verdicts() {
		c := h.check(HistoryOptions{Isolation: v.Level}, false)
		if got, want := c.Total() > 0, nameless || v.Verdict == Invalid; got != want || c.seen != strict.seen {
			t.Fatalf("held to %s: wrong is %v, want %v; %s", v.Level, got, want, histDump(h, c))
		}
		for _, f := range c.Finish(nil) {
			tolerated := tolerates(v.Level).has(f.Anomaly) && v.Level != LevelStrictSerializable
			if tolerated || f.Invariant == InvIsolation && f.Shape == "" {
				t.Fatalf("held to %s: found %s; %s", v.Level, f.Anomaly, histDump(h, c))
			}
		}
	}
}

// histCycle returns the class and the length of the cycle if it is all that was found.
func histCycle(c *HistoryChecker) (class string, n int) {
	f := c.Finish(nil)
	if len(f) == 1 && f[0].Shape != "" {
		class, n = f[0].Anomaly, len(f[0].IDs())
	}
	switch {
	case class == AnomalyLostUpdate && f[0].Shape == "rw rw": // see bothLose
		class = AnomalyG2Item
	case class == AnomalyLostUpdate || class == AnomalyFracturedRead:
		class = AnomalyGSingle
	}
	return class, n
}

// TestLevelsOracle compares the anomalies that the checker finds with those that
// follow from the definitions, and proves that each kind was met, alone too.
func TestLevelsOracle(t *testing.T) {
	met, alone, cycles := map[string]int{}, map[string]int{}, 0
	for i, p := range []histChaos{
		{txns: 4, keys: 1, spread: 3, stray: 0.6, damage: 0.1},
		{txns: 4, keys: 2, spread: 3, stray: 0.2, damage: 0.9},
		{txns: 5, keys: 1, spread: 3, stray: 0.2, damage: 0.9, shuffle: 0.5},
		{txns: 5, keys: 2, spread: 6, damage: 0.4, shuffle: 0.5},
		{txns: 6, keys: 2, spread: 20, damage: 0.1, shuffle: 1},
		{txns: 5, keys: 2, spread: 3, stray: 0.2, damage: 0.1, shuffle: 0.3, doubt: 0.3},
		{txns: 5, keys: 1, spread: 6, damage: 0.1, shuffle: 0.5, doubt: 0.7},
	} {
		for seed := range 1500 * histRounds() {
			h := p.generate(rand.New(rand.NewPCG(uint64(seed), uint64(200+i))))
			o := newLevelOracle(h)
			c := h.check(HistoryOptions{Window: -1}, false)
			if c.seen != o.seen {
				t.Fatalf("%+v, seed %d: %q, want %q; %s", p, seed, c.seen.names(), o.seen.names(), histDump(h, c))
			}
			if seed%4 == 0 {
				checkHeldTo(t, h, c)
			}
			if name, n := histCycle(c); name != "" {
				cycles++
				if n != o.short[name] {
					t.Fatalf("%+v, seed %d: a cycle of %d, want %d; %s", p, seed, n, o.short[name], histDump(h, c))
				}
			}
			for _, name := range o.seen.names() {
				met[name]++
			}
			if w := c.Levels().Violated(); len(w) == 1 {
				alone[w[0]]++
			}
		}
	}
	if cycles < 200 {
		t.Errorf("%d cycles measured", cycles)
	}
	for _, name := range levelAnomalies {
		if met[name] < 20 && name != AnomalyDirtyWrite { // see histCases
			t.Errorf("%s in %d histories: hardly tested", name, met[name])
		}
	}
	for _, l := range IsolationLevels() {
		if alone[l.Name] == 0 && l.Name != LevelSerializable && l.Name != LevelSnapshot {
			t.Errorf("%s is never the weakest level that is violated: hardly told apart", l.Name)
		}
	}
}

// TestLevelsWindows compares the levels with different windows: they are the same for
// most histories, and for all that violate nothing, and never contradict each other.
func TestLevelsWindows(t *testing.T) {
	same, runs := 0, 0
	for i, p := range []histChaos{
		{txns: 20, keys: 2, spread: 3, stray: 0.02, damage: 0.05},
		{txns: 20, keys: 3, spread: 12, stray: 0.01, damage: 0.05, shuffle: 0.01},
		{txns: 60, keys: 20, spread: 6, stray: 0.01, shuffle: 0.01},
	} {
		for seed := range 300 * histRounds() {
			h := p.generate(rand.New(rand.NewPCG(uint64(seed), uint64(300+i))))
			none, eager, small := histVerdicts(h)
			want := none.Levels().Verdicts()
			for _, c := range []*HistoryChecker{eager, small} {
				got := c.Levels().Verdicts()
				runs++
				if slices.EqualFunc(got, want, func(a, b LevelVerdict) bool { return a.Verdict == b.Verdict }) {
					same++
					continue
				}
				for j := range got {
					if none.Total() == 0 || got[j].Verdict != want[j].Verdict && got[j].Verdict != Undecided {
						t.Fatalf("%+v, seed %d: %v, want %v; %s", p, seed, c.Levels(), none.Levels(), histDump(h, none, c))
					}
				}
			}
		}
	}
	if same == runs || same < runs/2 {
		t.Errorf("the same levels in %d of %d: the test shows little", same, runs)
	}
}
