package fault

import (
	"slices"
	"testing"

	"github.com/seed83d86191/txsim/model"
)

// TestNamed: the line of the attempt that was struck strikes the same passing.
func TestNamed(t *testing.T) {
	for line, want := range map[string]bool{
		"crash w3 after send vote #7 for 20ms":             true,
		"pause C0 before append decision #5 for 5ms":       true,
		"pause C0 before send prepare #2 for 5ms":          true,
		"pause C0 before send prepare #3 for 5ms":          true,
		"drop commit C0→w1 #3":                             true,
		"fail-sync w3 #4 for 20ms":                         true,
		"fail-sync C0 #7 for 20ms":                         true,
		"lose-sync w3 #5":                                  true,
		"corrupt w3 #6":                                    true,
		"fail-sync w3 prepare #2 for 20ms":                 true,
		"fail-sync w3 prepare of t17#1 for 20ms":           false,
		"crash w3 after append prepare of t17#1 forever":   false,
		"crash w3 at 10ms for 5ms":                         false,
		"pause C0 before send prepare of t17#1 #2 for 5ms": false,
		"pause C1 before send prepare of t17#1 #2 for 5ms": false,
	} {
		first := newFaultRun(t, 40, line)
		first.cfg.FaultsEnd = 100e6
		named := first.run(t).inject.Named().Lines()
		if (named[0] != line) != want {
			t.Errorf("%s is named %s", line, named[0])
		}
		again := newFaultRun(t, 40, named...)
		again.cfg.FaultsEnd = 100e6
		if again.run(t).cluster.World.Hash() != first.cluster.World.Hash() {
			t.Errorf("%s strikes other than %s", named[0], line)
		}
	}
}

// TestOwnKinds: a line of any kind strikes those of a protocol's own too, of which lines can
// name 16.
func TestOwnKinds(t *testing.T) {
	if all := kindsPassing(anyKind); slices.Contains(all, model.KindNone) || !slices.Contains(all, model.KindUser) || !slices.Contains(all, model.KindUser+15) {
		t.Error(all)
	}
	names := OwnKinds(model.Names{Kinds: make([]string, 20)})
	if len(names) != 16 || names[0] != "user" || names[15] != "user+15" {
		t.Error(names)
	}
	for _, name := range names {
		if _, err := Parse("crash w1 after append " + name + " #1 for 1s"); err != nil {
			t.Error(err)
		}
	}
}
