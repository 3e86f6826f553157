package plain

import (
	"testing"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// caught gives a test its worker.
type caught struct {
	Protocol
	worker **worker
}

func (c caught) Worker(s *model.Site) sim.Node[model.Message] {
	*c.worker = c.Protocol.Worker(s).(*worker)
	return *c.worker
}

// TestForgottenLock: a lock of what is over is something that a worker still holds on to.
func TestForgottenLock(t *testing.T) {
	var w *worker
	b := model.NewBench(model.Config{Workers: 1, Coordinators: 1, Protocol: caught{worker: &w}}, nil)
	b.Begin(1)
	p := w.add(model.Work{Attempt: model.Attempt{Txn: 1, Try: 1}, Shared: []string{"x"}})
	p.state = over
	if all := w.Residue(); len(all) > 0 {
		t.Errorf("without a lock: %+v", all)
	}
	w.lock(p)
	if all := w.Residue(); len(all) != 1 || all[0].Attempt != p.Attempt || all[0].Locks != 1 {
		t.Errorf("with one: %+v", all)
	}
}
