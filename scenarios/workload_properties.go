package scenarios

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/seed83d86191/txsim/scenarios/input"
	"github.com/seed83d86191/txsim/scenarios/quantity"
	"github.com/seed83d86191/txsim/sim"
)

// propertiesPath is the parameter that names a workload file of YCSB. It is
// none of Scenario: what the file says is read into the parameters.
const propertiesPath = "workload.properties"

// ycsbDefaults are what YCSB's CoreWorkload takes for a property that its file
// does not have (docs: Core Properties, in YCSB's wiki).
var ycsbDefaults = map[string]string{
	"readproportion": "0.95", "updateproportion": "0.05", "insertproportion": "0", "scanproportion": "0", "readmodifywriteproportion": "0",
	"requestdistribution": "uniform", "hotspotdatafraction": "0.2", "hotspotopnfraction": "0.8",
	"maxscanlength": "1000", "scanlengthdistribution": "uniform", "insertorder": "hashed",
	"fieldcount": "10", "fieldlength": "100", "writeallfields": "false", "fieldlengthdistribution": "constant",
	"workload": "site.ycsb.workloads.CoreWorkload", "insertstart": "0",
	"recordcount": "", "operationcount": "", "threadcount": "",
}

// ycsbIgnored begin the names of properties that say how YCSB measures or
// stores, and nothing about the load.
var ycsbIgnored = []string{
	"readallfields", "table", "columnfamily", "dataintegrity", "zeropadding", "measurement", "histogram.", "hdrhistogram.", "timeseries.",
	"reportlatencyforeacherror", "latencytrackederrors", "core_workload_insertion_retry_", "exporter", "exportfile", "status.", "db",
}

// ycsbFile is a workload file of YCSB on its way into a scenario.
type ycsbFile struct {
	values   map[string]property
	problems []ycsbProblem
}

type ycsbProblem struct {
	line int
	text string
}

// maxProperties is how long such a file may be.
const maxProperties = 1 << 20

// properties reads a workload file of YCSB, relative to the scenario's own. What
// it says waits until all else has been read, which goes over it.
func (d *decoder) properties(path string, node ast.Node) {
	var name string
	d.scalar(path, node, &name, "")
	if name != "" && !filepath.IsAbs(name) {
		name = filepath.Join(d.to.dir, name)
	}
	d.given[path] = node.GetToken()
	fail := func(err error) { d.problem(node.GetToken(), "%s = %s: %v", path, input.Shown(name), err) }
	text, err := readProperties(name)
	if err != nil {
		fail(err)
		return
	}
	all, err := parseProperties(text)
	if err != nil {
		fail(err)
		return
	}
	d.ycsb = newYCSBFile(all)
	d.ycsb.check()
	for _, p := range d.ycsb.problems {
		fail(fmt.Errorf("line %d: %s", p.line, p.text))
	}
}

func readProperties(name string) (string, error) {
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return "", errors.New("no such file: expected a workload file of YCSB")
	case err != nil:
		return "", err
	case !info.Mode().IsRegular():
		return "", errors.New("not a file: expected a workload file of YCSB")
	}
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxProperties+1))
	if err == nil && len(text) > maxProperties {
		err = fmt.Errorf("longer than %d bytes: expected a workload file of YCSB", maxProperties)
	}
	return string(text), err
}

func newYCSBFile(all []property) *ycsbFile {
	f := &ycsbFile{values: map[string]property{}}
	for name, value := range ycsbDefaults {
		f.values[name] = property{name, value, 0}
	}
	var known []string
	for name := range ycsbDefaults {
		known = append(known, name)
	}
	slices.Sort(known)
	for _, p := range all {
		if _, ok := ycsbDefaults[p.name]; ok {
			f.values[p.name] = p
			continue
		}
		if slices.ContainsFunc(ycsbIgnored, func(prefix string) bool { return strings.HasPrefix(p.name, prefix) }) {
			continue
		}
		text := "property " + input.Shown(p.name) + ": cannot be simulated"
		if near := input.Nearest(p.name, known); near != "" {
			text += "; did you mean " + near + "?"
		}
		f.problems = append(f.problems, ycsbProblem{p.line, text})
	}
	return f
}

// wrong adds the problem of a value; a default has none.
func (f *ycsbFile) wrong(name, rule string) {
	p := f.values[name]
	f.problems = append(f.problems, ycsbProblem{p.line, name + " = " + input.Shown(p.value) + ": " + rule})
}

// check finds all values that are wrong or cannot be simulated, by line.
func (f *ycsbFile) check() {
	for _, name := range []string{"fieldcount", "fieldlength", "maxscanlength", "operationcount", "recordcount", "threadcount"} {
		if f.values[name].line > 0 && f.number(name) < 1 {
			f.wrong(name, "must be a positive integer")
		}
	}
	sum := 0.0
	for _, name := range ycsbShares {
		if f.share(name) < 0 {
			f.wrong(name, "must be 0 to 1")
		}
		sum += max(f.share(name), 0)
	}
	if sum == 0 {
		f.wrong("readproportion", "must be positive, or another proportion be")
	}
	for _, name := range []string{"hotspotdatafraction", "hotspotopnfraction"} {
		if f.share(name) < 0 {
			f.wrong(name, "must be 0 to 1")
		}
	}
	for name, known := range map[string][]string{
		"requestdistribution": {"uniform", "zipfian", "latest", "hotspot"}, "scanlengthdistribution": {"uniform", "zipfian"},
		"insertorder": {"hashed", "ordered"}, "writeallfields": {"false", "true"},
		"fieldlengthdistribution": {"constant"}, "insertstart": {"0"},
	} {
		if value := f.values[name].value; !slices.Contains(known, value) {
			f.wrong(name, input.MustBeOneOf(value, known))
		}
	}
	if !strings.HasSuffix(f.values["workload"].value, ".CoreWorkload") {
		f.wrong("workload", "must be YCSB's CoreWorkload")
	}
	slices.SortStableFunc(f.problems, func(a, b ycsbProblem) int { return a.line - b.line })
}

// number is the value of a property, -1 if it is none.
func (f *ycsbFile) number(name string) int {
	n, err := strconv.Atoi(f.values[name].value)
	if err != nil || n > math.MaxInt32 {
		return -1
	}
	return n
}

// ycsbShares are the proportions, which YCSB scales to a sum of 1.
var ycsbShares = []string{"readproportion", "updateproportion", "insertproportion", "scanproportion", "readmodifywriteproportion"}

// share is the value of a proportion, -1 if it is none.
func (f *ycsbFile) share(name string) float64 {
	x, err := quantity.ParseNumber(f.values[name].value)
	if err != nil || x < 0 || x > 1 {
		return -1
	}
	return x
}

// apply writes what the file says into the scenario, but for what was given
// beside it.
func (f *ycsbFile) apply(d *decoder) {
	s := d.to
	set := func(path string, write func()) {
		if d.given[path] == nil {
			write()
		}
	}
	w, sum := &s.Workload, 0.0
	for _, name := range ycsbShares {
		sum += f.share(name)
	}
	if math.Abs(sum-1) < 1e-9 {
		sum = 1 // but for what decimal fractions lose by being binary
	}
	share := func(path string, to *sim.Probability, name string) {
		set(path, func() { *to = sim.ProbabilityOf(f.share(name) / sum) })
	}
	set("workload.kind", func() { w.Kind = "ycsb" })
	set("workload.theta", func() { w.Theta = 0.99 })
	share("workload.reads", &w.Reads, "readproportion")
	share("workload.updates", &w.Updates, "updateproportion")
	share("workload.inserts", &w.Inserts, "insertproportion")
	share("workload.scans", &w.Scans, "scanproportion")
	set("workload.deletes", func() { w.Deletes = 0 })
	set("workload.distribution", func() { w.Distribution = ours(f.values["requestdistribution"].value) })
	set("workload.hot", func() { w.Hot = sim.ProbabilityOf(f.share("hotspotdatafraction")) })
	set("workload.heat", func() { w.Heat = sim.ProbabilityOf(f.share("hotspotopnfraction")) })
	set("workload.order", func() { w.Order = f.values["insertorder"].value })
	set("workload.scan", func() { w.Scan = f.number("maxscanlength") })
	set("workload.lengths", func() { w.Lengths = ours(f.values["scanlengthdistribution"].value) })
	set("workload.value", func() {
		w.Value = quantity.Bytes(f.number("fieldlength"))
		if f.values["writeallfields"].value == "true" {
			w.Value *= quantity.Bytes(f.number("fieldcount"))
		}
	})
	if n := f.number("recordcount"); n > 0 {
		set("workload.keys", func() { w.Keys = (n + s.Workers - 1) / max(s.Workers, 1) })
	}
	if n := f.number("operationcount"); n > 0 {
		set("transactions", func() { s.Transactions = Transactions{Count: (n + w.Operations - 1) / max(w.Operations, 1)} })
	}
	if n := f.number("threadcount"); n > 0 && d.given["arrivals.kind"] == nil && d.given["arrivals.rate"] == nil {
		set("clients", func() { s.Clients, s.Arrivals.Kind = n, "none" })
	}
}

// ours is the name of a distribution that YCSB calls zipfian.
func ours(distribution string) string { return strings.TrimSuffix(distribution, "ian") }
