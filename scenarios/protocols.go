package scenarios

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios/input"
	"github.com/seed83d86191/txsim/sim"
)

// findProtocol returns the protocol of that name. There must be no other of that name,
// built-in ones included: what is reproduced by the name would be a run of that.
func findProtocol(name string, protocols []model.Protocol) (model.Protocol, error) {
	if err := haveNames(protocols); err != nil {
		return nil, err
	}
	other := func(p model.Protocol) bool { return p.Name() != name }
	named := slices.DeleteFunc(slices.Clone(protocols), other)
	if len(named) == 0 {
		return nil, fmt.Errorf("protocol = %s: %s", input.Shown(name), input.MustBeOneOf(name, Offered(protocols)))
	}
	if strings.HasPrefix(name, mutants) && reflect.TypeOf(named[0]).PkgPath() != module+"scenarios/mutant" {
		return nil, fmt.Errorf("protocol = %s: a %T has this name: must not begin with %s, as those of the planted bugs do", input.Shown(name), named[0], mutants)
	}
	if err := checkNames(named[0]); err != nil {
		return nil, err
	}
	return named[0], unambiguous(append(named, slices.DeleteFunc(model.Protocols(), other)...))
}

// checkNames requires that the names a protocol gives to its own kinds and reasons can be
// told from all others, and read as one word of a log.
func checkNames(p model.Protocol) error {
	own := model.NamesOf(p)
	reasons, kinds := []string{}, append(model.KindNames(), "send", "got", "waits", "granted", "refused")
	for op := sim.TraceSend; op <= sim.TraceSyncFailed; op++ {
		kinds = append(kinds, op.String())
	}
	for r := range model.ReasonUser {
		reasons = append(reasons, r.String())
	}
	for _, c := range []struct {
		what       string
		own, known []string
	}{{"kind", own.Kinds, kinds}, {"reason", own.Reasons, reasons}} {
		for _, name := range c.own {
			switch {
			case name == "" || model.QuoteWord(name) != name || strings.HasPrefix(name, "user"):
				return fmt.Errorf("protocol = %s: names a %s of its own %q: must be one word that does not begin with user", input.Shown(p.Name()), c.what, name)
			case slices.Contains(c.known, name):
				return fmt.Errorf("protocol = %s: names a %s of its own %q: another one, or a word of the log, is called that already", input.Shown(p.Name()), c.what, name)
			}
			c.known = append(c.known, name)
		}
	}
	return nil
}

// mutants begins the names of the planted bugs, which have a package of their own above this
// one: what is reproduced by such a name is run by txsim, which offers them.
const mutants = "mutant:"

// promised is the isolation that leaves it to the protocol to name a level.
const promised = "promised"

// heldToBy returns the level of isolation that runs of a protocol are held to.
func heldToBy(isolation string, p model.Protocol) (string, error) {
	if isolation != promised {
		return isolation, nil
	}
	names := analysis.IsolationNames()
	level := cmp.Or(p.Promises().Isolation, names[0])
	if !slices.Contains(names, level) {
		return "", fmt.Errorf("protocol = %s: promises the isolation %s: %s", input.Shown(p.Name()), input.Shown(level), input.MustBeOneOf(level, names))
	}
	return level, nil
}

// CheckProtocols returns an error if protocols cannot be offered together: if one is nil or
// has no name, if what one names its own kinds and reasons is ambiguous, or if two that
// differ, in type or in a value that can be compared, have one name.
func CheckProtocols(protocols []model.Protocol) error {
	if err := haveNames(protocols); err != nil {
		return err
	}
	for _, p := range protocols {
		if err := checkNames(p); err != nil {
			return err
		}
	}
	return unambiguous(protocols)
}

func haveNames(protocols []model.Protocol) error {
	for _, p := range protocols {
		if p == nil || p.Name() == "" {
			return fmt.Errorf(`protocol = "": a protocol of type %T: must have a name`, p)
		}
	}
	return nil
}

func unambiguous(protocols []model.Protocol) error {
	byName := map[string]model.Protocol{}
	for _, p := range protocols {
		if other, known := byName[p.Name()]; known && !sameProtocol(p, other) {
			return fmt.Errorf("protocol = %s: a %T and a %T have this name: each protocol must have one of its own", input.Shown(p.Name()), other, p)
		}
		byName[p.Name()] = p
	}
	return nil
}

// sameProtocol reports whether p and q are one protocol, as far as can be told: what has
// functions in it is not compared.
func sameProtocol(p, q model.Protocol) bool {
	return reflect.TypeOf(p) == reflect.TypeOf(q) && (!reflect.ValueOf(p).Comparable() || p == q)
}

// Offered returns the names of the protocols that are listed for everyone. Names with a
// colon, such as mutant:early-vote, belong to a family and are left out.
func Offered(protocols []model.Protocol) []string {
	var names []string
	for _, p := range protocols {
		if !strings.Contains(p.Name(), ":") {
			names = append(names, p.Name())
		}
	}
	return names
}
