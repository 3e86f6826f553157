// Package history reads and writes saved histories, of runs and of other systems: what
// clients asked and were told, and what storage held.
//
// Such a file is JSON Lines: first a header,
//
//	{"txsim_history":"storage","version":"0.17.0","command":"txsim run …","scenario":"…"}
//
// of which only the first field must be there, and then a record a line, in the
// order in which it happened: that order is what "before" means. A history of
// "clients" has records of two kinds, which anyone can write who has watched the
// clients of any system; one of "storage" has them all:
//
//	{"at":"0.000005000","what":"submitted","txn":"t1","ops":[["r","w4","acct/7"],["w","w9","acct/8","90"]]}
//	{"at":"0.000005000","what":"began","txn":"t1","try":1,"age":"0.000005000"}
//	{"at":"0.002113000","what":"installed","txn":"t1","try":1,"op":1,"worker":"w9","key":"acct/8","value":"90"}
//	{"at":"0.003189149","what":"answered","txn":"t1","try":1,"outcome":"committed","reads":[{"op":0,"value":"10","from":{"txn":"t0","try":1,"op":2}}]}
//	{"what":"stored","worker":"w9","key":"acct/8","value":"90","from":{"txn":"t1","try":1,"op":1}}
//	{"what":"in-doubt","txn":"t1","worker":"w4"}
//	{"what":"end","complete":true}
//
// The operations are those of a transaction file, in either form, and are counted
// from 0. "at" is in seconds and never goes back; without it, it is that of the
// record before. An outcome is committed, aborted, unknown or blocked; all but the first
// may have a "reason", and aborted "final":false if the client tried again. "try" counts the
// attempts; if it is missing, it is that of the attempt under way: 1, or one more than that of
// the last answer with "final":false. A read without a "value" found none, and an answer
// without "reads" told no results. "from" is the version that was read: in a history of
// storage one without it is of the initial state, in one of clients there is none. Instead of
// a "value", what is installed or stored can be "deleted":true. "stored" is what a worker held
// in the end, "in-doubt" what it might still have installed, and "end" the last line: without
// it the history stops short, and "complete":false says that the run did. With "complete":true
// all has come to rest: each transaction has had a final answer by then, unknown if its client
// never heard of it.
//
// Every item begins without a value: a history of a system that did not begins
// with a transaction that wrote what was there.
//
// The package must never know how a history came about, nor who judges it. What it reads
// it writes again byte for byte, if it wrote it; what it refuses is an [input.Error].
package history
