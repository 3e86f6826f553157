package analysis

import (
	"fmt"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// installed appends a version to its item.
func (c *HistoryChecker) installed(e *model.Event) {
	v := e.Version
	s := c.find(v.Txn)
	if s < 0 {
		c.eventFinding(InvAtomicity, AnomalyDirtyWrite, e, "%s is installed on w%d, but it was not submitted or was settled before",
			c.attemptName(v.Attempt), e.Worker)
		c.refused(e)
		return
	}
	t := &c.txns[s]
	if !c.expected(t, e) {
		return
	}
	if t.wrote != 0 && t.wrote != v.Try {
		c.eventFinding(InvOneCommit, AnomalyDirtyWrite, e, "%s is installed on w%d, but attempt %d was installed before",
			c.attemptName(v.Attempt), e.Worker, t.wrote)
	} else if t.told != 0 && t.told != v.Try {
		c.eventFinding(InvOneCommit, AnomalyDirtyWrite, e, "%s is installed on w%d, but the client was told that attempt %d committed",
			c.attemptName(v.Attempt), e.Worker, t.told)
	} else if t.rejected(v.Try) {
		c.eventFinding(InvAtomicity, AnomalyDirtyWrite, e, "%s is installed on w%d, but its client was told that it aborted",
			c.attemptName(v.Attempt), e.Worker)
	}
	if t.wrote == 0 {
		t.wrote = v.Try
	}
	rec := c.opOf(t, v.Op)
	rec.setInstalled(e.At, v.Try)
	t.missing--
	key := c.key(rec.key)
	r := histRef(t.first + v.Op)
	c.link(key, r)
	if len(c.astray) > 0 {
		delete(c.astray, rec.key)
	}
	if t.is(flagFinal) {
		c.noteSettled(t)
	}
}

// link makes a version the newest of an item.
func (c *HistoryChecker) link(key *histKey, r histRef) {
	if key.last == noRef {
		key.first = r
	} else {
		c.op(key.last).ref = r
	}
	key.last = r
}

// refused remembers an installed version that is not one of those that count. It is in
// storage all the same.
func (c *HistoryChecker) refused(e *model.Event) {
	if c.astray == nil {
		c.astray = map[int32]astray{}
	}
	c.astray[c.intern(e.Worker, e.Key)] = astray{model.StoredItem{Worker: e.Worker, Key: e.Key, Value: e.Value, Deleted: e.Deleted, Version: e.Version}, e.At}
}

// astray is what stands in storage though it should not.
type astray struct {
	model.StoredItem
	at sim.Time
}

// expected reports whether e installs, for the first time, a version that t should install.
// A wrong value is reported, and then taken for the right one.
func (c *HistoryChecker) expected(t *histTxn, e *model.Event) bool {
	v := e.Version
	if v.Op < 0 || v.Op >= t.n || t.t.Ops[v.Op].Kind == model.Read ||
		t.t.Ops[v.Op].Worker != e.Worker || t.t.Ops[v.Op].Key != e.Key {
		c.eventFinding(InvAtomicity, AnomalyDirtyWrite, e, "%s has no operation %d that writes %s", c.attemptName(v.Attempt), v.Op, itemName(e.Worker, e.Key))
		c.refused(e)
		return false
	}
	rec, op := c.opOf(t, v.Op), &t.t.Ops[v.Op]
	if last, superseded := rec.superseder(); superseded {
		c.eventFinding(InvAtomicity, AnomalyDirtyWrite, e, "%s installs operation %d on %s, which its operation %d supersedes",
			c.attemptName(v.Attempt), v.Op, itemName(e.Worker, e.Key), last)
		c.refused(e)
		return false
	}
	if rec.isInstalled() && rec.installer() != v.Try {
		c.eventFinding(InvOneCommit, AnomalyDirtyWrite, e, "%s is installed on w%d, but attempt %d was installed before",
			c.attemptName(v.Attempt), e.Worker, rec.installer())
		c.refused(e)
		return false
	}
	if rec.isInstalled() {
		delete(c.astray, rec.key)
		c.eventFinding(InvAtomicity, AnomalyDuplicateApply, e, "%s is installed a second time on %s; the first time was %s",
			c.attemptName(v.Attempt), itemName(e.Worker, e.Key), c.when(rec.at))
		return false
	}
	if e.Deleted != (op.Kind == model.Delete) || !e.Deleted && e.Value != op.Value {
		c.eventFinding(InvAtomicity, AnomalyGarbage, e, "%s installs %s instead of %s on %s", c.attemptName(v.Attempt),
			valueName(!e.Deleted, e.Value), valueName(op.Kind == model.Write, op.Value), itemName(e.Worker, e.Key))
	}
	return true
}

// eventFinding reports a violation that shows in one event.
func (c *HistoryChecker) eventFinding(inv, anomaly string, e *model.Event, format string, args ...any) {
	c.report(inv, anomalies(anomaly), func() Finding {
		id := e.Version.Txn
		switch {
		case e.Txn != nil:
			id = e.Txn.Index
		case e.Kind != model.Installed:
			id = e.Attempt.Txn
		}
		f := Finding{Anomaly: anomaly, Txn: c.attemptName(model.Attempt{Txn: id, Try: 1}), At: e.At, Text: fmt.Sprintf(format, args...)}
		if s := c.find(id); s >= 0 {
			f.Records = c.records(s)
		}
		f.Records = append(f.Records, c.eventLine(e))
		return f
	})
}
