package analysis

import (
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// TestWide: of a transaction of many parts the same is found as of one that is searched.
func TestWide(t *testing.T) {
	txn := &model.Transaction{}
	for w := range 100 {
		txn.Parts = append(txn.Parts, model.Part{Worker: 3 * w})
	}
	narrow, indexed := &txnTrace{txn: txn}, &txnTrace{txn: txn, wide: newWide(txn)}
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		n, try := sim.NodeID(rnd.IntN(40)), uint16(rnd.IntN(3))
		for _, x := range []*txnTrace{narrow, indexed} {
			x.records = append(x.records, tracedRecord{node: n})
			x.acts = append(x.acts, tracedAct{node: 39 - n})
			x.left = append(x.left, leftDecision{to: n, try: try, at: sim.Time(len(x.left))})
		}
		indexed.wide.record(n)
		indexed.wide.act(39 - n)
		indexed.wide.leave(n)
		if rnd.IntN(4) == 0 {
			narrow.notLeft(n, try)
			indexed.notLeft(n, try)
		}
	}
	for n := range sim.NodeID(41) {
		for name, before := range map[string]func(*txnTrace, int) int{ // any order
			"records": func(x *txnTrace, i int) int { return x.recordBefore(i, n) },
			"acts":    func(x *txnTrace, i int) int { return x.actBefore(i, n) },
			"left":    func(x *txnTrace, i int) int { return x.leftBefore(i, n) },
		} {
			var places [2][]int
			for k, x := range []*txnTrace{narrow, indexed} {
				for i := before(x, len(x.records)); i >= 0; i = before(x, i) {
					places[k] = append(places[k], i)
				}
			}
			if !slices.Equal(places[0], places[1]) || (len(places[0]) > 0) != (n < 40) {
				t.Errorf("%s of node %d: %v, searched %v", name, n, places[1], places[0])
			}
		}
		for try := range uint16(3) {
			if a, b := narrow.leftTo(n, try), indexed.leftTo(n, try); (a == nil) != (b == nil) || a != nil && *a != *b {
				t.Errorf("left to %d, attempt %d: %v, searched %v", n, try, b, a)
			}
		}
	}
	for w := range 301 {
		if a, b := narrow.part(w), indexed.part(w); a != b || (a != nil) != (w%3 == 0 && w < 300) {
			t.Errorf("part on w%d: %v, searched %v", w, b, a)
		}
	}
}

// TestTracesWide: traces made by hand are judged alike where their transactions are indexed.
func TestTracesWide(t *testing.T) {
	allWide = true
	defer func() { allWide = false }()
	for _, test := range []func(*testing.T){
		TestLedgerBlocked, TestLedgerBlockedElsewhere, TestLedgerBlockedTwice, TestLedger, TestLedgerOwnCrash, TestLedgerLeft,
		TestDoubtAgain, TestLedgerEnd, TestAbortCause, TestAckedOutcome, TestTold, TestOnePhaseAnswer, TestContradiction,
		TestInDoubt, TestDoubtOfLostRecord, TestDoubtOnce, TestNotInDoubtAgain, TestPresumption, TestForgotten, TestGuess,
		TestWoundOfVoted, TestPromised, TestClashed, TestBounded, TestKeptBack, TestGivesWayToNobody, TestTwoNames,
		TestVoteOfFinished, TestNamesRemembered, TestActOnce, TestWriteAhead, TestWriteAheadWhose, TestWriteAheadCrash,
		TestOneDecision, TestHastyVote, TestNothingBound, TestImpossible, TestPromiseWithoutVote, TestPromises,
		TestPromiseByVote, TestVotesTakeBackDoubts, TestGivenUpBeforeDurable, TestVotesTakeBackOnce, TestLogGrammar,
	} {
		name := runtime.FuncForPC(reflect.ValueOf(test).Pointer()).Name()
		t.Run(name[strings.LastIndex(name, ".")+1:], test)
	}
}
