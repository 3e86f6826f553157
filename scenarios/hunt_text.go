package scenarios

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/scenarios/input"
	"github.com/seed83d86191/txsim/sim"
)

// HuntNames says how the text of a hunt's result refers to files and commands. What is nil
// or empty is left out.
type HuntNames struct {
	// Repros are the files of repros, of the findings that have one.
	Repros map[*Found]string
	// Command returns the command that runs a seed.
	Command func(seed uint64) string
	// Ended says what ended a hunt that was not given a last seed.
	Ended string
}

// maxReproName is how long a repro's name may be, in bytes; file systems allow about 255. Only
// the scenario's part of a name is cut off, so a long fingerprint may still exceed it.
const maxReproName = 200

// ReproName returns a name for a repro of a scenario that shows a fingerprint: the letters, of
// any script, and digits of both. Other characters are replaced and long names are cut off;
// then a hash of both is added, so that different ones keep different names. The ":" of
// mutant:early-vote and the "/" between the words of a fingerprint are replaced without one.
func ReproName(scenario, fingerprint string) string {
	clean := func(text, usual string) (name string, same bool) {
		same = true
		return strings.Map(func(r rune) rune {
			if unicode.In(r, unicode.Letter, unicode.Mark, unicode.Digit) || r == '.' || r == '_' || r == '-' {
				return r
			}
			same = same && strings.ContainsRune(usual, r)
			return '-'
		}, text), same
	}
	head, sameHead := clean(cmp.Or(scenario, "repro"), ":")
	tail, sameTail := clean("-"+fingerprint, "/")
	hash := ""
	if !sameHead || !sameTail || len(head+tail+".yaml") > maxReproName {
		hash = "-" + hashText(sim.HashString(sim.HashString(0, scenario), fingerprint))[:8]
	}
	tail += hash + ".yaml"
	for len(head)+len(tail) > maxReproName && head != "" {
		_, size := utf8.DecodeLastRuneInString(head)
		head = head[:len(head)-size]
	}
	return head + tail
}

// Write prints the result of the hunt for people.
func (h *Hunted) Write(w io.Writer, names HuntNames) error {
	var b strings.Builder
	for _, f := range h.Found {
		fmt.Fprintf(&b, "FOUND %s in %s, first with seed %d\n", f.Fingerprint, analysis.Count(f.Runs, "run"), f.Seed)
		fmt.Fprintf(&b, "  %s\n", f.Finding.Text)
		if file := names.Repros[f]; file != "" {
			fmt.Fprintf(&b, "  reproduce with: txsim replay %s\n", input.FileWord(file))
		}
		if names.Command != nil {
			fmt.Fprintf(&b, "  or with:        %s\n", names.Command(f.Seed))
		}
		b.WriteByte('\n')
	}
	if len(h.Faults.Accounts()) > 0 {
		b.WriteString(h.Faults.Table().String() + "\n")
		for _, class := range h.Faults.Idle() {
			fmt.Fprintf(&b, "%s: asked for, and never effective: it tested nothing\n", class)
		}
	}
	b.WriteString(h.sentence(names.Ended) + "\n")
	if h.Done > 0 && h.Violating == 0 && h.Committed == 0 {
		b.WriteString(noCommit + "\n")
	}
	if h.Unknown > 0 && names.Command != nil {
		fmt.Fprintf(&b, "unknown with: %s\n", names.Command(h.UnknownSeed))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// sentence sums up the hunt; ended is HuntNames.Ended.
func (h *Hunted) sentence(ended string) string {
	b := fmt.Sprintf("%s: ", h.Scenario.Name)
	switch {
	case h.Done == 0:
		b += "no run was finished"
	case h.Done == 1:
		b += fmt.Sprintf("1 run, seed %d", h.First)
	default:
		b += fmt.Sprintf("%d runs, seeds %d-%d", h.Done, h.First, h.First+h.Done-1)
	}
	if h.Swarm {
		b += ", swarm"
	}
	switch {
	case h.Done == 0:
	case h.Violating == 0:
		b += ": no finding"
	default:
		b += fmt.Sprintf(": %s in %s", analysis.Count(len(h.Found), "kind of finding"), analysis.Count(h.Violating, "run"))
	}
	if h.Unknown > 0 {
		b += fmt.Sprintf(", %d unknown", h.Unknown)
	}
	switch {
	case h.Complete:
	case ended != "":
		b += "; " + ended
	default:
		b += fmt.Sprintf("; not done: seeds %d-%d", h.First+h.Done, h.Last)
	}
	return b
}

// jsonHunt is the result of a hunt for programs.
type jsonHunt struct {
	Scenario  string         `json:"scenario"`
	First     uint64         `json:"first_seed"`
	Done      uint64         `json:"runs"`
	Swarm     bool           `json:"swarm"`
	Violating uint64         `json:"violating"`
	Unknown   uint64         `json:"unknown"`
	Committed uint64         `json:"committed"`
	Complete  bool           `json:"complete"`
	Found     []jsonFound    `json:"found"`
	Faults    []FaultAccount `json:"faults"`
}

type jsonFound struct {
	Fingerprint string `json:"fingerprint"`
	Runs        uint64 `json:"runs"`
	Seed        uint64 `json:"seed"`
	Text        string `json:"text"`
	Repro       string `json:"repro,omitempty"`
	Reproduce   string `json:"reproduce,omitempty"`
}

// WriteJSON prints the result of the hunt for programs.
func (h *Hunted) WriteJSON(w io.Writer, names HuntNames) error {
	j := jsonHunt{h.Scenario.Name, h.First, h.Done, h.Swarm, h.Violating, h.Unknown, h.Committed, h.Complete, []jsonFound{}, h.Faults.Accounts()}
	for _, f := range h.Found {
		line := ""
		if names.Command != nil {
			line = names.Command(f.Seed)
		}
		j.Found = append(j.Found, jsonFound{f.Fingerprint, f.Runs, f.Seed, f.Finding.Text, names.Repros[f], line})
	}
	return analysis.WriteJSON(w, j, "  ")
}
