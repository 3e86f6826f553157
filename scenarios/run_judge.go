package scenarios

import (
	"iter"
	"slices"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// undecided reports whether a worker could still install its part of a transaction, or is dead
// for good in a run without promises, where the decision may have been taken without it.
func (r *run) undecided(txn uint64, worker int) bool {
	return r.cluster.Undecided(txn, worker) ||
		r.protocol != nil && !r.protocol.Promises() && r.cluster.World.Dead(r.cluster.Workers[worker])
}

// judge adds to the result what the checkers find, and the verdict. complete says that the
// run came to rest, undecided which parts of transactions are in doubt at its end.
func (r *run) judge(res *Result, complete bool, undecided func(txn uint64, worker int) bool) {
	if !complete {
		r.history.Truncate()
	}
	r.history.Undecided(undecided)
	var open []model.Residue
	if complete {
		open, res.Excused = r.cluster.Residue()
	}
	r.protocol.EndDoubts(res.doubtsEnd())
	res.InDoubt = r.protocol.InDoubt()
	if complete {
		res.Blocked = r.blocked(res.Excused)
		r.protocol.Finish(r.held(open, res.Excused))
	}
	r.protocol.Crowded(r.cluster.Tally().Crowded)
	res.Ledger = r.protocol.Ledger(r.injection.Partition, r.injection.Line)
	if r.unchanged != nil {
		res.accuse(r.unchanged.Finish(res.Now))
	}
	res.accuse(r.protocol.Findings())
	if r.stock != nil {
		res.accuse(r.stock.Finish())
	}
	var stores iter.Seq[model.StoredItem] // unknown, unless the run came to rest
	if complete {
		stores = r.cluster.Stored
	}
	res.accuse(r.history.Finish(stores), r.history.Total())
	res.Levels = r.history.Levels()
	if u := r.cluster.Unread(); u.Records > 0 {
		res.accuse([]analysis.Finding{r.unread(u)}, u.Records)
	}
	for i := range res.Findings {
		if f := &res.Findings[i]; f.AtEnd {
			f.At = res.Now
		}
	}
	all := slices.Concat(open, res.Excused)
	for _, x := range open[:min(len(open), maxUnrest)] {
		res.Findings = append(res.Findings, r.unrest(x, all))
	}
	res.Violations += len(open)
	if r.o.Oracles != nil && res.End.Status != sim.Interrupted { // they take long, and nobody waits any more
		res.Disagreement = r.recording.CrossCheck(r.history, *r.o.Oracles)
	}
	switch {
	case res.Violations > 0:
		res.Verdict = analysis.Invalid
	case complete && res.Disagreement == nil:
		res.Verdict = analysis.Valid
	}
}

// waitsForDead reports whether the run ended only because what waits for a node that is dead
// for good had been waited for as long as limits.stuck.
func (r *Result) waitsForDead() bool { return r.End.Stuck && len(r.Excused) > 0 }

// doubtsEnd returns up to when a doubt without an end counts. A limit must not decide how long
// one lasted.
func (r *Result) doubtsEnd() sim.Time {
	if r.waitsForDead() {
		return r.Metrics.Last
	}
	return r.Now
}

// accuse adds the findings of a checker that were kept, and the number of all that it found.
func (r *Result) accuse(kept []analysis.Finding, all int) {
	r.Findings = append(r.Findings, kept...)
	r.Violations += all
}

// invariants lists what the run was checked for.
func (r *Result) invariants() []string {
	return slices.DeleteFunc(analysis.InvariantsAt(r.Isolation), func(name string) bool {
		return slices.ContainsFunc(r.NotChecked, func(n analysis.NotChecked) bool { return n.Name == name })
	})
}
