package scenarios

import (
	"sync"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
)

// checkers are those of one run.
type checkers struct {
	history  *analysis.HistoryChecker
	protocol *analysis.ProtocolChecker
}

// idle holds the checkers of runs that are over. The next run has their memory and
// nothing else of them; the collector takes what is not asked for.
var idle sync.Pool

// takeCheckers gives the run checkers that have seen nothing.
func (r *run) takeCheckers(cfg *model.Config, format *model.Formatter) {
	c, ok := idle.Get().(*checkers)
	if !ok {
		c = &checkers{&analysis.HistoryChecker{}, &analysis.ProtocolChecker{}}
	}
	r.history, r.protocol = c.history, c.protocol
	r.history.Reset(analysis.HistoryOptions{})
	r.protocol.Reset(cfg, format)
}

// memories holds what clusters of runs that are over were made of.
var memories = sync.Pool{New: func() any { return &model.Memory{} }}

// leaveCheckers leaves the run's checkers to another run: what they found is in the
// result, and nobody asks them any more.
func (r *run) leaveCheckers() {
	if r.history != nil {
		idle.Put(&checkers{r.history, r.protocol})
		r.history, r.protocol = nil, nil
	}
}
