package analysis

import (
	"testing"

	"github.com/anishathalye/porcupine"

	"github.com/seed83d86191/txsim/model"
)

// singleKey makes a history of n transactions, each one read or one write of the same
// key, and the same as operations on a register.
func singleKey(n int) (events []model.Event, ops []porcupine.Operation) {
	place := map[uint64]int{}
	histLoad{clients: 8, workers: 1, keys: 1, ops: 1}.generate(n, 1, func(e *model.Event) {
		events = append(events, *e)
		switch e.Kind {
		case model.Submitted:
			place[e.Txn.Index] = len(ops)
			ops = append(ops, porcupine.Operation{ClientId: len(ops), Input: e.Txn.Ops[0], Call: int64(e.At)})
		case model.Answered:
			op := &ops[place[e.Txn.Index]]
			op.Return = int64(e.At)
			op.Output = ""
			if len(e.Reads) > 0 {
				op.Output = e.Reads[0].Value
			}
		}
	})
	return events, ops
}

// register is the model of a single key. No value written is empty.
var register = porcupine.Model{
	Init: func() any { return "" },
	Step: func(state, input, output any) (bool, any) {
		op := input.(model.Op)
		if op.Kind == model.Read {
			return output == state, state
		}
		return true, op.Value
	},
}

func checkSingleKey(events []model.Event) *HistoryChecker {
	c := NewHistoryChecker(HistoryOptions{})
	for i := range events {
		c.Record(&events[i])
	}
	c.Finish(nil)
	return c
}

// TestPorcupine compares the checker with a known one where both can judge: strict
// serializability of single operations is linearizability.
func TestPorcupine(t *testing.T) {
	for i := range 40 {
		events, ops := singleKey(60)
		for j, seen := 0, 0; i%2 == 1 && j < len(events); j++ { // one read sees what it should not
			if e := &events[j]; e.Kind == model.Answered && len(e.Reads) > 0 {
				if seen++; seen == i/2+1 {
					e.Reads = []model.ReadResult{{Op: 0}}
					ops[e.Txn.Index-1].Output = ""
				}
			}
		}
		want := porcupine.CheckOperations(register, ops)
		if c := checkSingleKey(events); (c.Total() == 0) != want {
			t.Errorf("history %d: linearizable: %v; %v", i, want, c.Finish(nil))
		}
	}
}

// BenchmarkSingleKey checks the same history of single operations with this checker and
// with porcupine, as the reference.
func BenchmarkSingleKey(b *testing.B) {
	const n = 20_000
	events, ops := singleKey(n)
	b.Run("txsim", func(b *testing.B) {
		for b.Loop() {
			if c := checkSingleKey(events); c.Total() > 0 {
				b.Fatal(c.Finish(nil))
			}
		}
		b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "txn/s")
	})
	b.Run("porcupine", func(b *testing.B) {
		for b.Loop() {
			if !porcupine.CheckOperations(register, ops) {
				b.Fatal("not linearizable")
			}
		}
		b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "txn/s")
	})
}
