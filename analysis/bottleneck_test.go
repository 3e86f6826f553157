package analysis

import (
	"math"
	"testing"
)

func TestBottleneck(t *testing.T) {
	spent := func(s Span, share float64) (all [Spans]float64) {
		all[SpanNetwork] = 1 - share
		all[s] += share
		return all
	}
	unknown := math.NaN()
	var unfollowed [Spans]float64
	for s := range unfollowed {
		unfollowed[s] = unknown
	}
	for _, c := range []struct {
		p              Pressure
		word, sentence string
	}{
		{Pressure{}, "none", "nothing was committed"},
		{Pressure{Spent: unfollowed}, "none", "nothing was committed"},
		{Pressure{Committed: true}, "none", "none, as commits took no time"},
		{Pressure{Committed: true, Spent: unfollowed}, "not known", "not known, as no commit was among the transactions that are followed"},
		{Pressure{CPU: 0.95, Committed: true, Spent: unfollowed}, "cpu", "the cores of the busiest host, busy for 95 % of the time"},
		{Pressure{Committed: true, Spent: [Spans]float64{unknown, unknown, 1, 3}}, "locks",
			"waiting for locks: 75 % of a commit's latency; no cores are busy, no log device is busy"},
		{Pressure{CPU: unknown, Disk: unknown, Committed: true, Spent: spent(SpanSync, 0.6)}, "log sync",
			"waiting for the log to be synced: 60 % of a commit's latency; how busy cores and log devices were is not known"},
		{Pressure{CPU: 0.95, CPUHost: "C0", Committed: true, Spent: spent(SpanQueue, 0.6)}, "cpu", "the cores of C0, busy for 95 % of the time"},
		{Pressure{CPU: 0.85, CPUHost: "w1 w5", Disk: 0.9, Committed: true, Spent: spent(SpanSync, 0.6)}, "cpu", "the cores of w1 and w5, busy for 85 % of the time"},
		{Pressure{CPU: 0.9, CPUHost: "w1 w5 w9 w13", Committed: true, Spent: spent(SpanQueue, 0.6)}, "cpu", "the cores that w1 shares with 3 more nodes, busy for 90 % of the time"},
		{Pressure{CPU: 0.95, CPUHost: "C0", Disk: 0.97, Committed: true, Spent: spent(SpanQueue, 0.6)}, "cpu", "the cores of C0, busy for 95 % of the time"},
		{Pressure{Think: 0.99, Committed: true, Spent: spent(SpanSync, 0.6)}, "clients", "the clients, who think for 99 % of the time"},
		{Pressure{Think: 0.99, Committed: true}, "clients", "the clients, who think for 99 % of the time"},
		{Pressure{Think: 0.9, CPU: 0.95, CPUHost: "C0", Committed: true, Spent: spent(SpanQueue, 0.6)}, "cpu", "the cores of C0, busy for 95 % of the time"},
		{Pressure{Think: 0.2, Failing: 0.7, Committed: true, Spent: spent(SpanSync, 0.6)}, "aborts", "aborts: clients spend 70 % of their time on what is not committed in the end"},
		{Pressure{Think: unknown, Failing: unknown, Committed: true, Spent: spent(SpanSync, 0.6)}, "log sync",
			"waiting for the log to be synced: 60 % of a commit's latency; no cores are busy, no log device is busy"},
		// However busy a log device is, what waits for it shares a sync.
		{Pressure{Think: 0.9, Disk: 0.9, Committed: true, Spent: spent(SpanSync, 0.6)}, "clients", "the clients, who think for 90 % of the time"},
		{Pressure{Think: unknown, Disk: 0.9, Committed: true, Spent: spent(SpanSync, 0.6)}, "log sync",
			"waiting for the log to be synced: 60 % of a commit's latency; no cores are busy, the busiest log device is busy for 90 % of the time"},
		{Pressure{Disk: 0.9, CPU: 0.1, Committed: true, Spent: spent(SpanLock, 0.6)}, "locks",
			"waiting for locks: 60 % of a commit's latency; the busiest cores are busy for 10 % of the time, the busiest log device is busy for 90 % of the time"},
		{Pressure{Committed: true, Spent: spent(SpanSync, 0.6)}, "log sync", "waiting for the log to be synced: 60 % of a commit's latency; no cores are busy, no log device is busy"},
	} {
		if got := c.p.Bottleneck(); got != c.word {
			t.Errorf("%+v: %s, expected %s", c.p, got, c.word)
		}
		if got := c.p.Sentence(); got != c.sentence {
			t.Errorf("%+v: %s, expected %s", c.p, got, c.sentence)
		}
	}
}
