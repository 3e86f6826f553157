package scenarios

import (
	"errors"
	"path/filepath"

	"github.com/goccy/go-yaml/ast"

	"github.com/seed83d86191/txsim/scenarios/input"
	"github.com/seed83d86191/txsim/scenarios/workload"
	"github.com/seed83d86191/txsim/scenarios/ycsb"
	"github.com/seed83d86191/txsim/sim"
)

// propertiesPath is the parameter that names a workload file of YCSB. It is no field of
// Scenario: what the file says is read into other parameters.
const propertiesPath = "workload.properties"

// properties reads a workload file of YCSB, whose name is relative to the scenario's own
// file. It is applied after everything else has been read, which overrides it.
func (d *decoder) properties(path string, node ast.Node) {
	var name string
	d.scalar(path, node, &name, "")
	if name != "" && !filepath.IsAbs(name) {
		name = filepath.Join(d.to.dir, name)
	}
	d.given[path] = node.GetToken()
	d.to.files = append(d.to.files, name)
	var err error
	d.ycsb, err = ycsb.Read(name, ycsb.Bounds{Scan: workload.MaxScan, Value: workload.MaxValue, Record: workload.MaxRecord})
	if !errors.As(err, &d.inYCSB) && err != nil {
		d.problem(node.GetToken(), "%s = %s: %v", path, input.Shown(name), err)
	}
}

// fill writes a load of YCSB into the scenario, except for parameters that were given
// beside it and for the totals.
func (d *decoder) fill(l *ycsb.Load) {
	s := d.to
	set := func(path string, write func()) {
		if d.given[path] == nil {
			write()
		}
	}
	w := &s.Workload
	share := func(path string, to *sim.Probability, is sim.Probability) { set(path, func() { *to = is }) }
	set("workload.kind", func() { w.Kind = "ycsb" })
	set("workload.theta", func() { w.Theta = 0.99 })
	share("workload.reads", &w.Reads, l.Reads)
	share("workload.updates", &w.Updates, l.Updates)
	share("workload.inserts", &w.Inserts, l.Inserts)
	share("workload.scans", &w.Scans, l.Scans)
	share("workload.deletes", &w.Deletes, 0)
	set("workload.distribution", func() { w.Distribution = l.Distribution })
	share("workload.hot", &w.Hot, l.Hot)
	share("workload.heat", &w.Heat, l.Heat)
	set("workload.order", func() { w.Order = l.Order })
	set("workload.scan", func() { w.Scan = l.Scan })
	set("workload.lengths", func() { w.Lengths = l.Lengths })
	set("workload.workers", func() { w.Workers = workload.Any })
	set("workload.global", func() { w.Global = true })
	set("workload.value", func() { w.Value = l.Value })
	set("workload.record", func() { w.Record = l.Read })
	set("workload.inserted", func() { w.Inserted = l.Record })
	if n := l.Threads; n > 0 && d.given["arrivals.kind"] == nil && d.given["arrivals.rate"] == nil {
		set("clients", func() { s.Clients, s.Arrivals.Kind = n, "none" })
	}
}

// totals are the numbers that a workload file of YCSB gives for a whole run; 0 is not given.
// The scenario has numbers for each worker or transaction, which are worked out again
// whenever a parameter is set, since there may then be more or fewer of these.
type totals struct {
	records, operations int
	from                string // the line and property that gives the records, for errors
	// Keys and transactions that have been set stay as they are.
	keys, transactions bool
}

// divide divides the totals by the numbers of workers and transactions.
func (d *decoder) divide() {
	s, t := d.to, &d.to.totals
	if d.given["workload.keys"] != nil {
		t.records, t.keys = 0, true
	}
	if d.given["transactions"] != nil || d.given["transactions.file"] != nil || d.given["transactions.inline"] != nil {
		t.operations, t.transactions = 0, true
	}
	if d.ycsb != nil && !t.keys {
		t.records, t.from = d.ycsb.Records, d.ycsb.From
	}
	if d.ycsb != nil && !t.transactions {
		t.operations = d.ycsb.Operations
	}
	if t.records > 0 {
		s.Workload.Keys = (t.records-1)/max(s.Workers, 1) + 1
	}
	if t.operations > 0 {
		s.Transactions = Transactions{Count: (t.operations-1)/max(s.Workload.Operations, 1) + 1}
	}
}
