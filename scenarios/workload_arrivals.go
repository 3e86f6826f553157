package scenarios

import (
	"github.com/seed83d86191/txsim/sim"
)

// arrivals is the clock of an open loop. It starts one gap after time 0.
type arrivals struct {
	gap     float64 // mean, in nanoseconds
	poisson bool
	draws   stream
	index   uint64
	at      sim.Time
}

// newArrivals returns the clock of the scenario, nil in a closed loop.
func newArrivals(s *Scenario, seed uint64) *arrivals {
	if s.Arrivals.Kind == "none" {
		return nil
	}
	return &arrivals{
		gap: 1e9 / float64(s.Arrivals.Rate), poisson: s.Arrivals.Kind == "poisson",
		draws: newStream(seed, "workload/arrivals"),
	}
}

// next returns the time of the next arrival, to the nearest nanosecond.
// Rounding does not add up: constant arrivals count from 0, and that of a
// random gap is as often up as down.
func (a *arrivals) next() sim.Time {
	a.index++
	if !a.poisson {
		return saturate(float64(a.gap * float64(a.index)))
	}
	gap := float64(a.gap * -sim.Log(unit(a.draws.at(a.index, 0))))
	a.at = sim.Time(min(int64(a.at)+int64(saturate(gap)), latest))
	return a.at
}

// latest is an arrival that no run lives to see.
const latest = 1 << 62

func saturate(ns float64) sim.Time {
	if ns >= latest {
		return latest
	}
	return sim.Time(ns + 0.5)
}
