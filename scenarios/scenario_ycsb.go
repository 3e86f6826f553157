package scenarios

import (
	"path/filepath"

	"github.com/goccy/go-yaml/ast"

	"github.com/seed83d86191/txsim/scenarios/input"
	"github.com/seed83d86191/txsim/scenarios/ycsb"
	"github.com/seed83d86191/txsim/sim"
)

// propertiesPath is the parameter that names a workload file of YCSB. It is
// none of Scenario: what the file says is read into the parameters.
const propertiesPath = "workload.properties"

// properties reads a workload file of YCSB, relative to the scenario's own. What
// it says waits until all else has been read, which goes over it.
func (d *decoder) properties(path string, node ast.Node) {
	var name string
	d.scalar(path, node, &name, "")
	if name != "" && !filepath.IsAbs(name) {
		name = filepath.Join(d.to.dir, name)
	}
	d.given[path] = node.GetToken()
	load, errs := ycsb.Read(name)
	for _, err := range errs {
		d.problem(node.GetToken(), "%s = %s: %v", path, input.Shown(name), err)
	}
	d.ycsb = load
}

// fill writes a load of YCSB into the scenario, but for what was given beside it.
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
	set("workload.value", func() { w.Value = l.Value })
	if n := l.Records; n > 0 {
		set("workload.keys", func() { w.Keys = (n + s.Workers - 1) / max(s.Workers, 1) })
	}
	if n := l.Operations; n > 0 {
		set("transactions", func() { s.Transactions = Transactions{Count: (n + w.Operations - 1) / max(w.Operations, 1)} })
	}
	if n := l.Threads; n > 0 && d.given["arrivals.kind"] == nil && d.given["arrivals.rate"] == nil {
		set("clients", func() { s.Clients, s.Arrivals.Kind = n, "none" })
	}
}
