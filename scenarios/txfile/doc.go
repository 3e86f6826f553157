// Package txfile reads and prints files of transactions: a [File] is checked to its last
// line when it is opened, and streamed from then on, so that it may be larger than memory.
//
// A file has one of two forms, told apart by its first significant byte.
// JSON Lines, when that is "{", with one transaction a line and the operations
// in their short or verbose form, mixed at will:
//
//	{"id":"t17","at":"1.2ms","ops":[["r","w4","acct/7"],["w","w9","acct/8","90"]]}
//	{"id":"t18","at":"1.3ms","ops":[{"op":"Delete","worker":"w2","key":"tmp/1"}]}
//
// Otherwise text, with one transaction a line and its time after "@":
//
//	t17 @1.2ms: w4 read acct/7; w9 write acct/8 = 90
//	t18 @1.3ms: w2 delete tmp/1   # a comment
//
// A word of the text form is bare or a quoted Go string. A bare word has no
// blank, no character that does not print and none of ; = # " in it; a bare id
// has no : or @ either, and does not begin with "{". Everything else is quoted:
// "a key", "", "50%; more". A comment begins at a line's start or after a
// blank, ";" or a closing quote; acct#7 is refused, since it might be either.
//
// In both forms: names of operations are read, write, delete, or r, w, d, in
// any case; the time is a Go duration, on every transaction and never going
// back, or on none; ids and keys are not empty, values may be; blank lines and
// lines that begin with # are skipped; lines end in LF or CRLF and have at
// most [MaxLine] bytes; the text is UTF-8, with or without a byte order mark.
//
// It must never know what becomes of transactions. What it prints parses back to the same,
// and what it refuses is an [input.Error] with every line that is wrong, up to a bound.
//
// # Files
//
//	file          a file: opened, then read one transaction at a time
//	scan          its lines, and which of the two forms they have
//	text, json    the two forms
//	op            operations: workers, keys, kinds, times
//	check, idset  what must be so of the whole: ids are unequal, times do not go back
//	print         a transaction in text or JSON
package txfile
