package txfile

import (
	"fmt"
	"math"
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios/input"
	"github.com/seed83d86191/txsim/sim"
)

// opFields are the words of an operation, in either form; nil is missing.
type opFields struct {
	op, worker, key, value []byte
	column                 int // where the operation begins
}

// resolve checks the fields and appends the operation they say to tx.
func (f *opFields) resolve(tx *rawTx, workers int) *input.Problem {
	if f.worker == nil {
		return input.Problemf(f.column, "missing worker: expected %s", workerRange(workers))
	}
	worker, bad := ParseWorker(f.worker, workers)
	if bad != nil {
		return bad
	}
	if f.op == nil {
		return input.Problemf(f.column, "missing operation: expected read, write or delete")
	}
	kind, ok := parseOpKind(f.op)
	if !ok {
		return input.Problemf(0, "unknown operation %s: expected read, write or delete", input.Excerpt(f.op))
	}
	switch {
	case f.key == nil:
		return input.Problemf(f.column, "missing key: expected the key to %v", kind)
	case len(f.key) == 0:
		return input.Problemf(f.column, "empty key: expected the key to %v", kind)
	case kind == model.Write && f.value == nil:
		return input.Problemf(f.column, "write of %s without a value: expected one", input.Excerpt(f.key))
	case kind != model.Write && f.value != nil:
		return input.Problemf(f.column, "%v of %s with a value: expected none", kind, input.Excerpt(f.key))
	}
	tx.ops = append(tx.ops, rawOp{kind: kind, worker: worker, key: f.key, value: f.value})
	return nil
}

func workerRange(workers int) string {
	if workers == 1 {
		return "w0"
	}
	return fmt.Sprintf("w0 … w%d", workers-1)
}

// ParseWorker returns the index of the worker of that name, if there are that many workers.
func ParseWorker(name []byte, workers int) (int, *input.Problem) {
	index := workerIndex(name, workers)
	if index < 0 {
		return 0, input.Problemf(0, "unknown worker %s: expected %s", input.Excerpt(name), workerRange(workers))
	}
	return index, nil
}

// workerIndex returns -1 if there is no such worker. A worker has only one name: w04 is
// none.
func workerIndex(name []byte, workers int) int {
	if len(name) < 2 || name[0] != 'w' || name[1] == '0' && len(name) > 2 {
		return -1
	}
	index := 0
	for _, c := range name[1:] {
		if c < '0' || c > '9' {
			return -1
		}
		if index = index*10 + int(c-'0'); index >= workers {
			return -1
		}
	}
	return index
}

func parseOpKind(word []byte) (kind model.OpKind, ok bool) {
	var lower [len("delete")]byte
	if len(word) > len(lower) {
		return 0, false
	}
	for i, c := range word {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		lower[i] = c
	}
	switch string(lower[:len(word)]) {
	case "r", "read":
		return model.Read, true
	case "w", "write":
		return model.Write, true
	case "d", "delete":
		return model.Delete, true
	}
	return 0, false
}

func parseAt(word []byte) (sim.Time, *input.Problem) {
	d, err := time.ParseDuration(string(word))
	switch {
	case err != nil:
		return 0, input.Problemf(0, "bad at %s: expected a duration such as 1.2ms", input.Excerpt(word))
	case d < 0:
		return 0, input.Problemf(0, "negative at %s: expected 0s or later", input.Excerpt(word))
	case d == math.MaxInt64:
		return 0, input.Problemf(0, "at %s is never: expected an earlier time", input.Excerpt(word))
	}
	return sim.Time(d), nil
}

// finish checks what only the whole line shows.
func (tx *rawTx) finish() *input.Problem {
	switch {
	case tx.id == nil:
		return input.Problemf(0, "missing id: expected a unique name of the transaction")
	case len(tx.id) == 0:
		return input.Problemf(0, "empty id: expected a unique name of the transaction")
	case len(tx.ops) == 0:
		return input.Problemf(0, "transaction %s has no operations: expected at least one", input.Excerpt(tx.id))
	}
	return nil
}

// allocator turns parsed transactions into model transactions with few allocations: one
// string for all text of a transaction, and the rest in chunks.
type allocator struct {
	text []byte
	txs  []model.Transaction
	ops  []model.Op
}

const (
	txChunk = 32
	opChunk = 128
)

func (a *allocator) build(raw *rawTx, index uint64) *model.Transaction {
	a.text = append(a.text[:0], raw.id...)
	for i := range raw.ops {
		a.text = append(append(a.text, raw.ops[i].key...), raw.ops[i].value...)
	}
	text := string(a.text)
	cut := func(n int) (s string) {
		s, text = text[:n], text[n:]
		return s
	}
	if len(a.txs) == 0 {
		a.txs = make([]model.Transaction, txChunk)
	}
	if len(a.ops) < len(raw.ops) {
		a.ops = make([]model.Op, max(opChunk, len(raw.ops)))
	}
	tx, n := &a.txs[0], len(raw.ops)
	*tx = model.Transaction{ID: cut(len(raw.id)), Index: index, At: raw.at, Ops: a.ops[:n:n]}
	a.txs, a.ops = a.txs[1:], a.ops[n:]
	for i := range raw.ops {
		op := &raw.ops[i]
		tx.Ops[i] = model.Op{Kind: op.kind, Worker: op.worker, Key: cut(len(op.key)), Value: cut(len(op.value))}
	}
	return tx
}

// Operations parses the operations of one transaction within a line of another format. The
// zero value is ready.
type Operations struct {
	raw   rawTx
	alloc allocator
}

// Parse reads the array of operations that is next on a line, each in the short or the
// verbose form.
func (o *Operations) Parse(p *input.JSON, workers int) *input.Problem {
	o.raw.ops = o.raw.ops[:0]
	return p.Array(func(int) *input.Problem { return parseOp(p, &o.raw, workers) })
}

// Build returns the transaction of these operations. It must be called before the next line
// is read.
func (o *Operations) Build(id []byte, index uint64) *model.Transaction {
	o.raw.id, o.raw.at = id, model.Unscheduled
	return o.alloc.build(&o.raw, index)
}
