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
