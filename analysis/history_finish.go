package analysis

import (
	"fmt"
	"iter"
	"strings"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// finishOutcomes judges the transactions that are still open at the end, in order of
// submission.
func (c *HistoryChecker) finishOutcomes() {
	if c.truncated {
		return
	}
	for _, s := range c.order {
		t := &c.txns[s]
		name := t.t.Name()
		if !t.is(flagFinal) {
			c.endFinding(s, InvOneOutcome, "", "%s has no final answer", name)
		}
		if t.missing == 0 || t.is(flagFinal) && t.outcome == model.Aborted {
			continue // complete, or reported when it was installed
		}
		lost := c.lostWrites(t)
		if len(lost) == 0 {
			continue
		}
		if t.told != 0 {
			c.endFinding(s, InvDurability, AnomalyLostWrite, "%s was answered committed at %s, but never installed %s",
				name, c.when(t.answerAt), strings.Join(lost, ", "))
		}
		if t.missing < t.writes {
			c.endFinding(s, InvAtomicity, AnomalyLostWrite, "%s is installed in part: never %s", name, strings.Join(lost, ", "))
		}
	}
}

// lostWrites lists what a transaction should have installed and can no longer.
func (c *HistoryChecker) lostWrites(t *histTxn) []string {
	var lost []string
	for i := range t.t.Ops {
		if rec := c.opOf(t, int32(i)); rec.isDueOrLost() && !c.mayInstall(t, int32(i)) {
			lost = append(lost, c.keyName(rec.key)+" = "+c.briefValue(histRef(t.first+int32(i))))
		}
	}
	return lost
}

func (c *HistoryChecker) endFinding(s int32, inv, anomaly, format string, args ...any) {
	c.report(inv, anomalies(anomaly), func() Finding {
		return Finding{Anomaly: anomaly, Txn: c.txns[s].t.Name(), At: c.now, AtEnd: true, Text: fmt.Sprintf(format, args...), Records: c.records(s)}
	})
}

// compareStores compares the storage at the end with the newest version of each item.
func (c *HistoryChecker) compareStores(stores iter.Seq[model.StoredItem]) {
	const (
		unseen = iota
		same
		different
		garbled // the newest version has another value, whatever else is said of it
	)
	states := make([]uint8, c.known)
	wrong := map[int32]model.StoredItem{} // looked up only
	batch := make([]model.StoredItem, 0, 16)
	compare := func() {
		for i := range batch {
			c.warm(batch[i].Worker, batch[i].Key)
		}
		for i := range batch {
			item := &batch[i]
			k := c.intern(item.Worker, item.Key)
			for int(k) >= len(states) {
				states = append(states, unseen)
			}
			last, _ := c.lastInstalled(k)
			switch {
			case states[k] == garbled:
			case item.Version != last.Version:
				states[k], wrong[k] = different, *item
			case item.Deleted != last.Deleted || !item.Deleted && item.Value != last.Value:
				states[k], wrong[k] = garbled, *item
			default:
				states[k] = same
			}
		}
		batch = batch[:0]
	}
	for item := range stores {
		if batch = append(batch, item); len(batch) == cap(batch) {
			compare()
		}
	}
	compare()
	for k := range c.known {
		last, at := c.lastInstalled(k)
		state := unseen
		if int(k) < len(states) {
			state = int(states[k])
		}
		switch {
		case state == different || state == garbled:
			item := wrong[k]
			c.storeFinding(k, "%s holds %s from %s, but %s from %s was installed last", c.keyName(k),
				valueName(!item.Deleted, item.Value), c.versionName(item.Version),
				valueName(!last.Deleted, last.Value), c.versionName(last.Version))
		case state == unseen && !last.Deleted: // what is deleted need not be stored
			c.storeFinding(k, "%s is not in storage, but %s from %s was installed at %s", c.keyName(k),
				valueName(true, last.Value), c.versionName(last.Version), c.when(at))
		}
	}
}

func (c *HistoryChecker) storeFinding(k int32, format string, args ...any) {
	c.report(InvDurability, anomalies(AnomalyLostWrite), func() Finding {
		last, at := c.lastInstalled(k)
		f := Finding{Anomaly: AnomalyLostWrite, At: c.now, AtEnd: true, Text: fmt.Sprintf(format, args...)}
		if last.Version != (model.Version{}) {
			f.Txn = c.attemptName(model.Attempt{Txn: last.Version.Txn, Try: 1})
			f.Records = []string{c.recordLine(at, fmt.Sprintf("w%d", last.Worker), "installed", c.attemptName(last.Version.Attempt),
				last.Key+"="+valueName(!last.Deleted, last.Value))}
		}
		return f
	})
}

// lastInstalled is what was installed last of an item, and when, after the last cut. That
// it should not have been is a finding of its own.
func (c *HistoryChecker) lastInstalled(k int32) (model.StoredItem, sim.Time) {
	if len(c.astray) > 0 {
		if a, ok := c.astray[k]; ok {
			return a.StoredItem, a.at
		}
	}
	base := c.key(k)
	return model.StoredItem{Worker: int(base.worker), Key: base.key, Value: base.value, Deleted: !base.found(), Version: base.baseVersion()}, *c.baseAt(k)
}
