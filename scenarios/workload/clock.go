package workload

import (
	"math"

	"github.com/seed83d86191/txsim/sim"
)

// Clock yields the times of arrivals of an open loop. The first comes one gap after time 0.
type Clock struct {
	gap     float64 // mean, in nanoseconds
	poisson bool
	course  *course // nil if the rate stays
	draws   stream
	index   uint64
	at      sim.Time
}

// NewClock returns the clock of an open loop, and nil of a closed one.
func NewClock(of *Arrivals, seed uint64) *Clock {
	if of.Kind == "none" {
		return nil
	}
	return &Clock{
		gap: 1e9 / float64(of.Rate), poisson: of.Kind == "poisson", course: newCourse(of),
		draws: newStream(seed, "workload/arrivals"),
	}
}

// Next returns the time of the next arrival, to the nearest nanosecond.
// Rounding does not add up: constant arrivals count from 0, and that of a
// random gap is as often up as down.
func (a *Clock) Next() sim.Time {
	a.index++
	switch {
	case a.course != nil && a.poisson:
		return a.course.after(-sim.Log(unit(a.draws.at(a.index, 0))))
	case a.course != nil:
		return a.course.after(1)
	case !a.poisson:
		return saturate(float64(a.gap * float64(a.index)))
	}
	gap := float64(a.gap * -sim.Log(unit(a.draws.at(a.index, 0))))
	a.at = sim.Time(min(int64(a.at)+int64(saturate(gap)), latest))
	return a.at
}

// latest is a time that no run reaches.
const latest = 1 << 62

func saturate(ns float64) sim.Time {
	if ns >= latest {
		return latest
	}
	return sim.Time(ns + 0.5)
}

// course is a rate that changes with time. An arrival comes when the integral
// of the rate has grown by a gap of mean 1: that makes a Poisson process one
// whose rate follows the course, exactly (E. Çinlar, "Introduction to Stochastic
// Processes", 1975, section 4.7), and the same draws serve every course.
type course struct {
	from, to, burst      float64 // arrivals per nanosecond
	ramp, every, lasting float64 // nanoseconds; every is infinite without bursts
	at, period           float64 // the present, and how many whole periods lie behind it
}

func newCourse(a *Arrivals) *course {
	if a.To == 0 && a.Burst == 0 {
		return nil
	}
	c := &course{from: float64(a.Rate) / 1e9, every: math.Inf(1)}
	c.to = c.from
	if a.To > 0 {
		c.to, c.ramp = float64(a.To)/1e9, float64(a.Over)
	}
	if a.Burst > 0 {
		c.burst, c.every, c.lasting = float64(a.Burst)/1e9, float64(a.Every), float64(a.For)
	}
	return c
}

// after moves on to where the integral of the rate has grown by gap, and returns that time.
func (c *course) after(gap float64) sim.Time {
	for c.at < latest {
		gap = c.skip(gap)
		end, rate, slope := c.stretch()
		length := end - c.at
		if area := float64((rate + float64(float64(slope*length)/2)) * length); !math.IsInf(end, 1) && gap > area {
			c.at, gap = end, gap-area
			continue
		}
		// The smaller root of slope/2 x^2 + rate x = gap, in the form that does not
		// cancel.
		root := math.Sqrt(max(float64(rate*rate)+float64(2*slope*gap), 0))
		c.at += 2 * gap / (rate + root)
		break
	}
	return saturate(c.at)
}

// skip moves on by whole periods, once all are alike, and returns what remains of the gap.
func (c *course) skip(gap float64) float64 {
	period := float64(c.burst*c.lasting) + float64(c.to*(c.every-c.lasting))
	if c.at < max(c.ramp, c.every) || gap <= period {
		return gap
	}
	whole := math.Floor(gap / period)
	c.at += float64(whole * c.every)
	c.period += whole
	return gap - float64(whole*period)
}

// stretch returns the present rate and its slope, and how long the slope stays.
func (c *course) stretch() (end, rate, slope float64) {
	end = float64((c.period + 1) * c.every)
	for c.at >= end {
		c.period++
		end = float64((c.period + 1) * c.every)
	}
	if c.period > 0 {
		if calm := float64(c.period*c.every) + c.lasting; c.at < calm {
			return calm, c.burst, 0
		}
	}
	if c.at >= c.ramp {
		return end, c.to, 0
	}
	slope = (c.to - c.from) / c.ramp
	return min(end, c.ramp), c.from + float64(slope*c.at), slope
}
