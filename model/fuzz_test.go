package model

import (
	"context"
	"encoding/binary"
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/seed83d86191/txsim/sim"
)

// scrawl is what a fuzzed log holds: a checkpoint, nil for none, and records.
type scrawl struct {
	coordinator bool // whose log it is
	protocol    int
	checkpoint  []byte
	records     []scrawlRecord
}

type scrawlRecord struct {
	kind  sim.Kind
	label sim.Label
	data  []byte
}

// parseScrawl reads bytes as a scrawl; any will do.
func parseScrawl(b []byte) (s scrawl) {
	take := func(n int) []byte {
		n = min(n, len(b))
		cut := b[:n:n]
		b = b[n:]
		return cut
	}
	number := func() int {
		v, n := binary.Uvarint(b)
		take(max(n, 1))
		return int(v & (1<<40 - 1))
	}
	head := number()
	s.coordinator, s.protocol = head&1 != 0, head>>2%3
	if head&2 != 0 {
		s.checkpoint = append([]byte{}, take(number())...)
	}
	for len(b) > 0 && len(s.records) < 100 {
		r := scrawlRecord{kind: sim.Kind(number() % 64), label: sim.Label(number())}
		r.data = take(number())
		s.records = append(s.records, r)
	}
	return s
}

// bytes is the inverse of parseScrawl.
func (s *scrawl) bytes() []byte {
	head := s.protocol << 2
	if s.coordinator {
		head |= 1
	}
	if s.checkpoint != nil {
		head |= 2
	}
	b := binary.AppendUvarint(nil, uint64(head))
	if s.checkpoint != nil {
		b = append(binary.AppendUvarint(b, uint64(len(s.checkpoint))), s.checkpoint...)
	}
	for _, r := range s.records {
		b = binary.AppendUvarint(binary.AppendUvarint(b, uint64(r.kind)), uint64(r.label))
		b = append(binary.AppendUvarint(b, uint64(len(r.data))), r.data...)
	}
	return b
}

// scribe spends a node's first life writing a scrawl into its log.
type scribe struct {
	sim.Node[Message]
	env *sim.Env[Message]
	scrawl
}

func (s *scribe) Start() {
	if s.checkpoint != nil {
		s.env.Append(KindRecover, 0, nil)
		s.env.Checkpoint(s.checkpoint)
	}
	for _, r := range s.records {
		s.env.Append(r.kind, r.label, r.data)
	}
	s.env.Sync()
}

func (s *scribe) Synced(sim.LSN)                         {}
func (s *scribe) Receive(sim.NodeID, sim.Mail, *Message) {}

// scribbled is a protocol in which C0 or w0 begins as a scribe.
type scribbled struct {
	TwoPhase
	scrawl
}

func (p scribbled) Coordinator(s *Site) sim.Node[Message] {
	if p.coordinator && s.Env.ID() == 0 && s.Env.Incarnation() == 1 {
		return &scribe{env: s.Env, scrawl: p.scrawl}
	}
	return p.TwoPhase.Coordinator(s)
}

func (p scribbled) Worker(s *Site) sim.Node[Message] {
	if !p.coordinator && s.Worker == 0 && s.Env.Incarnation() == 1 {
		return &scribe{env: s.Env, scrawl: p.scrawl}
	}
	return p.TwoPhase.Worker(s)
}

// committedBy is the oracle of a worker's recovery: the newest version of each
// key that the records commit, read as plainly as can be. Records behind the
// first that makes no sense do not count.
func committedBy(log sim.Recovery) (map[string]Version, error) {
	versions := map[string]Version{}
	w := newWorker(&Site{Config: &Config{Concurrency: noWait{}}, tally: &Tally{}}, Presumption{})
	if err := w.load(log.Checkpoint, w.reinstate); err != nil {
		return nil, err
	}
	prepared := map[partKey]workerRecord{}
	for it := range w.store.items.all() {
		if it.written() {
			versions[it.key] = it.version()
		}
	}
	for _, p := range w.parts {
		if p.state == partPrepared {
			prepared[p.key] = workerRecord{label: p.attempt.Label(), staged: p.staged}
		}
	}
	for rec := range log.Records() {
		d := decoder{b: rec.Data}
		r := workerRecord{key: d.key()}
		if rec.Kind == KindPrepare || rec.Kind == KindCommitOne {
			r.label = rec.Label
			d.work(&r)
		}
		if d.err != nil {
			return versions, d.err
		}
		switch rec.Kind {
		case KindPrepare:
			prepared[r.key] = r
		case KindCommit:
			r = prepared[r.key]
			fallthrough
		case KindCommitOne:
			for _, s := range r.staged {
				versions[s.key] = Version{AttemptOf(r.label), s.op}
			}
			delete(prepared, r.key)
		case KindAbort:
			delete(prepared, r.key)
		}
	}
	return versions, nil
}

// recoverFrom lets a node recover from a scrawl and go on for a while.
func recoverFrom(s scrawl) error {
	cfg := labConfig()
	cfg.Workers, cfg.Coordinators = 2, 1
	cfg.Protocol = scribbled{Protocols()[s.protocol].(TwoPhase), s}
	cfg.Limits = sim.Limits{Events: 20000}
	l := newLab(cfg, script("@40ms w0 write k = 1; w1 write k = 1"))
	l.watch.rules = nil // nobody submitted what such a log speaks of
	node, life := l.Workers[0], 1
	if s.coordinator {
		node = 0
	}
	l.World.Crash(sim.Time(10*ms), node, ms)
	var wrong error
	l.seen = func(r *sim.Record[Message]) {
		switch {
		case r.Op == sim.TraceRestart && r.Node == node:
			life++
		case r.Op == sim.TraceNote && r.Kind == KindRecover && !s.coordinator && r.Node == node && r.Message.Peer == node:
			// The first thing that a recovered worker says: nothing has been applied since.
			wrong = l.compareStore(node)
		case sends(r, KindCommit) && r.Node == 0 && s.coordinator && !r.Message.Presumed && r.Message.ID.Epoch() < 2 && wrong == nil:
			if !s.decides(r.Message.ID) {
				wrong = fmt.Errorf("COMMIT of %v, which no record decides", r.Message.ID)
			}
		}
	}
	l.World.RunUntil(context.Background(), sim.Time(500*time.Millisecond))
	if life != 2 {
		return fmt.Errorf("life %d", life)
	}
	return wrong
}

func (l *lab) compareStore(node sim.NodeID) error {
	want, err := committedBy(l.World.Storage(node))
	got := map[string]Version{}
	for it := range l.World.Node(node).(*worker).store.items.all() {
		if it.written() {
			got[it.key] = it.version()
		}
	}
	if err != nil || !maps.Equal(got, want) {
		return fmt.Errorf("recovered %v; the log commits %v, %v", got, want, err)
	}
	return nil
}

// decides reports whether a commit record, or the checkpoint, may name the
// attempt: it looks for the bytes of its id behind the kind.
func (s *scrawl) decides(id WireID) bool {
	for _, r := range s.records {
		d := decoder{b: r.data}
		if r.kind == KindCommit && d.id() == id {
			return true
		}
	}
	for d := (decoder{b: s.checkpoint}); d.err == nil && d.left() > 0; {
		kind := sim.Kind(d.byte())
		d.label()
		if got := d.id(); kind == KindCommit && got == id {
			return true
		}
		for n := d.uint32(); n > 0 && d.err == nil; n-- {
			d.uint32()
		}
	}
	return false
}

// FuzzLogRecovery: whatever the log of a worker or a coordinator holds, with
// checksums that are right, recovery does not panic and invents no commit. It
// may stop the node.
func FuzzLogRecovery(f *testing.F) {
	for seed := range uint64(6) {
		for _, s := range logsOfStress(seed) {
			f.Add(s.bytes())
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if err := recoverFrom(parseScrawl(b)); err != nil {
			t.Fatal(err)
		}
	})
}

// logsOfStress returns real logs, of the middle of a stress run.
func logsOfStress(seed uint64) (all []scrawl) {
	run := newStress(seed, Protocols()[seed%3], waitDie{}, OneShot)
	run.World.RunUntil(context.Background(), sim.Time(100*ms))
	for _, n := range []sim.NodeID{0, run.Workers[0], run.Workers[1]} {
		log := run.World.Storage(n)
		s := scrawl{coordinator: n == 0, protocol: int(seed % 3), checkpoint: log.Checkpoint}
		for r := range log.Records() {
			s.records = append(s.records, scrawlRecord{r.Kind, r.Label, r.Data})
		}
		all = append(all, s)
	}
	return all
}

// TestRecoveryOfDamagedLogs is the fuzz target on logs with one byte changed,
// one record left out or two exchanged.
func TestRecoveryOfDamagedLogs(t *testing.T) {
	for seed := range uint64(3) {
		for _, s := range logsOfStress(seed) {
			b := s.bytes()
			for i := 0; i < len(b); i += 7 {
				damaged := append([]byte{}, b...)
				damaged[i] ^= 1 << (i % 8)
				if err := recoverFrom(parseScrawl(damaged)); err != nil {
					t.Fatalf("seed %d, byte %d: %v", seed, i, err)
				}
			}
			for i := 0; i+1 < len(s.records); i += 5 {
				swapped := s
				swapped.records = append([]scrawlRecord{}, s.records...)
				swapped.records[i], swapped.records[i+1] = swapped.records[i+1], swapped.records[i]
				if err := recoverFrom(swapped); err != nil {
					t.Fatalf("seed %d, records %d and %d exchanged: %v", seed, i, i+1, err)
				}
			}
		}
	}
}
