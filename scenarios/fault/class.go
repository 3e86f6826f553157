package fault

import (
	"fmt"
	"slices"

	"github.com/seed83d86191/txsim/analysis"
)

// classRules describes a class of faults. The name of the class begins its lines.
type classRules struct {
	name string
	// promise is what the protocol promises while such a fault lasts.
	promise string
	// outside: the class is outside the model. The protocol promises nothing once it has
	// struck, and a violation then is to be expected.
	outside bool
}

const (
	promiseAll   = "safety; and liveness once the fault is over"
	promiseDead  = "safety; and liveness once the fault is over, but for what waits for a node that never restarts"
	promiseSafe  = "safety and liveness"
	promiseFull  = "safety and liveness: what finds no room is aborted"
	promiseNever = "nothing: it rests on synced records that are still there"
)

var classes = []classRules{
	{"crash", promiseDead, false},
	{"pause", promiseAll, false},
	{"hang", promiseAll, false},
	{"slow", promiseSafe, false},
	{"partition", promiseAll, false},
	{"drop", promiseAll, false},
	{"delay", promiseSafe, false},
	{"duplicate", promiseSafe, false},
	{"slow-disk", promiseSafe, false},
	{"full-disk", promiseFull, false},
	{"fail-sync", promiseDead, false},
	{"lose-sync", promiseNever, true},
	{"corrupt", promiseNever, true},
	{"tear", promiseSafe, false},
	{"skew", promiseSafe, false},
}

// Help describes the lines of a fault plan: their forms, and what a protocol
// promises under each class.
func Help() string {
	b := usage
	for _, k := range []struct {
		of    string
		kinds []string
	}{
		{"The kinds of messages, for send, receive, drop, delay and duplicate", linkKinds},
		{"Those between a client and its coordinator, for send and receive only, not for\n" +
			"drop, delay and duplicate: they go over a connection that loses nothing, though a\n" +
			"coordinator that is down misses what comes", clientKinds},
		{"The kinds of records, for append, sync, fail-sync, lose-sync and corrupt", recordKinds},
	} {
		b += "\n" + k.of + ":\n"
		for _, line := range analysis.Wrap(k.kinds, 74) {
			b += "  " + line + "\n"
		}
	}
	b += "\nThose of a protocol of one's own are user, user+1 and so on, or user:NAME for what it\n" +
		"calls NAME: drop 5% user:ballot. What is recorded and printed has the numbers.\n"
	b += "\nWhat a protocol promises under each. Liveness takes timeouts: nothing else tells that a\n" +
		"message is lost or a node has crashed. A run is held to it all the same, so that where a\n" +
		"timeout that would be needed is never, the verdict may be INVALID, for progress or\n" +
		"one-outcome. Safety takes none.\n\n"
	for _, c := range classes {
		b += fmt.Sprintf("  %-10s %s\n", c.name, c.promise)
	}
	return b
}

const usage = `A fault plan is a list of lines, each in one of these forms:

  crash w3 at 1s for 2s                         or forever
  crash w3 at 1s for 2s every 10s               again at 11s, 21s, …: every form with "at" and without "forever";
                                                the last time not behind 1m, with "until 1m" behind it
  crash w3 after send vote #2 for 200ms         before|after send|receive|append|sync KIND
  crash w3 after append prepare of t17#1 for 1s the first time; with #2 behind it, the second
  crash w3 before apply of t17#1 for 1s         before|after lock|apply, and redo: a record, in recovery
  crash w3 after checkpoint #1 for 1s           before|after checkpoint|truncate|recover
  crash w3 torn after append prepare #2 for 1s  clean|lost|torn: what becomes of the unsynced tail
  crash workers 2% on prepare for exp(200ms)    on prepare|commit|abort: at one of the boundaries of that step
  crash workers 1% after send vote for 200ms    each time that this boundary is passed; KIND is * for every kind
  crash workers rate 0.01/s for exp(200ms)      every form with "at"
  pause w4 at 2s for 500ms                      every form of crash; hang is the same
  slow w3 x10 at 1s for 2s                      its messages take 10 times the CPU time, which is 10µs where there is none
  partition w1 w2 | * at 1s for 3s              * is all the others; not at a rate
  partition w1 -> C0 at 1s for 3s               one way
  drop commit C0→w9 #3                          or of t17#1
  drop 1% commit                                on every link; or: drop 1% commit C0→w9
  drop 1% *                                     messages of every kind between nodes
  delay 2% vote by exp(20ms)                    every form of drop
  duplicate 0.5% vote                           every form of drop
  duplicate 0.5% vote late by exp(20ms)         the second copy alone is late, besides its own delay
  slow-disk w5 x20 at 1s for 2s
  full-disk w5 at 1s for 2s                     the device has no room: a worker, which asks, votes NO
  fail-sync w5 #4 for 1s                        its 4th sync fails, and it is down for so long
  fail-sync w5 prepare #2 for 1s                the sync of that record; or of t17#1
  fail-sync w5 at 1s for 1s                     the running sync, or the next
  fail-sync workers 0.1% for 1s                 each sync by chance; each of a record, with KIND behind it
  lose-sync w5 #4                               every form of fail-sync: the sync is reported, and lost by the next crash
  corrupt w3 prepare #2                         the record is spoilt once it is durable; or of t17#1, or 1% prepare
  tear w3                                       its next crash tears the first unsynced record
  skew w2 by 30ms                               its clock is ahead, which no built-in protocol reads

A node is C0 or w3; workers and coordinators are all of them, but not where
the line aims at one message or record. The kind decision is a commit or an
abort. #n counts that node's (or link's) messages or records of the kind from
1 over the whole run, re-sends included and not reset by a restart; behind
"of", those about that attempt. A duration may be a distribution. The tail of a
crash that does not say is lost, or torn with the chance of disk.torn; it is
clean if the device has just written all of it.

What lose-sync and corrupt take from a log is missed even if no crash follows:
what is stored at the end is what a restart would rebuild from the log.

A pause that strikes within a step lets the step finish first: what it has yet to
send or write is sent and written at once, and only what comes next waits. Only
"before receive" parts anything: the message then waits, too.

A pause while the node is down is dropped; one within a pause lengthens it if it
ends later. A crash while it is down counts the time anew: down "for 20ms" from
1ms and "for 1ms" from 5ms, it is up at 6ms. What is dropped, finds the node
dead for good, or no sync to fail or lose before the next crash or the end of
faults, does not count as a strike. Of the lines that strike one message, the
first that drops it counts and no other; nor does what delays or duplicates one
of which a partition or the network's loss takes every copy, or strikes one that
a crash keeps from being sent.

When faults end is the parameter until. Links then heal, nodes that are not dead restart,
slow ones are fast again, nothing strikes any more, and all must come to rest:

  until: default    when a client finds no transaction left, but not before the lines above
                    that say when they strike have struck and lasted as they say: those
                    with "at", and with "every" if they have "until" too, otherwise their
                    first time; and those that aim at one message or record, as long as
                    something is in progress. Meanwhile all others go on. What lasts
                    forever, or beyond limits.time, is not waited for
  until: submitted  when a client finds no transaction left, whatever is under way; fuzzed
                    runs have this, and swarms, unless all transactions are submitted at
                    once: then, when the longest that is drawn is over
  until: 2s         at that time, whatever is under way

With arrivals, or a file that has times, no transaction is left from the last arrival on; in
the closed loop when a client is to take its next one and there is none, which may be at
once. The summary says which lines never struck or were cut short. With the first two,
faults also end when those without an end of their own have stopped everything for as
long as limits.stuck; for up to seven times as long while nodes still come back from them.
Whatever until says, they end at limits.faults at the latest: never by default, but for a
swarm a quarter of limits.time.
`

// Classes are the names of all classes.
func Classes() []string {
	var names []string
	for _, c := range classes {
		names = append(names, c.name)
	}
	return names
}

// Outside returns the classes outside the model that struck.
func Outside(lines []Strikes) []string {
	var names []string
	for _, c := range classes {
		struck := func(l Strikes) bool { return l.Class == c.name && l.Times > 0 }
		if c.outside && slices.ContainsFunc(lines, struck) {
			names = append(names, c.name)
		}
	}
	return names
}
