package analysis

import "github.com/seed83d86191/txsim/model"

// answered takes an answer to a client.
func (c *HistoryChecker) answered(e *model.Event) {
	s := c.find(e.Attempt.Txn)
	if s < 0 {
		c.eventFinding(InvOneOutcome, "", e, "%s is answered but was not submitted, or had its final answer",
			c.attemptName(e.Attempt))
		return
	}
	t := &c.txns[s]
	switch {
	case t.is(flagFinal):
		c.answeredAgain(t, e)
		return
	case e.Outcome == model.Pending:
		c.eventFinding(InvOneOutcome, "", e, "%s is answered, but neither committed nor aborted nor unknown", c.attemptName(e.Attempt))
	case e.Outcome == model.Committed:
		c.answeredCommitted(s, t, e)
	case e.Outcome == model.Aborted:
		switch {
		case t.wrote == e.Attempt.Try:
			c.eventFinding(InvAtomicity, AnomalyDirtyWrite, e, "%s is answered aborted, but it was installed", c.attemptName(e.Attempt))
		case e.Final && t.wrote > t.aborted: // if it is not greater than aborted, this was reported before
			c.eventFinding(InvAtomicity, AnomalyDirtyWrite, e, "%s is answered aborted for good, but attempt %d was installed",
				c.attemptName(e.Attempt), t.wrote)
		}
		t.aborted, t.answerAt = max(t.aborted, e.Attempt.Try), e.At
	}
	if e.Final || e.Outcome == model.Committed {
		t.flags |= flagFinal
		t.outcome, t.answerSeq, t.answerAt = e.Outcome, c.seq, e.At
		c.noteSettled(t)
	}
}

func (c *HistoryChecker) answeredCommitted(s int32, t *histTxn, e *model.Event) {
	try := e.Attempt.Try
	if try <= t.aborted {
		c.eventFinding(InvOneOutcome, "", e, "%s is answered committed after it was answered aborted",
			c.attemptName(e.Attempt))
	}
	if t.wrote != 0 && t.wrote != try {
		c.eventFinding(InvOneCommit, AnomalyDirtyWrite, e, "%s is answered committed, but attempt %d was installed",
			c.attemptName(e.Attempt), t.wrote)
	}
	t.told = try
	c.answers = append(c.answers, s)
	wanted, ok := matchReads(c.opsOf(t), e.Reads)
	if wanted > 0 {
		c.readers++
	}
	switch {
	case ok:
		t.reads = e.Reads
	case len(e.Reads) == 0:
		// The results were lost in a crash, after the decision was durable. The
		// ProtocolChecker judges whether there was one.
		c.unread++
	default:
		c.eventFinding(InvCommittedReads, AnomalyGarbage, e, "%s is answered with %s, not those of its %s",
			c.attemptName(e.Attempt), Count(len(e.Reads), "result"), Count(wanted, "read"))
	}
}

// matchReads counts the read operations and reports whether there is exactly one
// result for each.
func matchReads(ops []histOp, reads []model.ReadResult) (wanted int, ok bool) {
	for i := range ops {
		if ops[i].isRead() {
			wanted++
		}
	}
	for i := range reads {
		op := reads[i].Op
		if op < 0 || int(op) >= len(ops) || ops[op].at != readOpen {
			return wanted, false
		}
		ops[op].at = readDone
	}
	return wanted, wanted == len(reads)
}

// answeredAgain reports an answer after the final one.
func (c *HistoryChecker) answeredAgain(t *histTxn, e *model.Event) {
	inv := InvOneOutcome
	if e.Outcome == model.Committed && t.told != 0 && t.told != e.Attempt.Try {
		inv = InvOneCommit
	}
	c.eventFinding(inv, "", e, "%s is answered %v, but %s had its final answer, %v, at %s",
		c.attemptName(e.Attempt), e.Outcome, t.t.Name(), t.outcome, c.when(t.answerAt))
}

// noteSettled counts t if it has settled.
func (c *HistoryChecker) noteSettled(t *histTxn) {
	if t.state() == histSettled {
		c.settled++
	}
}
