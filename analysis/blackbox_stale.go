package analysis

import (
	"cmp"
	"fmt"
	"slices"
	"sort"

	"github.com/seed83d86191/txsim/model"
)

// stale refutes reads of a version that another transaction overwrote, from its
// start to its end, after the version was there and before the read could begin.
func (b *blackBox) stale([]model.Event) *Finding {
	type done struct{ end, txn int32 } // txn: of those that ended by then, the last to start
	byKey := make([][]done, len(b.keys))
	for k := range b.keys {
		list := make([]done, 0, len(b.keys[k].writers))
		for _, w := range b.keys[k].writers {
			if b.txns[w].end != never {
				list = append(list, done{int32(b.txns[w].end), w})
			}
		}
		slices.SortFunc(list, func(x, y done) int { return cmp.Compare(x.end, y.end) })
		for i := 1; i < len(list); i++ {
			list[i].txn = max(list[i].txn, list[i-1].txn) // transactions are numbered by start
		}
		byKey[k] = list
	}
	for _, r := range b.reads {
		list := byKey[r.item]
		i := sort.Search(len(list), func(i int) bool { return int(list[i].end) > b.txns[r.reader].start })
		if i == 0 {
			continue
		}
		if x := list[i-1].txn; r.writer < 0 || b.before(r.writer, x) {
			return b.staleRead(r, x)
		}
	}
	return nil
}

func (b *blackBox) staleRead(r blackRead, x int32) *Finding {
	f := &Finding{Invariant: InvStrictSerializability, Anomaly: AnomalyStaleRead, At: b.txns[r.reader].endAt,
		Txn: b.name(r.reader) + " " + b.name(x),
		Text: fmt.Sprintf("%s read %s, but %s had overwritten it and was answered before %s was submitted",
			b.name(r.reader), b.seen(r), b.name(x), b.name(r.reader))}
	if r.writer >= 0 {
		f.Txn += " " + b.name(r.writer)
		f.Records = append(f.Records, b.realTime(r.writer, x))
	}
	f.Records = append(f.Records,
		fmt.Sprintf("%s, told committed, leaves %s in %s", b.name(x), b.left(x, r.item), b.itemName(r.item)),
		b.realTime(x, r.reader),
		fmt.Sprintf("%s read %s", b.name(r.reader), b.seen(r)))
	return f
}

// lostUpdates refutes two transactions that read the same version and both
// overwrite it: whichever is second should have read what the first left.
func (b *blackBox) lostUpdates([]model.Event) *Finding {
	for _, r := range b.reads {
		if !slices.Contains(b.txns[r.reader].wrote, r.item) {
			continue
		}
		p, twice := b.updates[r.blackVersion]
		if !twice {
			b.updates[r.blackVersion] = r
			continue
		}
		first, second := b.name(p.reader), b.name(r.reader)
		return &Finding{Invariant: InvStrictSerializability, Anomaly: blackLostUpdate, At: b.txns[r.reader].endAt,
			Txn:  first + " " + second,
			Text: fmt.Sprintf("%s and %s both read %s, and both overwrite it", first, second, b.seen(r)),
			Records: []string{
				fmt.Sprintf("%s read %s and leaves %s", first, b.seen(p), b.left(p.reader, r.item)),
				fmt.Sprintf("%s read %s and leaves %s", second, b.seen(r), b.left(r.reader, r.item)),
				"whichever of them comes second should have read what the first leaves",
			}}
	}
	return nil
}

// seen prints what was read and whose it is.
func (b *blackBox) seen(r blackRead) string {
	if r.writer < 0 {
		return b.itemName(r.item) + " = none, its initial state"
	}
	return fmt.Sprintf("%s = %s of %s", b.itemName(r.item), b.left(r.writer, r.item), b.name(r.writer))
}

// left prints what a transaction leaves in an item.
func (b *blackBox) left(n, k int32) string {
	for i := range slices.Backward(b.txns[n].t.Ops) {
		if op := &b.txns[n].t.Ops[i]; op.Kind != model.Read && (blackItem{op.Worker, op.Key}) == b.keys[k].blackItem {
			return valueName(op.Kind == model.Write, op.Value)
		}
	}
	return "nothing"
}

// realTime says that x was answered before y was submitted.
func (b *blackBox) realTime(x, y int32) string {
	return fmt.Sprintf("%s was answered at %s, before %s was submitted at %s", b.name(x),
		moment(b.txns[x].endAt, b.lines), b.name(y), moment(b.txns[y].startAt, b.lines))
}
