package fault

import (
	"strconv"
	"strings"
	"time"

	"github.com/seed83d86191/txsim/scenarios/input"
	"github.com/seed83d86191/txsim/scenarios/quantity"
	"github.com/seed83d86191/txsim/sim"
)

// node reads a node, or, if many is true, a class of nodes.
func (p *parser) node(many bool) Node {
	w := p.take()
	n := Node{column: w.column}
	switch {
	case many && w.text == "workers":
		n.class = allWorkers
		return n
	case many && w.text == "coordinators":
		n.class = allCoordinators
		return n
	case strings.HasPrefix(w.text, "w"):
		n.class = oneWorker
	case strings.HasPrefix(w.text, "C"):
		n.class = oneCoordinator
	default:
		p.badNode(w, many)
		return n
	}
	index, err := strconv.ParseUint(w.text[1:], 10, 24)
	if err != nil || w.text[1:] != strconv.FormatUint(index, 10) {
		p.badNode(w, many)
	}
	n.index = int(index)
	return n
}

func (p *parser) badNode(w token, many bool) {
	near := nearest(w.text, []string{"workers", "coordinators"})
	switch {
	case !many:
		p.fail(w, "expected a node such as w3 or C0, found %s", found(w))
	case near != "" && len(w.text) > 3:
		p.fail(w, "unknown node %q: did you mean %s?", w.text, near)
	default:
		p.fail(w, "expected a node such as w3 or C0, or workers or coordinators, found %s", found(w))
	}
}

func (p *parser) time(f *Fault) {
	p.expect("at", "a time")
	w := p.take()
	d, err := time.ParseDuration(w.text)
	if err != nil || d < 0 {
		p.fail(w, "expected a time since the start such as 1.5s, found %s", found(w))
	}
	f.trig, f.at = timed, d
}

// duration reads "for 2s", "for exp(200ms)" or "forever".
func (p *parser) duration(f *Fault) {
	w := p.take()
	switch w.text {
	case "forever":
		f.forever = true
	case "for":
		if w := p.peek(); w.text == "forever" {
			p.fail(w, "expected a duration such as 200ms or exp(200ms); forever stands without for")
			return
		}
		f.dur = p.dist()
	default:
		p.fail(w, "expected how long: for 200ms, for exp(200ms) or forever; found %s", found(w))
	}
}

func (p *parser) dist() sim.Dist {
	w := p.take()
	d, err := sim.ParseDist(w.text)
	if err != nil {
		p.fail(w, "bad duration: %v", err)
	}
	return d
}

func (p *parser) chance(f *Fault) {
	w := p.take()
	var err error
	if f.p, err = sim.ParseProbability(w.text); err != nil {
		p.fail(w, "bad probability: %v", err)
		return
	}
	number, percent := strings.CutSuffix(w.text, "%")
	f.chance = decimal(number)
	if percent {
		f.chance += "%"
	}
}

// decimal prints a number in the shortest way without an exponent.
func decimal(number string) string {
	x, _ := strconv.ParseFloat(number, 64)
	return strconv.FormatFloat(x+0, 'f', -1, 64) // a negative zero loses its sign
}

// maxRate is the largest rate, so that the gaps stay well above a nanosecond.
const maxRate = 1_000_000

// rate reads the rate of a Poisson process. A rate of 0 leaves the gap zero.
func (p *parser) rate(f *Fault) {
	w := p.take()
	r, err := quantity.ParseRate(w.text)
	if err != nil || !(r >= 0 && r <= maxRate) {
		p.fail(w, "expected a rate from 0/s to %d/s such as 0.01/s, found %s", maxRate, found(w))
		return
	}
	f.rate = r.String()
	if mean := float64(time.Second) / float64(r); r > 0 && mean < float64(maxGap) {
		f.gap, _ = sim.ParseDist("exp(" + time.Duration(mean).String() + ")")
	}
}

// maxGap is the mean gap from which on nothing strikes.
const maxGap = 100 * 365 * 24 * time.Hour

func (p *parser) attempt(f *Fault) {
	w := p.take()
	id, try := w.text, "1"
	if quoted, err := strconv.QuotedPrefix(id); err == nil && quoted[0] == '"' {
		rest := id[len(quoted):]
		id, _ = strconv.Unquote(quoted)
		if rest != "" && rest[0] != '#' {
			p.fail(w, "unexpected %s behind the transaction's id", input.Excerpt([]byte(rest)))
		}
		if rest != "" {
			try = rest[1:]
		}
	} else if i := strings.LastIndexByte(id, '#'); i >= 0 {
		id, try = id[:i], id[i+1:]
	}
	n, err := strconv.ParseUint(try, 10, 16)
	if w.text == "" || w.text[0] == '#' || err != nil || n == 0 {
		p.fail(w, "expected a transaction such as t17, or its second attempt t17#2; found %s", found(w))
		return
	}
	f.of, f.try = id, uint32(n)
}
