package analysis

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seed83d86191/txsim/model"
)

// reportComponent reports a strongly connected component of the graph, whose transactions
// have no serial order. A component is reported once, even if some of it stays in the
// window; later it counts only for the isolation levels.
func (c *HistoryChecker) reportComponent(comp []int32) {
	var members []int32
	known := false
	slices.Sort(comp)
	for _, v := range comp {
		if int(v) < len(c.order) {
			t := &c.txns[c.order[v]]
			known = known || t.is(flagReported)
			t.flags |= flagReported
			members = append(members, c.order[v])
		}
	}
	r := c.newPart(members).classify(c.tolerated)
	if known {
		c.seen |= r.found
		return
	}
	c.report(c.serial, r.found, func() Finding { return c.cycleFinding(r) })
}

// report reports what has these anomalies, or only counts it, if the level of isolation that
// the history is held to forbids none of them.
func (c *HistoryChecker) report(inv string, found anomalySet, describe func() Finding) {
	c.seen |= found
	if found != 0 && found&^c.tolerated == 0 {
		c.harmless.add(inv, describe)
		return
	}
	c.log.add(inv, describe)
}

// maxReasons bounds how many edges of a cycle are put in words.
const maxReasons = 40

func (c *HistoryChecker) cycleFinding(r cycles) Finding {
	slots := make([]int32, len(r.cycle))
	names := make([]string, len(r.cycle))
	kinds := make([]string, len(r.cycle))
	var reasons []string
	for i, e := range r.cycle {
		slots[i] = e.a
		names[i] = c.txns[e.a].t.Name()
		kinds[i] = e.kind.String()
		if i < maxReasons {
			reasons = append(reasons, c.edgeSentence(e))
		}
	}
	if more := len(r.cycle) - maxReasons; more > 0 {
		reasons = append(reasons, fmt.Sprintf("… and so on, over %d more", more))
	}
	why := "no serial order: "
	if c.tolerated != 0 {
		why = "a cycle that " + c.level + " forbids: "
	}
	return Finding{
		Anomaly: r.anomaly,
		Shape:   cycleShape(kinds),
		Txn:     strings.Join(names, " "),
		At:      c.now,
		Text:    why + strings.Join(reasons, "; "),
		Records: c.records(slots...),
	}
}

// maxCycleWork bounds the edges that are looked at in search of a shorter cycle than the
// one at hand. Only components of many thousand transactions reach it.
const maxCycleWork = 20_000_000

// cycleSearch is a breadth-first search through a part, from the target of an edge back
// to its source. States are the nodes of graphPart.spread.
type cycleSearch struct {
	*graphPart
	kinds  edgeKind
	spread bool // no anti-dependency follows another
	work   int
	round  int32
	met    []int32 // by state: the last round that reached it
	via    []step  // by state: how that round reached it
	queue  []int32
}

type step struct {
	edge partEdge
	from int32 // the state before; -1: none
	far  int32 // edges up to here
}

// shortest returns the shortest cycle of some kinds of edges through one of the given
// edges, which must lie on such a cycle.
func (p *graphPart) shortest(starts []int32, kinds edgeKind, spread bool) []histEdge {
	n := 2 * len(p.members)
	s := cycleSearch{graphPart: p, kinds: kinds, spread: spread, met: make([]int32, n), via: make([]step, n)}
	var best []histEdge
	for _, i := range starts {
		if best != nil && (len(best) == 2 || s.work > maxCycleWork) {
			break
		}
		if cycle := s.through(p.edges[i], len(best)); cycle != nil {
			best = cycle
		}
	}
	return best
}

// through returns the shortest cycle through an edge if it is shorter than limit, 0 being
// no limit. Of the pairs in real time it visits each target once: the members submitted
// after an answer are a suffix, and those behind an earlier answer have been met.
func (s *cycleSearch) through(start partEdge, limit int) []histEdge {
	n := int32(len(s.members))
	s.round++
	s.queue = s.queue[:0]
	suffix := len(s.members)
	visit := func(e partEdge, from, far int32) {
		state := e.v
		if s.spread && e.kind == edgeRW {
			state += n
		}
		if s.met[state] != s.round {
			s.met[state], s.via[state] = s.round, step{e, from, far}
			s.queue = append(s.queue, state)
		}
	}
	visit(start, -1, 1)
	for at := 0; at < len(s.queue); at++ {
		state := s.queue[at]
		if state == start.u {
			return s.path(state)
		}
		v, far := state%n, s.via[state].far+1
		if limit > 0 && int(far) >= limit {
			continue
		}
		for _, e := range s.edges[s.first[v]:s.first[v+1]] {
			s.work++
			if e.kind&s.kinds != 0 && !(s.spread && state >= n && e.kind == edgeRW) {
				visit(e, state, far)
			}
		}
		if s.kinds&edgeRT != 0 {
			first := int(s.after(v))
			for i := first; i < suffix; i++ {
				s.work++
				visit(partEdge{histEdge{edgeRT, s.members[v], s.members[i], noRef, noRef}, v, int32(i)}, state, far)
			}
			suffix = min(suffix, first)
		}
	}
	return nil
}

// path returns the edges of the search up to a state.
func (s *cycleSearch) path(state int32) []histEdge {
	var path []histEdge
	for ; state >= 0; state = s.via[state].from {
		path = append(path, s.via[state].edge.histEdge)
	}
	slices.Reverse(path)
	return path
}

// edgeSentence says in words why one transaction precedes the other.
func (c *HistoryChecker) edgeSentence(e histEdge) string {
	a, b := &c.txns[e.a], &c.txns[e.b]
	if e.kind == edgeRT {
		return fmt.Sprintf("%s was answered committed at %s, before %s was submitted at %s",
			a.t.Name(), c.when(a.answerAt), b.t.Name(), c.when(b.submitAt))
	}
	from, to := c.op(e.from), c.op(e.to)
	item := c.keyName(from.key)
	first, did, does := "", "overwrote with "+c.briefValue(e.to), "overwrite that with "+c.briefValue(e.to)
	switch e.kind {
	case edgeWW:
		first = fmt.Sprintf("%s installed %s = %s at %s, ", a.t.Name(), item, c.briefValue(e.from), c.when(from.at))
		if c.deletes(e.from) {
			first = fmt.Sprintf("%s deleted %s at %s, ", a.t.Name(), item, c.when(from.at))
		}
		did, does = "installed "+c.briefValue(e.to), "install "+c.briefValue(e.to)
		if c.deletes(e.to) {
			did, does = "deleted it", "delete it"
		}
	case edgeWR:
		if c.deletes(e.from) {
			return fmt.Sprintf("%s deleted %s, which %s saw (answered at %s)", a.t.Name(), item, b.t.Name(), c.when(b.answerAt))
		}
		return fmt.Sprintf("%s wrote %s = %s, which %s read (answered at %s)", a.t.Name(), item,
			c.briefValue(e.from), b.t.Name(), c.when(b.answerAt))
	default:
		r := c.readOf(e.from)
		first = fmt.Sprintf("%s read %s = %s from %s (answered at %s), ", a.t.Name(), item,
			brief(valueName(r.Found, r.Value)), c.versionName(r.Version), c.when(a.answerAt))
		if c.deletes(e.to) {
			did, does = "deleted", "delete it"
		}
	}
	switch {
	case !to.isInstalled():
		return first + fmt.Sprintf("and %s has committed and has yet to %s", b.t.Name(), does)
	case e.kind == edgeWW:
		return first + fmt.Sprintf("before %s %s at %s", b.t.Name(), did, c.when(to.at))
	}
	return first + fmt.Sprintf("which %s %s at %s", b.t.Name(), did, c.when(to.at))
}

// readOf returns the result of a read operation that is known to have one.
func (c *HistoryChecker) readOf(r histRef) model.ReadResult {
	for _, result := range c.txns[c.op(r).slot].reads {
		if result.Op == c.number(r) {
			return result
		}
	}
	return model.ReadResult{}
}
