package model

import (
	"slices"

	"github.com/seed83d86191/txsim/sim"
)

// Grammar says what the logs of a protocol's nodes can hold about one attempt.
type Grammar struct {
	Coordinator, Worker Language
}

// Language is a finite set of words. A word is the sequence of kinds of records that one
// node's log holds about one attempt. The log of a finished attempt holds a whole word,
// that of an open attempt the beginning of one. A log without any record of the attempt is
// always right.
type Language struct {
	Words [][]sim.Kind
	// Audit are the kinds of records that are not part of words and may stand anywhere, any
	// number of times. At a coordinator recovery must ignore them, as explorations take states
	// that differ in nothing else for one; a worker's may tell it more, such as what a
	// protocol of one's own has to know of a part and model.Work has no place for.
	Audit []sim.Kind
}

// AuditKinds returns the kinds of records that coordinators write for people only; none of a
// protocol without a grammar.
func (g *Grammar) AuditKinds() []sim.Kind {
	if g == nil {
		return nil
	}
	return g.Coordinator.Audit
}

func (p *Presumption) grammar() *Grammar {
	var begin []sim.Kind
	if p.Collecting {
		begin = []sim.Kind{KindCollecting}
	}
	word := func(begin []sim.Kind, kinds ...sim.Kind) []sim.Kind { return slices.Concat(begin, kinds) }
	var c Language
	if p.CommitAcked {
		c.Words = append(c.Words, word(begin, KindCommit, KindEnd))
	} else {
		c.Words = append(c.Words, word(begin, KindCommit))
	}
	if p.AbortForced {
		c.Words = append(c.Words, word(nil, KindAbort, KindEnd), word(begin, KindAbort, KindEnd))
	} else if p.Collecting {
		c.Words = append(c.Words, word(begin, KindEnd))
	}
	c.Audit = []sim.Kind{KindStart, KindPrepare, KindSuspect, KindRecover}
	return &Grammar{Coordinator: c, Worker: Language{Words: [][]sim.Kind{
		{KindPrepare, KindCommit}, {KindPrepare, KindAbort}, {KindCommitOne},
		{KindAbort}, // refused or told to abort before it had promised anything
	}}}
}
