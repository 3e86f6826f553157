package ycsb

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/seed83d86191/txsim/scenarios/input"
	"github.com/seed83d86191/txsim/scenarios/quantity"
	"github.com/seed83d86191/txsim/sim"
)

// defaults are what YCSB's CoreWorkload takes for a property that its file
// does not have (docs: Core Properties, in YCSB's wiki).
var defaults = map[string]string{
	"readproportion": "0.95", "updateproportion": "0.05", "insertproportion": "0", "scanproportion": "0", "readmodifywriteproportion": "0",
	"requestdistribution": "uniform", "hotspotdatafraction": "0.2", "hotspotopnfraction": "0.8",
	"minscanlength": "1", "maxscanlength": "1000", "scanlengthdistribution": "uniform", "insertorder": "hashed",
	"fieldcount": "10", "fieldlength": "100", "readallfields": "true", "writeallfields": "false", "fieldlengthdistribution": "constant",
	"workload": "site.ycsb.workloads.CoreWorkload", "insertstart": "0",
	"recordcount": "", "insertcount": "", "operationcount": "", "threadcount": "",
}

// ignored are the beginnings of the names of properties that say nothing about the load: how
// YCSB measures, stores and names fields. Some belong to the distribution exponential or to
// lengths of fields that are not constant, both of which are refused anyway.
var ignored = []string{
	"readallfieldsbyname", "table", "columnfamily", "dataintegrity", "zeropadding", "measurement", "histogram.", "hdrhistogram.", "timeseries.",
	"reportlatencyforeacherror", "latencytrackederrors", "core_workload_insertion_retry_", "exporter", "exportfile", "status.", "db",
	"fieldnameprefix", "exponential.percentile", "exponential.frac", "minfieldlength", "fieldlengthhistogram",
}

// file is a workload file of YCSB while it is turned into a Load.
type file struct {
	name     string
	most     Bounds
	values   map[string]property
	problems []input.Problem
}

// maxSize bounds the size of such a file.
const maxSize = 1 << 20

// Load is what a workload file says, defaults included.
type Load struct {
	Reads, Updates, Inserts, Scans sim.Probability // shares of all operations; the rest read and write

	Distribution string // of keys: uniform, scrambled, latest or hotspot
	Hot, Heat    sim.Probability
	Order        string         // of the popular keys: ordered or hashed
	Scan         int            // the longest
	Lengths      string         // of scans: uniform or zipf
	Value        quantity.Bytes // that an update writes
	Record       quantity.Bytes // that an insert writes
	Read         quantity.Bytes // that a read returns

	Records, Operations, Threads int    // 0 where the file does not say
	From                         string // the property of Records, with file and line
}

// Bounds are the largest values that can be simulated.
type Bounds struct {
	Scan   int // keys
	Value  int // bytes that are written
	Record int // bytes that are read
}

// Read reads the named file. What is wrong in it or cannot be simulated is an *input.Error
// with each such line; any other error is that there is no such file.
func Read(name string, most Bounds) (*Load, error) {
	text, err := readText(name)
	if err != nil {
		return nil, err
	}
	all, bad := parseProperties(strings.TrimPrefix(text, input.BOM))
	if bad != nil {
		return nil, &input.Error{Name: name, Problems: []input.Problem{*bad}}
	}
	f := newFile(name, all, most)
	f.check()
	if len(f.problems) == 0 {
		return f.load(), nil
	}
	e := &input.Error{Name: name, Problems: f.problems}
	if len(e.Problems) > input.MaxProblems {
		e.Problems, e.More = e.Problems[:input.MaxProblems], true
	}
	return nil, e
}

func readText(name string) (string, error) {
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
	text, err := io.ReadAll(io.LimitReader(f, maxSize+1))
	if err == nil && len(text) > maxSize {
		err = fmt.Errorf("longer than %d bytes: expected a workload file of YCSB", maxSize)
	}
	return string(text), err
}

func newFile(name string, all []property, most Bounds) *file {
	f := &file{name: name, most: most, values: map[string]property{}}
	for name, value := range defaults {
		f.values[name] = property{name, value, 0}
	}
	known := slices.Sorted(maps.Keys(defaults))
	for _, p := range all {
		if _, ok := defaults[p.name]; ok {
			f.values[p.name] = p
			continue
		}
		if slices.ContainsFunc(ignored, func(prefix string) bool { return strings.HasPrefix(p.name, prefix) }) {
			continue
		}
		text := fmt.Sprintf("property %s: cannot be simulated", input.Shown(p.name))
		if near := input.Nearest(p.name, known); near != "" {
			text += "; did you mean " + near + "?"
		}
		f.problems = append(f.problems, input.Problem{Line: p.line, Text: text})
	}
	return f
}

// wrong adds a problem about a value that the file gives; defaults have no problems.
func (f *file) wrong(name, rule string) {
	f.problems = append(f.problems, input.Problem{Line: f.values[name].line, Text: f.setting(name) + ": " + rule})
}

// check adds problems for all values that are wrong or cannot be simulated.
func (f *file) check() {
	for _, name := range []string{"fieldcount", "fieldlength", "maxscanlength", "operationcount", "recordcount", "insertcount", "threadcount"} {
		if f.values[name].line > 0 && f.number(name) < 1 {
			f.wrong(name, fmt.Sprintf("must be an integer from 1 to %d", math.MaxInt32))
		}
	}
	if all := f.number("recordcount"); all > 0 && f.number("insertcount") > all {
		f.wrong("insertcount", "must be at most recordcount, "+strconv.Itoa(all))
	}
	sum := 0.0
	for _, name := range shares {
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
		"insertorder": {"hashed", "ordered"}, "readallfields": {"false", "true"}, "writeallfields": {"false", "true"},
		"fieldlengthdistribution": {"constant"},
	} {
		if value := f.values[name].value; !slices.Contains(known, value) {
			f.wrong(name, input.MustBeOneOf(value, known))
		}
	}
	for name, only := range map[string]string{"insertstart": "0", "minscanlength": "1"} {
		if f.values[name].value != only {
			f.wrong(name, "must be "+only)
		}
	}
	if !strings.HasSuffix(f.values["workload"].value, ".CoreWorkload") {
		f.wrong("workload", "must be YCSB's CoreWorkload")
	}
	f.bounds()
	slices.SortStableFunc(f.problems, func(a, b input.Problem) int { return a.Line - b.Line })
}

// bounds refuses values that cannot be simulated, if the file's operations use them.
func (f *file) bounds() {
	if f.values["requestdistribution"].value == "hotspot" && f.share("hotspotdatafraction") >= 0 && f.hot() == 0 {
		f.wrong("hotspotdatafraction", "must be positive")
	}
	if f.share("scanproportion") > 0 && f.number("maxscanlength") > f.most.Scan {
		f.wrong("maxscanlength", fmt.Sprintf("must be at most %d", f.most.Scan))
	}
	count, length := f.number("fieldcount"), f.number("fieldlength")
	if f.readFields() > 0 && length > f.most.Record/f.readFields() {
		f.wrong("fieldlength", fmt.Sprintf("must be at most %d, as %d fields are read at once", f.most.Record/f.readFields(), f.readFields()))
		return
	}
	updates := f.share("updateproportion") > 0 || f.share("readmodifywriteproportion") > 0
	fields := 0 // number of fields that a write may have
	if updates {
		fields = 1
	}
	if f.share("insertproportion") > 0 || updates && f.all("write") {
		fields = max(count, 1)
	}
	switch most := f.most.Value / max(fields, 1); {
	case fields*length <= f.most.Value:
	case fields == 1 || most == 0 && length > f.most.Value:
		f.wrong("fieldlength", fmt.Sprintf("must be at most %d", f.most.Value))
	case f.values["fieldlength"].line > 0 && most > 0:
		f.wrong("fieldlength", fmt.Sprintf("must be at most %d, as %d fields are written at once", most, fields))
	default:
		f.wrong("fieldcount", fmt.Sprintf("must be at most %d, of fields of %d bytes", f.most.Value/length, length))
	}
}

// readFields is how many fields of a record are read at once, 0 if nothing reads.
func (f *file) readFields() int {
	switch {
	case max(f.share("readproportion"), f.share("scanproportion"), f.share("readmodifywriteproportion")) <= 0:
		return 0
	case f.all("read"):
		return max(f.number("fieldcount"), 1)
	}
	return 1
}

// all reports whether operations read or write all fields of a record, not one.
func (f *file) all(verb string) bool { return f.values[verb+"allfields"].value == "true" }

// hot is the share of keys in the hot set.
func (f *file) hot() sim.Probability { return sim.ProbabilityOf(f.share("hotspotdatafraction")) }

// number returns the value of a property, -1 if it is no number or too large.
func (f *file) number(name string) int {
	n, err := strconv.Atoi(f.values[name].value)
	if err != nil || n > math.MaxInt32 {
		return -1
	}
	return n
}

// shares are the proportions, which YCSB scales to a sum of 1.
var shares = []string{"readproportion", "updateproportion", "insertproportion", "scanproportion", "readmodifywriteproportion"}

// share returns the value of a proportion, -1 if it is no number.
func (f *file) share(name string) float64 {
	x, err := quantity.ParseNumber(f.values[name].value)
	if err != nil || x < 0 || x > 1 {
		return -1
	}
	return x
}

// load returns the Load of a file without problems.
func (f *file) load() *Load {
	sum := 0.0
	for _, name := range shares {
		sum += f.share(name)
	}
	if math.Abs(sum-1) < 1e-9 {
		sum = 1 // up to the rounding of decimal fractions
	}
	share := func(name string) sim.Probability { return sim.ProbabilityOf(f.share(name) / sum) }
	field := f.number("fieldlength")
	l := &Load{
		Reads: share("readproportion"), Updates: share("updateproportion"),
		Inserts: share("insertproportion"), Scans: share("scanproportion"),
		Distribution: requests(f.values["requestdistribution"].value),
		Hot:          f.hot(), Heat: sim.ProbabilityOf(f.share("hotspotopnfraction")),
		Order: f.values["insertorder"].value,
		Scan:  min(f.number("maxscanlength"), f.most.Scan), Lengths: strings.TrimSuffix(f.values["scanlengthdistribution"].value, "ian"),
		Value:   quantity.Bytes(min(field, f.most.Value)),
		Record:  quantity.Bytes(min(field*f.number("fieldcount"), f.most.Value)),
		Records: max(f.number(f.records()), 0), From: f.from(f.records()), Operations: max(f.number("operationcount"), 0), Threads: max(f.number("threadcount"), 0),
	}
	if f.all("write") {
		l.Value = l.Record
	}
	l.Read = quantity.Bytes(field) * quantity.Bytes(f.readFields())
	if l.Hot == 0 { // the distribution does not use it
		l.Hot = sim.ProbabilityOf(0.2)
	}
	return l
}

// records returns the property that says how many records there are to choose from. In YCSB
// insertcount records are loaded and chosen from; only latest counts from recordcount.
func (f *file) records() string {
	if f.number("insertcount") < 0 || f.values["requestdistribution"].value == "latest" {
		return "recordcount"
	}
	return "insertcount"
}

// from returns where a property is set, and to what.
func (f *file) from(name string) string {
	return fmt.Sprintf("%s:%d: %s", f.name, f.values[name].line, f.setting(name))
}

// setting returns what a property is set to.
func (f *file) setting(name string) string {
	return name + " = " + input.Shown(f.values[name].value)
}

// requests translates the name of a distribution of requests: what YCSB calls zipfian there
// is its scrambled one.
func requests(distribution string) string {
	if distribution == "zipfian" {
		return "scrambled"
	}
	return distribution
}
