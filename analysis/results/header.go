package results

import (
	"cmp"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// Header is the first line of a file of results, and the one before those that
// another command added. Files belong together if they have the same Hash.
type Header struct {
	Version  string `json:"txsim_sweep"`
	Hash     string `json:"hash"` // of the version, the scenario and how it is measured
	Name     string `json:"name"`
	Command  string `json:"command"` // that makes such a file
	Scenario string `json:"scenario"`
	// Runs is how many runs the command makes; 0 is not known, as of several commands, which
	// may make the same runs.
	Runs int `json:"runs,omitempty"`
	Rule
	Also []Rule `json:"also_sequential,omitempty"` // rules of other commands whose results were added
	// Content has, by cell, the checksums of files that are varied.
	Content map[string]string `json:"content,omitempty"`
}

// Rule says how many seeds the cells have.
type Rule struct {
	// Precision is the relative precision up to which seeds were added; "" if their number
	// is fixed.
	Precision string `json:"sequential,omitempty"`
	// PrecisionMetric is the metric that had to reach it; "" is the throughput.
	PrecisionMetric string `json:"sequential_metric,omitempty"`
}

func (r Rule) metric() string { return cmp.Or(r.PrecisionMetric, "throughput") }

// String says when no more seeds are added.
func (r Rule) String() string { return "the mean " + r.metric() + " was known to " + r.Precision }

// rules returns all rules by which seeds were added.
func (h *Header) rules() []Rule {
	if h.Precision == "" {
		return []Rule{}
	}
	return append([]Rule{h.Rule}, h.Also...)
}

// addRules adds rules that the header does not have yet.
func (h *Header) addRules(rules []Rule) {
	for _, r := range rules {
		switch {
		case h.Precision == "":
			h.Rule = r
		case !slices.Contains(h.rules(), r):
			h.Also = append(slices.Clip(h.Also), r)
		}
	}
}

// headBegin is how the line of a Header begins, and no other.
const headBegin = `{"txsim_sweep":`

// together separates the commands that made results together.
const together = " && "

// Join adds what another header says of the same results.
func (h *Header) Join(other *Header) {
	before := h.Command
	for _, c := range commands(other.Command) {
		if !slices.Contains(commands(h.Command), c) {
			h.Command += together + c
		}
	}
	if h.Command != before || h.Runs != other.Runs {
		h.Runs = 0
	}
	h.addRules(other.rules())
	if len(other.Content) > 0 {
		all := maps.Clone(other.Content)
		maps.Copy(all, h.Content)
		h.Content = all
	}
}

// Covers reports whether joining the other header would change nothing.
func (h *Header) Covers(other *Header) bool {
	joined := *h
	joined.Join(other)
	return reflect.DeepEqual(joined, *h)
}

// Outdated returns the name of a cell whose files held something else according to another
// header; "" if there is none.
func (h *Header) Outdated(other *Header) string {
	for _, cell := range slices.Sorted(maps.Keys(other.Content)) {
		if held, ok := h.Content[cell]; ok && held != other.Content[cell] {
			return cell
		}
	}
	return ""
}

// commands splits a text into the commands joined by together. Their words may be quoted as
// in a shell: '…', or $'…' with escapes in it.
func commands(text string) []string {
	var all []string
	begin, quoted, escapes := 0, false, true
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\\' && escapes:
			i++ // the next stands for itself
		case text[i] == '\'':
			quoted = !quoted
			escapes = !quoted || i > 0 && text[i-1] == '$'
		case !quoted && strings.HasPrefix(text[i:], together):
			all = append(all, text[begin:i])
			begin = i + len(together)
			i = begin - 1
		}
	}
	return append(all, text[begin:])
}
