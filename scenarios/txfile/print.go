package txfile

import (
	"strconv"
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios/input"
)

// AppendText appends a transaction's line of the text form, without a line
// end. What it prints parses back to the same transaction, given valid UTF-8.
func AppendText(b []byte, tx *model.Transaction) []byte {
	b = appendWord(b, tx.ID, isBareID(tx.ID))
	if tx.At != model.Unscheduled {
		b = append(b, " @"...)
		b = append(b, time.Duration(tx.At).String()...)
	}
	b = append(b, ':')
	for i := range tx.Ops {
		op := &tx.Ops[i]
		if i > 0 {
			b = append(b, ';')
		}
		b = strconv.AppendInt(append(b, " w"...), int64(op.Worker), 10)
		b = append(append(append(b, ' '), op.Kind.String()...), ' ')
		b = appendWord(b, op.Key, isBare(op.Key, wordEnds))
		if op.Kind == model.Write {
			b = appendWord(append(b, " = "...), op.Value, isBare(op.Value, wordEnds))
		}
	}
	return b
}

func appendWord(b []byte, word string, bare bool) []byte {
	if bare {
		return append(b, word...)
	}
	return strconv.AppendQuote(b, word)
}

// AppendJSON appends a transaction's line of JSON Lines, with operations in
// the short form, without a line end. What it prints parses back to the same
// transaction, given valid UTF-8. txsim itself writes the text form only.
func AppendJSON(b []byte, tx *model.Transaction) []byte {
	b = input.AppendString(append(b, `{"id":`...), tx.ID)
	if tx.At != model.Unscheduled {
		b = input.AppendString(append(b, `,"at":`...), time.Duration(tx.At).String())
	}
	return append(AppendOps(append(b, `,"ops":`...), tx.Ops), '}')
}

// AppendOps appends operations as a list of JSON, each in the short form.
func AppendOps(b []byte, ops []model.Op) []byte {
	b = append(b, '[')
	for i := range ops {
		op := &ops[i]
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(append(b, `["`...), op.Kind.String()[0]), `","w`...)
		b = strconv.AppendInt(b, int64(op.Worker), 10)
		b = input.AppendString(append(b, `",`...), op.Key)
		if op.Kind == model.Write {
			b = input.AppendString(append(b, ','), op.Value)
		}
		b = append(b, ']')
	}
	return append(b, ']')
}
