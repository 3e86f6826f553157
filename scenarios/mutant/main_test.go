package mutant

import (
	"os"
	"runtime/debug"
	"testing"
)

// TestMain has garbage collected less often: the tests leave behind a multiple of what they
// keep, and collecting it would take a quarter of their time.
func TestMain(m *testing.M) {
	debug.SetGCPercent(400)
	os.Exit(m.Run())
}
