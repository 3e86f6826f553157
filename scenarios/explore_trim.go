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
// one's own it keeps the coordinators, and the workers if there is room for all.
func (s *Scenario) trim(ctx context.Context, protocols []model.Protocol) ([]*model.Transaction, error) {
	if s.Transactions.File == "-" {
		return nil, errors.New("transactions from standard input: an exploration takes none from there; expected a file")
	}
	job, err := s.OpenContext(ctx, protocols, nil)
	if err != nil {
		return nil, err
	}
	defer job.Close()
	if n := job.Transactions(); n > mostExplored {
		return nil, fmt.Errorf("%d transactions: at most %d can be explored", n, mostExplored)
	}
	txns, err := job.transactions(s.Seed)
	if err != nil {
		return nil, err
	}
	s.write(txns)
	s.Hosts = 0
	_, known := job.protocol.(model.TwoPhase) // in other protocols a node may matter without transactions
	if known {
		s.Coordinators = max(min(s.Coordinators, len(txns)), 1)
	}
	if known || s.Coordinators+s.Workers >= space.MaxNodes {
		s.Workers = workersNeeded(txns)
	}
	return txns, nil
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
