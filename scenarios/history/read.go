package history

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios/input"
	"github.com/seed83d86191/txsim/scenarios/txfile"
	"github.com/seed83d86191/txsim/sim"
)

// maxLine is the longest accepted line of a saved history, in bytes,
// without its line end.
const maxLine = 16 << 20

// Read reads a saved history. The name is that of the file, for errors:
// the first thing that is wrong is an [input.Error].
func Read(name string, in io.Reader) (*Saved, error) {
	r := &reader{
		name: name, in: bufio.NewReaderSize(in, 1<<16), h: &Saved{Timeless: true},
		index: map[string]uint64{}, txns: map[uint64]*model.Transaction{}, tried: map[uint64]uint32{},
		raw: record{given: map[string]int{}},
	}
	if err := r.header(); err != nil {
		return nil, err
	}
	for {
		line, err := r.line()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		if bad := r.record(line); bad != nil {
			return nil, r.problem(bad)
		}
	}
	r.h.Lines = r.n
	if r.h.Clients {
		r.h.Whole, r.h.Complete = true, true
	}
	return r.h, nil
}

// reader turns lines into the events of a history.
type reader struct {
	name string
	in   *bufio.Reader
	n    int  // number of the last line
	torn bool // the last line has no line end
	h    *Saved

	parser parser
	raw    record
	index  map[string]uint64 // of transactions by id, from 1, in order of mention
	txns   map[uint64]*model.Transaction
	tried  map[uint64]uint32 // the last attempt that the client gave up to try again
	atLine int               // the line with the last time
	at     sim.Time
}

// problem returns the error of a problem on the current line.
func (r *reader) problem(bad *input.Problem) error {
	bad.Line = r.n
	if r.torn {
		bad.Text += "; the file breaks off in this line, which has no end: expected a whole record"
	}
	return &input.Error{Name: r.name, Problems: []input.Problem{*bad}}
}

// line reads the next line that is not empty.
func (r *reader) line() ([]byte, error) {
	for {
		var line []byte
		for {
			part, err := r.in.ReadSlice('\n')
			line = append(line, part...)
			if err == nil || err == io.EOF && len(line) > 0 {
				r.torn = err != nil
				break
			}
			if err != bufio.ErrBufferFull {
				return nil, err
			}
			if len(line) > maxLine {
				r.n++
				return nil, r.problem(input.Problemf(0, "line over 16 MiB: expected at most %d bytes", maxLine))
			}
		}
		r.n++
		line = bytes.TrimRight(line, "\r\n")
		if r.n == 1 {
			line = bytes.TrimPrefix(line, []byte(input.BOM))
		}
		if !utf8.Valid(line) {
			at := input.InvalidUTF8(line)
			return nil, r.problem(input.Problemf(at+1, "invalid UTF-8, byte 0x%02x: expected UTF-8 text", line[at]))
		}
		if len(bytes.TrimLeft(line, input.Blanks)) > 0 {
			return line, nil
		}
	}
}

// headerBegins is how the first line begins: as JSON it may have blanks between its tokens.
var headerBegins = regexp.MustCompile(`^[ \t]*\{[ \t]*"txsim_history"[ \t]*:`)

// header reads the first line.
func (r *reader) header() error {
	line, err := r.line()
	if err != nil && err != io.EOF {
		return err
	}
	if err == io.EOF {
		r.n = 1
	}
	if !headerBegins.Match(line) {
		return r.problem(input.Problemf(0, `not a saved history: expected a first line such as {"txsim_history":"clients"}`))
	}
	var head header
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(&head); err != nil {
		text := strings.TrimPrefix(err.Error(), "json: ")
		return r.problem(input.Problemf(0, "header: %s: expected txsim_history, version, command, scenario and isolation, all of them strings", text))
	}
	if d.More() || head.History != ofClients && head.History != ofStorage {
		return r.problem(input.Problemf(0, "txsim_history = %q: expected clients or storage, and nothing behind the header", head.History))
	}
	r.h.Clients = head.History == ofClients
	r.h.Isolation = head.Isolation
	if err := r.h.Judgeable(); err != nil {
		return r.problem(input.Problemf(0, "%v", err))
	}
	r.h.Version, r.h.Command, r.h.Scenario = head.Version, head.Command, head.Scenario
	r.parser.clients = r.h.Clients
	return nil
}

// record reads a line after the header.
func (r *reader) record(line []byte) *input.Problem {
	l := &r.raw
	if bad := r.parser.parse(line, l); bad != nil {
		return bad
	}
	if r.h.Whole {
		return input.Problemf(0, "%s record behind the end record: expected nothing", l.what)
	}
	if l.given["at"] > 0 {
		if l.at < 0 {
			return input.Problemf(l.given["at"], "at %v is before the beginning: expected 0 or later", l.at)
		}
		if l.at < r.at {
			return input.Problemf(l.given["at"], "at %v is before the %v of line %d: expected times in order", l.at, r.at, r.atLine)
		}
		r.at, r.atLine, r.h.Timeless = l.at, r.n, false
	}
	worker := 0
	if l.given["worker"] > 0 {
		var bad *input.Problem
		if worker, bad = txfile.ParseWorker(l.worker, maxWorkers); bad != nil {
			return bad
		}
	}
	switch string(l.what) {
	case "stored":
		item := model.StoredItem{Worker: worker, Key: string(l.key), Value: string(l.value), Deleted: l.deleted}
		if l.given["from"] > 0 {
			item.Version = r.version(&l.from)
		}
		r.h.Stores = append(r.h.Stores, item)
	case "in-doubt":
		r.h.AddInDoubt(r.id(l.txn), worker)
	case "end":
		r.h.Whole, r.h.Complete = true, l.complete
	default:
		return r.event(l, worker)
	}
	return nil
}

func (r *reader) event(l *record, worker int) *input.Problem {
	e := model.Event{At: r.at}
	e.Attempt = r.attempt(l.txn, l.try)
	index := e.Attempt.Txn
	switch string(l.what) {
	case "submitted":
		e.Kind, e.Attempt = model.Submitted, model.Attempt{}
		e.Txn = l.ops.Build(l.txn, index)
		r.txns[index] = e.Txn
	case "began":
		e.Kind, e.Age, e.Txn = model.Began, l.age, r.txns[index]
	case "installed":
		e.Kind, e.Worker, e.Key, e.Value, e.Deleted = model.Installed, worker, string(l.key), string(l.value), l.deleted
		e.Version = model.Version{Attempt: e.Attempt, Op: int32(l.op)}
	case "answered":
		e.Kind, e.Txn, e.Final = model.Answered, r.txns[index], l.final
		if e.Txn == nil {
			e.Txn = &model.Transaction{ID: string(l.txn), Index: index}
		}
		if bad := r.answer(l, &e); bad != nil {
			return bad
		}
		if !e.Final {
			r.tried[index] = e.Attempt.Try
		}
	}
	r.h.Record(&e)
	r.h.lines = append(r.h.lines, r.n)
	return nil
}

func (r *reader) answer(l *record, e *model.Event) *input.Problem {
	var known bool
	if e.Outcome, known = named(l.outcome, model.Committed, model.Blocked); !known {
		return input.Problemf(0, "outcome = %s: expected committed, aborted, unknown or blocked", input.Excerpt(l.outcome))
	}
	if l.given["reason"] > 0 {
		if e.Reason, known = named(l.reason, model.Conflict, math.MaxUint8); !known || e.Outcome == model.Committed {
			return input.Problemf(0, "reason = %s of an outcome %v: expected why there was no commit, such as conflict or timeout", input.Excerpt(l.reason), e.Outcome)
		}
	}
	if len(l.reads) > 0 && e.Outcome != model.Committed {
		return input.Problemf(l.given["reads"], "results of an outcome %v: expected them of a commit only", e.Outcome)
	}
	reading := func(op model.Op) bool { return op.Kind == model.Read }
	if l.given["reads"] > 0 && len(l.reads) == 0 && e.Outcome == model.Committed && slices.ContainsFunc(e.Txn.Ops, reading) {
		return input.Problemf(l.given["reads"], `no results of the read operations of %s: expected one of each, or no "reads" if its client was told none`, input.Excerpt(l.txn))
	}
	for i := range l.reads {
		raw := &l.reads[i]
		read := model.ReadResult{Op: int32(raw.op), Found: raw.found, Value: string(raw.value)}
		if raw.fromIsGiven {
			read.Version = r.version(&raw.from)
		}
		e.Reads = append(e.Reads, read)
	}
	return nil
}

// named returns the constant between first and last that prints as this name.
func named[T interface {
	~uint8
	fmt.Stringer
}](name []byte, first, last T) (T, bool) {
	for c := first; ; c++ {
		if c.String() == string(name) {
			return c, true
		}
		if c == last { // which may be the last there can be
			return 0, false
		}
	}
}

func (r *reader) version(v *version) model.Version {
	return model.Version{Attempt: r.attempt(v.txn, v.try), Op: int32(v.op)}
}

// attempt returns the attempt of that number, or, for 0, the one that is under way.
func (r *reader) attempt(txn []byte, try int64) model.Attempt {
	index := r.id(txn)
	if try == 0 {
		try = min(int64(r.tried[index])+1, math.MaxInt32)
	}
	return model.Attempt{Txn: index, Try: uint32(try)}
}

// id returns the index of a transaction. Whether it was submitted is for the judges to find
// out.
func (r *reader) id(name []byte) uint64 {
	index, known := r.index[string(name)]
	if !known {
		r.h.ids = append(r.h.ids, string(name))
		index = uint64(len(r.h.ids))
		r.index[string(name)] = index
	}
	return index
}
