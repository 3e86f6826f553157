package model

import "github.com/seed83d86191/txsim/sim"

// enquire asks the coordinator of an in-doubt part for the decision, and asks
// again until it comes.
func (w *worker) enquire(p *part) {
	p.asked++
	w.send(p.key.coordinator, &sim.Mail{Kind: KindEnquire, Label: p.attempt.Label(), Again: uint32(p.asked)},
		&Message{ID: p.key.id, Attempt: p.attempt})
	w.armEnquiry(p)
}

func (w *worker) armEnquiry(p *part) {
	p.timer = w.Env.SetTimer(patience(w.Config.Timeouts.Decision, uint32(p.asked)), uint64(p.slot))
}

func (w *worker) stopTimer(p *part) {
	w.Env.Cancel(p.timer)
	p.timer = sim.Timer{}
}

// InDoubt implements InDoubter.
func (w *worker) InDoubt(txn uint64) bool {
	for _, p := range w.parts {
		if p != nil && p.attempt.Txn == txn && p.state == partPrepared {
			return true
		}
	}
	return false
}
