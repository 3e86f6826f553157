package model

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/seed83d86191/txsim/sim"
)

// naiveLocks is strict two-phase locking written down as plainly as it can be:
// one list of grants and one of waits, both scanned from end to end. It is the
// oracle of lockTable.
type naiveLocks struct {
	policy Concurrency
	held   []naiveLock
	waits  []naiveLock // in the order in which they are to be served, over all keys
	died   []int
	wounds map[[2]int]bool // by requester and victim, so far
}

type naiveLock struct {
	who, key  int
	exclusive bool
	upgrade   bool
}

func (n *naiveLocks) age(who int) Age { return Age{Start: sim.Time(who / 2), Index: uint64(who)} }

func (n *naiveLocks) clash(a, b naiveLock) bool {
	return a.key == b.key && a.who != b.who && (a.exclusive || b.exclusive)
}

// acquire returns "granted", "waits" or "dies".
func (n *naiveLocks) acquire(who, key int, exclusive bool) string {
	req := naiveLock{who: who, key: key, exclusive: exclusive}
	mine := slices.IndexFunc(n.held, func(h naiveLock) bool { return h.who == who && h.key == key })
	if mine >= 0 && (n.held[mine].exclusive || !exclusive) {
		return "granted"
	}
	req.upgrade = mine >= 0
	var others []naiveLock
	for _, h := range n.held {
		if n.clash(req, h) {
			others = append(others, h)
		}
	}
	if !req.upgrade { // an upgrade goes ahead of whatever waits
		for _, w := range n.waits {
			if n.clash(req, w) {
				others = append(others, w)
			}
		}
	}
	for _, o := range others {
		if n.policy.Conflict(n.age(who), n.age(o.who)) == Die {
			n.died = append(n.died, who)
			return "dies"
		}
	}
	for _, o := range others {
		if n.policy.Conflict(n.age(who), n.age(o.who)) == Wound {
			n.wounds[[2]int{who, o.who}] = true
		}
	}
	result := "waits"
	if len(others) == 0 {
		result = "granted"
	}
	switch {
	case result == "granted" && req.upgrade:
		n.held[mine].exclusive = true
	case result == "granted":
		n.held = append(n.held, req)
	case req.upgrade:
		at := 0
		for i, w := range n.waits {
			if w.upgrade && w.key == key {
				at = i + 1
			}
		}
		n.waits = slices.Insert(n.waits, at, req)
	default:
		n.waits = append(n.waits, req)
	}
	if req.upgrade {
		n.overtaken(req)
	}
	n.serve()
	return result
}

// overtaken compares the shared waiters that an upgrade went ahead of with it.
func (n *naiveLocks) overtaken(req naiveLock) {
	for _, w := range slices.Clone(n.waits) {
		if w.key != req.key || w.who == req.who || w.exclusive {
			continue
		}
		switch n.policy.Conflict(n.age(w.who), n.age(req.who)) {
		case Die:
			n.died = append(n.died, w.who)
			n.waits = slices.DeleteFunc(n.waits, func(x naiveLock) bool { return x == w })
		case Wound:
			n.wounds[[2]int{w.who, req.who}] = true
		}
	}
}

// serve grants every wait that clashes with no holder and with no wait ahead.
func (n *naiveLocks) serve() {
	for again := true; again; {
		again = false
		for i, w := range n.waits {
			free := true
			for _, h := range n.held {
				free = free && !n.clash(w, h)
			}
			for _, ahead := range n.waits[:i] {
				free = free && ahead.key != w.key // first come, first served
			}
			if !free {
				continue
			}
			n.waits = slices.Delete(n.waits, i, i+1)
			if w.upgrade {
				n.held = slices.DeleteFunc(n.held, func(h naiveLock) bool { return h.who == w.who && h.key == w.key })
			}
			w.upgrade = false
			n.held = append(n.held, w)
			again = true
			break
		}
	}
}

func (n *naiveLocks) release(who int) {
	gone := func(l naiveLock) bool { return l.who == who }
	n.held = slices.DeleteFunc(n.held, gone)
	n.waits = slices.DeleteFunc(n.waits, gone)
	n.serve()
}

// lockGame drives a lockTable and the oracle through the same random requests.
type lockGame struct {
	r     *rand.Rand
	table lockTable
	naive naiveLocks
	items []*item
	parts []*part
	// wounds by requester and victim, so far
	wounds map[[2]int]bool
}

func newLockGame(seed uint64, policy Concurrency) *lockGame {
	g := &lockGame{r: rand.New(rand.NewPCG(seed, 2)), wounds: map[[2]int]bool{}}
	g.table.policy, g.table.pool = policy, &pool{}
	g.naive = naiveLocks{policy: policy, wounds: map[[2]int]bool{}}
	for i := range 1 + g.r.IntN(4) {
		g.items = append(g.items, &item{key: fmt.Sprint("k", i)})
	}
	for i := range 2 + g.r.IntN(8) {
		g.parts = append(g.parts, &part{attempt: Attempt{uint64(i), 1}, work: &work{start: g.naive.age(i).Start}})
	}
	return g
}

// step makes one request or release, and tells what it was.
func (g *lockGame) step() (string, error) {
	i := g.r.IntN(len(g.parts))
	p := g.parts[i]
	if p.waiting != nil || g.r.IntN(6) == 0 {
		if p.waiting != nil && g.r.IntN(3) > 0 {
			return "", nil
		}
		return fmt.Sprintf("release %d", i), g.release(i)
	}
	k, exclusive := g.r.IntN(len(g.items)), g.r.IntN(2) == 0
	what := fmt.Sprintf("%d acquires k%d exclusive=%v", i, k, exclusive)
	got := g.table.acquire(p, g.items[k], exclusive)
	want := g.naive.acquire(i, k, exclusive)
	if got != (want == "granted") || !got && (p.waiting != nil) != (want == "waits") {
		return what, fmt.Errorf("granted=%v waits=%v, the oracle says %s", got, p.waiting != nil, want)
	}
	return what, g.settle()
}

func (g *lockGame) release(i int) error {
	g.table.release(g.parts[i])
	g.naive.release(i)
	return g.settle()
}

// settle does what the owner of the table does: a part that died releases.
func (g *lockGame) settle() error {
	for len(g.table.pool.died) > 0 || len(g.naive.died) > 0 {
		var died []int
		for _, c := range g.table.pool.died {
			died = append(died, int(c.p.attempt.Txn))
		}
		if !slices.Equal(died, g.naive.died) {
			return fmt.Errorf("died %v, the oracle says %v", died, g.naive.died)
		}
		g.table.pool.died, g.naive.died = nil, nil
		for _, i := range died {
			g.table.release(g.parts[i])
			g.naive.release(i)
		}
	}
	return g.compare()
}

// compare holds the table's state against the oracle's and against the
// invariants that make it two-phase locking without deadlock.
func (g *lockGame) compare() error {
	for i, c := range g.table.pool.wounded {
		if slices.Contains(g.table.pool.wounded[:i], c) {
			return fmt.Errorf("%v wounds %v twice", c.p.attempt, c.other.attempt)
		}
		g.wounds[[2]int{int(c.p.attempt.Txn), int(c.other.attempt.Txn)}] = true
	}
	if !maps.Equal(g.wounds, g.naive.wounds) {
		return fmt.Errorf("wounded %v, the oracle says %v", g.wounds, g.naive.wounds)
	}
	g.table.pool.wounded, g.table.pool.granted = nil, nil
	var held, waits []naiveLock
	for k, it := range g.items {
		if it.lock == nil {
			continue
		}
		if err := checkLock(it.lock); err != nil {
			return fmt.Errorf("k%d: %v", k, err)
		}
		for _, h := range it.lock.holders {
			held = append(held, naiveLock{int(h.p.attempt.Txn), k, h.exclusive, false})
		}
		for _, w := range it.lock.queue {
			waits = append(waits, naiveLock{int(w.p.attempt.Txn), k, w.exclusive, w.upgrade})
		}
	}
	if !sameLocks(held, g.naive.held) || !sameLocks(waits, g.naive.waits) {
		return fmt.Errorf("held %v waits %v; the oracle says %v and %v", held, waits, g.naive.held, g.naive.waits)
	}
	return g.checkWaits(held, waits)
}

// checkLock: no two holders clash, and the first waiter has reason to wait.
func checkLock(l *lock) error {
	for i, a := range l.holders {
		for _, b := range l.holders[i+1:] {
			if a.p == b.p || a.exclusive || b.exclusive {
				return fmt.Errorf("held by %v and %v", a.p.attempt, b.p.attempt)
			}
		}
	}
	if len(l.queue) > 0 && (&lockTable{}).compatible(l.queue[0].exclusive, l.holders, l.queue[0].p) {
		return fmt.Errorf("%v waits for nobody: a lost wake-up", l.queue[0].p.attempt)
	}
	if len(l.holders)+len(l.queue) == 0 {
		return fmt.Errorf("a lock of nobody")
	}
	return nil
}

// checkWaits: every wait goes in the one direction of age that the policy
// allows, or has asked for a wound. So there is no cycle of waits, but for
// those that a pending wound will break.
func (g *lockGame) checkWaits(held, waits []naiveLock) error {
	for i, w := range waits {
		var others []naiveLock
		others = append(others, held...)
		others = append(others, waits[:i]...)
		for _, o := range others {
			if !g.naive.clash(w, o) {
				continue
			}
			switch g.naive.policy.Conflict(g.naive.age(w.who), g.naive.age(o.who)) {
			case Die:
				return fmt.Errorf("%d waits for %d against its age", w.who, o.who)
			case Wound:
				if !g.naive.wounds[[2]int{w.who, o.who}] {
					return fmt.Errorf("%d waits for the younger %d, which was not wounded", w.who, o.who)
				}
			}
		}
	}
	return nil
}

// sameLocks compares without regard to the order of keys, and of holders.
func sameLocks(a, b []naiveLock) bool {
	byKey := func(all []naiveLock) map[int][]naiveLock {
		m := map[int][]naiveLock{}
		for _, l := range all {
			m[l.key] = append(m[l.key], l)
		}
		return m
	}
	ma, mb := byKey(a), byKey(b)
	for k := range ma {
		if !slices.Equal(ma[k], mb[k]) {
			slices.SortFunc(ma[k], func(x, y naiveLock) int { return x.who - y.who })
			slices.SortFunc(mb[k], func(x, y naiveLock) int { return x.who - y.who })
			if ma[k][0].upgrade || !slices.Equal(ma[k], mb[k]) {
				return false
			}
		}
	}
	return len(a) == len(b)
}

// TestLockTable plays random games of acquire, upgrade and release against the
// oracle, for every concurrency control and one that always waits.
func TestLockTable(t *testing.T) {
	t.Parallel()
	for _, policy := range Concurrencies() {
		for seed := range uint64(2000) {
			g := newLockGame(seed, policy)
			var done []string
			for range 60 {
				what, err := g.step()
				done = append(done, what)
				if err != nil {
					t.Fatalf("%s seed %d: %v\nafter %q", policy.Name(), seed, err, done)
				}
			}
			for i := range g.parts {
				if err := g.release(i); err != nil {
					t.Fatalf("%s seed %d, at the end: %v", policy.Name(), seed, err)
				}
			}
			for _, it := range g.items {
				if it.lock != nil {
					t.Fatalf("%s seed %d: a lock is left", policy.Name(), seed)
				}
			}
		}
	}
}

// TestAttemptsOfOneTransaction: of two attempts of one age the earlier gives way to the later,
// whichever of them asks, and also where its upgrade passes the later one.
func TestAttemptsOfOneTransaction(t *testing.T) {
	for _, c := range []struct {
		asks, holds uint32
		wounds      bool
	}{{2, 1, true}, {1, 2, false}} {
		table := lockTable{pool: &pool{}, policy: woundWait{}}
		p, other := &part{attempt: Attempt{1, c.asks}, work: &work{}}, &part{attempt: Attempt{1, c.holds}, work: &work{}}
		it := &item{key: "x"}
		table.acquire(other, it, false)
		table.acquire(p, it, true)
		var want []conflict
		if c.wounds {
			want = []conflict{{p, it, other, false}}
		}
		if got := table.pool.wounded; !slices.Equal(got, want) || p.waiting != it {
			t.Errorf("#%d asks for what #%d holds: %d wounds, waits=%v", c.asks, c.holds, len(got), p.waiting == it)
		}
	}
	table := lockTable{pool: &pool{}, policy: woundWait{}}
	early, late := &part{attempt: Attempt{1, 1}, work: &work{}}, &part{attempt: Attempt{1, 2}, work: &work{}}
	younger := &part{attempt: Attempt{9, 1}, work: &work{start: 9}}
	it := &item{key: "x"}
	table.acquire(early, it, false)
	table.acquire(younger, it, true)
	table.acquire(late, it, false) // behind the younger one, which it wounds
	table.pool.wounded = nil
	if !table.acquire(early, it, true) || !slices.Equal(table.pool.wounded, []conflict{{late, it, early, false}}) {
		t.Errorf("passed by an upgrade: %d wounds", len(table.pool.wounded))
	}
}

// overlooks is wait-die that overlooks every conflict with the transaction of that start.
type overlooks struct {
	waitDie
	start sim.Time
}

func (o overlooks) Overlooks(requester, other Claim) bool {
	return requester.Age.Start == o.start || other.Age.Start == o.start
}

// TestPassedOverlooks: a waiter does not give way to the upgrade that passes it if the control
// overlooks the conflict.
func TestPassedOverlooks(t *testing.T) {
	table := lockTable{pool: &pool{}, policy: overlooks{start: 7}}
	at := func(start sim.Time) *part {
		return &part{attempt: Attempt{uint64(start), 1}, work: &work{start: start}}
	}
	it, early, upgrades, writes, last := &item{key: "x"}, at(30), at(7), at(20), at(10)
	for _, got := range []bool{table.acquire(early, it, false), table.acquire(upgrades, it, false), !table.acquire(writes, it, true), !table.acquire(last, it, false)} {
		if !got {
			t.Fatal("the test does not get where it wants to")
		}
	}
	if !table.acquire(upgrades, it, true) || len(table.pool.died) > 0 {
		t.Errorf("%d died", len(table.pool.died))
	}
}

// TestManyShare: a shared lock costs as much whoever else has it, to get and to give back. If
// it did not, this would take a minute.
func TestManyShare(t *testing.T) {
	table, it, began := lockTable{pool: &pool{}, policy: waitDie{}}, &item{key: "x"}, time.Now()
	all := make([]part, 60_000)
	for i := range all {
		all[i] = part{attempt: Attempt{uint64(i), 1}, work: &work{}}
		for range 2 { // what it has, it is given again
			if !table.acquire(&all[i], it, false) {
				t.Fatal("not granted")
			}
		}
	}
	for i := range all {
		table.release(&all[i])
	}
	if took := time.Since(began); it.lock != nil || took > 10*time.Second {
		t.Errorf("%v; lock %v", took, it.lock)
	}
}

// nearby is a control in which a transaction waits, unless it is the younger by more than a
// second. So an attempt may be refused because of one that is refused in the same step.
type nearby struct{}

func (nearby) Name() string { return "nearby" }

func (nearby) Conflict(requester, other Age) Resolution {
	if requester.Start.Sub(other.Start) > time.Second {
		return Die
	}
	return Wait
}

func TestOtherRefusedToo(t *testing.T) {
	cfg := labWith("presumed-abort", nearby{}, Interactive)
	cfg.Network.Delay, cfg.Resources.Staging, cfg.FaultsEnd = dist("1s"), 4, 0
	cfg.Timeouts = Timeouts{time.Minute, time.Minute, time.Minute, time.Minute}
	l := newLab(cfg, script("w0 read x; w1 read q; w0 write x = 123456789", "@700ms w0 write x = 2; w1 write q = 2", "@1400ms w0 read x; w1 read q"))
	var refused []string
	l.World.Node(l.Workers[0]).(*worker).Config.Locks = func(e LockEvent) {
		if e.Kind == LockRefused {
			refused = append(refused, fmt.Sprint(e.Attempt, " by ", e.Other, e.Queued))
		}
	}
	if l.run(t); !slices.Equal(refused, []string{"{3 1} by {1 1} false"}) {
		t.Errorf("refused: %v", refused)
	}
}
