package scenarios

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios/fault"
	"github.com/seed83d86191/txsim/sim"
)

// swarmPlan draws a fault plan for the scenario from a seed, which [Scenario.Swarmed] adds
// to it: some classes of fault are off, some light, some heavy, and none is outside the
// model. How often and how long things go wrong is in proportion to how long the run is
// expected to take, to its timeouts and to its number of nodes. The scenario must be valid.
//
// Faults of the network strike messages between nodes of every kind, and crashes boundaries
// of every kind, including the first 16 of a protocol's own, if they are about an attempt.
// Where [Scenario.Swarmed] lets coordinators wait without end, nothing is drawn that could
// keep them waiting.
//
// Classes drawn one by one hardly meet some coincidences, so that some seeds have lines that
// bring them about: a promise that outlives a crash while other workers have yet to be asked
// for theirs, and, where operations run before the prepare, operations that a worker runs
// twice, the second time after a crash.
//
// That random omission of whole classes finds what a mixture of all hides:
// Groce et al., "Swarm Testing", ISSTA 2012.
func swarmPlan(s *Scenario, seed uint64, given submissions) fault.Plan {
	over := sim.NewRand(seed, "swarm")
	dense := 1 + over.IntN(3)         // how many of four classes are on
	spare := over.IntN(len(swarming)) // the class that is on if no other is
	outage := 1 << over.IntN(4)
	timeouts := s.swarmTimeouts(seed)
	draw := func(class int, on bool) []string {
		d := &swarmDraw{s: s, Rand: sim.NewRand(seed, sim.Stream("swarm/"+swarming[class].name))}
		d.estimate(given, outage)
		on = d.IntN(4) < dense || on
		if d.heavy = d.IntN(3) == 0; !on {
			return nil
		}
		return slices.DeleteFunc(swarming[class].lines(d), func(line string) bool { return !timeouts.allows(line) })
	}
	lines := slices.Clone(timeouts.lines)
	for class := range swarming {
		lines = append(lines, draw(class, false)...)
	}
	for ; len(lines) == 0; spare++ {
		lines = draw(spare%len(swarming), true)
	}
	if timeouts.kind == asGiven {
		coincidence := func(stream sim.Stream, lines func(*swarmDraw) []string) []string {
			d := &swarmDraw{s: s, Rand: sim.NewRand(seed, stream)}
			d.estimate(given, 1)
			return lines(d)
		}
		lines = append(lines, coincidence("swarm/promise", (*swarmDraw).promises)...)
		if s.Execution != model.OneShot {
			lines = append(lines, coincidence("swarm/rerun", (*swarmDraw).reruns)...)
		}
	}
	plan, err := fault.ParsePlan(lines)
	if err != nil {
		panic("scenarios: swarmPlan: " + err.Error()) // a test draws every class
	}
	return plan
}

// swarming are the classes that a swarm draws. Each has a stream of its own, so that adding
// a class changes none of the others.
var swarming = []struct {
	name  string
	lines func(d *swarmDraw) []string
}{
	{"crash workers in steps", func(d *swarmDraw) []string { return d.inSteps("crash workers") }},
	{"crash coordinators in steps", func(d *swarmDraw) []string { return d.inSteps("crash coordinators") }},
	{"crash at boundaries", (*swarmDraw).crashAtBoundaries},
	{"crash at passings", (*swarmDraw).crashPassing},
	{"crash in recoveries", (*swarmDraw).crashRecovering},
	{"crash at times", func(d *swarmDraw) []string { return d.timed("crash") }},
	{"crash for good", (*swarmDraw).crashForGood},
	{"pause", func(d *swarmDraw) []string { return d.timed("pause") }},
	{"pause in steps", func(d *swarmDraw) []string { return d.inSteps("pause workers") }},
	{"partition", func(d *swarmDraw) []string { return d.repeat(3, d.partition) }},
	{"drop", func(d *swarmDraw) []string { return d.onMessages("drop", d.level(20, 150), "") }},
	{"duplicate", func(d *swarmDraw) []string { return d.onMessages("duplicate", d.level(20, 150), "") }},
	{"late copies", (*swarmDraw).lateCopies},
	{"delay", func(d *swarmDraw) []string { return d.onMessages("delay", d.level(20, 150), " by "+d.delays()) }},
	{"slow", func(d *swarmDraw) []string { return d.onNodes(d.slowNode) }},
	{"full-disk", func(d *swarmDraw) []string { return d.repeat(3, d.fullDisk) }},
	{"fail-sync", (*swarmDraw).failSync},
	{"slow-disk", func(d *swarmDraw) []string { return d.onNodes(d.slowDisk) }},
	{"tear", func(d *swarmDraw) []string { return d.repeat(3, func() string { return "tear " + d.node() }) }},
	{"skew", func(d *swarmDraw) []string { return d.repeat(3, d.skew) }},
	{"crash at a rate", (*swarmDraw).crashAtRate},
}

// estimate sets the scales of the draws. An outage is at most a fourth of the run, and 1/4
// to 2 times the coordinator's timeouts. A long outage does not depend on the run: it is up
// to 32 times timeouts.decision, which is four times the longest wait between two enquiries.
func (d *swarmDraw) estimate(given submissions, outage int) {
	s := d.s
	d.latency = s.swarmLatency()
	d.span = s.swarmSpan(given)
	d.voteWait = 10 * d.latency
	if s.Timeouts.Prepare != sim.Forever {
		d.voteWait = s.Timeouts.Prepare
	}
	d.outage = max(min(d.voteWait*time.Duration(outage)/4, d.span/4), time.Microsecond)
	d.long = max(d.outage, s.swarmLong())
	d.work = given.n*min(s.Workload.MostWorkers(), s.Workers)/s.Workers + 1
}

// inSteps draws crashes or pauses by chance while nodes prepare, commit and abort.
func (d *swarmDraw) inSteps(who string) []string {
	steps := fault.Steps()
	if d.IntN(2) == 0 { // one direction only
		i := d.IntN(len(steps))
		steps = steps[i : i+1]
	}
	var lines []string
	for _, step := range steps {
		lines = append(lines, fmt.Sprintf("%s %s on %s for %s", who, d.percent(d.level(10, 80)), step, d.restarts()))
	}
	return lines
}

func (d *swarmDraw) timed(verb string) []string {
	return d.repeat(6, func() string { return verb + " " + d.node() + d.window(1) })
}

// boundary is what a node sends, receives or logs.
type boundary struct{ node, of string }

// votingBoundaries are those of every protocol that votes; a line about what a protocol does
// without never strikes.
var votingBoundaries = []boundary{
	{"w", "send vote"}, {"w", "send ack"}, {"w", "receive prepare"}, {"w", "receive decision"},
	{"w", "append prepare"}, {"w", "sync prepare"}, {"w", "append decision"}, {"w", "sync decision"},
	{"C", "send prepare"}, {"C", "send decision"}, {"C", "receive vote"}, {"C", "receive ack"},
	{"C", "append decision"}, {"C", "sync decision"}, {"C", "receive request"}, {"C", "send answer"},
}

// swarmBoundaries are those of executions that are not one-shot, of the one-phase commit
// and of enquiries besides.
var swarmBoundaries = append(slices.Clip(votingBoundaries), []boundary{
	{"w", "receive execute"}, {"w", "send executed"}, {"C", "send execute"}, {"C", "receive executed"},
	{"w", "receive commit-one"}, {"w", "append commit-one"}, {"w", "sync commit-one"}, {"w", "send done"},
	{"C", "send commit-one"}, {"C", "receive done"}, {"w", "send enquire"}, {"C", "receive enquire"},
}...)

var workerBoundaries, coordinatorBoundaries = boundariesOf("w"), boundariesOf("C")

func boundariesOf(node string) []boundary {
	return slices.DeleteFunc(slices.Clone(swarmBoundaries), func(b boundary) bool { return b.node != node })
}

// crashAtBoundaries draws crashes at boundaries, now and then two of one node at about the
// same attempt: boundaries of one number mostly are.
func (d *swarmDraw) crashAtBoundaries() []string {
	var again []string
	lines := d.repeat(4, func() string {
		boundaries, node := workerBoundaries, d.worker()
		if d.IntN(len(swarmBoundaries)) >= len(boundaries) {
			boundaries, node = coordinatorBoundaries, d.coordinator()
		}
		n := 1 + d.IntN(d.work)
		crash := func() string {
			at := boundaries[d.IntN(len(boundaries))]
			when := [...]string{"before", "after"}[d.IntN(2)]
			return fmt.Sprintf("crash %s %s %s #%d for %s", node, when, at.of, n, d.restart())
		}
		if d.IntN(4) == 0 {
			again = append(again, crash())
		}
		return crash()
	})
	return append(lines, again...)
}

// crashPassing draws crashes by chance at boundaries of every kind, those of a protocol's own
// included. A crash within a recovery would come again in most of the next ones.
func (d *swarmDraw) crashPassing() []string {
	var lines []string
	for _, who := range []string{"workers", "coordinators"} {
		if d.IntN(3) == 0 {
			continue
		}
		boundaries := []string{"receive *", "send *", "append *", "sync *", "lock", "apply"}
		if who == "coordinators" {
			boundaries = boundaries[:4]
		}
		when := [...]string{"before", "after"}[d.IntN(2)]
		at := boundaries[d.IntN(len(boundaries))]
		lines = append(lines, fmt.Sprintf("crash %s %s %s %s for %s", who, d.percent(d.level(5, 40)), when, at, d.restarts()))
	}
	return lines
}

// crashRecovering draws crashes of nodes that recover from another one, or take a checkpoint.
func (d *swarmDraw) crashRecovering() []string {
	var lines []string
	for range d.level(1, 3) * (1 + d.IntN(2)) {
		node, when := d.node(), [...]string{"before", "after"}[d.IntN(2)]
		at, n := "redo", 1+d.IntN(1+d.IntN(4*d.work))
		if i := d.IntN(6); i < 3 {
			at, n = [...]string{"recover", "checkpoint", "truncate"}[i], 1+d.IntN(3)
		}
		lines = append(lines,
			"crash "+node+d.window(1),
			fmt.Sprintf("crash %s %s %s #%d for %s", node, when, at, n, d.restart()))
	}
	return lines
}

// crashForGood draws a crash for good, rarely, and not of the only node of its kind: what
// waits for a dead node proves little.
func (d *swarmDraw) crashForGood() []string {
	node, at := d.node(), rounded(time.Duration(d.Int64N(int64(d.span))))
	only := node[0] == 'w' && d.s.Workers == 1 || node[0] == 'C' && d.s.Coordinators == 1
	if d.IntN(8) > 0 || only {
		return nil
	}
	return []string{"crash " + node + " at " + sim.DurationText(at) + " forever"}
}

// crashAtRate draws how often each node crashes, whatever it is at: so rarely that
// attempts come to an end in between.
func (d *swarmDraw) crashAtRate() []string {
	var lines []string
	for _, who := range []string{"workers", "coordinators"} {
		if d.IntN(3) > 0 {
			gap := max(d.outage, d.latency) * time.Duration(d.level(16, 4)*(1+d.IntN(4)))
			gap = max(gap, d.span/64) // the run goes on until all is resolved between crashes
			rate := strconv.FormatFloat(float64(time.Second)/float64(gap), 'g', 3, 64)
			lines = append(lines, fmt.Sprintf("crash %s rate %s/s for %s", who, rate, d.lengths()))
		}
	}
	return lines
}

func (d *swarmDraw) partition() string {
	side := map[string]bool{}
	names := ""
	for range 1 + d.IntN(3) {
		if n := d.node(); !side[n] {
			side[n] = true
			names += n + " "
		}
	}
	if len(side) == d.s.Workers+d.s.Coordinators { // of two nodes, both
		names = "workers "
	}
	sign := [...]string{"|", "->"}[d.IntN(2)]
	sides := names + sign + " *"
	if sign == "->" && d.IntN(2) == 0 {
		sides = "* -> " + names
	}
	return "partition " + sides + d.window(2)
}

// lateCopies draws second copies of messages that come late: many, as most find nothing left
// to do.
func (d *swarmDraw) lateCopies() []string {
	return d.onMessages("duplicate", d.level(100, 700), " late by "+d.lateness())
}

// onMessages draws faults of messages, each of which strikes with a chance of up to most
// tenths of a percent.
func (d *swarmDraw) onMessages(verb string, most int, more string) []string {
	line := func(kind string) string {
		return fmt.Sprintf("%s %s %s%s", verb, d.percent(most), kind, more)
	}
	if d.IntN(4) == 0 { // a protocol may have kinds of its own
		return []string{line("*")}
	}
	kinds := []string{"prepare", "vote", "commit", "abort", "ack", "execute", "executed", "commit-one", "done", "enquire", "wound"}
	var lines []string
	for _, kind := range kinds {
		if d.IntN(2) == 0 {
			lines = append(lines, line(kind))
		}
	}
	return lines
}

func (d *swarmDraw) slowDisk(node string) string {
	return fmt.Sprintf("slow-disk %s x%d%s", node, d.level(2, 10)*(1+d.IntN(5)), d.window(2))
}

// slowNode makes a message take up to some milliseconds, whatever the CPU costs.
func (d *swarmDraw) slowNode(node string) string {
	cost := max(d.s.CPU.Message+d.s.CPU.Operation, time.Microsecond)
	if d.s.CPU.Message+d.s.CPU.Operation == 0 {
		cost = sim.NominalMessage
	}
	most := max(int64(time.Duration(d.level(1, 5))*time.Millisecond/cost), 2)
	return fmt.Sprintf("slow %s x%d%s", node, 2+d.Int64N(most), d.window(2))
}

func (d *swarmDraw) fullDisk() string { return "full-disk " + d.worker() + d.window(2) }

func (d *swarmDraw) failSync() []string {
	lines := []string{fmt.Sprintf("fail-sync workers %s for %s", d.percent(d.level(5, 30)), d.lengths())}
	if d.IntN(2) == 0 {
		lines = append(lines, fmt.Sprintf("fail-sync coordinators %s for %s", d.percent(d.level(5, 30)), d.lengths()))
	}
	return lines
}

func (d *swarmDraw) skew() string {
	sign := [...]string{"", "-"}[d.IntN(2)]
	return "skew " + d.node() + " by " + sign + sim.DurationText(d.short(1))
}
