package scenarios

import (
	"context"
	"slices"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios/fault"
	"github.com/seed83d86191/txsim/sim"
)

// Options says how to run a job.
type Options struct {
	Seed uint64
	Log  *Log // where the run's log goes; nil for none
	// Tracer sees every record after the checkers have; nil for none.
	Tracer sim.Tracer[model.Message]
	// Progress is called now and then with how many transactions are done, and how many
	// there are, -1 if unknown; nil for none.
	Progress func(done, total int)
	// Unchecked leaves the invariants unchecked: the verdict stays unknown.
	Unchecked bool
	// Swarm runs what Scenario.Swarmed draws from the seed, instead of the scenario.
	Swarm bool
	// Spent measures what the latency of commits is spent on, for the summary. A run that
	// is checked and has a log does so anyway.
	Spent bool
	// Record keeps the run's history in the result.
	Record bool
	// Oracles are two independent judges, with whose verdicts that on the history is compared;
	// the history is then recorded too. Nil asks none.
	Oracles *analysis.Judges

	// samples keeps the samples from which the figures of a steady state are computed.
	samples bool
	// choices takes the place of the scenario's source of choices; nil leaves that.
	choices sim.Source
	without string // a class of faults that is left out; "" for none
	// attach is called with the cluster, and the injector of its faults, before it runs; nil
	// for none.
	attach func(*model.Cluster, sim.Injector)
	keeps  bool // the cluster is used after the run
}

// Result is what a run came to.
type Result struct {
	Scenario *Scenario
	Seed     uint64
	End      model.End
	Verdict  analysis.Verdict
	Findings []analysis.Finding // the first ones; see Violations
	// Violations counts all findings.
	Violations int
	Metrics    *analysis.Metrics
	InDoubt    analysis.InDoubt
	Ledger     analysis.Ledger // of the time in doubt, by fault
	Isolation  string          // the level that the run was held to, one of analysis.IsolationNames
	NotChecked []analysis.NotChecked
	Levels     analysis.Levels // of isolation
	Stats      sim.Stats
	Tally      model.Tally
	Excused    []model.Residue // unresolved because a node is dead for good
	Blocked    []Blocked       // the same, by what it waits for
	Plan       fault.Plan      // the faults that were installed
	Struck     []fault.Strikes // by line of the fault plan
	// Outside are the classes of faults outside the model that struck: see fault.Help. The
	// findings of such a run say nothing against the protocol.
	Outside []string
	Fired   fault.Plan // what struck by chance, as the plan that repeats it without chance
	Calmed  sim.Time   // when faults ended; 0 if they did not
	Now     sim.Time
	Hash    uint64
	Records uint64
	// Steps is how many steps the run took if its schedule is not by latency. Chains is how
	// many chains of events PCT distinguished: its guarantee depends on that number.
	Steps, Chains int
	// History is nil unless it was recorded.
	History *analysis.Recording
	// Disagreement is an error of txsim itself: its judges disagree. The verdict is then
	// not valid.
	Disagreement *analysis.Disagreement

	clients  int // of the closed loop; 0 in an open one
	format   *model.Formatter
	samples  *analysis.Samples   // nil unless Options.samples
	spans    *analysis.Breakdown // nil unless Options.Spent
	hosts    []string            // names of the hosts; this and the next only with spans
	usages   *usageLog
	injected uint64     // how many lines Fired would have without its bound
	named    fault.Plan // see Injection.Named
}

// Run runs the job once. The error is about the input; violations are in the result, and so
// is a panic of a node. If ctx ends first, the result holds what there is so far, with the
// verdict undecided.
func (j *Job) Run(ctx context.Context, o Options) (*Result, error) {
	j = j.of(o)
	cfg := j.Config(o.Seed)
	r := j.newRun(&cfg, o)
	if !o.keeps {
		cfg.Memory = takeMemory()
	}
	plan := j.planned(o.without)
	if r.protocol != nil && len(plan) > 0 {
		r.protocol.AwaitCalm()
		if slices.Contains(plan.Classes(), "full-disk") {
			r.protocol.DisksFill()
		}
	}
	var end model.End
	var res *Result
	failed := survive(func() {
		r.begin(cfg, plan)
		if end = r.cluster.Run(ctx); end.Err == nil {
			res = r.result(end)
		}
	})
	if end.Err != nil {
		return nil, end.Err
	}
	if failed != nil {
		res = r.broken(failed)
	}
	res.Plan, res.clients = plan, cfg.Clients
	r.addWatched(res)
	if cfg.Memory != nil && failed == nil {
		r.injection.Release()
		r.release(cfg)
	}
	return res, nil
}

// newRun returns a run with everything that is to watch it, and has the cluster of the
// configuration report to it.
func (j *Job) newRun(cfg *model.Config, o Options) *run {
	r := &run{scenario: j.s, isolation: j.isolation, o: o, metrics: &analysis.Metrics{}, total: j.Transactions(), names: j.names()}
	r.format = j.formatter(&r.names)
	if o.Log != nil {
		o.Log.format = r.format
	}
	if !o.Unchecked {
		r.takeCheckers(cfg)
		r.notChecked = analysis.InvariantsNotChecked(cfg)
		if most := cfg.Resources.Keys; most > 0 {
			r.stock = analysis.NewStock(cfg.Workers, most, r.format)
		}
		if _, builtIn := cfg.Protocol.(model.TwoPhase); !builtIn {
			r.unchanged = &analysis.Unchanged{}
		}
	}
	if r.protocol != nil {
		cfg.Promised, cfg.Clashed = r.protocol.Promised, r.protocol.Clashed
	}
	if o.Spent || o.Log != nil && !o.Unchecked {
		r.spans = analysis.NewBreakdown(cfg.Coordinators, cfg.Workers, r.total)
	}
	if r.protocol != nil || r.spans != nil || o.Log != nil && o.Log.all {
		cfg.Locks = r.locks
	}
	if o.choices != nil {
		cfg.Choices = o.choices
	}
	if o.samples {
		r.samples = analysis.NewSamples(r.total)
	}
	if o.Record || o.Oracles != nil {
		r.recording = &analysis.Recording{}
	}
	cfg.History, cfg.Tracer = r, r.tracer()
	return r
}

// begin makes the cluster and installs its faults.
func (r *run) begin(cfg model.Config, plan fault.Plan) {
	r.cluster = model.NewCluster(cfg)
	if r.spans != nil {
		r.usages = newUsageLog(r.total, len(r.cluster.Hosts()))
		r.spans.OnHosts(r.cluster.HostOf)
	}
	r.injection = plan.Install(r.cluster, r.o.Seed, r.names.finder())
	if r.protocol != nil {
		r.injection.Tell(r.protocol)
		r.protocol.AskDevices(r.cluster.World.LogRoom)
	}
	if until := r.scenario.Until; until <= 0 {
		r.injection.Expect(r.cluster, r.scenario.Limits.Time, until == 0)
	}
	if r.o.attach != nil {
		r.o.attach(r.cluster, r.injection)
	}
}

// locks passes on what becomes of a request for a lock.
func (r *run) locks(e model.LockEvent) {
	if r.protocol != nil && e.Kind == model.LockWaits {
		r.protocol.Waits(e.Worker, e.Attempt, e.Other)
	}
	if r.spans != nil {
		r.spans.Lock(r.cluster.World.Now(), &e)
	}
	if r.o.Log != nil {
		r.o.Log.locks(r.cluster.World.Now(), &e)
	}
}

// addWatched adds to the result what samples, breakdown and fault plan have recorded.
func (r *run) addWatched(res *Result) {
	res.samples, res.spans = r.samples, r.spans
	if i := r.injection; i != nil {
		res.Struck, res.Fired = i.Counts(), i.Fired()
		res.injected, res.named = i.FiredTotal(), i.Named()
		res.Outside = fault.Outside(res.Struck)
	}
	if r.usages != nil {
		res.hosts, res.usages = r.cluster.Hosts(), r.usages
		r.usages.end(r.cluster.World.Now(), r.cluster.Usage())
	}
}

// run is one run of a job: it passes what the cluster does to those who watch.
type run struct {
	scenario   *Scenario
	isolation  string // the level that it is held to
	o          Options
	cluster    *model.Cluster
	injection  *fault.Injection
	names      names
	format     *model.Formatter
	metrics    *analysis.Metrics
	history    *analysis.HistoryChecker
	protocol   *analysis.ProtocolChecker
	unchanged  *analysis.Unchanged   // nil if nobody else's protocol has the transactions
	stock      *analysis.Stock       // nil if keys are not bounded
	notChecked []analysis.NotChecked // see Result
	total      int
	done       int

	recording *analysis.Recording
	samples   *analysis.Samples
	spans     *analysis.Breakdown
	usages    *usageLog
}

// Record implements model.History.
func (r *run) Record(e *model.Event) {
	if e.Kind == model.Began {
		e.At = r.cluster.World.Now() // the coordinator's clock may be skewed
	}
	r.names.observe(e)
	r.metrics.Record(e)
	if r.usages != nil && (e.Kind == model.Submitted || e.Kind == model.Answered && e.Final) && r.usages.due() {
		r.usages.look(e.At, r.cluster.Usage())
	}
	if r.history != nil {
		r.history.Record(e)
	}
	if r.unchanged != nil {
		r.unchanged.Record(e)
	}
	if r.stock != nil {
		r.stock.Record(e)
	}
	if r.recording != nil {
		r.recording.Record(e)
	}
	if r.samples != nil {
		r.samples.Record(e)
	}
	if r.o.Progress != nil && e.Kind == model.Answered && e.Final {
		if r.done++; r.done%256 == 0 {
			r.o.Progress(r.done, r.total)
		}
	}
}

// tracer returns the tracer of the run: most often the checker alone, without an
// indirection.
func (r *run) tracer() (all sim.Tracer[model.Message]) {
	then := func(t sim.Tracer[model.Message]) {
		if all != nil {
			t = &both{all, t}
		}
		all = t
	}
	switch {
	case r.protocol != nil && r.spans != nil:
		all = &checkedSpans{r.protocol, r.spans}
	case r.protocol != nil:
		all = r.protocol
	case r.spans != nil:
		all = r.spans
	}
	if r.o.Log != nil {
		then(r.o.Log)
	}
	if r.o.Tracer != nil {
		then(r.o.Tracer)
	}
	return all
}

// checkedSpans passes records to the checker and the breakdown. Because it knows their
// types, the calls are cheap, and most records concern only the first.
type checkedSpans struct {
	protocol *analysis.ProtocolChecker
	spans    *analysis.Breakdown
}

// Trace implements sim.Tracer.
func (c *checkedSpans) Trace(rec *sim.Record[model.Message]) {
	c.protocol.Trace(rec)
	c.spans.Trace(rec)
}

// both are two tracers, in the order in which they see a record.
type both struct{ first, second sim.Tracer[model.Message] }

// Trace implements sim.Tracer.
func (b *both) Trace(rec *sim.Record[model.Message]) {
	b.first.Trace(rec)
	b.second.Trace(rec)
}

// newResult returns the result of a run, as far as it needs no cluster.
func (r *run) newResult(end model.End) *Result {
	return &Result{Scenario: r.scenario, Seed: r.o.Seed, End: end, Metrics: r.metrics, Isolation: r.isolation, NotChecked: r.notChecked, History: r.recording, format: r.namer()}
}

// result returns what the run came to.
func (r *run) result(end model.End) *Result {
	w, res := r.cluster.World, r.newResult(end)
	res.Stats, res.Tally, res.Calmed, res.Now = w.Stats(), r.cluster.Tally(), w.Calmed(), w.Now()
	res.Hash, res.Records = w.Hash(), w.Records()
	res.Steps, res.Chains = w.Scheduled()
	complete, undecided := end.Status == sim.Quiet, r.undecided
	if end.Status == sim.Panicked { // nodes must not be called any more
		undecided = func(uint64, int) bool { return true }
	}
	if r.recording != nil {
		r.recording.End(complete, r.cluster.Stored, undecided)
	}
	if r.history != nil {
		r.judge(res, complete, undecided)
	}
	return res
}
