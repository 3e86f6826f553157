package scenarios

import (
	"strconv"
	"strings"
	"time"

	"github.com/seed83d86191/txsim/sim"
)

// historyLine is a parsed record of a saved history. Its bytes are valid until the
// next line.
type historyLine struct {
	given map[string]int // fields that are there, to their columns

	what, txn, worker, key, value []byte
	outcome, reason               []byte
	at, age                       sim.Time
	try, op                       int64
	deleted, final, complete      bool
	ops                           rawTx
	from                          historyVersion
	reads                         []historyRead
}

type historyVersion struct {
	txn     []byte
	try, op int64
}

type historyRead struct {
	op           int64
	value        []byte
	found        bool
	from         historyVersion
	fromIsGiven  bool
	opIsGiven    bool
	valueIsGiven bool
}

// historyFields are the fields of each kind of record: those it must have, those it
// may have, and those of a history of storage alone.
var historyFields = map[string]struct{ must, may, storage string }{
	"submitted": {must: "txn ops", may: "at"},
	"began":     {must: "txn age", may: "at try", storage: "what"},
	"installed": {must: "txn op worker key", may: "at try value deleted", storage: "what"},
	"answered":  {must: "txn outcome", may: "at try reason final reads"},
	"stored":    {must: "worker key", may: "value deleted from", storage: "what"},
	"in-doubt":  {must: "txn worker", storage: "what"},
	"end":       {must: "complete", storage: "what"},
}

const historyKinds = "submitted, began, installed, answered, stored, in-doubt or end"

// historyParser parses a record.
type historyParser struct {
	txJSONParser
	clients bool
}

func (p *historyParser) parse(line []byte, l *historyLine) *InputProblem {
	p.line, p.pos, p.scratch, p.workers = line, 0, p.scratch[:0], MaxWorkers
	clear(l.given)
	*l = historyLine{given: l.given, try: 1, final: true, ops: rawTx{ops: l.ops.ops[:0]}, reads: l.reads[:0]}
	bad := p.object(func(name []byte, column int) *InputProblem { return p.recordField(l, name, column) })
	if bad != nil {
		return bad
	}
	if p.peek() != 0 || p.pos < len(p.line) {
		return p.unexpected("the end of the line")
	}
	return p.check(l)
}

func (p *historyParser) recordField(l *historyLine, name []byte, column int) *InputProblem {
	if l.given[string(name)] > 0 {
		return problemf(column, "duplicate field %s: expected it once", excerpt(name))
	}
	l.given[string(name)] = column
	switch string(name) {
	case "at":
		return p.seconds(&l.at)
	case "age":
		return p.seconds(&l.age)
	case "what":
		return p.text(&l.what)
	case "txn":
		return p.name(&l.txn)
	case "worker":
		return p.text(&l.worker)
	case "key":
		return p.name(&l.key)
	case "value":
		return p.text(&l.value)
	case "outcome":
		return p.text(&l.outcome)
	case "reason":
		return p.text(&l.reason)
	case "try":
		return p.integer(&l.try, 1)
	case "op":
		return p.integer(&l.op, 0)
	case "deleted":
		return p.boolean(&l.deleted)
	case "final":
		return p.boolean(&l.final)
	case "complete":
		return p.boolean(&l.complete)
	case "from":
		return p.version(&l.from)
	case "ops":
		return p.array(func(int) *InputProblem { return p.txJSONParser.op(&l.ops) })
	case "reads":
		return p.array(func(int) *InputProblem { return p.read(l) })
	}
	return problemf(column, "unknown field %s: expected what, and the fields of that kind of record", excerpt(name))
}

// check holds the fields against the kind of the record.
func (p *historyParser) check(l *historyLine) *InputProblem {
	if l.given["what"] == 0 {
		return problemf(0, "missing what: expected %s", historyKinds)
	}
	kind, known := historyFields[string(l.what)]
	switch {
	case !known:
		return problemf(0, "what = %s: expected %s", excerpt(l.what), historyKinds)
	case p.clients && kind.storage != "":
		return problemf(0, `%s in a history of clients: expected submitted or answered, or "txsim_history":"storage" in line 1`, l.what)
	}
	for _, f := range strings.Fields(kind.must) {
		if l.given[f] == 0 {
			return problemf(0, "%s record without %s: expected %s", l.what, f, strings.ReplaceAll(kind.must, " ", ", "))
		}
	}
	allowed := " what " + kind.must + " " + kind.may + " "
	worst, column := "", 0
	for f, at := range l.given { // any order: the first of the line is named
		if !strings.Contains(allowed, " "+f+" ") && (column == 0 || at < column) {
			worst, column = f, at
		}
	}
	if worst != "" {
		return problemf(column, "%s record with %q: expected only %s", l.what, worst, strings.Join(strings.Fields(allowed), ", "))
	}
	if string(l.what) == "installed" || string(l.what) == "stored" {
		if (l.given["value"] > 0) == l.deleted {
			return problemf(0, `%s record: expected either a value or "deleted":true`, l.what)
		}
	}
	return nil
}

// read parses a result of a read operation.
func (p *historyParser) read(l *historyLine) *InputProblem {
	var r historyRead
	column := p.peekColumn()
	twice := func(given *bool, name []byte, column int) *InputProblem {
		if *given {
			return problemf(column, "duplicate field %s: expected it once", excerpt(name))
		}
		*given = true
		return nil
	}
	bad := p.object(func(name []byte, column int) (bad *InputProblem) {
		switch string(name) {
		case "op":
			if bad = twice(&r.opIsGiven, name, column); bad == nil {
				bad = p.integer(&r.op, 0)
			}
		case "value":
			if bad = twice(&r.valueIsGiven, name, column); bad == nil {
				r.found = true
				bad = p.text(&r.value)
			}
		case "from":
			if p.clients {
				return problemf(column, `"from" in a history of clients: expected op or value, or "txsim_history":"storage" in line 1`)
			}
			if bad = twice(&r.fromIsGiven, name, column); bad == nil {
				bad = p.version(&r.from)
			}
		default:
			return problemf(column, "unknown field %s: expected op, value or from", excerpt(name))
		}
		return bad
	})
	if bad == nil && !r.opIsGiven {
		bad = problemf(column, "result without op: expected the number of the read operation")
	}
	l.reads = append(l.reads, r)
	return bad
}

// version parses {"txn":"t17","try":2,"op":1}.
func (p *historyParser) version(v *historyVersion) *InputProblem {
	*v = historyVersion{try: 1, op: -1}
	column, hasTry := p.peekColumn(), false
	bad := p.object(func(name []byte, column int) *InputProblem {
		switch {
		case string(name) == "txn" && v.txn == nil:
			return p.name(&v.txn)
		case string(name) == "try" && !hasTry:
			hasTry = true
			return p.integer(&v.try, 1)
		case string(name) == "op" && v.op < 0:
			return p.integer(&v.op, 0)
		}
		return problemf(column, "unknown or repeated field %s: expected txn, try and op", excerpt(name))
	})
	if bad == nil && (v.txn == nil || v.op < 0) {
		bad = problemf(column, "version without txn or op: expected both")
	}
	return bad
}

func (p *historyParser) peekColumn() int {
	p.peek()
	return p.pos + 1
}

func (p *historyParser) text(to *[]byte) (bad *InputProblem) {
	*to, bad = p.str()
	return bad
}

// name parses a string that is not empty.
func (p *historyParser) name(to *[]byte) *InputProblem {
	column := p.peekColumn()
	bad := p.text(to)
	if bad == nil && len(*to) == 0 {
		return problemf(column, "empty name: expected one")
	}
	return bad
}

// word parses what is neither string, array nor object.
func (p *historyParser) word() string {
	p.peek()
	start := p.pos
	for p.pos < len(p.line) && !isOneOf(p.line[p.pos], " \t\r,:[]{}\"") {
		p.pos++
	}
	return string(p.line[start:p.pos])
}

func (p *historyParser) integer(to *int64, least int64) *InputProblem {
	column := p.peekColumn()
	word := p.word()
	n, err := strconv.ParseInt(word, 10, 32)
	if err != nil || n < least || word != strconv.FormatInt(n, 10) {
		p.pos = column - 1
		return p.unexpected("an integer of at least " + strconv.FormatInt(least, 10))
	}
	*to = n
	return nil
}

func (p *historyParser) boolean(to *bool) *InputProblem {
	column := p.peekColumn()
	word := p.word()
	if *to = word == "true"; !*to && word != "false" {
		p.pos = column - 1
		return p.unexpected("true or false")
	}
	return nil
}

// seconds parses a time such as "0.000912331".
func (p *historyParser) seconds(to *sim.Time) *InputProblem {
	column := p.peekColumn()
	word, bad := p.str()
	if bad != nil {
		return bad
	}
	whole, fraction, _ := strings.Cut(string(word), ".")
	s, err1 := strconv.ParseUint(whole, 10, 63)
	ns, err2 := strconv.ParseUint((fraction + "000000000")[:9], 10, 63)
	if err1 != nil || err2 != nil || len(fraction) > 9 || s >= uint64(sim.Never)/uint64(time.Second) {
		return problemf(column, `bad time %s: expected seconds such as "0.000912331"`, excerpt(word))
	}
	*to = sim.Time(s*uint64(time.Second) + ns)
	return nil
}
