package results

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
)

// Metric describes a figure of a run.
type Metric struct {
	Name string // throughput, latency.p99
	Unit string
	Text string // what it is
	// More is 1 where more is better, -1 where less is, 0 where neither is.
	More int
}

// Metrics describe the figures that a run may have, in the order of reports; those of aborts
// for a reason, aborted.REASON, are besides.
var Metrics = []Metric{
	{"throughput", "committed/s", "transactions committed in the window, per virtual second", 1},
	{"offered", "submitted/s", "transactions submitted in the window, per virtual second", 0},
	{"aborted", "aborted/s", "transactions aborted for good in the window, per virtual second", -1},
	{"latency.mean", "ms", "from the (intended) submission to the answer, of those committed", -1},
	{"latency.p50", "ms", "median of the same", -1},
	{"latency.p90", "ms", "90th percentile", -1},
	{"latency.p99", "ms", "99th percentile", -1},
	{"latency.p99.9", "ms", "99.9th percentile", -1},
	{"latency.max", "ms", "largest", -1},
	{"latency.queue", "ms", "mean part of it spent waiting for cores, on the way that counts; from 32768 transactions on, of 16384 to 32768 of them", -1},
	{"latency.cpu", "ms", "the same, being served by cores", -1},
	{"latency.network", "ms", "the same, on the network", -1},
	{"latency.lock", "ms", "the same, waiting for locks, or otherwise at a worker for another transaction", -1},
	{"latency.sync", "ms", "the same, until a log was synced, the wait for its device included", -1},
	{"latency.retry", "ms", "the same, on aborted attempts, backoff, timeouts, crashes and pauses", -1},
	{"think", "ms", "mean of the think times that the clients of a closed loop have drawn in the whole run", 0},
	{"thinking", "share", "the part of its time in the window that such a client thinks, as long as there is a next transaction for it", 0},
	{"failing", "share", "the part that a client of a closed loop spends on transactions that are not committed in the end", -1},
	{"locks", "ms", "that all workers waited for locks, in the whole run and for whatever attempts, over its commits", -1},
	{"attempts", "per commit", "attempts of the whole run over its commits", -1},
	{"messages", "per commit", "messages over the network, of the whole run, as the five below, also to nodes that are dead for good, as long as limits.stuck has them waited for: none between nodes of one host; a client's request and the answer are two of them, unless placement is client", -1},
	{"packets", "per commit", "packets that carried them; one takes no more after four others that the node has sent at that instant, answers to clients and messages within its host among these", -1},
	{"bytes", "per commit", "bytes of these messages, in a compact encoding", -1},
	{"forced", "per commit", "forced log writes; all records that one call of Sync forces are one", -1},
	{"syncs", "per commit", "syncs of log devices, which forced records share; also those for records that nobody waits for, and for checkpoints", -1},
	{"doubt", "ms", "mean time of a worker in doubt: from its YES, or from the crash that kept it from leaving, to the decision, or to the end of the run; to the last answer where only what waits for a node that is dead for good is left", -1},
	{"cpu", "share", "core time used in the window, of all that hosts have", 0},
	{"cpu.busiest", "share", "the same, of the busiest host", 0},
	{"disk", "share", "time in which the log device syncs, mean over hosts", 0},
	{"disk.busiest", "share", "the same, of the busiest host", 0},
	{bottleneck, "", "what limits the cell: the cores, if busy for 80 % of the time; aborts, if clients spend more than half of their time on what is not committed in the end; the clients, if they think for as much; else the largest part of the latency. However busy, a log device does not: a sync covers all that its node has waiting. Where nodes share a device, waiting for the syncs of others is part of latency.sync", 0},
	{"crashes", "", "crashes in the whole run", 0},
	{"pauses", "", "pauses and hangs", 0},
	{"lost", "", "messages lost: by chance, by faults and partitions, or as their receiver was down", 0},
	{"duplicates", "", "messages that came twice", 0},
	{"strikes", "", "how often lines of the fault plan struck", 0},
	{"events", "", "events of the whole run: what it costs to simulate", 0},
	{Wall, "ms", "wall-clock time of a run on this machine, its checks included; only with sweep --wall", -1},
}

// Quantiles are the quantiles of latencies that are metrics.
var Quantiles = []struct {
	Name  string
	Share float64
}{{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p99.9", 0.999}, {"max", 1}}

// abortedBy begins the name of a figure of aborts by reason.
const abortedBy = "aborted."

// FindMetric returns the metric of that name.
func FindMetric(name string) (Metric, bool) {
	for _, m := range Metrics {
		if m.Name == name {
			return m, true
		}
	}
	for r := model.NoReason + 1; r != 0; r++ { // up to the last
		if r != model.WorkerLost && name == AbortedMetric(r) {
			return Metric{name, "aborted/s", "aborted for good because of " + r.String(), -1}, true
		}
	}
	return Metric{}, false
}

// findMetrics returns the metrics of these names, and refuses one that is named twice: a
// comparison would correct its tests for one that is no other.
func findMetrics(names []string) ([]Metric, error) {
	var metrics []Metric
	for i, name := range names {
		m, ok := FindMetric(name)
		switch {
		case !ok:
			return nil, unknownMetric(name)
		case slices.Contains(names[:i], name):
			return nil, fmt.Errorf("metric %s is named twice: expected each once", name)
		}
		metrics = append(metrics, m)
	}
	return metrics, nil
}

// AbortedMetric is the name of the metric of aborts for a reason.
func AbortedMetric(r model.Reason) string {
	return abortedBy + strings.ReplaceAll(r.String(), " ", "-")
}

// unknownMetric says which ones there are.
func unknownMetric(name string) error {
	known := MetricNames()
	for r := model.NoReason + 1; r <= model.CoordinatorLost; r++ {
		known = append(known, AbortedMetric(r))
	}
	return fmt.Errorf("unknown metric %s: expected one of %s", name, strings.Join(known, ", "))
}

// Wall is the name of the metric of wall-clock time.
const Wall = "wall"

// bottleneck is the one metric that is a word.
const bottleneck = "bottleneck"

// SpanMetric is the name of the metric of a part of the latency.
func SpanMetric(s analysis.Span) string { return "latency." + analysis.SpanNames[s] }

// title returns the heading of the metric's column.
func (m *Metric) title() string {
	if m.Unit == "" {
		return m.Name
	}
	return m.Name + " (" + m.Unit + ")"
}

// read reads a figure. A plain number is in the unit of the metric; another unit of the
// same quantity is converted, and any other is refused. Number alone would take
// milliseconds for seconds.
func (m *Metric) read(text string) (float64, bool) {
	if d, err := time.ParseDuration(text); err == nil && m.Unit == "ms" {
		return float64(d) / float64(time.Millisecond), true
	}
	x, ok := Number(text)
	if _, err := strconv.ParseFloat(text, 64); err == nil {
		return x, ok
	}
	switch {
	case strings.HasSuffix(text, "%"):
		return x, ok && m.Unit == "share"
	case strings.HasSuffix(text, "/s"):
		return x, ok && strings.HasSuffix(m.Unit, "/s")
	case strings.HasSuffix(text, "B"):
		return x, ok && m.Name == "bytes"
	}
	return 0, false
}

// wanted says what read accepts.
func (m *Metric) wanted() string {
	switch {
	case m.Unit == "ms":
		return "a number, of milliseconds, or a time such as 10ms"
	case m.Unit == "share":
		return "a number, of which 1 is all, or a share such as 80%"
	case strings.HasSuffix(m.Unit, "/s"):
		return "a number, of " + m.Unit + ", or a rate such as 100/s"
	case m.Name == "bytes":
		return "a number, of bytes per commit, or a size such as 4KiB"
	case m.Unit == "":
		return "a number"
	}
	return "a number, " + m.Unit
}
