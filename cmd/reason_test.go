package cmd

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/model/plain"
	"github.com/seed83d86191/txsim/sim"
)

// picky is a protocol whose workers refuse some attempts for reasons of its own.
type picky struct{ plain.Protocol }

func (picky) Name() string { return "picky" }

func (p picky) Worker(s *model.Site) sim.Node[model.Message] {
	return &pickyWorker{p.Protocol.Worker(s), s.Env}
}

type pickyWorker struct {
	sim.Node[model.Message]
	env *sim.Env[model.Message]
}

func (w *pickyWorker) Receive(from sim.NodeID, mail sim.Mail, m *model.Message) {
	why := map[uint64]model.Reason{0: model.ReasonUser, 1: model.ReasonUser + 1, 2: 16, 3: 255}[m.Attempt.Txn%8]
	if mail.Kind != model.KindPrepare || why == model.NoReason {
		w.Node.Receive(from, mail, m)
		return
	}
	no := *m
	no.Vote, no.Reason = model.VoteNo, why
	w.env.Send(from, sim.Mail{Kind: model.KindVote, Label: mail.Label}, no)
}

// TestReasonsOfOnesOwn: reasons that the project does not know are counted and named, in
// every form, and are read back.
func TestReasonsOfOnesOwn(t *testing.T) {
	saved := filepath.Join(t.TempDir(), "picky.history")
	run := func(want int, args ...string) string {
		var out, err bytes.Buffer
		if code := Main(args, &out, &err, picky{}); code != want {
			t.Errorf("%q: %d\n%s%s", args, code, out.Bytes(), err.Bytes())
		}
		return out.String()
	}
	small := []string{"--protocol", "picky", "--transactions", "80", "--set", "retry.attempts=2"}
	text := run(0, append([]string{"run", "bank", "--history", saved}, small...)...)
	if want := "user 10, user+1 10, user+7 10, user+246 10"; !strings.Contains(text, want) {
		t.Errorf("nothing of %q in\n%s", want, text)
	}
	if text := run(0, append([]string{"run", "bank", "--format", "jsonl"}, small...)...); !strings.Contains(text, `"user+246":10`) {
		t.Error(text)
	}
	run(0, "check", saved)
	run(0, append([]string{"hunt", "bank", "--seeds", "1-3"}, small...)...)
	run(0, append([]string{"sweep", "bank", "--seeds", "1-3", "--metric", "aborted.user+7"}, small...)...)
}
