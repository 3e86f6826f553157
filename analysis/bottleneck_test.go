package analysis

import "testing"

func TestBottleneck(t *testing.T) {
	spent := func(s Span, share float64) (all [Spans]float64) {
		all[SpanNetwork] = 1 - share
		all[s] += share
		return all
	}
	for _, c := range []struct {
		p              Pressure
		word, sentence string
	}{
		{Pressure{}, "none", "nothing was committed"},
		{Pressure{CPU: 0.95, CPUHost: "C0", Spent: spent(SpanQueue, 0.6)}, "cpu", "the cores of C0, busy for 95 % of the time"},
		{Pressure{CPU: 0.85, Disk: 0.9, Disks: "w1", Spent: spent(SpanSync, 0.6)}, "log device", "the log device of w1, busy for 90 % of the time"},
		{Pressure{Disk: 0.9, Disks: "w1 w5", Spent: spent(SpanSync, 0.6)}, "log device", "the log device of w1 and w5, busy for 90 % of the time"},
		{Pressure{Disk: 0.9, Disks: "w1 w5 w9 w13", Spent: spent(SpanSync, 0.6)}, "log device", "the log device that w1 shares with 3 more nodes, busy for 90 % of the time"},
		{Pressure{CPU: 0.95, CPUHost: "C0", Disk: 0.97, Spent: spent(SpanQueue, 0.6)}, "cpu", "the cores of C0, busy for 95 % of the time"},
		// Busy, but what waits for it shares a sync.
		{Pressure{Disk: 0.9, CPU: 0.1, Spent: spent(SpanLock, 0.6)}, "locks",
			"waiting for locks: 60 % of a commit's latency; no cores are busy for more than 10 % of the time, no log device for more than 90 %"},
		{Pressure{Spent: spent(SpanSync, 0.6)}, "log sync", "waiting for the log to be synced: 60 % of a commit's latency; no cores are busy for more than 0 % of the time, no log device for more than 0 %"},
	} {
		if got := c.p.Bottleneck(); got != c.word {
			t.Errorf("%+v: %s, expected %s", c.p, got, c.word)
		}
		if got := c.p.Sentence(); got != c.sentence {
			t.Errorf("%+v: %s, expected %s", c.p, got, c.sentence)
		}
	}
}
