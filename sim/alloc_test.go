package sim

import (
	"context"
	"testing"
	"time"
)

// TestNoAllocations: in the steady state nothing is allocated, whatever is asked for
// besides: sizes of messages, packets, losses, timers that are set and cancelled or
// fire, and what a tracer sees.
func TestNoAllocations(t *testing.T) {
	text := "ping"
	sizes, records := 0, &counting{}
	w := New(Config[note]{
		Network: Network{Links: []Link{{Delay: dist(t, "exp(100us)"), Loss: ProbabilityOf(0.01)}}, Share: true},
		Limits:  Limits{Time: 1e6 * time.Hour, Events: 1 << 62},
		Size:    func(_ *Mail, m *note) int { sizes += len(*m.text); return len(*m.text) },
		Tracer:  records,
	})
	var timer Timer
	serve := func(e *Env[note], again uint32) {
		timer = e.SetTimer(50*ms, 1)
		e.Send(1, Mail{Kind: 1, Again: again}, note{text: &text})
	}
	add(w, "a", hooks{
		start: func(e *Env[note]) { serve(e, 0) },
		receive: func(e *Env[note], _ NodeID, mail Mail, _ *note) {
			e.Cancel(timer)
			serve(e, mail.Again+1)
		},
		fired: func(e *Env[note], _ uint64) { serve(e, uint32(e.Now())) },
	})
	add(w, "b", hooks{receive: func(e *Env[note], from NodeID, mail Mail, m *note) { e.Send(from, mail, *m) }})
	limit := Time(0)
	step := func() { limit = limit.Add(time.Second); w.RunUntil(context.Background(), limit) }
	for range 20 {
		step()
	}
	before, traced := w.Stats(), records.n
	if n := testing.AllocsPerRun(20, step); n > 0 {
		t.Errorf("%v allocations a second of virtual time", n)
	}
	if s := w.Stats(); s.Delivered-before.Delivered < 10000 || s.Lost == before.Lost || records.n == traced || sizes == 0 {
		t.Errorf("the test tests nothing: %+v", s)
	}
}

type counting struct{ n int }

func (c *counting) Trace(*Record[note]) { c.n++ }
