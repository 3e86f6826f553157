package analysis

import (
	"slices"

	"github.com/seed83d86191/txsim/model"
)

// watch is what messages and log records of a kind are looked at for.
type watch uint8

const (
	watchDecision watch = 1 << iota
	watchRules
	watchName     // it names an attempt
	watchConflict // it may say that an attempt is aborted for another
	watchDoubt    // a worker in doubt sends it
	watchCause    // it has to do with why an attempt is aborted
	watchArrival  // it matters when it arrives
	watchRecord   // rules and evidence need the record
)

// watched is what the kinds of every protocol are looked at for. Rules add to it.
var watched = [model.KindUser]watch{
	model.KindExecute:   watchName,
	model.KindExecuted:  watchConflict | watchArrival,
	model.KindPrepare:   watchName | watchRecord,
	model.KindVote:      watchRules | watchConflict | watchArrival, // YES is a promise even without a rule
	model.KindCommitOne: watchName | watchRecord,
	model.KindDone:      watchConflict,
	model.KindCommit:    watchDecision | watchName | watchRecord,
	model.KindAbort:     watchDecision | watchName | watchRecord,
	model.KindEnquire:   watchDoubt,
	model.KindAnswer:    watchConflict | watchCause,
	model.KindWound:     watchConflict | watchArrival,
}

// watchedIfAccountable is what they are looked at for besides, if the protocol is accountable.
var watchedIfAccountable = [model.KindUser]watch{
	model.KindExecute:   watchCause | watchArrival,
	model.KindExecuted:  watchCause | watchName,
	model.KindPrepare:   watchCause | watchArrival,
	model.KindVote:      watchCause | watchName,
	model.KindCommitOne: watchCause | watchArrival,
	model.KindDone:      watchCause | watchName | watchArrival,
	model.KindCommit:    watchArrival,
	model.KindAbort:     watchArrival,
	model.KindAck:       watchName | watchArrival,
	model.KindEnquire:   watchName | watchArrival,
	model.KindWound:     watchName,
}

// set takes from the configuration what the run is checked against.
func (c *ProtocolChecker) set(cfg *model.Config) {
	p := cfg.Protocol.Promises()
	c.votes = p.Accountable // those of TwoPhase do
	c.norm, c.presumes = p.Presumes != model.Pending, p.Presumes
	c.byAge, _ = cfg.Control().(model.ByAge)
	c.builtIn = slices.Contains(model.Concurrencies(), cfg.Control())
	c.judgeCauses(cfg, p.Accountable)
	copy(c.watch[:], watched[:])
	if p.Accountable {
		for k, more := range watchedIfAccountable {
			c.watch[k] |= more
		}
	} else {
		for k := int(model.KindUser); k < len(c.watch); k++ {
			c.watch[k] = watchArrival // what its own messages mean is not known
		}
	}
	for _, rule := range p.WriteAhead {
		if rule.OneShot && cfg.Execution != model.OneShot {
			continue
		}
		c.rules[rule.Message] = append(c.rules[rule.Message], rule)
		c.watch[rule.Message] |= watchRules
		c.watch[rule.Record] |= watchRecord
	}
	if g := p.Grammar; g != nil {
		c.coordinatorWords, c.workerWords = c.languages[0].learn(g.Coordinator, &c.format.Names), c.languages[1].learn(g.Worker, &c.format.Names)
	}
}
