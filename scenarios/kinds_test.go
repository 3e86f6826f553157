package scenarios

import (
	"fmt"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/model/plain"
	"github.com/seed83d86191/txsim/sim"
)

// chatty is a protocol with a message and a record of kinds of its own.
type chatty struct{ plain.Protocol }

func (chatty) Name() string { return "chatty" }

func (c chatty) Worker(s *model.Site) sim.Node[model.Message] {
	return &chattyWorker{c.Protocol.Worker(s), s.Env}
}

type chattyWorker struct {
	sim.Node[model.Message]
	env *sim.Env[model.Message]
}

func (w *chattyWorker) Unwrap() sim.Node[model.Message] { return w.Node }

func (w *chattyWorker) Receive(from sim.NodeID, mail sim.Mail, m *model.Message) {
	if mail.Kind == model.KindPrepare {
		w.env.Append(model.KindUser+1, mail.Label, nil)
		w.env.Send(from, sim.Mail{Kind: model.KindUser, Label: mail.Label}, model.Message{Attempt: m.Attempt})
	}
	w.Node.Receive(from, mail, m)
}

func (w *chattyWorker) Recover(log sim.Recovery) {
	w.Node.Recover(log.With(func(yield func(sim.LogRecord) bool) {
		for rec := range log.Records() {
			if rec.Kind < model.KindUser && !yield(rec) {
				return
			}
		}
	}))
}

// TestKindsOfOnesOwn: messages and records of kinds that the project does not know have
// a name wherever something is said of them, and nothing stumbles over them.
func TestKindsOfOnesOwn(t *testing.T) {
	s := Small().Using(chatty{})
	s.Faults = []string{"drop 5% vote", "fail-sync workers 5% for 5ms", "corrupt workers 30%", "crash workers 20% on prepare for 5ms"}
	job := openJob(t, s)
	var shown strings.Builder
	st, err := NewStepper(t.Context(), job)
	if err != nil {
		t.Fatal(err)
	}
	for n := range min(st.End(), 50) {
		if err := st.Go(t.Context(), n); err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(&shown, everything(st))
		for _, line := range st.Node(st.cluster.Workers[0]) {
			if strings.Contains(line, "waits for votes") {
				t.Fatalf("a worker shows what its coordinator holds on to: %s", line)
			}
		}
	}
	story, err := job.Tell(t.Context()) // of what was corrupted
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(&shown, story.Mermaid())
	for _, want := range []string{"send user ", "user+1 record", "log       user+1", "logs user+1 ", "open      t1 in doubt, 2 locks, awaiting C", "open      t1 waits for votes, awaiting w"} {
		if !strings.Contains(shown.String(), want) {
			t.Errorf("nothing of %q in:\n%s", want, shown.String())
		}
	}
	s.Faults = []string{"drop 30% user", "duplicate 100% * w0→C0", "crash w1 after append user+1 #3 for 5ms", "fail-sync w2 user+1 #2 for 5ms", "crash w0 before receive prepare #2 for 1ms"}
	aimed := openJob(t, s)
	r, err := aimed.Run(t.Context(), Options{Seed: 1}) // against the grammar, which knows no such record
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range r.Struck {
		if line.Times == 0 {
			t.Errorf("%s: never struck", line.Line)
		}
	}
	for _, want := range []string{"drop user w", "duplicate user w0→C0 ", "duplicate vote w0→C0 "} {
		if !strings.Contains(strings.Join(r.Fired.Lines(), "\n"), want) {
			t.Errorf("nothing of %q has fired: %q", want, r.Fired.Lines())
		}
	}
	again := s.Clone()
	again.Faults = append(r.Fired.Lines(), s.Faults[2:]...)
	job, err = again.Open(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer job.Close()
	if b, err := job.Run(t.Context(), Options{Seed: 1}); err != nil || b.Hash != r.Hash {
		t.Errorf("again: %v, hash %016x, expected %016x", err, b.Hash, r.Hash)
	}
	pair, err := Load("pair")
	if err != nil {
		t.Fatal(err)
	}
	if x, err := Explore(t.Context(), pair.Using(chatty{}), nil, ExploreOptions{Depth: 8}); err != nil || x.Violation != nil {
		t.Errorf("%+v, %v", x, err)
	}
}
