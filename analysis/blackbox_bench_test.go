package analysis

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// BenchmarkBlackBox judges correct histories of different lengths: the time per
// transaction should hardly grow.
func BenchmarkBlackBox(b *testing.B) {
	for _, n := range []int{100, 1000, 10000, 100000} {
		p := clientChaos{txns: n, keys: max(10, n/50), spread: 2}
		events := p.generate(rand.New(rand.NewPCG(1, uint64(n))))
		b.Run(fmt.Sprintf("txns=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if f := BlackBox(events); f != nil {
					b.Fatal(f)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/txn")
		})
	}
}
