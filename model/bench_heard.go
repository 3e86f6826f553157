package model

import (
	"bytes"
	"slices"

	"github.com/seed83d86191/txsim/sim"
)

// heardVotes is what a coordinator has heard that its state need not show. It has to commit what
// all vote for, and so is not alike before and after a vote that it ignores.
type heardVotes struct {
	open []sim.Label // attempts that it has begun in this life, and not begun to decide
	all  []Fact      // votes of these for commit: the Arg is the worker; sorted
	// wrong are those of them that it has ignored, and the decisions to abort what all have
	// voted for; sorted.
	wrong []Fact
	state []byte // of the node, in front of a vote
	vote  Fact
}

// clear forgets everything, as a crash does.
func (h *heardVotes) clear() { h.open, h.all, h.wrong = h.open[:0], h.all[:0], h.wrong[:0] }

// before is called before a step.
func (h *heardVotes) before(n sim.Node[Message], in *sim.Input[Message]) {
	h.vote = Fact{}
	if in.Op != sim.InputMessage || in.Mail.Kind != KindVote || in.Msg.Vote == VoteNo || !slices.Contains(h.open, in.Mail.Label) {
		return
	}
	vote, votes := Fact{KindVote, in.Mail.Label, uint64(in.From)}, len(h.all)
	if h.all = addFact(h.all, vote); len(h.all) == votes {
		return // it comes again
	}
	if s, ok := n.(sim.StateAppender); ok {
		h.vote, h.state = vote, s.AppendState(h.state[:0])
	}
}

// after is called after the step, with the node as it is then.
func (h *heardVotes) after(n sim.Node[Message]) {
	if n == nil {
		h.clear()
		return
	}
	if s, ok := n.(sim.StateAppender); ok && slices.Contains(h.open, h.vote.Label) && bytes.Equal(s.AppendState(nil), h.state) {
		h.wrong = addFact(h.wrong, h.vote)
	}
}

// decides is called when a coordinator begins to decide an attempt of so many workers.
func (h *heardVotes) decides(l sim.Label, workers int, o Outcome) {
	i := slices.Index(h.open, l)
	if i < 0 {
		return
	}
	h.open = slices.Delete(h.open, i, i+1)
	votes := len(h.all)
	about := func(f Fact) bool { return f.Label == l }
	h.all, h.wrong = slices.DeleteFunc(h.all, about), slices.DeleteFunc(h.wrong, about)
	if votes -= len(h.all); votes == workers && o == Aborted {
		h.wrong = addFact(h.wrong, Fact{KindDecide, l, uint64(o)})
	}
}
