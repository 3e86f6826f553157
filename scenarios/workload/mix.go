package workload

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/seed83d86191/txsim/scenarios/input"
)

// mix is the kinds of transactions of a benchmark, with their weights.
type mix struct {
	names   []string
	weights []int
	sum     int
}

// maxWeight is the largest number in a mix.
const maxWeight = 1000000

// publishedMix returns the mix of a kind of workload that has several kinds of
// transactions.
func publishedMix(kind string) mix {
	switch kind {
	case "smallbank":
		return smallBankMix
	case "tpcc":
		return tpccMix
	}
	return mix{}
}

// mix returns Mix, or its default.
func (w *Parameters) mix() (mix, error) {
	published := publishedMix(w.Kind)
	if len(w.Mix) == 0 {
		return published, nil
	}
	if published.names == nil {
		return mix{}, fmt.Errorf("must be [] for %s, which has one kind of transaction", w.Kind)
	}
	m := mix{names: published.names, weights: make([]int, len(published.names))}
	given := make([]bool, len(m.names))
	for _, line := range w.Mix {
		name, number, _ := strings.Cut(line, " ")
		weight, err := strconv.Atoi(strings.TrimSpace(number))
		if err != nil || weight < 0 || weight > maxWeight {
			return mix{}, fmt.Errorf("found %q: must be lines such as %q, the number 0 to %d", line, m.names[0]+" 15", maxWeight)
		}
		at := slices.Index(m.names, name)
		if at < 0 {
			return mix{}, fmt.Errorf("found %q: %s", name, input.MustBeOneOf(name, m.names))
		}
		if given[at] {
			return mix{}, fmt.Errorf("found %s twice: must be there once", name)
		}
		given[at], m.weights[at] = true, weight
		m.sum += weight
	}
	if m.sum == 0 {
		return mix{}, errors.New("must have a number above 0")
	}
	return m, nil
}

// draw maps a uniform draw to the name of a transaction.
func (m *mix) draw(u uint64) string {
	n := below(u, m.sum)
	for i, weight := range m.weights {
		if n < weight {
			return m.names[i]
		}
		n -= weight
	}
	panic("a mix whose sum is not that of its weights")
}
