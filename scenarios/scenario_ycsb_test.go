package scenarios

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

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
		got, err := Parse(filepath.Join(dir, "s.yaml"), []byte("workload: {operations: 4, workers: 2, properties: workload"+letter+"}"))
		if err != nil {
			t.Error(err)
			continue
		}
		want, err := Load("ycsb-" + letter)
		if err != nil {
			t.Fatal(err)
		}
		if want.Workload.Distribution == "default" {
			want.Workload.Distribution = "zipf"
		}
		want.Workload.Operations, want.Workload.Workers = 4, 2
		if letter != "e" {
			want.Workload.Scan = 1000 // which YCSB's default is
		}
		if got.Transactions.Count != 250 {
			t.Errorf("%s: %d transactions, want 250", letter, got.Transactions.Count)
		}
		for _, p := range parameters {
			g, w := printValue(p.in(got), p.option), printValue(p.in(want), p.option)
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
		"requestdistribution=hotspot\nhotspotdatafraction=0.5\nhotspotopnfraction=0.25\ninsertorder=ordered\nthreadcount=3\nwriteallfields=true\nfieldlength=5\nmeasurementtype=raw")
	const want = `workers: 20
clients: 3
transactions: 2
workload: {kind: ycsb, theta: 0.99, keys: 51, reads: 0.25, value: 50, distribution: hotspot, hot: 0.5, heat: 0.25,
  updates: 0.75, scan: 9}
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

// TestPropertiesRefused: what is wrong with a workload file is said of the parameter, and
// the scenario stays what it was.
func TestPropertiesRefused(t *testing.T) {
	name := writeFile(t, t.TempDir(), "w", "insertorder=sorted\nmaxscanlength=0")
	s := Default()
	prefix := "workload.properties = " + input.Shown(name) + ": "
	want := prefix + "line 1: insertorder = sorted: must be hashed or ordered\n" + prefix + "line 2: maxscanlength = 0: must be a positive integer"
	if err := s.Set("workload.properties", name); err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
	if !s.Equal(Default()) {
		t.Error("it changes the scenario")
	}
}
