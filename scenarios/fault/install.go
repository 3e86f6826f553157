package fault

import (
	"strconv"
	"sync"
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// Injection is a plan installed in a cluster. It decides at every boundary what strikes
// there. Its draws are keyed, so that a line changes no draw of another.
type Injection struct {
	w            *sim.World[model.Message]
	workers      int
	coordinators int
	seed         uint64
	id           func(index uint64) string

	lines []active
	holds bool // see Expect
	// onlooker is told of strikes; it may be nil.
	onlooker Onlooker
	cuts     []cutRun // the lines of partitions, by the numbers that they have in the trace

	*tables
	aimed []aimSet // by node

	exact   exactLines
	steps   stepLines
	passing passingLines
	links   linkLines
	syncs   syncLines

	strikes sim.Strike   // what At has returned
	found   bool         // whether strikes has any effect
	struck  []int        // lines that strike at this boundary
	moot    []mootStrike // strikes in it that have no effect if another one crashes the node

	mail     []messageStrike // strikes in it that have no effect if the message is lost
	boundary sim.Boundary    // theirs
	onItsWay func()          // sent

	total uint64 // of strikes by chance
}

// tables are the lookup tables of an injection, and the list of what struck by chance; they
// are reused.
type tables struct {
	// For workers and for coordinators: an aimSet by point and kind, so that boundaries at
	// which no line aims cost little; and the places of boundaries in steps.
	aims   [2]sim.Aims
	stepAt [2][sim.Points][kinds]stepAt
	fired  Plan // by chance: the first MaxFired
}

// tableRooms holds the tables of runs that have ended, empty.
var tableRooms = sync.Pool{New: func() any { return new(tables) }}

// aimSet is a set of triggers: the ways in which lines may strike.
type aimSet = uint8

const (
	aimExact       aimSet = 1 << iota // at the n-th passing of all …
	aimExactLink                      // … with one peer
	aimExactOf                        // … about one attempt
	aimExactLinkOf                    // … both
	aimStep
	aimLink
	aimSync
	aimPassing

	aimExactly = aimExact | aimExactLink | aimExactOf | aimExactLinkOf
)

// active is a line with its state.
type active struct {
	Fault
	text    string
	purpose sim.Purpose // the purpose of its draws
	struck  uint64
	done    bool     // it aims at one passing and has struck
	ends    sim.Time // when the last of its strikes that are known by their times ends; 0: there is none

	// What it struck, of a line that names no attempt: its label, which of those with that
	// label, and its kind, if it names none.
	struckLabel sim.Label
	struckN     uint64
	struckKind  sim.Kind
}

// Install installs the plan in a cluster that has not started; the plan must be valid for
// it. id finds the id of a transaction that has been submitted, by its index; if it is nil,
// ids are t<index>. Where it finds nothing, t<index> is printed.
func (p Plan) Install(c *model.Cluster, seed uint64, id func(index uint64) string) *Injection {
	j := &Injection{w: c.World, workers: len(c.Workers), coordinators: len(c.Coordinators),
		seed: sim.Hash(seed), id: id, tables: tableRooms.Get().(*tables)}
	j.onItsWay = j.sent
	nodes := j.workers + j.coordinators
	j.aimed = make([]aimSet, nodes)
	j.lines = make([]active, 0, len(p))
	same := map[string]int{}
	for _, f := range p {
		text := f.String()
		purpose := "fault/" + text
		if same[text]++; same[text] > 1 { // so that two equal lines have draws of their own
			purpose += " again " + strconv.Itoa(same[text]-1)
		}
		j.lines = append(j.lines, active{Fault: f, text: text, purpose: j.w.Purpose(purpose)})
	}
	injects := false
	for i := range j.lines {
		switch j.lines[i].trig {
		case timed:
			j.installTimed(i, sim.Time(j.lines[i].at), 0)
		case atRate:
			for _, n := range j.nodes(i) {
				j.installRate(i, n, 0, 0)
			}
		case always:
			j.installSet(i)
		default:
			injects = true
			j.installAim(i)
		}
	}
	if injects {
		c.World.Inject(j)
	}
	return j
}

// Release leaves the tables to another injection. The injection must not be used any more.
func (j *Injection) Release() {
	j.steps.counts.release()
	j.links.counts.release()
	j.syncs.counts.release()
	j.passing.counts.release()
	t, fired := j.tables, j.fired[:0]
	clear(j.fired)
	*t = tables{}
	t.fired = fired
	tableRooms.Put(t)
	j.tables = nil
}

func (j *Injection) nodes(line int) []sim.NodeID {
	return j.lines[line].who.expand(j.workers, j.coordinators)
}

// has reports whether n is the node of, or one of that class.
func (j *Injection) has(of Node, n sim.NodeID) bool {
	coordinator := int(n) < j.coordinators
	switch of.class {
	case allCoordinators:
		return coordinator
	case allWorkers:
		return !coordinator
	}
	return of.bare() == j.node(n)
}

// node returns the Node of an id.
func (j *Injection) node(n sim.NodeID) Node { return NodeAt(n, j.coordinators) }

// installTimed schedules the k-th strike, from 0, of a line with a time; one with "every"
// schedules its next strike when it strikes. Only the duration may be drawn.
func (j *Injection) installTimed(i int, at sim.Time, k uint64) {
	l := &j.lines[i]
	if l.every > 0 {
		defer func() {
			next := at.Add(l.every)
			if next != sim.Never && (l.until == 0 || next <= sim.Time(l.until)) {
				j.w.FaultAt(at, func() { j.installTimed(i, next, k+1) })
			}
		}()
	}
	moment := func(f *Fault) { f.at, f.every, f.until = time.Duration(at), 0, 0 }
	if l.class == "partition" {
		a, b := l.expandSides(j.workers, j.coordinators)
		d := j.duration(i, a[0], 0, k)
		l.planTimed(at, k, d)
		j.w.FaultAt(at, func() { j.count(i, d, moment) })
		j.numbered(j.w.Partition(at, a, b, l.oneWay, d), i)
		return
	}
	for _, n := range j.nodes(i) {
		d := j.duration(i, n, 0, k)
		l.planTimed(at, k, d)
		j.w.FaultAt(at, func() { j.strikeNow(i, n, d, func(f *Fault) { moment(f); f.who = j.node(n) }) })
		j.installWindow(i, at, n, d)
	}
}

// installRate schedules the k-th strike of a Poisson process on a node, which schedules the
// next one.
func (j *Injection) installRate(i int, n sim.NodeID, k uint64, after sim.Time) {
	l := &j.lines[i]
	if l.gap.IsZero() {
		return
	}
	at := after.Add(l.gap.Sample(j.w.Draw(l.purpose.String(), n, 0, j.seed^k)))
	if at == sim.Never {
		return
	}
	j.w.FaultAt(at, func() {
		d := j.duration(i, n, 0, k)
		j.strikeNow(i, n, d, func(f *Fault) { f.who, f.trig, f.at = j.node(n), timed, time.Duration(at) })
		j.installWindow(i, at, n, d)
		j.installRate(i, n, k+1, at)
	})
}

// strikeNow applies a line to a node at this moment, and counts that if it has an effect: at once,
// or when there is a sync for it to have one on.
func (j *Injection) strikeNow(i int, n sim.NodeID, d time.Duration, explicit func(f *Fault)) {
	s := j.effectOf(i, d)
	if s.FailSync || s.LoseSync {
		s.Met = func() { j.count(i, d, explicit) }
		j.w.Strike(n, s)
		return
	}
	if does := !j.w.Dead(n) && (j.lines[i].window() || j.w.Strike(n, s)); does {
		j.count(i, d, explicit)
		if j.onlooker != nil && j.lines[i].slows() {
			j.onlooker.Slowed(i, n, j.w.Now(), j.w.Now().Add(d))
		}
	}
}

// window reports whether the line changes a node or its device for a while, instead of
// striking it once.
func (f *Fault) window() bool { return f.slows() || f.class == "full-disk" }

// installWindow schedules such a change of a node from at for d.
func (j *Injection) installWindow(i int, at sim.Time, n sim.NodeID, d time.Duration) {
	switch l := &j.lines[i]; l.class {
	case "slow":
		j.w.SlowNode(at, n, l.factor, d)
	case "slow-disk":
		j.w.SlowDisk(at, n, l.factor, d)
	case "full-disk":
		j.w.FullDisk(at, n, d)
	}
}

func (j *Injection) installSet(i int) {
	for _, n := range j.nodes(i) {
		if j.lines[i].class == "skew" {
			j.lines[i].struck++
			j.w.SetSkew(n, j.lines[i].skew)
			continue
		}
		j.w.Tear(n, func() { j.tore(n) })
	}
}
