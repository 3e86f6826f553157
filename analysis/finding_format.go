package analysis

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// maxRecords bounds the records of one finding.
const maxRecords = 40

// attemptName prints an attempt as t17 or t17#2.
func (c *HistoryChecker) attemptName(a model.Attempt) string {
	f := c.format
	if s := c.find(a.Txn); s >= 0 {
		t := c.txns[s].t
		f = model.Formatter{ID: func(uint64) string { return t.ID }}
	}
	return f.Attempt(a)
}

// versionName says who wrote a version.
func (c *HistoryChecker) versionName(v model.Version) string {
	if v == (model.Version{}) {
		return "the initial state"
	}
	return "operation " + strconv.Itoa(int(v.Op)) + " of " + c.attemptName(v.Attempt)
}

func itemName(worker int, key string) string {
	return "w" + strconv.Itoa(worker) + " " + model.QuoteWord(key)
}

func (c *HistoryChecker) keyName(k int32) string {
	key := c.key(k)
	return itemName(int(key.worker), key.key)
}

func valueName(found bool, value string) string {
	if !found {
		return "none"
	}
	return strconv.Quote(value)
}

// opValue prints what a write leaves behind.
func (c *HistoryChecker) opValue(r histRef) string {
	return valueName(!c.deletes(r), c.txns[c.op(r).slot].t.Ops[c.number(r)].Value)
}

// briefValue is opValue for a sentence that has many.
func (c *HistoryChecker) briefValue(r histRef) string { return brief(c.opValue(r)) }

// brief cuts the name of a long value: a sentence that says what goes round a cycle could not
// be read. The records of the finding have all of it.
func brief(value string) string {
	const most = 40
	if len(value) <= most {
		return value
	}
	return strings.ToValidUTF8(value[:most/2], "") + "…\""
}

// deletes reports whether a write leaves nothing behind.
func (c *HistoryChecker) deletes(r histRef) bool {
	return c.txns[c.op(r).slot].t.Ops[c.number(r)].Kind != model.Write
}

// moment prints when something happened: a time, or a line of a file that has no times.
func moment(at sim.Time, lines bool) string {
	if lines {
		return "line " + strconv.FormatInt(int64(at), 10)
	}
	return at.String()
}

// when is moment, for the events of the history.
func (c *HistoryChecker) when(at sim.Time) string { return moment(at, c.lines) }

// recordLine is the function of that name, for a record of the history.
func (c *HistoryChecker) recordLine(at sim.Time, who, what, about, detail string) string {
	line := recordLine(at, who, what, about, detail)
	if c.lines {
		line = fmt.Sprintf("%-11s", c.when(at)) + strings.TrimPrefix(line, at.String())
	}
	return line
}

// recordLine prints a record as the log of a run does.
func recordLine(at sim.Time, who, what, about, detail string) string {
	l := model.Line{At: at, Who: who, What: what, About: about, Detail: detail}
	return l.Text()
}

// eventLine prints an event of the history.
func (c *HistoryChecker) eventLine(e *model.Event) string {
	switch e.Kind {
	case model.Submitted:
		return c.recordLine(e.At, "client", "submitted", e.Txn.Name(), "")
	case model.Began:
		return c.recordLine(e.At, "coordinator", "began", c.attemptName(e.Attempt), fmt.Sprintf("age %v", e.Age))
	case model.Installed:
		return c.recordLine(e.At, "w"+strconv.Itoa(e.Worker), "installed", c.attemptName(e.Version.Attempt),
			model.QuoteWord(e.Key)+"="+valueName(!e.Deleted, e.Value))
	}
	final := ""
	if e.Final {
		final = ", final"
	}
	return c.recordLine(e.At, "client", "answered", c.attemptName(e.Attempt), e.Outcome.String()+final)
}

// records lists what is known of some transactions in the window, in order of time.
func (c *HistoryChecker) records(slots ...int32) []string {
	type record struct {
		at   sim.Time
		text string
	}
	var all []record
	add := func(at sim.Time, who, what, id, detail string) {
		all = append(all, record{at, c.recordLine(at, who, what, id, detail)})
	}
	for _, s := range slots {
		t := &c.txns[s]
		add(t.submitAt, "client", "submitted", t.t.Name(), "")
		for i := range t.n {
			if op, rec := &t.t.Ops[i], c.opOf(t, i); rec.isInstalled() {
				add(rec.at, "w"+strconv.Itoa(op.Worker), "installed",
					c.attemptName(model.Attempt{Txn: t.t.Index, Try: rec.installer()}), model.QuoteWord(op.Key)+"="+c.opValue(histRef(t.first+i)))
			}
		}
		name := c.attemptName(model.Attempt{Txn: t.t.Index, Try: max(cmp.Or(t.told, t.aborted), 1)})
		if !t.is(flagFinal) {
			if t.aborted > 0 {
				add(t.answerAt, "client", "answered", name, model.Aborted.String())
			}
			continue
		}
		for i := range t.reads {
			r := &t.reads[i]
			add(t.answerAt, "client", "read", name, c.keyName(c.opOf(t, r.Op).key)+"="+
				valueName(r.Found, r.Value)+" from "+c.versionName(r.Version))
		}
		add(t.answerAt, "client", "answered", name, t.outcome.String())
	}
	slices.SortStableFunc(all, func(a, b record) int { return cmp.Compare(a.at, b.at) })
	var lines []string
	for i, r := range all {
		if i == maxRecords {
			lines = append(lines, fmt.Sprintf("… and %d more", len(all)-i))
			break
		}
		lines = append(lines, r.text)
	}
	return lines
}
