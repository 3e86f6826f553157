package scenarios

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios/fault"
	"github.com/seed83d86191/txsim/scenarios/input"
	"github.com/seed83d86191/txsim/scenarios/quantity"
	"github.com/seed83d86191/txsim/scenarios/workload"
	"github.com/seed83d86191/txsim/sim"
)

// The bounds of a scenario.
const (
	MaxWorkers      = 100000
	MaxCoordinators = 10000
)

// violation is a parameter that breaks a rule.
type violation struct{ path, value, rule string }

func (v violation) String() string {
	if v.value == "" {
		return v.rule // the rule says everything
	}
	return v.path + " = " + v.value + ": " + v.rule
}

// Validate reports every parameter that breaks a rule, one a line, such as
// `timeouts.prepare = -1s: must be positive or never`. It does not look at the
// file of transactions, nor know protocols: Open does.
func (s *Scenario) Validate() error {
	var lines []string
	for _, v := range s.violations() {
		lines = append(lines, v.String())
	}
	if lines == nil {
		return nil
	}
	return errors.New(strings.Join(lines, "\n"))
}

func (s *Scenario) violations() []violation {
	c := &rules{s: s}
	c.texts()
	c.within("workers", 1, MaxWorkers)
	c.within("coordinators", 1, MaxCoordinators)
	c.require(s.Protocol != "", "protocol", "must be the name of a protocol")
	if _, err := findConcurrency(s.Concurrency); err != nil {
		c.require(false, "concurrency", err.Error())
	}
	c.require(int(s.Execution) < len(model.ExecutionNames), "execution", "must be "+input.Or(model.ExecutionNames))
	c.oneOf("isolation", s.Isolation, append(analysis.IsolationNames(), promised))
	c.require(int(s.Placement) < len(model.PlacementNames), "placement", "must be "+input.Or(model.PlacementNames))
	c.places()
	c.load()
	s.Workload.Check(MaxWorkers, c.workload)
	c.world()
	c.faults()
	c.oneOf("chance", s.Chance, []string{"seeded", "nominal"})
	c.require(s.Until >= 0 || s.Until == UntilSubmitted, "until", untilRule)
	c.require(s.Until <= s.Limits.Time || s.Limits.Time <= 0, "until", "must be at most limits.time, or no run comes to rest")
	c.digits("expect.hash", s.Expect.Hash, 16)
	c.digits("expect.transactions", s.Expect.Transactions, 8)
	return c.broken
}

// rules checks a scenario and collects the violations.
type rules struct {
	s      *Scenario
	broken []violation
}

func (c *rules) require(ok bool, path, rule string) {
	if !ok {
		c.broken = append(c.broken, violation{path, findParameter(path).text(c.s), rule})
	}
}

// number is the value of a parameter that counts something.
func (c *rules) number(path string) int64 {
	switch p := findParameter(path).in(c.s).(type) {
	case *int:
		return int64(*p)
	case *time.Duration:
		return int64(*p)
	case *quantity.Bytes:
		return int64(*p)
	}
	panic("not a number: " + path)
}

func (c *rules) within(path string, low, high int64) {
	n := c.number(path)
	c.require(low <= n && n <= high, path, fmt.Sprintf("must be %d to %d", low, high))
}

func (c *rules) positive(rule string, paths ...string) {
	for _, path := range paths {
		c.require(c.number(path) > 0, path, rule)
	}
}

func (c *rules) notNegative(paths ...string) {
	for _, path := range paths {
		c.require(c.number(path) >= 0, path, "must not be negative")
	}
}

// texts requires that all text can be printed as YAML and read again.
func (c *rules) texts() {
	for _, p := range parameters {
		switch v := p.in(c.s).(type) {
		case *string:
			c.require(utf8.ValidString(*v), p.path, "must be UTF-8 text")
		case *[]string:
			for i, line := range *v {
				if !utf8.ValidString(line) {
					c.broken = append(c.broken, violation{item(p.path, i), input.Shown(line), "must be UTF-8 text"})
				}
			}
		}
	}
}

// load checks where transactions come from, and when they are submitted.
func (c *rules) load() {
	s := c.s
	c.require(s.Clients >= 0 && s.Clients <= math.MaxInt32, "clients", "must be 0 to 2147483647")
	kinds := []string{"none", "poisson", "constant"}
	switch s.Arrivals.Kind {
	case "none":
		generated := s.Transactions.File == "" && s.Transactions.Inline == nil
		c.require(s.Clients != 0 || !generated, "clients", "must be positive, or arrivals be given")
	case "poisson", "constant":
		c.require(s.Clients == 0, "clients", "must be 0, or arrivals.kind be none")
	default:
		c.require(false, "arrivals.kind", input.MustBeOneOf(s.Arrivals.Kind, kinds))
	}
	s.Arrivals.Check(func(ok bool, name, rule string) { c.require(ok, "arrivals."+name, rule) })
	t := &s.Transactions
	switch {
	case t.File != "" && (t.Inline != nil || t.Count != 0), t.Inline != nil && t.Count != 0:
		c.require(false, "transactions", "must be one of a number, a file and lines")
	case t.File != "":
		c.require(utf8.ValidString(t.File), "transactions", "must be UTF-8 text")
	case t.Inline != nil:
		c.inline()
	default:
		c.require(t.Count > 0, "transactions", "must be positive")
	}
}

// workload collects the violations of the workload's rules. If a workload file of YCSB
// gives the number of keys, the rules about keys name that file.
func (c *rules) workload(ok bool, name, rule string) {
	if t := &c.s.totals; !ok && name == "keys" && t.records > 0 && c.s.Workers > 0 {
		rule = fmt.Sprintf("%s: must be at most %d on %s", t.from, workload.MaxKeys*c.s.Workers, analysis.Count(c.s.Workers, "worker"))
		c.broken = append(c.broken, violation{path: propertiesPath, rule: rule})
		return
	}
	c.require(ok, "workload."+name, rule)
}

// inline reads the transactions that are written in the scenario.
func (c *rules) inline() {
	const path = "transactions.inline"
	_, err := c.s.inline()
	e, ok := errors.AsType[*input.Error](err)
	if err != nil && !ok {
		c.broken = append(c.broken, violation{path: path, rule: err.Error()})
		return
	}
	for i := 0; ok && i < len(e.Problems); i++ {
		p := e.Problems[i]
		if p.Line == 0 || len(c.s.Transactions.Inline) == 0 {
			c.broken = append(c.broken, violation{path: path, rule: path + ": " + p.Text})
			continue
		}
		at, line := 0, p.Line // an item may have several lines
		for ; line > 1+strings.Count(c.s.Transactions.Inline[at], "\n"); at++ {
			line -= 1 + strings.Count(c.s.Transactions.Inline[at], "\n")
		}
		if p.Column > 0 {
			p.Text = fmt.Sprintf("column %d: %s", p.Column, p.Text)
		}
		c.broken = append(c.broken, violation{item(path, at), input.Excerpt([]byte(c.s.Transactions.Inline[at])), p.Text})
	}
}

// faults reads every line of the plan, and looks for the nodes that it names.
func (c *rules) faults() {
	c.require(len(c.s.Faults) == 0 || c.s.Schedule.Strategy != sim.Exhaustive, "faults", "must be none with the schedule exhaustive, which has a budget instead")
	for i, line := range c.s.Faults {
		if !utf8.ValidString(line) {
			continue // has been reported
		}
		plan, err := fault.ParsePlan([]string{line})
		if err == nil {
			err = plan.Validate(c.s.Workers, c.s.Coordinators)
		}
		if err == nil {
			continue
		}
		rule := err.Error()
		if e, ok := errors.AsType[*fault.Error](err); ok {
			rule = fmt.Sprintf("column %d: %s", e.Column, e.Text)
		}
		c.broken = append(c.broken, violation{item("faults", i), strconv.Quote(line), rule})
	}
}

// digits requires n hexadecimal digits, or none.
func (c *rules) digits(path, text string, n int) {
	c.require(text == "" || len(text) == n && strings.Trim(text, "0123456789abcdef") == "",
		path, fmt.Sprintf("must be %d hexadecimal digits in lower case", n))
}

func (c *rules) oneOf(path, word string, known []string) {
	if !slices.Contains(known, word) {
		c.require(false, path, input.MustBeOneOf(word, known))
	}
}

// world checks the machines, the network and the timeouts.
func (c *rules) world() {
	c.notNegative("disk.capacity", "cpu.message", "cpu.operation", "retry.backoff", "retry.cap",
		"resources.staging", "resources.keys")
	c.within("disk.checkpoint", 1, math.MaxInt32)
	c.within("cpu.cores", 1, 1<<20)
	c.positive("must be positive or never", "timeouts.prepare", "timeouts.decision", "timeouts.idle", "timeouts.answer")
	c.within("retry.attempts", 1, model.MaxTries)
	c.positive("must be positive", "limits.time")
	c.require(c.s.Limits.Events > 0, "limits.events", "must be positive")
	c.within("limits.pending", 1, math.MaxInt32)
	c.require(c.s.Limits.Stuck >= 0, "limits.stuck", "must be positive or default")
	c.positive("must be positive or never", "limits.faults")
}

func findConcurrency(name string) (model.Concurrency, error) {
	var known []string
	for _, c := range model.Concurrencies() {
		if c.Name() == name {
			return c, nil
		}
		known = append(known, c.Name())
	}
	return nil, errors.New(input.MustBeOneOf(name, known))
}
