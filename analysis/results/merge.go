package results

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
)

// Merge merges files; the order does not matter. They must be of the same scenario and
// version, and must not disagree about a run.
func Merge(files ...*File) (*File, error) {
	if len(files) == 0 {
		return nil, errors.New("no results")
	}
	sorted := slices.DeleteFunc(slices.Clone(files), func(f *File) bool { return f.Hash == "" }) // the file holds nothing yet
	if len(sorted) == 0 {
		return files[0], nil
	}
	slices.SortStableFunc(sorted, func(a, b *File) int { return cmp.Compare(a.Command, b.Command) })
	first := sorted[0]
	all := &File{Header: first.Header}
	if len(sorted) == 1 {
		all.Path = first.Path
	}
	for _, f := range sorted {
		if f.Hash != all.Hash {
			return nil, fmt.Errorf("results of different sweeps: %s has %s by txsim %s (hash %s), %s has %s by txsim %s (hash %s)",
				first.Path, first.Name, first.Version, first.Hash, f.Path, f.Name, f.Version, f.Hash)
		}
		if cell := all.Outdated(&f.Header); cell != "" {
			return nil, fmt.Errorf("results of different sweeps: the files of the cell %s held something else when the others were made", cell)
		}
		all.Join(&f.Header)
		all.addLines(f)
	}
	slices.SortStableFunc(all.Lines, func(a, b Line) int {
		return cmp.Or(compareCells(a.Cell, b.Cell), cmp.Compare(a.Seed, b.Seed), cmp.Compare(a.Reproduce, b.Reproduce), cmp.Compare(a.wall(), b.wall()))
	})
	return all, all.unite()
}

// addLines adds the lines of another file. Lines get the rules of the file that they come
// from; those of a file that was itself merged have theirs already.
func (f *File) addLines(other *File) {
	rules, begin := other.rules(), len(f.Lines)
	f.Lines = append(f.Lines, other.Lines...)
	for i := range f.Lines[begin:] {
		if l := &f.Lines[begin+i]; l.Rules == nil {
			l.Rules = rules
		}
	}
}

// unite makes one line of those of the same run, which stand together and must agree.
func (f *File) unite() error {
	kept := f.Lines[:0]
	for i := range f.Lines {
		l := &f.Lines[i]
		if len(kept) == 0 || !kept[len(kept)-1].sameRun(l) {
			kept = append(kept, *l)
			continue
		}
		last := &kept[len(kept)-1]
		if last.Unlike(l) != "" {
			return fmt.Errorf("%s, seed %d: two results that differ: %s (trace hash %s) and %s (trace hash %s)",
				Label(l.Cell), l.Seed, last.From, last.Hash, l.From, l.Hash)
		}
		for _, rule := range l.Rules {
			if !slices.Contains(last.Rules, rule) {
				last.Rules = append(slices.Clip(last.Rules), rule)
			}
		}
	}
	f.Lines = kept
	return nil
}

func (l *Line) sameRun(other *Line) bool {
	return l.Seed == other.Seed && slices.Equal(l.Cell, other.Cell)
}

// wall returns the wall-clock time of a run, infinite if that is not known.
func (l *Line) wall() float64 {
	if d, ok := l.Figures.get(Wall); ok {
		return d
	}
	return math.Inf(1)
}

// Unlike says in what another result of the same run differs from this one; "" if it does
// not.
func (l *Line) Unlike(other *Line) string {
	switch {
	case l.Hash != other.Hash:
		return fmt.Sprintf("trace hash %s, but %s", l.Hash, other.Hash)
	case !sameResult(*l, *other):
		return fmt.Sprintf("trace hash %s, and the same trace has another result", l.Hash)
	}
	return ""
}

// sameResult reports whether two lines of the same run agree in everything but wall-clock time and
// the command to reproduce it, which is that of whoever made the line.
func sameResult(a, b Line) bool {
	a.Cell, a.From, a.Reproduce, a.Rules = b.Cell, b.From, b.Reproduce, b.Rules
	x, y := a.Figures.without(Wall), b.Figures.without(Wall)
	a.Figures, b.Figures = nil, nil
	return x.Equal(y) && reflect.DeepEqual(a, b)
}
