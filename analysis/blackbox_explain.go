package analysis

import (
	"fmt"
	"slices"
	"strings"
)

// blackStep is one step of a circle: an edge, or two transactions in real time.
type blackStep struct {
	from, to int32 // in blackOrder.ids
	edge     int   // in blackOrder.edges, or -1
}

// blackProof collects the sentences of a proof, each once, and each after those that it
// follows from.
type blackProof struct {
	o         *blackOrder
	said      map[blackStep]bool // looked up only
	sentences []string
	realTime  bool
}

// explain proves that the last edge contradicts what was known. Each edge stands after
// those that it is concluded from.
func (o *blackOrder) explain() *Finding {
	last := len(o.edges) - 1
	e := o.edges[last]
	circle := append([]blackStep{{e.from, e.to, last}}, o.path(e.to, e.from, last)...)
	p := &blackProof{o: o, said: map[blackStep]bool{}}
	var names, shape []string
	seenAt := int32(0)
	for _, s := range circle {
		p.say(s)
		names = append(names, o.name(s.from))
		shape = append(shape, o.kindOf(s))
		seenAt = max(seenAt, o.ids[s.from])
	}
	round := append(slices.Clone(names), names[0])
	what := "no serial order explains what was read: "
	if p.realTime {
		what = "no serial order that keeps real time explains what was read: "
	}
	return &Finding{
		Invariant: InvStrictSerializability, Anomaly: blackNoOrder, Shape: cycleShape(shape),
		Txn: strings.Join(names, " "), At: o.b.txns[seenAt].endAt,
		Text:    what + strings.Join(round, " before "),
		Records: p.sentences,
	}
}

func (o *blackOrder) name(i int32) string { return o.b.name(o.ids[i]) }

func (o *blackOrder) kindOf(s blackStep) string {
	if s.edge < 0 {
		return "rt"
	}
	return reasonKinds[o.edges[s.edge].kind]
}

// path returns a shortest way from one transaction to another along real time and the first
// edges; none if they are the same.
func (o *blackOrder) path(from, to int32, edges int) []blackStep {
	if from == to {
		return nil
	}
	via := make([]blackStep, len(o.ids)) // by transaction: the step that reached it
	reached := make([]bool, len(o.ids))
	reached[from] = true
	queue := []int32{from}
	visit := func(s blackStep) {
		if !reached[s.to] {
			reached[s.to], via[s.to] = true, s
			queue = append(queue, s.to)
		}
	}
	for len(queue) > 0 && !reached[to] {
		at := queue[0]
		queue = queue[1:]
		for i, e := range o.edges[:edges] {
			if e.from == at {
				visit(blackStep{at, e.to, i})
			}
		}
		for next := range int32(len(o.ids)) {
			if !o.timeless && o.b.before(o.ids[at], o.ids[next]) {
				visit(blackStep{at, next, -1})
			}
		}
	}
	var steps []blackStep
	for at := to; at != from; at = via[at].from {
		steps = append(steps, via[at])
	}
	slices.Reverse(steps)
	return steps
}

// say adds the sentence of a step after the sentences that it is concluded from.
func (p *blackProof) say(s blackStep) {
	if p.said[s] {
		return
	}
	p.said[s] = true
	o, b := p.o, p.o.b
	if s.edge < 0 {
		p.realTime = true
		p.sentences = append(p.sentences, b.realTime(o.ids[s.from], o.ids[s.to]))
		return
	}
	e := o.edges[s.edge]
	r := b.reads[e.read]
	from, to, reader := o.name(e.from), o.name(e.to), b.name(r.reader)
	text := ""
	switch {
	case e.kind == becauseRead:
		text = fmt.Sprintf("%s read %s: %s precedes %s", to, b.seen(r), from, to)
	case e.kind == becauseReadOther:
		p.sayAll(o.path(e.from, o.place[r.reader]-1, s.edge))
		text = fmt.Sprintf("%s, which precedes %s, leaves %s, but %s read %s: %s precedes %s", from, reader,
			b.left(o.ids[e.from], r.item), reader, b.seen(r), from, to)
	case r.writer < 0:
		text = fmt.Sprintf("%s read %s, and %s overwrites it: %s precedes %s", from, b.seen(r), to, from, to)
	default:
		p.sayAll(o.path(o.place[r.writer]-1, e.to, s.edge))
		text = fmt.Sprintf("%s read %s, and %s, which follows %s, overwrites it: %s precedes %s", from, b.seen(r), to,
			b.name(r.writer), from, to)
	}
	p.sentences = append(p.sentences, text)
}

func (p *blackProof) sayAll(steps []blackStep) {
	for _, s := range steps {
		p.say(s)
	}
}
