package analysis

import (
	"fmt"

	"github.com/seed83d86191/txsim/model"
)

// Stock counts the keys that workers have in storage, from what they install, and holds
// them against model.Resources: what is durable has its room after each transaction. Within
// one, a key may come before another has gone.
type Stock struct {
	most  int
	names *model.Formatter
	held  []holding // by worker
	log   findingLog
}

// holding is what a worker has in storage.
type holding struct {
	keys  map[string]bool
	last  model.Event // installed
	found bool        // it has been reported
}

// NewStock returns the stock of so many workers that may store so many keys each.
func NewStock(workers, most int, names *model.Formatter) *Stock {
	return &Stock{most: most, names: names, held: make([]holding, workers), log: findingLog{limit: maxFindings}}
}

// Record implements model.History.
func (s *Stock) Record(e *model.Event) {
	if e.Kind != model.Installed {
		return
	}
	h := &s.held[e.Worker]
	if h.last.Version.Attempt != e.Version.Attempt {
		s.compare(h)
	}
	if h.keys == nil {
		h.keys = map[string]bool{}
	}
	h.last = *e
	if e.Deleted {
		delete(h.keys, e.Key)
	} else {
		h.keys[e.Key] = true
	}
}

// compare reports a worker that has too many keys.
func (s *Stock) compare(h *holding) {
	if len(h.keys) <= s.most || h.found {
		return
	}
	h.found = true
	e := &h.last
	s.log.add(InvKeyBound, func() Finding {
		txn, worker := s.names.Attempt(e.Version.Attempt), fmt.Sprintf("w%d", e.Worker)
		return Finding{Shape: "keys", Txn: s.names.Txn(e.Version.Txn), At: e.At,
			Text:    fmt.Sprintf("%s stores %s after %s, and its bound is %d", worker, Count(len(h.keys), "key"), txn, s.most),
			Records: []string{recordLine(e.At, worker, "installed", txn, e.Key+"="+valueName(!e.Deleted, e.Value))}}
	})
}

// Finish returns the findings, and how many there were in all.
func (s *Stock) Finish() ([]Finding, int) {
	for i := range s.held {
		s.compare(&s.held[i])
	}
	return s.log.kept, s.log.total
}
