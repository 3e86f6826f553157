package analysis

import (
	"fmt"
	"slices"

	"github.com/seed83d86191/txsim/model"
)

// readsFrom finds out who wrote what was read, and refutes what nobody can have
// written.
func (b *blackBox) readsFrom([]model.Event) *Finding {
	for n := range b.txns {
		if f := b.readsOf(int32(n)); f != nil {
			return f
		}
	}
	for _, r := range b.reads {
		if r.writer >= 0 {
			b.txns[r.writer].happened = true
		}
	}
	return nil
}

// readsOf judges the reads of a transaction, operation by operation. A commit
// without any results is one whose results were lost.
func (b *blackBox) readsOf(n int32) *Finding {
	t := &b.txns[n]
	if len(t.reads) == 0 {
		return nil
	}
	results := map[int32]*model.ReadResult{}
	for i := range t.reads {
		results[t.reads[i].Op] = &t.reads[i]
	}
	given := len(results)
	own := map[int32]*model.Op{}         // the transaction's last write so far
	saw := map[int32]*model.ReadResult{} // of items that it had not written
	for i := range t.t.Ops {
		op := &t.t.Ops[i]
		k := b.item(op.Worker, op.Key)
		if op.Kind != model.Read {
			own[k] = op
			continue
		}
		r := results[int32(i)]
		if r == nil {
			break
		}
		delete(results, r.Op)
		if w := own[k]; w != nil {
			if r.Found != (w.Kind == model.Write) || r.Found && r.Value != w.Value {
				return b.readFinding(n, r, InvOwnWrites, "", fmt.Sprintf("after its own %v of %s", w.Kind, valueName(w.Kind == model.Write, w.Value)))
			}
			continue
		}
		if p := saw[k]; p != nil && (p.Found != r.Found || p.Found && p.Value != r.Value) {
			return b.readFinding(n, r, InvStrictSerializability, blackUnrepeated, "and "+valueName(p.Found, p.Value)+" in the same transaction")
		} else if p != nil {
			continue
		}
		saw[k] = r
		if f := b.source(n, k, r); f != nil {
			return f
		}
	}
	wanted := 0
	for i := range t.t.Ops {
		if t.t.Ops[i].Kind == model.Read {
			wanted++
		}
	}
	if wanted != len(t.reads) || wanted != given || len(results) > 0 {
		return &Finding{Invariant: InvCommittedReads, Txn: t.t.Name(), At: t.endAt,
			Text: fmt.Sprintf("%s is answered with %s, not those of its %s", t.t.Name(), Count(len(t.reads), "result"), Count(wanted, "read"))}
	}
	return nil
}

// source finds the one transaction that can have written what n read of item k. If there
// are several, the read is not used; if there is none, it is refuted.
func (b *blackBox) source(n, k int32, r *model.ReadResult) *Finding {
	if !r.Found {
		b.sourceOfNone(n, k)
		return nil
	}
	writer := int32(-1)
	var refuted []blackSource
	at, known := b.writers[blackValue{k, r.Value}]
	for ; known && at >= 0; at = b.writes[at].next {
		w := &b.writes[at]
		if s := b.refute(n, w); s.why != "" {
			refuted = append(refuted, s)
			continue
		}
		if writer >= 0 {
			return nil
		}
		writer = w.txn
	}
	if writer >= 0 {
		b.addRead(n, k, writer)
		return nil
	}
	anomaly, why := nowhere(refuted)
	return b.readFinding(n, r, InvCommittedReads, anomaly, why)
}

// blackSource says why what was read cannot come from a write of that value, and which
// anomaly that is.
type blackSource struct{ anomaly, why string }

// refute says why n cannot have read what w writes; the zero value if it can.
func (b *blackBox) refute(n int32, w *blackWrite) blackSource {
	t := &b.txns[w.txn]
	switch {
	case w.txn == n:
		return blackSource{"", "it writes itself, but later"}
	case t.told == model.Aborted:
		return blackSource{AnomalyG1a, t.t.Name() + " writes, and that was aborted"}
	case !w.last:
		return blackSource{AnomalyG1b, t.t.Name() + " writes and then overwrites itself"}
	case t.start > b.txns[n].end:
		return blackSource{blackThinAir, t.t.Name() + " writes, and that was submitted later"}
	}
	return blackSource{}
}

// mostSources bounds how many of them a finding lists.
const mostSources = 5

// nowhere says why a value can come from none of the writes of it, the last write first.
// The anomaly is known if it is the same for all.
func nowhere(sources []blackSource) (anomaly, why string) {
	slices.Reverse(sources)
	sources = slices.Compact(sources) // one may write it more than once
	if len(sources) == 0 {
		return blackThinAir, "which nobody writes"
	}
	anomaly = sources[0].anomaly
	if len(sources) == 1 {
		if anomaly == AnomalyG1a || anomaly == blackThinAir {
			return anomaly, "which only " + sources[0].why
		}
		return anomaly, "which " + sources[0].why
	}
	why = "which "
	for i, s := range sources {
		if s.anomaly != anomaly {
			anomaly = ""
		}
		if i < mostSources {
			why += s.why + "; "
		}
	}
	if more := len(sources) - mostSources; more > 0 {
		return anomaly, fmt.Sprintf("%sand %d more, and it was not read from there either", why, more)
	}
	return anomaly, why + "nobody else does"
}

// sourceOfNone is source of a read of none: the initial state, unless a deletion can
// have left it; or the only deletion, if the initial state was overwritten before.
func (b *blackBox) sourceOfNone(n, k int32) {
	key, t := &b.keys[k], &b.txns[n]
	deleter, deleters := int32(-1), 0
	for _, d := range key.deleters {
		if d != n && b.txns[d].start < t.end {
			deleter = d
			if deleters++; deleters == 2 {
				return
			}
		}
	}
	switch {
	case deleters == 0:
		b.addRead(n, k, -1)
	case key.firstDone < t.start:
		b.addRead(n, k, deleter)
	}
}

func (b *blackBox) addRead(n, k, writer int32) {
	b.reads = append(b.reads, blackRead{blackVersion{k, writer}, n})
}

// readFinding refutes a read by itself.
func (b *blackBox) readFinding(n int32, r *model.ReadResult, inv, anomaly, why string) *Finding {
	t := &b.txns[n]
	op := &t.t.Ops[r.Op]
	text := fmt.Sprintf("%s read %s = %s, %s", t.t.Name(), itemName(op.Worker, op.Key), valueName(r.Found, r.Value), why)
	return &Finding{Invariant: inv, Anomaly: anomaly, Txn: t.t.Name(), At: t.endAt, Text: text}
}
