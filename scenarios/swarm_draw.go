package scenarios

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"github.com/seed83d86191/txsim/sim"
)

// swarmDraw draws the lines of one class.
type swarmDraw struct {
	*rand.Rand
	s     *Scenario
	heavy bool

	span     time.Duration // roughly how long the run may take
	latency  time.Duration // roughly how long an attempt takes that nothing delays
	voteWait time.Duration // how long a coordinator waits for a worker
	outage   time.Duration // a typical length of a fault
	long     time.Duration // the longest, now and then
	work     int           // roughly how many attempts come to a worker
}

// submissions is what is known of the transactions of a run.
type submissions struct {
	n     int
	timed bool // their file has times
}

// swarmFile is the number of transactions assumed for a file that has not been read yet.
const swarmFile = 100

// expected returns what the scenario by itself tells of its transactions.
func (s *Scenario) expected() submissions {
	switch f, err := s.inline(); {
	case s.Transactions.Inline != nil && err == nil:
		return submissions{f.Len(), f.Scheduled()}
	case s.Transactions.Count > 0:
		return submissions{n: s.Transactions.Count}
	}
	return submissions{n: swarmFile}
}

// swarmLatency is roughly how long an attempt takes that nothing delays.
func (s *Scenario) swarmLatency() time.Duration {
	return 4*s.Network.Delay.Median() + 2*s.Disk.Sync.Median()
}

// swarmLong is how long the longest outage takes that does not depend on the run; 0 is none.
func (s *Scenario) swarmLong() time.Duration {
	if s.Timeouts.Decision == sim.Forever {
		return 0
	}
	return min(s.Timeouts.Decision, s.Limits.Time/128) * 32
}

// swarmSpan is roughly how long a run may take, as far as faults go on.
func (s *Scenario) swarmSpan(given submissions) (d time.Duration) {
	switch {
	case s.Until > 0:
		d = s.Until
	case s.Arrivals.Kind != "none":
		d = time.Duration(min(float64(given.n)/float64(s.Arrivals.Rate)*1e9, float64(s.Limits.Time)))
	default:
		// Doubled, for conflicts and for what the faults themselves delay.
		d = 2 * (s.swarmLatency() + s.Think.Median()) * time.Duration(given.n/max(s.Clients, 1)+1)
	}
	return max(min(d, s.Limits.Time/4), time.Millisecond)
}

// level returns light or heavy, as the class was drawn.
func (d *swarmDraw) level(light, heavy int) int {
	if d.heavy {
		return heavy
	}
	return light
}

// repeat draws 1 to most lines, three times as many if the class is heavy.
func (d *swarmDraw) repeat(most int, line func() string) []string {
	var lines []string
	for range d.level(1, 3) * (1 + d.IntN(most)) {
		lines = append(lines, line())
	}
	return lines
}

// onNodes draws lines, at most one for each node: where several factors apply to a node at the
// same time, only the largest counts.
func (d *swarmDraw) onNodes(line func(node string) string) []string {
	var nodes []string
	return slices.DeleteFunc(d.repeat(3, func() string {
		node := d.node()
		text := line(node)
		if slices.Contains(nodes, node) {
			return ""
		}
		nodes = append(nodes, node)
		return text
	}), func(text string) bool { return text == "" })
}

// node draws a node. Workers are drawn more often, as there are more of them, but not
// always.
func (d *swarmDraw) node() string {
	if d.IntN(3) == 0 {
		return d.coordinator()
	}
	return d.worker()
}

func (d *swarmDraw) worker() string { return "w" + strconv.Itoa(d.IntN(d.s.Workers)) }

func (d *swarmDraw) coordinator() string { return "C" + strconv.Itoa(d.IntN(d.s.Coordinators)) }

// short draws a duration between 0 and 2 scaled outages.
func (d *swarmDraw) short(scale int) time.Duration {
	return rounded(time.Duration(1 + d.Int64N(2*int64(d.outage)*int64(scale))))
}

// length draws how long a fault lasts that strikes once: now and then so long that the nodes
// that wait for its end reach the longest interval between two enquiries.
func (d *swarmDraw) length(scale int) string {
	if d.IntN(16) == 0 {
		return sim.DurationText(rounded(time.Duration(1 + d.Int64N(int64(d.long)))))
	}
	return sim.DurationText(d.short(scale))
}

// restart draws how long a node is down after a crash at a boundary. In half of the cases it is
// up again while the others still wait for it.
func (d *swarmDraw) restart() string {
	if d.IntN(2) == 0 {
		return d.length(1)
	}
	return sim.DurationText(rounded(1 + time.Duration(d.Int64N(2*int64(d.brief())))))
}

// restarts draws a distribution of such durations.
func (d *swarmDraw) restarts() string {
	if d.IntN(2) == 0 {
		return d.lengths()
	}
	return d.upTo(2 * d.brief())
}

// brief is how long an attempt takes.
func (d *swarmDraw) brief() time.Duration { return max(d.latency, time.Microsecond) }

// lengths draws a distribution of durations; a uniform one, as it is made at once.
func (d *swarmDraw) lengths() string { return "uniform(0s, " + sim.DurationText(d.short(2)) + ")" }

// delays draws by how much messages are late: now and then by so much that nodes give
// up, crash and recover meanwhile.
func (d *swarmDraw) delays() string {
	if d.IntN(4) > 0 {
		return d.lengths()
	}
	return d.upTo(d.voteWait * time.Duration(1+d.IntN(16)))
}

// lateness draws by how much second copies of messages are late: mostly so much that
// something has happened meanwhile, now and then as much as delays.
func (d *swarmDraw) lateness() string {
	if d.IntN(4) > 0 {
		return d.upTo(d.voteWait)
	}
	return d.delays()
}

// upTo returns a distribution of durations.
func (d *swarmDraw) upTo(most time.Duration) string {
	most = min(most, d.s.Limits.Time/4)
	return "uniform(0s, " + sim.DurationText(rounded(max(most, time.Microsecond))) + ")"
}

// reruns draws, for one seed in six, crashes of workers just after they have told results, and
// second copies of what they were asked to execute. These come when the worker is up again, and
// mostly, as others are late too, before it is asked to prepare what it has run twice.
func (d *swarmDraw) reruns() []string {
	if d.IntN(6) > 0 {
		return nil
	}
	lines := []string{
		fmt.Sprintf("duplicate %d%% execute late by %s", 40+d.IntN(60), d.upTo(d.voteWait/2)),
		fmt.Sprintf("delay %d%% execute by %s", 10+d.IntN(30), d.upTo(d.voteWait)),
	}
	return append(lines, d.briefCrashes("executed")...)
}

// promises draws, for one seed in six, crashes of workers just after they have promised, and
// prepares that come late: a worker is up again, and others have been at what it had locked,
// while its attempt is still being prepared elsewhere.
func (d *swarmDraw) promises() []string {
	if d.IntN(6) > 0 {
		return nil
	}
	late := fmt.Sprintf("delay %d%% prepare by %s", 10+d.IntN(30), d.upTo(d.voteWait))
	return append([]string{late}, d.briefCrashes("vote")...)
}

// briefCrashes draws crashes of workers just after they have sent a kind of message.
func (d *swarmDraw) briefCrashes(kind string) []string {
	var lines []string
	for range 4 + d.IntN(12) {
		lines = append(lines, fmt.Sprintf("crash %s after send %s #%d for %s", d.worker(), kind, 1+d.IntN(2*d.work), sim.DurationText(rounded(1+time.Duration(d.Int64N(int64(d.brief())))))))
	}
	return lines
}

// rounded leaves at most three digits that are not 0.
func rounded(t time.Duration) time.Duration {
	unit := time.Duration(1)
	for t/unit >= 1000 {
		unit *= 10
	}
	return t / unit * unit
}

// percent draws a probability of 1/10 to 1 of most tenths of a percent.
func (d *swarmDraw) percent(most int) string {
	n := max(1, most*(1+d.IntN(10))/10)
	return fmt.Sprintf("%d.%d%%", n/10, n%10)
}

// window draws when a fault begins and for how long it lasts. Now and then it is repeated, up
// to nine times; without that bound, faults at fixed intervals could hit the retries of a
// transaction again and again.
func (d *swarmDraw) window(scale int) string {
	at := rounded(time.Duration(d.Int64N(int64(d.span))))
	text := " at " + sim.DurationText(at) + " for "
	if d.IntN(4) > 0 {
		return text + d.length(scale)
	}
	every := rounded(time.Duration(4+d.Int64N(8)) * time.Duration(scale) * d.outage)
	return text + sim.DurationText(d.short(scale)) + " every " + sim.DurationText(every) + " until " + sim.DurationText(at+time.Duration(1+d.IntN(9))*every)
}
