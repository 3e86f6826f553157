package cmd

import (
	"errors"
	"io"
	"strings"
	"testing"
)

// fullDevice takes nothing.
type fullDevice struct{}

func (fullDevice) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

// Help that is not written is an error, as any other output is.
func TestHelpLost(t *testing.T) {
	for _, args := range [][]string{{"help"}, {"help", "faults"}, {"help", "metrics"}, {"--help"}, {"run", "--help"}, {}, {"--version"}, {"list"}} {
		var errs strings.Builder
		if code := Main(args, fullDevice{}, &errs); code != exitUsage || errs.String() != "txsim: no space left on device\n" {
			t.Errorf("txsim %s: exit %d, %q", strings.Join(args, " "), code, errs.String())
		}
		if code := Main(args, io.Discard, &errs); code != exitValid {
			t.Errorf("txsim %s: exit %d", strings.Join(args, " "), code)
		}
	}
}
