package analysis

import (
	"cmp"
	"iter"
	"slices"

	"github.com/seed83d86191/txsim/model"
)

// Recording is a [model.History] that keeps all events, for judges that come afterwards. It
// takes as much memory as the history, so it is for runs of thousands of transactions, not
// of millions.
type Recording struct {
	Events []model.Event

	// Set by End.
	Complete bool               // the run came to rest; otherwise it was stopped
	Stores   []model.StoredItem // of all workers, by key, if the run is complete
	InDoubt  []InDoubtPart      // sorted by transaction and worker
}

// InDoubtPart is the part of a transaction that a worker could still install at the end: it
// waits for a coordinator that is dead for good, or is dead for good itself.
type InDoubtPart struct {
	Txn    uint64
	Worker int
}

// Record implements model.History.
func (r *Recording) Record(e *model.Event) { r.Events = append(r.Events, *e) }

// End ends the history. stores yields the storage of all workers if the run is complete;
// undecided is as for [HistoryChecker.Undecided].
func (r *Recording) End(complete bool, stores iter.Seq[model.StoredItem], undecided func(txn uint64, worker int) bool) {
	r.Complete = complete
	if complete {
		r.Stores = slices.SortedStableFunc(stores, func(a, b model.StoredItem) int {
			return cmp.Or(cmp.Compare(a.Worker, b.Worker), cmp.Compare(a.Key, b.Key))
		})
	}
	missing := map[InDoubtPart]int{} // looked up only
	var parts []InDoubtPart
	for i := range r.Events {
		switch e := &r.Events[i]; e.Kind {
		case model.Submitted:
			for j := range e.Txn.Parts {
				part := &e.Txn.Parts[j]
				p := InDoubtPart{e.Txn.Index, part.Worker}
				for op := range part.Locks {
					if op.Exclusive {
						missing[p]++ // of all writes of an item, the last is installed
					}
				}
				if missing[p] > 0 {
					parts = append(parts, p)
				}
			}
		case model.Installed:
			missing[InDoubtPart{e.Version.Txn, e.Worker}]--
		}
	}
	r.InDoubt = slices.DeleteFunc(parts, func(p InDoubtPart) bool {
		return missing[p] <= 0 || !undecided(p.Txn, p.Worker)
	})
	slices.SortFunc(r.InDoubt, compareParts)
}

// AddInDoubt adds a part that is in doubt, after End or instead of it.
func (r *Recording) AddInDoubt(txn uint64, worker int) {
	p := InDoubtPart{txn, worker}
	if at, found := slices.BinarySearchFunc(r.InDoubt, p, compareParts); !found {
		r.InDoubt = slices.Insert(r.InDoubt, at, p)
	}
}

// Undecided reports whether the part was in doubt at the end.
func (r *Recording) Undecided(txn uint64, worker int) bool {
	_, found := slices.BinarySearchFunc(r.InDoubt, InDoubtPart{txn, worker}, compareParts)
	return found
}

// Feed gives the history to a fresh checker and returns its findings.
func (r *Recording) Feed(c *HistoryChecker) []Finding {
	for i := range r.Events {
		e := r.Events[i]
		c.Record(&e)
	}
	c.Undecided(r.Undecided)
	if !r.Complete {
		c.Truncate()
		return c.Finish(nil)
	}
	return c.Finish(slices.Values(r.Stores))
}

func compareParts(a, b InDoubtPart) int {
	return cmp.Or(cmp.Compare(a.Txn, b.Txn), cmp.Compare(a.Worker, b.Worker))
}
