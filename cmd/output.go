package cmd

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/gofrs/flock"

	"github.com/seed83d86191/txsim/scenarios/input"
)

// outputs are the files that a command writes. All are opened before any is changed,
// because opening one may fail: empty is called once all are open.
type outputs struct {
	files   []outputFile
	emptied bool
}

type outputFile struct {
	*os.File
	flag    string
	fresh   bool         // it was not there before
	regular bool         // not a device or a pipe
	lock    *flock.Flock // by which one txsim process keeps others from writing to it; nil for none
}

// open opens the output file of a flag, unless it is one of the inputs or another output.
// Its contents stay until empty.
func (o *outputs) open(flag, name string, others ...string) (*os.File, error) {
	if info, err := os.Stat(name); err == nil {
		for _, other := range others {
			if in, err := os.Stat(other); err == nil && os.SameFile(info, in) {
				return nil, inUse(flag, name)
			}
		}
	}
	file, err := openOutput(flag, name)
	if err != nil {
		return nil, err
	}
	o.files = append(o.files, *file)
	return file.File, nil
}

// openOutput opens the output file of a flag, making it if there is none.
func openOutput(flag, name string) (*outputFile, error) {
	_, missing := os.Lstat(name) // Lstat, as a dangling link exists and must not be removed
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE, 0o666)
	if err != nil {
		return nil, outputError(flag, name, err)
	}
	info, err := file.Stat()
	if err != nil {
		return nil, errors.Join(outputError(flag, name, err), file.Close())
	}
	return &outputFile{File: file, flag: flag, fresh: errors.Is(missing, fs.ErrNotExist), regular: info.Mode().IsRegular()}, nil
}

// besides refuses the output file of a flag that is also standard input or output: one
// would overwrite the other.
func (a *app) besides(flag, name string) error {
	info, err := os.Stat(name)
	if err != nil || !info.Mode().IsRegular() {
		return nil
	}
	for _, stream := range []any{a.in, a.out} {
		if in, ok := stream.(*interruptible); ok {
			stream = in.file
		}
		f, ok := stream.(*os.File)
		if !ok {
			continue
		}
		if s, err := f.Stat(); err == nil && os.SameFile(s, info) {
			return inUse(flag, name)
		}
	}
	return nil
}

// forReplay refuses a name of -o for a repro that replay would take for a saved log.
func forReplay(name string) error {
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		return nil // a pipe, say
	}
	if ext := filepath.Ext(name); ext != ".yaml" && ext != ".yml" {
		return fmt.Errorf("-o %s: expected a name that ends in .yaml", input.ShellWord(name))
	}
	return nil
}

func inUse(flag, name string) error {
	return fmt.Errorf("%s %s: expected another file: this one is in use", flag, input.ShellWord(name))
}

// empty truncates the files, once all have been opened.
func (o *outputs) empty() error {
	for i := range o.files {
		if err := o.files[i].claim("another file"); err != nil {
			return err
		}
	}
	for _, f := range o.files {
		if !f.regular { // there is nothing to truncate
			continue
		}
		if err := f.Truncate(0); err != nil {
			return outputError(f.flag, f.Name(), err)
		}
	}
	o.emptied = true
	return nil
}

// claim locks the file until it is closed, where the system can; it fails if another
// process is writing to it, and says what was expected. Devices are not locked. On Windows
// nothing is: the lock would keep this process, too, from opening the file again.
func (f *outputFile) claim(expected string) error {
	if !f.regular || f.lock != nil || runtime.GOOS == "windows" {
		return nil
	}
	f.lock = flock.New(f.Name())
	if locked, err := f.lock.TryLock(); err == nil && !locked {
		f.fresh = false // the other process has made it
		return outputError(f.flag, f.Name(), errors.New("another process is writing to it: expected "+expected))
	}
	return nil
}

// Close closes the file and gives up its lock.
func (f *outputFile) Close() error {
	err := f.File.Close()
	if f.lock != nil {
		_ = f.lock.Unlock()
	}
	return err
}

// close closes the files, and reports write errors that show only then. If nothing was
// written, files that did not exist before are removed.
func (o *outputs) close() error {
	var all []error
	for _, f := range o.files {
		err := f.Close()
		switch {
		case !o.emptied && f.fresh:
			_ = os.Remove(f.Name())
		case o.emptied && err != nil:
			all = append(all, outputError(f.flag, f.Name(), err))
		}
	}
	return errors.Join(all...)
}

func outputError(flag, name string, err error) error {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		err = path.Err // the message has the path already
	}
	return fmt.Errorf("%s %s: %w", flag, input.ShellWord(name), err)
}

// writeOutput writes the file of -o, unless it is one of the inputs, and makes its
// directory if need be. Where possible it writes a new file and renames it, so that an
// existing file stays as it was if the disk is full, say.
func writeOutput(name string, text []byte, inputs ...string) (err error) {
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return outputError("-o", name, err)
	}
	files := &outputs{}
	defer func() { err = errors.Join(err, files.close()) }()
	file, err := files.open("-o", name, inputs...)
	if err != nil {
		return err
	}
	if f := &files.files[0]; f.regular {
		if err := f.claim("another file"); err != nil {
			return err
		}
		err := replaceFile(name, text)
		if err == nil {
			files.emptied = true
			return nil
		}
		// Otherwise no new file can be made in the directory, or the file is a mount point:
		// write to it directly.
		if _, link := errors.AsType[*os.LinkError](err); !link && !errors.Is(err, fs.ErrPermission) {
			return outputError("-o", name, err)
		}
	}
	if err := files.empty(); err != nil {
		return err
	}
	if _, err := file.Write(text); err != nil {
		return outputError("-o", name, err)
	}
	return nil
}

// replaceFile replaces a file by a new one, once that has all of the text.
func replaceFile(name string, text []byte) error {
	name, err := filepath.EvalSymlinks(name)
	if err != nil {
		return err
	}
	info, err := os.Stat(name)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".txsim-*")
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err == nil {
		err = f.Chmod(info.Mode().Perm())
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}

// checkFile refuses a file of -o that cannot be written, and changes nothing.
func checkFile(name string, others ...string) error {
	files := &outputs{}
	_, err := files.open("-o", name, others...)
	return errors.Join(err, files.close())
}

// checkDir refuses a directory of -o in which no file could be written, or which could not be
// made. It makes nothing.
func checkDir(dir string) error {
	at := filepath.Clean(dir)
	_, err := os.Stat(at)
	for errors.Is(err, fs.ErrNotExist) && at != filepath.Dir(at) {
		at = filepath.Dir(at)
		_, err = os.Stat(at)
	}
	if err != nil {
		return outputError("-o", dir, err)
	}
	probe, err := os.CreateTemp(at, ".txsim-*")
	if err != nil {
		return outputError("-o", dir, err)
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}
