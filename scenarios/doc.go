// Package scenarios says what to run, and runs it. A [Scenario] is all
// parameters of a run, read from YAML by [Load] and [Parse] and changed by
// [Scenario.Set]; [Scenario.Open] makes it a [Job] that is checked to the last
// line of its transaction file, and [Job.Run] runs that to a [Result]: verdict,
// findings, metrics and trace hash. Around it are logs and their replay ([Job.Replay]), the
// judgement of saved histories ([CheckHistory]), and a library of scenarios.
//
// Many runs look for bugs: [Job.Hunt] over seeds, each with a swarm of faults if
// asked for ([Scenario.Swarmed]); [Matrix] over all places where a node can crash.
// What they find becomes a repro, a Scenario that expects a finding ([Job.Repro]);
// [Shrink] makes it small, [Job.Tell] tells its story, [Job.Reproduce] says whether
// it still fails. [Accounting] says whether the faults of a hunt had any effect.
// A [Sweep] measures many scenarios, [Explore] visits all ways that a small one can
// go, and a [Stepper] goes through one run event by event.
//
// Tests of protocols call [Fuzz], [Check] and [Verify] with a scenario; [Rapid] draws
// one, [Small] is one to begin with, and [Scenario.Using] gives it the protocol.
//
// # Files
//
// Their names begin with what they are about:
//
//	scenario  parameters: the struct, YAML in and out, rules, defaults, what Open makes of it
//	library, zones, schedule, swarm, swarmed, draw  what a scenario can have: its origin and its parts
//	run, utilisation, names, log  one run, how busy it is, what its transactions are called, what it prints
//	protocols  which can be offered together, and what one promises
//	reuse, unrest, panic  what it leaves to the next run, what it left open, what stopped it
//	summary, header, history  what is said of a run, in a log, of a saved history
//	replay, step, story  one run again: compared, event by event, told
//	hunt, effect, matrix, sweep  many runs
//	explore  all runs: see below
//	repro, shrink  a failure again, and smaller
//	verify, fuzz  tests of protocols
//
// # Terms
//
// A way is one course of events that an exhaustive schedule allows. A cell is one
// combination of values of a sweep, or one crash of a matrix. A draft is a repro
// while it is shrunk.
//
// What stands on its own has a package of its own below: transaction files
// ([txfile.File]), saved histories ([history.Saved]), workloads ([workload.Parameters]),
// those of YCSB ([ycsb.Load]), fault plans ([fault.Plan]), and what they are made with.
//
// # How a run works
//
// Who calls whom, from the command to the verdict:
//
//	cmd.Main → app.run          flags and files, in package cmd
//	├─ Load, Scenario.Set       a scenario: all parameters, still unchecked
//	├─ Scenario.Open            checks them and reads its transactions to the end: a Job
//	├─ Job.Run                  one run of it
//	│  ├─ newRun                makes those who watch, and is itself the model.History
//	│  ├─ begin                 makes the cluster, installs the faults
//	│  │  ├─ model.NewCluster   a sim.World with its coordinators, workers and clients
//	│  │  └─ fault.Plan.Install the sim.Injector that strikes at boundaries of steps
//	│  ├─ model.Cluster.Run     until all is at rest, stuck, or at a limit
//	│  │  └─ World.RunUntil     takes events from the queue, in order
//	│  │     └─ World.step      has one node handle one: Node.Receive, Fired, Synced …
//	│  │        └─ Env.Send …   what the node does: messages, timers, log, notes
//	│  └─ result, judge         collects figures; asks the checkers for the verdict
//	└─ Header.Finish            prints the summary
//
// What is seen on the way goes back up by two paths. Each thing that a node or the world does
// is a record of the trace: World.trace hashes it and passes it to the run's tracers, which
// are the ProtocolChecker, the Breakdown and the Log. What clients asked and were told, and
// what storage durably holds, are events of the history: run.Record passes them to the
// HistoryChecker, the metrics and the samples.
//
// # How an exploration works
//
// Who calls whom:
//
//	scenarios.Explore       what is explored, and what it came to
//	├─ explore.Explore      breadth first: which states are known, and a way to each
//	│  └─ space.Space       what may follow a state of the cluster
//	│     └─ model.Bench    what one node does about one input: a real node, by itself
//	│        └─ sim.Bench
//	├─ Job.Run              a way again, as a run, which the checkers of analysis judge
//	│  ├─ sim.Exhaustive    the schedule that leaves each event to a source of choices
//	│  └─ guide             the source that chooses what the way says
//	└─ explore.Refine       whether all steps are ones of spec.TCommit
//
// The search checks only what a state by itself can show ([space.Space.Invariants]); the
// rest is for the checkers, who must see a run. So for each history that is new (what
// clients were told and storage holds), and for each thing that a node does for the first
// time, the way there is made into choices ([space.Space.Choice]), and run. Whatever is
// found, but for livelocks and steps that Refine rejects, is thus found by a run too, and its
// repro finds it again.
//
// After each depth, explore_search calls [space.Space.Settle], has explore_check judge the
// new ways, which explore_way runs, and begins again if messages were left out that matter.
// Explore repeats the whole if workers that were taken for alike are not, and, once
// something is found, to find a shortest way to it.
//
// # Contract
//
//   - Bad input is an error of Parse, Set or Open, with line, what is wrong and
//     what is expected. Once a Job is open, its input can not be at fault.
//   - One scenario and one seed give one run: the same log, byte for byte. Runs
//     of a Job may go on in parallel, and share nothing that changes.
//   - What a [Header] prints in front of a log is all that it takes to run it
//     again.
//   - A run that hit a bound, or was interrupted, is never called valid.
//
// The package must never know of terminals, flags and the environment; it
// writes only to writers that it is given. Within go test, and only there, Check
// has two flags, and a failure writes its repro to a file.
package scenarios
