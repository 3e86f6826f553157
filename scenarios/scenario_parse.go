package scenarios

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/goccy/go-yaml/token"

	"github.com/seed83d86191/txsim/scenarios/input"
)

// Parse reads a scenario in YAML, over the defaults. The name is that of the
// file, which errors show and to which transactions.file is relative. Bad
// input is reported as an *input.Error: every name must be a parameter's, given
// once, and what Validate checks must hold.
func Parse(name string, data []byte) (*Scenario, error) {
	s := Default()
	s.dir = filepath.Dir(name)
	d := newDecoder(s, string(data))
	if !utf8.Valid(data) {
		d.invalidUTF8()
	} else if node := d.parse(); node != nil {
		d.group("", node)
		d.settle()
	}
	if !d.failed() {
		for _, v := range s.violations() {
			d.problem(d.given[v.path], "%s", v)
		}
	}
	if d.failed() {
		return nil, d.err(name)
	}
	s.totals.keys, s.totals.transactions = false, false // a workload file that is set later overrides these
	at := func(path string) position {
		if token := d.given[path]; token != nil {
			return position{name, token.Position.Line, token.Position.Column}
		}
		return position{}
	}
	s.protocolAt, s.fileAt = at("protocol"), at("transactions.file")
	return s, nil
}

// failed reports whether anything is wrong so far.
func (d *decoder) failed() bool { return len(d.problems) > 0 || d.inYCSB != nil }

// err returns the error of what is wrong in the file of that name, or in the workload file
// that it names.
func (d *decoder) err(name string) error {
	if len(d.problems) == 0 {
		return d.inYCSB
	}
	e := &input.Error{Name: name, Problems: d.problems}
	slices.SortStableFunc(e.Problems, func(a, b input.Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	if len(e.Problems) >= input.MaxProblems {
		e.Problems, e.More = e.Problems[:input.MaxProblems], true
	}
	if d.inYCSB != nil {
		return errors.Join(e, d.inYCSB)
	}
	return e
}

// settle applies the defaults that depend on other parameters: those of a workload file,
// and whether clients or arrivals were meant when only one of them was given.
func (d *decoder) settle() {
	s := d.to
	if d.ycsb != nil && !d.failed() {
		d.fill(d.ycsb)
	}
	d.divide()
	clients := d.given["clients"] != nil
	kind := d.given["arrivals.kind"] != nil
	rate := d.given["arrivals.rate"] != nil || d.given["arrivals.to"] != nil && s.Arrivals.To != 0 ||
		d.given["arrivals.burst"] != nil && s.Arrivals.Burst != 0
	if rate && !kind && s.Arrivals.Kind == "none" {
		s.Arrivals.Kind = "poisson"
	}
	switch open := s.Arrivals.Kind != "none"; {
	case (kind || rate) && !clients && open:
		s.Clients = 0
	case kind && !clients && !open && s.Clients == 0:
		s.Clients = defaultClients
	case clients && !kind && !rate && s.Clients > 0:
		s.Arrivals.Kind = "none"
	}
	d.fitTimeouts()
}

// farTimeouts are the default timeouts where zones are given, and messages may go around
// the world.
var farTimeouts = [...]farTimeout{
	{"timeouts.prepare", 500 * time.Millisecond}, {"timeouts.decision", time.Second}, {"timeouts.answer", 2 * time.Second},
}

type farTimeout struct {
	path string
	far  time.Duration
}

// fitTimeouts has timeouts that nobody has given at the defaults that the zones demand.
func (d *decoder) fitTimeouts() {
	s := d.to
	for i, t := range farTimeouts {
		p := findParameter(t.path)
		to, near := p.in(s).(*time.Duration), *p.in(defaults()).(*time.Duration)
		switch {
		case d.given[t.path] != nil:
			s.timeoutsGiven[i] = true
		case d.given["zones"] == nil || s.timeoutsGiven[i]:
		case len(s.Zones) > 0 && *to == near:
			*to = t.far
		case len(s.Zones) == 0 && *to == t.far:
			*to = near
		}
	}
}

// Apply sets parameters, one after the other, each given as path=value: see Set.
func (s *Scenario) Apply(sets ...string) error {
	for _, set := range sets {
		path, value, ok := strings.Cut(set, "=")
		if !ok {
			return fmt.Errorf("%s: expected path=value", set)
		}
		if err := s.Set(path, value); err != nil {
			return err
		}
	}
	return nil
}

// Set sets the parameter or group at path to a value in YAML:
// Set("workload.theta", "0.9"), Set("faults", `["crash w3 at 1s for 2s"]`),
// Set("network", "{loss: 1%}"). Of clients and arrivals, and of a number of
// transactions, a file and lines, what is set replaces the other; but where Load has
// read a file of transactions, only lines do. A workload is refused where transactions are
// read or written out. On an error s stays as it was. Set does not Validate: it may take
// several to be valid.
func (s *Scenario) Set(path, value string) error {
	_, err := s.set(path, value)
	return err
}

// set is Set that also returns where in the value each parameter was given.
func (s *Scenario) set(path, value string) (map[string]*token.Token, error) {
	changed := s.Clone()
	if v := strings.TrimSpace(value); v == "" || v == "-" {
		value = `"` + v + `"` // YAML reads these as nothing and as a list of nothing; here they are text
	}
	d := newDecoder(changed, value)
	if path == "" || findParameter(path) == nil && len(members(path)) == 0 && !strings.HasPrefix(path, "transactions.") && path != propertiesPath {
		return nil, errors.New(unknownParameter(path))
	}
	node := d.parse()
	if node == nil {
		text, _, _ := strings.Cut(d.problems[0].Text, "\n")
		return nil, errors.New(path + " = " + input.Shown(value) + ": " + text)
	}
	d.value(path, node.GetToken(), node)
	d.settle()
	if d.failed() {
		var errs []error
		for _, p := range d.problems {
			text, _, _ := strings.Cut(p.Text, "\n")
			errs = append(errs, errors.New(text))
		}
		if d.inYCSB != nil {
			errs = append(errs, d.inYCSB)
		}
		return nil, errors.Join(errs...)
	}
	if from := s.givenBy(path, changed); from != "" {
		return nil, fmt.Errorf("%s = %s: must not be given, as the transactions are those of %s", path, input.Shown(value), from)
	}
	*s = *changed
	return d.given, nil
}

// givenBy returns where the transactions come from, if that makes what was changed at path
// senseless: a workload, or, where Load has read a file of transactions, others that are not
// written out. Who writes them out means them.
func (s *Scenario) givenBy(path string, changed *Scenario) string {
	group, name, _ := strings.Cut(path, ".")
	t := &s.Transactions
	switch {
	case group == "transactions" && changed.Transactions.Inline == nil:
		return s.onlyFile
	case group != "workload" || name == "record": // reads of any transactions take a record
		return ""
	case s.onlyFile != "" || name == "properties":
		return s.onlyFile
	case t.Inline != nil:
		return "transactions.inline"
	}
	return t.File
}

// unknownParameter returns an error text about an unknown path, with the one that was
// probably meant.
func unknownParameter(path string) string {
	text := "unknown parameter " + input.Shown(path) + ": "
	if near := nearPath(path); near != "" {
		return text + "did you mean " + near + "?"
	}
	known := members(path[:max(strings.LastIndexByte(path, '.'), 0)])
	if known == nil {
		known = members("")
	}
	return text + "expected " + input.Or(known)
}

// nearPath looks for a slip in the path, a group left out, or a wrong group.
func nearPath(path string) string {
	dot := strings.LastIndexByte(path, '.')
	group, last := path[:max(dot, 0)], path[dot+1:]
	if known := members(group); len(known) > 0 {
		if near := input.Nearest(last, known); near != "" {
			return join(group, near)
		}
	}
	for _, p := range Paths() {
		if strings.HasSuffix(p, "."+last) {
			return p
		}
	}
	if dot > 0 {
		return input.Nearest(path, Paths())
	}
	return ""
}
