package plain

import (
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// Protocol is the protocol; it has no parameters.
type Protocol struct{}

// Name implements model.Protocol.
func (Protocol) Name() string { return "plain" }

// Coordinator implements model.Protocol.
func (Protocol) Coordinator(s *model.Site) sim.Node[model.Message] {
	return &coordinator{Site: s, byName: map[model.Attempt]*attempt{}}
}

// Worker implements model.Protocol.
func (Protocol) Worker(s *model.Site) sim.Node[model.Message] {
	return &worker{Site: s, store: map[string]model.StoredItem{}, locks: map[string][]*part{}, parts: map[model.Attempt]*part{}}
}

// Concurrency implements model.Controlled: who meets a lock does not wait, whatever the
// scenario says.
func (Protocol) Concurrency(model.Concurrency) model.Concurrency { return noWait{} }

type noWait struct{}

func (noWait) Name() string                             { return "no-wait" }
func (noWait) Conflict(_, _ model.Age) model.Resolution { return model.Die }

// Promises implements model.Protocol: a coordinator logs nothing but commits.
func (Protocol) Promises() model.Promises {
	committed := func(_ *model.Transaction, m *model.Message) bool { return m.Outcome == model.Committed }
	words := func(w ...[]sim.Kind) model.Language { return model.Language{Words: w} }
	return model.Promises{
		WriteAhead: []model.Force{
			{Message: model.KindVote, Vote: model.VoteYes, Record: model.KindPrepare},
			{Message: model.KindCommit, Record: model.KindCommit},
			{Message: model.KindAnswer, Record: model.KindCommit, When: committed},
			{Message: model.KindAck, Record: model.KindCommit},
		},
		Grammar: &model.Grammar{
			Coordinator: words([]sim.Kind{model.KindCommit}),
			Worker:      words([]sim.Kind{model.KindPrepare, model.KindCommit}, []sim.Kind{model.KindPrepare, model.KindAbort}),
		},
	}
}

// state is how far an attempt is, at its coordinator or at a worker.
type state uint8

const (
	voting    state = iota // at a worker: its prepare record is not durable yet
	deciding               // its commit record is not durable yet; at a worker: in doubt
	committed              // at a coordinator: acks are awaited
	over                   // aborted, or through with a commit
)

var stateNames = [...]string{"waits for votes", "deciding", "waits for acks", "over"}
