package analysis

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// histScript is a history under construction: events and the storage at the end.
type histScript struct {
	events []model.Event
	txns   map[uint64]*model.Transaction
	stores []model.StoredItem // one per item, in order of the first install
	doubts map[histPart]bool  // see HistoryChecker.Undecided; nil: unknown
}

// histPart is the part of a transaction on one worker.
type histPart struct {
	txn    uint64
	worker int
}

// mayInstall reports whether what a worker lacks of a transaction may come later.
func (h *histScript) mayInstall(txn uint64, worker int, o model.Outcome) bool {
	if h.doubts == nil {
		return o == model.Blocked
	}
	return h.doubts[histPart{txn, worker}]
}

func newHistScript() *histScript {
	return &histScript{txns: map[uint64]*model.Transaction{}}
}

func (h *histScript) emit(e model.Event) {
	e.At = sim.Time(len(h.events)+1) * 1e6
	h.events = append(h.events, e)
}

// install emits the install of v and puts it into the storage.
func (h *histScript) install(v model.Version) {
	op := h.txns[v.Txn].Ops[v.Op]
	item := model.StoredItem{Worker: op.Worker, Key: op.Key, Value: op.Value, Deleted: op.Kind == model.Delete, Version: v}
	h.emit(model.Event{Kind: model.Installed, Attempt: v.Attempt, Worker: op.Worker, Key: op.Key,
		Value: op.Value, Deleted: item.Deleted, Version: v})
	for i := range h.stores {
		if h.stores[i].Worker == op.Worker && h.stores[i].Key == op.Key {
			h.stores[i] = item
			return
		}
	}
	h.stores = append(h.stores, item)
}

// result returns what a read of version v should return.
func (h *histScript) result(op int32, v model.Version) model.ReadResult {
	r := model.ReadResult{Op: op, Version: v}
	if tx := h.txns[v.Txn]; tx != nil && tx.Ops[v.Op].Kind == model.Write {
		r.Found, r.Value = true, tx.Ops[v.Op].Value
	}
	return r
}

// check runs the checker over the history.
func (h *histScript) check(opts HistoryOptions, eager bool) *HistoryChecker {
	c := NewHistoryChecker(opts)
	c.eager = eager
	for i := range h.events {
		e := h.events[i]
		c.Record(&e)
		e = model.Event{} // the event is valid during the call only
	}
	if h.doubts != nil {
		c.Undecided(func(txn uint64, worker int) bool { return h.doubts[histPart{txn, worker}] })
	}
	c.Finish(slices.Values(h.stores))
	return c
}

// parseHistScript reads a history, one event a line:
//
//	submit 1 r0x w0x=5 d1y      transaction t1: read x on w0, write it, delete y on w1
//	begin 1#2 7                 attempt 2 begins with age 7
//	install 1#2.1               operation 1 of attempt 2 is installed
//	install 1#2.1 =6            … with another value
//	commit 1#2 0<3.1 2<init     answered committed; operation 0 read operation 1 of t3
//	abort 1#1 / abort! 1#1      answered aborted / and final
//	unknown 1, blocked 1        the other final answers
//	doubt 1 0                   w0 may install its part of t1 later, and nobody else who is not named so
//	lose 0x                     the item is missing from the final storage
//	extra 0x 1.0                the final storage has that version, too
//	extra 0x 1.0=5              … with another value
func parseHistScript(t *testing.T, text string) *histScript {
	t.Helper()
	h := newHistScript()
	for line := range strings.Lines(text) {
		if f := strings.Fields(line); len(f) > 0 {
			h.line(t, f)
		}
	}
	return h
}

func (h *histScript) line(t *testing.T, f []string) {
	t.Helper()
	switch f[0] {
	case "submit":
		h.submit(histNumber(f[1]), f[2:])
	case "begin":
		a := histVersionOf(f[1]).Attempt
		h.emit(model.Event{Kind: model.Began, Txn: h.txns[a.Txn], Attempt: a, Age: sim.Time(histNumber(f[2]))})
	case "install":
		h.install(histVersionOf(f[1]))
		if len(f) > 2 {
			h.events[len(h.events)-1].Value = f[2][1:]
		}
	case "commit":
		h.answer(model.Committed, true, f[1], f[2:])
	case "abort":
		h.answer(model.Aborted, false, f[1], nil)
	case "abort!":
		h.answer(model.Aborted, true, f[1], nil)
	case "unknown":
		h.answer(model.Unknown, true, f[1], nil)
	case "blocked":
		h.answer(model.Blocked, true, f[1], nil)
	case "doubt":
		if h.doubts == nil {
			h.doubts = map[histPart]bool{}
		}
		h.doubts[histPart{histNumber(f[1]), int(histNumber(f[2]))}] = true
	case "lose":
		h.stores = slices.DeleteFunc(h.stores, func(i model.StoredItem) bool {
			return fmt.Sprint(i.Worker)+i.Key == f[1]
		})
	case "extra":
		version, value, wrong := strings.Cut(f[2], "=")
		r := h.result(0, histVersionOf(version))
		if wrong {
			r.Found, r.Value = true, value
		}
		h.stores = append(h.stores, model.StoredItem{Worker: int(f[1][0] - '0'), Key: f[1][1:], Value: r.Value, Deleted: !r.Found, Version: r.Version})
	default:
		t.Fatalf("unknown line %q", f)
	}
}

func (h *histScript) submit(index uint64, ops []string) {
	tx := &model.Transaction{ID: "t" + strconv.FormatUint(index, 10), Index: index}
	for _, s := range ops {
		key, value, _ := strings.Cut(s[2:], "=")
		kind := map[byte]model.OpKind{'r': model.Read, 'w': model.Write, 'd': model.Delete}[s[0]]
		tx.Ops = append(tx.Ops, model.Op{Kind: kind, Worker: int(s[1] - '0'), Key: key, Value: value})
	}
	h.txns[index] = tx
	h.emit(model.Event{Kind: model.Submitted, Txn: tx})
}

func (h *histScript) answer(o model.Outcome, final bool, attempt string, reads []string) {
	a := histVersionOf(attempt).Attempt
	e := model.Event{Kind: model.Answered, Txn: h.txns[a.Txn], Attempt: a, Outcome: o, Final: final}
	for _, s := range reads {
		op, version, _ := strings.Cut(s, "<")
		version, value, wrong := strings.Cut(version, "=")
		r := h.result(int32(histNumber(op)), histVersionOf(version))
		if wrong {
			r.Found, r.Value = true, value
		}
		e.Reads = append(e.Reads, r)
	}
	h.emit(e)
}

// histVersionOf reads 3, 3#2, 3.1, 3#2.1 or init.
func histVersionOf(s string) model.Version {
	var v model.Version
	if s == "init" {
		return v
	}
	s, op, _ := strings.Cut(s, ".")
	txn, try, again := strings.Cut(s, "#")
	v.Txn, v.Try = histNumber(txn), 1
	if again {
		v.Try = uint32(histNumber(try))
	}
	if op != "" {
		v.Op = int32(histNumber(op))
	}
	return v
}

func histNumber(s string) uint64 {
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		panic(err)
	}
	return n
}
