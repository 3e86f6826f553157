package model

import "slices"

// Renaming says what changes where workers change names.
type Renaming struct {
	Keys []map[string]string // by worker: what its keys become
	Ops  [][]int32           // by transaction and operation: the one that takes its place
}

// Renamings has the bench keep histories under other names too. The first renaming must
// leave every name as it is.
func (b *Bench) Renamings(all []Renaming) {
	b.renamings = all
	b.renamed = make([][]byte, len(all))
}

// Shapes returns, for each renaming, a hash of what the analysis has been told of the node
// under these names. Nodes of which it has been told the same, but for names, share one.
func (b *Bench) Shapes() (shapes []uint64) {
	for _, h := range b.renamed {
		shapes = append(shapes, b.told(h))
	}
	return shapes
}

// Outline returns a hash of the records that the last step left in the trace, without the
// nodes that they speak of.
func (b *Bench) Outline() uint64 { return b.outline }

// rename appends an event to the histories under other names.
func (b *Bench) rename(e *Event) {
	for i := range b.renamings {
		r := &b.renamings[i]
		n := *e
		n.Reads = slices.Clone(e.Reads)
		n.Version = r.version(e.Version)
		if e.Kind == Installed {
			n.Key = r.Keys[e.Worker][e.Key]
		}
		for j := range n.Reads {
			read := &n.Reads[j]
			read.Op, read.Version = r.op(e.Attempt.Txn, read.Op), r.version(read.Version)
		}
		b.renamed[i] = appendEvent(b.renamed[i], &n)
	}
}

func (r *Renaming) op(txn uint64, op int32) int32 {
	if txn == 0 || txn > uint64(len(r.Ops)) || op < 0 || int(op) >= len(r.Ops[txn-1]) {
		return op
	}
	return r.Ops[txn-1][op]
}

func (r *Renaming) version(v Version) Version {
	v.Op = r.op(v.Attempt.Txn, v.Op)
	return v
}
