package workload

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seed83d86191/txsim/scenarios/input"
	"github.com/seed83d86191/txsim/scenarios/quantity"
	"github.com/seed83d86191/txsim/sim"
)

// Any is the value of Parameters.Workers that leaves each operation its worker.
const Any = 0

// The bounds of a workload: keys of a worker and of a scan, bytes of a value and of a record.
const (
	MaxKeys       = 10000000
	MaxScan       = 10000
	MaxValue      = 64 << 10
	MaxRecord     = 1 << 30
	maxOperations = 10000
	maxTheta      = 10
	maxWarehouses = 10000
	maxScanned    = 1000000 // keys that the scans of a transaction may read
)

// Require is called with each rule about the parameter of a name: whether it is kept, and
// the rule in words.
type Require func(ok bool, name, rule string)

func (r Require) oneTo(most int, name string, n int) {
	r(1 <= n && n <= most, name, fmt.Sprintf("must be 1 to %d", most))
}

func (r Require) oneOf(name, word string, known []string) {
	if !slices.Contains(known, word) {
		r(false, name, input.MustBeOneOf(word, known))
	}
}

// Check checks all rules about the parameters, for a cluster of at most maxWorkers.
func (w *Parameters) Check(maxWorkers int, require Require) {
	require.oneOf("kind", w.Kind, kindNames())
	require(w.Theta >= 0 && w.Theta <= maxTheta, "theta", fmt.Sprintf("must be 0 to %d", maxTheta))
	require.oneTo(MaxKeys, "keys", w.Keys)
	require.oneTo(maxOperations, "operations", w.Operations)
	w.place(maxWorkers, require)
	require(0 <= w.Value && w.Value <= MaxValue, "value", fmt.Sprintf("must be 0 to %d", MaxValue))
	require(0 <= w.Inserted && w.Inserted <= MaxValue, "inserted", fmt.Sprintf("must be 0 to %d", MaxValue))
	require(0 <= w.Record && w.Record <= MaxRecord, "record", fmt.Sprintf("must be 0 to %d", MaxRecord))
	w.shares(require)
	require.oneOf("distribution", w.Distribution, distributions())
	if known := w.distributions(); slices.Contains(distributions(), w.Distribution) {
		require(slices.Contains(known, w.Distribution), "distribution", "must be "+input.Or(known)+" for "+w.Kind)
	}
	require(w.Hot > 0, "hot", "must be positive")
	require.oneOf("order", w.Order, []string{"ordered", "hashed"})
	require.oneTo(MaxScan, "scan", w.Scan)
	require(w.Scans == 0 || int64(w.Scan)*int64(w.Operations) <= maxScanned, "scan",
		fmt.Sprintf("must be at most %d for %d operations, %d keys in all", maxScanned/max(w.Operations, 1), w.Operations, maxScanned))
	require.oneOf("lengths", w.Lengths, []string{"uniform", "zipf"})
	if _, err := w.mix(); err != nil {
		require(false, "mix", err.Error())
	}
	require.oneTo(maxWarehouses, "warehouses", w.Warehouses)
}

// place checks what decides the workers of a transaction.
func (w *Parameters) place(maxWorkers int, require Require) {
	switch {
	case w.Workers < 0 || w.Workers > maxWorkers:
		require(false, "workers", fmt.Sprintf("must be 1 to %d, or any", maxWorkers))
	case w.Global && w.independent() && w.Workers != Any:
		require(false, "workers", "must be any, as workload.global is true")
	case w.Deals() && w.Workers > w.Operations && w.Operations > 0:
		require(false, "workers", fmt.Sprintf("must be at most %d, as workload.operations is, or any", w.Operations))
	}
	switch {
	case w.Single == 0:
	case !w.Deals():
		require(false, "single", "must be 0 for "+w.Kind)
	case w.Workers == Any:
		require(false, "single", "must be 0, as workload.workers is any")
	}
	switch {
	case w.Global && !w.independent(): // what else it asks for would be no way out
		require(false, "global", "must be false for "+w.Kind)
	case w.Global:
		require(!w.Local, "local", "must be false, as workload.global is true")
	}
}

// MostWorkers returns how many workers take part in a transaction at most, if there are
// as many.
func (w *Parameters) MostWorkers() int {
	if w.Workers == Any {
		return w.Operations
	}
	return w.Workers
}

// Deals reports whether the operations of a transaction, or of bank's audits, are as many and
// on as many workers as Operations and Workers say: other kinds have a shape of their own.
func (w *Parameters) Deals() bool { return w.independent() || w.Kind == "bank" }

// independent reports whether the operations of a transaction are drawn one by one.
func (w *Parameters) independent() bool {
	return w.Kind == "uniform" || w.Kind == "zipf" || w.Kind == "ycsb"
}

// shares requires that the shares of operations sum to at most 1.
func (w *Parameters) shares(require Require) {
	names := []string{"reads", "deletes", "updates", "inserts", "scans"}
	sum := 0.0
	for i, p := range []sim.Probability{w.Reads, w.Deletes, w.Updates, w.Inserts, w.Scans} {
		share := quantity.Fraction(p)
		sum += share
		// Allow for the rounding of decimal fractions.
		if sum > 1+1e-9 && share > 0 {
			require(false, names[i], "must be at most 1 together with workload."+strings.Join(names[:i], ", "))
			return
		}
	}
}

const (
	leastEvery = time.Millisecond
	mostBursts = 1000000 // while the rate climbs
)

// Check checks all rules about the parameters but Kind.
func (a *Arrivals) Check(require Require) {
	require(validRate(a.Rate), "rate", "must be "+rateRule)
	require(a.To == 0 || validRate(a.To), "to", "must be 0/s, or "+rateRule)
	require(a.Burst == 0 || validRate(a.Burst), "burst", "must be 0/s, or "+rateRule)
	require(a.Over >= 0, "over", "must not be negative")
	require(a.Every >= 0, "every", "must not be negative")
	require(a.For >= 0, "for", "must not be negative")
	require(a.To == 0 || a.Over > 0, "over", "must be positive, as arrivals.to is given")
	require(a.To != 0 || a.Over <= 0, "to", "must be given, as arrivals.over is")
	if a.Burst == 0 {
		require(a.Every <= 0 && a.For <= 0, "burst", "must be given, as arrivals.every or arrivals.for is")
		return
	}
	require(a.Every >= leastEvery, "every", "must be 1ms or more, as arrivals.burst is given")
	require(a.For > 0 && a.For < a.Every, "for", "must be positive and less than arrivals.every")
	require(a.Every <= 0 || a.Over/max(a.Every, 1) <= mostBursts, "over", "must be at most a million times arrivals.every")
}

const rateRule = "0.000001/s to 1000000000/s"

func validRate(r quantity.Rate) bool { return r >= 1e-6 && r <= 1e9 }
