package scenarios

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios/input"
)

func writeFile(t testing.TB, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// ycsbWorkloads are the workload files of YCSB's core package, without their
// comments.
var ycsbWorkloads = map[string]string{
	"a": "readproportion=0.5\nupdateproportion=0.5\nscanproportion=0\ninsertproportion=0\n\nrequestdistribution=zipfian\n",
	"b": "readproportion=0.95\nupdateproportion=0.05\nscanproportion=0\ninsertproportion=0\n\nrequestdistribution=zipfian\n",
	"c": "readproportion=1\nupdateproportion=0\nscanproportion=0\ninsertproportion=0\n\nrequestdistribution=zipfian\n",
	"d": "readproportion=0.95\nupdateproportion=0\nscanproportion=0\ninsertproportion=0.05\n\nrequestdistribution=latest\n",
	"e": "readproportion=0\nupdateproportion=0\nscanproportion=0.95\ninsertproportion=0.05\n\nrequestdistribution=zipfian\n\nmaxscanlength=100\n\nscanlengthdistribution=uniform\n",
	"f": "readproportion=0.5\nupdateproportion=0\nscanproportion=0\ninsertproportion=0\nreadmodifywriteproportion=0.5\n\nrequestdistribution=zipfian\n",
}

// TestPropertiesLibrary: YCSB's own files say the load that the library has by
// the same letter.
func TestPropertiesLibrary(t *testing.T) {
	dir := t.TempDir()
	for letter, text := range ycsbWorkloads {
		writeFile(t, dir, "workload"+letter, "# Yahoo! Cloud System Benchmark\n\nrecordcount=100000\noperationcount=1000\n"+
			"workload=com.yahoo.ycsb.workloads.CoreWorkload\n\nreadallfields=true\n\n"+text)
		got, err := Parse(filepath.Join(dir, "s.yaml"), []byte("workload: {operations: 4, properties: workload"+letter+"}"))
		if err != nil {
			t.Error(err)
			continue
		}
		want, err := Load("ycsb-" + letter)
		if err != nil {
			t.Fatal(err)
		}
		want.Workload.Operations = 4
		if letter != "e" {
			want.Workload.Scan = 1000 // which YCSB's default is
		}
		want.Workload.Inserted = 1000 // likewise
		if got.Transactions.Count != 250 {
			t.Errorf("%s: %d transactions, want 250", letter, got.Transactions.Count)
		}
		for _, p := range parameters {
			g, w := p.text(got), p.text(want)
			if strings.HasPrefix(p.path, "workload.") && g != w && (len(g) < 6 || g[:6] != w[:6]) { // 0.05 in 64 bits
				t.Errorf("%s: %s = %s, want %s", letter, p.path, g, w)
			}
		}
	}
}

// TestProperties reads files, with something given beside them.
func TestProperties(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, dir, "w.properties", "! YCSB\n  recordcount : 1001\noperationcount 7\r\nreadproportion = 125\\\n   e-3\nupdateproportion:0.375\n"+
		"requestdistribution=hotspot\nhotspotdatafraction=0.5\nhotspotopnfraction=0.25\ninsertorder=ordered\nthreadcount=3\nwriteallfields=true\nreadallfields=false\nfieldlength=5\nmeasurementtype=raw")
	const want = `workers: 20
clients: 3
transactions: 2
workload: {kind: ycsb, theta: 0.99, keys: 51, workers: any, reads: 0.25, value: 50, record: 5, distribution: hotspot,
  global: true, hot: 0.5, heat: 0.25, updates: 0.75, inserted: 50, scan: 9}
`
	s, err := Parse(filepath.Join(dir, "s.yaml"), []byte("workload: {scan: 9, properties: w.properties}\nworkers: 20"))
	if err != nil {
		t.Fatal(err)
	}
	if got := string(s.Brief()); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	s, err = Load(filepath.Join(dir, "w.properties"))
	if err != nil || s.Workload.Keys != 101 || s.Name != "w.properties" || s.Clients != 3 {
		t.Errorf("%v\n%s", err, s.Brief())
	}
	s = Default()
	if err := s.Set("arrivals.rate", "7/s"); err != nil {
		t.Fatal(err)
	}
	if err := s.Set("workload.properties", filepath.Join(dir, "w.properties")); err != nil || s.Clients != 3 || s.Arrivals.Kind != "none" {
		t.Errorf("%v\n%s", err, s.Brief())
	}
}

// TestPropertiesSpread: records are spread over the workers that there will be, and
// operations over transactions of the size that these will have, in whichever order all is
// said; but what is given for keys and transactions stays.
func TestPropertiesSpread(t *testing.T) {
	dir := t.TempDir()
	name := writeFile(t, dir, "w.properties", "recordcount=1001\noperationcount=1003\n")
	properties := "workload.properties=" + name
	for _, c := range []struct {
		sets               []string
		keys, transactions int
	}{
		{[]string{properties}, 101, 251},
		{[]string{properties, "workers=100"}, 11, 251},
		{[]string{"workers=100", properties}, 11, 251},
		{[]string{properties, "workers=100", "workers=20"}, 51, 251},
		{[]string{properties, "workload.operations=10"}, 101, 101},
		{[]string{"workload.operations=10", properties}, 101, 101},
		{[]string{properties, "workload={operations: 1}"}, 101, 1003},
		{[]string{"workload={operations: 1, properties: " + name + "}", "workers=1"}, 1001, 1003},
		{[]string{properties, "workload.keys=7", "workers=100"}, 7, 251},
		{[]string{"workload.keys=7", properties, "workers=100"}, 7, 251},
		{[]string{"workload={keys: 7, properties: " + name + "}", "workers=100"}, 7, 251},
		{[]string{properties, "transactions=5", "workload.operations=1"}, 101, 5},
		{[]string{"transactions=5", properties, "workload.operations=1"}, 101, 5},
	} {
		s := Default()
		if err := s.Apply(c.sets...); err != nil || s.Workload.Keys != c.keys || s.Transactions.Count != c.transactions {
			t.Errorf("%v: %d keys, %d transactions, %v: expected %d and %d", c.sets, s.Workload.Keys, s.Transactions.Count, err, c.keys, c.transactions)
		}
		again, err := Parse("again.yaml", s.YAML())
		if err != nil || !again.Equal(s) {
			t.Errorf("%v: what is printed is another scenario: %v", c.sets, err)
		}
	}
	base := Default()
	if err := base.Apply(properties); err != nil {
		t.Fatal(err)
	}
	cells := &Sweep{Scenario: base, Vary: []Vary{{Path: "workers", Values: []string{"10", "100"}}, {Path: "workload.operations", Values: []string{"4", "10"}}}}
	if err := cells.Open(t.Context(), model.Protocols()); err != nil {
		t.Fatal(err)
	}
	defer cells.Close()
	for i, want := range [][2]int{{101, 251}, {101, 101}, {11, 251}, {11, 101}} {
		if s := cells.cells[i].job.s; s.Workload.Keys != want[0] || s.Transactions.Count != want[1] {
			t.Errorf("%v: %d keys, %d transactions, expected %v", cells.Settings(i), s.Workload.Keys, s.Transactions.Count, want)
		}
	}
	hash := cells.Hash()
	writeFile(t, dir, "w.properties", "recordcount=1010\noperationcount=1004\n") // as many on ten workers
	if err := cells.Scenario.Apply(properties); err != nil || cells.Hash() == hash {
		t.Errorf("%v: the results of other totals belong together", err)
	}
	lines := Default()
	if err := lines.Apply(properties, `transactions.inline=["t1: w0 read k"]`, "workload.record=1"); err != nil || lines.Transactions.Count != 0 {
		t.Errorf("%v: lines are to be run, and %d transactions", err, lines.Transactions.Count)
	}
}

// TestPropertiesGiven: what a scenario file gives beside a workload file stays, until that
// of another is set; and what the other does not say stays too.
func TestPropertiesGiven(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, dir, "w.properties", "recordcount=1000\n")
	other := writeFile(t, dir, "o.properties", "recordcount=2000\noperationcount=400\n")
	s, err := Parse(filepath.Join(dir, "s.yaml"), []byte("transactions: 9\nworkload: {keys: 7, properties: w.properties}"))
	for _, c := range []struct {
		set                string
		keys, transactions int
	}{{"workers=100", 7, 9}, {"workload.properties=" + other, 20, 100}, {"workers=10", 200, 100}, {"workload.properties=" + filepath.Join(dir, "w.properties"), 100, 100}} {
		if err == nil {
			err = s.Apply(c.set)
		}
		if err != nil || s.Workload.Keys != c.keys || s.Transactions.Count != c.transactions {
			t.Errorf("%s: %d keys, %d transactions, %v: expected %d and %d", c.set, s.Workload.Keys, s.Transactions.Count, err, c.keys, c.transactions)
		}
	}
}

// TestPropertiesRefused: what is wrong with a workload file is said of its lines, beside what
// is wrong with the scenario that names it, and the scenario stays what it was.
func TestPropertiesRefused(t *testing.T) {
	dir := t.TempDir()
	name := writeFile(t, dir, "w", "insertorder=sorted\nmaxscanlength=0")
	s := Default()
	want := name + ":1: insertorder = sorted: must be hashed or ordered\n" + name + ":2: maxscanlength = 0: must be an integer from 1 to 2147483647"
	_, parsed := Parse(filepath.Join(dir, "s.yaml"), []byte("workload: {properties: w}"))
	for _, err := range []error{s.Set("workload.properties", name), parsed} {
		if bad := (*input.Error)(nil); !errors.As(err, &bad) || err.Error() != want {
			t.Errorf("got %v\nwant %s", err, want)
		}
	}
	_, err := Parse(filepath.Join(dir, "s.yaml"), []byte("workload: {properties: w}\nworkers: ten"))
	if err == nil || !strings.Contains(err.Error(), "s.yaml:2:10: workers = ten: must be an integer") || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("got %v\nwant what is wrong with workers and\n%s", err, want)
	}
	want = "workload.theta = x: must be a number\n" + want
	if err := s.Set("workload", "{theta: x, properties: "+name+"}"); err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
	if !s.Equal(Default()) {
		t.Error("it changes the scenario")
	}
}

// TestPropertiesRecords: more records than the workers can have are refused as the file
// says them.
func TestPropertiesRecords(t *testing.T) {
	dir := t.TempDir()
	name := writeFile(t, dir, "w.properties", "#\nrecordcount=200000000")
	s := loaded(t, name)
	want := name + ":2: recordcount = 200000000: must be at most 100000000 on 10 workers"
	if err := s.Validate(); err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
	if err := s.Apply("workload.operations=0"); err != nil || s.Validate() == nil || s.Validate().Error() != want+"\nworkload.operations = 0: must be 1 to 10000" {
		t.Errorf("%v, %v", err, s.Validate())
	}
	if err := s.Apply("workers=20", "workload.operations=1"); err != nil || s.Validate() != nil {
		t.Errorf("on more workers: %v, %v", err, s.Validate())
	}
	want = "s.yaml:1:24: w.properties:2: recordcount = 200000000: must be at most 20000000 on 2 workers"
	t.Chdir(dir)
	if _, err := Parse("s.yaml", []byte("workload: {properties: w.properties}\nworkers: 2")); err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got %v\nwant %s", err, want)
	}
	if err := s.Apply("workload.keys=0"); err != nil || s.Validate().Error() != "workload.keys = 0: must be 1 to 10000000" {
		t.Errorf("%v, %v", err, s.Validate())
	}
}

// What has been written out as lines is not divided again.
func TestPropertiesWritten(t *testing.T) {
	s := Default()
	if err := s.Apply("workload.properties=" + writeFile(t, t.TempDir(), "w.properties", "recordcount=1000\noperationcount=400\n")); err != nil {
		t.Fatal(err)
	}
	txns := generated(t, s)
	s.write(txns[:2])
	if err := s.Set("workload.record", "1"); err != nil || s.Transactions.Count != 0 || len(s.Transactions.Inline) != 2 {
		t.Errorf("%v: %d transactions to generate, %d lines", err, s.Transactions.Count, len(s.Transactions.Inline))
	}
}

// TestPropertiesSizes: an insert writes all fields of a record, and an update one of them,
// or all too.
func TestPropertiesSizes(t *testing.T) {
	for text, want := range map[string]int{
		"insertproportion=1\nreadproportion=0\nupdateproportion=0":                                                    1000,
		"insertproportion=0\nreadproportion=0\nupdateproportion=1":                                                    100,
		"insertproportion=0\nreadproportion=0\nupdateproportion=1\nwriteallfields=true":                               1000,
		"insertproportion=1\nreadproportion=0\nupdateproportion=0\nfieldcount=3\nfieldlength=50\nwriteallfields=true": 150,
	} {
		s := Default()
		if err := s.Apply("workload.properties="+writeFile(t, t.TempDir(), "w.properties", text), "transactions=5"); err != nil {
			t.Fatal(err)
		}
		for _, tx := range generated(t, s) {
			for i := range tx.Ops {
				if op := &tx.Ops[i]; op.Kind != model.Write || len(op.Value) != want {
					t.Errorf("%q: %v of %d bytes, expected a write of %d", text, op.Kind, len(op.Value), want)
				}
			}
		}
	}
}

// generated are the transactions of a scenario's first seed.
func generated(t *testing.T, s *Scenario) []*model.Transaction {
	job := openJob(t, s)
	txns, err := job.transactions(1)
	if err != nil {
		t.Fatal(err)
	}
	return txns
}
