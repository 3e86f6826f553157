package fault

import (
	"testing"
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// TestCrash: what is made is the line that one would write.
func TestCrash(t *testing.T) {
	for want, c := range map[string]struct {
		at   Passing
		tail sim.Tail
		down time.Duration
	}{
		"crash w3 after send vote #2 for 2s":             {Passing{Node: Worker(3), Point: sim.AfterSend, Kind: model.KindVote, N: 2}, 0, 2 * time.Second},
		"crash C0 before append commit of t17#2 forever": {Passing{Node: Coordinator(0), Point: sim.BeforeAppend, Kind: model.KindCommit, N: 1, Of: "t17", Try: 2}, 0, sim.Forever},
		"crash w3 torn after append prepare #1 for 1s":   {Passing{Node: Worker(3), Point: sim.AfterAppend, Kind: model.KindPrepare, N: 1}, sim.TailTorn, time.Second},
	} {
		if f, ok := Crash(c.at, c.tail, c.down); !ok || f.String() != want || f.Forever() != (c.down == sim.Forever) || f.Tail() != c.tail {
			t.Errorf("%q, %v, want %q", f.String(), ok, want)
		}
	}
}
