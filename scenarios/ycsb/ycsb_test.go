package ycsb_test

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/scenarios/input"
	"github.com/seed83d86191/txsim/scenarios/quantity"
	"github.com/seed83d86191/txsim/scenarios/ycsb"
	"github.com/seed83d86191/txsim/sim"
)

var bounds = ycsb.Bounds{Scan: 10000, Value: 64 << 10, Record: 1 << 30}

// YCSB's workload B.
func ExampleRead() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	name := filepath.Join(dir, "workloadb")
	text := "recordcount=1000\nreadproportion=0.95\nupdateproportion=0.05\nrequestdistribution=zipfian\n"
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	load, err := ycsb.Read(name, bounds)
	fmt.Println(load.Records, quantity.Fraction(load.Reads), load.Distribution, load.Value, err)
	// Output: 1000 0.95 scrambled 100 <nil>
}

// TestWithoutEffect: real files carry properties that change nothing, be it at their
// value; the load is that of the file without them.
func TestWithoutEffect(t *testing.T) {
	const file = "recordcount=1000\nreadproportion=0.5\nupdateproportion=0.5\n"
	want := read(t, file)
	for _, more := range []string{"minscanlength=1", "insertstart=0", "fieldnameprefix=field", "exponential.percentile=95",
		"exponential.frac=0.8571428571", "insertcount=1000",
		"minfieldlength=1", "fieldlengthhistogram=hist.txt\nfieldlengthdistribution=constant"} {
		got := read(t, file+more)
		got.From = want.From
		if *got != *want {
			t.Errorf("%s: %+v, expected %+v", more, got, want)
		}
	}
}

// TestNotLookedAt: what no operation of the file looks at is not refused, and stays within
// the bounds of a workload.
func TestNotLookedAt(t *testing.T) {
	const reads = "readproportion=1\nupdateproportion=0\n"
	l := read(t, reads+"hotspotdatafraction=0\nmaxscanlength=20000\nfieldlength=100000")
	if l.Hot != sim.ProbabilityOf(0.2) || l.Scan != 10000 || l.Value != 64<<10 || l.Record != 64<<10 || l.Read != 1000000 {
		t.Errorf("%+v", l)
	}
	if l := read(t, reads+"writeallfields=true\nfieldlength=10000"); l.Value != 64<<10 || l.Read != 100000 {
		t.Errorf("no writes: %+v", l)
	}
	if l := read(t, "\ufefffieldlength=10000"); l.Value != 10000 || l.Record != 64<<10 {
		t.Errorf("updates of %d bytes, and inserts, of which there are none, of %d", l.Value, l.Record)
	}
}

// TestShares: proportions are scaled to a sum of 1, and are as they are written if that is
// their sum but for rounding.
func TestShares(t *testing.T) {
	for text, want := range map[string][4]float64{ // reads, updates, inserts, scans
		"readproportion=1\nupdateproportion=1\nscanproportion=0.5":                                                          {0.4, 0.4, 0, 0.2},
		"readproportion=0.2\nupdateproportion=0.05":                                                                         {0.8, 0.2, 0, 0},
		"readproportion=0.1\nupdateproportion=0.2\ninsertproportion=0.3\nscanproportion=0.3\nreadmodifywriteproportion=0.1": {0.1, 0.2, 0.3, 0.3},
		"": {0.95, 0.05, 0, 0},
	} {
		l := read(t, text)
		for i, got := range []sim.Probability{l.Reads, l.Updates, l.Inserts, l.Scans} {
			if got != sim.ProbabilityOf(want[i]) {
				t.Errorf("%q: share %d is %v, expected %v", text, i, quantity.Fraction(got), want[i])
			}
		}
	}
}

// TestTotals: a number that the file does not give is 0.
func TestTotals(t *testing.T) {
	if l := read(t, "operationcount=2147483647\nthreadcount=16"); l.Records != 0 || l.Operations != math.MaxInt32 || l.Threads != 16 {
		t.Errorf("%+v", l)
	}
	if l := read(t, "recordcount=5"); l.Records != 5 || l.Operations != 0 || l.Threads != 0 {
		t.Errorf("%+v", l)
	}
}

// TestHotspot: the sizes of the hot set and of what goes to it are those of the file.
func TestHotspot(t *testing.T) {
	l := read(t, "requestdistribution=hotspot\nhotspotdatafraction=0.3\nhotspotopnfraction=0.7")
	if l.Hot != sim.ProbabilityOf(0.3) || l.Heat != sim.ProbabilityOf(0.7) {
		t.Errorf("%v of the keys for %v of the operations", quantity.Fraction(l.Hot), quantity.Fraction(l.Heat))
	}
}

// TestWriteSizes: an update writes one field, or all, and may be as large as a value can be.
func TestWriteSizes(t *testing.T) {
	for text, want := range map[string]quantity.Bytes{
		"": 100, "writeallfields=true": 1000, "writeallfields=true\nfieldcount=3\nfieldlength=7": 21,
		"fieldlength=65536": 65536, "writeallfields=true\nfieldcount=16\nfieldlength=4096": 65536,
	} {
		if got := read(t, text).Value; got != want {
			t.Errorf("%q: updates of %d bytes, expected %d", text, got, want)
		}
	}
	if l := read(t, "fieldcount=16\nfieldlength=67108864\nupdateproportion=0\nscanproportion=0.1\nmaxscanlength=10000"); l.Read != 1<<30 || l.Scan != 10000 {
		t.Errorf("reads of %d bytes, scans of %d keys", l.Read, l.Scan)
	}
}

// TestProperties: a file is read as Java reads it.
func TestProperties(t *testing.T) {
	want := read(t, "recordcount=1000\nthreadcount=8\ninsertorder=ordered")
	for _, text := range []string{
		"# of=1\n! of=2\n\nrecordcount = 1000\nthreadcount: 8\ninsertorder ordered\n",
		"\t#recordcount=9\r\n recordcount\t=\t1000 \r\nthreadcount :8\r\ninsertorder=ordered\r\n",
		"recordcount=10\\\n   00\nthreadcount\\\n=\\\n8\ninsertorder=ordered\\",
		"recordcount=1\\u00300\\u0030\n\\thread\\count=8\n\\u0069nsertorder=\\o\\u0072dered",
		"table=a\\\\\nrecordcount=1000\nthreadcount=8\ninsertorder=ordered", // an escaped backslash continues no line
	} {
		text = strings.Replace(text, "\\thread", "\\u0074hread", 1) // \t is a tab
		got := read(t, text)
		got.From = want.From
		if *got != *want {
			t.Errorf("%q: %+v, expected %+v", text, got, want)
		}
	}
}

// TestScrambled: zipfian is scrambled, by which its popular keys are scattered whatever the
// order of the records.
func TestScrambled(t *testing.T) {
	for distribution, want := range map[string]string{"zipfian": "scrambled", "latest": "latest", "hotspot": "hotspot", "uniform": "uniform"} {
		for _, order := range []string{"ordered", "hashed"} {
			l := read(t, "scanlengthdistribution=zipfian\nrequestdistribution="+distribution+"\ninsertorder="+order)
			if l.Distribution != want || l.Order != order || l.Lengths != "zipf" {
				t.Errorf("%s, insertorder %s: %+v", distribution, order, l)
			}
		}
	}
}

// TestReadSizes: a read returns all fields of a record, or one.
func TestReadSizes(t *testing.T) {
	for text, want := range map[string]quantity.Bytes{
		"": 1000, "readallfields=true": 1000, "readallfields=false": 100, "fieldcount=3\nfieldlength=7": 21, "scanproportion=1\nreadproportion=0": 1000,
		"readproportion=0\nupdateproportion=1": 0, "readproportion=0\nupdateproportion=0\nreadmodifywriteproportion=1": 1000,
		"fieldcount=1000\nfieldlength=1000\nupdateproportion=0": 1000000,
	} {
		if got := read(t, text).Read; got != want {
			t.Errorf("%q: reads of %d bytes, expected %d", text, got, want)
		}
	}
}

// TestInsertCount: of the records, operations are on those that are loaded, but for the
// latest.
func TestInsertCount(t *testing.T) {
	for text, want := range map[string]int{
		"recordcount=1000\ninsertcount=400": 400, "insertcount=400": 400, "requestdistribution=zipfian\nrecordcount=1000\ninsertcount=400": 400,
		"requestdistribution=latest\nrecordcount=1000\ninsertcount=400": 1000, "recordcount=1000": 1000, "": 0,
	} {
		if got := read(t, text).Records; got != want {
			t.Errorf("%q: %d records, expected %d", text, got, want)
		}
	}
}

func read(t *testing.T, text string) *ycsb.Load {
	t.Helper()
	name := filepath.Join(t.TempDir(), "w")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	load, err := ycsb.Read(name, bounds)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return load
}

// ten are the refusals of properties of one letter, one on a line.
func ten(name, letters string) string {
	var b strings.Builder
	for i, c := range letters {
		fmt.Fprintf(&b, "%s:%d: property %c: cannot be simulated\n", name, i+1, c)
	}
	return b.String()
}

// TestTooLong: a file over 1 MiB is refused.
func TestTooLong(t *testing.T) {
	t.Chdir(t.TempDir())
	for size, want := range map[int]string{1 << 20: "<nil>", 1<<20 + 1: "longer than 1048576 bytes: expected a workload file of YCSB"} {
		text := "#" + strings.Repeat("x", size-len("#"))
		if err := os.WriteFile("w", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := ycsb.Read("w", bounds); fmt.Sprint(err) != want {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
}

// TestRefusals: what cannot be simulated is refused with its line.
func TestRefusals(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	for text, want := range map[string]string{
		"readproportion=1\nreadprportion=1":                    "w:2: property readprportion: cannot be simulated; did you mean readproportion?",
		"target=100":                                           "w:1: property target: cannot be simulated",
		"\n\nrequestdistribution=exponential":                  "w:3: requestdistribution = exponential: must be uniform, zipfian, latest or hotspot",
		"requestdistribution=zipf":                             "w:1: requestdistribution = zipf: must be uniform, zipfian, latest or hotspot; did you mean zipfian?",
		"recordcount=many":                                     "w:1: recordcount = many: must be an integer from 1 to 2147483647",
		"recordcount=2147483648":                               "w:1: recordcount = 2147483648: must be an integer from 1 to 2147483647",
		"operationcount=0":                                     "w:1: operationcount = 0: must be an integer from 1 to 2147483647",
		"scanproportion=1.5":                                   "w:1: scanproportion = 1.5: must be 0 to 1",
		"updateproportion=0\nreadproportion=0":                 "w:2: readproportion = 0: must be positive, or another proportion be",
		"workload=site.ycsb.workloads.TimeSeriesWorkload":      "w:1: workload = site.ycsb.workloads.TimeSeriesWorkload: must be YCSB's CoreWorkload",
		"insertorder=hashed\n#\ninsertorder=ordered":           "w:3: duplicate property insertorder, first on line 1: expected it once",
		"minscanlength=2\nmaxscanlength=9":                     "w:1: minscanlength = 2: must be 1",
		"insertstart=5":                                        "w:1: insertstart = 5: must be 0",
		"recordcount=9\ninsertcount=10":                        "w:2: insertcount = 10: must be at most recordcount, 9",
		"insertcount=0":                                        "w:1: insertcount = 0: must be an integer from 1 to 2147483647",
		"\nhotspotdatafraction=0\nrequestdistribution=hotspot": "w:2: hotspotdatafraction = 0: must be positive",
		"scanproportion=0.1\nmaxscanlength=20000":              "w:2: maxscanlength = 20000: must be at most 10000",
		"fieldlength=100000":                                   "w:1: fieldlength = 100000: must be at most 65536",
		"readmodifywriteproportion=1\nupdateproportion=0\nfieldlength=100000":       "w:3: fieldlength = 100000: must be at most 65536",
		"insertproportion=0.1\nfieldlength=10000":                                   "w:2: fieldlength = 10000: must be at most 6553, as 10 fields are written at once",
		"writeallfields=true\nfieldcount=5\nfieldlength=20000":                      "w:3: fieldlength = 20000: must be at most 13107, as 5 fields are written at once",
		"insertproportion=0.1\nfieldcount=2\nfieldlength=100000":                    "w:3: fieldlength = 100000: must be at most 32768, as 2 fields are written at once",
		"readproportion=0\ninsertproportion=1\nfieldcount=70000\nfieldlength=70000": "w:4: fieldlength = 70000: must be at most 65536",
		"insertproportion=0.1\nfieldcount=1000":                                     "w:2: fieldcount = 1000: must be at most 655, of fields of 100 bytes",
		"insertproportion=0.1\nfieldcount=100000\nfieldlength=10":                   "w:2: fieldcount = 100000: must be at most 6553, of fields of 10 bytes",
		"fieldlength=200000000":                                                     "w:1: fieldlength = 200000000: must be at most 107374182, as 10 fields are read at once",
		"readallfields=some":                                                        "w:1: readallfields = some: must be false or true",
		"maxexecutiontime=60":                                                       "w:1: property maxexecutiontime: cannot be simulated",
		`recordcount=\u12`:                                                          `w:1: bad escape "\\u12": expected four hexadecimal digits behind \u`,
		"recordcount=\\u+012":                                                       `w:1: bad escape "\\u+012": expected four hexadecimal digits behind \u`,
		"insertorder=a\\tb":                                                         `w:1: insertorder = "a\tb": must be hashed or ordered`,
		"insertorder=\\t\\n\\r\\f":                                                  `w:1: insertorder = "\t\n\r\f": must be hashed or ordered`,
		"readproportion=most":                                                       "w:1: readproportion = most: must be 0 to 1",
		"hotspotopnfraction=1.5\nhotspotdatafraction=-1":                            "w:1: hotspotopnfraction = 1.5: must be 0 to 1\nw:2: hotspotdatafraction = -1: must be 0 to 1",
		"a=\nb=\nc=\nd=\ne=\nf=\ng=\nh=\ni=\nj=\nk=":                                ten("w", "abcdefghij") + "w: stopped after 10 problems",
		"a=\nb=\nc=\nd=\ne=\nf=\ng=\nh=\ni=\nj=":                                    strings.TrimSuffix(ten("w", "abcdefghij"), "\n"),
		"fieldnameprefix=f\\ \nrecordcount=9":                                       `w:1: nothing behind \`,
		"updateproportion\\u003d0=1":                                                "w:1: property updateproportion=0: cannot be simulated; did you mean updateproportion?",
		"insertorder=sorted\nmaxscanlength=0\nfieldlength=1\ncolor=":                "w:1: insertorder = sorted: must be hashed or ordered\nw:2: maxscanlength = 0: must be an integer from 1 to 2147483647\nw:4: property color: cannot be simulated",
	} {
		if err := os.WriteFile("w", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		load, err := ycsb.Read("w", bounds)
		if bad := (*input.Error)(nil); load != nil || !errors.As(err, &bad) || err.Error() != want {
			t.Errorf("%q:\n got %v\nwant %s", text, err, want)
		}
	}
	for name, want := range map[string]string{
		filepath.Join(dir, "none"): "no such file: expected a workload file of YCSB",
		dir:                        "not a file: expected a workload file of YCSB",
	} {
		if _, err := ycsb.Read(name, bounds); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
