package analysis

import (
	"slices"
	"strings"
)

// Level is an isolation level: a set of anomalies that it forbids. These are Forbids, and
// what the levels that it implies forbid.
type Level struct {
	Name    string
	Implies []string // the next weaker levels
	Forbids []string // anomalies forbidden in addition
	Source  string   // where it is defined
}

// The names of the isolation levels.
const (
	LevelReadUncommitted    = "read uncommitted"
	LevelReadCommitted      = "read committed"
	LevelReadAtomic         = "read atomic"
	LevelCursorStability    = "cursor stability"
	LevelConsistentView     = "consistent view"
	LevelSnapshot           = "snapshot isolation"
	LevelStrongSnapshot     = "strong snapshot isolation"
	LevelRepeatableRead     = "repeatable read"
	LevelSerializable       = "serializable"
	LevelStrictSerializable = "strict serializable"
)

// IsolationLevels returns the lattice of isolation levels, each after those
// that it implies.
//
// The definitions are those for items: there are no predicate reads here, so that
// repeatable read and serializable, which differ by them alone, hold together. The
// first level also forbids what Adya's rules of a history exclude beforehand:
// that storage or a read has what nobody wrote there, or lacks what was committed.
//
// Repeatable read and snapshot isolation are incomparable. A history has snapshot
// isolation if there are moments at which its transactions may have taken their
// snapshots, however old; that is so if and only if no cycle is without two
// anti-dependencies in a row (Cerone and Gotsman, theorem 9). Whoever records when a
// snapshot was taken, as Adya does, may find a serializable history that does not have
// it; here neither submission nor answer is such a moment, so serializable implies it.
// Under strong snapshot isolation a snapshot also has all that was answered committed
// before its transaction was submitted: the order in real time counts as a dependency.
func IsolationLevels() []Level {
	const adya = "Adya, Weak Consistency, 1999: "
	return []Level{
		{Name: LevelReadUncommitted, Source: adya + "PL-1",
			Forbids: []string{AnomalyDirtyWrite, AnomalyDuplicateApply, AnomalyLostWrite, AnomalyGarbage, AnomalyInternal, AnomalyG0}},
		{Name: LevelReadCommitted, Source: adya + "PL-2", Implies: []string{LevelReadUncommitted},
			Forbids: []string{AnomalyG1a, AnomalyG1b, AnomalyG1c}},
		{Name: LevelReadAtomic, Source: "Bailis et al., RAMP, 2014", Implies: []string{LevelReadCommitted},
			Forbids: []string{AnomalyFracturedRead}},
		{Name: LevelCursorStability, Source: adya + "PL-CS", Implies: []string{LevelReadCommitted},
			Forbids: []string{AnomalyLostUpdate}},
		{Name: LevelConsistentView, Source: adya + "PL-2+", Implies: []string{LevelReadAtomic, LevelCursorStability},
			Forbids: []string{AnomalyGSingle}},
		{Name: LevelSnapshot, Source: adya + "PL-SI; Cerone, Gotsman, Analysing Snapshot Isolation, 2016",
			Implies: []string{LevelConsistentView}, Forbids: []string{AnomalyGNonadjacent}},
		{Name: LevelStrongSnapshot, Source: "Daudjee, Salem, Lazy Database Replication with Snapshot Isolation, 2006",
			Implies: []string{LevelSnapshot}, Forbids: []string{AnomalyGNonadjacentRT}},
		{Name: LevelRepeatableRead, Source: adya + "PL-2.99", Implies: []string{LevelConsistentView},
			Forbids: []string{AnomalyG2Item}},
		{Name: LevelSerializable, Source: adya + "PL-3", Implies: []string{LevelRepeatableRead, LevelSnapshot}},
		{Name: LevelStrictSerializable, Source: "Papadimitriou, Serializability, 1979; Herlihy, Wing, Linearizability, 1990",
			Implies: []string{LevelSerializable, LevelStrongSnapshot}, Forbids: []string{AnomalyRealTime}},
	}
}

// IsolationNames returns the names of the levels as parameters and files have them, with
// hyphens, the strongest first.
func IsolationNames() []string {
	var names []string
	for _, l := range slices.Backward(IsolationLevels()) {
		names = append(names, strings.ReplaceAll(l.Name, " ", "-"))
	}
	return names
}

// LevelOf returns the name of the level that is one of IsolationNames.
func LevelOf(name string) string { return strings.ReplaceAll(name, "-", " ") }

// anomalySet is a set of anomalies, by their places in levelAnomalies.
type anomalySet uint32

// levelAnomalies are the anomalies that some level forbids.
var levelAnomalies = func() (names []string) {
	for _, l := range IsolationLevels() {
		names = append(names, l.Forbids...)
	}
	return names
}()

// anomalies returns the set of some anomalies, without those that no level forbids.
func anomalies(names ...string) (set anomalySet) {
	for _, name := range names {
		if i := slices.Index(levelAnomalies, name); i >= 0 {
			set |= 1 << i
		}
	}
	return set
}

// has reports whether an anomaly is in the set.
func (s anomalySet) has(name string) bool { return s&anomalies(name) != 0 }

// tolerates returns the anomalies that a level, and what it implies, does not forbid.
func tolerates(level string) anomalySet {
	levels, tolerated := IsolationLevels(), anomalies(levelAnomalies...)
	forbidding := []string{level}
	for len(forbidding) > 0 {
		i := slices.IndexFunc(levels, func(l Level) bool { return l.Name == forbidding[0] })
		if i < 0 {
			panic("analysis: " + forbidding[0] + " is no isolation level")
		}
		l := &levels[i]
		tolerated &^= anomalies(l.Forbids...)
		forbidding = append(forbidding[1:], l.Implies...)
	}
	return tolerated
}

// Levels says which isolation levels a history has. The zero value says nothing. It is the
// same for every Window of the checker, with one exception: once a transaction contradicts
// what has left the window, levels that are not violated yet are not judged, since that
// would need all of the past. Two windows never contradict each other.
type Levels struct {
	seen   anomalySet
	judged bool // the history is complete, nothing contradicted what has left the window, and some reads came with results
	unread int
}

// Unread returns how many commits were answered without the results of their reads, which
// are not judged.
func (l Levels) Unread() int { return l.unread }

// LevelVerdict is what is known about one level.
type LevelVerdict struct {
	Level   string
	Verdict Verdict
	By      []string // the anomalies found that it forbids and no weaker level does; a G0 is also a G1c, and so on
}

// Verdicts returns what is known of each level, in the order of IsolationLevels.
func (l Levels) Verdicts() []LevelVerdict {
	all := IsolationLevels()
	verdicts := make([]LevelVerdict, len(all))
	verdict := map[string]Verdict{}
	for i, level := range all {
		v := LevelVerdict{Level: level.Name}
		for _, a := range level.Forbids {
			if l.seen.has(a) {
				v.By = append(v.By, a)
			}
		}
		weaker := slices.ContainsFunc(level.Implies, func(w string) bool { return verdict[w] == Invalid })
		switch {
		case len(v.By) > 0 || weaker:
			v.Verdict = Invalid
		case l.judged:
			v.Verdict = Valid
		}
		verdict[level.Name] = v.Verdict
		verdicts[i] = v
	}
	return verdicts
}

// Holding returns the strongest levels that hold: none of them implies another.
func (l Levels) Holding() []string { return l.edge(Valid, true) }

// Violated returns the weakest levels that are violated.
func (l Levels) Violated() []string { return l.edge(Invalid, false) }

// edge returns the levels with this verdict that no stronger level shares, or, if not
// strongest, no weaker one.
func (l Levels) edge(want Verdict, strongest bool) []string {
	verdicts := l.Verdicts()
	is := map[string]bool{}
	for _, v := range verdicts {
		is[v.Level] = v.Verdict == want
	}
	inner := map[string]bool{} // has a stronger or weaker neighbour with the verdict
	for _, level := range IsolationLevels() {
		for _, w := range level.Implies {
			switch {
			case is[w] && is[level.Name] && strongest:
				inner[w] = true
			case is[w] && is[level.Name]:
				inner[level.Name] = true
			}
		}
	}
	var names []string
	for _, v := range verdicts {
		if is[v.Level] && !inner[v.Level] {
			names = append(names, v.Level)
		}
	}
	return names
}

// String returns the strongest levels that hold, the weakest that are violated with
// the anomalies that show it, and the weakest that are not judged.
func (l Levels) String() string {
	verdicts := l.Verdicts()
	var violated []string
	for _, name := range l.Violated() {
		i := slices.IndexFunc(verdicts, func(v LevelVerdict) bool { return v.Level == name })
		violated = append(violated, name+" ("+strings.Join(verdicts[i].By, ", ")+")")
	}
	holding := l.Holding()
	if len(violated)+len(holding) == 0 {
		return "not judged"
	}
	if len(holding) == 0 {
		holding = []string{"none"}
	}
	parts := []string{"holds: " + strings.Join(holding, ", ")}
	if len(violated) > 0 {
		parts = append(parts, "violated: "+strings.Join(violated, ", "))
	}
	if names := l.edge(Undecided, false); len(names) > 0 {
		parts = append(parts, "not judged: "+strings.Join(names, ", "))
	}
	return strings.Join(parts, "; ")
}
