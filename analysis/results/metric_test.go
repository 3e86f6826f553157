package results

import (
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/model"
)

// TestMetricTwice: a metric that is named twice is refused: it would count as two tests of a
// comparison, and make others significant.
func TestMetricTwice(t *testing.T) {
	f, err := Merge(sample(6, 1))
	if err != nil {
		t.Fatal(err)
	}
	names := []string{"throughput", "latency.p99", "latency.p99"}
	const want = "metric latency.p99 is named twice"
	if _, err := NewReport(f, View{Metrics: names}); err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("report: %v", err)
	}
	if _, err := Compare(f, f, names); err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("compare: %v", err)
	}
}

// TestMetricUnknown: a worker that is lost aborts nothing for good, and a figure that no
// version knows is not taken for another.
func TestMetricUnknown(t *testing.T) {
	if m, ok := FindMetric(AbortedMetric(model.WorkerLost)); ok {
		t.Errorf("%+v", m)
	}
	f := FiguresOf(map[string]float64{"throughput": 5, "aborted.whim": 1})
	if x, ok := (&Line{Figures: f}).Figure("aborted.conflict"); ok {
		t.Errorf("of a run that does not tell what was aborted: %v", x)
	}
	f.Set("speed", 2)
	if want := FiguresOf(map[string]float64{"throughput": 5}); !f.Equal(want) {
		t.Errorf("%v", f)
	}
}
