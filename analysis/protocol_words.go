package analysis

import (
	"cmp"
	"strings"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// words is a language as a tree of the beginnings of its words; all words begin at place 0.
type words struct {
	places []place
	role   [256]wordRole // by kind
	names  *model.Names  // of the kinds
}

// place is the beginning of a word.
type place struct {
	kind  sim.Kind   // of the last record
	from  uint8      // the place before it
	next  [256]uint8 // by kind; 0: no word continues with it
	whole bool       // a word may end here
}

type wordRole uint8

const (
	alien wordRole = iota // must not be in this log
	audit                 // may stand anywhere
	inWord
)

// maxPlaces bounds the places of a language, as tracedRecord.place is a byte.
const maxPlaces = 255

// learn fills w with the words of a language, reusing its memory.
func (w *words) learn(l model.Language, names *model.Names) *words {
	*w = words{places: append(w.places[:0], place{whole: true}), names: names}
	for _, k := range l.Audit {
		w.role[k] = audit
	}
	for _, word := range l.Words {
		at := uint8(0)
		for _, k := range word {
			w.role[k] = inWord
			next, ok := w.step(at, k)
			if !ok {
				if len(w.places) == maxPlaces {
					panic("the grammar has too many words")
				}
				next = uint8(len(w.places))
				w.places = append(w.places, place{kind: k, from: at})
				w.places[at].next[k] = next
			}
			at = next
		}
		w.places[at].whole = true
	}
	return w
}

// step returns the place that one more record leads to.
func (w *words) step(at uint8, k sim.Kind) (next uint8, ok bool) {
	if n := w.places[at].next[k]; n > 0 { // place 0 is no continuation
		return n, true
	}
	return at, false
}

// has reports whether the word up to a place holds a record of the kind.
func (w *words) has(at uint8, k sim.Kind) bool {
	for ; at > 0; at = w.places[at].from {
		if w.places[at].kind == k {
			return true
		}
	}
	return false
}

// prefix prints the word up to a place.
func (w *words) prefix(at uint8) string {
	var kinds []string
	for ; at > 0; at = w.places[at].from {
		kinds = append([]string{w.names.Kind(w.places[at].kind)}, kinds...)
	}
	return strings.Join(kinds, " ")
}

// language returns the language of a node's log, nil if it is not judged.
func (c *ProtocolChecker) language(n sim.NodeID) *words {
	if c.coordinates(n) {
		return c.coordinatorWords
	}
	return c.workerWords
}

// nextPlace reads the next record of a node's log about an attempt, and returns the place of
// the word so far. A crash cuts the end off a word; what is left is the beginning of one,
// and the next life goes on from there.
func (c *ProtocolChecker) nextPlace(t *txnTrace, w *words, r *sim.Record[model.Message]) uint8 {
	if w == nil {
		return 0
	}
	at := uint8(0)
	last := c.lastRecord(t, r.Node, r.Label)
	if last != nil {
		at = last.place
	}
	switch w.role[r.Kind] {
	case audit:
		return at
	case inWord:
		if next, ok := w.step(at, r.Kind); ok {
			t.partial += open(w, next) - open(w, at)
			if last != nil && w == c.coordinatorWords && w.places[next].whole {
				c.checkTime(t, r, lateLog, last.at, c.bounds.doubt)
			}
			return next
		}
		if w.has(at, r.Kind) {
			c.found(InvIdempotence, r, "%s appended its %s record of %s again, to a log of %s",
				c.format.Node(r.Node), c.format.Kind(r.Kind), c.name(r.Label), w.prefix(at))
			return at
		}
	}
	c.foundShape(InvLogGrammar, w.shape(at, r.Kind), r, "%s appended its %s record of %s, which can not follow %s",
		c.format.Node(r.Node), c.format.Kind(r.Kind), c.name(r.Label), cmp.Or(w.prefix(at), "nothing"))
	return at
}

// open returns 1 if the word up to a place is not whole, otherwise 0.
func open(w *words, at uint8) int32 {
	if w.places[at].whole {
		return 0
	}
	return 1
}

func (w *words) shape(at uint8, k sim.Kind) string {
	return strings.TrimSpace(w.prefix(at) + " " + w.names.Kind(k))
}

// leavesOpen reports whether some log has no whole word about an attempt of a transaction.
func (c *ProtocolChecker) leavesOpen(t *txnTrace) bool {
	if c.faults.crashed { // the count may include records that are lost
		return len(c.unfinished(t)) > 0
	}
	return t.partial > 0
}

// unfinished returns the last records of the words of a transaction that are not whole.
func (c *ProtocolChecker) unfinished(t *txnTrace) (open []*tracedRecord) {
	for i := range t.records {
		r := &t.records[i]
		w := c.language(r.node)
		if w != nil && !w.places[r.place].whole && c.lastRecord(t, r.node, t.label(r)) == r {
			open = append(open, r)
		}
	}
	return open
}

// Finish judges the logs at the end of a run that came to rest: what a node's log says of
// an attempt must be a whole word, unless excused says that the node has to leave it open.
func (c *ProtocolChecker) Finish(excused func(sim.NodeID, model.Attempt) bool) {
	kept := len(c.log.kept)
	for _, t := range c.txns.slots {
		if t.txn == nil || !c.leavesOpen(t) {
			continue // the common case, without reading records that are out of the cache
		}
		for _, r := range c.unfinished(t) {
			if excused(r.node, model.AttemptOf(t.label(r))) {
				continue
			}
			rec := sim.Record[model.Message]{At: r.at, Op: sim.TraceAppend, Node: r.node, Peer: sim.Nobody, Kind: r.kind, Label: t.label(r), Arg: uint64(r.lsn)}
			spelt := c.language(r.node).prefix(r.place)
			c.foundShape(InvLogGrammar, spelt+" and no more", &rec, "the log of %s about %s ends after %s, though nothing is open any more",
				c.format.Node(r.node), c.name(t.label(r)), spelt)
		}
	}
	for i := kept; i < len(c.log.kept); i++ {
		c.log.kept[i].AtEnd = true
	}
}
