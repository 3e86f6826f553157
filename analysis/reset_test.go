package analysis

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/seed83d86191/txsim/model"
)

// TestHistoryReset: a checker that has judged other histories, wrong ones among them,
// says of one what a new checker says, word for word.
func TestHistoryReset(t *testing.T) {
	t.Parallel()
	used := NewHistoryChecker(HistoryOptions{Window: 3})
	found := 0
	for seed := range 600 {
		p := histChaos{txns: 5 + seed%60, keys: 2 + seed%19, spread: 4, stray: 0.02, damage: 0.1}
		h := p.generate(rand.New(rand.NewPCG(uint64(seed), 200)))
		opts := HistoryOptions{Window: 3 + seed%7}
		want := h.check(opts, false)
		used.Reset(opts)
		for i := range h.events {
			used.Record(&h.events[i])
		}
		got := used.Finish(slices.Values(h.stores))
		if !reflect.DeepEqual(got, want.log.kept) || used.Total() != want.Total() || used.Levels() != want.Levels() {
			t.Fatalf("seed %d: a used checker finds\n%v\na new one\n%v", seed, got, want.log.kept)
		}
		found += used.Total()
	}
	if found < 200 {
		t.Errorf("%d findings in all: little that could be left behind", found)
	}
}

// TestProtocolReset: what was durable in an earlier run is not in this one, and a
// node that had crashed has not.
func TestProtocolReset(t *testing.T) {
	used, fresh := newTracePad("presumed-abort"), newTracePad("presumed-abort")
	a := model.Attempt{Txn: 1, Try: 1}
	for range 3 {
		used.request(a, 2)
		used.prepared(padW0, a)
		used.crash(padW0)
		a.Try++
	}
	answer := model.Message{Outcome: model.Committed}
	used.send(padC0, model.KindAnswer, model.Attempt{Txn: 1, Try: 1}, answer)
	cfg := &model.Config{Protocol: model.Protocols()[0], Concurrency: model.Concurrencies()[0], Coordinators: 1, Workers: 2}
	used.c.Reset(cfg, &model.Formatter{Coordinators: 1, Workers: 2})
	used.now, used.lsn = 0, fresh.lsn
	a = model.Attempt{Txn: 1, Try: 1}
	for _, p := range []*tracePad{used, fresh} {
		p.request(a, 2)
		p.append(padW0, model.KindPrepare, a)
		p.send(padW0, model.KindVote, a, model.Message{Vote: model.VoteYes})
		p.send(padC0, model.KindAnswer, a, model.Message{Outcome: model.Aborted, Reason: model.Timeout})
	}
	if got, want := used.findings(), fresh.findings(); len(want) != 2 || !slices.Equal(got, want) {
		t.Errorf("a used checker finds %q, a new one %q", got, want)
	}
}
