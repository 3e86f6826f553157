package cmd

import (
	"bytes"
	"io"
	"runtime"
	"testing"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/analysis/results"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios"
)

// TestSweepLineMemory: the results of a sweep that is not kept in a file, and those of a
// file that is read, take about a kilobyte each: there may be tens of thousands.
func TestSweepLineMemory(t *testing.T) {
	const runs, most = 3000, 1200
	s, err := scenarios.Load("pair")
	if err != nil {
		t.Fatal(err)
	}
	sweep := &scenarios.Sweep{Scenario: s, First: 1, Last: runs}
	if err := sweep.Open(t.Context(), model.Protocols()); err != nil {
		t.Fatal(err)
	}
	defer sweep.Close()
	var file *results.File
	measure := func(what string, fill func() error) {
		t.Helper()
		file = &results.File{}
		before := reachable()
		if err := fill(); err != nil {
			t.Fatal(err)
		}
		each := (int64(reachable()) - int64(before)) / runs
		if len(file.Lines) != runs || each > most {
			t.Errorf("%s: %d lines, %d bytes each, expected %d at most", what, len(file.Lines), each, most)
		}
	}
	a := &app{ctx: t.Context(), out: io.Discard, err: io.Discard, protocols: model.Protocols()}
	head := &results.Header{Version: "1", Hash: "h"}
	measure("swept", func() error { return a.sweepRuns(sweep, head, file, nil) })
	var text bytes.Buffer
	if err := analysis.WriteJSON(&text, head, ""); err != nil {
		t.Fatal(err)
	}
	for i := range file.Lines {
		if err := analysis.WriteJSON(&text, &file.Lines[i], ""); err != nil {
			t.Fatal(err)
		}
	}
	saved := text.Bytes()
	measure("read", func() (err error) { file, err = results.Read("f", bytes.NewReader(saved)); return err })
	runtime.KeepAlive(saved)
	runtime.KeepAlive(file)
}

// reachable returns the bytes of what can be reached.
func reachable() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // pools are emptied in two turns
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
