package txfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios/input"
	"github.com/seed83d86191/txsim/scenarios/input/inputtest"
	"github.com/seed83d86191/txsim/sim"
)

// printers are the two forms.
var printers = map[string]func([]byte, *model.Transaction) []byte{"text": AppendText, "JSON": AppendJSON}

// TestPrintParse: printing and parsing are inverse, in both forms, for
// transactions of words chosen to need every kind of quoting.
func TestPrintParse(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 0))
		txs := randomTransactions(r)
		for form, print := range printers {
			text := printTransactions(txs, print)
			got, err := readAll("f", bytes.NewReader(text), 1000)
			if err != nil {
				t.Fatalf("seed %d, %s: %v\n%s", seed, form, err, text)
			}
			if !reflect.DeepEqual(got, txs) {
				t.Fatalf("seed %d, %s: parsed back to another file:\n%s", seed, form, text)
			}
		}
	}
}

func printTransactions(txs []*model.Transaction, print func([]byte, *model.Transaction) []byte) []byte {
	var text []byte
	for _, tx := range txs {
		text = append(print(text, tx), '\n')
	}
	return text
}

func randomTransactions(r *rand.Rand) []*model.Transaction {
	txs := make([]*model.Transaction, 1+r.IntN(8))
	timed, at := r.IntN(2) == 0, sim.Time(0)
	for i := range txs {
		tx := &model.Transaction{ID: fmt.Sprint(inputtest.Word(r), i), Index: uint64(i + 1), At: model.Unscheduled}
		if r.IntN(2) == 0 {
			tx.ID = fmt.Sprint(i, inputtest.Word(r))
		}
		if timed {
			at += sim.Time(r.Int64N(math.MaxInt64 >> (4 + r.IntN(59))))
			tx.At = at
		}
		for range 1 + r.IntN(4) {
			op := model.Op{Kind: model.OpKind(r.IntN(3)), Worker: r.IntN(1000), Key: inputtest.Word(r)}
			if op.Key == "" {
				op.Key = "k"
			}
			if op.Kind == model.Write {
				op.Value = inputtest.Word(r)
			}
			tx.Ops = append(tx.Ops, op)
		}
		txs[i] = tx
	}
	return txs
}

// FuzzTransactionFile: no input panics; what is refused has a place and a
// readable message; what is accepted prints and parses back to the same
// transactions, and is JSON for the standard library too if it is JSON Lines.
func FuzzTransactionFile(f *testing.F) {
	files, err := filepath.Glob("testdata/*.*")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	for _, c := range refusals {
		if len(c.input) < 1000 {
			f.Add([]byte(c.input))
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) > MaxLine/8 {
			return // printed, a line could be over the limit
		}
		txs, err := readAll("f", bytes.NewReader(text), 10)
		if err != nil {
			checkRefusal(t, err)
			return
		}
		for form, print := range printers {
			text := printTransactions(txs, print)
			again, err := readAll("f", bytes.NewReader(text), 10)
			if err != nil {
				t.Fatalf("%s: %v\n%s", form, err, text)
			}
			if !reflect.DeepEqual(again, txs) {
				t.Fatalf("%s: parsed back to another file:\n%s", form, text)
			}
		}
		checkStandardJSON(t, text, txs)
		checkStandardJSON(t, printTransactions(txs, AppendJSON), txs)
	})
}

func checkRefusal(t *testing.T, err error) {
	e, ok := errors.AsType[*input.Error](err)
	if !ok || len(e.Problems) == 0 || len(e.Problems) > input.MaxProblems || !utf8.ValidString(e.Error()) {
		t.Fatalf("%T: %v", err, err)
	}
	for i, p := range e.Problems {
		if i > 0 && p.Line < e.Problems[i-1].Line || !strings.Contains(p.Text, ": expected ") {
			t.Fatalf("%v", err)
		}
	}
}

// checkStandardJSON reads a JSON Lines file with encoding/json, the oracle.
func checkStandardJSON(t *testing.T, text []byte, txs []*model.Transaction) {
	for line := range bytes.Lines(bytes.TrimPrefix(text, []byte(input.BOM))) {
		line = bytes.TrimSpace(line)
		if len(line) == 0 || line[0] == '#' {
			continue
		}
		if line[0] != '{' {
			return
		}
		var tx struct {
			ID  string
			Ops []any
		}
		if err := json.Unmarshal(line, &tx); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		if tx.ID != txs[0].ID || len(tx.Ops) != len(txs[0].Ops) {
			t.Fatalf("got %+v, encoding/json has %+v", txs[0], tx)
		}
		for i, op := range tx.Ops {
			checkStandardOp(t, op, txs[0].Ops[i])
		}
		txs = txs[1:]
	}
}

func checkStandardOp(t *testing.T, op any, got model.Op) {
	var key, value any
	switch op := op.(type) {
	case []any:
		key = op[2]
		if len(op) > 3 {
			value = op[3]
		}
	case map[string]any:
		key, value = op["key"], op["value"]
	}
	if value == nil {
		value = ""
	}
	if key != got.Key || value != got.Value {
		t.Fatalf("got %+v, encoding/json has %v", got, op)
	}
}
