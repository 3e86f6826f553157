package analysis

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// histLoad generates the history of a correct run: transactions that overlap take
// effect one after another at their decision, are answered then, and installed later.
type histLoad struct {
	clients, workers, keys, ops int
}

// generate calls emit for each event of n transactions, in order.
func (l histLoad) generate(n int, seed uint64, emit func(*model.Event)) {
	rng := rand.New(rand.NewPCG(seed, 0))
	type pending struct {
		tx  *model.Transaction
		ops []model.Version
	}
	newest := map[string]model.ReadResult{}
	names := make([]string, l.keys) // shared, as those of a workload are
	for i := range names {
		names[i] = fmt.Sprintf("acct/%d", i)
	}
	open := make([]*model.Transaction, 0, l.clients)
	var installs []pending
	var now sim.Time
	send := func(e model.Event) {
		now += 1000
		e.At = now
		emit(&e)
	}
	install := func(p pending) {
		for _, v := range p.ops {
			op := p.tx.Ops[v.Op]
			send(model.Event{Kind: model.Installed, Attempt: v.Attempt, Worker: op.Worker, Key: op.Key, Value: op.Value,
				Deleted: op.Kind == model.Delete, Version: v})
		}
	}
	for i := 0; i < n || len(open) > 0; {
		if i < n && len(open) < l.clients {
			i++
			tx := l.transaction(rng, uint64(i), names)
			open = append(open, tx)
			send(model.Event{Kind: model.Submitted, Txn: tx})
			send(model.Event{Kind: model.Began, Txn: tx, Attempt: model.Attempt{Txn: tx.Index, Try: 1}, Age: now})
			continue
		}
		k := rng.IntN(len(open)/4 + 1)
		tx := open[k]
		open = slices.Delete(open, k, k+1)
		reads, writes := decide(tx, newest)
		send(model.Event{Kind: model.Answered, Txn: tx, Attempt: model.Attempt{Txn: tx.Index, Try: 1},
			Outcome: model.Committed, Final: true, Reads: reads})
		installs = append(installs, pending{tx, writes})
		if len(installs) > l.clients/2 {
			install(installs[0])
			installs = installs[1:]
		}
	}
	for _, p := range installs {
		install(p)
	}
}

func (l histLoad) transaction(rng *rand.Rand, index uint64, names []string) *model.Transaction {
	tx := &model.Transaction{ID: fmt.Sprintf("t%d", index), Index: index, Ops: make([]model.Op, l.ops)}
	for i := range tx.Ops {
		tx.Ops[i] = model.Op{Kind: model.OpKind(rng.IntN(2)), Worker: rng.IntN(l.workers),
			Key: names[rng.IntN(l.keys)], Value: fmt.Sprint(index)}
	}
	return tx
}

// decide executes tx and returns what it reads and the versions that it installs.
func decide(tx *model.Transaction, newest map[string]model.ReadResult) ([]model.ReadResult, []model.Version) {
	var reads []model.ReadResult
	last := map[string]int32{}
	for i := range tx.Ops {
		op := &tx.Ops[i]
		item := itemName(op.Worker, op.Key)
		if op.Kind == model.Read {
			r := newest[item]
			r.Op = int32(i)
			reads = append(reads, r)
			continue
		}
		v := model.Version{Attempt: model.Attempt{Txn: tx.Index, Try: 1}, Op: int32(i)}
		newest[item] = model.ReadResult{Found: op.Kind == model.Write, Value: op.Value, Version: v}
		last[item] = int32(i)
	}
	var writes []model.Version
	for i := range tx.Ops {
		if op := &tx.Ops[i]; op.Kind != model.Read && last[itemName(op.Worker, op.Key)] == int32(i) {
			writes = append(writes, newest[itemName(op.Worker, op.Key)].Version)
		}
	}
	return reads, writes
}

// BenchmarkSerializationGraph measures the cuts alone: a history whose keys are interned
// goes, window after window, through the serialization graph with real time, and the
// order that comes of it is certified.
func BenchmarkSerializationGraph(b *testing.B) {
	for _, l := range []histLoad{
		{clients: 64, workers: 1, keys: 10, ops: 4},
		{clients: 64, workers: 10, keys: 1000, ops: 4},
	} {
		b.Run(fmt.Sprintf("clients=%d/items=%d/ops=%d", l.clients, l.workers*l.keys, l.ops), func(b *testing.B) {
			const n = 50_000
			var events []model.Event
			l.generate(n, 1, func(e *model.Event) { events = append(events, *e) })
			var busy time.Duration
			for b.Loop() {
				c := NewHistoryChecker(HistoryOptions{Window: -1})
				for i := range events {
					c.Record(&events[i])
					if c.settled >= 4096 {
						start := time.Now()
						c.cut(false)
						busy += time.Since(start)
					}
				}
				start := time.Now()
				if f := c.Finish(nil); len(f) > 0 {
					b.Fatal(f[0])
				}
				busy += time.Since(start)
			}
			b.ReportMetric(float64(n)*float64(b.N)/busy.Seconds(), "txn/s")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// BenchmarkHistoryChecker checks a recorded history, from the first event to the last
// finding, in one goroutine.
func BenchmarkHistoryChecker(b *testing.B) {
	for _, l := range []histLoad{
		{clients: 64, workers: 1, keys: 10, ops: 4},
		{clients: 64, workers: 10, keys: 1000, ops: 4},
		{clients: 64, workers: 1000, keys: 1000, ops: 4},
		{clients: 64, workers: 10, keys: 1000, ops: 16},
		{clients: 10000, workers: 10, keys: 1000, ops: 4},
	} {
		b.Run(fmt.Sprintf("clients=%d/items=%d/ops=%d", l.clients, l.workers*l.keys, l.ops), func(b *testing.B) {
			const n = 100_000
			events := make([]model.Event, 0, n*(3+l.ops))
			l.generate(n, 1, func(e *model.Event) { events = append(events, *e) })
			b.ReportAllocs()
			for b.Loop() {
				c := NewHistoryChecker(HistoryOptions{})
				for i := range events {
					c.Record(&events[i])
				}
				if f := c.Finish(nil); len(f) > 0 {
					b.Fatal(f[0])
				}
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "txn/s")
			size := l.windowBytes(events, n)
			if l.ops == 4 && size > 300 {
				b.Errorf("%.0f bytes for a transaction of 4 operations beyond the history, want at most 300", size)
			}
			b.ReportMetric(size, "B/txn-in-window")
		})
	}
}

// windowBytes measures what the checker needs for each transaction of a window that
// is never cut, beyond the history itself: with the scratch space of the last cut.
func (l histLoad) windowBytes(events []model.Event, n int) float64 {
	c := NewHistoryChecker(HistoryOptions{Window: -1})
	for i := range events {
		if events[i].Kind == model.Submitted {
			for _, op := range events[i].Txn.Ops {
				c.intern(op.Worker, op.Key)
			}
		}
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for i := range events {
		c.Record(&events[i])
	}
	c.Finish(nil)
	runtime.GC()
	runtime.ReadMemStats(&after)
	runtime.KeepAlive(c)
	runtime.KeepAlive(events)
	return (float64(after.HeapAlloc) - float64(before.HeapAlloc)) / float64(n)
}
