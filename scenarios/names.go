package scenarios

import "github.com/seed83d86191/txsim/model"

// names knows the ids of the transactions that are open or were lately, if they have other
// ids than t<index>.
type names struct {
	custom  bool // they have
	byIndex map[uint64]string
	closed  []uint64
	head    int
}

// names returns the names of a run that begins. Only the transactions of a file can have
// ids of their own. If a single one has, t<n> may be the id of another transaction than the
// n-th, so that all ids must be kept.
func (j *Job) names() names {
	return names{custom: j.file != nil && !j.file.Numbered()}
}

// allNames returns the names of all transactions of the job.
func (j *Job) allNames() (names, error) {
	n := j.names()
	if !n.custom {
		return n, nil
	}
	txs, err := j.transactions(j.s.Seed)
	for _, t := range txs {
		n.observe(&model.Event{Kind: model.Submitted, Txn: t})
	}
	return n, err
}

// formatter returns a formatter of the job's records, with the ids that n knows.
func (j *Job) formatter(n *names) *model.Formatter {
	return &model.Formatter{Coordinators: j.s.Coordinators, Workers: j.s.Workers, ID: n.id, CustomIDs: n.custom, Names: model.NamesOf(j.protocol)}
}

// keepNames is how many closed transactions keep their name in the log. Records about
// transactions that were closed before these print #<index>.
const keepNames = 1 << 16

func (n *names) observe(e *model.Event) {
	switch {
	case !n.custom:
	case e.Kind == model.Submitted:
		if n.byIndex == nil {
			n.byIndex = map[uint64]string{}
		}
		n.byIndex[e.Txn.Index] = e.Txn.ID
	case e.Kind == model.Answered && e.Final:
		n.closed = append(n.closed, e.Txn.Index)
		if len(n.closed)-n.head > keepNames {
			old := n.closed[n.head]
			n.head++
			delete(n.byIndex, old)
		}
		if n.head > keepNames {
			n.closed = append(n.closed[:0], n.closed[n.head:]...)
			n.head = 0
		}
	}
}

func (n *names) id(index uint64) string { return n.byIndex[index] }

// finder returns a function that finds the id of a transaction by its index, once it has
// been submitted; nil if the id contains the index.
func (n *names) finder() func(index uint64) string {
	if !n.custom {
		return nil
	}
	return n.id
}
