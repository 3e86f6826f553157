package results

import (
	"fmt"
	"iter"
	"strconv"
	"strings"
	"sync"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/seed83d86191/txsim/analysis"
)

// Packed is a histogram as a list of numbers with blanks between them: a number of empty
// buckets, the count of the next bucket, and so on. It stays a text in memory, where it takes
// a third of the room of a list.
type Packed string

// Pack packs a histogram.
func Pack(h *hdrhistogram.Histogram) Packed {
	var packed []byte
	gap := int64(0)
	for _, n := range h.Export().Counts {
		if n == 0 {
			gap++
			continue
		}
		if len(packed) > 0 {
			packed = append(packed, ' ')
		}
		packed = strconv.AppendInt(packed, gap, 10)
		packed = strconv.AppendInt(append(packed, ' '), n, 10)
		gap = 0
	}
	return Packed(packed)
}

// pairs yields the numbers of empty buckets and the counts behind them.
func (p Packed) pairs() iter.Seq2[int64, int64] {
	return func(yield func(gap, n int64) bool) {
		rest := string(p)
		for rest != "" {
			var first, second string
			first, rest, _ = strings.Cut(rest, " ")
			second, rest, _ = strings.Cut(rest, " ")
			gap, _ := strconv.ParseInt(first, 10, 64) // check has refused what is no number
			n, _ := strconv.ParseInt(second, 10, 64)
			if !yield(gap, n) {
				return
			}
		}
	}
}

// buckets is the number of buckets of a latency histogram.
var buckets = sync.OnceValue(func() int64 { return int64(len(analysis.NewLatencyHistogram().Export().Counts)) })

// check refuses what Pack does not make.
func (p Packed) check() error {
	numbers := 0
	for field := range strings.SplitSeq(string(p), " ") {
		if _, err := strconv.ParseInt(field, 10, 64); err != nil && p != "" {
			return fmt.Errorf("latencies: %q: expected a number", field)
		}
		numbers++
	}
	if numbers%2 != 0 && p != "" {
		return fmt.Errorf("latencies: %d numbers: expected pairs, of empty buckets and a count", numbers)
	}
	left := buckets()
	for gap, n := range p.pairs() {
		if gap < 0 || gap >= left || n < 1 {
			return fmt.Errorf("latencies: %d empty buckets and then a count of %d: expected a positive count in one of %d buckets", gap, n, buckets())
		}
		left -= gap + 1
	}
	return nil
}

// unpack returns the histogram of packed ones together.
func unpack(all iter.Seq[Packed]) *hdrhistogram.Histogram {
	s := analysis.NewLatencyHistogram().Export()
	for packed := range all {
		i := int64(-1)
		for gap, n := range packed.pairs() {
			i += gap + 1
			s.Counts[i] += n
		}
	}
	return hdrhistogram.Import(s)
}
