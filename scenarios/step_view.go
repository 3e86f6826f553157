package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// Node prints the state of a node: its log, attempts, staged writes, locks, store and
// timers.
func (s *Stepper) Node(n sim.NodeID) []string {
	w := s.cluster.World
	st := w.Status(n)
	state := fmt.Sprintf("up, life %d", st.Life)
	switch {
	case st.Dead:
		state = "dead"
	case !st.Up:
		state = fmt.Sprintf("down, next life %d", st.Life)
	case st.Paused:
		state = fmt.Sprintf("paused, life %d", st.Life)
	}
	lines := []string{w.Name(n) + "  " + state}
	add := func(head, text string) { lines = append(lines, fmt.Sprintf("  %-9s %s", head, text)) }
	if st.Checkpoint > 0 {
		add("log", fmt.Sprintf("checkpoint of %d bytes", st.Checkpoint))
	}
	for r := range w.Log(n) {
		safe := "in memory"
		switch {
		case r.End() <= st.Durable:
			safe = "durable"
		case st.Syncing && r.End() <= st.Reach:
			safe = "being synced"
		}
		add("log", fmt.Sprintf("%-10s %-6s %s", s.format.Kind(r.Kind), s.format.Attempt(model.AttemptOf(r.Label)), safe))
	}
	v, ok := s.cluster.Viewer(n)
	if ok {
		for _, line := range s.view(v.View()) {
			add(line[0], line[1])
		}
	} else {
		for _, text := range s.held(n) {
			add("open", text)
		}
	}
	for _, p := range w.Pending() {
		switch {
		case p.Node != n:
		case p.Waits != sim.NoWait:
			add("waiting", s.pending(&p))
		case p.Served:
			add("core", fmt.Sprintf("until %s  %s", p.At, s.pending(&p)))
		case p.Op == sim.InputTimer:
			text := ""
			if ok {
				a, what := v.Timer(p.Token)
				text = strings.TrimSpace(s.format.Attempt(a) + " " + what)
			}
			add("timer", strings.TrimRight(fmt.Sprintf("at %s  %s", p.At, text), " "))
		}
	}
	return lines
}

// held prints what a node that shows no more of itself says that it holds on to.
func (s *Stepper) held(n sim.NodeID) (lines []string) {
	open, excused := s.cluster.Residue()
	for _, r := range append(open, excused...) {
		if r.Node != n {
			continue
		}
		text := s.format.Attempt(r.Attempt) + " " + r.State
		if r.Locks > 0 {
			text += ", " + analysis.Count(r.Locks, "lock")
		}
		for i, a := range r.Awaits {
			text += []string{", awaiting ", " "}[min(i, 1)] + s.format.Node(a)
		}
		lines = append(lines, text)
	}
	return lines
}

// view prints the state of a node, with a word for each kind of thing.
func (s *Stepper) view(v model.NodeView) (lines [][2]string) {
	add := func(head, text string) { lines = append(lines, [2]string{head, text}) }
	for _, o := range v.Open {
		text := s.format.Attempt(o.Attempt) + " " + o.State
		for _, p := range o.Parts {
			text += "; " + p.Text(s.format)
		}
		add("open", text)
		if len(o.Staged) > 0 {
			add("staged", s.format.Attempt(o.Attempt)+" "+o.Writes())
		}
	}
	for _, o := range v.Finished {
		add("finished", s.format.Attempt(o.Attempt)+" "+o.State)
	}
	for _, l := range v.Locks {
		add("lock", l.Text(s.format))
	}
	for _, it := range v.Store {
		add("store", it.Text(s.format))
	}
	for _, n := range v.Notes {
		add("note", strings.TrimSpace(s.format.Attempt(n.Attempt)+s.format.Node(n.Node)+" "+n.Text))
	}
	return lines
}

// Pending prints the events that have yet to take place: all, only messages in flight, or
// only those that could be next.
func (s *Stepper) Pending(which string) []string {
	var lines []string
	for _, p := range s.cluster.World.Pending() {
		if which == "inflight" && p.Op != sim.InputMessage || which == "enabled" && !p.Enabled {
			continue
		}
		at := p.At.String()
		if p.Waits != sim.NoWait {
			at = "waiting    " // as wide as a time
		}
		lines = append(lines, at+"  "+s.pending(&p))
	}
	return lines
}

// Waiting prints the last event if its node has not handled it yet: it has arrived, and is
// served or waits for its turn. Otherwise Waiting is "".
func (s *Stepper) Waiting() string {
	last := &s.last
	if len(s.lines) > 0 || s.at == 0 || last.Served {
		return ""
	}
	for _, p := range s.cluster.World.Pending() {
		if (p.Served || p.Waits != sim.NoWait) && p.Op == last.Op && p.Node == last.Node && p.Token == last.Token && p.Msg == last.Msg {
			return fmt.Sprintf("%s  %s", last.At, s.pending(&p))
		}
	}
	return ""
}

// pending prints an event and what it waits for.
func (s *Stepper) pending(p *sim.Pending[model.Message]) string {
	text := s.event(p)
	switch {
	case p.Served:
		text += ", on a core"
	case p.Waits == sim.WaitsCore:
		text += ", waits for a core"
	case p.Waits == sim.WaitsPause:
		text += ", waits for the end of a pause"
	}
	return text
}

func (s *Stepper) event(p *sim.Pending[model.Message]) string {
	name := s.format.Node(p.Node)
	switch p.Op {
	case sim.InputMessage:
		return fmt.Sprintf("%s → %s  %s  %s", s.format.Node(p.From), name, s.format.Message(p.Mail.Kind, p.Msg), s.format.Attempt(p.Msg.Attempt))
	case sim.InputTimer:
		text := name + "  timer"
		if v, ok := s.cluster.Viewer(p.Node); ok {
			a, what := v.Timer(p.Token)
			text += "  " + strings.TrimSpace(s.format.Attempt(a)+" "+what)
		}
		return text
	case sim.InputPlanned:
		return "a fault begins or ends"
	}
	return name + "  " + pendingText[p.Op]
}

var pendingText = map[sim.InputOp]string{
	sim.InputSync: "its log is synced", sim.InputSynced: "hears that its log is synced",
	sim.InputRestart: "restarts", sim.InputResume: "goes on after its pause", sim.InputCrash: "crashes",
}

// Kinds returns the kinds that one can look for: of messages, log records and notes, and of
// what else can happen to a node, in the words of the log. A protocol's own kinds have the
// names that it gives them and are otherwise user, user+1 and so on, of which this lists
// the first.
func (s *Stepper) Kinds() []string {
	all := append(model.KindNames()[1:], s.format.Names.Kinds...)
	all = append(all, model.KindName(model.KindUser))
	for op := sim.TraceLost; op <= sim.TraceSyncFailed; op++ {
		if op != sim.TraceNote { // a note is found by its kind
			all = append(all, op.String())
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// OfKind reports whether a record is of a kind.
func (s *Stepper) OfKind(r *sim.Record[model.Message], kind string) bool {
	return r.Op.String() == kind || r.Kind != 0 && (s.format.Kind(r.Kind) == kind || model.KindName(r.Kind) == kind)
}
