package cmd

import (
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestLockedFile: two sweeps do not write to one file at a time.
func TestLockedFile(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("files are not locked here")
	}
	name := filepath.Join(t.TempDir(), "results.jsonl")
	first, err := openLocked(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := openLocked(name); err == nil || !strings.Contains(err.Error(), "another process is writing to it") {
		t.Errorf("opened a second time: %v", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second, err := openLocked(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := second.Close(); err != nil {
		t.Error(err)
	}
}
