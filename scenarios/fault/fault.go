package fault

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// Fault is one line of a fault plan, in one of the forms of Help. String
// prints it as Parse reads it.
type Fault struct {
	class  string // the kind of fault: the first word of its line
	trig   trigger
	who    Node // of a message fault: the sender
	peer   Node // of a message fault: the receiver
	linked bool // whether a message fault names its link

	a, b   []Node // the sides of a partition
	oneWay bool

	at    time.Duration
	every time.Duration // interval of repetition; 0: once
	until time.Duration // when repetition ends; 0: when faults end
	point sim.Point
	kind  string   // kind of the message or record, or name of the step; "" if the boundary has none
	tail  sim.Tail // of a crash
	n     uint64   // the #n; 0 is none
	of    string   // id of the transaction that is struck …
	try   uint32   // … and attempt; 0 is none

	chance string // as written …
	p      sim.Probability
	step   string
	rate   string // as written …
	gap    sim.Dist

	factor  int
	by      sim.Dist // of a delay; or, if late, of the second copy of a duplicate
	late    bool
	skew    time.Duration
	dur     sim.Dist
	forever bool
}

// trigger is what makes a fault strike.
type trigger uint8

const (
	timed     trigger = iota
	aimed             // at one passing of a boundary
	inStep            // by chance, in a step
	atPassing         // by chance, each time that a boundary is passed
	atRate            // by chance, in time
	onLink            // by chance, on a message
	onDevice          // by chance, in a sync or on a record
	always            // from the beginning
)

// Node is a node, or a class of nodes.
type Node struct {
	class  nodeClass
	index  int
	column int // its column in the line, from 1
}

type nodeClass uint8

const (
	oneCoordinator nodeClass = iota
	oneWorker
	allCoordinators
	allWorkers
	allOthers
)

func (n Node) one() bool { return n.class <= oneWorker }

func (n Node) String() string {
	switch n.class {
	case oneCoordinator:
		return "C" + strconv.Itoa(n.index)
	case oneWorker:
		return "w" + strconv.Itoa(n.index)
	case allCoordinators:
		return "coordinators"
	case allWorkers:
		return "workers"
	}
	return "*"
}

// Class returns the kind of fault: the first word of its line.
func (f Fault) Class() string { return f.class }

// String prints the line in its canonical form.
func (f Fault) String() string {
	words := []string{f.class}
	add := func(w ...string) { words = append(words, w...) }
	switch {
	case f.class == "partition":
		add(f.sides()...)
	case f.message():
		if f.trig == onLink {
			add(f.chance)
		}
		add(f.kind)
		if f.linked {
			add(f.who.String() + "→" + f.peer.String())
		}
	default:
		add(f.who.String())
	}
	if f.tail != sim.TailDrawn {
		add(tailWords[f.tail-1])
	}
	if f.slows() {
		add("x" + strconv.Itoa(f.factor))
	}
	add(f.when()...)
	switch {
	case f.class == "delay":
		add("by", f.by.String())
	case f.late:
		add("late", "by", f.by.String())
	case f.class == "skew":
		add("by", sim.DurationText(f.skew))
	case !f.lasts():
	case f.forever:
		add("forever")
	default:
		add("for", f.dur.String())
	}
	if f.every > 0 {
		add("every", sim.DurationText(f.every))
	}
	if f.until > 0 {
		add("until", sim.DurationText(f.until))
	}
	return strings.Join(words, " ")
}

// when prints what makes the fault strike.
func (f *Fault) when() []string {
	switch f.trig {
	case timed:
		return []string{"at", sim.DurationText(f.at)}
	case inStep:
		return []string{f.chance, "on", f.step}
	case atPassing:
		return append([]string{f.chance}, boundaryWords(f.point, f.kind)...)
	case atRate:
		return []string{"rate", f.rate}
	case onDevice:
		return strings.Fields(f.chance + " " + f.kind)
	case aimed:
		aim := f.aim()
		switch {
		case f.message():
		case f.device():
			aim = append(strings.Fields(f.kind), aim...)
		default:
			aim = append(boundaryWords(f.point, f.kind), aim...)
		}
		return aim
	}
	return nil
}

// message reports whether the fault strikes a message, not a node.
func (f *Fault) message() bool {
	return f.class == "drop" || f.class == "delay" || f.class == "duplicate"
}

// device reports whether the fault strikes a sync or a record.
func (f *Fault) device() bool {
	return f.class == "fail-sync" || f.class == "lose-sync" || f.class == "corrupt"
}

// slows reports whether the fault has a factor.
func (f *Fault) slows() bool { return f.class == "slow" || f.class == "slow-disk" }

// lasts reports whether the line says for how long.
func (f *Fault) lasts() bool {
	switch f.class {
	case "lose-sync", "corrupt", "tear", "skew":
		return false
	}
	return !f.message()
}

// sides prints the sides of a partition.
func (f *Fault) sides() []string {
	var words []string
	for _, n := range f.a {
		words = append(words, n.String())
	}
	if f.oneWay {
		words = append(words, "->")
	} else {
		words = append(words, "|")
	}
	for _, n := range f.b {
		words = append(words, n.String())
	}
	return words
}

// aim prints which message or record is struck.
func (f *Fault) aim() []string {
	var words []string
	if f.try > 0 {
		words = append(words, "of", Attempt(f.of, f.try))
	}
	if f.n > 0 && !(f.try > 0 && f.n == 1) {
		words = append(words, "#"+strconv.FormatUint(f.n, 10))
	}
	return words
}

// quoteID quotes an id that would not read as one word.
func quoteID(id string) string {
	plain := id != "" && !strings.Contains(id, "->")
	for i := 0; i < len(id) && plain; i++ {
		c := id[i]
		plain = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-_./:@+", c) >= 0
	}
	if plain {
		return id
	}
	return strconv.Quote(id)
}

// Plan is what goes wrong in a run, in the order of its lines.
type Plan []Fault

// ParsePlan reads the lines of a plan. An error is a *Error. Kinds that lines call by the
// name that a protocol gives them are not looked up: a plan with such a line prints, but
// strikes nothing there.
func ParsePlan(lines []string) (Plan, error) { return parsePlan(lines, nil) }

// ParsePlanOf is ParsePlan for a protocol with these names. The plan prints without them.
func ParsePlanOf(own model.Names, lines []string) (Plan, error) { return parsePlan(lines, &own) }

func parsePlan(lines []string, own *model.Names) (Plan, error) {
	p := slices.Grow(Plan(nil), len(lines))
	for i, line := range lines {
		f, err := parse(line, own)
		if err != nil {
			err.Index = i
			return nil, err
		}
		p = append(p, f)
	}
	return p, nil
}

// Lines prints the plan, for ParsePlan.
func (p Plan) Lines() []string {
	var lines []string
	for _, f := range p {
		lines = append(lines, f.String())
	}
	return lines
}

// First returns when the first fault with a given time begins, leaving out those at the
// very beginning; 0 if there is none.
func (p Plan) First() time.Duration {
	first := time.Duration(0)
	for i := range p {
		f := &p[i]
		at := f.at
		if at == 0 {
			at = f.every
		}
		if f.trig == timed && at > 0 && (first == 0 || at < first) {
			first = at
		}
	}
	return first
}

// Classes returns the kinds of fault in the plan, each once, in order of appearance.
func (p Plan) Classes() []string {
	var classes []string
	for _, f := range p {
		if !slices.Contains(classes, f.Class()) {
			classes = append(classes, f.Class())
		}
	}
	return classes
}

// Error says what is wrong with a line of a plan.
type Error struct {
	Index  int // of the line in its plan, from 0; -1 outside one
	Column int // in bytes, from 1
	Text   string
}

func (e *Error) Error() string {
	where := ""
	if e.Index >= 0 {
		where = "faults[" + strconv.Itoa(e.Index) + "]: "
	}
	return where + "column " + strconv.Itoa(e.Column) + ": " + e.Text
}
