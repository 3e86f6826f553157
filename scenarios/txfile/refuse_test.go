package txfile

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/scenarios/input"
)

const okJSON = `{"id":"a","ops":[["r","w0","k"]]}` + "\n"

// refusals has every refusal with its exact message, for a file f and ten workers.
var refusals = []struct{ name, input, want string }{
	{"empty file", "", "f:1: no transactions: expected at least one"},
	{"only comments", "# x\n\n  # y\r\n", "f:1: no transactions: expected at least one"},
	{"only a mark", "\ufeff", "f:1: no transactions: expected at least one"},

	{"duplicate id", "a: w0 r k\nb: w0 r k\na: w1 r k\na: w1 r k\n",
		`f:3: duplicate transaction id "a", first on line 1: expected a unique id` + "\n" +
			`f:4: duplicate transaction id "a", first on line 1: expected a unique id`},
	{"duplicate id in other words", "a: w0 r k\n\"\\x61\": w0 r k", `f:2: duplicate transaction id "a", first on line 1: expected a unique id`},
	{"duplicate id, JSON", okJSON + strings.Replace(okJSON, "a", `\u0061`, 1), `f:2: duplicate transaction id "a", first on line 1: expected a unique id`},
	{"problems in line order", "a: w0 r k\nb: w10 r k\na: w1 r k\nc: w11 r k\n",
		`f:2: unknown worker "w10": expected w0 … w9` + "\n" +
			`f:3: duplicate transaction id "a", first on line 1: expected a unique id` + "\n" +
			`f:4: unknown worker "w11": expected w0 … w9`},
	{"mixed forms", okJSON + "b: w0 r k", "f:2: a text line in a file of JSON lines: expected the form of line 1"},
	{"mixed forms, text first", "\nb: w0 r k\n" + okJSON, "f:3: a JSON line in a file of text lines: expected the form of line 2"},
	{"an array", `[{"id":"a","ops":[["r","w0","k"]]}]`, "f:1: an array of JSON: expected JSON Lines, one object a line"},
	{"an array of several lines", "\n [\n" + okJSON + "]\n", "f:2: an array of JSON: expected JSON Lines, one object a line"},
	{"no array", "[a w0 r k", `f:1:4: found "w0": expected ":" after the id`},
	{"long line", "a: w0 r k\n# " + strings.Repeat("x", MaxLine), "f:2: line over 1 MiB: expected at most 1048576 bytes"},
	{"long line ended", "# " + strings.Repeat("x", 3*MaxLine) + "\na w0", "f:1: line over 1 MiB: expected at most 1048576 bytes\n" +
		`f:2:3: found "w0": expected ":" after the id`},
	{"invalid UTF-8 after valid", "t: w0 r é\xc3", "f:1:11: invalid UTF-8, byte 0xc3: expected UTF-8 text"},
	{"invalid UTF-8", "a: w0 r k\nb: w0 r \xff", "f:2:9: invalid UTF-8, byte 0xff: expected UTF-8 text"},
	{"UTF-16", "\xff\xfea\x00", "f:1:1: invalid UTF-8, byte 0xff: expected UTF-8 text"},

	{"at on some", "a: w0 r k\nb @1s: w0 r k\nc @2s: w0 r k", `f:2: "b" has an "at" and line 1 has none: expected all or none to have one`},
	{"at not on all", "a @1s: w0 r k\nb: w0 r k\nc: w0 r k", `f:2: "b" has no "at" and line 1 has one: expected all or none to have one`},
	{"at going back", "a @2s: w0 r k\n\nb @1.5s: w0 r k", "f:3: at 1.5s is before the 2s of line 1: expected times in order"},
	{"at negative", "a @-1ms: w0 r k", `f:1: negative at "-1ms": expected 0s or later`},
	{"at without unit", "a @12: w0 r k", `f:1: bad at "12": expected a duration such as 1.2ms`},
	{"at never", "a @9223372036854775807ns: w0 r k", `f:1: at "9223372036854775807ns" is never: expected an earlier time`},
	{"at too large", "a @300000000h: w0 r k", `f:1: bad at "300000000h": expected a duration such as 1.2ms`},
	{"at missing", "a @: w0 r k", `f:1:4: found ":": expected a duration after "@"`},

	{"unknown worker", "t: w77 read k", `f:1: unknown worker "w77": expected w0 … w9`},
	{"worker with a zero", "t: w01 read k", `f:1: unknown worker "w01": expected w0 … w9`},
	{"worker without a number", "t: w read k", `f:1: unknown worker "w": expected w0 … w9`},
	{"worker of another letter", "t: x4 read k", `f:1: unknown worker "x4": expected w0 … w9`},
	{"worker with a sign", "t: w1- read k", `f:1: unknown worker "w1-": expected w0 … w9`},
	{"worker huge", "t: w99999999999999999999 read k", `f:1: unknown worker "w99999999999999999999": expected w0 … w9`},
	{"operation first", "t: read k", `f:1: unknown worker "read": expected w0 … w9`},
	{"unknown operation", "t: w0 inc k", `f:1: unknown operation "inc": expected read, write or delete`},
	{"worker by name", "t: wx read k", `f:1: unknown worker "wx": expected w0 … w9`},
	{"operation too long", "t: w0 overwrite k", `f:1: unknown operation "overwrite": expected read, write or delete`},
	{"missing operation", "t: w0", "f:1:4: missing operation: expected read, write or delete"},
	{"missing key", "t: w0 r k; w0 read", "f:1:12: missing key: expected the key to read"},
	{"missing key, value", "t: w0 write = 1", "f:1:4: missing key: expected the key to write"},
	{"empty key", `t: w0 delete ""`, "f:1:4: empty key: expected the key to delete"},
	{"write without value", "t: w0 write k", `f:1:4: write of "k" without a value: expected one`},
	{"write with no word after =", "t: w0 write k = ; w0 r k", `f:1:17: found ";": expected a value after "="`},
	{"read with value", "t: w0 read k = 1", `f:1:4: read of "k" with a value: expected none`},
	{"delete with value", `t: w0 delete k = ""`, `f:1:4: delete of "k" with a value: expected none`},
	{"long key, cut at a character", "t: w0 write k" + strings.Repeat("é", 50), `f:1:4: write of "k` + strings.Repeat("é", 29) + `"… without a value: expected one`},
	{"long key", "t: w0 write " + strings.Repeat("é", 50), `f:1:4: write of "` + strings.Repeat("é", 30) + `"… without a value: expected one`},

	{"no operations", "t:", `f:1: transaction "t" has no operations: expected at least one`},
	{"no operations, comment", "t: # none", `f:1: transaction "t" has no operations: expected at least one`},
	{"missing id", ": w0 r k", "f:1: missing id: expected a unique name of the transaction"},
	{"empty id", `"": w0 r k`, "f:1: empty id: expected a unique name of the transaction"},
	{"control character in an id", "t\x00: w0 read k", "f:1:2: character U+0000 in a bare word: expected a quoted string"},
	{"open quote of at", `t @"1s: w0 read k`, "f:1:4: string without a closing quote: expected one on the same line"},
	{"open quote of a value", `t: w0 w k = "1`, "f:1:13: string without a closing quote: expected one on the same line"},
	{"no colon", "t w0 read k", `f:1:3: found "w0": expected ":" after the id`},
	{"only an id", "t # x", `f:1:3: found the end of the line: expected ":" after the id`},
	{"empty operation", "t: ; w0 r k", "f:1:4: missing worker: expected w0 … w9"},
	{"semicolon at the end", "t: w0 r k;", `f:1:11: found the end of the line: expected an operation after ";"`},
	{"two words", "t: w0 write k = a b", `f:1:19: found "b": expected ";" or the end of the line`},
	{"value without =", "t: w0 write k 90", `f:1:15: found "90": expected "=", ";" or the end of the line`},
	{"value of base64", "t: w0 write k = eA==", `f:1:19: found "=": expected ";" or the end of the line`},
	{"hash in a word", "t: w0 r acct#7", `f:1:13: "#" in a bare word: expected a quoted string, or a blank before a comment`},
	{"quote in a word", `t: w0 r a"b"`, "f:1:10: quote in a bare word: expected all of it quoted"},
	{"control character", "t: w0 r a\x01", "f:1:10: character U+0001 in a bare word: expected a quoted string"},
	{"no-break space", "t: w0 r a\u00a0b", "f:1:10: character U+00A0 in a bare word: expected a quoted string"},
	{"delete character", "t: w0 r a\x7f", "f:1:10: character U+007F in a bare word: expected a quoted string"},
	{"a mark that begins no file", "a: w0 r k\n\ufeffb: w0 r k", "f:2:1: character U+FEFF in a bare word: expected a quoted string"},
	{"lone CR", "t: w0 r a\rb: w0 r a", "f:1:10: character U+000D in a bare word: expected a quoted string"},
	{"open quote", `t: w0 r "a\"`, "f:1:9: string without a closing quote: expected one on the same line"},
	{"bad escape", `t: w0 r "a\q"`, "f:1:9: bad escape in a string: expected a quoted Go string"},
	{"escaped bad UTF-8", `t: w0 r "\xff"`, "f:1:9: invalid UTF-8 in a string: expected UTF-8 text"},

	{"JSON unknown worker", `{"id":"a","ops":[["r","w10","k"]]}`, `f:1: unknown worker "w10": expected w0 … w9`},
	{"JSON unknown operation", `{"id":"a","ops":[["x","w1","k"]]}`, `f:1: unknown operation "x": expected read, write or delete`},
	{"JSON missing worker", `{"id":"a","ops":[["r"]]}`, "f:1:18: missing worker: expected w0 … w9"},
	{"JSON missing op", `{"id":"a","ops":[{"worker":"w1","key":"k"}]}`, "f:1:18: missing operation: expected read, write or delete"},
	{"JSON missing key", `{"id":"a","ops":[["r","w1"]]}`, "f:1:18: missing key: expected the key to read"},
	{"JSON missing key, verbose", `{"id":"a","ops":[{"op":"Write","worker":"w1","value":"v"}]}`, "f:1:18: missing key: expected the key to write"},
	{"JSON empty key", `{"id":"a","ops":[["r","w1",""]]}`, "f:1:18: empty key: expected the key to read"},
	{"JSON write without value", `{"id":"a","ops":[["r","w1","k"],["w","w1","k"]]}`, `f:1:33: write of "k" without a value: expected one`},
	{"JSON read with value", `{"id":"a","ops":[["r","w1","k",""]]}`, `f:1:18: read of "k" with a value: expected none`},
	{"JSON five strings", `{"id":"a","ops":[["w","w1","k","v","x"]]}`, `f:1:36: found the string "x": expected "]" after at most 4 strings: operation, worker, key, value`},
	{"JSON empty op", `{"id":"a","ops":[[]]}`, "f:1:18: missing worker: expected w0 … w9"},
	{"JSON no ops", `{"id":"a","ops":[]}`, `f:1: transaction "a" has no operations: expected at least one`},
	{"JSON ops missing", `{"id":"a"}`, `f:1: transaction "a" has no operations: expected at least one`},
	{"JSON missing id", `{"ops":[["r","w1","k"]]}`, "f:1: missing id: expected a unique name of the transaction"},
	{"JSON empty id", `{"id":"","ops":[["r","w1","k"]]}`, "f:1: empty id: expected a unique name of the transaction"},
	{"JSON empty object", `{}`, "f:1: missing id: expected a unique name of the transaction"},
	{"JSON negative at", `{"id":"a","at":"-1s","ops":[["r","w1","k"]]}`, `f:1: negative at "-1s": expected 0s or later`},
	{"JSON number at", `{"id":"a","at":1.2,"ops":[["r","w1","k"]]}`, `f:1:16: found "1.2": expected a string`},
	{"JSON number value", `{"id":"a","ops":[["w","w1","k",90]]}`, `f:1:32: found "90": expected a string`},
	{"JSON null id", `{"id":null,"ops":[["r","w1","k"]]}`, `f:1:7: found "null": expected a string`},
	{"JSON ops object", `{"id":"a","ops":{}}`, `f:1:17: found "{": expected "["`},
	{"JSON op string", `{"id":"a","ops":["r w0 k"]}`, `f:1:18: found the string "r w0 k": expected an operation such as ["r","w0","key"]`},
	{"JSON unknown field", `{"id":"a","when":"1s"}`, `f:1:11: unknown field "when": expected id, at or ops`},
	{"JSON field in another case", `{"ID":"a"}`, `f:1:2: unknown field "ID": expected id, at or ops`},
	{"JSON field without quotes", `{id:"a"}`, `f:1:2: found "id": expected a string`},
	{"JSON open quote", `{"id" "a`, "f:1:9: found the end of the line: expected a closing quote"},
	{"JSON unknown field of op", `{"id":"a","ops":[{"op":"r","node":"w0"}]}`, `f:1:28: unknown field "node": expected op, worker, key or value`},
	{"JSON duplicate field", `{"id":"a","id":"b"}`, `f:1:11: duplicate field "id": expected it once`},
	{"JSON duplicate empty field", `{"id":"","id":"b"}`, `f:1:10: duplicate field "id": expected it once`},
	{"JSON duplicate ops", `{"id":"a","ops":[],"ops":[]}`, `f:1:20: duplicate field "ops": expected it once`},
	{"JSON duplicate field of op", `{"id":"a","ops":[{"op":"r","op":"r"}]}`, `f:1:28: duplicate field "op": expected it once`},
	{"JSON trailing text", strings.TrimSpace(okJSON) + " x", `f:1:35: found "x": expected the end of the line`},
	{"JSON trailing object", strings.TrimSpace(okJSON) + okJSON, `f:1:34: found "{": expected the end of the line`},
	{"JSON trailing comma", `{"id":"a",}`, `f:1:11: found "}": expected a string`},
	{"JSON trailing comma of array", `{"id":"a","ops":[["r","w0","k"],]}`, `f:1:33: found "]": expected an operation such as ["r","w0","key"]`},
	{"JSON cut short", `{"id":"a","ops":[["r","w0"`, `f:1:27: found the end of the line: expected "," or "]"`},
	{"JSON cut in a string", `{"id":"a`, "f:1:9: found the end of the line: expected a closing quote"},
	{"JSON without colon", `{"id" "a"}`, `f:1:7: found the string "a": expected ":" after the name of a field`},
	{"JSON without comma", `{"id":"a" "ops":[]}`, `f:1:11: found the string "ops": expected "," or "}"`},
	{"JSON over two lines", "{\"id\":\"a\",\n\"ops\":[]}", "f:1:11: found the end of the line: expected a string\n" +
		"f:2: a text line in a file of JSON lines: expected the form of line 1"},
	{"JSON control character", "{\"id\":\"a\tb\"}", `f:1:9: character U+0009 in a string: expected \u0009`},
	{"JSON bad escape", `{"id":"a\x"}`, `f:1:9: bad escape in a string: expected \" \\ \/ \b \f \n \r \t or \u and 4 hex digits`},
	{"JSON bad hex", `{"id":"\u+123"}`, `f:1:8: bad escape in a string: expected \" \\ \/ \b \f \n \r \t or \u and 4 hex digits`},
	{"JSON cut escape", `{"id":"\`, `f:1:8: bad escape in a string: expected \" \\ \/ \b \f \n \r \t or \u and 4 hex digits`},
	{"JSON half a pair", `{"id":"\ud83dx"}`, "f:1:8: half of a surrogate pair: expected both"},
	{"JSON low half", `{"id":"\ude00\ud83d"}`, "f:1:8: half of a surrogate pair: expected both"},
	{"JSON NUL", okJSON[:len(okJSON)-1] + "\x00", `f:1:34: found "\x00": expected the end of the line`},
}

func TestRefusals(t *testing.T) {
	for _, c := range refusals {
		t.Run(c.name, func(t *testing.T) {
			txs, err := readAll("f", strings.NewReader(c.input), 10)
			if err == nil {
				t.Fatalf("accepted: %+v", txs)
			}
			if _, ok := errors.AsType[*input.Error](err); !ok {
				t.Errorf("is a %T", err)
			}
			if err.Error() != c.want {
				t.Errorf("got:  %s\nwant: %s", err, c.want)
			}
		})
	}
}

// TestOneWorker has the only message that depends on the number.
func TestOneWorker(t *testing.T) {
	_, err := readAll("orders.txt", strings.NewReader("t: w1 r k"), 1)
	if want := `orders.txt:1: unknown worker "w1": expected w0`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// TestWorkerNames: of letters none is a digit, however many workers there are.
func TestWorkerNames(t *testing.T) {
	for name, want := range map[string]int{"w0": 0, "w7": 7, "w999": 999, "w1000": -1, "wx": -1, "w1x": -1, "w1:": -1, "w1/": -1, "w00": -1, "W1": -1} {
		if got := workerIndex([]byte(name), 1000); got != want {
			t.Errorf("%s: %d, expected %d", name, got, want)
		}
	}
}

// TestLongestLine shows that the limit is the limit, whatever ends the line.
func TestLongestLine(t *testing.T) {
	head := "t: w0 write k = "
	line := head + strings.Repeat("v", MaxLine-len(head))
	for _, input := range []string{line, line + "\n", line + "\r\n", "\ufeff" + line + "\r\n"} {
		if _, err := readAll("f", strings.NewReader(input), 1); err != nil {
			t.Error(err)
		}
		if _, err := readAll("f", strings.NewReader(strings.Replace(input, "k", "kk", 1)), 1); err == nil {
			t.Error("accepted a line of 1 MiB and a byte")
		}
	}
}

// TestManyProblems stops at the bound and says so, with duplicates that
// were found last in their places.
func TestManyProblems(t *testing.T) {
	var in, want strings.Builder
	in.WriteString("a: w0 r k\na: w0 r k\n")
	want.WriteString(`f:2: duplicate transaction id "a", first on line 1: expected a unique id` + "\n")
	for i := 3; i < 20; i++ {
		in.WriteString("b: w7 r k\n")
		if i <= 11 {
			fmt.Fprintf(&want, "f:%d: unknown worker \"w7\": expected w0 … w4\n", i)
		}
	}
	want.WriteString("f: stopped after 10 problems")
	_, err := readAll("f", strings.NewReader(in.String()), 5)
	if err == nil || err.Error() != want.String() {
		t.Errorf("got:\n%v\nwant:\n%s", err, want.String())
	}
}
