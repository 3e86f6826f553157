package analysis

import (
	"fmt"
	"maps"
	"slices"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// Unchanged checks that a transaction stays as its client has submitted it. The nodes and the
// checkers share it in memory: a protocol that changed it would be judged by its own version.
// The zero value is good.
type Unchanged struct {
	open map[uint64]submission // by index, until they are answered
	late []submission          // answered lately, oldest first: workers may still have to act
	log  findingLog
}

// submission is a transaction as it was submitted.
type submission struct {
	txn *model.Transaction
	sum uint64
	at  sim.Time
}

// keepLate is how many answered transactions are looked at again.
const keepLate = 1 << 10

// Record implements model.History.
func (u *Unchanged) Record(e *model.Event) {
	switch {
	case e.Kind == model.Submitted:
		if u.open == nil {
			u.open, u.log.limit = map[uint64]submission{}, maxFindings
		}
		u.open[e.Txn.Index] = submission{e.Txn, checksum(e.Txn), e.At}
	case e.Kind == model.Answered && e.Final:
		s, ok := u.open[e.Attempt.Txn]
		if !ok {
			return
		}
		delete(u.open, e.Attempt.Txn)
		if u.compare(s, e.At) {
			return
		}
		if u.late = append(u.late, s); len(u.late) == 2*keepLate {
			for _, old := range u.late[:keepLate] {
				u.compare(old, e.At)
			}
			u.late = append(u.late[:0], u.late[keepLate:]...)
		}
	}
}

// Finish returns the findings, of the first transactions, and how many there are.
func (u *Unchanged) Finish(now sim.Time) ([]Finding, int) {
	for _, s := range u.late {
		u.compare(s, now)
	}
	for _, index := range slices.Sorted(maps.Keys(u.open)) {
		u.compare(u.open[index], now)
	}
	u.open, u.late = nil, nil
	return u.log.kept, u.log.total
}

// compare reports a transaction that was changed.
func (u *Unchanged) compare(s submission, at sim.Time) (changed bool) {
	if checksum(s.txn) == s.sum {
		return false
	}
	u.log.add(InvAtomicity, func() Finding {
		return Finding{Anomaly: AnomalyGarbage, Shape: "changed", Txn: s.txn.Name(), At: at,
			Records: []string{recordLine(s.at, "client", "submitted", s.txn.Name(), "")},
			Text:    fmt.Sprintf("the protocol has changed %s, which was to stay as its client has submitted it", s.txn.Name())}
	})
	return true
}

// checksum is of all that the nodes and the judges of a run take from a transaction.
func checksum(t *model.Transaction) uint64 {
	h := uint64(0)
	number := func(n uint64) { h = sim.Hash(h, n) }
	text := func(s string) { h = sim.HashString(h, s) }
	text(t.ID)
	number(t.Index)
	number(uint64(len(t.Ops)))
	for i := range t.Ops {
		op := &t.Ops[i]
		number(uint64(op.Worker)<<8 | uint64(op.Kind))
		text(op.Key)
		text(op.Value)
	}
	for i := range t.Parts {
		p := &t.Parts[i]
		number(uint64(p.Worker))
		number(uint64(len(p.Ops)))
		for j := range p.Ops {
			op := &p.Ops[j]
			whole := 0 <= op.Index && int(op.Index) < len(t.Ops) && op.Op == &t.Ops[op.Index]
			number(uint64(uint32(op.Index))<<2 | bit(whole)<<1 | bit(op.Exclusive))
			number(uint64(op.Lock))
		}
	}
	return h
}

// bit is 1 if b is true.
func bit(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}
