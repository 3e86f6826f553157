package scenarios

import (
	"context"
	"errors"
	"fmt"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/model/space"
)

// mostExplored bounds the transactions of an exploration.
const mostExplored = 6

// trim writes the transactions that the clients submit into the scenario, if they are few
// enough to explore, and leaves out the nodes that have no part in them. Of a protocol of
// one's own it keeps the coordinators, and the workers if there is room for all; if not, it
// says how many it left out.
func (s *Scenario) trim(ctx context.Context, protocols []model.Protocol) (txns []*model.Transaction, leftOut int, err error) {
	if s.Transactions.File == "-" {
		return nil, 0, errors.New("transactions from standard input: an exploration takes none from there; expected a file")
	}
	job, err := s.OpenContext(ctx, protocols, nil)
	if err != nil {
		return nil, 0, err
	}
	defer job.Close()
	if n := job.Transactions(); n > mostExplored {
		return nil, 0, fmt.Errorf("%d transactions: at most %d can be explored", n, mostExplored)
	}
	txns, err = job.transactions(s.Seed)
	if err != nil {
		return nil, 0, err
	}
	s.write(txns)
	s.Hosts = 0
	needed := workersNeeded(txns)
	switch _, known := job.protocol.(model.TwoPhase); {
	case known: // in other protocols a node may matter without transactions
		s.Coordinators, s.Workers = max(min(s.Coordinators, len(txns)), 1), needed
	case s.Coordinators+s.Workers >= space.MaxNodes:
		leftOut, s.Workers = s.Workers-needed, needed
	}
	return txns, leftOut, nil
}

// workersNeeded returns how many workers the transactions need.
func workersNeeded(txns []*model.Transaction) int {
	n := 1
	for _, t := range txns {
		for _, p := range t.Parts {
			n = max(n, p.Worker+1)
		}
	}
	return n
}
