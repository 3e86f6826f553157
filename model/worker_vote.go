package model

// promise forces the record that the request calls for. Once it is durable, the worker
// votes YES, or, in one phase, has committed.
func (w *worker) promise(p *part) {
	if len(p.staged) == 0 && (p.onePhase || p.apart) {
		w.readOnly(p)
		return
	}
	data := appendWork(w.name(p), p)
	w.pool.buf = data
	if int64(len(data)) > w.Env.LogRoom()-LogReserve*(int64(w.live)+1) {
		w.compact() // p has promised nothing yet, so the checkpoint need not hold it
		w.refuse(p, refusal{reason: Full})
		return
	}
	kind := KindPrepare
	p.state = partPreparing
	if p.onePhase {
		kind, p.state = KindCommitOne, partDeciding
	}
	w.force(p, kind, data, KindVote)
}

// LogReserve is the room, in bytes, that a worker keeps in its log for the decision about each
// attempt that is not over there, and for one more.
const LogReserve = 64

// readOnly votes for a part that wrote nothing and need not keep its shared locks: in one
// phase, or when all operations had run everywhere before anyone was asked to prepare.
func (w *worker) readOnly(p *part) {
	if p.onePhase {
		w.finish(p, partCommitted)
		w.vote(p)
		return
	}
	w.reply(p, KindVote, &Message{Vote: VoteRead})
	w.finish(p, partLeft)
}

// refuse aborts a part that has not voted, and says so, without what it has read until then.
// Where having no information could later be taken for a commit, the abort record is forced
// first.
func (w *worker) refuse(p *part, why refusal) {
	p.reason, p.by, p.reads = why.reason, why.by, nil
	writes := p.writes()
	w.finish(p, partAborted)
	switch {
	case p.request == KindExecute:
		w.answerRefused(p)
	case p.onePhase && writes, !p.onePhase && w.rule.Presume == Committed:
		w.entomb(p)
	default:
		w.vote(p)
	}
}

// entomb forces an abort record of a part that has none, a tombstone; then it answers.
func (w *worker) entomb(p *part) {
	w.force(p, KindAbort, w.name(p), KindVote)
}

// answerRefused says that operations were not executed.
func (w *worker) answerRefused(p *part) {
	w.reply(p, KindExecuted, &Message{Vote: VoteNo, Reason: p.reason, Payload: p.by.payload()})
}

// vote answers prepare or commit-one from the part's state.
func (w *worker) vote(p *part) {
	if p.onePhase {
		w.reply(p, KindDone, &Message{Outcome: p.outcome(), Reads: p.reads, Reason: p.reason, Payload: p.by.payload()})
		return
	}
	if p.state == partAborted {
		w.reply(p, KindVote, &Message{Vote: VoteNo, Reason: p.reason, Payload: p.by.payload()})
		return
	}
	w.reply(p, KindVote, &Message{Vote: VoteYes, Reads: p.reads})
}
