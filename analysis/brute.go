package analysis

import (
	"fmt"

	"github.com/seed83d86191/txsim/model"
)

// maxBrute bounds the transactions that BruteForce puts in order: those that were told
// committed, or installed anything.
const maxBrute = 12

// maxBruteOps bounds the operations of all transactions: the direct rules compare each with
// each.
const maxBruteOps = 1 << 12

// Brute is the result of BruteForce.
type Brute struct {
	// Verdict judges everything that HistoryChecker judges. It is undecided if there are too
	// many transactions or operations, if the run was stopped, or if a write of a transaction
	// that took effect is in doubt at the end.
	Verdict Verdict
	// Why says what is wrong, or why it is undecided.
	Why string
	// Serializable is the verdict without regard to real time. It is also undecided if what
	// is wrong is not the order.
	Serializable Verdict
}

// BruteForce judges a tiny history by definition: each event by direct rules, and
// the whole by trying all orders. It takes the same inputs as HistoryChecker, the
// order of versions included, and shares nothing with it.
func BruteForce(r *Recording) Brute {
	if !r.Complete {
		return Brute{Why: "the history stops before its end"}
	}
	b := &brute{rec: r, txns: map[uint64]*bruteTxn{}, versions: map[blackItem][]model.Version{}}
	wrong, ops := b.events(), 0
	for _, t := range b.list {
		ops += len(t.t.Ops)
		if t.told != 0 || len(t.installs) > 0 {
			b.nodes = append(b.nodes, t)
		}
	}
	if len(b.nodes) > maxBrute {
		return Brute{Why: fmt.Sprintf("%d transactions took effect, more than %d", len(b.nodes), maxBrute)}
	}
	if ops > maxBruteOps {
		return Brute{Why: fmt.Sprintf("%d operations, more than %d", ops, maxBruteOps)}
	}
	for _, rule := range []func() string{b.answers, b.installs, b.stores, b.reads} {
		if wrong == "" {
			wrong = rule()
		}
	}
	switch {
	case wrong != "":
		return Brute{Verdict: Invalid, Why: wrong}
	case b.inDoubt != "":
		return Brute{Why: b.inDoubt}
	}
	result := Brute{Verdict: Valid, Serializable: Valid}
	if !b.ordered(true) {
		result.Verdict, result.Why = Invalid, "no order of the transactions keeps real time and the order of versions and explains all reads"
		if !b.ordered(false) {
			result.Serializable, result.Why = Invalid, "no order of the transactions keeps the order of versions and explains all reads"
		}
	}
	return result
}

type brute struct {
	rec      *Recording
	txns     map[uint64]*bruteTxn // looked up only
	list     []*bruteTxn          // in order of submission
	nodes    []*bruteTxn          // that took effect
	versions map[blackItem][]model.Version
	inDoubt  string // a write that took effect elsewhere, and is in doubt
}

type bruteTxn struct {
	t             *model.Transaction
	submit, final int // events; final -1 if none
	outcome       model.Outcome
	told          uint32 // the try that was told committed
	refused       uint32 // the last try that was told aborted
	reads         []model.ReadResult
	installs      map[int32]*model.Event // by operation
	began         *model.Event           // the last
}

// events reads the history, and returns what is wrong with an event by itself or after
// those before it.
func (b *brute) events() (wrong string) {
	for i := range b.rec.Events {
		if w := b.event(i, &b.rec.Events[i]); w != "" && wrong == "" {
			wrong = w
		}
	}
	return wrong
}

func (b *brute) event(i int, e *model.Event) string {
	if e.Kind == model.Submitted {
		if b.txns[e.Txn.Index] != nil {
			return e.Txn.Name() + " is submitted twice"
		}
		t := &bruteTxn{t: e.Txn, submit: i, final: -1, installs: map[int32]*model.Event{}}
		b.txns[e.Txn.Index] = t
		b.list = append(b.list, t)
		return ""
	}
	t := b.txns[e.Attempt.Txn]
	if e.Kind == model.Installed {
		t = b.txns[e.Version.Txn]
	}
	switch {
	case t == nil && e.Kind == model.Began:
		return ""
	case t == nil:
		return fmt.Sprintf("event %d is of a transaction that was not submitted", i)
	case e.Kind == model.Began && t.final < 0:
		last := t.began
		t.began = e
		if last != nil && (e.Age != last.Age || e.Attempt.Try <= last.Attempt.Try) {
			return fmt.Sprintf("%s begins again with age %v and try %d", t.t.Name(), e.Age, e.Attempt.Try)
		}
	case e.Kind == model.Answered:
		return t.answer(i, e)
	case e.Kind == model.Installed:
		if t.installs[e.Version.Op] != nil {
			return fmt.Sprintf("operation %d of %s is installed twice", e.Version.Op, t.t.Name())
		}
		t.installs[e.Version.Op] = e
		item := blackItem{e.Worker, e.Key}
		b.versions[item] = append(b.versions[item], e.Version)
	}
	return ""
}

func (t *bruteTxn) answer(i int, e *model.Event) string {
	if t.final >= 0 {
		return t.t.Name() + " is answered again"
	}
	if e.Outcome == model.Aborted {
		t.refused = max(t.refused, e.Attempt.Try)
	}
	if e.Outcome == model.Committed || e.Final {
		t.final, t.outcome = i, e.Outcome
	}
	if e.Outcome == model.Committed {
		t.told, t.reads = e.Attempt.Try, e.Reads
		if t.told <= t.refused {
			return t.t.Name() + " is answered committed after that try was aborted"
		}
	}
	return ""
}

// answers: everything is answered in the end.
func (b *brute) answers() string {
	for _, t := range b.list {
		if t.final < 0 {
			return t.t.Name() + " is not answered"
		}
	}
	return ""
}

// installs: a transaction takes effect once, everywhere and as it says, or nowhere.
func (b *brute) installs() string {
	for _, t := range b.list {
		for i := range t.t.Ops {
			if w := b.installOf(t, i); w != "" {
				return w
			}
		}
		if n := len(t.t.Ops); anyInstall(t, func(op int32, _ *model.Event) bool { return op < 0 || int(op) >= n || !lastWrite(t.t, int(op)) }) {
			return t.t.Name() + " installs what it does not write last"
		}
		if t.outcome == model.Aborted && len(t.installs) > 0 {
			return t.t.Name() + " is aborted and installed"
		}
	}
	return ""
}

// installOf judges the install of one operation.
func (b *brute) installOf(t *bruteTxn, i int) string {
	if !lastWrite(t.t, i) {
		return ""
	}
	op, e := &t.t.Ops[i], t.installs[int32(i)]
	if e == nil {
		if t.told == 0 && len(t.installs) == 0 {
			return ""
		}
		if b.rec.Undecided(t.t.Index, op.Worker) {
			b.inDoubt = fmt.Sprintf("operation %d of %s is in doubt", i, t.t.Name())
			return ""
		}
		return fmt.Sprintf("operation %d of %s is not installed", i, t.t.Name())
	}
	try := e.Version.Try
	switch {
	case e.Worker != op.Worker || e.Key != op.Key || e.Deleted != (op.Kind == model.Delete) || !e.Deleted && e.Value != op.Value:
		return fmt.Sprintf("operation %d of %s is installed as something else", i, t.t.Name())
	case try <= t.refused || t.told != 0 && try != t.told:
		return fmt.Sprintf("try %d of %s is installed, but it did not commit", try, t.t.Name())
	case anyInstall(t, func(_ int32, other *model.Event) bool { return other.Version.Try != try }):
		return fmt.Sprintf("several tries of %s are installed", t.t.Name())
	}
	return ""
}

// lastWrite reports whether operation i writes or deletes an item that no later
// operation of t does: only such writes are ever seen by others.
func lastWrite(t *model.Transaction, i int) bool {
	op := &t.Ops[i]
	if op.Kind == model.Read {
		return false
	}
	for j := i + 1; j < len(t.Ops); j++ {
		if later := &t.Ops[j]; later.Kind != model.Read && later.Worker == op.Worker && later.Key == op.Key {
			return false
		}
	}
	return true
}

func anyInstall(t *bruteTxn, f func(op int32, e *model.Event) bool) bool {
	for op, e := range t.installs { // any order: it is asked whether there is one
		if f(op, e) {
			return true
		}
	}
	return false
}
