package scenarios

import (
	"context"
	"testing"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
)

// TestEndlessWay: a way of an exhaustive schedule that does not come to its end is
// given up, as unknown.
func TestEndlessWay(t *testing.T) {
	s, err := Load("bank")
	if err != nil {
		t.Fatal(err)
	}
	s.Transactions.Count, s.Clients = 3, 3
	if err := s.Set("schedule", "exhaustive"); err != nil {
		t.Fatal(err)
	}
	j, err := s.Open(model.Protocols(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	r, err := j.Run(context.Background(), Options{Seed: 1})
	if err != nil || r.Verdict != analysis.Undecided || r.Stats.Events != wayEvents {
		t.Errorf("%v after %d events: %v", r.Verdict, r.Stats.Events, err)
	}
}
