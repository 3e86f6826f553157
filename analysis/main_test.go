package analysis

import (
	"flag"
	"os"
	"runtime/debug"
	"testing"
)

// TestMain has garbage collected less often: the tests leave behind a multiple of what they
// keep, and collecting it would take a quarter of their time. Benchmarks have it as usual.
func TestMain(m *testing.M) {
	flag.Parse()
	if flag.Lookup("test.bench").Value.String() == "" {
		debug.SetGCPercent(400)
	}
	os.Exit(m.Run())
}
