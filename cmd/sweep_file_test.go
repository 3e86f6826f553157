package cmd

import (
	"bytes"
	"context"
	"errors"
	"io"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/analysis/results"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios"
)

// TestOpenShard: two sweeps do not write to one file at a time.
func TestOpenShard(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("files are not locked here")
	}
	name := filepath.Join(t.TempDir(), "results.jsonl")
	first, err := openShard(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := openShard(name); err == nil || !strings.Contains(err.Error(), "another process is writing to it") {
		t.Errorf("opened a second time: %v", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second, err := openShard(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := second.Close(); err != nil {
		t.Error(err)
	}
}

// lostFile is one whose lines turn out to be lost when it is closed.
type lostFile struct{ bytes.Buffer }

var errLost = errors.New("lost")

func (*lostFile) Close() error { return errLost }

// TestSweepLost: that lines are lost is an error of the sweep, interrupted or not.
func TestSweepLost(t *testing.T) {
	s, err := scenarios.Load("pair")
	if err != nil {
		t.Fatal(err)
	}
	sweep := &scenarios.Sweep{Scenario: s, First: 1, Last: 3, Jobs: 1}
	if err := sweep.Open(t.Context(), model.Protocols()); err != nil {
		t.Fatal(err)
	}
	defer sweep.Close()
	for _, interrupted := range []bool{false, true} {
		ctx, interrupt := context.WithCancel(t.Context())
		defer interrupt()
		a := &app{ctx: ctx, out: io.Discard, err: io.Discard, protocols: model.Protocols()}
		a.watch = func(int) {
			if interrupted {
				interrupt()
			}
		}
		head, out := &results.Header{Hash: sweep.Hash()}, &lostFile{}
		if err := a.sweepRuns(sweep, head, &results.File{Header: *head}, out); !errors.Is(err, errLost) || (a.code == exitInterrupted) != interrupted {
			t.Errorf("interrupted %v: code %d, error %v, expected %v", interrupted, a.code, err, errLost)
		}
		if out.Len() == 0 {
			t.Errorf("interrupted %v: nothing was written", interrupted)
		}
	}
}
