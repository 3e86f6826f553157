package results

import (
	"strings"
	"testing"
)

// TestBottleneckUnknown: that no commit was followed does not say that there was none, and
// what is not known of devices is not 0.
func TestBottleneckUnknown(t *testing.T) {
	for sentence, figures := range map[string]map[string]float64{
		"nothing was committed": {"throughput": 0},
		"not known, as no commit was among the transactions that are followed":                                            {"throughput": 9, "latency.p50": 2},
		"none, as commits took no time":                                                                                   {"latency.p50": 0, "latency.sync": 0, "latency.cpu": 0},
		"waiting for the log to be synced: 100 % of a commit's latency; how busy cores and log devices were is not known": {"latency.p50": 2, "latency.sync": 2},
	} {
		f := &File{Lines: []Line{{Seed: 1, Verdict: "valid", Figures: FiguresOf(figures)}}}
		if text := lay(t, f, View{Metrics: []string{bottleneck}}, "table"); !strings.Contains(text, "\nbottleneck of all: "+sentence+"\n") {
			t.Errorf("no %q in\n%s", sentence, text)
		}
	}
}
