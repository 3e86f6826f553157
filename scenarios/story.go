package scenarios

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// Story is what happened in a run up to a finding, restricted to the transactions that the
// finding names, or of all transactions if they are few.
type Story struct {
	Finding analysis.Finding
	events  []storyEvent
	omitted int          // events left out after the first storyHead, besides repeats
	behind  int          // events after the finding, which are left out
	nodes   []sim.NodeID // the nodes that take part, in order
	format  model.Formatter
}

// storyEvent is one record of a story.
type storyEvent struct {
	line       model.Line
	op         sim.TraceOp
	node, peer sim.NodeID
	kind       string
	copy       bool // of a delivery or a loss: of a message that came twice
	repeats    int  // events left out before it because they only repeat earlier ones
}

// storyAll is up to how many transactions a story is about all of them.
const storyAll = 8

// A longer story keeps this many events at its beginning, and this many that lead to the
// finding.
const (
	storyHead = 50
	storyTail = 350
)

// Tell runs the job with its seed, and returns the story of the finding that it expects, or
// of its first finding.
func (j *Job) Tell(ctx context.Context) (*Story, error) {
	names, err := j.allNames()
	if err != nil {
		return nil, err
	}
	t := &teller{job: j, few: j.Transactions() <= storyAll, audit: j.protocol.Promises().Grammar.AuditKinds(), format: *j.formatter(&names)}
	r, err := j.Run(ctx, Options{Seed: j.s.Seed, Tracer: t})
	if err != nil {
		return nil, err
	}
	if r.End.Status == sim.Interrupted {
		return nil, ctx.Err()
	}
	f := r.expected(j.s.Expect.Finding)
	if f == nil && len(r.Findings) > 0 {
		f = &r.Findings[0]
	}
	if f == nil {
		return nil, errors.New("there is no finding to tell of")
	}
	return t.story(f), nil
}

// teller is a tracer that keeps the records a story may need.
type teller struct {
	job    *Job
	few    bool
	format model.Formatter
	events []storyEvent
	labels []sim.Label
	audit  []sim.Kind // kinds of a coordinator's audit records, which only repeat its notes
}

// maxTold bounds what a teller keeps of a long run.
const maxTold = 1 << 20

// Trace implements sim.Tracer.
func (t *teller) Trace(r *sim.Record[model.Message]) {
	client := t.job.s.client()
	switch r.Op {
	case sim.TraceSync, sim.TraceTimer, sim.TraceTruncated:
		return
	case sim.TraceAppend:
		if t.format.Node(r.Node)[0] == 'C' && slices.Contains(t.audit, r.Kind) {
			return
		}
	}
	asked := r.Peer == client && r.Op == sim.TraceDeliver
	if len(t.events) == maxTold || r.Peer == client && !asked || r.Node == client && r.Op != sim.TraceNote {
		return
	}
	e := storyEvent{line: t.format.Line(r), kind: t.format.Kind(r.Kind), op: r.Op, node: r.Node, peer: r.Peer,
		copy: r.Copy && (r.Op == sim.TraceDeliver || r.Op == sim.TraceLost)}
	if r.Op == sim.TraceNote && r.Node == client {
		e.node = r.Message.Peer // shown as sent by the coordinator that answered
	}
	t.events, t.labels = append(t.events, e), append(t.labels, r.Label)
}

// arrivals returns the sends whose messages had arrived or were lost by a time: the story has
// the arrivals in their place. A second copy of a message is not counted as another message.
func (t *teller) arrivals(until sim.Time) map[int]bool {
	type link struct {
		from, to sim.NodeID
		kind     string
		label    sim.Label
	}
	under := map[link][]int{}
	told := map[int]bool{}
	for i := range t.events {
		e := &t.events[i]
		switch {
		case e.line.At > until:
			return told
		case e.op == sim.TraceSend:
			l := link{e.node, e.peer, e.kind, t.labels[i]}
			under[l] = append(under[l], i)
		case e.copy:
		case e.op == sim.TraceDeliver || e.op == sim.TraceLost:
			l := link{e.peer, e.node, e.kind, t.labels[i]}
			if u := under[l]; len(u) > 0 {
				told[u[0]] = true
				under[l] = u[1:]
			}
		}
	}
	return told
}

// story selects the records that the finding is about.
func (t *teller) story(f *analysis.Finding) *Story {
	s := &Story{Finding: *f, format: t.format}
	named := map[string]bool{}
	for _, id := range f.IDs() {
		named[model.QuoteWord(id)] = true
	}
	mine := func(l sim.Label) bool {
		return t.few || len(named) == 0 || named[t.format.Txn(model.AttemptOf(l).Txn)]
	}
	client := t.job.s.client()
	part := map[sim.NodeID]bool{}
	for i, e := range t.events {
		if t.labels[i] != 0 && mine(t.labels[i]) {
			part[e.node] = true
			if e.peer >= 0 {
				part[e.peer] = true
			}
		}
	}
	isAbout := func(i int) bool {
		e := &t.events[i]
		return t.labels[i] != 0 && mine(t.labels[i]) || t.labels[i] == 0 && (part[e.node] || e.node < 0)
	}
	until := t.until(f, isAbout)
	arrived := t.arrivals(until)
	for i, e := range t.events {
		switch {
		case e.peer == client && f.Invariant != analysis.InvOneOutcome: // the coordinator's notes tell it
		case !isAbout(i) || arrived[i] || e.op == sim.TraceSynced && !t.follows(i):
		case e.line.At > until:
			if e.op != sim.TraceSend {
				s.behind++
			}
		default:
			s.events = append(s.events, e)
		}
	}
	s.events = withoutRepeats(s.events)
	if n := len(s.events) - storyHead - storyTail; n > 0 {
		for _, e := range s.events[storyHead : storyHead+n] {
			s.omitted += 1 + e.repeats
		}
		s.events = slices.Delete(s.events, storyHead, storyHead+n)
	}
	for n := range client + 1 {
		if part[n] && (n != client || f.Invariant == analysis.InvOneOutcome) {
			s.nodes = append(s.nodes, n)
		}
	}
	return s
}

// until returns when the story ends: at the finding or, if only the end of the run shows that,
// at the last event that the finding is about. A sync is not such an event: it may be for
// other transactions.
func (t *teller) until(f *analysis.Finding, about func(i int) bool) sim.Time {
	if !f.AtEnd {
		return f.At
	}
	for i := len(t.events) - 1; i >= 0; i-- {
		if about(i) && (t.labels[i] != 0 || t.events[i].op != sim.TraceSynced) {
			return t.events[i].line.At
		}
	}
	return f.At
}

// storyTold is how often something is told before it is a repeat, and storyContext how many
// repeats are told before what is new.
const (
	storyTold    = 2
	storyContext = 2
)

// withoutRepeats leaves out what only repeats what was told before: nodes ask and re-send
// for as long as nobody answers.
func withoutRepeats(events []storyEvent) (kept []storyEvent) {
	seen, run := map[string]int{}, 0 // run is how many of the last ones kept are repeats
	shorten := func() {
		if n := run - storyContext; n > storyContext {
			first := len(kept) - run
			kept = slices.Delete(kept, first, first+n)
			kept[first].repeats = n
		}
		run = 0
	}
	for _, e := range events {
		what := e.repeated()
		if seen[what]++; seen[what] > storyTold {
			run++
		} else {
			shorten()
		}
		kept = append(kept, e)
	}
	shorten()
	return kept
}

// repeated returns what is the same in all repetitions of an event. The time is not, nor are
// the numbers in its details, unless it is about a message.
func (e *storyEvent) repeated() string {
	detail := e.line.Detail
	if e.op != sim.TraceDeliver && e.op != sim.TraceSend {
		detail = strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' {
				return -1
			}
			return r
		}, detail)
	}
	return strings.Join([]string{e.line.Who, e.line.What, e.line.About, detail}, "\x00")
}

// follows reports whether a record of the node was appended since its log was
// last durable.
func (t *teller) follows(i int) bool {
	node := t.events[i].node
	for i--; i >= 0; i-- {
		if e := &t.events[i]; e.node == node {
			switch e.op {
			case sim.TraceAppend:
				return true
			case sim.TraceSynced:
				return false
			}
		}
	}
	return false
}

// Text prints the story: what is violated, the log of the nodes that take part, and the
// records that show it.
func (s *Story) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n", s.Finding)
	for i := range s.events {
		for _, gap := range s.gaps(i) {
			b.WriteString(gap + "\n")
		}
		b.Write(s.events[i].line.Append(nil))
	}
	if s.behind > 0 {
		fmt.Fprintf(&b, "… %s behind the finding\n", analysis.Count(s.behind, "record"))
	}
	if s.Finding.AtEnd {
		fmt.Fprintf(&b, "\n%s: nothing was left to come that could mend it\n", seen(&s.Finding, false))
	}
	if len(s.Finding.Records) > 0 {
		b.WriteString("\nwhat shows it:\n")
		for _, r := range foldRepeats(s.Finding.Records) {
			b.WriteString("  " + r + "\n")
		}
	}
	return b.String()
}

// varies is what differs between records that repeat each other: their time, and where the log
// ends.
var varies = regexp.MustCompile(`^[0-9.]+ |log at [0-9]+$`)

// foldRepeats leaves the first and the last of more than three records in a row that say the
// same.
func foldRepeats(records []string) []string {
	var all []string
	for from, to := 0, 0; from < len(records); from = to {
		same := varies.ReplaceAllString(records[from], "")
		for to = from; to < len(records) && varies.ReplaceAllString(records[to], "") == same; {
			to++
		}
		if to-from <= 3 {
			all = append(all, records[from:to]...)
			continue
		}
		all = append(all, records[from], fmt.Sprintf("… %s left out here, nothing but repeats", analysis.Count(to-from-2, "record")), records[to-1])
	}
	return all
}

// gaps returns a line for each way in which something is left out before the i-th event.
func (s *Story) gaps(i int) (gaps []string) {
	if i == storyHead && s.omitted > 0 {
		gaps = append(gaps, fmt.Sprintf("… %s left out here", analysis.Count(s.omitted, "record")))
	}
	if n := s.events[i].repeats; n > 0 {
		gaps = append(gaps, fmt.Sprintf("… %s left out here, nothing but repeats", analysis.Count(n, "record")))
	}
	return gaps
}
