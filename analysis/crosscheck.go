package analysis

import (
	"fmt"
	"slices"

	"github.com/seed83d86191/txsim/model"
)

// Disagreement is an error of txsim itself: of two judges of the same history one is wrong.
// It is no finding about the run.
type Disagreement struct {
	Accepts string   // who finds nothing wrong
	Rejects string   // who does
	Text    string   // what it says
	Records []string // and why
}

// The names of those who judge a history.
const (
	judgeWhite = "the serialization graph"
	judgeBlack = "the black box"
	judgeBrute = "the trial of all orders"
)

// Error says who disagrees and about what.
func (d *Disagreement) Error() string {
	return fmt.Sprintf("error of the tool, not of the run: %s accepts the history and %s rejects it: %s", d.Accepts, d.Rejects, d.Text)
}

// Judges are the two judges of a history beside the serialization graph. Only tests that want
// a disagreement replace them; nil stands for BlackBox and for BruteForce.
type Judges struct {
	Black func([]model.Event) *Finding
	Brute func(*Recording) Brute
}

// of returns the verdict on a level.
func (l Levels) of(level string) Verdict {
	verdicts := l.Verdicts()
	i := slices.IndexFunc(verdicts, func(v LevelVerdict) bool { return v.Level == level })
	return verdicts[i].Verdict
}

// CrossCheck compares what a HistoryChecker, which must be finished, says of this history
// with the black box and, if the history is tiny, with the trial of all orders, which
// knows serializability without real time, too. It returns nil if they agree. They judge
// strict serializability, so what a weaker level of isolation tolerates counts here. The
// black box is not heard where several versions of an item are due at the end: the graph
// has no order of them, and the black box may infer one.
func (r *Recording) CrossCheck(white *HistoryChecker, j Judges) *Disagreement {
	if j.Black == nil {
		j.Black = BlackBox
	}
	if j.Brute == nil {
		j.Brute = BruteForce
	}
	right := white.log.total+white.harmless.total == 0
	if right && !white.unordered {
		if f := j.Black(r.Events); f != nil {
			return &Disagreement{judgeWhite, judgeBlack, f.String(), f.Records}
		}
	}
	brute := j.Brute(r)
	levels := white.Levels()
	switch says := levels.of(LevelSerializable); {
	case says == Valid && brute.Serializable == Invalid:
		return &Disagreement{judgeWhite, judgeBrute, brute.Why, nil}
	case says == Invalid && brute.Serializable == Valid && levels.of(LevelReadCommitted) == Valid: // but for the order, nothing is wrong
		return &Disagreement{judgeBrute, judgeWhite, "its isolation " + levels.String(), nil}
	}
	switch {
	case right && brute.Verdict == Invalid:
		return &Disagreement{judgeWhite, judgeBrute, brute.Why, nil}
	case !right && brute.Verdict == Valid:
		f := append(white.Finish(nil), white.harmless.kept...)[0]
		return &Disagreement{judgeBrute, judgeWhite, f.String(), f.Records}
	}
	return nil
}
