package scenarios

import (
	"sync"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
)

// What runs that are over leave to later ones: the room that was taken, and nothing of
// what was in it. The collector takes what is not asked for.
var (
	idle     sync.Pool // of *checkers
	memories sync.Pool // of *model.Memory
)

// checkers are those of one run.
type checkers struct {
	history  *analysis.HistoryChecker
	protocol *analysis.ProtocolChecker
}

// takeCheckers gives the run checkers that have seen nothing.
func (r *run) takeCheckers(cfg *model.Config, format *model.Formatter) {
	c, ok := idle.Get().(*checkers)
	if !ok {
		c = &checkers{&analysis.HistoryChecker{}, &analysis.ProtocolChecker{}}
	}
	r.history, r.protocol = c.history, c.protocol
	var ids func(uint64) string
	if r.names.own {
		ids = r.names.id
	}
	r.history.Reset(analysis.HistoryOptions{ID: ids})
	r.protocol.Reset(cfg, format)
	if most := cfg.Resources.Keys; most > 0 {
		r.stock = analysis.NewStock(cfg.Workers, most, format)
	}
	if _, builtIn := cfg.Protocol.(model.TwoPhase); !builtIn {
		r.unchanged = &analysis.Unchanged{}
	}
}

// takeMemory returns what the run's cluster is to be made in.
func takeMemory() *model.Memory {
	if m, ok := memories.Get().(*model.Memory); ok {
		return m
	}
	return &model.Memory{}
}

// release leaves to another run what this one has taken: what was found is in the
// result, and nobody asks the run any more.
func (r *run) release(cfg model.Config) {
	if r.history != nil {
		idle.Put(&checkers{r.history, r.protocol})
		r.history, r.protocol = nil, nil
	}
	forgotten := r.recording == nil && r.o.Tracer == nil // else transactions and results are kept
	r.cluster.Release(forgotten)
	memories.Put(cfg.Memory)
	if source, ok := cfg.Source.(interface{ Release() }); ok && forgotten {
		source.Release()
	}
}
