package model

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/seed83d86191/txsim/sim"
)

// Line is one trace record in the form in which people read it; all outputs,
// tests and diffs print records through it.
type Line struct {
	At     sim.Time
	Who    string // "C0", or "C0 → w4" for a message
	What   string // kind of message, record or note, or what happened
	About  string // the attempt
	Detail string
	Core   bool // belongs to the coordinators' log; the rest shows with --all
}

// Formatter makes lines of records.
type Formatter struct {
	Coordinators int
	Workers      int
	// ID gives the id of a transaction by its index; nil or an empty answer
	// prints t<index>.
	ID func(index uint64) string
	// CustomIDs says that transactions have ids of their own. One of them may read t<index>,
	// so a transaction that ID does not know is printed as #<index>, which is no id.
	CustomIDs bool
	// Names are those of the protocol's own kinds and reasons.
	Names
}

// LockLine returns the line of a LockEvent.
func (f *Formatter) LockLine(at sim.Time, e *LockEvent) Line {
	l := Line{At: at, Who: f.Node(e.Worker), About: f.Attempt(e.Attempt), Detail: "on " + QuoteWord(e.Key)}
	other := f.Attempt(e.Other)
	switch {
	case e.Kind == LockGranted:
		l.What, l.Detail = "granted", "lock "+l.Detail
	case e.Kind == LockRefused && e.Queued:
		l.What, l.Detail = "refused", l.Detail+", for which "+other+" waits"
	case e.Kind == LockRefused:
		l.What, l.Detail = "refused", l.Detail+", which "+other+" has locked"
	case other == "":
		l.What, l.Detail = "waits", l.Detail+" behind others that wait"
	default:
		l.What, l.Detail = "waits", "for "+other+" "+l.Detail
	}
	return l
}

// Append prints a line in aligned columns.
func (l *Line) Append(b []byte) []byte {
	b, _ = l.At.AppendText(b)
	b = append(b, "  "...)
	b = pad(b, l.Who, 9)
	b = pad(b, l.What, 10)
	b = pad(b, l.About, 7)
	b = append(b, l.Detail...)
	for len(b) > 0 && b[len(b)-1] == ' ' {
		b = b[:len(b)-1]
	}
	return append(b, '\n')
}

// Text is what Append prints, without the end of the line.
func (l *Line) Text() string { return strings.TrimSuffix(string(l.Append(nil)), "\n") }

// pad appends s and blanks up to a width counted in runes, and one more.
func pad(b []byte, s string, width int) []byte {
	b = append(b, s...)
	for n := len([]rune(s)); n < width; n++ {
		b = append(b, ' ')
	}
	return append(b, ' ')
}

// Node returns a node's name.
func (f *Formatter) Node(n sim.NodeID) string {
	switch {
	case n < 0:
		return ""
	case int(n) < f.Coordinators:
		return "C" + strconv.Itoa(int(n))
	case int(n) < f.Coordinators+f.Workers:
		return "w" + strconv.Itoa(int(n)-f.Coordinators)
	}
	return "client"
}

// Attempt prints t17 for the first attempt and t17#2 for the second. An id that
// would not read as one word, or as one without an attempt, is quoted: "order 17"#2.
// An unknown one is printed as Formatter.CustomIDs has it.
func (f *Formatter) Attempt(a Attempt) string {
	if a.Txn == 0 {
		return ""
	}
	id := ""
	if f.ID != nil {
		id = f.ID(a.Txn)
	}
	switch {
	case id != "":
		id = QuoteWord(id)
	case f.CustomIDs:
		id = "#" + strconv.FormatUint(a.Txn, 10)
	default:
		id = "t" + strconv.FormatUint(a.Txn, 10)
	}
	if a.Try > 1 {
		id += "#" + strconv.FormatUint(uint64(a.Try), 10)
	}
	return id
}

// Txn prints the name of a transaction, as Attempt does that of its first attempt.
func (f *Formatter) Txn(index uint64) string { return f.Attempt(Attempt{index, 1}) }

func (f *Formatter) coordinator(n sim.NodeID) bool { return n >= 0 && int(n) < f.Coordinators }

// Line formats a record.
func (f *Formatter) Line(r *sim.Record[Message]) Line {
	l := Line{At: r.At, Who: f.Node(r.Node), What: r.Op.String(), About: f.Attempt(AttemptOf(r.Label))}
	kind := f.Kind(r.Kind)
	switch r.Op {
	case sim.TraceSend:
		l.Who += " → " + f.Node(r.Peer)
		l.What = kind
		l.Core = f.coordinator(r.Node) && r.Kind != KindAnswer
		l.Detail = f.message(r.Kind, r.Message)
		if !l.Core {
			l.What = "send " + kind
		}
	case sim.TraceDeliver:
		l.Who = f.Node(r.Peer) + " → " + l.Who
		l.What = kind
		l.Core = f.coordinator(r.Node) && r.Kind != KindRequest && r.Kind != KindAsk
		l.Detail = f.message(r.Kind, r.Message)
		if !l.Core {
			l.What = "got " + kind
		}
	case sim.TraceLost:
		l.Who = f.Node(r.Peer) + " → " + l.Who
		l.Detail = kind + " " + sim.LossCause(r.Arg).String()
	case sim.TraceNote:
		l.What = kind
		l.Core = r.Kind != KindCommitted
		f.note(&l, r)
	case sim.TraceAppend:
		l.Detail = kind + " record, log at " + strconv.FormatUint(r.Arg, 10)
	case sim.TraceSync, sim.TraceSynced, sim.TraceTorn, sim.TraceTruncated, sim.TraceSyncFailed:
		l.Detail = "log at " + strconv.FormatUint(r.Arg, 10)
	case sim.TraceCrash, sim.TraceRestart, sim.TraceDead, sim.TracePause, sim.TraceResume, sim.TraceStopped:
		l.Core = f.coordinator(r.Node)
		if r.Op == sim.TraceCrash || r.Op == sim.TraceRestart {
			l.Detail = "life " + strconv.FormatUint(r.Arg, 10)
		}
	case sim.TraceCut, sim.TraceHeal:
		l.Who, l.Detail = "network", "partition "+strconv.FormatUint(r.Arg, 10)
	}
	return l
}

// Message names a message, and says what sets it apart from others of its kind.
func (f *Formatter) Message(kind sim.Kind, m *Message) string {
	return strings.TrimSpace(f.Kind(kind) + " " + f.message(kind, m))
}

// message is the detail of what was sent.
func (f *Formatter) message(kind sim.Kind, m *Message) string {
	return strings.TrimSpace(f.common(kind, m) + "  " + payload(m))
}

// common is what the fields say that are common to many messages.
func (f *Formatter) common(kind sim.Kind, m *Message) string {
	switch kind {
	case KindExecute:
		return plural(int(m.To-m.From), "op")
	case KindExecuted:
		if m.Vote == VoteNo {
			return f.vote(m)
		}
		return results(m)
	case KindVote:
		return f.vote(m)
	case KindAnswer:
		return strings.TrimSpace(m.Outcome.String() + " " + f.refusal(m))
	case KindDone:
		return f.outcome(m)
	case KindAck:
		if m.Outcome == Committed {
			return "commit"
		}
		return "abort"
	case KindCommit, KindAbort:
		if m.Presumed {
			return "presumed"
		}
	case KindWound:
		o := m.Obstacle().Get()
		return "for " + f.Attempt(o.Other) + " on " + QuoteWord(o.Key)
	}
	switch {
	case kind < KindUser:
		return ""
	case m.Outcome != Pending:
		return f.outcome(m)
	}
	return f.vote(m)
}

func (f *Formatter) outcome(m *Message) string {
	return strings.TrimSpace(m.Outcome.String() + " " + strings.TrimSpace(f.refusal(m)+" "+results(m)))
}

// vote is what a message votes, if it does, and the results that come with it.
func (f *Formatter) vote(m *Message) string {
	switch m.Vote {
	case VoteNo:
		return "no   " + f.refusal(m)
	case VoteRead:
		return strings.TrimSpace("read-only  " + results(m))
	case VoteYes:
		return strings.TrimSpace("yes  " + results(m))
	}
	return results(m)
}

// payload is what a protocol's own payload says.
func payload(m *Message) string {
	if _, ok := m.Payload.(*Obstacle); ok || m.Payload == nil {
		return ""
	}
	return m.Payload.String()
}

func (f *Formatter) refusal(m *Message) string {
	return strings.TrimSpace(f.Reason(m.Reason) + " " + f.obstacle(m.Obstacle()))
}

func (f *Formatter) obstacle(at *Obstacle) string {
	s, o := "", at.Get()
	if o.Key != "" {
		s = "on " + QuoteWord(o.Key)
	}
	if o.Other.Txn != 0 {
		s += " with " + f.Attempt(o.Other)
	}
	return s
}

// results prints what reads returned: key="value", or key=none.
func results(m *Message) string {
	var b []byte
	for i := range m.Reads {
		if i > 0 {
			b = append(b, ' ')
		}
		b = appendResult(b, m, &m.Reads[i])
	}
	return string(b)
}

// allResults prints the results of all workers: w4 key="value". They are in the order of
// the operations, since the order of their arrival means nothing.
func allResults(m *Message) string {
	var b []byte
	for i, r := range byOperation(m.Reads) {
		if i > 0 {
			b = append(b, ' ')
		}
		if m.Txn != nil {
			b = append(b, "w"+strconv.Itoa(m.Txn.Ops[r.Op].Worker)+" "...)
		}
		b = appendResult(b, m, &r)
	}
	return string(b)
}

func appendResult(b []byte, m *Message, r *ReadResult) []byte {
	if m.Txn != nil {
		b = append(b, QuoteWord(m.Txn.Ops[r.Op].Key)...)
	} else {
		b = append(b, "op "+strconv.Itoa(int(r.Op))...)
	}
	if r.Found {
		return strconv.AppendQuote(append(b, '='), r.Value)
	}
	return append(b, "=none"...)
}

// QuoteWord quotes what would not read as one word of a line: an id or a key with
// blanks, line ends, or characters that mean something there or do not print.
func QuoteWord(s string) string {
	bare := s != "" && !strings.ContainsAny(s, " \"=;#`")
	for _, r := range s {
		bare = bare && unicode.IsPrint(r)
	}
	if bare {
		return s
	}
	return strconv.Quote(s)
}

// note is the detail of what a node says of itself.
func (f *Formatter) note(l *Line, r *sim.Record[Message]) {
	m := r.Message
	if m == nil {
		return
	}
	switch r.Kind {
	case KindStart:
		l.Detail = plural(len(m.Txn.Ops), "op") + " on"
		for i, p := range m.Txn.Parts {
			if i == 8 {
				l.Detail += fmt.Sprintf(" and %d more", len(m.Txn.Parts)-i)
				break
			}
			l.Detail += " w" + strconv.Itoa(p.Worker)
		}
	case KindDecide:
		l.Detail = "commit"
		if m.Outcome != Committed {
			l.Detail = "abort"
		}
	case KindOutcome:
		if m.Outcome != Unknown && m.Outcome != Blocked { // which the client finds by itself
			l.Who = f.Node(m.Peer)
		}
		l.Detail = m.Outcome.String()
		if why := f.refusal(m); why != "" {
			l.Detail += " (" + why + ")"
		}
		l.Detail += "  " + millis(m.Lasted())
		if !m.Final {
			l.Detail += "  will retry"
		}
		if got := allResults(m); got != "" {
			l.Detail += "  " + got
		}
	case KindSuspect:
		l.About = f.Node(m.Peer)
		what := "ack of "
		if m.Vote == VoteYes {
			what = "answer on "
		}
		l.Detail = "no " + what + f.Attempt(m.Attempt) + " for " + m.Lasted().String()
	case KindRecover:
		l.About = f.Node(m.Peer)
		l.Detail = "heard again after " + millis(m.Lasted())
		if m.Peer == r.Node {
			l.Detail = plural(int(m.From), "attempt") + " open"
		}
	case KindFinding:
		l.Detail = "stopped: its log can not be read"
		if m.Attempt.Txn != 0 {
			l.Detail = "stopped: told a decision that cannot be"
		}
	default:
		l.Detail = payload(m)
	}
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// millis prints a latency with microseconds: 1.204ms.
func millis(d time.Duration) string {
	us := int64(d.Round(time.Microsecond) / time.Microsecond)
	return fmt.Sprintf("%d.%03dms", us/1000, us%1000)
}
