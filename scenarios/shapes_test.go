package scenarios

import (
	"bytes"
	"math"
	"testing"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/analysis/results"
)

// steadyOf runs a scenario of the library with these parameters.
func steadyOf(t *testing.T, name string, settings ...string) analysis.Steady {
	t.Helper()
	r := runWith(t, loaded(t, name), Options{Seed: 1, samples: true}, settings...)
	if r.Verdict != analysis.Valid {
		t.Fatal(settings, r.Verdict, r.Findings)
	}
	return r.samples.Steady(analysis.Warmup{})
}

// TestDenevaShapes: what Harding et al. (VLDB 2017) found of two-phase locking on
// sixteen servers, as shapes: skew does little up to a point and then brings the
// throughput down; distributed transactions cost most from one partition to two;
// with more delay the throughput falls as the latency rises.
func TestDenevaShapes(t *testing.T) {
	t.Parallel()
	throughput := func(settings ...string) float64 {
		s := steadyOf(t, "deneva", append(settings, "transactions=2000")...)
		return float64(s.Committed) / s.Seconds()
	}
	t.Run("contention", func(t *testing.T) {
		t.Parallel()
		at := map[string][3]float64{}
		for _, control := range []string{"no-wait", "wait-die"} {
			at[control] = [3]float64{
				throughput("concurrency="+control, "workload.theta=0"),
				throughput("concurrency="+control, "workload.theta=0.6"),
				throughput("concurrency="+control, "workload.theta=0.9"),
			}
			if x := at[control]; x[1] < 0.9*x[0] || x[2] > 0.6*x[1] {
				t.Errorf("%s: %.0f a second for theta 0, 0.6 and 0.9", control, x)
			}
		}
		for i := range 2 {
			if a, b := at["no-wait"][i], at["wait-die"][i]; math.Abs(a/b-1) > 0.05 {
				t.Errorf("without contention, no-wait has %.0f a second and wait-die %.0f", a, b)
			}
		}
	})
	t.Run("partitions", func(t *testing.T) {
		t.Parallel()
		var at []float64
		for _, n := range []string{"1", "2", "4", "8", "16"} { // which the paper has with 16 requests
			at = append(at, throughput("workload.operations=16", "workload.workers="+n))
		}
		if at[0] < 3*at[1] || at[1] < at[2] || at[2] < at[3] || at[3] < at[4] || at[4] < at[1]/3 {
			t.Errorf("%.0f a second for 1, 2, 4, 8 and 16 partitions", at)
		}
	})
	t.Run("delay", func(t *testing.T) {
		t.Parallel()
		near, far := throughput("network.delay=500us"), throughput("network.delay=50ms")
		if ratio := near / far; ratio < 50 || ratio > 150 {
			t.Errorf("%.0f a second with a delay of 500 µs, %.0f with 50 ms", near, far)
		}
	})
}

// TestSpannerTable holds simulated latencies against table 4 of Corbett et al.
// (OSDI 2012). One figure, the mean of one participant, is calibrated on; the
// bounds on the others are what the model reaches.
func TestSpannerTable(t *testing.T) {
	t.Parallel()
	text, err := ReadText("library:spanner.csv")
	if err != nil {
		t.Fatal(err)
	}
	published, err := results.ReadPublished("spanner.csv", bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	f := &results.File{}
	for _, n := range []string{"1", "2", "5", "10", "25", "50", "100", "200"} {
		s := steadyOf(t, "spanner", "workers="+n, "transactions=20")
		f.Lines = append(f.Lines, results.Line{
			Cell: []results.Setting{{Path: "workers", Value: n}}, Verdict: analysis.Valid.String(),
			Figures: results.FiguresOf(map[string]float64{"latency.mean": float64(s.Mean()) / 1e6}),
		})
	}
	r, err := results.NewReport(f, results.View{Published: published, Metrics: []string{"latency.mean"}})
	if err != nil {
		t.Fatal(err)
	}
	if mean, largest, n := r.Errors("latency.mean"); n != 8 || mean > 0.25 || largest > 0.5 {
		t.Errorf("%d cells, off by %.2f on average and %.2f at most", n, mean, largest)
	}
}
