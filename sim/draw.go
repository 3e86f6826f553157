package sim

import (
	"time"
)

// The kernel's own streams.
const (
	purposeDelay = iota
	purposeLoss
	purposeDuplicate
	purposeTwice
	purposeSync
	purposeTorn
	purposes
)

var purposeNames = [purposes]string{"net/delay", "net/loss", "net/duplicate", "net/delay-of-duplicate", "disk/sync", "disk/torn"}

// keyed returns the 64 bits that (purpose, link, label, occurrence) draw. The last mix uses
// the result twice, as a square: a product with a constant would map neighbouring
// occurrences to evenly spaced draws.
func keyed(purpose uint64, from, to uint32, label Label, occurrence uint64) (u uint64) {
	u = mix(mix(purpose^(uint64(from)<<32|uint64(to)), uint64(label)), occurrence)
	return mix(u, u)
}

// sample draws a duration of the link to a node, which may be the node itself.
func (e *Env[M]) sample(purpose int, to NodeID, label Label, occurrence uint64, d *Dist) time.Duration {
	w := e.w
	if w.ordinals != nil {
		if v, ok := w.overruled(purposeNames[purpose], e.id, to, Quantiles); ok {
			return d.at(quantile(v))
		}
	}
	return d.at(keyed(w.purpose[purpose], e.key, w.keys[to], label, occurrence))
}

// drawSync draws the time of the sync that begins. It is keyed by label and kind of the
// first record that the sync covers, as a message's delay is by the message, and by which
// repetition of that it is; see repeats. Neither log position nor incarnation is in it, so
// that a crash moves no draw after it.
func (e *Env[M]) drawSync() time.Duration {
	d, first := &e.disk, LogRecord{} // it stays empty if just a checkpoint is written
	if d.durable < d.end() {
		first = decodeRecord(d.log[d.durable-d.base:], d.durable)
	}
	return e.sample(purposeSync, e.id, first.Label, d.begun.next(first.Label, first.Kind), &e.w.cfg.Disk.Sync)
}

// repeats numbers the syncs of a device that begin with records of one label and kind.
//
// No two of them get the same number, so that their draws are independent. One sync more
// should also not change the number of another. That would take a count for every label and
// kind ever met, whose lookup costs a tenth of a run: with a thousand devices, the counts of
// each are out of the processor's cache. Labels mostly rise, as those of transactions do, so
// the counts of the greatest labels are enough. A sync with a lower label is late. Whether
// its label has come before is not known, so its number is made from the lowest label kept
// and a count of late syncs since that label changed. One late sync more changes the numbers
// of the late ones after it until the next new label, and of no others.
type repeats struct {
	labels  [repeatsCounted]Label  // the greatest, falling; equal labels by kind. 0 is none
	counts  [repeatsCounted]uint32 // their kinds in the low byte, above it how often they have come again
	late    uint32
	unnamed uint32 // syncs that begin with label 0, or with no record
}

// repeatsCounted keeps a device's repeats in one cache line. It leaves room for more than
// one transaction at a time, and for a few labels that are far above the others.
const repeatsCounted = 4

// next returns the occurrence of one more sync that begins so.
func (r *repeats) next(label Label, kind Kind) uint64 {
	if label == 0 {
		r.unnamed++
		return uint64(r.unnamed)<<8 | uint64(kind)
	}
	for i := range r.labels {
		l, k := r.labels[i], Kind(r.counts[i])
		if label == l && kind == k {
			r.counts[i] += 1 << 8
			return uint64(r.counts[i])
		}
		if label > l || label == l && kind > k {
			for j := repeatsCounted - 1; j > i; j-- {
				r.labels[j], r.counts[j] = r.labels[j-1], r.counts[j-1]
			}
			r.labels[i], r.counts[i], r.late = label, uint32(kind), 0
			return uint64(kind)
		}
	}
	r.late++
	least := mix(uint64(r.labels[repeatsCounted-1]), uint64(Kind(r.counts[repeatsCounted-1])))
	return mix(least, uint64(r.late)<<8|uint64(kind))
}

// happens draws whether a chance event takes place.
func (w *World[M]) happens(purpose int, from, to NodeID, label Label, occurrence uint64, p Probability) bool {
	if w.ordinals != nil {
		if v, ok := w.overruled(purposeNames[purpose], from, to, 2); ok {
			return v == 1
		}
	}
	return p.Hits(keyed(w.purpose[purpose], w.keys[from], w.keys[to], label, occurrence))
}

// overruled asks the Source, if there is one, for the next choice of a stream.
func (w *World[M]) overruled(purpose string, from, to NodeID, n int) (int, bool) {
	if w.ordinals == nil {
		return 0, false
	}
	s := Stream(purpose + " " + w.nodes[from].name)
	if from != to {
		s += Stream("→" + w.nodes[to].name)
	}
	ordinal := w.ordinals[s]
	w.ordinals[s]++
	return w.ask(s, ordinal, n)
}
