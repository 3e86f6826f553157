package analysis

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// InDoubt sums up the time between YES votes and the moment the worker acts on the decision,
// or the end of the run. Where a run has no YES votes, a prepare record that has become durable
// counts as one. A worker that crashes with a durable prepare record before its vote has left is
// in doubt from the crash on, as it cannot know that; so is one whose crash has lost the record
// of what it did, once more.
type InDoubt struct {
	Parts uint64
	Total time.Duration
	Max   time.Duration
	Open  uint64 // parts that stayed in doubt to the end
}

func (d *InDoubt) add(t time.Duration, open bool) {
	if d.Parts++; open {
		d.Open++
	}
	d.Total += t
	d.Max = max(d.Max, t)
}

// Mean is the mean time in doubt.
func (d InDoubt) Mean() time.Duration {
	if d.Parts == 0 {
		return 0
	}
	return d.Total / time.Duration(d.Parts)
}

// InDoubt returns the time in doubt so far.
func (c *ProtocolChecker) InDoubt() InDoubt { return c.doubt }

// Ledger charges the time in doubt to what caused it: the latest fault that hit
// the worker, its coordinator before the decision had left it, another participant
// before the decision, or a message between them; or no fault, and then it is
// latency. A YES that was late counts as no fault where the decision came without
// another vote, that was lost.
type Ledger struct {
	Latency LedgerEntry   // what no fault caused
	Faults  []LedgerEntry // the greatest total first; last the sum of those that were too many to list
	Down    []Downtime    // nodes that crashed, by node
	Longest []LedgerPart  // the parts that were in doubt longest, up to a number
}

// LedgerEntry is the time in doubt that is charged to one cause.
type LedgerEntry struct {
	Fault string   // "crash of C0", "partition w0 | C0", "messages lost by chance", or a line of the plan; "" for latency
	At    sim.Time // of the fault; -1 if it has no time of its own
	InDoubt
	Locked  time.Duration // lock time: the time in doubt, once for every lock held
	Blocked uint64        // attempts that waited for such a lock meanwhile, or were aborted because of it, each once
}

// Downtime sums up how long a node took from its crashes to its recoveries.
type Downtime struct {
	Node  sim.NodeID
	Times uint64
	Total time.Duration
	Max   time.Duration
}

// ledgerKey identifies a fault, or, with noFault, the latency. All faults of a class
// without a node or a time share one.
type ledgerKey struct {
	class faultClass
	which int // the node, or the number of the partition or of the line of the fault plan
	at    sim.Time
}

type faultClass uint8

const (
	noFault faultClass = iota
	faultCrash
	faultPause
	faultPartition
	faultChance // messages lost by the network's chance
	faultDrop   // messages dropped
	faultLine   // messages delayed, nodes and devices slow
	faultMore   // of faults that came when the ledger was full
)

// ledger collects the entries of a run, up to a number of faults.
type ledger struct {
	latency LedgerEntry
	entries []LedgerEntry
	keys    []ledgerKey // of entries
	index   map[ledgerKey]int
	down    []Downtime
	longest []LedgerPart
}

const maxLedger = 256

// entry returns the entry of a fault.
func (l *ledger) entry(k ledgerKey) *LedgerEntry {
	if k.class == noFault {
		return &l.latency
	}
	i, ok := l.index[k]
	if !ok && len(l.entries) >= maxLedger {
		k = ledgerKey{class: faultMore, at: -1}
		i, ok = l.index[k]
	}
	if !ok {
		if l.index == nil {
			l.index = map[ledgerKey]int{}
		}
		i = len(l.entries)
		l.index[k] = i
		l.entries = append(l.entries, LedgerEntry{At: k.at})
		l.keys = append(l.keys, k)
	}
	return &l.entries[i]
}

// recovered counts a recovery, and returns the node's sum before it.
func (l *ledger) recovered(n sim.NodeID, took time.Duration) Downtime {
	d := l.downOf(n)
	before := *d
	d.Times++
	d.Total += took
	d.Max = max(d.Max, took)
	return before
}

// downOf returns the sum of a node, valid until the next call.
func (l *ledger) downOf(n sim.NodeID) *Downtime {
	i, ok := slices.BinarySearchFunc(l.down, n, func(d Downtime, n sim.NodeID) int { return cmp.Compare(d.Node, n) })
	if !ok {
		l.down = slices.Insert(l.down, i, Downtime{Node: n})
	}
	return &l.down[i]
}

// name describes a fault.
func (k ledgerKey) name(f *model.Formatter, partition, line func(number int) string) string {
	switch k.class {
	case faultCrash:
		return "crash of " + f.Node(sim.NodeID(k.which))
	case faultPause:
		return "pause of " + f.Node(sim.NodeID(k.which))
	case faultPartition:
		return partition(k.which)
	case faultLine:
		return line(k.which)
	case faultChance:
		return "messages lost by chance"
	case faultDrop:
		return "messages dropped"
	}
	return "more faults"
}

// Ledger returns the ledger so far. partition returns the name of a partition by the number
// that it has in the trace, line that of a line of the fault plan.
func (c *ProtocolChecker) Ledger(partition, line func(number int) string) Ledger {
	out := Ledger{Latency: c.ledger.latency, Longest: slices.Clone(c.ledger.longest)}
	var more []LedgerEntry
	for i := range c.ledger.entries {
		k, e := c.ledger.keys[i], &c.ledger.entries[i]
		if e.Fault = k.name(c.format, partition, line); k.class == faultMore {
			more = append(more, *e)
			continue
		}
		out.Faults = append(out.Faults, *e)
	}
	for i := range out.Longest {
		v := &out.Longest[i]
		if v.key.class == noFault {
			continue
		}
		v.At = v.key.at
		if entry, ok := c.ledger.index[v.key]; ok {
			v.Fault = c.ledger.entries[entry].Fault
		} else { // there were too many to list
			v.Fault = v.key.name(c.format, partition, line)
		}
	}
	slices.SortStableFunc(out.Faults, func(a, b LedgerEntry) int {
		return cmp.Or(cmp.Compare(b.Total, a.Total), cmp.Compare(b.Open, a.Open))
	})
	out.Faults = append(out.Faults, more...)
	for _, d := range c.ledger.down {
		if d.Times > 0 {
			out.Down = append(out.Down, d)
		}
	}
	return out
}

// Table is the ledger for people.
func (l *Ledger) Table() *Table {
	t := &Table{
		Header: []string{"in doubt because of", "at", "parts", "total", "max", "locked", "blocked", "open"},
		Right:  []bool{false, true, true, true, true, true, true, true},
	}
	for _, e := range append(slices.Clone(l.Faults), l.Latency) {
		name, at := charged(e.Fault, e.At)
		t.Add(name, at, fmt.Sprint(e.Parts), Millis(e.Total), Millis(e.Max), Millis(e.Locked), fmt.Sprint(e.Blocked), fmt.Sprint(e.Open))
	}
	return t
}

// charged prints a fault, or that there is none, and when it was.
func charged(fault string, at sim.Time) (name, when string) {
	switch {
	case fault == "":
		return "no fault", ""
	case at < 0:
		return fault, ""
	}
	return fault, at.String()
}

// Sum adds up what is charged to faults.
func (l *Ledger) Sum() LedgerEntry {
	s := LedgerEntry{At: -1}
	for _, e := range l.Faults {
		s.Parts += e.Parts
		s.Total += e.Total
		s.Max = max(s.Max, e.Max)
		s.Locked += e.Locked
		s.Blocked += e.Blocked
		s.Open += e.Open
	}
	return s
}

// Recovery adds up the downtimes of all nodes.
func (l *Ledger) Recovery() Downtime {
	s := Downtime{Node: sim.Nobody}
	for _, d := range l.Down {
		s.Times += d.Times
		s.Total += d.Total
		s.Max = max(s.Max, d.Max)
	}
	return s
}
