package cmd

import (
	"errors"
	"fmt"
	"os"
	"runtime"

	"github.com/gofrs/flock"

	"github.com/seed83d86191/txsim/scenarios/input"
)

// lockedFile is a file of results to which no other process adds lines meanwhile: they
// would stand within each other.
type lockedFile struct {
	*os.File
	lock *flock.Flock // nil where a lock would keep out its own process too
}

// openLocked opens a file, which it makes if there is none.
func openLocked(name string) (*lockedFile, error) {
	file, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, fmt.Errorf("-o %w", err)
	}
	f := &lockedFile{File: file}
	if runtime.GOOS == "windows" {
		return f, nil
	}
	f.lock = flock.New(name)
	locked, err := f.lock.TryLock()
	if err == nil && !locked {
		err = errors.New("another process is writing to it: expected another file for each shard, which txsim report merges")
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("-o %s: %w", input.ShellWord(name), err), file.Close())
	}
	return f, nil
}

// Close closes the file, if there is one, and lets others in.
func (f *lockedFile) Close() error {
	if f == nil {
		return nil
	}
	err := f.File.Close()
	if f.lock != nil {
		err = errors.Join(err, f.lock.Unlock())
	}
	return err
}
