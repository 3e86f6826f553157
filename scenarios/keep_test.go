package scenarios

import (
	"encoding/binary"
	"testing"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// diarist is two-phase commit whose nodes number what they receive, in records of their own.
// A node that comes back with a gap in them stops, which is a finding.
type diarist struct {
	model.TwoPhase
	forgets bool // its checkpoints
	kept    *int // records that came back from a checkpoint
}

func (diarist) Name() string { return "diarist" }

func (d diarist) Promises() model.Promises {
	p := d.TwoPhase.Promises()
	for _, l := range []*model.Language{&p.Grammar.Coordinator, &p.Grammar.Worker} {
		l.Audit = append(l.Audit[:len(l.Audit):len(l.Audit)], model.KindUser)
	}
	return p
}

func (d diarist) Coordinator(s *model.Site) sim.Node[model.Message] {
	return d.wrap(s, d.TwoPhase.Coordinator)
}
func (d diarist) Worker(s *model.Site) sim.Node[model.Message] { return d.wrap(s, d.TwoPhase.Worker) }

func (d diarist) wrap(s *model.Site, build func(*model.Site) sim.Node[model.Message]) sim.Node[model.Message] {
	n, own := &diaryNode{site: s, diarist: d}, *s
	if !d.forgets {
		own.Hooks = &model.Hooks{Keep: func() []byte { return binary.LittleEndian.AppendUint64(nil, n.pages) }}
	}
	n.Node = build(&own)
	return n
}

type diaryNode struct {
	sim.Node[model.Message]
	diarist
	site  *model.Site
	pages uint64
}

func (n *diaryNode) Unwrap() sim.Node[model.Message] { return n.Node }

func (n *diaryNode) Receive(from sim.NodeID, mail sim.Mail, m *model.Message) {
	n.pages++
	n.site.Append(model.KindUser, mail.Label, binary.LittleEndian.AppendUint64(nil, n.pages))
	n.Node.Receive(from, mail, m)
}

func (n *diaryNode) Recover(log sim.Recovery) {
	if kept := model.Kept(log); kept != nil {
		n.pages = binary.LittleEndian.Uint64(kept)
		*n.kept++
	}
	gap := false
	inner := log.With(func(yield func(sim.LogRecord) bool) {
		for rec := range log.Records() {
			if rec.Kind != model.KindUser && !yield(rec) {
				return
			}
		}
	})
	for rec := range log.Records() {
		if rec.Kind == model.KindUser {
			n.pages++
			gap = gap || n.pages != binary.LittleEndian.Uint64(rec.Data)
		}
	}
	if gap {
		n.site.Env.Note(sim.Mail{Kind: model.KindFinding}, &model.Message{Peer: n.site.Env.ID()})
		n.site.Env.Stop()
		return
	}
	n.Node.Recover(inner)
}

// TestKeep: a protocol around TwoPhase finds its own records again behind the checkpoints of
// the nodes that it wraps, at workers and at coordinators, and the storage is read as ever.
func TestKeep(t *testing.T) {
	for _, forgets := range []bool{false, true} {
		kept := 0
		s := Small().Using(diarist{forgets: forgets, kept: &kept})
		s.Disk.Checkpoint, s.Transactions.Count = 300, 100
		s.Faults = []string{"crash workers 5% on commit for 5ms", "crash coordinators 5% on commit for 5ms"}
		job := openJob(t, s)
		for seed := range uint64(10) {
			r, err := job.Run(t.Context(), Options{Seed: seed})
			if err != nil {
				t.Fatal(err)
			}
			if sound := r.Verdict == analysis.Valid; sound == forgets {
				t.Errorf("it forgets: %v, seed %d: %v %v", forgets, seed, r.Verdict, r.Findings)
			}
		}
		if (kept == 0) != forgets {
			t.Errorf("it forgets: %v, and finds %d again", forgets, kept)
		}
	}
}
