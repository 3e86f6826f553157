package scenarios

import (
	"fmt"
	"math/rand/v2"

	"github.com/seed83d86191/txsim/sim"
)

// fuzzPlan is the layout of an input of Fuzz: each transaction and each fault has a place
// of a fixed size, and the run has the rest. Past its end an input counts as zeros.
type fuzzPlan struct {
	transactions  int // how many there are at most; 0 if they are written down
	transaction   int // bytes of one
	faults, fault int // the same of faults
	scheduled     bool
}

func planFuzz(s *Scenario) fuzzPlan {
	var p fuzzPlan
	if s.Transactions.Count > 0 {
		p.transactions = min(s.Transactions.Count, mostTransactions)
		p.transaction = 1 + min(s.Workload.Operations, mostOperations)*(1+bytesOf(s.Workers)+bytesOf(s.Workload.Keys))
	}
	if s.Schedule.Strategy != sim.Exhaustive {
		// A fault draws: its kind, what it aims at, at which node or nodes, when, which
		// one, for how long.
		p.faults, p.fault = mostFaults, 5+bytesOf(s.Workers+s.Coordinators)+bytesOf(s.Coordinators)
	}
	p.scheduled = s.Schedule.Strategy == sim.ByLatency
	return p
}

// bytesOf is how many bytes sim.Bytes reads for one of n.
func bytesOf(n int) (bytes int) {
	for n--; n > 0; n >>= 8 {
		bytes++
	}
	return bytes
}

// fuzzParts are the parts of an input that can be exchanged with those of another.
const fuzzParts = 3

// bounds are where its parts end: transactions, faults with the schedule, the run.
func (p *fuzzPlan) bounds(length int) (ends [fuzzParts]int) {
	first := 0
	if p.transactions > 0 {
		first = 1 + p.transactions*p.transaction
	}
	second := first
	if p.faults > 0 {
		second += 1 + p.faults*p.fault
	}
	if p.scheduled {
		second++
	}
	return [fuzzParts]int{min(first, length), min(second, length), length}
}

// fuzzHead reads the draws of a drawing from their places in a part, one after the other.
type fuzzHead struct {
	rest  []byte
	sizes map[string]int // of the place that begins with the draw of that label
	place *sim.Bytes
}

func (h *fuzzHead) draw(label string, n int) int {
	if size := min(h.sizes[label], len(h.rest)); h.sizes[label] > 0 {
		h.place, h.rest = sim.NewBytes(h.rest[:size]), h.rest[size:]
	}
	return h.place.Next(n)
}

// fuzzEvents is how many events a fuzzed run may take for a transaction, and for
// the faults.
const fuzzEvents = 20 * stepsPerTransaction

// fuzzed makes a scenario of bytes, and the source of the remaining choices.
func fuzzed(s *Scenario, b []byte) (*Scenario, *sim.Bytes) {
	p := planFuzz(s)
	ends := p.bounds(len(b))
	d := &drawing{s: s.Clone()}
	d.draw = (&fuzzHead{rest: b[:ends[0]], sizes: map[string]int{"transactions": 1, "operations": p.transaction}}).draw
	d.transactions()
	head := &fuzzHead{rest: b[ends[0]:ends[1]], sizes: map[string]int{"schedule": 1, "faults": 1, "fault": p.fault}}
	d.draw = head.draw
	if p.scheduled {
		d.schedule()
	}
	d.faults()
	n := len(d.s.Transactions.Inline)
	if n == 0 {
		n = swarmFile
	}
	d.s.Limits.Events = min(d.s.Limits.Events, uint64(n+mostFaults)*fuzzEvents)
	return d.s, fuzzSource(d.s, b[ends[1]:])
}

// fuzzSource returns the source of a run's choices. With an exhaustive schedule all bytes
// are for the scheduler; otherwise every other byte is.
func fuzzSource(s *Scenario, b []byte) *sim.Bytes {
	if s.Schedule.Strategy == sim.Exhaustive {
		return sim.NewBytes(b)
	}
	next, keyed := []byte{}, []byte{}
	for i, v := range b {
		if i%2 == 0 {
			next = append(next, v)
		} else {
			keyed = append(keyed, v)
		}
	}
	return sim.NewKeyedBytes(next, keyed)
}

// fuzzSeeds is how many entries of the corpus are generated: enough to find gross errors
// without -fuzz.
const fuzzSeeds = 32

// fuzzSeed returns a generated entry of the corpus: the head, and a longer or shorter run.
func fuzzSeed(s *Scenario, entry int) []byte {
	r := sim.NewRand(s.Seed, sim.Stream(fmt.Sprint("fuzz/corpus ", entry)))
	b := make([]byte, fuzzLength(s, entry))
	fill(r, b)
	return b
}

// fill draws bytes.
func fill(r *rand.Rand, b []byte) {
	for i := range b {
		b[i] = byte(r.Uint32())
	}
}

func fuzzLength(s *Scenario, entry int) int {
	p := planFuzz(s)
	return p.bounds(1 << 20)[1] + 32<<(entry%6)
}
