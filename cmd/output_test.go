package cmd

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestCloseTells: a file that could not be written to the end is an error of its flag,
// which may come when it is closed.
func TestCloseTells(t *testing.T) {
	name := filepath.Join(t.TempDir(), "a.log")
	files := &outputs{}
	file, err := files.open("-o", name)
	if err != nil {
		t.Fatal(err)
	}
	if err := files.empty(); err != nil {
		t.Fatal(err)
	}
	_ = file.Close() // what comes next fails
	if err := files.close(); err == nil || !strings.Contains(err.Error(), "-o "+name) {
		t.Errorf("closed with %v", err)
	}
}
