package scenarios

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/seed83d86191/txsim/analysis"
)

// Write prints the matrix for people. command turns the parameters that a cell sets into
// the command that runs it.
func (r *MatrixResult) Write(w io.Writer, command func(sets []string) string) error {
	var b strings.Builder
	b.WriteString(r.Table().String())
	b.WriteByte('\n')
	for _, role := range []string{roleCoordinator, roleWorker} {
		if places := r.unreached(role); len(places) > 0 {
			for i, line := range wrapList(places) {
				head := "not reached, " + role + ": "
				if i > 0 {
					head = strings.Repeat(" ", len(head))
				}
				b.WriteString(head + line + "\n")
			}
		}
	}
	b.WriteString(r.verdict() + "\n")
	for i := range r.Failures {
		f := &r.Failures[i]
		b.WriteByte('\n')
		appendFinding(&b, &f.Finding, false)
		fmt.Fprintf(&b, "in %s; the first:\n", analysis.Count(f.Cells, "cell"))
		if len(f.Faults) == 0 {
			b.WriteString("    no crash at all\n")
		}
		for _, line := range f.Faults {
			b.WriteString("    " + line + "\n")
		}
		fmt.Fprintf(&b, "reproduce with: %s\n", command(f.Sets))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// Table shows the cells that survived, of all that were run, by class of boundaries and by
// kind of crash.
func (r *MatrixResult) Table() *analysis.Table {
	t := &analysis.Table{
		Header: []string{"crash in", "of a", "before and after", "lost", "torn", "clean", "never", "blocked"},
		Right:  []bool{false, false, false, true, true, true, true, true},
	}
	stage := ""
	for _, row := range r.Rows {
		if row.Stage == stageReference {
			continue
		}
		shown := row.Stage
		if shown == stage {
			shown = ""
		}
		stage = row.Stage
		blocked := ""
		if row.Blocked > 0 {
			blocked = fmt.Sprint(row.Blocked)
		}
		t.Add(shown, row.Role, row.Boundary, row.Lost.String(), row.Torn.String(), row.Clean.String(), row.Never.String(), blocked)
	}
	return t
}

// String is the count if all survived, else how many of how many did.
func (n MatrixCount) String() string {
	switch {
	case n.Cells == 0:
		return ""
	case n.Survived == n.Cells:
		return fmt.Sprint(n.Cells)
	}
	return fmt.Sprintf("%d/%d", n.Survived, n.Cells)
}

func (r *MatrixResult) verdict() string {
	text := fmt.Sprintf("%d/%d survived: crashes around %s of %s, seed %d; %s",
		r.Survived, r.Cells, cmp.Or(r.Transaction, "no transaction"), cmp.Or(r.Scenario.Name, "the scenario"), r.Seed, analysis.Count(r.Different, "different run"))
	if r.Blocked > 0 {
		text += fmt.Sprintf(", %d blocked by a node that is dead for good", r.Blocked)
	}
	if r.Unknown > 0 {
		text += fmt.Sprintf("; %d unknown: a bound was hit", r.Unknown)
	}
	if r.Done < r.Cells {
		text += fmt.Sprintf("; interrupted after %d", r.Done)
	}
	return text
}

func (r *MatrixResult) unreached(role string) []string {
	var places []string
	for _, p := range r.Unreached {
		if p.Role == role {
			places = append(places, p.Boundary)
		}
	}
	return places
}

// wrapList joins items by commas into lines.
func wrapList(items []string) []string {
	joined := slices.Clone(items)
	for i := range len(joined) - 1 {
		joined[i] += ","
	}
	return analysis.Wrap(joined, 90)
}

// jsonMatrixFailure is a MatrixFailure for programs.
type jsonMatrixFailure struct {
	Fingerprint string   `json:"fingerprint"`
	Cells       int      `json:"cells"`
	Faults      []string `json:"faults"`
	Text        string   `json:"text"`
	Reproduce   string   `json:"reproduce"`
}

// WriteJSON prints the matrix for programs, as one object.
func (r *MatrixResult) WriteJSON(w io.Writer, command func(sets []string) string) error {
	j := struct {
		Scenario string `json:"scenario"`
		*MatrixResult
		Unreached []string            `json:"unreached"`
		Failures  []jsonMatrixFailure `json:"failures"`
	}{r.Scenario.Name, r, []string{}, []jsonMatrixFailure{}}
	for _, p := range r.Unreached {
		j.Unreached = append(j.Unreached, p.Role+" "+p.Boundary)
	}
	for _, f := range r.Failures {
		j.Failures = append(j.Failures, jsonMatrixFailure{f.Fingerprint, f.Cells, append([]string{}, f.Faults...), f.Finding.String(), command(f.Sets)})
	}
	return analysis.WriteJSON(w, j, "  ")
}
