package analysis

import (
	"fmt"

	"github.com/seed83d86191/txsim/model"
)

// resolve finds, for each read of each committed transaction in the window, the
// version that it saw, links it to that version, and reports reads that no committed
// version explains. The links are valid until the next cut.
func (c *HistoryChecker) resolve() {
	for _, s := range c.order {
		t := &c.txns[s]
		for i := range t.ops {
			rec := &t.ops[i]
			rec.link = noRef
			if t.t.Ops[i].Kind == model.Read {
				rec.ref = noRef
			}
		}
	}
	for _, s := range c.answers {
		t := &c.txns[s]
		for i := range t.reads {
			r := &t.reads[i]
			rec := &t.ops[r.Op]
			switch {
			case rec.own >= 0:
				c.checkOwnRead(s, r)
			case r.Version == c.key(rec.key).baseVersion():
				rec.ref = baseRef
				base := c.key(rec.key)
				c.checkValue(s, r, base.found, base.value)
			default:
				c.resolveRead(s, r)
			}
		}
	}
}

// checkOwnRead checks a read after a write of the same transaction.
func (c *HistoryChecker) checkOwnRead(s int32, r *model.ReadResult) {
	t := &c.txns[s]
	own := t.ops[r.Op].own
	want := model.Version{Attempt: model.Attempt{Txn: t.index, Try: t.told}, Op: own}
	op := &t.t.Ops[own]
	if r.Version != want || r.Found != (op.Kind == model.Write) || r.Found && r.Value != op.Value {
		c.readFinding(s, r, InvOwnWrites, AnomalyInternal, "not its own %s of operation %d",
			c.opValue(histRef{s, own}), own)
	}
}

// checkValue checks that a read returned the value of the version that it names.
func (c *HistoryChecker) checkValue(s int32, r *model.ReadResult, found bool, value string) {
	if r.Found != found || found && r.Value != value {
		c.readFinding(s, r, InvCommittedReads, AnomalyGarbage, "but that version is %s", valueName(found, value))
	}
}

// resolveRead resolves a read of a version that was written in the window.
func (c *HistoryChecker) resolveRead(s int32, r *model.ReadResult) {
	v := r.Version
	rec := &c.txns[s].ops[r.Op]
	base := c.key(rec.key)
	ws := c.find(v.Txn)
	if ws < 0 && !c.dropped || ws >= 0 && c.txns[ws].submitSeq > c.txns[s].answerSeq {
		c.readFinding(s, r, InvCommittedReads, AnomalyGarbage, "which was not submitted before the answer")
		return
	}
	if ws < 0 {
		c.seen |= anomalies(AnomalyRealTime)
		c.lossy = true
		c.readFinding(s, r, InvStrictSerializability, AnomalyStaleRead,
			"neither %s (%s, installed at %v), which precedes it in real time, nor anything since",
			c.versionName(base.baseVersion()), valueName(base.found, base.value), base.at)
		return
	}
	w := &c.txns[ws]
	if v.Op < 0 || int(v.Op) >= len(w.ops) || w.t.Ops[v.Op].Kind == model.Read || w.ops[v.Op].key != rec.key {
		c.readFinding(s, r, InvCommittedReads, AnomalyGarbage, "which does not write there")
		return
	}
	op, wrec := &w.t.Ops[v.Op], &w.ops[v.Op]
	c.checkValue(s, r, op.Kind == model.Write, op.Value)
	switch {
	case w.rejected(v.Try):
		c.readFinding(s, r, InvCommittedReads, AnomalyG1a, "an attempt that aborted")
		return
	case ws == s:
		c.readFinding(s, r, InvOwnWrites, AnomalyInternal, "which comes later in the same transaction")
		return
	case wrec.own >= 0:
		c.readFinding(s, r, InvCommittedReads, AnomalyG1b, "which operation %d of the same transaction supersedes", wrec.own)
		return
	case wrec.at >= 0 && v.Try != wrec.installer():
		c.readFinding(s, r, InvCommittedReads, AnomalyG1a, "but attempt %d was installed", wrec.installer())
		return
	case wrec.at < 0:
		// The writer may still install it; Finish reports it if it does not. A
		// worker that applied it, and was dead for good before the record of the
		// commit was on disk, is not to blame: its log is in doubt.
		w.flags |= flagObserved
		if c.finished && !c.truncated && !(c.undecided != nil && c.undecided(w.index, op.Worker)) {
			c.readFinding(s, r, InvCommittedReads, AnomalyG1a, "which never was installed")
		}
	}
	rec.ref = histRef{ws, v.Op}
	rec.link = wrec.link
	wrec.link = histRef{s, r.Op}
}

// readFinding reports a read, once per transaction.
func (c *HistoryChecker) readFinding(s int32, r *model.ReadResult, inv, anomaly, format string, args ...any) {
	c.seen |= anomalies(anomaly)
	t := &c.txns[s]
	if t.is(flagReported) {
		return
	}
	t.flags |= flagReported
	c.log.add(inv, func() Finding {
		name := c.attemptName(model.Attempt{Txn: t.index, Try: t.told})
		f := Finding{
			Anomaly: anomaly,
			Txn:     t.t.ID,
			At:      t.answerAt,
			Text: fmt.Sprintf("%s read %s = %s from %s, %s", name, c.keyName(t.ops[r.Op].key),
				valueName(r.Found, r.Value), c.versionName(r.Version), fmt.Sprintf(format, args...)),
			Records: c.records(s),
		}
		if w := c.find(r.Version.Txn); w >= 0 && w != s {
			f.Txn += " " + c.txns[w].t.ID
			f.Records = c.records(s, w)
		}
		return f
	})
}
