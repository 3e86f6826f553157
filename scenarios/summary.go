package scenarios

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// Table is the summary of a run for people.
func (r *Result) Table() *analysis.Table {
	t := &analysis.Table{Header: []string{"summary", ""}}
	m := r.Metrics
	t.Add("transactions", fmt.Sprintf("%d submitted in %d attempts", m.Submitted, m.Attempts))
	for o := model.Committed; o <= model.Blocked; o++ {
		if n := m.Outcomes[o]; n > 0 || o <= model.Aborted {
			t.Add("  "+o.String(), count(n, m.Submitted)+reasons(o, &m.Reasons))
		}
	}
	if open := r.Tally.Open; open > 0 {
		t.Add("  open", fmt.Sprint(open))
	}
	t.Add("attempts aborted", strings.TrimPrefix(reasons(model.Aborted, &m.Refused), ": "))
	t.Add("throughput", fmt.Sprintf("%.1f committed/s of virtual time", m.Throughput()))
	t.Add("latency", fmt.Sprintf("p50 %s  p99 %s  max %s", ms(m.Quantile(50)), ms(m.Quantile(99)), ms(m.Max())))
	t.Add("messages", fmt.Sprintf("%s per commit, in %s packets", r.perCommit(r.networkMessages()), r.perCommit(r.Stats.Packets-r.clientMessages())))
	t.Add("forced log writes", fmt.Sprintf("%s per commit, by %s syncs", r.perCommit(r.Tally.Forced), r.perCommit(r.Stats.Syncs)))
	t.Add("faults", r.faults())
	t.Add("time in doubt", fmt.Sprintf("mean %s  max %s  over %d votes", ms(r.InDoubt.Mean()), ms(r.InDoubt.Max), r.InDoubt.Parts))
	if n := len(r.Excused); n > 0 {
		t.Add("unresolved", fmt.Sprintf("%d, waiting for nodes that are dead for good", n))
	}
	t.Add("virtual time", r.Now.String()+" s, "+r.ending())
	t.Add("events", fmt.Sprintf("%d, %d records in the trace", r.Stats.Events, r.Records))
	for i, line := range wrap(Invariants(), 60) {
		head := ""
		if i == 0 {
			head = "invariants"
		}
		t.Add(head, line)
	}
	t.Add("verdict", r.verdict())
	t.Add("trace hash", fmt.Sprintf("%016x", r.Hash))
	return t
}

// wrap joins words into lines of at most width characters.
func wrap(words []string, width int) []string {
	var lines []string
	line := ""
	for _, w := range words {
		if line != "" && len(line)+1+len(w) > width {
			lines = append(lines, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += w
	}
	return append(lines, line)
}

func (r *Result) verdict() string {
	switch {
	case r.Verdict == analysis.Invalid:
		return fmt.Sprintf("INVALID: %d violations", r.Violations)
	case r.Verdict == analysis.Valid && r.Metrics.Outcomes[model.Blocked] > 0:
		return "valid; what is blocked waits for a coordinator that is dead for good"
	case r.Verdict == analysis.Undecided:
		return "unknown: " + r.ending()
	}
	return r.Verdict.String()
}

// ending says how the run came to its end.
func (r *Result) ending() string {
	switch {
	case r.End.Stuck && len(r.Excused) > 0:
		return "at rest but for what waits for the dead"
	case r.End.Stuck:
		return "stuck"
	case r.End.Status == sim.Quiet:
		return "at rest"
	}
	return r.End.Status.String()
}

func count(n, of uint64) string {
	if of == 0 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%d (%.1f %%)", n, 100*float64(n)/float64(of))
}

// reasons lists why attempts or transactions were aborted.
func reasons(o model.Outcome, n *[16]uint64) string {
	if o != model.Aborted {
		return ""
	}
	var parts []string
	for i, k := range n {
		if k > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", model.Reason(i), k))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return ": " + strings.Join(parts, ", ")
}

// ms prints a duration in milliseconds with microseconds.
func ms(d time.Duration) string { return fmt.Sprintf("%.3f ms", float64(d)/1e6) }

// clientMessages is what went between clients and coordinators, outside the network.
func (r *Result) clientMessages() uint64 {
	return r.Stats.Sent[model.KindRequest] + r.Stats.Sent[model.KindAsk] + r.Stats.Sent[model.KindAnswer]
}

func (r *Result) networkMessages() uint64 { return r.Stats.Messages - r.clientMessages() }

func (r *Result) perCommit(n uint64) string {
	if r.Metrics.Committed() == 0 {
		return fmt.Sprintf("%d without a", n)
	}
	return fmt.Sprintf("%.2f", float64(n)/float64(r.Metrics.Committed()))
}

func (r *Result) faults() string {
	s := r.Stats
	var parts []string
	add := func(n uint64, what string) {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, what))
		}
	}
	add(s.Crashes, "crashes")
	add(s.Pauses, "pauses")
	add(s.Lost[sim.LostByChance], "messages lost")
	add(s.Lost[sim.LostByFault], "dropped")
	add(s.Lost[sim.LostByPartition], "partitioned")
	add(s.Lost[sim.LostNodeDown], "to nodes down")
	if len(parts) == 0 {
		return "none"
	}
	return strings.Join(parts, ", ")
}

// Summary is the summary of a run for programs. Durations are virtual
// nanoseconds.
type Summary struct {
	Verdict    string            `json:"verdict"`
	Violations int               `json:"violations"`
	Ending     string            `json:"ending"`
	Submitted  uint64            `json:"submitted"`
	Attempts   uint64            `json:"attempts"`
	Outcomes   map[string]uint64 `json:"outcomes"`
	Reasons    map[string]uint64 `json:"abort_reasons"`
	Throughput float64           `json:"committed_per_second"`
	P50        int64             `json:"latency_p50_ns"`
	P99        int64             `json:"latency_p99_ns"`
	Max        int64             `json:"latency_max_ns"`
	Messages   uint64            `json:"messages"`
	Packets    uint64            `json:"packets"`
	Forced     uint64            `json:"forced_log_writes"`
	Syncs      uint64            `json:"syncs"`
	Crashes    uint64            `json:"crashes"`
	Pauses     uint64            `json:"pauses"`
	Lost       uint64            `json:"messages_lost"`
	InDoubt    int64             `json:"in_doubt_total_ns"`
	InDoubtMax int64             `json:"in_doubt_max_ns"`
	Unresolved int               `json:"unresolved_excused"`
	Now        int64             `json:"virtual_ns"`
	Events     uint64            `json:"events"`
	Invariants []string          `json:"invariants"`
	Seed       uint64            `json:"seed"`
	Hash       string            `json:"hash"`
	Reproduce  string            `json:"reproduce,omitempty"`
}

// Summary returns the summary of a run for programs. encoding/json sorts the
// keys of its maps.
func (r *Result) Summary() Summary {
	s := Summary{
		Verdict: r.Verdict.String(), Violations: r.Violations, Ending: r.ending(),
		Submitted: r.Metrics.Submitted, Attempts: r.Metrics.Attempts, Outcomes: map[string]uint64{}, Reasons: map[string]uint64{},
		Throughput: r.Metrics.Throughput(), P50: int64(r.Metrics.Quantile(50)), P99: int64(r.Metrics.Quantile(99)), Max: int64(r.Metrics.Max()),
		Messages: r.networkMessages(), Packets: r.Stats.Packets - r.clientMessages(), Forced: r.Tally.Forced, Syncs: r.Stats.Syncs,
		Crashes: r.Stats.Crashes, Pauses: r.Stats.Pauses, InDoubt: int64(r.InDoubt.Total), InDoubtMax: int64(r.InDoubt.Max),
		Unresolved: len(r.Excused), Now: int64(r.Now), Events: r.Stats.Events, Invariants: Invariants(), Seed: r.Seed, Hash: fmt.Sprintf("%016x", r.Hash),
	}
	for _, n := range r.Stats.Lost {
		s.Lost += n
	}
	for o := model.Committed; o <= model.Blocked; o++ {
		s.Outcomes[o.String()] = r.Metrics.Outcomes[o]
	}
	for i, n := range r.Metrics.Reasons {
		if n > 0 {
			s.Reasons[model.Reason(i).String()] = n
		}
	}
	return s
}

// JSON prints the summary as one line.
func (s Summary) JSON() []byte {
	b, err := json.Marshal(s)
	if err != nil {
		panic("scenarios: summary: " + err.Error()) // plain numbers and strings
	}
	return append(b, '\n')
}
