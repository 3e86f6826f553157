package ycsb

import (
	"errors"
	"fmt"
	"io"
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
	"fieldcount": "10", "fieldlength": "100", "writeallfields": "false", "fieldlengthdistribution": "constant",
	"workload": "site.ycsb.workloads.CoreWorkload", "insertstart": "0",
	"recordcount": "", "insertcount": "", "operationcount": "", "threadcount": "",
}

// ignored begin the names of properties that say how YCSB measures, stores or names
// fields, or that are only of the distribution exponential, which is refused: nothing
// about the load.
var ignored = []string{
	"readallfields", "table", "columnfamily", "dataintegrity", "zeropadding", "measurement", "histogram.", "hdrhistogram.", "timeseries.",
	"reportlatencyforeacherror", "latencytrackederrors", "core_workload_insertion_retry_", "exporter", "exportfile", "status.", "db",
	"fieldnameprefix", "exponential.percentile", "exponential.frac",
}

// file is a workload file of YCSB on its way into a Load.
type file struct {
	values   map[string]property
	problems []problem
}

type problem struct {
	line int
	text string
}

// maxSize is how long such a file may be.
const maxSize = 1 << 20

// Load is what a workload file says, defaults included.
type Load struct {
	Reads, Updates, Inserts, Scans sim.Probability // shares of all operations; the rest read and write

	Distribution string // of keys: uniform, zipf, latest or hotspot
	Hot, Heat    sim.Probability
	Order        string // ordered or hashed
	Scan         int    // the longest
	Lengths      string // of scans: uniform or zipf
	Value        quantity.Bytes // that an update writes
	Record       quantity.Bytes // that an insert writes

	Records, Operations, Threads int // 0 where the file does not say
}

// Read reads the named file. The errors are of the file, or of each line that is wrong or
// says what cannot be simulated, in order.
func Read(name string) (*Load, []error) {
	text, err := readText(name)
	if err != nil {
		return nil, []error{err}
	}
	all, err := parseProperties(text)
	if err != nil {
		return nil, []error{err}
	}
	f := newFile(all)
	f.check()
	var errs []error
	for _, p := range f.problems {
		errs = append(errs, fmt.Errorf("line %d: %s", p.line, p.text))
	}
	if errs != nil {
		return nil, errs
	}
	return f.load(), nil
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

func newFile(all []property) *file {
	f := &file{values: map[string]property{}}
	for name, value := range defaults {
		f.values[name] = property{name, value, 0}
	}
	var known []string
	for name := range defaults {
		known = append(known, name)
	}
	slices.Sort(known)
	for _, p := range all {
		if _, ok := defaults[p.name]; ok {
			f.values[p.name] = p
			continue
		}
		if slices.ContainsFunc(ignored, func(prefix string) bool { return strings.HasPrefix(p.name, prefix) }) {
			continue
		}
		text := "property " + input.Shown(p.name) + ": cannot be simulated"
		if near := input.Nearest(p.name, known); near != "" {
			text += "; did you mean " + near + "?"
		}
		f.problems = append(f.problems, problem{p.line, text})
	}
	return f
}

// wrong adds the problem of a value; a default has none.
func (f *file) wrong(name, rule string) {
	p := f.values[name]
	f.problems = append(f.problems, problem{p.line, name + " = " + input.Shown(p.value) + ": " + rule})
}

// check finds all values that are wrong or cannot be simulated, by line.
func (f *file) check() {
	for _, name := range []string{"fieldcount", "fieldlength", "maxscanlength", "operationcount", "recordcount", "insertcount", "threadcount"} {
		if f.values[name].line > 0 && f.number(name) < 1 {
			f.wrong(name, "must be a positive integer")
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
		"insertorder": {"hashed", "ordered"}, "writeallfields": {"false", "true"},
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
	slices.SortStableFunc(f.problems, func(a, b problem) int { return a.line - b.line })
}

// number is the value of a property, -1 if it is none.
func (f *file) number(name string) int {
	n, err := strconv.Atoi(f.values[name].value)
	if err != nil || n > math.MaxInt32 {
		return -1
	}
	return n
}

// shares are the proportions, which YCSB scales to a sum of 1.
var shares = []string{"readproportion", "updateproportion", "insertproportion", "scanproportion", "readmodifywriteproportion"}

// share is the value of a proportion, -1 if it is none.
func (f *file) share(name string) float64 {
	x, err := quantity.ParseNumber(f.values[name].value)
	if err != nil || x < 0 || x > 1 {
		return -1
	}
	return x
}

// load is what a file without problems says.
func (f *file) load() *Load {
	sum := 0.0
	for _, name := range shares {
		sum += f.share(name)
	}
	if math.Abs(sum-1) < 1e-9 {
		sum = 1 // but for what decimal fractions lose by being binary
	}
	share := func(name string) sim.Probability { return sim.ProbabilityOf(f.share(name) / sum) }
	l := &Load{
		Reads: share("readproportion"), Updates: share("updateproportion"),
		Inserts: share("insertproportion"), Scans: share("scanproportion"),
		Distribution: ours(f.values["requestdistribution"].value),
		Hot:          sim.ProbabilityOf(f.share("hotspotdatafraction")), Heat: sim.ProbabilityOf(f.share("hotspotopnfraction")),
		Order: f.values["insertorder"].value,
		Scan:  f.number("maxscanlength"), Lengths: ours(f.values["scanlengthdistribution"].value),
		Value:   quantity.Bytes(f.number("fieldlength")),
		Records: f.records(), Operations: max(f.number("operationcount"), 0), Threads: max(f.number("threadcount"), 0),
	}
	l.Record = l.Value * quantity.Bytes(f.number("fieldcount"))
	if f.values["writeallfields"].value == "true" {
		l.Value = l.Record
	}
	return l
}

// records is how many are there to choose from, 0 where the file does not say. YCSB has
// insertcount for the records that are loaded, and chooses from these, but for the latest,
// which it counts from recordcount.
func (f *file) records() int {
	loaded := f.number("insertcount")
	if loaded < 0 || f.values["requestdistribution"].value == "latest" {
		return max(f.number("recordcount"), 0)
	}
	return loaded
}

// ours is the name of a distribution that YCSB calls zipfian.
func ours(distribution string) string { return strings.TrimSuffix(distribution, "ian") }
