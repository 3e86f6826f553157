package cmd

import (
	"fmt"
	"strings"

	"github.com/seed83d86191/txsim/analysis"
)

func invariantsPage() string {
	var text strings.Builder
	text.WriteString("The invariants that a run is checked for, and what it means that one is violated:\n\n")
	for _, inv := range analysis.Invariants() {
		for i, line := range analysis.Wrap(strings.Fields(inv.Text), 66) {
			name := inv.Name
			if i > 0 {
				name = ""
			}
			fmt.Fprintf(&text, "  %-22s  %s\n", name, line)
		}
	}
	return text.String() + `
A finding has the name of its invariant, and in parentheses that of its anomaly; cycles
are explained by txsim help isolation. Its records are the evidence.`
}

const protocolsPage = `The commit protocols, for the parameter protocol. All are two-phase commit: the
coordinator asks workers to prepare; a worker forces its prepare record and votes YES; if
none votes NO the decision is commit. A worker that has voted YES is in doubt until it
learns of the decision. It keeps its locks, and asks (enquire) after timeouts.decision,
again after twice that, and so on up to eight times that; one whose log says so when it
restarts asks at once, and then after twice timeouts.decision. What the coordinator had not
decided when it crashed is aborted.

  presumed-abort    No information means abort. The coordinator logs no abort; workers
                    neither force nor acknowledge one. Commits are forced everywhere,
                    and re-sent until acknowledged.
  presumed-nothing  Basic two-phase commit: commits and aborts are forced everywhere and
                    acknowledged. What the log has no record of was not decided when
                    the coordinator crashed, and is answered abort.
  presumed-commit   No information means commit. So the coordinator forces a collecting
                    record of the workers before it asks them, and a worker that votes NO
                    an abort record first. Aborts are forced by workers and acknowledged;
                    commits are forced by the coordinator alone, not acknowledged.

A record of a worker that nobody waits for is synced with the next one that is forced, or
100 ms later.

Log records, of which (forced), and messages for U workers that write and M that only
read; if it aborts, one of the U has voted NO when the k others had voted YES. Who has not
voted when the NO comes is sent an abort too: one message more, or two where it is
acknowledged, and one less, its vote, if the abort gets there first:

  commit            coordinator  worker that wrote  messages
  presumed-abort    2(1)         2(2)               4U+2M
  presumed-nothing  2(1)         2(2)               4U+2M
  presumed-commit   2(2)         2(1)               3U+2M

  abort             coordinator  YES voter  NO voter  messages
  presumed-abort    0(0)         2(1)       0(0)      2U+2M+k
  presumed-nothing  2(1)         2(2)       0(0)      2U+2M+2k
  presumed-commit   2(1)         2(2)       1(1)      2U+2M+2k

A worker that only read votes READ, logs nothing, releases its locks and hears no
decision; if all do, presumed-commit logs 2(1), the others nothing. This holds in batched
and interactive execution; in one-shot it keeps its locks and counts as one that writes.
A single worker commits in one phase: 2 messages, and 1(1) at the worker if it is to write,
also where it refuses.
Messages that execute operations come on top: see txsim help execution. The coordinator's
start, prepare, suspect and recover records in a log are audit records: they are for
its readers, never forced, ignored by recovery, and counted nowhere.

Source: Mohan, Lindsay, Obermarck, Transaction Management in the R* Distributed Database
Management System, TODS 11(4), 1986. There presumed nothing has no READ vote, and who votes
NO forces an abort record; here it has logged nothing, and needs none.`

const concurrencyPage = `The concurrency controls, for the parameter concurrency. All are strong strict (rigorous)
two-phase locking: shared locks to read, exclusive ones to write, kept until the decision;
only a worker that votes READ releases them before, when all others have theirs. They differ
in what becomes of a request for a lock that conflicts with another transaction:

  wait-die    The requester waits if it is older than the other; a younger one dies: its
              worker refuses (conflict). So only older wait for younger.
  wound-wait  The requester waits. If it is older, the other is wounded: its coordinator
              is asked to abort it, which it does unless it has decided (wounded), and
              is asked again every timeouts.decision, not oftener, however many
              requesters a worker has that wait for it. So only younger wait for older. What
              an earlier attempt of the requester has left is wounded as well.
  no-wait     The requester dies, whoever is older. Nobody waits for a lock.

Under wait-die and no-wait a requester also dies of what an earlier attempt of its own
transaction has left where the abort was lost: until the worker has enquired about that, or
given it up, each retry that comes there is refused (conflict with the transaction itself).

As all waits go one way in age there is no deadlock. Age is the time at which a client
first submitted the transaction, then its number, and stays the same over retries, so that
under wait-die and wound-wait the oldest of all never gives way; under no-wait one may
starve. An attempt that is aborted is tried again after a backoff (retry.backoff), up to
retry.attempts times.

The other is one that holds the lock, or one that waits for it ahead in the queue, in a
conflicting mode. The textbook compares with the holder alone; but queues are first-in
first-out, so that a request waits for those ahead as well, and under wait-die one that is
older than the holder dies if somebody older than it is waiting. An upgrade from shared to
exclusive goes to the head of the queue, and those whom it passes are compared with it.

In one-shot execution locks are asked for by the prepare: who dies votes NO, who waits
delays its vote, and a victim may be wounded that has voted YES, as long as its coordinator
has not decided. In batched and interactive execution locks are asked for by execute: who
dies refuses in place of results, before anybody is asked to prepare. A worker that alone
commits, in one phase, is its own coordinator there.

A worker that has all operations at once, in one-shot and batched execution, asks at once
for the strongest lock that it will need of a key; only interactive ones upgrade.

Source: Rosenkrantz, Stearns, Lewis, System Level Concurrency Control for Distributed
Database Systems, TODS 3(2), 1978.`

const executionPage = `How operations reach the workers, for the parameter execution:

  one-shot     All operations of a worker come with its prepare; what it has read goes
               back with its vote. No messages but those of the commit protocol: the
               fewest round trips, 2 message delays to the decision.
  batched      One round before the prepare: each worker gets all its operations in one
               execute message and replies with the results (executed). 2 messages for
               each worker, and 2 delays more.
  interactive  One round trip for each operation, in the order of the transaction, as
               where an application looks at each result: 2 messages and 2 delays each.

Locks are taken when the operations run. In one-shot that is while the votes are gathered:
other workers may still be asking for theirs, so nobody may release a lock before the
decision, and a worker that only read takes part in both phases, with a prepare record of
its shared locks. In batched and interactive execution all locks are held before the first
vote, so that a worker that only read votes READ, releases its locks and is done.

A worker that has crashed after it ran operations has lost them with its locks: asked to
prepare, or to run more, it refuses (unknown transaction). One that hears nothing more of an
attempt for timeouts.idle drops it, and so does one that is asked for something by the
coordinator's next life: an attempt that has not voted is an orphan then. A transaction of a
single worker commits in one phase; in one-shot that is one round trip for all.

If one refuses to run them, the others that were asked are sent an abort. It is forced and
acknowledged as the protocol has it, though nobody has voted: under presumed nothing the
coordinator forces it, under presumed commit these workers do.

The effect on costs is in txsim help protocols, that on waits in txsim help concurrency.`

const outcomesPage = `What a client is told of a transaction, as summaries count it:

  committed  Decided and durable; nothing undoes it. Workers may not have heard of it yet:
             they are sent the decision until they have.
  aborted    It has not taken effect and never will. An attempt that was aborted is tried
             again after a backoff, up to retry.attempts times; then this is final.
  unknown    The coordinator is dead for good, or cannot tell: it has crashed since a
             single worker was to commit in one phase. Only that worker may know then,
             as the coordinator logs nothing of it, not even that the request has come.
             It may have taken effect or not, and is not tried again, since what writes
             could then commit twice.
  blocked    As unknown, and some worker is in doubt: it has voted YES, and the coordinator
             that could tell is dead for good. Its locks stay, and who needs them waits or
             is aborted. Nobody else can resolve it: workers do not ask each other. Only
             faults that are "forever" do this.

Unknown and blocked are no violations: two-phase commit promises no more. A coordinator
that comes back reads its log, tells what it had decided, and aborts the rest.

The reasons of an abort:

  conflict             A worker refused: another transaction has the lock, or is ahead.
  wounded              Under wound-wait an older transaction needed a lock of it.
  timeout              A worker did not vote, or reply, within timeouts.prepare.
  coordinator crashed  The coordinator crashed before it had decided.
  unknown transaction  A worker has lost its operations in a crash, or dropped them: after
                       timeouts.idle, or as orphans of its coordinator's crash.
  full                 A worker has no room: resources.staging, resources.keys or its log,
                       which keeps 64 bytes in reserve for each attempt that is not over
                       there. What all these attempts were asked for counts, as soon as it
                       is executed; a delete gives room to other transactions only once
                       it is committed. Or the coordinator has no room in its log, where it
                       keeps 128 bytes, and 8 for each worker, for an attempt until that
                       ends: it does not begin it then. So decisions have room under
                       disk.capacity; only records of refusals under presumed-commit may go
                       beyond it, by some bytes each, until a checkpoint has made room.
  validation           Optimistic validation failed; no built-in protocol validates.

A single worker that is dead for good leaves unknown (worker crashed), told when it has been
waited for as long as limits.stuck says. Protocols of one's own may have reasons of their
own, under the names that they give them; without a name they are user, user+1 and so on.`
