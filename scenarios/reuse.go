package scenarios

import (
	"sync"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
)

// Pools of memory that later runs use again. It is emptied before its next use.
var (
	idleCheckers sync.Pool // of *checkers
	idleMemories sync.Pool // of *model.Memory
)

// checkers are the two checkers of a run.
type checkers struct {
	history  *analysis.HistoryChecker
	protocol *analysis.ProtocolChecker
}

// takeCheckers gives the run empty checkers.
func (r *run) takeCheckers(cfg *model.Config) {
	c, ok := idleCheckers.Get().(*checkers)
	if !ok {
		c = &checkers{&analysis.HistoryChecker{}, &analysis.ProtocolChecker{}}
	}
	r.history, r.protocol = c.history, c.protocol
	r.history.Reset(analysis.HistoryOptions{Format: *r.format, Isolation: analysis.LevelOf(r.isolation)})
	r.protocol.Reset(cfg, r.format)
}

// takeMemory returns a model.Memory for the run's cluster.
func takeMemory() *model.Memory {
	if m, ok := idleMemories.Get().(*model.Memory); ok {
		return m
	}
	return &model.Memory{}
}

// release returns what the run has taken to the pools. The result holds what was found, and
// nothing may ask the run afterwards.
func (r *run) release(cfg model.Config) {
	if r.history != nil {
		idleCheckers.Put(&checkers{r.history, r.protocol})
		r.history, r.protocol = nil, nil
	}
	forgotten := r.recording == nil && r.o.Tracer == nil // a recording or a tracer may keep transactions and results
	r.cluster.Release(forgotten)
	idleMemories.Put(cfg.Memory)
	if source, ok := cfg.Source.(interface{ Release() }); ok && forgotten {
		source.Release()
	}
}
