package model

import "github.com/seed83d86191/txsim/sim"

// Grammar says what the logs of a protocol's nodes can hold about one attempt.
type Grammar struct {
	Coordinator, Worker Language
}

// Language is a finite set of words: the records of one node about one attempt,
// in the order of its log. The beginning of a word is what the log of an open
// attempt holds; a whole word is what is left of one that is over. A log
// without any record of the attempt is always right.
type Language struct {
	Words [][]sim.Kind
	// Audit are kinds of records that are no part of words and may stand
	// anywhere, once or often. No recovery looks at them.
	Audit []sim.Kind
}

// Grammatical is a protocol that says what its logs hold; the analysis holds
// every log against it, what crashes leave of it included. The logs of other
// protocols are not judged.
type Grammatical interface {
	Protocol
	Grammar() Grammar
}

// AuditKinds are the kinds of records that a protocol's coordinator writes for people
// alone, as far as it says so.
func AuditKinds(p Protocol) []sim.Kind {
	if g, ok := p.(Grammatical); ok {
		return g.Grammar().Coordinator.Audit
	}
	return nil
}

// Grammar implements Grammatical.
func (p Presumption) Grammar() Grammar {
	var begin []sim.Kind
	if p.Collecting {
		begin = []sim.Kind{KindCollecting}
	}
	word := func(begin []sim.Kind, kinds ...sim.Kind) []sim.Kind {
		return append(append([]sim.Kind(nil), begin...), kinds...)
	}
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
	return Grammar{Coordinator: c, Worker: Language{Words: [][]sim.Kind{
		{KindPrepare, KindCommit}, {KindPrepare, KindAbort}, {KindCommitOne},
		{KindAbort}, // refused or told to abort before it had promised anything
	}}}
}
