package fault

import (
	"slices"
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// Steps returns the steps at which a line may strike by chance.
func Steps() []string { return []string{"prepare", "commit", "abort"} }

// stepForm lists the boundaries of a step in the order in which it passes
// them. A worker enters a step at the first of them; a coordinator when an
// attempt passes the first BeforeAppend or BeforeSend of the list.
type stepForm struct {
	step        string
	coordinator bool
	passes      []stepPass
}

type stepPass struct {
	point sim.Point
	kind  sim.Kind
}

// stepForms are the forms of these steps. A strike waits for one of the boundaries that are
// still to come, each equally likely. Some boundaries are never reached, such as the sync of
// a record that is not forced: the strike then expires, at the latest when the node enters
// the same step of the attempt again.
var stepForms = []stepForm{
	workerStep("prepare", model.KindPrepare, model.KindVote),
	workerStep("prepare", model.KindCommitOne, model.KindDone),
	workerStep("commit", model.KindCommit, model.KindAck),
	workerStep("abort", model.KindAbort, model.KindAck),
	{"prepare", true, []stepPass{{sim.BeforeSend, model.KindPrepare}, {sim.AfterSend, model.KindPrepare}, {sim.BeforeReceive, model.KindVote}}},
	{"prepare", true, []stepPass{{sim.BeforeSend, model.KindCommitOne}, {sim.AfterSend, model.KindCommitOne}, {sim.BeforeReceive, model.KindDone}}},
	decisionStep("commit", model.KindCommit),
	decisionStep("abort", model.KindAbort),
}

// workerStep returns the worker's side of a message: it logs a record of the same kind, and
// replies.
func workerStep(step string, kind, reply sim.Kind) stepForm {
	return stepForm{step, false, []stepPass{
		{sim.BeforeReceive, kind}, {sim.BeforeAppend, kind}, {sim.AfterAppend, kind},
		{sim.BeforeSync, kind}, {sim.AfterSync, kind}, {sim.BeforeSend, reply}, {sim.AfterSend, reply},
	}}
}

// decisionStep returns the coordinator's side of a decision.
func decisionStep(step string, kind sim.Kind) stepForm {
	return stepForm{step, true, []stepPass{
		{sim.BeforeAppend, kind}, {sim.AfterAppend, kind}, {sim.BeforeSync, kind}, {sim.AfterSync, kind},
		{sim.BeforeSend, kind}, {sim.AfterSend, kind},
	}}
}

func (f *stepForm) entry(at int) bool {
	if !f.coordinator {
		return at == 0
	}
	p := f.passes[at].point
	return p == sim.BeforeAppend || p == sim.BeforeSend
}

// stepLines is the state of the lines that strike steps by chance.
type stepLines struct {
	column [2]int // for workers and coordinators: how many boundaries are counted
	lines  [8][]int
	ways   [8][]int8 // columns of a coordinator's ways into a step
	counts passCounts
	armed  []armedStrike // from 1 on; those unused are linked from free
	free   uint32
}

// stepAt tells of a boundary its column in the counts, from 1, and the step that may begin
// there.
type stepAt struct {
	column int8
	enters bool
	form   int8 // index of the step's form
	pass   int8 // index of the boundary in that form
}

// armedStrike is a strike that waits for its boundary.
type armedStrike struct {
	line   int
	column int8
	d      time.Duration
	next   uint32
}

func side(coordinator bool) int {
	if coordinator {
		return 1
	}
	return 0
}

func (j *Injection) side(n sim.NodeID) int { return side(int(n) < j.coordinators) }

func (j *Injection) installStep(i int) {
	l, st := &j.lines[i], &j.steps
	if st.armed == nil {
		st.armed = make([]armedStrike, 1)
		st.counts.drop = st.expire
	}
	nodes, coordinators := j.nodes(i), l.who.class == oneCoordinator || l.who.class == allCoordinators
	for n := range stepForms {
		form := &stepForms[n]
		if form.step != l.step || form.coordinator != coordinators {
			continue
		}
		st.lines[n] = append(st.lines[n], i)
		for k, pass := range form.passes {
			at := &j.stepAt[side(coordinators)][pass.point][pass.kind]
			if at.column == 0 {
				st.column[side(coordinators)]++
				at.column = int8(st.column[side(coordinators)])
				st.counts.columns = 1 + max(st.column[0], st.column[1])
			}
			if form.entry(k) {
				at.enters, at.form, at.pass = true, int8(n), int8(k)
				if !slices.Contains(st.ways[n], at.column) {
					st.ways[n] = append(st.ways[n], at.column)
				}
			}
			for _, node := range nodes {
				j.aim(node, pass.point, pass.kind, aimStep)
			}
		}
	}
}

// inStep counts a passing, applies strikes that were waiting for it, and draws new ones if
// a step begins.
func (j *Injection) inStep(b *sim.Boundary, s *sim.Strike) {
	coordinator := int(b.Node) < j.coordinators
	at := &j.stepAt[j.side(b.Node)][b.Point][b.Kind]
	if b.Label == 0 {
		return
	}
	passed := j.steps.counts.of(uint64(b.Node), b.Label)
	n := j.steps.counts.pass(passed, int(at.column))
	if passed.armed != 0 {
		j.fireArmed(passed, at.column, b, s, n)
	}
	if !at.enters || coordinator && !j.steps.first(at.form, passed) {
		return
	}
	for _, i := range j.steps.lines[at.form] {
		if j.has(j.lines[i].who, b.Node) {
			j.enter(i, at, passed, b, s, n)
		}
	}
}

// first reports whether an attempt has entered a coordinator's step just now: it has passed
// one of the ways into the step, once.
func (st *stepLines) first(form int8, passed *passCount) bool {
	total, counts := 0, st.counts.counts(passed)
	for _, column := range st.ways[form] {
		total += int(counts[column])
	}
	return total == 1
}

// enter draws whether and where a line strikes in the step that begins.
func (j *Injection) enter(i int, at *stepAt, passed *passCount, b *sim.Boundary, s *sim.Strike, n uint64) {
	l := &j.lines[i]
	j.steps.disarm(passed, i)
	if !j.w.Happens(l.purpose, b.Node, b.Label, j.seed^n, l.p) {
		return
	}
	form := &stepForms[at.form]
	ahead := form.passes[at.pass:]
	k := j.w.Choose(l.purpose.String()+" boundary", b.Node, b.Label, j.seed^n, len(ahead))
	d := j.duration(i, b.Node, b.Label, n)
	if k == 0 {
		j.strikeHere(i, b, s, d, n)
		return
	}
	column := j.stepAt[side(form.coordinator)][ahead[k].point][ahead[k].kind].column
	j.steps.arm(passed, armedStrike{line: i, column: column, d: d})
}

// fireArmed applies the strikes that have waited for this boundary.
func (j *Injection) fireArmed(passed *passCount, column int8, b *sim.Boundary, s *sim.Strike, n uint64) {
	for link := &passed.armed; *link != 0; {
		a := &j.steps.armed[*link]
		if a.column != column {
			link = &a.next
			continue
		}
		j.strikeHere(a.line, b, s, a.d, n)
		j.steps.unlink(link)
	}
}

// strikeHere strikes a node by chance at boundary b, the n-th of those about its attempt.
func (j *Injection) strikeHere(i int, b *sim.Boundary, s *sim.Strike, d time.Duration, n uint64) {
	if !j.merge(s, i, b.Node, d) {
		return
	}
	j.count(i, d, func(f *Fault) {
		f.trig, f.who, f.point, f.kind = aimed, j.node(b.Node), b.Point, model.KindName(b.Kind)
		j.attempt(f, b.Label, n)
	})
}

func (st *stepLines) arm(passed *passCount, a armedStrike) {
	slot := st.free
	if slot == 0 {
		slot = uint32(len(st.armed))
		st.armed = append(st.armed, armedStrike{})
	} else {
		st.free = st.armed[slot].next
	}
	a.next = passed.armed
	st.armed[slot] = a
	passed.armed = slot
}

// disarm drops the strike of a line that is still waiting.
func (st *stepLines) disarm(passed *passCount, line int) {
	for link := &passed.armed; *link != 0; {
		if a := &st.armed[*link]; a.line != line {
			link = &a.next
			continue
		}
		st.unlink(link)
	}
}

// expire drops all strikes that wait for an attempt which has not been seen for long.
func (st *stepLines) expire(passed *passCount) {
	for passed.armed != 0 {
		st.unlink(&passed.armed)
	}
}

// unlink removes the strike that link points to from its list.
func (st *stepLines) unlink(link *uint32) {
	slot := *link
	*link = st.armed[slot].next
	st.armed[slot] = armedStrike{next: st.free}
	st.free = slot
}
