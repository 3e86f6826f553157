package analysis

import (
	"fmt"
	"math"
	"strings"
)

// Pressure is how much of each resource a run used, as shares of 1; NaN is not known.
type Pressure struct {
	CPU     float64 // share of its core time that the busiest host used
	Disk    float64 // share of time in which the busiest log device synced
	CPUHost string  // the nodes of that host, "" if not known
	// Think is the share of their time that the clients of a closed loop think; NaN if there
	// is none.
	Think float64
	// Failing is the share that they spend on transactions that are not committed in the end;
	// NaN likewise.
	Failing float64
	// Committed is whether anything was committed.
	Committed bool
	// Spent is what the mean latency of a commit was spent on, in any unit; NaN if no
	// commit was among the transactions that are followed.
	Spent [Spans]float64
}

// saturated is the share of time from which on cores are hardly ever idle: by the
// utilisation law they have room for a quarter more at most.
const saturated = 0.8

// Bottleneck returns one word, or two, for what limits a run. It is the cores if they are
// hardly ever idle, otherwise the aborts if clients spend most of their time on these, the
// clients if they mostly think, otherwise what takes the largest part of a commit's latency.
// It is none if nothing was committed, or commits took
// no time. A node's own log device is no such limit, however busy it is: a sync takes the same
// time for all records that wait for it, so that it carries more when there is more. Where
// nodes share a device, to wait for the syncs of others is part of SpanSync.
func (p *Pressure) Bottleneck() string {
	most, share := p.most()
	switch {
	case p.CPU >= saturated:
		return "cpu"
	case !p.Committed:
		return "none"
	case p.Failing > 0.5:
		return "aborts"
	case p.Think > 0.5:
		return "clients"
	case share == 0:
		return "none"
	case math.IsNaN(share):
		return "not known"
	}
	return spanWords[most].short
}

// Sentence names the bottleneck in a sentence.
func (p *Pressure) Sentence() string {
	switch p.Bottleneck() {
	case "cpu":
		return fmt.Sprintf("the cores %s, busy for %s of the time", of(p.CPUHost), percent(p.CPU))
	case "aborts":
		return fmt.Sprintf("aborts: clients spend %s of their time on what is not committed in the end", percent(p.Failing))
	case "clients":
		return fmt.Sprintf("the clients, who think for %s of the time", percent(p.Think))
	case "none":
		if p.Committed {
			return "none, as commits took no time"
		}
		return "nothing was committed"
	case "not known":
		return "not known, as no commit was among the transactions that are followed"
	}
	most, share := p.most()
	busy := "how busy cores and log devices were is not known"
	if !math.IsNaN(p.CPU) {
		busy = atMost("cores are", p.CPU) + ", " + atMost("log device is", p.Disk)
	}
	return fmt.Sprintf("%s: %s of a commit's latency; %s", spanWords[most].long, percent(share), busy)
}

// atMost says how busy the busiest of the devices is.
func atMost(what string, share float64) string {
	if percent(share) == percent(0) {
		return "no " + what + " busy"
	}
	return "the busiest " + what + " busy for " + percent(share) + " of the time"
}

var spanWords = [Spans]struct{ short, long string }{
	SpanQueue:   {"queueing", "waiting for a core"},
	SpanCPU:     {"service", "the service at cores"},
	SpanNetwork: {"network", "the network's delay"},
	SpanLock:    {"locks", "waiting for locks"},
	SpanSync:    {"log sync", "waiting for the log to be synced"},
	SpanRetry:   {"retries", "aborted attempts, timeouts, crashes and pauses"},
}

// most returns the largest part of the latency that is known, and its share: 0 of no
// latency, NaN if none is known.
func (p *Pressure) most() (Span, float64) {
	most, largest, sum := Span(0), math.NaN(), 0.0
	for s, x := range p.Spent {
		if math.IsNaN(x) {
			continue
		}
		sum += x
		if math.IsNaN(largest) || x > largest {
			most, largest = Span(s), x
		}
	}
	if largest == 0 {
		return 0, 0
	}
	return most, largest / sum
}

func of(nodes string) string {
	names := strings.Fields(nodes)
	switch {
	case len(names) == 0:
		return "of the busiest host"
	case len(names) <= 3:
		return "of " + strings.Join(names, " and ")
	}
	return fmt.Sprintf("that %s shares with %d more nodes", names[0], len(names)-1)
}

func percent(share float64) string { return fmt.Sprintf("%.0f %%", 100*share) }
