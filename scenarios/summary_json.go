package scenarios

import (
	"math"
	"slices"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
)

// Summary is the summary of a run for programs. Durations are virtual
// nanoseconds.
type Summary struct {
	Verdict    string            `json:"verdict"`
	Violations int               `json:"violations"`
	Ending     string            `json:"ending"`
	Submitted  uint64            `json:"submitted"`
	Attempts   uint64            `json:"attempts"`
	Outcomes   map[string]uint64 `json:"outcomes"`
	Open       int               `json:"open"`                  // transactions submitted, and without a final answer
	Reasons    map[string]uint64 `json:"abort_reasons"`         // of transactions aborted for good
	Refused    map[string]uint64 `json:"attempt_abort_reasons"` // of attempts, these included
	Throughput float64           `json:"committed_per_second"`
	Mean       *int64            `json:"latency_mean_ns"` // of commits; this and the next three are null without a commit
	P50        *int64            `json:"latency_p50_ns"`
	P99        *int64            `json:"latency_p99_ns"`
	Max        *int64            `json:"latency_max_ns"`
	Spent      map[string]int64  `json:"latency_mean_parts_ns,omitempty"`
	Bottleneck string            `json:"bottleneck,omitempty"`
	Messages   uint64            `json:"messages"`
	Packets    uint64            `json:"packets"`
	Bytes      uint64            `json:"bytes"`
	Forced     uint64            `json:"forced_log_writes"`
	Syncs      uint64            `json:"syncs"`
	Crashes    uint64            `json:"crashes"`
	Pauses     uint64            `json:"pauses"`
	Lost       uint64            `json:"messages_lost"`
	Faults     []SummaryFault    `json:"faults"`
	Outside    []string          `json:"outside_the_model,omitempty"`
	InDoubt    int64             `json:"in_doubt_total_ns"`
	InDoubtMax int64             `json:"in_doubt_max_ns"`
	StillDoubt uint64            `json:"in_doubt_at_the_end,omitempty"` // parts; the two above count them up to the end
	Doubts     []SummaryDoubt    `json:"in_doubt_by_fault"`
	Longest    []SummaryPart     `json:"in_doubt_longest,omitempty"`
	Downtimes  []SummaryDowntime `json:"crash_to_recovery"`
	Unresolved int               `json:"unresolved_excused"`
	Blocked    []Blocked         `json:"blocked_by_the_dead"`
	Now        int64             `json:"virtual_ns"`
	Events     uint64            `json:"events"`
	Invariants []string          `json:"invariants"`
	NotChecked map[string]string `json:"not_checked,omitempty"` // invariants that the run was not checked for, and why
	HeldTo     string            `json:"isolation_held_to"`
	Holding    []string          `json:"isolation_holding"`
	Violated   []string          `json:"isolation_violated"`
	Seed       uint64            `json:"seed"`
	Hash       string            `json:"hash"`
	Reproduce  string            `json:"reproduce,omitempty"`
}

// SummaryFault is how often a line of the fault plan struck.
type SummaryFault struct {
	Line  string `json:"line"`
	Times uint64 `json:"times"`
	Cut   bool   `json:"cut_short,omitempty"` // faults ended before it was over, or before it came
}

// SummaryDoubt is the time in doubt that is charged to a fault; without a fault, it is
// latency.
type SummaryDoubt struct {
	Fault   string `json:"fault,omitempty"`
	At      *int64 `json:"at_ns,omitempty"` // of the fault, if it has a time of its own
	Parts   uint64 `json:"parts"`
	Total   int64  `json:"total_ns"`
	Max     int64  `json:"max_ns"`
	Locked  int64  `json:"locked_ns"` // summed over locks
	Blocked uint64 `json:"blocked"`
	Open    uint64 `json:"open"` // attempts that stayed in doubt to the end
}

// SummaryPart is a part that was in doubt for long.
type SummaryPart struct {
	Attempt string `json:"attempt"`
	Worker  string `json:"worker"`
	Since   int64  `json:"since_ns"`
	For     int64  `json:"for_ns"`
	Open    bool   `json:"to_the_end,omitempty"`
	Fault   string `json:"fault,omitempty"`
	At      *int64 `json:"at_ns,omitempty"` // of the fault, if it has a time of its own
}

// SummaryDowntime is how long a node took from its crashes to its recoveries.
type SummaryDowntime struct {
	Node  string `json:"node"`
	Times uint64 `json:"times"`
	Total int64  `json:"total_ns"`
	Max   int64  `json:"max_ns"`
}

// ledger fills in the ledger.
func (s *Summary) ledger(l *analysis.Ledger, f *model.Formatter) {
	s.Doubts, s.Downtimes = []SummaryDoubt{}, []SummaryDowntime{}
	for _, e := range append(slices.Clone(l.Faults), l.Latency) {
		if e.Parts == 0 {
			continue
		}
		d := SummaryDoubt{Fault: e.Fault, Parts: e.Parts, Total: int64(e.Total), Max: int64(e.Max), Locked: int64(e.Locked), Blocked: e.Blocked, Open: e.Open}
		if e.At >= 0 {
			d.At = new(int64(e.At))
		}
		s.Doubts = append(s.Doubts, d)
	}
	for i := range l.Longest {
		v := &l.Longest[i]
		w := SummaryPart{Attempt: f.Attempt(v.Attempt), Worker: f.Node(v.Worker), Since: int64(v.Since), For: int64(v.For), Open: v.Open, Fault: v.Fault}
		if v.At >= 0 {
			w.At = new(int64(v.At))
		}
		s.Longest = append(s.Longest, w)
	}
	for _, d := range l.Down {
		s.Downtimes = append(s.Downtimes, SummaryDowntime{f.Node(d.Node), d.Times, int64(d.Total), int64(d.Max)})
	}
}

// Summary returns the summary of a run for programs. encoding/json sorts the
// keys of its maps.
func (r *Result) Summary() Summary {
	s := Summary{
		Verdict: r.Verdict.String(), Violations: r.Violations, Ending: r.ending(),
		Submitted: r.Metrics.Submitted, Attempts: r.Metrics.Attempts, Faults: []SummaryFault{}, Outside: r.Outside, Outcomes: map[string]uint64{}, Open: r.Tally.Open, Reasons: map[string]uint64{}, Refused: map[string]uint64{},
		Throughput: r.Metrics.Throughput(),
		Messages:   r.Stats.Messages, Packets: r.Stats.Packets, Bytes: r.Stats.Bytes, Forced: r.Tally.Forced, Syncs: r.Stats.Syncs,
		Crashes: r.Stats.Crashes, Pauses: r.Stats.Pauses, InDoubt: int64(r.InDoubt.Total), InDoubtMax: int64(r.InDoubt.Max), StillDoubt: r.InDoubt.Open,
		Unresolved: len(r.Excused), Blocked: append([]Blocked{}, r.Blocked...), Now: int64(r.Now), Events: r.Stats.Events, Seed: r.Seed, Hash: hashText(r.Hash),
		Invariants: []string{}, HeldTo: r.Isolation, Holding: []string{}, Violated: []string{},
	}
	if !r.unchecked() {
		s.Invariants = r.invariants()
		for _, n := range r.NotChecked {
			if s.NotChecked == nil {
				s.NotChecked = map[string]string{}
			}
			s.NotChecked[n.Name] = n.Why
		}
		s.Holding = append(s.Holding, r.Levels.Holding()...)
		s.Violated = append(s.Violated, r.Levels.Violated()...)
	}
	if m := r.Metrics; m.Committed() > 0 {
		s.Mean, s.P50, s.P99, s.Max = new(int64(m.Mean())), new(int64(m.Quantile(0.5))), new(int64(m.Quantile(0.99))), new(int64(m.Max()))
	}
	if r.spans != nil && r.Metrics.Committed() > 0 {
		p := r.pressure()
		s.Bottleneck, s.Spent = p.Bottleneck(), map[string]int64{}
		for span, x := range p.Spent {
			if !math.IsNaN(x) {
				s.Spent[analysis.SpanNames[span]] = int64(x)
			}
		}
	}
	s.ledger(&r.Ledger, r.format)
	for _, f := range r.Struck {
		s.Faults = append(s.Faults, SummaryFault{f.Line, f.Times, f.Cut})
	}
	for _, n := range r.Stats.Lost {
		s.Lost += n
	}
	for o := model.Committed; o <= model.Blocked; o++ {
		s.Outcomes[o.String()] = r.Metrics.Outcomes[o]
	}
	for i := range r.Metrics.Refused {
		reason := r.format.Reason(model.Reason(i))
		if n := r.Metrics.Reasons[i]; n > 0 {
			s.Reasons[reason] = n
		}
		if n := r.Metrics.Refused[i]; n > 0 {
			s.Refused[reason] = n
		}
	}
	return s
}
