package analysis

import "github.com/seed83d86191/txsim/model"

// A version is due if, at the end, its transaction has committed and its worker has not
// installed it yet: it is in doubt, or the history stops before. What is due comes after all
// that is installed of its item. Of several versions that are due, nothing says which is first.

// findDue finds what is due at the end.
func (c *HistoryChecker) findDue() {
	for _, s := range c.order {
		t := &c.txns[s]
		if t.missing == 0 || !t.hasCommitted() {
			continue
		}
		for i := range t.n {
			if rec := c.opOf(t, i); rec.isDueOrLost() && c.mayInstall(t, i) {
				if c.due == nil {
					c.due = map[int32]histRef{}
				}
				if other, ok := c.due[rec.key]; ok {
					rec.ref, c.unordered = other, true
				}
				c.due[rec.key] = histRef(t.first + i)
			}
		}
	}
}

// hasCommitted reports whether somebody knows that t has committed: its client, a worker, or
// a transaction that was answered committed and has read from it.
func (t *histTxn) hasCommitted() bool {
	aborted := t.is(flagFinal) && t.outcome == model.Aborted
	return t.told != 0 || !aborted && (t.missing < t.writes || t.is(flagObserved))
}

// isDueOrLost reports whether it is a write that a commit installs, and was not installed.
func (rec *histOp) isDueOrLost() bool {
	_, superseded := rec.superseder()
	return !rec.isRead() && !superseded && !rec.isInstalled()
}

// mayInstall reports whether what is not installed at the end may be so later.
func (c *HistoryChecker) mayInstall(t *histTxn, op int32) bool {
	switch {
	case c.truncated:
		return true
	case c.undecided == nil:
		return t.outcome == model.Blocked
	}
	return c.undecided(t.t.Index, t.t.Ops[op].Worker)
}

// following returns the version after another one, or one of those that may be it.
func (c *HistoryChecker) following(rec *histOp) histRef {
	switch {
	case !rec.isInstalled():
		return noRef
	case rec.ref == noRef:
		return c.dueOf(rec.key)
	}
	return rec.ref
}

// dueOf returns one of the versions of an item that are due.
func (c *HistoryChecker) dueOf(k int32) histRef {
	if len(c.due) > 0 {
		if due, ok := c.due[k]; ok {
			return due
		}
	}
	return noRef
}

// beside returns the next of the versions that may follow where this one may, and are not of
// the transaction in slot.
func (c *HistoryChecker) beside(version histRef, slot int32) histRef {
	for rec := c.op(version); !rec.isInstalled() && rec.ref.named(); rec = c.op(rec.ref) {
		if c.op(rec.ref).slot != slot {
			return rec.ref
		}
	}
	return noRef
}
