package history

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios/input"
	"github.com/seed83d86191/txsim/scenarios/txfile"
	"github.com/seed83d86191/txsim/sim"
)

// Saved is a saved history: what clients asked and were told, what storage held, and where
// that comes from.
type Saved struct {
	Version, Command string // of the txsim that ran it; "" if it did not
	Scenario         string // in YAML; "" if there was none
	Isolation        string // the level it is held to, one of analysis.IsolationNames; "" is the strongest
	Clients          bool   // it holds only what clients saw
	Whole            bool   // it is complete
	Lines            int
	Timeless         bool // it was read, and no record has a time
	analysis.Recording

	ids   []string // by index, from 1
	lines []int    // of the events
}

// ID returns the id of a transaction that the history mentions.
func (h *Saved) ID(index uint64) string {
	if index == 0 || index > uint64(len(h.ids)) {
		return ""
	}
	return h.ids[index-1]
}

// ByLine returns the recording with the numbers of lines in place of times, for a history
// without times that was read from a file.
func (h *Saved) ByLine() analysis.Recording {
	r := h.Recording
	r.Events = slices.Clone(r.Events)
	for i, line := range h.lines {
		r.Events[i].At = sim.Time(line)
	}
	return r
}

// header is the header of a saved history.
type header struct {
	History  string `json:"txsim_history"` // ofClients or ofStorage
	Version  string `json:"version,omitempty"`
	Command  string `json:"command,omitempty"`
	Scenario string `json:"scenario,omitempty"`
	// Isolation is given only of levels weaker than the strongest.
	Isolation string `json:"isolation,omitempty"`
}

const (
	ofClients = "clients"
	ofStorage = "storage"
)

// Judgeable says what is wrong with the level of isolation that the history is held to.
func (h *Saved) Judgeable() error {
	names := analysis.IsolationNames()
	switch {
	case h.Isolation == "" || h.Isolation == names[0]:
		return nil
	case !slices.Contains(names, h.Isolation):
		return fmt.Errorf("isolation = %s: %s", h.Isolation, input.MustBeOneOf(h.Isolation, names))
	case h.Clients:
		return fmt.Errorf("isolation = %s: a history of clients can only be held to %s: of weaker levels they see too little", h.Isolation, names[0])
	}
	return nil
}

// View returns what the history is of: clients or storage.
func (h *Saved) View() string {
	if h.Clients {
		return ofClients
	}
	return ofStorage
}

// Write writes the history as a file that Read reads.
func (h *Saved) Write(to io.Writer) error {
	w := &writer{w: bufio.NewWriter(to), clients: h.Clients, ids: h.names()}
	head := header{h.View(), h.Version, h.Command, h.Scenario, h.Isolation}
	if h.Isolation == analysis.IsolationNames()[0] {
		head.Isolation = ""
	}
	if err := analysis.WriteJSON(w.w, head, ""); err != nil {
		return err
	}
	for i := range h.Events {
		w.event(&h.Events[i])
		w.flush()
	}
	if !h.Clients {
		w.end(h)
	}
	w.flush()
	return w.w.Flush()
}

// names returns the ids of all transactions that the history knows by one: a wrong history
// may mention one before it is submitted.
func (h *Saved) names() map[uint64]string {
	ids := make(map[uint64]string, len(h.ids))
	for i, id := range h.ids {
		ids[uint64(i)+1] = id
	}
	for i := range h.Events {
		if e := &h.Events[i]; e.Kind == model.Submitted {
			ids[e.Txn.Index] = e.Txn.ID
		}
	}
	return ids
}

// writer prints records, one at a time, through buf.
type writer struct {
	w       *bufio.Writer
	buf     []byte
	clients bool
	ids     map[uint64]string
}

func (w *writer) flush() {
	_, _ = w.w.Write(w.buf) // Flush returns the error
	w.buf = w.buf[:0]
}

func (w *writer) event(e *model.Event) {
	if w.clients && e.Kind != model.Submitted && e.Kind != model.Answered {
		return
	}
	w.buf = append(w.buf, `{"at":`...)
	w.time(e.At)
	switch e.Kind {
	case model.Submitted:
		w.text(`,"what":"submitted","txn":`, w.id(e.Txn.Index))
		w.buf = txfile.AppendOps(append(w.buf, `,"ops":`...), e.Txn.Ops)
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
func (w *writer) end(h *Saved) {
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

// id returns the name of a transaction; of one that has none, its number.
func (w *writer) id(index uint64) string {
	if id := w.ids[index]; id != "" {
		return id
	}
	return "t" + strconv.FormatUint(index, 10)
}

func (w *writer) text(field, s string) {
	w.buf = input.AppendString(append(w.buf, field...), s)
}

func (w *writer) number(field string, n int64) {
	w.buf = strconv.AppendInt(append(w.buf, field...), n, 10)
}

func (w *writer) time(t sim.Time) {
	w.buf = append(w.buf, '"')
	w.buf, _ = t.AppendText(w.buf)
	w.buf = append(w.buf, '"')
}

func (w *writer) attempt(field string, a model.Attempt) {
	w.text(field, w.id(a.Txn))
	w.number(`,"try":`, int64(a.Try))
}

func (w *writer) version(field string, v model.Version) {
	w.attempt(field, v.Attempt)
	w.number(`,"op":`, int64(v.Op))
}

// from prints a version, unless it is the initial state.
func (w *writer) from(v model.Version) {
	if v != (model.Version{}) {
		w.version(`,"from":{"txn":`, v)
		w.buf = append(w.buf, '}')
	}
}

func (w *writer) item(worker int, key, value string, deleted bool) {
	w.text(`,"worker":`, workerName(worker))
	w.text(`,"key":`, key)
	if deleted {
		w.buf = append(w.buf, `,"deleted":true`...)
	} else {
		w.text(`,"value":`, value)
	}
}

func (w *writer) answer(e *model.Event) {
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
