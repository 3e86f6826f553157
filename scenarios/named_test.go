package scenarios

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/model/plain"
	"github.com/seed83d86191/txsim/sim"
)

// gossip is a protocol whose workers pass a rumour around, and refuse every third attempt.
type gossip struct {
	plain.Protocol
	names model.Names
}

func (gossip) Name() string         { return "gossip" }
func (g gossip) Names() model.Names { return g.names }

func (g gossip) Worker(s *model.Site) sim.Node[model.Message] {
	return &gossipWorker{g.Protocol.Worker(s), s}
}

const kindRumour = model.KindUser + 1

// heard is how often a rumour has been told.
type heard uint64

func (h heard) AppendState(b []byte) []byte { return append(b, byte(h)) }
func (h heard) String() string              { return "for the " + strconv.FormatUint(uint64(h), 10) + ". time" }

type gossipWorker struct {
	sim.Node[model.Message]
	*model.Site
}

func (w *gossipWorker) Unwrap() sim.Node[model.Message] { return w.Node }

func (w *gossipWorker) Receive(from sim.NodeID, mail sim.Mail, m *model.Message) {
	rumour := func(n heard) {
		next := w.Workers[(w.Worker+1)%len(w.Workers)]
		w.Env.Send(next, sim.Mail{Kind: kindRumour, Label: mail.Label, Arg: uint64(n)}, model.Message{Attempt: m.Attempt, Payload: n})
	}
	switch {
	case mail.Kind == kindRumour:
		if n := m.Payload.(heard); n < 3 {
			rumour(n + 1)
		}
		w.Env.Note(sim.Mail{Kind: model.KindUser, Label: mail.Label}, m)
		return
	case mail.Kind == model.KindPrepare && m.Attempt.Txn%3 == 0:
		rumour(1)
		w.Env.Send(from, sim.Mail{Kind: model.KindVote, Label: mail.Label}, model.Message{Attempt: m.Attempt, Vote: model.VoteNo, Reason: model.ReasonUser})
		return
	}
	w.Node.Receive(from, mail, m)
}

// TestNamed: what a protocol names is called so by logs, summaries and the stepper, which
// finds it by its number too, as do lines of faults.
func TestNamed(t *testing.T) {
	s := Small().Using(gossip{names: model.Names{Kinds: []string{"believed", "rumour"}, Reasons: []string{"distrust"}}})
	s.Faults, s.Transactions.Count = []string{"drop 20% user+1"}, 30
	job := openJob(t, s)
	var text strings.Builder
	log := NewLog(&text, Text, true, false)
	r, err := job.Run(t.Context(), Options{Seed: 1, Log: log})
	if err != nil || r.Struck[0].Times == 0 {
		t.Fatalf("%v, %+v", err, r.Struck)
	}
	if err := log.Flush(); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"send rumour t3      for the 1. time\n", "got rumour t3      for the 2. time\n", "believed   t3      for the 3. time\n",
		"vote       t3      no   distrust\n", "rumour dropped by a fault\n"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("nothing of %q in the log", want)
		}
	}
	if summary := r.Summary(); summary.Reasons["distrust"] == 0 {
		t.Errorf("aborted for %v", summary.Reasons)
	}
	st := newStepper(t, s)
	for _, kind := range []string{"rumour", "user+1"} {
		found, err := st.Find(t.Context(), func(r *sim.Record[model.Message]) bool { return st.OfKind(r, kind) })
		if err != nil || !found {
			t.Errorf("%s: %v, %v", kind, found, err)
		}
	}
}

// TestNamesApart: names that would be taken for others are refused.
func TestNamesApart(t *testing.T) {
	for _, c := range []struct {
		names model.Names
		err   string
	}{
		{model.Names{Kinds: []string{"vote"}}, `protocol = gossip: names a kind of its own "vote": another one, or a word of the log, is called that already`},
		{model.Names{Kinds: []string{"crash"}}, `protocol = gossip: names a kind of its own "crash": another one, or a word of the log, is called that already`},
		{model.Names{Kinds: []string{"granted"}}, `protocol = gossip: names a kind of its own "granted": another one, or a word of the log, is called that already`},
		{model.Names{Kinds: []string{"refused"}}, `protocol = gossip: names a kind of its own "refused": another one, or a word of the log, is called that already`},
		{model.Names{Kinds: []string{"a", "a"}}, `protocol = gossip: names a kind of its own "a": another one, or a word of the log, is called that already`},
		{model.Names{Reasons: []string{"full"}}, `protocol = gossip: names a reason of its own "full": another one, or a word of the log, is called that already`},
		{model.Names{Reasons: []string{"a b"}}, `protocol = gossip: names a reason of its own "a b": must be one word that does not begin with user`},
		{model.Names{Kinds: []string{""}}, `protocol = gossip: names a kind of its own "": must be one word that does not begin with user`},
		{model.Names{Kinds: []string{"user+1"}}, `protocol = gossip: names a kind of its own "user+1": must be one word that does not begin with user`},
	} {
		_, err := Small().Using(gossip{names: c.names}).Open(nil)
		if err == nil || err.Error() != c.err {
			t.Errorf("%+v: %v, expected %s", c.names, err, c.err)
		}
	}
}

// TestNamedFaults: a fault line may call a kind by the name that the protocol gives it. The run is
// that of the line with the number, which the job has from then on.
func TestNamedFaults(t *testing.T) {
	s := Small().Using(gossip{names: model.Names{Kinds: []string{"believed", "rumour"}}})
	s.Transactions.Count = 30
	hashes := map[uint64]bool{}
	for _, kind := range []string{"user+1", "user:rumour"} {
		s.Faults = []string{"drop   5% vote", "drop 20% " + kind, "crash w1 after send " + kind + " #2 for 20ms"}
		job := openJob(t, s)
		r, err := job.Run(t.Context(), Options{Seed: 1})
		if err != nil || r.Struck[1].Times == 0 || r.Struck[2].Times == 0 {
			t.Fatalf("%s: %v, %+v", kind, err, r.Struck)
		}
		hashes[r.Hash] = true
		if got := job.Scenario().Faults; !slices.Equal(got, []string{"drop   5% vote", "drop 20% user+1", "crash w1 after send user+1 #2 for 20ms"}) {
			t.Errorf("%s: %q", kind, got)
		}
	}
	if len(hashes) != 1 {
		t.Errorf("%d different runs", len(hashes))
	}
	s.Faults = []string{"drop 20% user:rumor"}
	_, err := s.Open(nil)
	if want := "faults[0]: column 10: unknown message kind \"user:rumor\": did you mean user:rumour? expected one of user:believed, user:rumour, user, user+1 and so on"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

// TestNamedDrawn: what a protocol names is struck by drawn faults too, as message and as record,
// and between any nodes.
func TestNamedDrawn(t *testing.T) {
	s := Small().Using(gossip{names: model.Names{Kinds: []string{"believed", "rumour"}}})
	missing := map[string]bool{}
	for _, kind := range []string{"user", "user+1"} {
		for _, strike := range []string{"drop", "delay", "duplicate", "send", "receive", "append", "sync"} {
			missing[strike+" "+kind] = true
		}
	}
	struck := 0
	for seed := range uint64(300) {
		r := sim.NewRand(seed, "drawn")
		drawn := Rapid(s, func(_ string, n int) int { return r.IntN(n) })
		for _, line := range drawn.Faults {
			words := strings.Fields(line)
			delete(missing, words[0]+" "+words[1])
			if words[0] == "crash" && len(words) > 4 {
				delete(missing, words[3]+" "+words[4])
			}
			if from, ok := map[string]string{"prepare": "C", "commit": "C", "abort": "C", "vote": "w", "ack": "w"}[words[1]]; ok && !strings.HasPrefix(words[2], from) {
				t.Errorf("%s: such a message never goes there", line)
			}
		}
		result, err := openJob(t, drawn).Run(t.Context(), Options{Seed: drawn.Seed})
		if err != nil {
			t.Fatalf("%v: %v", drawn.Faults, err)
		}
		for _, c := range result.Struck {
			struck += oneIf(strings.Contains(c.Line, " user") && c.Times > 0)
		}
	}
	if len(missing) > 0 || struck < 5 {
		t.Errorf("nothing of %v, and %d lines struck", slices.Sorted(maps.Keys(missing)), struck)
	}
}
