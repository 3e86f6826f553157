package mutant

import (
	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// The mutants in this file abort, or do not tell, without a cause. All data stay as they
// should be; only less is committed.
var causes = []Mutant{
	{Name: "overruled", coordinator: overruled, Expect: []string{analysis.InvAbortCause},
		Sentence: "the last vote is heard and then taken for one that has timed out",
		Origin:   "coordinators that look at the clock before they look into the mailbox"},
	{Name: "hasty", config: func(c *model.Config) { c.Timeouts.Prepare /= 50 }, Expect: []string{analysis.InvAbortCause},
		Sentence: "votes are awaited for a fiftieth of the timeout",
		Origin:   "timeouts whose unit is lost between the configuration and the timer"},
	{Name: "dropped-prepare", worker: droppedPrepare, Expect: []string{analysis.InvAbortCause},
		Sentence: "some prepares are taken for late ones and not answered",
		Origin:   "low-water marks that are one too far, and filters of duplicates that match too much"},
	{Name: "forgetful", worker: refuses(model.UnknownTxn), Expect: []string{analysis.InvAbortCause},
		Sentence: "a worker says that it does not know what it has just been asked",
		Origin:   "session tables that evict the live with the dead"},
	{Name: "full-house", worker: refuses(model.Full), Expect: []string{analysis.InvAbortCause},
		Sentence: "a worker without bounds says that it is full",
		Origin:   "quotas that count what was given back"},
	{Name: "imagined-conflict", coordinator: imaginedConflict, Expect: []string{analysis.InvAbortCause},
		Sentence: "some YES votes are heard as NO for a conflict",
		Origin:   "clients of a lock service that take every unexpected reply for a conflict, because that is tried again"},
	{Name: "one-error", coordinator: oneError, set: []string{"concurrency=wound-wait"}, Expect: []string{analysis.InvAbortCause},
		Sentence: "the client is told of a conflict, whatever an abort was for",
		Origin:   "interfaces with one code for all errors that a retry may cure"},
	{Name: "ghost-lock", worker: ghostLock, Expect: []string{analysis.InvAbortCause},
		Sentence: "a worker refuses for the lock of a transaction that has long been committed",
		Origin:   "lock services that learn of a release later than the store of a commit"},
	{Name: "never-idle", config: func(c *model.Config) { c.Timeouts.Idle = sim.Forever }, set: []string{"execution=batched"},
		faults: []string{"crash C0 at 20ms forever"}, Expect: []string{analysis.InvProgress},
		Sentence: "what a dead coordinator has begun keeps its locks for good, though nobody has voted",
		Origin:   "sessions without a limit, whose client went away without a word"},
	{Name: "unsure", coordinator: unsure, faults: []string{"crash coordinators rate 20/s for exp(2ms)"}, Expect: []string{analysis.InvOneOutcome},
		Sentence: "after a crash, what is certainly aborted is answered unknown",
		Origin:   "front ends that make one error of all that a restart has lost"},
}

// overruled hands the last vote on as a NO.
func overruled(n *node) {
	votes := senders{}
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		if mail.Kind == model.KindVote && m.Vote != model.VoteNo && m.Txn != nil && n.every(3, &m) {
			if votes.add(m.Attempt, from) == len(m.Txn.Parts) {
				m.Vote, m.Reason, m.Reads = model.VoteNo, model.Timeout, nil
			}
		}
		n.pass(from, mail, m)
	}
}

func droppedPrepare(n *node) {
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		if mail.Kind != model.KindPrepare || !n.every(3, &m) {
			n.pass(from, mail, m)
		}
	}
}

// refuses answers some prepares with NO for a reason that is not there.
func refuses(why model.Reason) func(*node) {
	return func(n *node) {
		n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
			if mail.Kind == model.KindPrepare && n.every(3, &m) {
				n.say(from, model.KindVote, m, model.Message{Vote: model.VoteNo, Reason: why})
				return
			}
			n.pass(from, mail, m)
		}
	}
}

func unsure(n *node) {
	n.send = func(to sim.NodeID, mail *sim.Mail, m *model.Message) bool {
		if mail.Kind == model.KindAnswer && m.Reason == model.CoordinatorLost {
			m.Outcome = model.Unknown
		}
		return true
	}
}

// imaginedConflict turns a vote into a NO before the others are in.
func imaginedConflict(n *node) {
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		if yes(mail.Kind, &m) && n.every(3, &m) {
			m.Vote, m.Reason, m.Reads = model.VoteNo, model.Conflict, nil
		}
		n.pass(from, mail, m)
	}
}

func oneError(n *node) {
	n.send = func(to sim.NodeID, mail *sim.Mail, m *model.Message) bool {
		if mail.Kind == model.KindAnswer && m.Outcome == model.Aborted {
			m.Reason = model.Conflict
		}
		return true
	}
}

// ghostLock answers some prepares with NO for the sake of the last attempt that the worker
// has committed.
func ghostLock(n *node) {
	var over *model.Obstacle
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		if mail.Kind == model.KindPrepare && over != nil && over.Other.Txn < m.Attempt.Txn && n.every(3, &m) {
			n.say(from, model.KindVote, m, model.Message{Vote: model.VoteNo, Reason: model.Conflict, Payload: over})
			return
		}
		n.pass(from, mail, m)
		if mail.Kind == model.KindCommit && m.Txn != nil {
			for _, p := range m.Txn.Parts {
				if p.Worker == n.Worker {
					over = &model.Obstacle{Key: p.Ops[0].Key, Other: m.Attempt}
				}
			}
		}
	}
}
