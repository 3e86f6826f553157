package analysis

import (
	"slices"
	"strings"
)

// Level is an isolation level: a set of anomalies that it forbids. A level
// forbids what the levels that it implies forbid, and Forbids.
type Level struct {
	Name    string
	Implies []string // the next weaker levels
	Forbids []string // beyond those
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
// Repeatable read and snapshot isolation are incomparable, and so are serializable
// and snapshot isolation: a transaction that reads what was committed after it had
// started may be serializable, but it did not read from a snapshot. Whether there
// were snapshots can only be said of recorded start and commit points. A history
// has none: neither submission nor answer is one. So snapshot isolation is never
// found to hold; it is violated, whatever the points, by a cycle in which no two
// anti-dependencies meet (G-single, G-nonadjacent), and otherwise not judged.
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
		{Name: LevelRepeatableRead, Source: adya + "PL-2.99", Implies: []string{LevelConsistentView},
			Forbids: []string{AnomalyG2Item}},
		{Name: LevelSerializable, Source: adya + "PL-3", Implies: []string{LevelRepeatableRead}},
		{Name: LevelStrictSerializable, Source: "Papadimitriou, Serializability, 1979; Herlihy, Wing, Linearizability, 1990",
			Implies: []string{LevelSerializable}, Forbids: []string{AnomalyRealTime}},
	}
}

// anomalySet is a set of anomalies, by their places in levelAnomalies.
type anomalySet uint32

// levelAnomalies are the anomalies that some level forbids.
var levelAnomalies = func() (names []string) {
	for _, l := range IsolationLevels() {
		names = append(names, l.Forbids...)
	}
	return names
}()

// anomalies returns the set of some anomalies. Those that no level forbids are not in it.
func anomalies(names ...string) (set anomalySet) {
	for _, name := range names {
		if i := slices.Index(levelAnomalies, name); i >= 0 {
			set |= 1 << i
		}
	}
	return set
}

// Levels says which isolation levels a history has. The zero value says nothing.
// Levels of one history are equal for every Window of its checker unless a
// transaction of it contradicts what has left the window: telling what else is wrong
// with that past would take all of it. A checker then judges no level that it has
// not found violated. No two windows ever contradict each other.
type Levels struct {
	seen   anomalySet
	judged bool // the history is complete, all of it was in sight, and not all reads were without results
	unread int
}

// Unread is how many commits were told without the results of their reads, which are not judged.
func (l Levels) Unread() int { return l.unread }

// LevelVerdict is what is known of one level.
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
			if l.seen&anomalies(a) != 0 {
				v.By = append(v.By, a)
			}
		}
		weaker := slices.ContainsFunc(level.Implies, func(w string) bool { return verdict[w] == Invalid })
		switch {
		case len(v.By) > 0 || weaker:
			v.Verdict = Invalid
		case l.judged && level.Name != LevelSnapshot:
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

// edge returns the levels with this verdict that no stronger, or no weaker, level
// shares with them.
func (l Levels) edge(want Verdict, strongest bool) []string {
	verdicts := l.Verdicts()
	is := map[string]bool{}
	for _, v := range verdicts {
		is[v.Level] = v.Verdict == want
	}
	inner := map[string]bool{} // has a neighbour beyond it
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
