package analysis

import (
	"testing"
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// Steps of the tests of notes.
var (
	starts        = noteOf(padC0, model.KindStart, model.Message{})
	decidesCommit = noteOf(padC0, model.KindDecide, committed)
	decidesAbort  = noteOf(padC0, model.KindDecide, aborted)
	prepares      = func(p causePad) { p.ask(model.KindPrepare, 0, padW0, padW1) }
	saysCommit    = func(p causePad) { p.send(padC0, model.KindCommit, t1, model.Message{}) }
	saysAbort     = func(p causePad) { p.send(padC0, model.KindAbort, t1, model.Message{}) }
	restartsC0    = func(p causePad) { p.crash(padC0); p.befall(sim.TraceRestart, padC0, 2) }
	restartsW0    = func(p causePad) { p.crash(padW0); p.befall(sim.TraceRestart, padW0, 2) }
	nextStep      = func(p causePad) { p.befall(sim.TraceTimer, padW1, 0) }
)

func noteOf(n sim.NodeID, k sim.Kind, m model.Message) func(p causePad) {
	return func(p causePad) { p.note(n, k, t1, m) }
}

// now has the next step happen at the time of the one before: they are one step of a node.
func now(step func(p causePad)) func(p causePad) {
	return func(p causePad) { p.wait(-time.Millisecond); step(p) }
}

// TestCoordinatorNotes: a coordinator notes that it begins and what it decides, before it says
// so.
func TestCoordinatorNotes(t *testing.T) {
	answers := func(m model.Message) func(p causePad) {
		return func(p causePad) { p.send(padC0, model.KindAnswer, t1, m) }
	}
	commits, aborts := answers(committed), answers(aborted)
	again := func(p causePad) { p.request(t2, 2) }
	const (
		started = `C0 says "prepare" about t1, and has not noted its start`
		commit  = "C0 says that t1 is committed, and has not noted that it decides so"
		abort   = "C0 says that t1 is aborted, and has not noted that it decides so"
	)
	testHeard(t, "not noted", []heardCase{
		{"all is noted", nil, []func(p causePad){starts, prepares, decidesCommit, saysCommit, commits}, ""},
		{"no start, which is told once", nil, []func(p causePad){prepares, decidesCommit, commits}, started},
		{"a start that comes late", nil, []func(p causePad){prepares, starts}, started},
		{"a start that another notes", nil, []func(p causePad){noteOf(padW0, model.KindStart, model.Message{}), prepares}, started},
		{"no start of what nobody was asked for", nil, []func(p causePad){decidesCommit, commits}, `C0 says "decide" about t1, and has not noted its start`},
		{"no start in another protocol", ownReasons, []func(p causePad){prepares, decidesCommit}, ""},
		{"no start, and a worker passes a request on", nil, []func(p causePad){func(p causePad) { p.between(padW1, padW0, model.KindPrepare, model.Message{}) }}, ""},
		{"the attempt before, decided again after a crash", nil, []func(p causePad){starts, prepares, decidesAbort, again, restartsC0, decidesAbort}, ""},

		{"a commit that is not noted", nil, []func(p causePad){starts, prepares, saysCommit, commits}, commit},
		{"a commit that only the client is told", nil, []func(p causePad){starts, prepares, commits}, commit},
		{"a commit that is noted later", nil, []func(p causePad){starts, prepares, saysCommit, decidesCommit}, commit},
		{"a commit noted as an abort", nil, []func(p causePad){starts, prepares, decidesAbort, commits}, commit},
		{"a commit that nobody was asked for", nil, []func(p causePad){commits}, commit},
		{"a commit that is noted as unknown", nil, []func(p causePad){starts, prepares, noteOf(padC0, model.KindDecide, model.Message{Outcome: model.Unknown}), commits}, commit},
		{"a commit that a worker notes", nil, []func(p causePad){starts, prepares, noteOf(padW0, model.KindDecide, committed), commits}, commit},
		{"a commit that a worker passes on", nil, []func(p causePad){starts, prepares, func(p causePad) { p.between(padW1, padW0, model.KindCommit, model.Message{}) }}, ""},
		{"a commit in another protocol", ownReasons, []func(p causePad){starts, prepares, saysCommit}, ""},
		{"a commit after a crash", nil, []func(p causePad){starts, prepares, restartsC0, saysCommit, commits}, ""},
		{"an abort that is not noted", nil, []func(p causePad){starts, prepares, saysAbort, aborts}, abort},
		{"an abort that is noted", nil, []func(p causePad){starts, prepares, decidesAbort, saysAbort, aborts}, ""},
		{"an abort that a worker notes", nil, []func(p causePad){starts, prepares, noteOf(padW0, model.KindDecide, aborted), saysAbort}, abort},
		{"a refusal", nil, []func(p causePad){answers(model.Message{Outcome: model.Aborted, Reason: model.Full})}, ""},
		{"an outcome that is not known", nil, []func(p causePad){starts, prepares, answers(model.Message{Outcome: model.Unknown})}, ""},
		{"the attempt before, which is said again", nil, []func(p causePad){starts, prepares, decidesAbort, again, saysAbort}, ""},
	})
}

// TestWorkerNotes: a worker notes what it does in the step that logs it, and what it does alone
// before it says so.
func TestWorkerNotes(t *testing.T) {
	logs := func(k sim.Kind) func(p causePad) { return func(p causePad) { p.append(padW0, k, t1) } }
	commit, abort, one := logs(model.KindCommit), logs(model.KindAbort), logs(model.KindCommitOne)
	notesCommitted, notesAborted := noteOf(padW0, model.KindCommitted, model.Message{}), noteOf(padW0, model.KindAborted, model.Message{})
	sync := func(p causePad) { p.synced(padW0) }
	onlyReads := func(p causePad) { p.txn[1].Ops[0].Kind = model.Read; p.txn[1].Compile() }
	tell := func(m model.Message) func(p causePad) {
		return func(p causePad) { decidesAbort(p); p.between(padC0, padW0, model.KindAbort, m) }
	}
	tells := tell(model.Message{})
	votes := func(v model.Vote) func(p causePad) { return func(p causePad) { p.vote(padW0, v, model.Conflict) } }
	no := votes(model.VoteNo)
	alone := func(p causePad) { p.ask(model.KindCommitOne, 0, padW0) }
	done := func(m model.Message) func(p causePad) {
		return func(p causePad) { p.between(padW0, padC0, model.KindDone, m) }
	}
	const (
		committing = `w0 appended its commit record of t1, and has not noted "committed"`
		aborting   = `w0 appended its abort record of t1, and has not noted "aborted"`
		toldTo     = `w0 was told to abort t1, and has not noted "aborted"`
		refusing   = `w0 says "vote no   conflict" of t1, and has not noted "aborted"`
	)
	begin := func(steps ...func(p causePad)) []func(p causePad) {
		return append([]func(p causePad){starts, prepares}, steps...)
	}
	testHeard(t, "not noted", []heardCase{
		{"a commit", nil, begin(commit, notesCommitted, nextStep), ""},
		{"a commit that is not noted", nil, begin(commit, nextStep), committing},
		{"that shows when another message comes", nil, begin(commit, votes(model.VoteYes)), committing},
		{"a commit noted later", nil, begin(commit, nextStep, notesCommitted), committing},
		{"a commit that another notes", nil, begin(commit, noteOf(padW1, model.KindCommitted, model.Message{}), nextStep), committing},
		{"a commit of who only reads", nil, begin(onlyReads, commit, nextStep), ""},
		{"a commit before a crash", nil, begin(commit, restartsW0, nextStep), ""},
		{"a commit before a clean crash", nil, begin(commit, sync, restartsW0, nextStep), ""},
		{"a commit, and another crashes", nil, begin(commit, restartsC0, nextStep), committing},
		{"a commit that stops", nil, begin(commit, func(p causePad) { p.befall(sim.TraceStopped, padW0, 0) }, nextStep), ""},
		{"a commit in another protocol", ownReasons, begin(commit, nextStep), ""},
		{"an abort that is not noted", nil, begin(abort, nextStep), aborting},
		{"an abort that was noted before", nil, begin(notesAborted, abort, nextStep), ""},
		{"an abort that was noted in another life", nil, begin(notesAborted, restartsW0, abort, nextStep), aborting},
		{"an abort of a coordinator", nil, begin(func(p causePad) { p.append(padC0, model.KindAbort, t1) }, nextStep), ""},

		{"told to abort", nil, begin(tells, notesAborted, nextStep), ""},
		{"told to abort, not noted", nil, begin(tells, nextStep), toldTo},
		{"told to abort what it was not asked for", nil, []func(p causePad){starts, tells, nextStep}, ""},
		{"told to abort what it has aborted", nil, begin(notesAborted, tells, nextStep), ""},
		{"told to abort by a presumption", nil, begin(tell(model.Message{Presumed: true}), nextStep), ""},
		{"told to abort by another worker", nil, begin(func(p causePad) { p.between(padW1, padW0, model.KindAbort, model.Message{}) }, nextStep), ""},
		{"told to commit", nil, begin(decidesCommit, func(p causePad) { p.between(padC0, padW0, model.KindCommit, model.Message{}) }, nextStep), ""},
		{"told to abort after READ", nil, begin(votes(model.VoteRead), tells, nextStep), ""},
		{"told to abort after a crash", nil, begin(restartsW0, tells, nextStep), ""},
		{"told to abort by who has crashed", nil, begin(restartsC0, tells, nextStep), ""},
		{"told to abort what is long finished", nil, begin(
			func(p causePad) { p.send(padC0, model.KindExecute, t1, model.Message{ID: 1, Mark: 9}) }, tell(model.Message{ID: 1}), nextStep), ""},
		{"told to abort what a presumption says is finished", nil, begin(
			func(p causePad) {
				p.send(padC0, model.KindAbort, model.Attempt{Txn: 7, Try: 1}, model.Message{Presumed: true, Mark: 9})
			}, tell(model.Message{ID: 1}), nextStep), ""},
		{"told what cannot be", nil, begin(tells, noteOf(padW0, model.KindFinding, model.Message{}), nextStep), ""},

		{"a refusal", nil, begin(notesAborted, no), ""},
		{"a refusal that is not noted", nil, begin(no), refusing},
		{"a refusal after a crash", nil, begin(restartsW0, no), ""},
		{"a commit alone", nil, []func(p causePad){starts, alone, one, sync, notesCommitted, done(committed)}, ""},
		{"a commit alone that is not noted", nil, []func(p causePad){starts, alone, one, sync, done(committed)},
			`w0 says "done committed" of t1, and has not noted "committed"`},
		{"a commit alone before a crash", nil, []func(p causePad){starts, alone, one, sync, restartsW0, done(committed)}, ""},
		{"a commit alone of who only reads", nil, []func(p causePad){onlyReads, starts, alone, done(committed)}, ""},
		{"an abort alone that is not noted", nil, []func(p causePad){starts, alone, done(aborted)}, `w0 says "done aborted" of t1, and has not noted "aborted"`},
	})
	testHeard(t, "act", []heardCase{
		{"aborts after READ", nil, begin(votes(model.VoteRead), notesAborted), `w0 has voted READ on t1, and now says "aborted"`},
		{"says that it has committed after READ", nil, begin(votes(model.VoteRead), notesCommitted), ""},
		{"aborts after READ and a crash", nil, begin(votes(model.VoteRead), restartsW0, notesAborted), ""},
		{"aborts after READ in another protocol", ownReasons, begin(votes(model.VoteRead), notesAborted), ""},
	})
}
