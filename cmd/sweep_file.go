package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/analysis/results"
	"github.com/seed83d86191/txsim/scenarios"
	"github.com/seed83d86191/txsim/scenarios/input"
)

// openShard opens a file of results, making it if there is none. No other process can write
// to it meanwhile, so that lines do not mix.
func openShard(name string) (*outputFile, error) {
	file, err := openOutput("-o", name)
	if err != nil {
		return nil, err
	}
	if err := file.claim("another file for each shard, which txsim report merges"); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// resume opens the file of results for adding lines after its last whole line, or begins
// it. Without -o, out is nil. What it holds must be what the sweep comes to.
func (f *sweepFlags) resume(ctx context.Context, s *scenarios.Sweep, head *results.Header) (file *results.File, out io.WriteCloser, err error) {
	if f.output == "" {
		return &results.File{Header: *head}, nil, nil
	}
	if info, err := os.Stat(f.output); err == nil && !info.Mode().IsRegular() {
		return nil, nil, fmt.Errorf("-o %s: not a regular file: expected one that can be read, for what it has, and then be added to", input.ShellWord(f.output))
	}
	shard, err := openShard(f.output)
	if err != nil {
		return nil, nil, err
	}
	old, err := f.belongs(ctx, head, s.Settings(0))
	if err == nil {
		err = s.Confirm(ctx, old.Lines)
	}
	if err == nil {
		err = shard.Truncate(old.Whole)
	}
	if err == nil {
		_, err = shard.Seek(old.Whole, io.SeekStart)
	}
	if err == nil && old.Whole == 0 {
		err = analysis.WriteJSON(shard, head, "")
		old.Header, old.Latest = *head, *head
	}
	if err != nil {
		return nil, nil, errors.Join(err, shard.Close())
	}
	return old, shard, nil
}

// belongs reads the file that is to be added to, and refuses results of another sweep. cell
// is any cell of this one, to compare the varied parameters.
func (f *sweepFlags) belongs(ctx context.Context, head *results.Header, cell []results.Setting) (*results.File, error) {
	old, err := readResults(ctx, f.output, nil)
	if err != nil {
		return nil, err
	}
	if old.Whole > 0 && old.Hash != head.Hash {
		return nil, fmt.Errorf("-o %s: it holds results of another scenario, warm-up or version (hash %s by txsim %s, here %s by txsim %s); expected a new file",
			input.ShellWord(f.output), old.Hash, old.Version, head.Hash, head.Version)
	}
	if cell := old.Outdated(head); cell != "" {
		return nil, fmt.Errorf("-o %s: the files of the cell %s held something else when its results were made; expected a new file", input.ShellWord(f.output), cell)
	}
	if len(old.Lines) > 0 && !results.SameVaried(old.Lines[0].Cell, cell) {
		return nil, fmt.Errorf("-o %s: it holds cells such as %s, here %s: expected the same --vary, or a new file",
			input.ShellWord(f.output), results.Label(old.Lines[0].Cell), results.Label(cell))
	}
	return old, nil
}
