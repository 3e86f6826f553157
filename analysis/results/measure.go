package results

import "strings"

// Measure is a figure of a run.
type Measure struct {
	Name string // throughput, latency.p99
	Unit string
	Text string // what it is
	// More is 1 where more is better, -1 where less is, 0 where neither is.
	More int
}

// Measures are the figures that a run may have, in the order of reports.
// aborted.REASON stands for one by reason.
var Measures = []Measure{
	{"throughput", "committed/s", "transactions committed in the window, per virtual second", 1},
	{"offered", "submitted/s", "transactions submitted in the window, per virtual second", 0},
	{"aborted", "aborted/s", "transactions aborted for good in the window, per virtual second", -1},
	{"latency.mean", "ms", "from the (intended) submission to the answer, of those committed", -1},
	{"latency.p50", "ms", "median of the same", -1},
	{"latency.p90", "ms", "90th percentile", -1},
	{"latency.p99", "ms", "99th percentile", -1},
	{"latency.p99.9", "ms", "99.9th percentile", -1},
	{"latency.max", "ms", "largest", -1},
	{"attempts", "per commit", "attempts of the whole run over its commits", -1},
	{"messages", "per commit", "messages between nodes", -1},
	{"packets", "per commit", "packets that carried them", -1},
	{"forced", "per commit", "forced log records", -1},
	{"syncs", "per commit", "syncs of log devices, which forced records share", -1},
	{"doubt", "ms", "mean time from a vote to the decision at a worker", -1},
	{"cpu", "share", "core time used, of all that nodes have", 0},
	{"cpu.busiest", "share", "the same, of the busiest node", 0},
	{"disk", "share", "time in which the log device syncs, mean over nodes", 0},
	{"disk.busiest", "share", "the same, of the busiest node", 0},
	{"crashes", "", "crashes in the whole run", 0},
	{"events", "", "events of the whole run: what it costs to simulate", 0},
}

// Quantiles are those of latencies that have a measure.
var Quantiles = []struct {
	Name  string
	Share float64
}{{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p99.9", 0.999}, {"max", 1}}

// abortedBy begins the name of a figure of aborts by reason.
const abortedBy = "aborted."

// FindMeasure returns the measure of that name.
func FindMeasure(name string) (Measure, bool) {
	for _, m := range Measures {
		if m.Name == name {
			return m, true
		}
	}
	if reason, ok := strings.CutPrefix(name, abortedBy); ok && reason != "" {
		return Measure{name, "aborted/s", "aborted for good because of " + reason, -1}, true
	}
	return Measure{}, false
}

// title is the head of its column.
func (m *Measure) title() string {
	if m.Unit == "" {
		return m.Name
	}
	return m.Name + " (" + m.Unit + ")"
}
