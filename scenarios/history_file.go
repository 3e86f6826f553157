package scenarios

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strconv"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios/input"
	"github.com/seed83d86191/txsim/sim"
)

// SavedHistory is what clients asked and were told, what storage held, and
// where that comes from. Its file is JSON Lines: first a header,
//
//	{"txsim_history":"storage","version":"0.1.0","command":"txsim run …","scenario":"…"}
//
// of which only the first field must be there, and then a record a line, in the
// order in which it happened: that order is what "before" means. A history of
// "clients" has records of two kinds, which anyone can write who has watched the
// clients of any system; one of "storage" has them all:
//
//	{"at":"0.000005000","what":"submitted","txn":"t1","ops":[["r","w4","acct/7"],["w","w9","acct/8","90"]]}
//	{"at":"0.000005000","what":"began","txn":"t1","try":1,"age":"0.000005000"}
//	{"at":"0.002113000","what":"installed","txn":"t1","try":1,"op":1,"worker":"w9","key":"acct/8","value":"90"}
//	{"at":"0.003189149","what":"answered","txn":"t1","try":1,"outcome":"committed","reads":[{"op":0,"value":"10","from":{"txn":"t0","try":1,"op":2}}]}
//	{"what":"stored","worker":"w9","key":"acct/8","value":"90","from":{"txn":"t1","try":1,"op":1}}
//	{"what":"in-doubt","txn":"t1","worker":"w4"}
//	{"what":"end","complete":true}
//
// The operations are those of a transaction file, in either form, and are counted
// from 0. "at" is in seconds and never goes back; without it, it is that of the
// record before. "try" is 1 if it is missing. An outcome is committed, aborted,
// unknown or blocked; aborted may have a "reason", and "final":false if the client
// tried again. A read without a "value" found none. "from" is the version that was
// read: in a history of storage one without it is of the initial state, in one of
// clients there is none. Instead of a "value", what is installed or stored can be
// "deleted":true. "stored" is what a worker held in the end, "in-doubt" what it
// might still have installed, and "end" the last line: without it the history
// stops short, and "complete":false says that the run did.
//
// Every item begins without a value: a history of a system that did not begins
// with a transaction that wrote what was there.
type SavedHistory struct {
	Version, Command string // of the txsim that ran it; "" if it did not
	Scenario         string // in YAML; "" if there was none
	Clients          bool   // it has only what clients saw
	Whole            bool   // its end is there
	Lines            int
	analysis.Recording
}

// jsonHistory is the header of a saved history.
type jsonHistory struct {
	History  string `json:"txsim_history"` // historyOfClients or historyOfStorage
	Version  string `json:"version,omitempty"`
	Command  string `json:"command,omitempty"`
	Scenario string `json:"scenario,omitempty"`
}

const (
	historyOfClients = "clients"
	historyOfStorage = "storage"
)

// Write writes the history as a file that ReadHistory reads.
func (h *SavedHistory) Write(to io.Writer) error {
	w := &historyWriter{w: bufio.NewWriter(to), clients: h.Clients, ids: map[uint64]string{}}
	head := jsonHistory{historyOfStorage, h.Version, h.Command, h.Scenario}
	if h.Clients {
		head.History = historyOfClients
	}
	b, err := json.Marshal(head)
	if err != nil {
		return err
	}
	w.buf = append(b, '\n')
	for i := range h.Events {
		w.event(&h.Events[i])
		w.flush()
	}
	if !h.Clients {
		w.end(h)
	}
	w.flush()
	if err := w.w.Flush(); err != nil {
		return err
	}
	return w.err
}

// historyWriter prints records into buf.
type historyWriter struct {
	w       *bufio.Writer
	buf     []byte
	clients bool
	ids     map[uint64]string
	err     error
}

func (w *historyWriter) flush() {
	if _, err := w.w.Write(w.buf); err != nil && w.err == nil {
		w.err = err
	}
	w.buf = w.buf[:0]
}

func (w *historyWriter) event(e *model.Event) {
	if w.clients && e.Kind != model.Submitted && e.Kind != model.Answered {
		return
	}
	w.buf = append(w.buf, `{"at":`...)
	w.time(e.At)
	switch e.Kind {
	case model.Submitted:
		w.ids[e.Txn.Index] = e.Txn.ID
		w.text(`,"what":"submitted","txn":`, w.id(e.Txn.Index))
		w.ops(e.Txn.Ops)
	case model.Began:
		w.buf = append(w.buf, `,"what":"began"`...)
		w.attempt(`,"txn":`, e.Attempt)
		w.buf = append(w.buf, `,"age":`...)
		w.time(e.Age)
	case model.Installed:
		w.buf = append(w.buf, `,"what":"installed"`...)
		w.version(`,"txn":`, e.Version)
		w.item(e.Worker, e.Key, e.Value, e.Deleted)
	case model.Answered:
		w.buf = append(w.buf, `,"what":"answered"`...)
		w.attempt(`,"txn":`, e.Attempt)
		w.answer(e)
	}
	w.buf = append(w.buf, "}\n"...)
}

// end prints what storage held at the end.
func (w *historyWriter) end(h *SavedHistory) {
	for _, s := range h.Stores {
		w.buf = append(w.buf, `{"what":"stored"`...)
		w.item(s.Worker, s.Key, s.Value, s.Deleted)
		w.from(s.Version)
		w.buf = append(w.buf, "}\n"...)
		w.flush()
	}
	for _, p := range h.InDoubt {
		w.text(`{"what":"in-doubt","txn":`, w.id(p.Txn))
		w.text(`,"worker":`, workerName(p.Worker))
		w.buf = append(w.buf, "}\n"...)
	}
	if h.Whole {
		w.buf = fmt.Appendf(w.buf, `{"what":"end","complete":%v}`+"\n", h.Complete)
	}
}

// id is the name of a transaction; of one that nobody submitted, its number.
func (w *historyWriter) id(index uint64) string {
	if id := w.ids[index]; id != "" {
		return id
	}
	return "t" + strconv.FormatUint(index, 10)
}

func (w *historyWriter) text(field, s string) {
	w.buf = input.AppendString(append(w.buf, field...), s)
}

func (w *historyWriter) number(field string, n int64) {
	w.buf = strconv.AppendInt(append(w.buf, field...), n, 10)
}

func (w *historyWriter) time(t sim.Time) {
	w.buf = append(w.buf, '"')
	w.buf, _ = t.AppendText(w.buf)
	w.buf = append(w.buf, '"')
}

func (w *historyWriter) attempt(field string, a model.Attempt) {
	w.text(field, w.id(a.Txn))
	w.number(`,"try":`, int64(a.Try))
}

func (w *historyWriter) version(field string, v model.Version) {
	w.attempt(field, v.Attempt)
	w.number(`,"op":`, int64(v.Op))
}

// from prints a version, unless it is the initial state.
func (w *historyWriter) from(v model.Version) {
	if v != (model.Version{}) {
		w.version(`,"from":{"txn":`, v)
		w.buf = append(w.buf, '}')
	}
}

func (w *historyWriter) item(worker int, key, value string, deleted bool) {
	w.text(`,"worker":`, workerName(worker))
	w.text(`,"key":`, key)
	if deleted {
		w.buf = append(w.buf, `,"deleted":true`...)
	} else {
		w.text(`,"value":`, value)
	}
}

func (w *historyWriter) ops(ops []model.Op) {
	w.buf = append(w.buf, `,"ops":[`...)
	for i := range ops {
		op := &ops[i]
		if i > 0 {
			w.buf = append(w.buf, ',')
		}
		w.text("[", op.Kind.String()[:1])
		w.text(",", workerName(op.Worker))
		w.text(",", op.Key)
		if op.Kind == model.Write {
			w.text(",", op.Value)
		}
		w.buf = append(w.buf, ']')
	}
	w.buf = append(w.buf, ']')
}

func (w *historyWriter) answer(e *model.Event) {
	w.text(`,"outcome":`, e.Outcome.String())
	if e.Reason != model.NoReason {
		w.text(`,"reason":`, e.Reason.String())
	}
	if !e.Final {
		w.buf = append(w.buf, `,"final":false`...)
	}
	for i := range e.Reads {
		r := &e.Reads[i]
		if i == 0 {
			w.buf = append(w.buf, `,"reads":[`...)
		} else {
			w.buf = append(w.buf, ',')
		}
		w.number(`{"op":`, int64(r.Op))
		if r.Found {
			w.text(`,"value":`, r.Value)
		}
		if !w.clients {
			w.from(r.Version)
		}
		w.buf = append(w.buf, '}')
	}
	if len(e.Reads) > 0 {
		w.buf = append(w.buf, ']')
	}
}

func workerName(index int) string { return "w" + strconv.Itoa(index) }
