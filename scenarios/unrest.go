package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// held returns which logs may have attempts open at the end: those of nodes that still hold
// them, and of dead nodes.
func (r *run) held(lists ...[]model.Residue) func(sim.NodeID, model.Attempt) bool {
	type key struct {
		node    sim.NodeID
		attempt model.Attempt
	}
	held := map[key]bool{}
	for _, list := range lists {
		for _, x := range list {
			held[key{x.Node, x.Attempt}] = true
		}
	}
	return func(n sim.NodeID, a model.Attempt) bool { return held[key{n, a}] || r.cluster.World.Dead(n) }
}

// unread returns the finding of log records that make no sense.
func (r *run) unread(u model.BadRecords) analysis.Finding {
	f := r.format
	line := model.Line{At: u.At, Who: f.Node(u.Node), What: "log", About: f.Attempt(u.Attempt), Detail: f.Kind(u.Kind) + " record"}
	return analysis.Finding{
		Invariant: analysis.InvImpossible, Txn: f.Txn(u.Attempt.Txn), At: u.At,
		Text: fmt.Sprintf("the log of %s has a %s record of %s that makes no sense, malformed or a commit of what is not prepared there or is decided already: the first of %d",
			f.Node(u.Node), f.Kind(u.Kind), f.Attempt(u.Attempt), u.Records),
		Records: append(r.protocol.Evidence(u.Attempt), line.Text()),
	}
}

// maxUnrest bounds the findings about what is open at a run's end.
const maxUnrest = 20

// unrest returns the finding of something that did not come to rest, with what it waits
// for, as far as that is known.
func (r *run) unrest(x model.Residue, all []model.Residue) analysis.Finding {
	f := r.format
	now := r.cluster.World.Now()
	why := chain(f, r.cluster.Why(x, all))
	line := model.Line{At: now, Who: f.Node(x.Node), What: "holds", About: f.Attempt(x.Attempt), Detail: why}
	name := f.Attempt(x.Attempt)
	if x.Attempt.Txn > 0 {
		name = " has " + name
	}
	shape, _, _ := strings.Cut(x.State, " on ")
	return analysis.Finding{
		Invariant: analysis.InvProgress, Shape: shape, Txn: f.Txn(x.Attempt.Txn), At: now, AtEnd: true,
		Text:    fmt.Sprintf("%s still%s at rest: %s", f.Node(x.Node), name, why),
		Records: append(r.protocol.Evidence(x.Attempt), line.Text()),
	}
}

// namer returns a formatter for results, which must not keep all of the run.
func (r *run) namer() *model.Formatter {
	f, n := *r.format, r.names
	f.ID = n.id
	return &f
}

// chain prints why something is not at rest: "in doubt, awaiting C0 [waits for
// votes], awaiting w5, which has nothing open about it".
func chain(f *model.Formatter, why []model.Residue) string {
	s := why[0].State
	for i := range why[1:] {
		last, x := &why[i], &why[i+1]
		switch {
		case x.State == model.StateCircle:
			s += ", " + x.State
		case x.State == model.StateNothing:
			s += fmt.Sprintf(", awaiting %s, which has %s about it", f.Node(x.Node), x.State)
		case x.State == model.StateDead:
			s += fmt.Sprintf(", awaiting %s, which is %s", f.Node(x.Node), x.State)
		case x.Node == last.Node:
			s += fmt.Sprintf(", behind %s [%s]", f.Attempt(x.Attempt), x.State)
		default:
			s += fmt.Sprintf(", awaiting %s [%s]", f.Node(x.Node), x.State)
		}
	}
	return s
}

// Blocked counts what a node that is dead for good leaves unresolved. It has to be so: a
// participant that has voted YES must not decide alone.
type Blocked struct {
	Node    string `json:"node"`     // the dead one
	InDoubt int    `json:"in_doubt"` // parts of attempts that are in doubt
	Locks   int    `json:"locks"`    // locks that these hold
	Behind  int    `json:"behind"`   // parts that wait for such a lock
	Other   int    `json:"other"`    // coordinators and workers that wait for an answer
}

// blocked counts what is excused by the dead node that it waits for.
func (r *run) blocked(excused []model.Residue) []Blocked {
	var all []Blocked
	f := r.format
	for _, x := range excused {
		why := r.cluster.Why(x, excused)
		name := f.Node(why[len(why)-1].Node)
		i := slices.IndexFunc(all, func(b Blocked) bool { return b.Node == name })
		if i < 0 {
			i = len(all)
			all = append(all, Blocked{Node: name})
		}
		b := &all[i]
		switch {
		case x.State == model.StateInDoubt:
			b.InDoubt++
			b.Locks += x.Locks
		case len(x.Behind) > 0:
			b.Behind++
		default:
			b.Other++
		}
	}
	return all
}

func (b Blocked) String() string {
	var parts []string
	add := func(n int, count, what string) {
		if n > 0 {
			parts = append(parts, count+what)
		}
	}
	add(b.InDoubt, fmt.Sprint(b.InDoubt), " in doubt")
	add(b.Locks, analysis.Count(b.Locks, "lock"), " held")
	add(b.Behind, fmt.Sprint(b.Behind), " waiting behind them")
	add(b.Other, fmt.Sprint(b.Other), " waiting for a word")
	return b.Node + ": " + strings.Join(parts, ", ")
}
