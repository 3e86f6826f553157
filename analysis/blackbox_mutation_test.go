package analysis

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/model"
)

// clientMutations change one thing that a client saw in a correct history. They
// report false if there is nothing to change.
var clientMutations = []struct {
	name   string
	mutate func(rng *rand.Rand, events []model.Event) bool
}{
	{"a read returns another value of its item", func(rng *rand.Rand, events []model.Event) bool {
		return changeRead(rng, events, func(op model.Op, r *model.ReadResult) bool {
			r.Value = anotherValue(rng, events, op, r.Value)
			r.Found = r.Value != ""
			return r.Found
		})
	}},
	{"a read returns nothing", func(rng *rand.Rand, events []model.Event) bool {
		return changeRead(rng, events, func(_ model.Op, r *model.ReadResult) bool {
			was := r.Found
			r.Found, r.Value = false, ""
			return was
		})
	}},
	{"a read returns what nobody wrote", func(rng *rand.Rand, events []model.Event) bool {
		return changeRead(rng, events, func(_ model.Op, r *model.ReadResult) bool {
			r.Found, r.Value = true, "garbage"
			return true
		})
	}},
	{"two answers are swapped", func(rng *rand.Rand, events []model.Event) bool {
		i, j := pick(rng, events, model.Answered), pick(rng, events, model.Answered)
		a, b := &events[i], &events[j]
		a.Outcome, b.Outcome, a.Reads, b.Reads = b.Outcome, a.Outcome, b.Reads, a.Reads
		return i != j
	}},
	{"an answer comes at once", func(rng *rand.Rand, events []model.Event) bool {
		i := pick(rng, events, model.Answered)
		at := slices.IndexFunc(events, func(e model.Event) bool { return e.Kind == model.Submitted && e.Txn == events[i].Txn }) + 1
		e := events[i]
		copy(events[at+1:i+1], events[at:i])
		events[at] = e
		return at != i
	}},
	{"a transaction is submitted just before its answer", func(rng *rand.Rand, events []model.Event) bool {
		i := pick(rng, events, model.Submitted)
		e := events[i]
		at := slices.IndexFunc(events, func(x model.Event) bool { return x.Kind == model.Answered && x.Txn == e.Txn }) - 1
		copy(events[i:at], events[i+1:at+1])
		events[at] = e
		return at != i
	}},
	{"a commit is told aborted", func(rng *rand.Rand, events []model.Event) bool {
		e := &events[pick(rng, events, model.Answered)]
		was := e.Outcome
		e.Outcome, e.Reads = model.Aborted, nil
		return was == model.Committed
	}},
}

func pick(rng *rand.Rand, events []model.Event, kind model.EventKind) int {
	for {
		if i := rng.IntN(len(events)); events[i].Kind == kind {
			return i
		}
	}
}

// changeRead has one of the reads changed.
func changeRead(rng *rand.Rand, events []model.Event, change func(op model.Op, r *model.ReadResult) bool) bool {
	for i, skip := 0, rng.IntN(len(events)); i < len(events); i++ {
		e := &events[(i+skip)%len(events)]
		if len(e.Reads) == 0 {
			continue
		}
		e.Reads = slices.Clone(e.Reads)
		r := &e.Reads[rng.IntN(len(e.Reads))]
		return change(e.Txn.Ops[r.Op], r)
	}
	return false
}

// TestBlackBoxPower changes correct histories, and measures how many of those that
// have no explanation any more are refuted.
func TestBlackBoxPower(t *testing.T) {
	runs := 600 * histRounds()
	for i, m := range clientMutations {
		wrong, refuted := 0, 0
		for seed := range runs {
			rng := rand.New(rand.NewPCG(uint64(seed), uint64(500+i)))
			p := clientChaos{txns: 7, keys: 1 + seed%2, spread: 2 + seed%8, deletes: 0.1 * float64(seed%3)}
			events := p.generate(rng)
			if f := BlackBox(events); f != nil {
				t.Fatalf("seed %d: a correct history is refuted\n%s\n%s", seed, clientDump(events), f)
			}
			if !m.mutate(rng, events) {
				continue
			}
			f := BlackBox(events)
			switch right := explainable(events); {
			case right && f != nil:
				t.Fatalf("%s, seed %d: refuted, but there is an order\n%s\n%s\n%s", m.name, seed, clientDump(events), f, strings.Join(f.Records, "\n"))
			case !right && f != nil:
				refuted++
				wrong++
			case !right:
				wrong++
			}
		}
		t.Logf("%s: %d of %d refuted", m.name, refuted, wrong)
		if wrong < runs/20 || refuted*100 < wrong*99 {
			t.Errorf("%s: %d of %d refuted, expected 99 of 100, and more of them", m.name, refuted, wrong)
		}
	}
}
