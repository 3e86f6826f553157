// Package plain is a commit protocol made from scratch, to begin one's own from. It
// uses nothing but what model and sim export: its coordinator and its worker are
// state machines of their own, and share no code with those of model.TwoPhase.
//
// It is two-phase commit that presumes abort, as small as it can be and still survive
// crashes, lost, late and repeated messages and torn logs: all operations of a worker
// travel with its prepare, who meets a lock votes NO (whatever the scenario says of
// execution and concurrency control), and nothing is ever forgotten. Workers take
// checkpoints; the coordinator's log holds no more than it needs. It must never know which
// scenario it is run with. A protocol whose workers run
// operations before they are asked to vote needs Message.Life besides, by which a worker
// refuses what was begun before its restart: otherwise an execute message that comes again
// after one is run as if it were the first of its attempt, whose reads are no longer locked.
// Such a worker refuses by a KindExecuted with VoteNo and the Reason.
//
// What a protocol must do for its clients is documented with model.Protocol, and that runs
// must be strictly serializable, unless the scenario says less. What follows is what it
// should do for those who judge it; after each colon is what happens otherwise:
//
//   - Site.Began when a coordinator takes up a request: ages go unchecked.
//   - Site.Log for a worker's prepare, commit, abort and commit-one records, and a Sync
//     after each commit, sooner or later: storage is read from what is durable of them,
//     so what was committed counts as lost.
//   - Site.Checkpoint, for a worker's checkpoints: after another one, all that it holds counts
//     as lost.
//   - Tally, when it has resolved something: a run that moves is taken to be stuck.
//   - model.Controlled, if it has a concurrency control of its own: that of the scenario
//     may promise that an attempt gives way to older ones only, and that the model.Obstacle
//     of a refusal says to which.
//   - Notes of decisions, KindDecide, KindCommitted and KindAborted: two decisions about
//     one attempt are seen only in the messages. Where a node's own record is the decision,
//     its note comes when that is durable: a crash undoes what was noted before, and what is
//     decided then is a second decision.
//   - A YES vote, KindVote, to anyone, when a worker promises. In a run in which nobody votes
//     YES, a durable KindPrepare record is the promise. Without either, two decisions about
//     an attempt may be none in the eyes of a run, only of an exploration, nobody is in
//     doubt, and what commits is no step of Transaction Commit.
//   - Message.Presumed, in a KindCommit or KindAbort that rests on having no information
//     about the attempt, not on a decision: where the other one was taken and forgotten,
//     the two are taken for different decisions.
//   - A vote of NO with the reason Full where a worker would store more keys than
//     Config.Resources.Keys: a worker with more is a finding, also in swarms, which draw
//     that bound unless resources.keys sets one. The bound on staged bytes, which this
//     protocol ignores, is judged of accountable protocols only.
//   - Promises.WriteAhead: a message that leaves too early shows only by what it breaks.
//   - Promises.Grammar: what the logs hold is not judged.
//   - Promises.Accountable, which this protocol is not: of its aborts only those are judged
//     that all votes at the coordinator speak against, and of unknown outcomes those without
//     a crash. Presumptions that contradict each other, and promises of what was run before a
//     crash, show only by what they break. Whether the log device has room is not judged at
//     all: it takes what it has no room for, and that becomes durable; disk.capacity bounds
//     those only who ask for sim.Env.LogRoom, as this protocol does not.
//   - model.Resident: what never comes to rest is found only if a client waits for it. It
//     lists whatever holds a lock, over or not, by the table of locks: one that is forgotten
//     there shows only so. Its Awaits name all whose word is missing, acceptors too: what
//     waits for a node that is dead for good is a finding otherwise.
//   - model.InDoubter: a client of a coordinator that is dead for good is told unknown,
//     and not what blocks it. What a worker lacks because such a node never sent it is a lost
//     write: where workers do not promise, one must say that it is in doubt about whatever
//     such a node may have decided, heard of or not.
//   - model.Named, if it has kinds or reasons of its own: logs call them user, user+1 and
//     so on.
//   - Another sim.Mail.Again for each message of one kind about one attempt to one node:
//     what is lost once is lost each time that it is sent again.
//   - sim.StateAppender: txsim explore tells states apart by their past, of which there is
//     no end unless --depth bounds it. What it must append and what it must not stands
//     there: a state that leaves out what sets two apart, such as the order that tokens count
//     here, makes explore miss ways, or end with exit code 4; and with a counter of re-sends
//     in it, explore comes to no end.
//   - model.Viewer, which this protocol leaves out: txsim step shows no more of a node than its
//     log, its timers and its residue.
package plain
