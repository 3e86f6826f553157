package scenarios

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios/fault"
	"github.com/seed83d86191/txsim/scenarios/input"
	"github.com/seed83d86191/txsim/scenarios/quantity"
	"github.com/seed83d86191/txsim/scenarios/txfile"
	"github.com/seed83d86191/txsim/scenarios/workload"
	"github.com/seed83d86191/txsim/sim"
)

// Job is a scenario that is ready to run any number of times, in parallel
// too: validated, its protocol found, its file of transactions checked to the
// last line.
type Job struct {
	s           *Scenario
	protocol    model.Protocol
	isolation   string // one of analysis.IsolationNames
	concurrency model.Concurrency
	choices     sim.Source // nil without deviations
	plan        fault.Plan
	file        *txfile.File // nil if transactions are generated
	distances   [][]sim.Dist // from zone to zone; nil without zones
}

// Open makes a Job of the scenario as it is now. The protocol must be one of protocols.
// The Job must be closed.
func (s *Scenario) Open(protocols []model.Protocol) (*Job, error) {
	return s.OpenContext(context.Background(), protocols, nil)
}

// OpenContext is Open that reads the transactions from stdin if the scenario says so, and
// stops reading many of them when ctx ends; it then returns the error of ctx.
func (s *Scenario) OpenContext(ctx context.Context, protocols []model.Protocol, stdin io.Reader) (*Job, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	j := &Job{s: s.Clone()}
	var err error
	if j.distances, err = s.distances(); err != nil {
		return nil, err
	}
	if j.protocol, err = findProtocol(s.Protocol, append(slices.Clip(s.using), protocols...)); err != nil {
		return nil, s.protocolAt.error(err)
	}
	if err = j.checkRoom(); err != nil {
		return nil, err
	}
	if j.isolation, err = heldToBy(s.Isolation, j.protocol); err != nil {
		return nil, err
	}
	if j.concurrency, err = findConcurrency(s.Concurrency); err != nil {
		return nil, err
	}
	if s.Chance == "nominal" {
		j.choices = sim.Defaults{}
	}
	if len(s.Choices) > 0 {
		j.choices = sim.NewRecorded(j.choices, s.Choices)
	}
	if err = j.openPlan(); err != nil {
		return nil, err
	}
	if j.file, err = s.openFile(ctx, stdin); err != nil {
		return nil, err
	}
	if err := j.checkTimes(); err != nil {
		return nil, errors.Join(err, j.Close())
	}
	return j, nil
}

// openPlan reads the fault plan. Lines that call kinds by the names that the protocol gives
// them are the only ones that it changes: the rest does without the names.
func (j *Job) openPlan() (err error) {
	given, err := fault.ParsePlan(j.s.Faults)
	if err == nil {
		j.plan, err = fault.ParsePlanOf(model.NamesOf(j.protocol), j.s.Faults)
	}
	for i := range j.plan {
		if line := j.plan[i].String(); line != given[i].String() {
			j.s.Faults[i] = line
		}
	}
	return err
}

// Transactions returns how many transactions there are.
func (j *Job) Transactions() int {
	if j.file != nil {
		return j.file.Len()
	}
	return j.s.Transactions.Count
}

// Sum returns the checksum of the file of transactions, as Expect has it; "" without a
// file.
func (j *Job) Sum() string {
	if j.file == nil || j.s.Transactions.File == "" {
		return ""
	}
	return fmt.Sprintf("%08x", j.file.Sum())
}

// Changed returns the name of the file of transactions if its checksum is not the expected
// one, otherwise "".
func (j *Job) Changed() string {
	if want := j.s.Expect.Transactions; want == "" || j.Sum() == "" || j.Sum() == want {
		return ""
	}
	return j.file.Name()
}

// Scenario returns what the job runs. It must not be changed.
func (j *Job) Scenario() *Scenario { return j.s }

// planned returns the faults that a run meets; those of the class without are left out.
func (j *Job) planned(without string) fault.Plan {
	if without == "" {
		return slices.Clip(j.plan)
	}
	return slices.DeleteFunc(slices.Clone(j.plan), func(f fault.Fault) bool { return f.Class() == without })
}

// Close closes the file of transactions. No run may be going on.
func (j *Job) Close() error {
	if j.file == nil {
		return nil
	}
	return j.file.Close()
}

// Config returns the configuration of a run that is no swarm, all but History and Tracer.
func (j *Job) Config(seed uint64) model.Config {
	s := j.s
	operations := s.operations()
	if j.file != nil {
		operations = j.file.Most()
	}
	cfg := model.Config{
		Seed: seed, Workers: s.Workers, Coordinators: s.Coordinators,
		Protocol: j.protocol, Concurrency: j.concurrency, Execution: s.Execution,
		Clients: s.Clients, Think: s.Think,
		Timeouts:   model.Timeouts(s.Timeouts),
		Retry:      model.Retry(s.Retry),
		Resources:  model.Resources{Staging: int64(s.Resources.Staging), Keys: s.Resources.Keys},
		Checkpoint: int(s.Disk.Checkpoint), Record: int(s.Workload.Record),
		Network:   sim.Link{Delay: s.Network.Delay, Loss: s.Network.Loss, Duplicate: s.Network.Duplicate},
		Distances: j.distances, Placement: s.Placement, Hosts: s.Hosts,
		Share:   s.Network.Packets,
		Disk:    sim.Disk{Sync: s.Disk.Sync, Torn: s.Disk.Torn, Capacity: int64(s.Disk.Capacity)},
		CPU:     sim.CPU(s.CPU),
		Limits:  sim.Limits{Time: s.Limits.Time, Events: s.Limits.Events, Pending: s.Limits.Pending},
		Choices: j.choices, Schedule: s.schedule(j.Transactions()), FaultsEnd: max(s.Until, 0), FaultsBy: s.Limits.Faults, Stuck: s.stuckAfter(operations, j.distances),
	}
	if s.Schedule.Strategy == sim.Exhaustive { // the schedule takes the place of time and chance
		cfg.CPU, cfg.Network.Loss, cfg.Network.Duplicate, cfg.Disk.Torn, cfg.Share, cfg.Stuck = sim.CPU{}, 0, 0, 0, false, 0
		cfg.Limits.Events = min(cfg.Limits.Events, wayEvents)
	}
	clock := workload.NewClock(&s.Arrivals, seed)
	if j.file == nil {
		size := workload.Size{Workers: s.Workers, Coordinators: s.Coordinators, Transactions: s.Transactions.Count}
		cfg.Source = workload.New(&s.Workload, size, clock, seed)
		return cfg
	}
	if j.file.Scheduled() {
		cfg.Clients = 0
	}
	cfg.Source = &fileSource{file: j.file.Fork(), clock: clock}
	return cfg
}

// checkRoom requires that a log device can hold what the smallest transaction needs to begin,
// as far as that is known of the protocol.
func (j *Job) checkRoom() error {
	c, least := j.s.Disk.Capacity, quantity.Bytes(model.AttemptReserve(1))
	if _, known := j.protocol.(model.TwoPhase); known && c > 0 && c < least {
		return fmt.Errorf("disk.capacity = %v: must be 0 or at least %v, or no transaction can begin", c, least)
	}
	return nil
}

// checkTimes requires that exactly one thing decides when the transactions of a file are
// submitted.
func (j *Job) checkTimes() error {
	s := j.s
	if j.file == nil {
		return nil
	}
	switch {
	case j.file.Scheduled() && s.Arrivals.Kind != "none":
		return fmt.Errorf("arrivals.kind = %s: must be none, as the transactions of %s have times", s.Arrivals.Kind, j.file.Name())
	case !j.file.Scheduled() && s.Arrivals.Kind == "none" && s.Clients == 0:
		return fmt.Errorf("clients = 0: must be positive, or arrivals be given, as the transactions of %s have no times", j.file.Name())
	}
	return nil
}

// libraryPrefix begins the name of a file of transactions in the library.
const libraryPrefix = "library:"

// openFile opens the file of transactions, or the lines in the scenario; nil if they are
// generated.
func (s *Scenario) openFile(ctx context.Context, stdin io.Reader) (*txfile.File, error) {
	name := s.Transactions.File
	switch {
	case s.Transactions.Inline != nil:
		return s.inline()
	case name == "":
		return nil, nil
	case strings.HasPrefix(name, libraryPrefix):
		text, err := libraryFiles.ReadFile("library/" + strings.TrimPrefix(name, libraryPrefix))
		if err != nil || strings.HasSuffix(name, ".yaml") {
			return nil, fmt.Errorf("transactions.file = %s: %s", name, input.MustBeOneOf(name, libraryTexts(".txt")))
		}
		return txfile.OpenText(name, text, s.Workers)
	case name != "-" && !filepath.IsAbs(name):
		name = filepath.Join(s.dir, name)
	}
	f, err := txfile.Open(ctx, name, stdin, s.Workers)
	if _, bad := errors.AsType[*input.Error](err); err != nil && ctx.Err() == nil && !bad {
		return nil, s.noFile(name, err)
	}
	return f, err
}

// position is where a parameter was given in a file; the zero value is nowhere.
type position struct {
	name         string
	line, column int
}

// noFile returns the error of a file of transactions that cannot be opened: it points to
// where the file was named, if that was not on the command line.
func (s *Scenario) noFile(name string, err error) error {
	text := strings.TrimPrefix(err.Error(), name+": ")
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		text = path.Err.Error()
	} else if s.fileAt.name == "" {
		return err
	}
	if s.onlyFile != "" {
		return fmt.Errorf("%s: %s", input.Shown(s.onlyFile), text)
	}
	return s.fileAt.error(fmt.Errorf("transactions.file = %s: %s", input.Shown(name), text))
}

// error returns an error of the parameter, with where it was given.
func (p position) error(err error) error {
	if p.name == "" {
		return err
	}
	return &input.Error{Name: p.name, Problems: []input.Problem{{Line: p.line, Column: p.column, Text: err.Error()}}}
}

func (s *Scenario) inline() (*txfile.File, error) {
	return txfile.OpenText("transactions.inline", []byte(strings.Join(s.Transactions.Inline, "\n")), s.Workers)
}

// fileSource is the model.Source of a file.
type fileSource struct {
	file     *txfile.File
	clock    *workload.Clock // nil: the file's own times, or a closed loop
	compiler model.Compiler
}

// Next implements model.Source.
func (f *fileSource) Next() (*model.Transaction, error) {
	t, err := f.file.Next()
	if err == io.EOF {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if f.clock != nil {
		t.At = f.clock.Next()
	}
	f.compiler.Compile(t)
	return t, nil
}
