package txfile

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/seed83d86191/txsim/scenarios/input"
)

// maxSuspects bounds the memory of the search for duplicates: once this many hashes were
// met twice, their ids are compared before the search goes on.
const maxSuspects = 1000

// checker is the first pass over a file. It finds duplicate ids in two steps: a hash that
// is met twice is a suspect, and another pass over the file compares the ids of the
// suspects. Equal hashes alone are no duplicate.
type checker struct {
	file      *File
	hash      func(id []byte) uint64
	ids       idSet
	suspects  map[uint64]bool
	confirmed int // duplicates up to this line are among the problems
	problems  []input.Problem
}

// check validates the whole file and learns its length.
func (f *File) check(ctx context.Context, hash func(id []byte) uint64) error {
	if f.workers < 1 {
		return fmt.Errorf("workers = %d: must be positive", f.workers)
	}
	c := checker{file: f, hash: hash, suspects: map[uint64]bool{}}
	s := f.newScanner(ctx)
	if err := c.pass(ctx, s); err != nil {
		return err
	}
	if s.found == 0 && len(c.problems) == 0 {
		c.problems = []input.Problem{{Line: 1, Text: "no transactions: expected at least one"}}
	}
	f.n, f.sum, f.scheduled, f.numbered = s.found, s.sum, s.timed, !s.named
	return c.result()
}

// pass reads to the end of the file, or until there are enough problems.
func (c *checker) pass(ctx context.Context, s *scanner) error {
	for len(c.problems) < input.MaxProblems {
		bad, err := s.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if bad != nil {
			c.problems = append(c.problems, *bad)
			continue
		}
		c.file.most = max(c.file.most, len(s.tx.ops))
		if h := c.hash(s.tx.id); !c.ids.add(h) {
			c.suspects[h] = true
		}
		if len(c.suspects) >= maxSuspects {
			if err := c.confirm(ctx, s.line); err != nil {
				return err
			}
		}
	}
	return c.confirm(ctx, s.line)
}

// confirm compares the suspects' ids on the lines up to the given one, and
// reports the duplicates that it had not confirmed before.
func (c *checker) confirm(ctx context.Context, line int) error {
	defer func() { c.confirmed = line }()
	if len(c.suspects) == 0 {
		return nil
	}
	first := map[string]int{} // line of each id
	s := c.file.newScanner(ctx)
	for found := 0; s.line < line && found < input.MaxProblems; {
		bad, err := s.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if bad != nil || !c.suspects[c.hash(s.tx.id)] {
			continue
		}
		at, again := first[string(s.tx.id)]
		switch {
		case !again:
			first[string(s.tx.id)] = s.line
		case s.line > c.confirmed:
			found++
			dup := input.Problemf(0, "duplicate transaction id %s, first on line %d: expected a unique id", input.Excerpt(s.tx.id), at)
			dup.Line = s.line
			c.problems = append(c.problems, *dup)
		}
	}
	clear(c.suspects)
	return nil
}

func (c *checker) result() error {
	if len(c.problems) == 0 {
		return nil
	}
	slices.SortStableFunc(c.problems, func(a, b input.Problem) int { return cmp.Compare(a.Line, b.Line) })
	e := &input.Error{Name: c.file.name, Problems: c.problems}
	if len(e.Problems) >= input.MaxProblems {
		e.Problems, e.More = e.Problems[:input.MaxProblems], true
	}
	return e
}
