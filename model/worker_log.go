package model

import (
	"time"

	"github.com/seed83d86191/txsim/sim"
)

// force appends a record about p; when it is durable, the answer named by then leaves. All
// that a step forces shares one sync, which begins at its end: of a commit, and of those
// that were waiting for its locks.
func (w *worker) force(p *part, kind sim.Kind, data []byte, then sim.Kind) {
	w.log(p, kind, data)
	w.countForced()
	w.forced = true
	w.await(p, then)
}

// await sends the answer named by then once the part's last record is durable.
func (w *worker) await(p *part, then sim.Kind) {
	w.waiting = append(w.waiting, syncWait{p.lsn, p, then})
	p.awaited++
}

// log appends a record about p.
func (w *worker) log(p *part, kind sim.Kind, data []byte) {
	p.lsn = w.Append(kind, p.attempt.Label(), data)
	w.tail = p.lsn
}

// logLazily is log for a record that nobody waits for. It becomes durable with
// the next sync, at the latest flushDelay from now.
func (w *worker) logLazily(p *part, kind sim.Kind, data []byte) {
	w.log(p, kind, data)
	if !w.flushing {
		w.flushing = true
		w.Env.SetTimer(flushDelay, flushToken)
	}
}

// name returns the data of a record that says only which part it is about, valid until the next
// record is written.
func (w *worker) name(p *part) []byte {
	w.pool.buf = appendKey(w.pool.buf[:0], p.key)
	return w.pool.buf
}

const (
	flushDelay = 100 * time.Millisecond
	flushToken = 1 << 63 // of the flush timer; other timers have a part's slot
)
