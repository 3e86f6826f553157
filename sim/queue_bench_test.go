package sim

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// benchDelays are the shapes of delay between an event and the one it causes.
var benchDelays = []struct {
	name  string
	delay func(r *rand.Rand) Time
}{
	{"exp", func(r *rand.Rand) Time { return Time(r.ExpFloat64() * 1e6) }},
	{"uniform", func(r *rand.Rand) Time { return Time(r.Int64N(2e6)) }},
	{"ties", func(r *rand.Rand) Time { return Time(1e6 * (1 + r.Int64N(4))) }},
	{"zero", func(r *rand.Rand) Time {
		if r.IntN(8) > 0 {
			return 0
		}
		return Time(r.ExpFloat64() * 1e6)
	}},
	{"bimodal", func(r *rand.Rand) Time {
		if r.IntN(10) > 0 {
			return Time(1e6 + r.NormFloat64()*1e5)
		}
		return Time(50e6 + r.Int64N(9950e6))
	}},
	{"pareto", func(r *rand.Rand) Time {
		return Time(min(1e5/math.Pow(1-r.Float64(), 1/1.1), 1e15))
	}},
}

// holdTable draws delays ahead, so that a benchmark does not measure drawing.
func holdTable(delay func(r *rand.Rand) Time) []Time {
	r := rand.New(rand.NewPCG(1, 2))
	table := make([]Time, 1<<16)
	for i := range table {
		table[i] = delay(r)
	}
	return table
}

// BenchmarkHold is the hold model: with n events pending, pop one and push
// another at a random delay. The heap and the ladder meet the same delays; the
// ladder reports how many times faster than the heap it was in the same run.
func BenchmarkHold(b *testing.B) {
	for _, shape := range benchDelays {
		table := holdTable(shape.delay)
		for _, n := range []int{10, 1e3, 1e5, 1e6} {
			var heapTime time.Duration
			name := fmt.Sprintf("%s/n=%d/", shape.name, n)
			b.Run(name+"heap", func(b *testing.B) {
				heapTime = holdHeap(b, table, n)
			})
			b.Run(name+"ladder", func(b *testing.B) {
				perOp := holdLadder(b, table, n)
				if heapTime > 0 {
					b.ReportMetric(float64(heapTime)/float64(perOp), "x-heap")
				}
			})
		}
	}
}

// The two loops below differ in the type of q only: a common one would call
// through an interface.

func holdHeap(b *testing.B, table []Time, n int) time.Duration {
	var q heapQueue
	for i := range n {
		q.push(table[i%len(table)], uint64(i), uint32(i), 0)
	}
	seq := uint64(n)
	for range 2 * n {
		at, slot, _ := q.pop()
		q.push(at+table[seq%uint64(len(table))], seq, slot, 0)
		seq++
	}
	b.ReportAllocs()
	for b.Loop() {
		at, slot, _ := q.pop()
		q.push(at+table[seq%uint64(len(table))], seq, slot, 0)
		seq++
	}
	return b.Elapsed() * 1000 / time.Duration(b.N)
}

func holdLadder(b *testing.B, table []Time, n int) time.Duration {
	var q ladder
	for i := range n {
		q.push(table[i%len(table)], uint32(i), 0)
	}
	seq := uint64(n)
	for range 2 * n {
		at, slot, _ := q.pop()
		q.push(at+table[seq%uint64(len(table))], slot, 0)
		seq++
	}
	b.ReportAllocs()
	for b.Loop() {
		at, slot, _ := q.pop()
		q.push(at+table[seq%uint64(len(table))], slot, 0)
		seq++
	}
	return b.Elapsed() * 1000 / time.Duration(b.N)
}
