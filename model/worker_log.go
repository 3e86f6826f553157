package model

import (
	"time"

	"github.com/seed83d86191/txsim/sim"
)

// force appends a record about p and asks for a sync; when it is durable, the
// answer named by then leaves.
func (w *worker) force(p *part, kind, then sim.Kind) {
	w.log(p, kind)
	w.Sync()
	w.await(p, then)
}

// await sends the answer named by then once the part's last record is durable.
func (w *worker) await(p *part, then sim.Kind) {
	w.waiting = append(w.waiting, syncWait{p.lsn, p, then})
	p.awaited++
}

// log appends the record in the pool's buffer.
func (w *worker) log(p *part, kind sim.Kind) {
	p.lsn = w.Append(kind, p.attempt.Label(), w.pool.buf)
	w.tail = p.lsn
}

// logLazily is log for a record that nobody waits for. It becomes durable with
// the next sync, at the latest flushDelay from now.
func (w *worker) logLazily(p *part, kind sim.Kind) {
	w.log(p, kind)
	if !w.flushing {
		w.flushing = true
		w.Env.SetTimer(flushDelay, flushToken)
	}
}

const (
	flushDelay = 100 * time.Millisecond
	flushToken = 1 << 63 // of the flush timer; other timers have a part's slot
)
