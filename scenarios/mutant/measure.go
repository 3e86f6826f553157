package mutant

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios"
	"github.com/seed83d86191/txsim/scenarios/parallel"
)

// Options say how Measure and its like hunt.
type Options struct {
	Seeds int // most runs of one hunt
	Hunts int // per mutant and way of drawing faults
	Jobs  int // hunts at a time; 0 is one on each processor
	// States bounds the exploration of each small case; 0 explores none.
	States uint64
	// Progress is told how many hunts are done, and how many there are; nil for
	// none.
	Progress func(done, total int)
}

// Way is a way of drawing faults and of ordering events.
type Way struct {
	Name     string
	Swarm    bool
	Schedule string // "" is latency
}

// Ways returns the ways in which mutants are hunted.
func Ways() []Way {
	return []Way{
		{Name: "random"},
		{Name: "swarm", Swarm: true},
		{Name: "random walk", Schedule: "random"},
		{Name: "pct:3", Schedule: "pct:3"},
		{Name: "delay-bounded:3", Schedule: "delay-bounded:3"},
	}
}

// flags returns the flags of the command line for the way.
func (w *Way) flags() string {
	switch {
	case w.Swarm:
		return " --swarm"
	case w.Schedule != "":
		return " --schedule " + w.Schedule
	}
	return ""
}

// Hunted is the result of the hunts for one mutant in one way.
type Hunted struct {
	Seeds []int    // of each hunt: how many it took; 0 if it found nothing
	By    []string // what showed it, see Mutant.Shown, the most frequent first
}

// Accusation is a finding about the sound protocol.
type Accusation struct {
	Mutant  string // the mutant whose scenario was run
	Way     string
	Seed    uint64
	Flags   string // flags of the command line besides the seed
	Finding analysis.Finding
}

// Report is the result of Measure.
type Report struct {
	Mutants []Mutant
	Ways    []Way
	Hunted  [][]Hunted // by mutant and way
	Runs    int        // runs of the sound protocols …
	// Undecided is how many of them hit a bound, and so say nothing about the protocol.
	Undecided int
	Accused   []Accusation
	// Explored is the result of ExploreAll; nil leaves its column out of the table.
	Explored []Explored
	seeds    int
}

// hunt is one search for one mutant.
type hunt struct {
	mutant, way, number int
	seeds               int // runs until it was found, or 0
	by                  []string
	runs, undecided     int // runs of the sound protocol
	accused             []Accusation
	err                 error
	done                bool
}

// Measure hunts for each mutant o.Hunts times, each time with seeds of its own, until a
// finding shows it or o.Seeds runs have not. Each run is also made with the sound protocol.
// The report is the same for any number of jobs. The error is about a scenario, or that of
// ctx; the report then covers the hunts that were finished, and all that was learned about
// the sound protocols.
func Measure(ctx context.Context, mutants []Mutant, o Options) (*Report, error) {
	r := &Report{Mutants: mutants, Ways: Ways(), seeds: o.Seeds}
	var hunts []hunt
	for m := range mutants {
		for w := range r.Ways {
			for n := range o.Hunts {
				hunts = append(hunts, hunt{mutant: m, way: w, number: n})
			}
		}
	}
	o.each(ctx, len(hunts), func(i int) {
		h := &hunts[i]
		h.err = h.search(ctx, r, o.Seeds)
		h.done = h.err == nil
	})
	r.Hunted = make([][]Hunted, len(mutants))
	for m := range mutants {
		r.Hunted[m] = make([]Hunted, len(r.Ways))
	}
	for i := range hunts {
		h := &hunts[i]
		if h.err != nil && !errors.Is(h.err, ctx.Err()) {
			return nil, h.err
		}
		r.Runs += h.runs
		r.Undecided += h.undecided
		r.Accused = append(r.Accused, h.accused...)
		if !h.done {
			continue
		}
		found := &r.Hunted[h.mutant][h.way]
		found.Seeds, found.By = append(found.Seeds, h.seeds), append(found.By, h.by...)
	}
	for _, ways := range r.Hunted {
		for w := range ways {
			ways[w].By = byFrequency(ways[w].By)
		}
	}
	return r, ctx.Err()
}

// each calls f with 0 … n-1, several at a time, until ctx ends, and tells of progress.
func (o *Options) each(ctx context.Context, n int, f func(i int)) {
	work := func(i int) error { f(i); return nil }
	_ = parallel.Each(ctx, o.Jobs, n, work, func(i int) {
		if o.Progress != nil {
			o.Progress(i+1, n)
		}
	})
}

// byFrequency returns the different words, the most frequent first.
func byFrequency(words []string) []string {
	count := map[string]int{}
	for _, w := range words {
		count[w]++
	}
	slices.Sort(words)
	words = slices.Compact(words)
	slices.SortStableFunc(words, func(a, b string) int { return count[b] - count[a] })
	return words
}

// search runs the mutant and the sound protocol, seed by seed.
func (h *hunt) search(ctx context.Context, r *Report, seeds int) error {
	m := &r.Mutants[h.mutant]
	way := &r.Ways[h.way]
	mutant, err := open(m, m.Protocol, way)
	if err != nil {
		return err
	}
	defer mutant.Close()
	control, err := open(m, m.Sound, way)
	if err != nil {
		return err
	}
	defer control.Close()
	for n := range seeds {
		o := scenarios.Options{Seed: uint64(h.number*seeds + n), Swarm: way.Swarm}
		got, err := run(ctx, control, o)
		if err != nil {
			return err
		}
		h.runs++
		if got.Verdict == analysis.Undecided {
			h.undecided++
		}
		for _, f := range got.Findings {
			h.accused = append(h.accused, Accusation{m.Name, way.Name, o.Seed, way.flags(), f})
		}
		if got, err = run(ctx, mutant, o); err != nil {
			return err
		}
		if h.by = m.Shown(got); h.by != nil {
			h.seeds = n + 1
			return nil
		}
	}
	return nil
}

func open(m *Mutant, p model.Protocol, way *Way) (*scenarios.Job, error) {
	s := m.Scenario()
	s.Protocol = p.Name()
	if way.Schedule != "" {
		if err := s.Set("schedule", way.Schedule); err != nil {
			return nil, err
		}
	}
	return s.Open([]model.Protocol{p})
}

func run(ctx context.Context, j *scenarios.Job, o scenarios.Options) (*scenarios.Result, error) {
	r, err := j.Run(ctx, o)
	if err == nil {
		err = ctx.Err()
	}
	return r, err
}

// Shown returns the invariants, with their anomalies, that show the mutant in a
// run, each once; nil if none does.
func (m *Mutant) Shown(r *scenarios.Result) []string {
	var by []string
	for _, f := range r.Findings {
		f.Shape = ""
		if print := f.Fingerprint(); m.Expects(f) && !slices.Contains(by, print) {
			by = append(by, print)
		}
	}
	return by
}

// Expects reports whether a finding shows the mutant.
func (m *Mutant) Expects(f analysis.Finding) bool {
	print := f.Fingerprint()
	return slices.ContainsFunc(m.Expect, func(e string) bool { return print == e || strings.HasPrefix(print, e+"/") })
}
