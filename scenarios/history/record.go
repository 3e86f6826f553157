package history

import (
	"strconv"
	"strings"
	"time"

	"github.com/seed83d86191/txsim/scenarios/input"
	"github.com/seed83d86191/txsim/scenarios/txfile"
	"github.com/seed83d86191/txsim/sim"
)

// record is a parsed record of a saved history. Its bytes are valid until the
// next line.
type record struct {
	given map[string]int // columns of the fields that are given

	what, txn, worker, key, value []byte
	outcome, reason               []byte
	at, age                       sim.Time
	try, op                       int64 // try 0: not given
	deleted, final, complete      bool
	ops                           txfile.Operations
	from                          version
	reads                         []result
}

type version struct {
	txn     []byte
	try, op int64 // as of a record
}

type result struct {
	op          int64
	value       []byte
	from        version
	opIsGiven   bool
	found       bool // a value is given
	fromIsGiven bool
}

// fields are the fields of each kind of record: those it must have, those it
// may have, and whether it is of a history of storage alone.
var fields = map[string]struct {
	must, may string
	storage   bool
}{
	"submitted": {must: "txn ops", may: "at"},
	"began":     {must: "txn age", may: "at try", storage: true},
	"installed": {must: "txn op worker key", may: "at try value deleted", storage: true},
	"answered":  {must: "txn outcome", may: "at try reason final reads"},
	"stored":    {must: "worker key", may: "value deleted from", storage: true},
	"in-doubt":  {must: "txn worker", storage: true},
	"end":       {must: "complete", storage: true},
}

// maxWorkers is as many as a run can have.
const maxWorkers = 100000

const kinds = "submitted, began, installed, answered, stored, in-doubt or end"

// parser parses a record.
type parser struct {
	input.JSON
	clients bool
}

func (p *parser) parse(line []byte, l *record) *input.Problem {
	p.Reset(line)
	clear(l.given)
	*l = record{given: l.given, final: true, ops: l.ops, reads: l.reads[:0]}
	bad := p.Object(func(name []byte, column int) *input.Problem { return p.recordField(l, name, column) })
	if bad != nil {
		return bad
	}
	if bad := p.End(); bad != nil {
		return bad
	}
	return p.check(l)
}

func (p *parser) recordField(l *record, name []byte, column int) *input.Problem {
	if l.given[string(name)] > 0 {
		return input.Problemf(column, "duplicate field %s: expected it once", input.Excerpt(name))
	}
	l.given[string(name)] = column
	switch string(name) {
	case "at":
		return p.seconds(&l.at)
	case "age":
		return p.seconds(&l.age)
	case "what":
		return p.Text(&l.what)
	case "txn":
		return p.name(&l.txn)
	case "worker":
		return p.Text(&l.worker)
	case "key":
		return p.name(&l.key)
	case "value":
		return p.Text(&l.value)
	case "outcome":
		return p.Text(&l.outcome)
	case "reason":
		return p.Text(&l.reason)
	case "try":
		return p.Int(&l.try, 1)
	case "op":
		return p.Int(&l.op, 0)
	case "deleted":
		return p.Bool(&l.deleted)
	case "final":
		return p.Bool(&l.final)
	case "complete":
		return p.Bool(&l.complete)
	case "from":
		return p.version(&l.from)
	case "ops":
		return l.ops.Parse(&p.JSON, maxWorkers)
	case "reads":
		return p.Array(func(int) *input.Problem { return p.read(l) })
	}
	return input.Problemf(column, "unknown field %s: expected what, and the fields of that kind of record", input.Excerpt(name))
}

// check checks which fields are given against the kind of the record.
func (p *parser) check(l *record) *input.Problem {
	if l.given["what"] == 0 {
		return input.Problemf(0, "missing what: expected %s", kinds)
	}
	kind, known := fields[string(l.what)]
	switch {
	case !known:
		return input.Problemf(0, "what = %s: expected %s", input.Excerpt(l.what), kinds)
	case p.clients && kind.storage:
		return input.Problemf(0, `%s in a history of clients: expected submitted or answered, or "txsim_history":"storage" in line 1`, l.what)
	}
	for _, f := range strings.Fields(kind.must) {
		if l.given[f] == 0 {
			return input.Problemf(0, "%s record without %s: expected %s", l.what, f, strings.ReplaceAll(kind.must, " ", ", "))
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
		return input.Problemf(column, "%s record with %q: expected only %s", l.what, worst, strings.Join(strings.Fields(allowed), ", "))
	}
	if string(l.what) == "installed" || string(l.what) == "stored" {
		if (l.given["value"] > 0) == l.deleted {
			return input.Problemf(0, `%s record: expected either a value or "deleted":true`, l.what)
		}
	}
	return nil
}

// read parses the result of a read operation.
func (p *parser) read(l *record) *input.Problem {
	var r result
	column := p.Column()
	twice := func(given *bool, name []byte, column int) *input.Problem {
		if *given {
			return input.Problemf(column, "duplicate field %s: expected it once", input.Excerpt(name))
		}
		*given = true
		return nil
	}
	bad := p.Object(func(name []byte, column int) (bad *input.Problem) {
		switch string(name) {
		case "op":
			if bad = twice(&r.opIsGiven, name, column); bad == nil {
				bad = p.Int(&r.op, 0)
			}
		case "value":
			if bad = twice(&r.found, name, column); bad == nil {
				bad = p.Text(&r.value)
			}
		case "from":
			if p.clients {
				return input.Problemf(column, `"from" in a history of clients: expected op or value, or "txsim_history":"storage" in line 1`)
			}
			if bad = twice(&r.fromIsGiven, name, column); bad == nil {
				bad = p.version(&r.from)
			}
		default:
			return input.Problemf(column, "unknown field %s: expected op, value or from", input.Excerpt(name))
		}
		return bad
	})
	if bad == nil && !r.opIsGiven {
		bad = input.Problemf(column, "result without op: expected the number of the read operation")
	}
	l.reads = append(l.reads, r)
	return bad
}

// version parses {"txn":"t17","try":2,"op":1}.
func (p *parser) version(v *version) *input.Problem {
	*v = version{op: -1}
	column := p.Column()
	bad := p.Object(func(name []byte, column int) *input.Problem {
		switch {
		case string(name) == "txn" && v.txn == nil:
			return p.name(&v.txn)
		case string(name) == "try" && v.try == 0:
			return p.Int(&v.try, 1)
		case string(name) == "op" && v.op < 0:
			return p.Int(&v.op, 0)
		}
		return input.Problemf(column, "unknown or repeated field %s: expected txn, try and op", input.Excerpt(name))
	})
	if bad == nil && (v.txn == nil || v.op < 0) {
		bad = input.Problemf(column, "version without txn or op: expected both")
	}
	return bad
}

// name parses a string that is not empty.
func (p *parser) name(to *[]byte) *input.Problem {
	column := p.Column()
	bad := p.Text(to)
	if bad == nil && len(*to) == 0 {
		return input.Problemf(column, "empty name: expected one")
	}
	return bad
}

// seconds parses a time such as "0.000912331", which is negative if a node's clock is
// behind.
func (p *parser) seconds(to *sim.Time) *input.Problem {
	column := p.Column()
	word, bad := p.Bytes()
	if bad != nil {
		return bad
	}
	text, negative := strings.CutPrefix(string(word), "-")
	whole, fraction, _ := strings.Cut(text, ".")
	s, err1 := strconv.ParseUint(whole, 10, 63)
	ns, err2 := strconv.ParseUint((fraction + "000000000")[:9], 10, 63)
	if err1 != nil || err2 != nil || len(fraction) > 9 || s >= uint64(sim.Never)/uint64(time.Second) {
		return input.Problemf(column, `bad time %s: expected seconds such as "0.000912331"`, input.Excerpt(word))
	}
	if *to = sim.Time(s*uint64(time.Second) + ns); negative {
		*to = -*to
	}
	return nil
}
