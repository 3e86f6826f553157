package scenarios_test

import (
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// The faults in this file send a message before its time, or never.

func voteEarly(n *node) {
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		n.pass(from, mail, m)
		if mail.Kind == model.KindPrepare && every(3, &m) {
			n.say(from, model.KindVote, m, model.Message{Vote: model.VoteYes})
		}
	}
}

// commitEarly counts the votes itself and does not wait for the disk.
func commitEarly(n *node) {
	yes := map[model.Attempt]map[sim.NodeID]bool{}
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		n.pass(from, mail, m)
		if mail.Kind != model.KindVote || m.Vote != model.VoteYes || m.Txn == nil {
			return
		}
		if yes[m.Attempt] == nil {
			yes[m.Attempt] = map[sim.NodeID]bool{}
		}
		if yes[m.Attempt][from] = true; len(yes[m.Attempt]) == len(m.Txn.Parts) {
			for _, p := range m.Txn.Parts {
				n.say(n.Workers[p.Worker], model.KindCommit, m, model.Message{})
			}
		}
	}
}

func doneEarly(n *node) {
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		if mail.Kind == model.KindCommitOne {
			n.say(from, model.KindDone, m, model.Message{Outcome: model.Committed})
		}
		n.pass(from, mail, m)
	}
}

func ackEarly(n *node) {
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		n.pass(from, mail, m)
		if mail.Kind == model.KindCommit {
			n.say(from, model.KindAck, m, model.Message{Outcome: model.Committed})
		}
	}
}

func prepareEarly(n *node) {
	n.send = func(to sim.NodeID, mail *sim.Mail, m *model.Message) bool { return mail.Kind != model.KindPrepare }
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		n.pass(from, mail, m)
		if mail.Kind == model.KindRequest {
			for i, p := range m.Txn.Parts {
				ask := m
				ask.Part = int32(i)
				n.say(n.Workers[p.Worker], model.KindPrepare, ask, model.Message{To: int32(len(p.Ops)), Age: m.Age})
			}
		}
	}
}

func refuseEarly(n *node) {
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		if mail.Kind == model.KindPrepare && every(3, &m) {
			n.say(from, model.KindVote, m, model.Message{Vote: model.VoteNo, Reason: model.Full})
			return
		}
		n.pass(from, mail, m)
	}
}

func abortEarly(n *node) {
	txns := map[model.Attempt]*model.Transaction{}
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		n.pass(from, mail, m)
		if mail.Kind == model.KindRequest {
			txns[m.Attempt] = m.Txn
		}
		if mail.Kind == model.KindVote && m.Vote == model.VoteNo {
			for _, p := range txns[m.Attempt].Parts {
				if to := n.Workers[p.Worker]; to != from {
					n.say(to, model.KindAbort, m, model.Message{})
				}
			}
		}
	}
}

func countNo(n *node) {
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		if mail.Kind == model.KindVote && m.Vote == model.VoteNo {
			m.Vote = model.VoteYes
		}
		n.pass(from, mail, m)
	}
}

// commitFromNowhere commits an attempt that its log has never heard of.
func commitFromNowhere(n *node) {
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		if mail.Kind == model.KindPrepare && every(10, &m) {
			n.Env.Append(model.KindCommit, mail.Label, []byte{99, 99, 99})
		}
		n.pass(from, mail, m)
	}
}

func deafToCommit(n *node) {
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		if mail.Kind != model.KindCommit || !every(10, &m) {
			n.pass(from, mail, m)
		}
	}
}

// forgetEarly makes up the acks of all workers as soon as COMMIT is sent.
func forgetEarly(n *node) {
	var due []func()
	const ackNow = 1 << 62
	n.send = func(to sim.NodeID, mail *sim.Mail, m *model.Message) bool {
		if mail.Kind == model.KindCommit {
			id, a, label := m.ID, m.Attempt, mail.Label
			due = append(due, func() {
				n.pass(to, sim.Mail{Kind: model.KindAck, Label: label}, model.Message{ID: id, Attempt: a, Outcome: model.Committed})
			})
			n.Env.SetTimer(0, ackNow)
		}
		return true
	}
	n.get = func(from sim.NodeID, mail sim.Mail, m model.Message) {
		if mail.Kind != model.KindEnquire {
			n.pass(from, mail, m)
		}
	}
	n.fired = func(token uint64) bool {
		if token != ackNow {
			return true
		}
		due[0]()
		due = due[1:]
		return false
	}
}
