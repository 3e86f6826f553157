package fault

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios/input"
	"github.com/seed83d86191/txsim/scenarios/quantity"
	"github.com/seed83d86191/txsim/sim"
)

// Parse reads a line of a fault plan. An error is a *Error.
func Parse(line string) (Fault, error) {
	f, err := parse(line, nil)
	if err != nil {
		return Fault{}, err
	}
	return f, nil
}

// parser reads one line. It keeps the first error; after that, the results of its methods
// are meaningless.
type parser struct {
	words []token
	next  int
	end   int          // column after the last word
	own   *model.Names // of a protocol's own kinds; nil: it is not known yet
	err   *Error
}

func parse(line string, own *model.Names) (Fault, *Error) {
	p := &parser{words: tokens(line), end: len(strings.TrimRight(line, input.Blanks)) + 1, own: own}
	f := Fault{}
	class := p.take()
	switch f.class = class.text; f.class {
	case "crash", "pause", "hang":
		p.nodeFault(&f)
	case "slow", "slow-disk", "full-disk":
		p.windowFault(&f)
	case "fail-sync", "lose-sync", "corrupt":
		p.deviceFault(&f)
	case "drop", "delay", "duplicate":
		p.messageFault(&f)
	case "partition":
		p.partition(&f)
	case "tear":
		f.who, f.trig = p.node(false), always
	case "skew":
		p.skewFault(&f)
	default:
		p.unknown(class, "fault", Classes())
	}
	p.repetition(&f)
	if w := p.peek(); w.text != "" {
		p.fail(w, "unexpected %s: the line should end here", found(w))
	}
	return f, p.err
}

func (p *parser) fail(w token, format string, args ...any) {
	if p.err == nil {
		p.err = &Error{-1, w.column, fmt.Sprintf(format, args...)}
	}
}

// unknown reports a word that should be one of a list.
func (p *parser) unknown(w token, what string, known []string) {
	if w.text == "" {
		p.fail(w, "missing %s: expected one of %s", what, strings.Join(known, ", "))
		return
	}
	hint := ""
	if near := nearest(w.text, known); near != "" {
		hint = "did you mean " + near + "? "
	}
	p.fail(w, "unknown %s %s: %sexpected one of %s", what, found(w), hint, strings.Join(known, ", "))
}

// nearest is input.Nearest for words that are short enough to be a slip.
func nearest(word string, known []string) string {
	if len(word) > 20 {
		return ""
	}
	return input.Nearest(word, known)
}

// peek returns the next word; at the end of the line an empty one.
func (p *parser) peek() token {
	if p.next < len(p.words) {
		return p.words[p.next]
	}
	return token{"", p.end}
}

func (p *parser) take() token {
	w := p.peek()
	p.next++
	return w
}

func (p *parser) oneOf(what string, known []string) string {
	w := p.take()
	if !slices.Contains(known, w.text) {
		p.unknown(w, what, known)
	}
	return w.text
}

// expect reads a word that must stand here.
func (p *parser) expect(word, before string) {
	if w := p.take(); w.text != word {
		p.fail(w, "expected %q and %s, found %s", word, before, found(w))
	}
}

func (p *parser) nodeFault(f *Fault) {
	f.who = p.node(true)
	if i := slices.Index(tailWords, p.peek().text); i >= 0 && f.class == "crash" {
		f.tail = sim.Tail(i + 1)
		p.next++
	}
	switch w := p.peek(); {
	case p.timed(f):
	case w.text == "before" || w.text == "after":
		if !f.who.one() {
			p.fail(w, "a boundary is of one node, such as w3: %s can be hit at a time, by chance or by rate", f.who)
		}
		f.trig = aimed
		p.boundary(f)
		p.aim(f)
	case startsNumber(w.text):
		p.chance(f)
		switch w := p.peek(); w.text {
		case "before", "after":
			f.trig = atPassing
			p.boundary(f)
		case "on":
			p.next++
			f.trig = inStep
			f.step = p.oneOf("step", Steps())
		default:
			p.fail(w, `expected "on" and prepare, commit or abort, or a boundary such as "after send vote"; found %s`, found(w))
		}
	default:
		p.fail(w, "expected when: at TIME, before or after a step, 2%% on prepare, or rate 0.01/s; found %s", found(w))
	}
	p.duration(f)
}

func startsNumber(s string) bool { return s != "" && strings.IndexByte("0123456789.+-", s[0]) >= 0 }

// boundary reads "before send vote" and the like.
func (p *parser) boundary(f *Fault) {
	after := p.take().text == "after"
	action := p.oneOf("action", actions())
	f.point = pointOf(action)
	switch any := f.trig == atPassing && p.peek().text == anyKind; {
	case f.point == sim.BeforeStep:
		f.kind = action
	case f.point >= sim.BeforeCheckpoint:
		switch w := p.peek(); {
		case f.trig == atPassing:
			p.fail(w, "a %s is about no transaction, and hit by its number: crash w3 after %[1]s #1", action)
		case w.text == "of":
			p.fail(w, "a %s is about no transaction: expected which one, such as #1", action)
		}
	case any:
		f.kind = p.take().text
	case f.point <= sim.AfterReceive:
		f.kind = p.kind("message kind", messageKinds)
	default:
		f.kind = p.kind("record kind", recordKinds)
	}
	if after {
		f.point++
	}
}

// aim reads which message or record is meant: "#3", "of t17#1" or "of t17#1 #2".
func (p *parser) aim(f *Fault) {
	if p.peek().text == "of" {
		p.next++
		p.attempt(f)
		f.n = 1
		if !strings.HasPrefix(p.peek().text, "#") {
			return
		}
	}
	w := p.take()
	digits, ok := strings.CutPrefix(w.text, "#")
	if !ok {
		p.fail(w, "expected which one: #1 for the first, or of t17#1; found %s", found(w))
		return
	}
	n, err := strconv.ParseUint(digits, 10, 64)
	if err != nil || n == 0 {
		p.fail(w, "%s must be a count from #1", found(w))
	}
	f.n = n
}

func (p *parser) messageFault(f *Fault) {
	if startsNumber(p.peek().text) {
		f.trig = onLink
		p.chance(f)
	} else {
		f.trig = aimed
	}
	f.point = sim.BeforeSend
	if w := p.peek(); slices.Contains(clientKinds, w.text) {
		p.fail(w, "%s goes between a client and its coordinator, over a connection that loses nothing: crash or pause the coordinator, or name one of %s",
			w.text, strings.Join(linkKinds, ", "))
	}
	known := linkKinds
	if f.trig == onLink {
		known = append(slices.Clip(known), anyKind)
	}
	f.kind = p.kind("message kind", known)
	if w := p.peek(); f.trig == aimed || !slices.Contains([]string{"", "by", "late"}, w.text) {
		p.link(f)
	}
	if f.trig == aimed {
		p.aim(f)
	}
	if f.class == "duplicate" && p.peek().text == "late" {
		p.next++
		f.late = true
	}
	if f.class == "delay" || f.late {
		p.expect("by", "a duration")
		f.by = p.dist()
	}
}

func (p *parser) link(f *Fault) {
	f.linked = true
	f.who = p.node(false)
	if w := p.take(); w.text != "->" && w.text != "→" {
		p.fail(w, "expected a link such as C0→w9, found %s", found(w))
	}
	at := p.peek()
	if f.peer = p.node(false); f.peer.class == f.who.class && f.peer.index == f.who.index {
		p.fail(at, "a link has two ends")
	}
}

func (p *parser) partition(f *Fault) {
	f.a = p.side("|", "->", "→")
	w := p.take()
	f.oneWay = w.text != "|"
	f.b = p.side("at")
	if p.err == nil && f.a[0].class == allOthers && f.b[0].class == allOthers {
		p.fail(token{column: f.b[0].column}, `"*" stands for all others: one side must name nodes`)
	}
	p.time(f)
	p.duration(f)
}

// side reads nodes up to one of the words.
func (p *parser) side(ends ...string) []Node {
	var nodes []Node
	for !slices.Contains(ends, p.peek().text) {
		w := p.peek()
		switch {
		case w.text == "":
			p.fail(w, "expected %s or another node", input.Or(ends))
			return nodes
		case w.text == "*":
			p.next++
			nodes = append(nodes, Node{allOthers, 0, w.column})
		default:
			nodes = append(nodes, p.node(true))
		}
		if p.err == nil && len(nodes) > 1 && (nodes[0].class == allOthers || w.text == "*") {
			p.fail(w, `"*" stands alone on its side`)
		}
	}
	if len(nodes) == 0 {
		p.fail(p.peek(), "expected nodes such as w1 w2 or *, found %s", found(p.peek()))
	}
	return nodes
}

// windowFault reads a fault that changes a node for a while.
func (p *parser) windowFault(f *Fault) {
	f.who = p.node(true)
	if c := f.who.class; f.class == "full-disk" && (c == oneCoordinator || c == allCoordinators) {
		p.fail(token{column: f.who.column}, "expected a worker such as w3, or workers: a coordinator keeps room for what it has to log")
	}
	if f.slows() {
		w := p.take()
		digits, ok := strings.CutPrefix(w.text, "x")
		n, err := strconv.Atoi(digits)
		if !ok || err != nil || n < 1 || n > maxSlow {
			p.fail(w, "expected how many times slower: x1 to x%d; found %s", maxSlow, found(w))
		}
		f.factor = n
	}
	if !p.timed(f) {
		p.fail(p.peek(), "expected when: at TIME or rate 0.01/s; found %s", found(p.peek()))
	}
	p.duration(f)
}

// deviceFault reads a fault of a sync or a record.
func (p *parser) deviceFault(f *Fault) {
	f.who = p.node(true)
	f.point = sim.BeforeSync
	if f.class == "corrupt" {
		f.point = sim.AfterSync
	}
	switch w := p.peek(); {
	case f.class != "corrupt" && p.timed(f):
	case startsNumber(w.text):
		f.trig = onDevice
		p.chance(f)
		if next := p.peek().text; next != "" && next != "for" && next != "forever" {
			f.kind = p.kind("record kind", recordKinds)
		}
	default:
		if !f.who.one() {
			p.fail(w, "expected a chance such as 0.1%%: what it aims at is of one node, such as w3; found %s", found(w))
		}
		f.trig = aimed
		if !strings.HasPrefix(w.text, "#") {
			f.kind = p.kind("record kind", recordKinds)
		}
		p.aim(f)
	}
	if f.lasts() {
		p.duration(f)
	}
}

// timed reads "at 1s" or "rate 0.01/s", if that is what comes next.
func (p *parser) timed(f *Fault) bool {
	switch p.peek().text {
	case "at":
		p.time(f)
	case "rate":
		p.next++
		f.trig = atRate
		p.rate(f)
	default:
		return false
	}
	return true
}

// minEvery is the smallest interval of repetition, so that a fault does not fill the run.
const minEvery = time.Microsecond

// repetition reads "every 10s" and "until 1m".
func (p *parser) repetition(f *Fault) {
	w := p.peek()
	if w.text != "every" {
		return
	}
	p.next++
	if f.trig != timed || f.forever {
		p.fail(w, `only what strikes "at" a time, and not forever, can come again`)
	}
	v := p.take()
	d, err := time.ParseDuration(v.text)
	switch {
	case err != nil || d < minEvery:
		p.fail(v, "expected a duration of at least %s, found %s", sim.DurationText(minEvery), found(v))
	case quantity.IsConstant(&f.dur) && d <= f.dur.Sample(0):
		p.fail(v, "expected a duration of more than the %s that it lasts, found %s", f.dur.String(), found(v))
	}
	f.every = d
	if p.peek().text != "until" {
		return
	}
	p.next++
	v = p.take()
	if f.until, err = time.ParseDuration(v.text); err != nil || f.until <= f.at {
		p.fail(v, "expected a time behind %s, found %s", sim.DurationText(f.at), found(v))
	}
}

const maxSlow = 1_000_000

func (p *parser) skewFault(f *Fault) {
	f.who, f.trig = p.node(true), always
	p.expect("by", "a duration")
	w := p.take()
	d, err := time.ParseDuration(w.text)
	if err != nil || d.Abs() > maxSkew {
		p.fail(w, "expected a duration such as 30ms or -30ms, at most %s; found %s", sim.DurationText(maxSkew), found(w))
	}
	f.skew = d
}

const maxSkew = time.Hour
