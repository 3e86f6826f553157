package fault

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios/input"
	"github.com/seed83d86191/txsim/sim"
)

// The kinds that a boundary can name, and those that a fault of the network can
// (linkKinds). Messages between a client and its coordinator are not among the latter: they
// lose nothing, if they use the network at all.
var (
	linkKinds    = kindsNamed(model.KindExecute, model.KindWound)
	clientKinds  = kindsNamed(model.KindRequest, model.KindAnswer)
	messageKinds = append(slices.Clip(clientKinds), linkKinds...)
	stepKinds    = kindsNamed(model.KindLock, model.KindRedo)
	recordKinds  = append(append(kindsNamed(model.KindPrepare, model.KindPrepare), kindsNamed(model.KindCommit, model.KindAbort)...),
		append(kindsNamed(model.KindStart, model.KindRecover), "commit-one", decisionKind)...)
)

// kinds is how many kinds lines can name: those of the model, and some of a protocol's own,
// from KindUser on, called user, user+1 and so on, or user:NAME where the protocol names them.
const (
	kinds    = model.KindUser + ownKinds
	ownKinds = 16
)

// OwnKinds returns what lines call the kinds that a protocol names.
func OwnKinds(own model.Names) (names []string) {
	for i := range min(len(own.Kinds), ownKinds) {
		names = append(names, model.KindName(model.KindUser+sim.Kind(i)))
	}
	return names
}

// kindNamed returns the kind of a name; ok is false if there is none.
func kindNamed(name string) (k sim.Kind, ok bool) {
	for k = range kinds {
		if model.KindName(k) == name {
			return k, true
		}
	}
	return 0, false
}

// boundaryActions are what a boundary can be before or after, besides steps of the node's own,
// and the point before each. The first four are followed by a kind.
var boundaryActions = []struct {
	name   string
	before sim.Point
}{
	{"send", sim.BeforeSend}, {"receive", sim.BeforeReceive}, {"append", sim.BeforeAppend}, {"sync", sim.BeforeSync},
	{"checkpoint", sim.BeforeCheckpoint}, {"truncate", sim.BeforeTruncate}, {"recover", sim.BeforeRecover},
}

// actions are the names of all actions, with the node's own steps after the others.
func actions() (names []string) {
	for _, a := range boundaryActions {
		names = append(names, a.name)
	}
	return append(names, stepKinds...)
}

// pointOf is the point before an action.
func pointOf(action string) sim.Point {
	for _, a := range boundaryActions {
		if a.name == action {
			return a.before
		}
	}
	return sim.BeforeStep
}

// boundaryWords prints a boundary.
func boundaryWords(p sim.Point, kind string) []string {
	switch {
	case p >= sim.BeforeStep:
		when, _, _ := strings.Cut(p.String(), " ")
		return []string{when, kind}
	case kind == "":
		return []string{p.String()}
	}
	return []string{p.String(), kind}
}

// tailWords are the tails that a crash can name, from sim.TailLost on.
var tailWords = []string{"lost", "torn", "clean"}

// decisionKind stands for both commit and abort, and anyKind for every kind of message
// between nodes, those of a protocol of one's own included.
const (
	decisionKind = "decision"
	anyKind      = "*"
)

func kindsNamed(first, last sim.Kind) []string {
	names := model.KindNames()[first : last+1]
	if first == model.KindExecute {
		names = append(names, decisionKind)
	}
	return names
}

// kindsOf returns the kinds that a name stands for.
func kindsOf(name string) []sim.Kind {
	switch name {
	case decisionKind:
		return []sim.Kind{model.KindCommit, model.KindAbort}
	case anyKind:
		var all []sim.Kind
		for k := model.KindExecute; k < kinds; k++ {
			if k <= model.KindWound || k >= model.KindUser {
				all = append(all, k)
			}
		}
		return all
	case "":
		return []sim.Kind{model.KindNone}
	}
	k, _ := kindNamed(name)
	return []sim.Kind{k}
}

// kind reads a kind: a known one, or one of a protocol's own. Of one that is called by the name
// that the protocol gives it, it returns the one that needs no protocol, if that is known.
func (p *parser) kind(what string, known []string) string {
	w := p.take()
	if name, ok := strings.CutPrefix(w.text, ownPrefix); ok && name != "" {
		if p.own == nil {
			return w.text
		}
		if len(p.own.Kinds) == 0 {
			p.fail(w, "the protocol names no kind of its own: expected user, user+1 and so on, found %s", found(w))
		}
		i := slices.Index(p.own.Kinds, name)
		if i < 0 || i >= ownKinds {
			var names []string
			for _, n := range p.own.Kinds {
				names = append(names, ownPrefix+n)
			}
			p.unknown(w, what, append(names, "user, user+1 and so on"))
			return ""
		}
		return model.KindName(model.KindUser + sim.Kind(i))
	}
	if k, ok := kindNamed(w.text); !slices.Contains(known, w.text) && (!ok || k < model.KindUser) {
		p.unknown(w, what, append(slices.Clip(known), ownNamed))
	}
	return w.text
}

// token is a word of a line. Blanks within parentheses and quotes belong
// to it; "|", "->" and "→" are words of their own.
type token struct {
	text   string
	column int // from 1
}

// found prints a word for an error.
func found(w token) string {
	if w.text == "" {
		return "the end of the line"
	}
	return input.Excerpt([]byte(w.text))
}

func tokens(line string) []token {
	var words []token
	for at := 0; at < len(line); {
		if strings.IndexByte(input.Blanks, line[at]) >= 0 {
			at++
			continue
		}
		n := tokenLen(line[at:])
		words = append(words, token{line[at : at+n], at + 1})
		at += n
	}
	return words
}

func tokenLen(s string) int {
	for _, sign := range []string{"|", "->", "→"} {
		if strings.HasPrefix(s, sign) {
			return len(sign)
		}
	}
	depth, n := 0, 0
	for n < len(s) {
		switch rest := s[n:]; {
		case rest[0] == '"':
			if quoted, err := strconv.QuotedPrefix(rest); err == nil {
				n += len(quoted)
				continue
			}
		case rest[0] == '(':
			depth++
		case rest[0] == ')':
			depth--
		case depth > 0:
		case strings.IndexByte(input.Blanks, rest[0]) >= 0, rest[0] == '|', strings.HasPrefix(rest, "->"), strings.HasPrefix(rest, "→"):
			return n
		}
		_, size := utf8.DecodeRuneInString(s[n:])
		n += size
	}
	return n
}

// ownPrefix stands before the name that a protocol of one's own gives to a kind.
const ownPrefix = "user:"

// ownNamed says what the kinds of a protocol of one's own are called here, where the
// protocol and the names that it gives them are not known.
const ownNamed = "user, user+1 and so on, or " + ownPrefix + "NAME for what a protocol of one's own calls NAME"
