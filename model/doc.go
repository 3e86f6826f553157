// Package model is distributed transactions on the kernel of package sim:
// clients, coordinators that decide, workers that store and lock, and the
// commit protocols between them. It must never know which workload or which
// fault plan it is run with, nor how a run is judged.
//
// # Parts
//
// A [Cluster] is a world of coordinators, workers and clients, built from a
// [Config]. Three axes of it are independent and can be replaced alone: the
// commit [Protocol], the [Concurrency] control and the [Execution] mode. The
// built-in protocols are two-phase commit with three presumptions, see
// [Presumption], which say what their logs hold, see [Grammar]; the built-in
// concurrency controls are strict two-phase locking with no-wait, wait-die and
// wound-wait.
//
// A [Transaction] comes from a [Source]; what clients asked and were told, and
// what workers' storage durably holds, goes to a [History]; [Formatter] turns
// the trace into the lines that people read.
//
// # Terms
//
// An attempt is one try of a transaction; a part, what an attempt does at one
// worker, also as the worker keeps it. A partner is a worker as the coordinator of
// an attempt knows it, and a peer a coordinator as a worker knows it. An epoch is a
// coordinator's incarnation, in the ids of its attempts; its mark is the id below
// which all its attempts are finished. Staged writes are visible to their own
// transaction only, until it commits. A residue is something that a node still holds
// on to. An image is what the history has read from a worker's log.
//
// # Messages
//
// Who sends which kind, and where it is handled:
//
//	request     clients.send        → coordinator.begin       run this attempt
//	ask         clients.Fired       → coordinator.asked       what became of it?
//	execute     coordinator.run     → worker.request          run these operations, no vote yet
//	executed    worker.advance      → coordinator.executed    their results, or a refusal
//	prepare     coordinator.prepare → worker.request          run what is left, and vote
//	vote        worker.vote         → coordinator.voted       YES once its record is durable, NO, READ
//	commit-one  coordinator.ask     → worker.request          run and decide, as the only worker
//	done        worker.vote         → coordinator.done        what it has decided
//	commit      coordinator.tell    → worker.commit           the decision, once it is durable
//	abort       coordinator.tell    → worker.abort            the decision
//	ack         worker.reply        → coordinator.replied     the decision is durable there
//	answer      coordinator.answer  → clients.Receive         the outcome
//	enquire     worker.enquire      → coordinator.enquired    from one in doubt: what is decided?
//	wound       worker.wound        → coordinator.wounded     an older transaction waits: abort this one
//
// A coordinator that knows nothing of an attempt answers enquire and wound by
// coordinator.presume, with the decision that its protocol presumes, or abort if the worker
// had not voted.
//
// # Files
//
//	transaction, message, kind, history       what is asked for, said, and recorded
//	cluster, place, client, rest              who takes part, where, and until when
//	protocol, promises, grammar, hooks        a commit protocol, its logs, and what may be put around it
//	coordinator…, attempt                     the coordinator: what it asks, decides and logs
//	worker…, part, peer                       the worker: requests, votes, decisions, recovery
//	lock…, worker_locks, concurrency          locks, and who waits or gives way
//	store, storage                            what is stored, and its way into the history
//	record, work                              what stands in logs
//	format, residue, view                     what people are shown of records and nodes
//	bench…, alike, state, clone               what explorations use
//	compile, table, pool, chunks, memory      speed, and reuse of room
//
// # Contract
//
//   - A worker votes YES after its prepare record is durable, and from then on
//     only the coordinator decides. It keeps its locks until the decision, over
//     crashes too. READ votes are legal only where all operations had run
//     before anyone was asked to vote, or at a single worker.
//   - A coordinator decides once per attempt, commits only with every vote and
//     a durable record, and remembers the decision until every ack that the
//     protocol demands is in and the answer to the client is sent. Presumption
//     answers workers, never clients: one that asks is told by the life of the
//     coordinator that has its request, or that the attempt is lost with an
//     earlier life, and whatever that had answered arrives first.
//   - An attempt that has finished at a worker never executes there again, if
//     need be because a record says so, or because the coordinator's low-water
//     mark has passed it.
//   - Orphans do not wait for a timeout: a worker that is asked to begin an attempt of
//     a coordinator's new life gives up what is left of earlier ones and has not voted.
//   - A worker that is told what cannot be (to commit what it never prepared,
//     to abort what it has committed) stops for good and says so.
//   - At most one attempt of a transaction commits. A client tries again only
//     after a definite abort.
//   - With wait-die and wound-wait waits follow age, which is fixed over
//     attempts: no deadlock, and no hang even if every timeout is infinite, if no
//     message is lost and no node crashes.
//   - [Installed] events and [Cluster.Stored] come from the log, never from what a node
//     believes. The results of reads are volatile: a commit that is answered
//     after a crash of who decided may come with none at all.
//   - Nodes act through sim.Env alone. Runs of equal configurations are equal
//     to the byte.
//
// Sources: Gray, "Notes on Data Base Operating Systems", 1978; Mohan,
// Lindsay, Obermarck, "Transaction Management in the R* Distributed Database
// Management System", TODS 11(4), 1986; Rosenkrantz, Stearns, Lewis, "System
// Level Concurrency Control for Distributed Database Systems", TODS 3(2), 1978;
// Liskov, Scheifler, Walker, Weihl, "Orphan Detection", FTCS-17, 1987.
//
// Golden transcripts of short runs of every protocol are under testdata.
package model
