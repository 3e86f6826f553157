package analysis

import (
	"strconv"
	"strings"

	"github.com/seed83d86191/txsim/sim"
)

// The anomalies that findings name. Cycles are those of the serialization graph: the
// edges are ww (write dependency), wr (read dependency), rw (anti-dependency) and
// rt (real time). A cycle has the name of its class, or the more special one.
const (
	AnomalyG0           = "G0"            // cycle of ww
	AnomalyG1a          = "G1a"           // read of a write that aborted
	AnomalyG1b          = "G1b"           // read of a write that its own transaction superseded
	AnomalyG1c          = "G1c"           // cycle of ww and wr
	AnomalyGSingle      = "G-single"      // cycle with one rw
	AnomalyGNonadjacent = "G-nonadjacent" // cycle with several rw, no two of them in a row
	// AnomalyGNonadjacentRT is a G-nonadjacent in which the order of answers and
	// submissions counts as a dependency.
	AnomalyGNonadjacentRT = "G-nonadjacent-realtime"
	AnomalyG2Item         = "G2-item"   // cycle with several rw
	AnomalyRealTime       = "real-time" // cycle that needs the order of answers and submissions

	// AnomalyLostUpdate is a G-single: a transaction read an item and wrote it, and
	// another one wrote it in between.
	AnomalyLostUpdate = "lost update"
	// AnomalyFracturedRead is mostly a G-single: of what another transaction wrote, a
	// transaction saw one part, and of another part what had been there before.
	AnomalyFracturedRead = "fractured read"
	// AnomalyStaleRead: a read of a version that was overwritten long before.
	AnomalyStaleRead = "stale read"

	AnomalyDirtyWrite     = "dirty write"     // installed, but of an attempt that aborted, superseded or of nobody
	AnomalyDuplicateApply = "duplicate apply" // installed twice
	AnomalyLostWrite      = "lost write"      // took effect elsewhere or was answered committed, and is not there
	AnomalyGarbage        = "garbage"         // a version or a value that nobody wrote there
	AnomalyInternal       = "internal"        // a read that contradicts the writes of its own transaction
)

// Verdict is what is known of a run's invariants. The zero value is unknown: a
// run that hit a bound, or was interrupted, is never called valid.
type Verdict uint8

// The verdicts.
const (
	Undecided Verdict = iota
	Valid
	Invalid
)

func (v Verdict) String() string { return [...]string{"unknown", "valid", "invalid"}[v] }

// Finding is one violated invariant.
type Finding struct {
	Invariant string
	Anomaly   string   // if one has a name
	Shape     string   // of a cycle, see cycleShape; "" if the invariant says it all
	Txn       string   // names of the transactions concerned, separated by spaces; see IDs
	At        sim.Time // when it was found
	AtEnd     bool     // only the end shows it: before, it could still have turned out well
	Text      string   // a sentence
	Records   []string // the events that show it, one a line
}

// String returns the finding in one line, without its records.
func (f Finding) String() string {
	var b strings.Builder
	b.WriteString(f.Invariant)
	if f.Anomaly != "" {
		b.WriteString(" (" + f.Anomaly + ")")
	}
	b.WriteString(": " + f.Text)
	return b.String()
}

// IDs returns the ids of the transactions concerned.
func (f Finding) IDs() []string {
	ids := []string{}
	for rest := f.Txn; rest != ""; {
		name, after, _ := strings.Cut(rest, " ")
		if quoted, err := strconv.QuotedPrefix(rest); err == nil {
			after = strings.TrimPrefix(rest[len(quoted):], " ")
			name, _ = strconv.Unquote(quoted)
		}
		ids, rest = append(ids, name), after
	}
	return ids
}

// cycleShape returns the kinds of a cycle's edges: "rw wr". A run of equal ones counts as
// two, as cycles of all lengths come of one cause, and shrinking makes short ones of long.
func cycleShape(kinds []string) string {
	var shape []string
	for _, kind := range kinds {
		if n := len(shape); n < 2 || shape[n-1] != kind || shape[n-2] != kind {
			shape = append(shape, kind)
		}
	}
	return strings.Join(shape, " ")
}

// Fingerprint returns what kind of finding it is, whatever the transactions, keys and
// times: findings with one cause mostly share it.
func (f Finding) Fingerprint() string {
	words := []string{f.Invariant}
	for _, w := range []string{f.Anomaly, f.Shape} {
		if w != "" {
			words = append(words, strings.ReplaceAll(w, " ", "-"))
		}
	}
	return strings.Join(words, "/")
}

// findingLog keeps the first findings of all, and the first of each invariant, and counts
// them all.
type findingLog struct {
	limit int // on findings of any invariant; see keepOfEach
	kept  []Finding
	total int
	count map[string]int // by invariant; looked up only, never ranged over
}

// keepOfEach is how many findings of an invariant are kept even if others have reached the
// limit: one error violates several invariants, and the first that is seen is not always
// the one that explains it.
const keepOfEach = 2

// add counts a finding of inv and keeps what describe returns if there is room,
// so that a history with millions of violations costs no millions of texts.
func (l *findingLog) add(inv string, describe func() Finding) {
	l.total++
	if l.count == nil {
		l.count = make(map[string]int)
	}
	l.count[inv]++
	if len(l.kept) >= l.limit && l.count[inv] > keepOfEach {
		return
	}
	f := describe()
	f.Invariant = inv
	l.kept = append(l.kept, f)
}
