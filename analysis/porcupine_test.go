package analysis

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/seed83d86191/txsim/model"
)

// asOperations is a history as clients saw it, each transaction one operation on one
// object that holds all items. What was told nothing definite never returns: it may
// take effect behind everything else, where nobody sees it.
func asOperations(events []model.Event) (ops []porcupine.Operation, ok bool) {
	b := &blackBox{byIndex: map[uint64]int32{}, items: map[blackItem]int32{}, writers: map[blackValue]int32{}}
	if b.collect(events) != nil {
		return nil, false
	}
	for i := range b.txns {
		t := &b.txns[i]
		if t.told == model.Aborted {
			continue
		}
		returned := int64(t.end)
		if t.end == never {
			returned = math.MaxInt64
		}
		ops = append(ops, porcupine.Operation{ClientId: i, Input: t, Call: int64(t.start), Return: returned})
	}
	return ops, true
}

// storeModel is the object: its state are the values of all items.
var storeModel = porcupine.Model{
	Init: func() any { return map[blackItem]string{} },
	Step: func(state, input, _ any) (bool, any) {
		after, ok := input.(*blackTxn).runOn(state.(map[blackItem]string))
		return ok, after
	},
	Equal: func(a, b any) bool { return fmt.Sprint(a) == fmt.Sprint(b) },
}

// TestPorcupineClients compares with a linearizability checker of another make: the trial
// of all orders must say the same; the black box must refute nothing that it
// accepts; nor must what it rejects be right in the eyes of HistoryChecker.
func TestPorcupineClients(t *testing.T) {
	t.Parallel()
	runs := 100 * histRounds()
	for i, p := range []clientChaos{
		{txns: 6, keys: 1, spread: 8, deletes: 0.1, stray: 0.1, damage: 0.02},
		{txns: 40, keys: 1, spread: 3, stray: 0.02, damage: 0.01},
		{txns: 40, keys: 3, spread: 2, deletes: 0.1, stray: 0.02, damage: 0.005},
	} {
		right, wrong, refuted := 0, 0, 0
		for seed := range runs {
			events := p.generate(rand.New(rand.NewPCG(uint64(seed), uint64(300+i))))
			ops, ok := asOperations(events)
			if !ok {
				t.Fatal("answers contradict each other")
			}
			f := BlackBox(events)
			switch porcupine.CheckOperationsTimeout(storeModel, ops, 5*time.Second) {
			case porcupine.Ok:
				right++
				if f != nil {
					t.Fatalf("%+v, seed %d: porcupine finds an order\n%s\n%s\n%s", p, seed, clientDump(events), f, strings.Join(f.Records, "\n"))
				}
				if p.txns < 10 && !explainable(events) {
					t.Fatalf("%+v, seed %d: porcupine finds an order, the trial of all orders does not\n%s", p, seed, clientDump(events))
				}
			case porcupine.Illegal:
				wrong++
				if f != nil {
					refuted++
				}
				if p.txns < 10 && explainable(events) {
					t.Fatalf("%+v, seed %d: porcupine finds no order, the trial of all orders does\n%s", p, seed, clientDump(events))
				}
			}
		}
		t.Logf("%+v: %d right; %d of %d wrong ones refuted", p, right, refuted, wrong)
		if right < runs/10 || wrong < runs/10 || refuted*100 < wrong*97 {
			t.Errorf("%+v: %d right, %d wrong, %d of them refuted", p, right, wrong, refuted)
		}
	}
}

// TestPorcupineVersions holds histories that HistoryChecker accepts, versions and
// all, against porcupine, which must accept what clients saw of them.
func TestPorcupineVersions(t *testing.T) {
	valid := 0
	for seed := range 600 * histRounds() {
		p := histChaos{txns: 12, keys: 1 + seed%2, spread: 4, stray: 0.01, damage: 0.05}
		h := p.generate(rand.New(rand.NewPCG(uint64(seed), 400)))
		if slices.ContainsFunc(h.events, func(e model.Event) bool { return e.Outcome == model.Blocked }) {
			continue
		}
		white := NewHistoryChecker(HistoryOptions{})
		h.recording().Feed(white)
		if white.Total() > 0 {
			continue
		}
		valid++
		ops, ok := asOperations(h.events)
		if !ok || porcupine.CheckOperationsTimeout(storeModel, ops, 5*time.Second) == porcupine.Illegal {
			t.Fatalf("seed %d: porcupine finds no order\n%s", seed, clientDump(h.events))
		}
	}
	t.Logf("%d valid histories", valid)
	if valid < 50 {
		t.Errorf("only %d histories were valid", valid)
	}
}
