package scenarios

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios/fault"
	"github.com/seed83d86191/txsim/sim"
)

// matrixJob opens a scenario of the library, changed.
func matrixJob(t testing.TB, name string, sets ...string) *Job {
	t.Helper()
	return openJob(t, loaded(t, name, sets...))
}

func matrixOpen(t testing.TB, s *Scenario, protocols []model.Protocol, sets ...string) *Job {
	t.Helper()
	if err := s.Apply(sets...); err != nil {
		t.Fatal(err)
	}
	return openJob(t, s, protocols...)
}

func matrixOf(t testing.TB, j *Job, o MatrixOptions) *MatrixResult {
	t.Helper()
	r, err := Matrix(context.Background(), j, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// text is what the matrix prints.
func (r *MatrixResult) text(t testing.TB) string {
	t.Helper()
	var b strings.Builder
	if err := r.Write(&b, func(sets []string) string { return strings.Join(sets, " & ") }); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Every protocol with every concurrency control and execution survives: a
// sample of the cells, with keys few enough to be fought over. The whole of it
// is txsim matrix bank --set workload.keys=2 … for each.
func TestMatrixSurvives(t *testing.T) {
	t.Parallel()
	reached := map[MatrixPlace]bool{}
	for _, p := range matrixPlaces() {
		reached[p] = true
	}
	for i, p := range model.Protocols() {
		for k, c := range model.Concurrencies() {
			for e, mode := range model.ExecutionNames {
				j := matrixJob(t, "bank", "protocol="+p.Name(), "concurrency="+c.Name(), "execution="+mode, "workers=3",
					"workload={kind: bank, keys: 2, workers: 2}")
				r := matrixOf(t, j, MatrixOptions{Seed: uint64(1 + 9*i + 3*k + e), First: 4, Cells: 25, Pairs: 15})
				if r.Survived != r.Cells || r.Done != r.Cells || len(r.Failures) > 0 || r.Blocked == 0 {
					t.Errorf("%s %s %s:\n%s", p.Name(), c.Name(), mode, r.text(t))
				}
				for _, row := range r.Rows {
					if row.Stage != stagePairs && row.Stage != stageReference && !reached[MatrixPlace{row.Role, row.Boundary}] {
						t.Errorf("%s %s is not among the classes that there are", row.Role, row.Boundary)
					}
				}
			}
		}
	}
}

// All cells of a small transaction, and what the matrix says of them.
func TestMatrixWhole(t *testing.T) {
	t.Parallel()
	j := matrixJob(t, "bank", "workers=3", "coordinators=1")
	r := matrixOf(t, j, MatrixOptions{Seed: 1, First: 1, Down: []time.Duration{300 * time.Millisecond}, Pairs: 50})
	if r.Survived != r.Cells || r.Cells < 1000 || r.Different < r.Cells/3 || r.Transaction != "t1" {
		t.Error(r.text(t))
	}
	rows := map[string]MatrixRow{}
	for _, row := range r.Rows {
		rows[row.Stage+" "+row.Role+" "+row.Boundary] = row
	}
	for place, want := range map[string]MatrixRow{
		// Two workers, before and after, with nothing unsynced: once each.
		"life worker send vote": {Lost: MatrixCount{4, 4}, Never: MatrixCount{4, 4}, Blocked: 2},
		// Before it, behind the start and prepare records that are not synced; after it too.
		"life coordinator append commit": {Lost: MatrixCount{2, 2}, Torn: MatrixCount{2, 2}, Clean: MatrixCount{2, 2}, Never: MatrixCount{6, 6}, Blocked: 6},
		// Of each of its two writes, behind a commit record that is not synced.
		"life worker apply": {Lost: MatrixCount{4, 4}, Torn: MatrixCount{4, 4}, Clean: MatrixCount{4, 4}, Never: MatrixCount{12, 12}, Blocked: 12},
	} {
		want.Stage, want.Role, want.Boundary = rows[place].Stage, rows[place].Role, rows[place].Boundary
		if rows[place] != want {
			t.Errorf("%s: got %+v, want %+v", place, rows[place], want)
		}
	}
	for _, place := range []string{"life worker lock", "life coordinator receive request", "checkpoint worker truncate",
		"checkpoint coordinator checkpoint", "recovery worker redo", "recovery worker send enquire", "recovery coordinator recover",
		"recovery coordinator send commit", "pairs worker, coordinator any two"} {
		if n := rows[place]; n.Lost.Cells == 0 || n.Never.Cells == 0 {
			t.Errorf("%s: %+v", place, n)
		}
	}
	// What one-shot execution of a transaction that commits never does.
	for _, p := range []MatrixPlace{{roleCoordinator, "send execute"}, {roleWorker, "append commit-one"}} {
		if !slices.Contains(r.Unreached, p) {
			t.Errorf("%v is said to be reached", p)
		}
	}
	if slices.Contains(r.Unreached, MatrixPlace{roleWorker, "lock"}) {
		t.Error("lock is said not to be reached")
	}
}

// What comes out does not depend on how many runs go on at a time.
func TestMatrixParallel(t *testing.T) {
	var texts []string
	for _, jobs := range []int{1, 3} {
		done, total := 0, 0
		r := matrixOf(t, matrixJob(t, "bank"), MatrixOptions{Seed: 5, First: 3, Cells: 80, Pairs: 40, Jobs: jobs,
			Progress: func(n, of int) { done, total = n, of }})
		texts = append(texts, r.text(t))
		if done == 0 || total < done {
			t.Errorf("progress: %d of %d", done, total)
		}
	}
	if texts[0] != texts[1] {
		t.Errorf("%s\nand with more jobs\n%s", texts[0], texts[1])
	}
}

// An interrupt leaves what was finished.
func TestMatrixInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	r, err := Matrix(ctx, matrixJob(t, "bank"), MatrixOptions{Seed: 1, First: 3, Progress: func(int, int) { cancel() }})
	if err != nil || r.Done == 0 || r.Done >= r.Cells || r.Survived != r.Done || !strings.Contains(r.text(t), "; interrupted after ") {
		t.Errorf("%v %+v", err, r)
	}
	job := matrixJob(t, "bank")
	if r, err = Matrix(ctx, job, MatrixOptions{Seed: 1, First: 3}); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := r.WriteJSON(&b, nil); err != nil || !strings.Contains(b.String(), `"rows": []`) {
		t.Errorf("before anything is finished: %v %s", err, b.String())
	}
}

// The transactions of a file are written out if they are too many, and the one
// in focus can be chosen.
func TestMatrixFile(t *testing.T) {
	s := Default()
	lines := []string{"a@b: w0 read x; w1 write y = 1", `"order 2": w1 write y = 2; w2 delete "a key"`, "pay: w0 read x; w2 read z", "more: w3 write q = 1"}
	j := matrixOpen(t, s, model.Protocols(), "transactions.inline="+flowList(quoteLines(lines)))
	r := matrixOf(t, j, MatrixOptions{Seed: 1, First: 2, Transaction: "order 2", Cells: 40})
	if r.Transaction != "order 2" || r.Survived != r.Cells {
		t.Error(r.text(t))
	}
	_, err := Matrix(context.Background(), j, MatrixOptions{First: 2, Transaction: "more"})
	if want := `transaction more: must be a@b or order 2`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// Only a cell with a node that is dead for good is blocked by one: where the
// coordinator is up again, a client that hears unknown of one-phase commit has
// its answer.
func TestMatrixBlocked(t *testing.T) {
	t.Parallel()
	lines := []string{"t1: w0 write x = 1", "t2: w0 read x"}
	j := matrixOpen(t, Default(), model.Protocols(), "workers=2", "clients=1", "transactions.inline="+flowList(lines))
	r := matrixOf(t, j, MatrixOptions{Seed: 1, Cells: 150})
	sum := 0
	for _, row := range r.Rows {
		sum += row.Blocked
		if row.Blocked > row.Never.Cells {
			t.Errorf("%s %s %s: %d blocked, though only in %d does the node stay dead", row.Stage, row.Role, row.Boundary, row.Blocked, row.Never.Cells)
		}
	}
	if r.Blocked == 0 || r.Blocked != sum {
		t.Errorf("%d, by row %d:\n%s", r.Blocked, sum, r.text(t))
	}
}

func quoteLines(lines []string) []string {
	lines[0] = strings.Replace(lines[0], "a@b", `"a@b"`, 1)
	return lines
}

// Where nothing commits, what is answered first is struck.
func TestMatrixOfAborts(t *testing.T) {
	r := matrixOf(t, matrixJob(t, "bank", "resources.staging=1", "retry.attempts=1"), MatrixOptions{Seed: 1, First: 2, Cells: 20})
	abort := MatrixPlace{roleWorker, "send vote"}
	if r.Survived != r.Cells || r.Transaction == "" || slices.Contains(r.Unreached, abort) {
		t.Error(r.text(t))
	}
	_, err := Matrix(context.Background(), matrixJob(t, "bank", "limits.events=5"), MatrixOptions{First: 2})
	if err == nil || err.Error() != "no transaction is answered: there is none to strike" {
		t.Error(err)
	}
}

// The JSON form says the same.
func TestMatrixJSON(t *testing.T) {
	r := matrixOf(t, matrixJob(t, "bank"), MatrixOptions{Seed: 1, First: 2, Cells: 20, Pairs: 5})
	var b strings.Builder
	if err := r.WriteJSON(&b, func([]string) string { return "" }); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Cells, Survived int
		Rows            []struct {
			Stage string
			Lost  struct{ Cells int }
		}
		Unreached []string
		Failures  []any
	}
	if err := json.Unmarshal([]byte(b.String()), &got); err != nil {
		t.Fatal(err)
	}
	if got.Cells != r.Cells || got.Survived != r.Survived || len(got.Rows) != len(r.Rows) || len(got.Unreached) != len(r.Unreached) || got.Failures == nil {
		t.Error(b.String())
	}
}

// A bound that is hit is not survival.
func TestMatrixUnknown(t *testing.T) {
	j := matrixJob(t, "bank", "limits.time=200ms", "until=150ms")
	r := matrixOf(t, j, MatrixOptions{Seed: 1, First: 1, Cells: 60})
	if r.Unknown == 0 || r.Survived+r.Unknown != r.Cells || !strings.Contains(r.text(t), " unknown: a bound was hit") {
		t.Error(r.text(t))
	}
}

// amnesiac is two-phase commit whose workers come back from their second crash
// with an empty log, as if what they recovered the first time had not counted.
type amnesiac struct{ model.TwoPhase }

func (a amnesiac) Worker(s *model.Site) sim.Node[model.Message] {
	return &amnesiacWorker{a.TwoPhase.Worker(s), s}
}

type amnesiacWorker struct {
	sim.Node[model.Message]
	*model.Site
}

func (w *amnesiacWorker) Unwrap() sim.Node[model.Message] { return w.Node }

func (w *amnesiacWorker) Recover(log sim.Recovery) {
	if w.Env.Incarnation() > 2 {
		log = sim.NewRecovery(nil, nil, 0)
	}
	w.Node.Recover(log)
}

// hasty is two-phase commit that votes YES while its prepare record is only in
// memory, and does not say that it should not.
type hasty struct{ model.TwoPhase }

func (h hasty) Promises() model.Promises {
	p := h.TwoPhase.Promises()
	p.WriteAhead = nil
	return p
}

func (h hasty) Worker(s *model.Site) sim.Node[model.Message] {
	return &hastyWorker{h.TwoPhase.Worker(s), s}
}

type hastyWorker struct {
	sim.Node[model.Message]
	*model.Site
}

func (w *hastyWorker) Unwrap() sim.Node[model.Message] { return w.Node }

func (w *hastyWorker) Receive(from sim.NodeID, mail sim.Mail, m *model.Message) {
	vote := model.Message{ID: m.ID, Mark: m.Mark, Attempt: m.Attempt, Txn: m.Txn, Part: m.Part, Vote: model.VoteYes}
	w.Node.Receive(from, mail, m)
	if mail.Kind == model.KindPrepare {
		w.Env.Send(from, sim.Mail{Kind: model.KindVote, Label: mail.Label, Again: 1 << 20}, vote)
	}
}

// plantedSets make the disk so fast that being hasty alone does no harm: it loses nothing
// but the results of reads.
var plantedSets = []string{"protocol=planted", "workers=3", "network.delay=1ms", "disk.sync=500us", "workload.reads=0"}

// nodeOf is the second word of a line.
func nodeOf(f fault.Fault) string { return strings.Fields(f.String())[1] }

// A planted bug that no single crash shows, or that only the loss of a tail
// does, is found at the cell where it is, and that cell's line shows it again.
func TestMatrixFindsPlanted(t *testing.T) {
	base := model.Protocols()[0].(model.TwoPhase)
	base.Label = "planted"
	for _, c := range []struct {
		protocol model.Protocol
		want     func(plan fault.Plan) bool
	}{
		{amnesiac{base}, func(plan fault.Plan) bool { return len(plan) == 2 && nodeOf(plan[0]) == nodeOf(plan[1]) }},
		{hasty{base}, func(plan fault.Plan) bool {
			return len(plan) == 1 && plan[0].Tail() != sim.TailKept && nodeOf(plan[0])[0] == 'w'
		}},
	} {
		s := Default()
		j := matrixOpen(t, s, []model.Protocol{c.protocol}, plantedSets...)
		r := matrixOf(t, j, MatrixOptions{Seed: 1, First: 2, Cells: 150})
		if len(r.Failures) == 0 || r.Survived == r.Cells {
			t.Fatalf("%T is not found:\n%s", c.protocol, r.text(t))
		}
		cells := 0
		for _, f := range r.Failures {
			cells += f.Cells
			plan, err := fault.ParsePlan(f.Faults)
			if err != nil || !c.want(plan) {
				t.Errorf("%T: found with %q, %v", c.protocol, f.Faults, err)
			}
			again := Default()
			j := matrixOpen(t, again, []model.Protocol{c.protocol}, append(slices.Clone(plantedSets), f.Sets...)...)
			res, err := j.Run(context.Background(), Options{Seed: 1})
			if err != nil || !strings.Contains(fmt.Sprint(res.Findings), f.Finding.Text) {
				t.Errorf("%T: %q shows %v, %v; want %v", c.protocol, f.Sets, res.Findings, err, f.Finding)
			}
		}
		if bad := r.Cells - r.Survived - r.Unknown; cells < bad || len(r.Failures) == 1 && cells > bad {
			t.Errorf("%T: failures in %d cells, %d of which are invalid", c.protocol, cells, bad)
		}
	}
}

// restless is hasty in its first runs only: it is not deterministic.
type restless struct {
	hasty
	runs, limit *int
}

func (r restless) Coordinator(s *model.Site) sim.Node[model.Message] {
	*r.runs++
	return r.hasty.Coordinator(s)
}

func (r restless) Worker(s *model.Site) sim.Node[model.Message] {
	if *r.runs > *r.limit {
		return r.TwoPhase.Worker(s)
	}
	return r.hasty.Worker(s)
}

// A failing cell is run again from its line alone before it is reported.
func TestMatrixNotDeterministic(t *testing.T) {
	base := model.Protocols()[0].(model.TwoPhase)
	base.Label = "planted"
	runs, limit := 0, 1<<30
	j := matrixOpen(t, Default(), []model.Protocol{restless{hasty{base}, &runs, &limit}}, plantedSets...)
	o := MatrixOptions{Seed: 1, First: 1, Cells: 150, Jobs: 1}
	r := matrixOf(t, j, o)
	runs, limit = 0, runs-len(r.Failures) // all but the last ones
	if _, err := Matrix(context.Background(), j, o); !errors.Is(err, ErrUnstable) {
		t.Errorf("got %v after %d failures", err, len(r.Failures))
	}
}
