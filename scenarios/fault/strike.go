package fault

import (
	"slices"
	"strconv"
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios/quantity"
	"github.com/seed83d86191/txsim/sim"
)

// Strikes is how often a line of a plan struck.
type Strikes struct {
	Line  string
	Class string // its first word
	Times uint64
	// Cut says that faults ended too early for the line: before it had lasted as long as it
	// says or, if it never struck, before its time or the message or record that it aims at.
	Cut bool
}

// Counts says how often each line struck, in the order of the plan.
func (j *Injection) Counts() []Strikes {
	counts := make([]Strikes, len(j.lines))
	for i := range j.lines {
		l := &j.lines[i]
		early := l.ends > j.w.Calmed() || l.trig == timed && l.struck == 0 && sim.Time(l.at) >= j.w.Calmed()
		cut := j.w.Calm() && (early || l.trig == aimed && !l.done && !j.holds)
		counts[i] = Strikes{Line: l.text, Class: l.class, Times: l.struck, Cut: cut}
	}
	return counts
}

// Fired returns what struck by chance, in order, as a plan that repeats it without chance:
// its first MaxFired lines.
func (j *Injection) Fired() Plan { return slices.Clone(j.fired) }

// FiredTotal returns how many lines Fired would have without its bound.
func (j *Injection) FiredTotal() uint64 { return j.total }

// MaxFired is how many chance strikes are kept as lines.
const MaxFired = 1000

// tore counts that a crash has torn a record of a node.
func (j *Injection) tore(n sim.NodeID) {
	for i := range j.lines {
		if l := &j.lines[i]; l.class == "tear" && j.has(l.who, n) {
			l.struck++
		}
	}
}

// effectOf returns what a line does to a node or to a sync of it; d is how long it lasts.
func (j *Injection) effectOf(i int, d time.Duration) sim.Strike {
	switch l := &j.lines[i]; l.class {
	case "crash":
		return sim.Strike{Crash: true, Tail: l.tail, For: d}
	case "fail-sync":
		return sim.Strike{FailSync: true, Down: d}
	case "lose-sync":
		return sim.Strike{LoseSync: true}
	case "corrupt":
		return sim.Strike{Rot: true}
	}
	return sim.Strike{Pause: true, For: d}
}

// duration draws how long a fault lasts.
func (j *Injection) duration(i int, n sim.NodeID, label sim.Label, occurrence uint64) time.Duration {
	l := &j.lines[i]
	if l.forever {
		return sim.Forever
	}
	return j.sample(i, n, label, occurrence, &l.dur)
}

func (j *Injection) sample(i int, n sim.NodeID, label sim.Label, occurrence uint64, d *sim.Dist) time.Duration {
	if quantity.IsConstant(d) {
		return d.Sample(0)
	}
	return d.Sample(j.w.Draw(j.lines[i].purpose.String()+" duration", n, label, j.seed^occurrence))
}

// count counts a strike. If chance had a part in it, it is recorded as a copy of the line
// that explicit turns into one without chance.
func (j *Injection) count(i int, d time.Duration, explicit func(f *Fault)) {
	l := &j.lines[i]
	l.struck++
	j.found = true
	if !l.ByChance() {
		return
	}
	if j.total++; j.total > MaxFired {
		return
	}
	j.fired = append(j.fired, l.Fault)
	f := &j.fired[len(j.fired)-1]
	explicit(f)
	switch {
	case f.class == "delay", f.late:
		f.by = quantity.Constant(d)
	case f.lasts() && !f.forever:
		f.dur = quantity.Constant(d)
	}
}

// attempt makes f aim at the n-th passing about the label's attempt.
func (j *Injection) attempt(f *Fault, label sim.Label, n uint64) {
	a := model.AttemptOf(label)
	f.of, f.try, f.n = "", a.Try, n
	if j.id != nil {
		f.of = j.id(a.Txn)
	}
	if f.of == "" {
		f.of = "t" + strconv.FormatUint(a.Txn, 10)
	}
}
