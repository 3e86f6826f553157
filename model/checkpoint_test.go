package model

import (
	"testing"

	"github.com/seed83d86191/txsim/sim"
)

// TestCutCheckpoint: a checkpoint that ends too early is refused, wherever it ends.
func TestCutCheckpoint(t *testing.T) {
	cfg := labConfig()
	cfg.Checkpoint = 10
	l := newLab(cfg, script("w0 write x = 1; w1 write y = 1", "@1ms w0 write z = 1; w1 write z = 1"),
		strikeAt{node: "C0", point: sim.BeforeSend, kind: KindCommit, peer: "w0", do: late(30 * ms)}).run(t)
	whole := l.World.Storage(l.Workers[0]).Checkpoint
	for n := range whole {
		if _, err := committedBy(sim.Recovery{Checkpoint: whole[:n]}); err == nil {
			t.Errorf("%d of %d bytes are taken for a checkpoint", n, len(whole))
		}
	}
}
