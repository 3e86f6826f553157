package model

import (
	"time"

	"github.com/seed83d86191/txsim/sim"
)

const threeWrites = "w0 write x = 1; w1 write y = 2; w2 write z = 3"

func commitGoldens() []golden {
	return []golden{
		{name: "pa-commit",
			why:  "Presumed abort with three workers: two delays and two forces to the client's answer, then acks and an end record nobody waits for.",
			txns: []string{threeWrites}},
		{name: "pc-commit", protocol: "presumed-commit",
			why:  "Presumed commit pays a collecting record before it asks and saves the acks: the workers' commit records are lazy.",
			txns: []string{threeWrites}},
		{name: "one-phase",
			why:  "A single worker needs no vote: it decides alone, with one force and two messages.",
			txns: []string{"w0 write x = 1; w0 read x"}},
		{name: "read-only-batched", mode: Batched,
			why:  "In batched execution a worker that only read votes READ, lets go of its locks and hears no more; the others go on without it.",
			txns: []string{"w0 write x = 1; w1 read y; w2 write z = 3"}},
		{name: "read-only-one-shot",
			why:  "In one-shot execution the same worker is a full participant: others may still be acquiring locks when it votes.",
			txns: []string{"w0 write x = 1; w1 read y; w2 write z = 3"}},
		{name: "interactive", mode: Interactive,
			why:  "Interactive execution: one round trip per operation, in order, and a shared lock that is upgraded when the write comes.",
			txns: []string{"w0 read x; w1 read y; w0 write x = 1; w1 delete y"}},
		{name: "checkpoint-recovery",
			why:     "A worker in doubt takes a checkpoint, crashes and comes back with the attempt, its locks and the older values.",
			txns:    []string{"w0 write x = 1", "@10ms w0 write x = 2; w1 write y = 2", "@35ms w0 read x"},
			set:     func(c *Config) { c.Checkpoint = 60 },
			strikes: []strikeAt{{node: "C0", point: sim.BeforeSend, kind: KindCommit, peer: "w0", do: sim.Strike{Drop: true}}},
			faults:  "w0 crashes at 25ms for 8ms",
			plan:    func(l *lab) { l.World.Crash(sim.Time(25*ms), l.Workers[0], 8*ms) }},
	}
}

func crashGoldens() []golden {
	return []golden{
		{name: "in-doubt-enquiry", policy: woundWait{},
			why:     "A worker crashes in doubt. It restores the attempt and its locks from its log, asks, and commits; t2, which came meanwhile, waits for its lock and reads the new value.",
			txns:    []string{"w0 write x = 1; w1 write y = 1", "@22500us w0 read x"},
			strikes: []strikeAt{{node: "w0", point: sim.AfterSend, kind: KindVote, do: crash(20 * ms)}}},
		{name: "worker-crash-before-vote",
			why:     "A worker crashes before its prepare record is durable: it has promised nothing, knows nothing, and silence becomes abort.",
			txns:    []string{"w0 write x = 1; w1 write y = 1"},
			strikes: []strikeAt{{node: "w0", point: sim.BeforeSync, kind: KindPrepare, do: crash(10 * ms)}}},
		{name: "coordinator-crash-before-decision",
			why:     "The coordinator crashes before its decision is durable. Both workers are in doubt; it comes back knowing nothing, and presumes abort.",
			txns:    []string{"w0 write x = 1; w1 write y = 1"},
			strikes: []strikeAt{{node: "C0", point: sim.BeforeSync, kind: KindCommit, do: crash(30 * ms)}}},
		{name: "coordinator-crash-after-decision",
			why:     "The coordinator crashes when its decision is durable and nobody has heard of it. It carries the commit through from its log.",
			txns:    []string{"w0 write x = 1; w1 write y = 1"},
			strikes: []strikeAt{{node: "C0", point: sim.AfterSync, kind: KindCommit, do: crash(30 * ms)}}},
		{name: "pc-coordinator-crash", protocol: "presumed-commit",
			why:     "Presumed commit, coordinator crashes while it collects votes: the collecting record tells it to abort what it would else presume committed.",
			txns:    []string{"w0 write x = 1; w1 write y = 1"},
			strikes: []strikeAt{{node: "C0", point: sim.BeforeReceive, kind: KindVote, do: crash(10 * ms)}}},
		{name: "pc-presumed-commit", protocol: "presumed-commit",
			why:     "Presumed commit: a worker misses the COMMIT, asks a coordinator that has forgotten, and may take that for a commit.",
			txns:    []string{"w0 write x = 1; w1 write y = 1"},
			strikes: []strikeAt{{node: "C0", point: sim.BeforeSend, kind: KindCommit, peer: "w1", do: sim.Strike{Drop: true}}}},
		{name: "one-phase-coordinator-crash",
			why:     "One-phase commit in a coordinator that crashes: the worker has decided, nobody can presume, and the client is told that the outcome is unknown.",
			txns:    []string{"w0 write x = 1"},
			strikes: []strikeAt{{node: "C0", point: sim.BeforeReceive, kind: KindDone, do: crash(10 * ms)}}},
		{name: "one-phase-resent",
			why:     "One-phase commit whose outcome is lost: the coordinator asks again and is answered from memory; the operations run once.",
			txns:    []string{"w0 write x = 1; w0 read x"},
			strikes: []strikeAt{{node: "w0", point: sim.BeforeSend, kind: KindDone, do: sim.Strike{Drop: true}}}},
		{name: "batched-lost-operations", mode: Batched,
			why:     "A worker crashes between execution and prepare: the prepare names the life in which the operations ran, so it votes NO on what is left of them.",
			txns:    []string{"w0 write x = 1; w1 write y = 1"},
			strikes: []strikeAt{{node: "w0", point: sim.AfterSend, kind: KindExecuted, do: crash(500 * time.Microsecond)}}},
	}
}

func abortGoldens() []golden {
	return []golden{
		{name: "no-vote", policy: noWait{},
			why:  "A worker votes NO for a conflict. The abort goes to those that may have voted YES; the one that refused has forgotten already.",
			txns: []string{"w0 write x = 1; w1 write y = 1", "@1ms w0 write x = 2; w2 write z = 2; w3 write q = 2"}},
		{name: "pn-abort", protocol: "presumed-nothing", policy: noWait{},
			why:  "Presumed nothing forces an abort like a commit, and waits for its acks.",
			txns: []string{"w0 write x = 1; w1 write y = 1", "@1ms w0 write x = 2; w2 write z = 2; w3 write q = 2"}},
		{name: "pc-abort", protocol: "presumed-commit", policy: noWait{},
			why:  "Presumed commit: the refusal is forced before the NO vote, because no information would mean commit; aborts are acked.",
			txns: []string{"w0 write x = 1; w1 write y = 1", "@1ms w0 write x = 2; w2 write z = 2; w3 write q = 2"}},
		{name: "silent-worker",
			why:    "A worker is silent: the coordinator suspects it, aborts, and the next attempt commits when it is heard again.",
			txns:   []string{"w0 write x = 1; w1 write y = 1"},
			set:    func(c *Config) { c.Retry.Attempts = 2 },
			faults: "w1 pauses from the start for 22ms",
			plan:   func(l *lab) { l.World.Pause(0, l.Workers[1], 22*ms) }},
		{name: "idle-worker", mode: Batched, protocol: "presumed-commit",
			why:     "A worker gives up operations that nobody asks it to prepare; when the prepare comes after all it forces its refusal and votes NO.",
			txns:    []string{"w0 write x = 1; w1 write y = 1"},
			set:     func(c *Config) { c.Timeouts.Idle = 8 * ms },
			strikes: []strikeAt{{node: "C0", point: sim.BeforeSend, kind: KindPrepare, peer: "w1", do: late(12 * ms)}}},
	}
}

func lockGoldens() []golden {
	return []golden{
		{name: "wait-die-die",
			why:  "Wait-die: the younger t2 asks for the older t1's lock and dies; it keeps its age for the next attempt.",
			txns: []string{"w0 write x = 1; w1 write y = 1", "@2ms w0 write x = 2; w1 write y = 2"},
			set:  func(c *Config) { c.Retry.Attempts = 2 }},
		{name: "wait-die-wait",
			why:     "Wait-die: the older t1 finds the younger t2's lock and waits for it.",
			txns:    []string{"w0 write x = 1; w1 write y = 1", "w0 write x = 2; w1 write y = 2"},
			strikes: []strikeAt{{node: "C0", point: sim.BeforeSend, kind: KindPrepare, peer: "w0", do: late(2 * ms)}, {node: "C0", point: sim.BeforeSend, kind: KindPrepare, peer: "w1", do: late(2 * ms)}}},
		{name: "wound-wait-wound", policy: woundWait{},
			why:     "Wound-wait: the older t1 wants what the younger t2 holds. t2 has voted on w0 already, so only its coordinator can tell: undecided, it aborts.",
			txns:    []string{"w0 write x = 1; w1 write y = 1", "w0 write x = 2; w2 write z = 2"},
			strikes: []strikeAt{{node: "C0", point: sim.BeforeSend, kind: KindPrepare, peer: "w0", do: late(4 * ms)}, {node: "C0", point: sim.BeforeSend, kind: KindPrepare, peer: "w2", do: late(6 * ms)}}},
		{name: "wound-wait-decided", policy: woundWait{},
			why:     "Wound-wait: the wound comes to a coordinator that has decided to commit. It changes nothing; t1 waits for the commit.",
			txns:    []string{"w0 write x = 1; w1 write y = 1", "w0 write x = 2; w2 write z = 2"},
			strikes: []strikeAt{{node: "C0", point: sim.BeforeSend, kind: KindPrepare, peer: "w0", do: late(3 * ms)}}},
		{name: "upgrade", mode: Interactive, policy: woundWait{},
			why:  "Two readers of x both go on to write it. The older's upgrade wounds the younger, whose shared lock is in the way.",
			txns: []string{"w0 read x; w0 write x = 1; w1 write y = 1", "w0 read x; w0 write x = 2; w1 write y = 2"},
			set:  func(c *Config) { c.Retry.Attempts = 2 }},
	}
}

func messageGoldens() []golden {
	return []golden{
		{name: "late-duplicate-prepare",
			why:      "A prepare comes a second time after the attempt has ended and the mark has passed it: it locks nothing and is not answered.",
			txns:     []string{"w0 write x = 1; w1 write y = 1", "@40ms w0 write x = 2"},
			arrivals: true,
			set:      func(c *Config) { c.Network.Delay = dist("empirical(1ms, 1ms, 1ms, 1ms, 90ms)") },
			shows:    `(?s)t1 +committed  8.*got commit-one t2.*got prepare t1\n`, // the second copy is late, and nothing else
			strikes:  []strikeAt{{node: "C0", point: sim.BeforeSend, kind: KindPrepare, peer: "w0", do: sim.Strike{Duplicate: true}}}},
		{name: "abort-overtakes-prepare",
			why:      "The abort overtakes the prepare. The worker remembers an attempt that it never saw, and the late prepare leaves no lock behind.",
			arrivals: true,
			txns:     []string{"w0 write x = 1; w1 write y = 1", "@45ms w1 write y = 2"},
			strikes:  []strikeAt{{node: "C0", point: sim.BeforeSend, kind: KindPrepare, peer: "w1", do: late(40 * ms)}}},
		{name: "lost-ack",
			why:     "An ack is lost: the coordinator keeps the decision, suspects the worker, tells it again, and forgets only then.",
			txns:    []string{"w0 write x = 1; w1 write y = 1"},
			strikes: []strikeAt{{node: "w1", point: sim.BeforeSend, kind: KindAck, do: sim.Strike{Drop: true}}}},
		{name: "duplicate-vote",
			why:     "A YES vote comes twice. It counts once: the decision waits for the other worker.",
			txns:    []string{"w0 write x = 1; w1 write y = 1"},
			strikes: []strikeAt{{node: "w0", point: sim.BeforeSend, kind: KindVote, do: sim.Strike{Duplicate: true}}, {node: "w1", point: sim.BeforeSend, kind: KindVote, do: late(4 * ms)}}},
	}
}
