package analysis

import (
	"fmt"

	"github.com/seed83d86191/txsim/model"
)

// resolve finds the version that each read of each committed transaction in the window saw,
// and reports reads that no committed version explains. The result is valid until something
// leaves the window.
func (c *HistoryChecker) resolve() {
	for _, s := range c.answers {
		t := &c.txns[s]
		for i := range t.reads {
			r := &t.reads[i]
			rec := c.opOf(t, r.Op)
			rec.ref = noRef
			if own, ok := rec.ownWrite(); ok {
				c.checkOwnRead(s, r, own)
				continue
			}
			if base := c.key(rec.key); r.Version == base.baseVersion() {
				rec.ref = baseRef
				c.checkValue(s, r, base.found(), base.value)
				continue
			}
			rec.ref = c.resolveRead(s, r)
		}
	}
}

// checkOwnRead checks a read that must see an operation of its own transaction.
func (c *HistoryChecker) checkOwnRead(s int32, r *model.ReadResult, own int32) {
	t := &c.txns[s]
	want := model.Version{Attempt: model.Attempt{Txn: t.t.Index, Try: t.told}, Op: own}
	op := &t.t.Ops[own]
	if r.Version != want || r.Found != (op.Kind == model.Write) || r.Found && r.Value != op.Value {
		c.readFinding(s, r, InvOwnWrites, AnomalyInternal, "not its own %s of operation %d",
			c.opValue(histRef(t.first+own)), own)
	}
}

// checkValue checks that a read returned the value of the version that it names.
func (c *HistoryChecker) checkValue(s int32, r *model.ReadResult, found bool, value string) {
	if r.Found != found || found && r.Value != value {
		c.readFinding(s, r, InvCommittedReads, AnomalyGarbage, "but that version is %s", valueName(found, value))
	}
}

// resolveRead resolves a read of a version that was written in the window. It returns no
// version if the read cannot have seen it.
func (c *HistoryChecker) resolveRead(s int32, r *model.ReadResult) histRef {
	v := r.Version
	rec := c.opOf(&c.txns[s], r.Op)
	base := c.key(rec.key)
	ws := c.find(v.Txn)
	if ws < 0 && !c.dropped || ws >= 0 && c.txns[ws].submitSeq > c.txns[s].answerSeq {
		c.readFinding(s, r, InvCommittedReads, AnomalyGarbage, "which was not submitted before the answer")
		return noRef
	}
	if ws < 0 {
		c.lossy = true
		c.readFinding(s, r, c.serial, AnomalyStaleRead,
			"neither %s (%s, installed at %s), which precedes it in real time, nor anything since",
			c.versionName(base.baseVersion()), valueName(base.found(), base.value), c.when(*c.baseAt(rec.key)))
		return noRef
	}
	w := &c.txns[ws]
	if v.Op < 0 || v.Op >= w.n || c.opOf(w, v.Op).isRead() || c.opOf(w, v.Op).key != rec.key {
		c.readFinding(s, r, InvCommittedReads, AnomalyGarbage, "which does not write there")
		return noRef
	}
	op, wrec := &w.t.Ops[v.Op], c.opOf(w, v.Op)
	c.checkValue(s, r, op.Kind == model.Write, op.Value)
	last, superseded := wrec.superseder()
	switch {
	case w.rejected(v.Try):
		c.readFinding(s, r, InvCommittedReads, AnomalyG1a, "an attempt that aborted")
		return noRef
	case ws == s:
		c.readFinding(s, r, InvOwnWrites, AnomalyInternal, "which comes later in the same transaction")
		return noRef
	case superseded:
		c.readFinding(s, r, InvCommittedReads, AnomalyG1b, "which operation %d of the same transaction supersedes", last)
		return noRef
	case wrec.isInstalled() && v.Try != wrec.installer():
		c.readFinding(s, r, InvCommittedReads, AnomalyG1a, "but attempt %d was installed", wrec.installer())
		return noRef
	case !wrec.isInstalled():
		// The writer may still install it; if it does not, Finish reports that. If a worker
		// applied it and then died for good before its commit record was on disk, nothing
		// is wrong: its log is in doubt.
		w.flags |= flagObserved
		if c.finished && !c.mayInstall(w, v.Op) {
			c.readFinding(s, r, InvCommittedReads, AnomalyG1a, "which never was installed")
		}
	}
	return histRef(w.first + v.Op)
}

// readFinding reports a read, once per transaction.
func (c *HistoryChecker) readFinding(s int32, r *model.ReadResult, inv, anomaly, format string, args ...any) {
	found := anomalies(anomaly)
	if anomaly == AnomalyStaleRead {
		found = anomalies(AnomalyRealTime, AnomalyGNonadjacentRT)
	}
	t := &c.txns[s]
	if t.is(flagReported) {
		c.seen |= found
		return
	}
	if found&^c.tolerated != 0 {
		t.flags |= flagReported
	}
	c.report(inv, found, func() Finding {
		name := c.attemptName(model.Attempt{Txn: t.t.Index, Try: t.told})
		f := Finding{
			Anomaly: anomaly,
			Txn:     t.t.Name(),
			At:      t.answerAt,
			Text: fmt.Sprintf("%s read %s = %s from %s, %s", name, c.keyName(c.opOf(t, r.Op).key),
				valueName(r.Found, r.Value), c.versionName(r.Version), fmt.Sprintf(format, args...)),
			Records: c.records(s),
		}
		if w := c.find(r.Version.Txn); w >= 0 && w != s {
			f.Txn += " " + c.txns[w].t.Name()
			f.Records = c.records(s, w)
		}
		return f
	})
}
