package stats

import (
	"cmp"
	"math"
	"slices"
	"sort"

	"github.com/seed83d86191/txsim/sim"
)

// MinPairs is the smallest number of pairs for which the signed-rank test can come
// to p < 0.05: the least p of n pairs is 2·2^-n.
const MinPairs = 6

// MaxExact is the number of pairs up to which the test and its interval are exact. The time
// grows with the third power of the number, and is a tenth of a second for this many.
// Beyond, the normal approximation is off by about 0.0001 where p is near 0.05, and by
// 0.0005 at most.
const MaxExact = 500

// SignedRank returns the two-sided p of Wilcoxon's signed-rank test of the hypothesis that
// the differences are symmetric around 0. Zeros are left out. Ties have their mean rank.
// For up to MaxExact differences the distribution is exact, with ties too.
func SignedRank(differences []float64) float64 {
	ds := slices.DeleteFunc(slices.Clone(differences), func(d float64) bool { return d == 0 })
	if len(ds) == 0 {
		return 1
	}
	ranks := doubledRanks(ds)
	total, positive := 0, 0
	for i, r := range ranks {
		total += r
		if ds[i] > 0 {
			positive += r
		}
	}
	return min(2*signTail(ranks, 2)(min(positive, total-positive)), 1)
}

// doubledRanks returns twice the ranks of the sizes, which are integers even for ties.
func doubledRanks(ds []float64) []int {
	order := make([]int, len(ds))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Compare(math.Abs(ds[i]), math.Abs(ds[j])) })
	ranks := make([]int, len(ds))
	for i := 0; i < len(order); {
		j := i
		for j < len(order) && math.Abs(ds[order[j]]) == math.Abs(ds[order[i]]) {
			j++
		}
		for _, k := range order[i:j] {
			ranks[k] = i + 1 + j
		}
		i = j
	}
	return ranks
}

// signSums returns the probability of each sum of the ranks with a positive sign, if all
// signs are equally likely.
func signSums(ranks []int, total int) []float64 {
	chance := make([]float64, total+1)
	chance[0] = 1
	reach := 0
	for _, r := range ranks {
		reach += r
		for sum := reach; sum >= 0; sum-- {
			chance[sum] = float64(chance[sum] / 2)
			if sum >= r {
				chance[sum] += float64(chance[sum-r] / 2)
			}
		}
	}
	return chance
}

// signTail returns a function for the probability that this sum is at most a value, up to
// half of the total. Neighbouring sums are a step apart.
func signTail(ranks []int, step int) func(sum int) float64 {
	if len(ranks) > MaxExact {
		return normalSigns(ranks, step)
	}
	return exactSigns(ranks)
}

func exactSigns(ranks []int) func(sum int) float64 {
	total := 0
	for _, r := range ranks {
		total += r
	}
	chance := signSums(ranks, total)
	for sum := range total {
		chance[sum+1] += chance[sum]
	}
	return func(sum int) float64 { return chance[sum] }
}

// normalSigns is signTail by the normal approximation, with a continuity correction of half
// a step. The variance uses the ranks as they are, which corrects for ties.
func normalSigns(ranks []int, step int) func(sum int) float64 {
	mean, variance := 0.0, 0.0
	for _, r := range ranks {
		mean += float64(float64(r) / 2)
		variance += float64(float64(r) * float64(r) / 4)
	}
	return func(sum int) float64 {
		return normalTail(max((mean-float64(sum)-float64(float64(step)/2))/math.Sqrt(variance), 0))
	}
}

// Difference compares figures that are paired by seed.
type Difference struct {
	Pairs int
	Zeros int      // how many of the pairs have a figure of 0 on one side
	Left  int      // pairs left out, as a figure was negative or no number
	Ratio Interval // of b to a: the Hodges-Lehmann estimate, see hodgesLehmann
	P     float64  // of no difference, by SignedRank of the logarithms
}

// Paired compares b with a, seed by seed, by the logarithm of their ratio. If one of two
// figures is 0, the logarithm is infinite, but the test needs only sign and rank, and no
// finite difference is larger. If both are 0, they do not differ.
func Paired(a, b []float64) Difference {
	var d Difference
	var logs []float64
	for i := range min(len(a), len(b)) {
		switch {
		case !(a[i] >= 0 && b[i] >= 0):
			d.Left++
			continue
		case a[i] == b[i]:
			logs = append(logs, 0)
			continue
		case a[i] == 0:
			logs = append(logs, math.Inf(1))
		case b[i] == 0:
			logs = append(logs, math.Inf(-1))
		case b[i] < a[i]: // so that a ratio and its inverse have the same rank
			logs = append(logs, -sim.Log(a[i]/b[i]))
			continue
		default:
			logs = append(logs, sim.Log(b[i]/a[i]))
			continue
		}
		d.Zeros++
	}
	d.Pairs, d.P = len(logs), SignedRank(logs)
	d.Ratio = hodgesLehmann(logs)
	d.Ratio = Interval{sim.Exp(d.Ratio.Estimate), sim.Exp(d.Ratio.Low), sim.Exp(d.Ratio.High)}
	return d
}

// hodgesLehmann is the median of the means of all pairs of values, with the interval
// that the signed-rank test without zeros and ties does not refute. SignedRank leaves out
// zeros and gives ties their mean rank; here they are values like any other, under the
// distribution of ranks that are all different. So where there are zeros or ties, the
// interval may have 0 in it though SignedRank refutes 0, and the other way round; where
// there are none, the two agree. Infinite values are taken to be of one size, as their
// ranks are: the mean of two of different signs is 0.
func hodgesLehmann(xs []float64) Interval {
	n := len(xs)
	if n == 0 {
		return Interval{math.NaN(), math.Inf(-1), math.Inf(1)}
	}
	xs = slices.Sorted(slices.Values(xs))
	m := n * (n + 1) / 2
	i := Interval{(walsh(xs, (m+1)/2) + walsh(xs, m/2+1)) / 2, math.Inf(-1), math.Inf(1)}
	ranks := make([]int, n)
	for r := range ranks {
		ranks[r] = r + 1
	}
	tail := signTail(ranks, 1)
	if k := sort.Search(m/2, func(k int) bool { return tail(k) > (1-level)/2 }); k > 0 {
		i.Low, i.High = walsh(xs, k), walsh(xs, m-k+1)
	}
	return i
}

// walsh returns the k-th smallest mean of all pairs of xs, which are sorted, with each
// paired with itself too. There are too many means to store them, so it searches by
// bisection for the least number with k means at or below it.
func walsh(xs []float64, k int) float64 {
	low, high := floatRank(math.Inf(-1)), floatRank(math.Inf(1))
	for low < high {
		mid := low + (high-low)/2
		if meansUpTo(xs, rankedFloat(mid)) >= k {
			high = mid
		} else {
			low = mid + 1
		}
	}
	return rankedFloat(low)
}

// meansUpTo counts the pairs whose mean is at most v. As one value grows, the number of
// partners shrinks, so one pass is enough.
func meansUpTo(xs []float64, v float64) int {
	count, i := 0, 0
	for j := len(xs) - 1; j >= 0; j-- {
		for i <= j && mean(xs[i], xs[j]) <= v {
			i++
		}
		count += min(i, j+1)
	}
	return count
}

func mean(a, b float64) float64 {
	if m := (a + b) / 2; !math.IsNaN(m) {
		return m
	}
	return 0
}

// floatRank numbers the floating-point numbers in their order; rankedFloat is its inverse.
func floatRank(f float64) uint64 {
	bits := math.Float64bits(f)
	if bits >= 1<<63 {
		return ^bits
	}
	return bits | 1<<63
}

func rankedFloat(rank uint64) float64 {
	if rank >= 1<<63 {
		return math.Float64frombits(rank &^ (1 << 63))
	}
	return math.Float64frombits(^rank)
}

// BenjaminiHochberg adjusts p-values so that calling those up to q significant
// makes at most a share q of the calls false, in expectation (Benjamini and
// Hochberg, 1995). The order is kept; NaN, of no test, stays and does not count.
func BenjaminiHochberg(ps []float64) []float64 {
	var order []int
	qs := slices.Clone(ps)
	for i, p := range ps {
		if !math.IsNaN(p) {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(ps[i], ps[j]) })
	least := 1.0
	for rank := len(order); rank > 0; rank-- {
		i := order[rank-1]
		least = min(least, ps[i]*float64(len(order))/float64(rank))
		qs[i] = least
	}
	return qs
}

// VarianceReduction returns what pairing saves: 1 minus the variance of the differences
// over the variance that differences between independent samples would have. It is 0
// without correlation, 1 if the differences are all equal, and NaN for fewer than two
// pairs.
func VarianceReduction(a, b []float64) float64 {
	n := min(len(a), len(b))
	ds := make([]float64, n)
	for i := range ds {
		ds[i] = b[i] - a[i]
	}
	_, va := moments(a[:n])
	_, vb := moments(b[:n])
	_, vd := moments(ds)
	if va+vb == 0 {
		return 0
	}
	return 1 - vd/(va+vb)
}
