package input_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/scenarios/input"
)

// A list of numbers under a name, of which each is at least 1.
func Example() {
	var p input.JSON
	parse := func(line string) *input.Problem {
		p.Reset([]byte(line))
		bad := p.Object(func(name []byte, column int) *input.Problem {
			if string(name) != "sizes" {
				return input.Problemf(column, "unknown field %s: %s", input.Excerpt(name), input.MustBeOneOf(string(name), []string{"sizes"}))
			}
			return p.Array(func(int) *input.Problem {
				var n int64
				return p.Int(&n, 1)
			})
		})
		if bad == nil {
			bad = p.End()
		}
		return bad
	}
	e := input.Error{Name: "sizes.jsonl"}
	for i, line := range []string{`{"sizes":[1,2]}`, `{"size":[1]}`, `{"sizes":[0]}`, `{"sizes":[]} x`} {
		if bad := parse(line); bad != nil {
			bad.Line = i + 1
			e.Problems = append(e.Problems, *bad)
		}
	}
	fmt.Println(&e)
	// Output:
	// sizes.jsonl:2:2: unknown field "size": must be sizes; did you mean sizes?
	// sizes.jsonl:3:11: found "0": expected an integer of at least 1
	// sizes.jsonl:4:14: found "x": expected the end of the line
}

// TestAppendString: what is printed as JSON reads back as it was.
func TestAppendString(t *testing.T) {
	for _, s := range []string{"", "plain", `"\\`, `"`, `a\b`, "\x00\t\n\x1f", "a\x1f", "é", "<é> \u2028 😀"} {
		var p input.JSON
		line := input.AppendString(nil, s)
		p.Reset(line)
		if got, bad := p.Bytes(); bad != nil || string(got) != s || strings.Contains(string(line), `\u003`) {
			t.Errorf("%q is printed as %s and read as %q, %v", s, line, got, bad)
		}
	}
}

// TestStrings: all escapes of JSON are read, and nothing but these.
func TestStrings(t *testing.T) {
	for line, want := range map[string]string{
		`"\"\\\/\b\f\n\r\t"`: "\"\\/\b\f\n\r\t", `"\u00e9\u0041b"`: "éAb", `"\ud83d\ude00b\ud83d\uDE00"`: "😀b😀", "\t \r\"a b\"": "a b", `"é` + "\x7f" + `"`: "é\x7f",
	} {
		var p input.JSON
		p.Reset([]byte(line))
		got, bad := p.Bytes()
		if bad != nil || string(got) != want || p.End() != nil {
			t.Errorf("%s is read as %q, %v", line, got, bad)
		}
	}
	const escapes = `: bad escape in a string: expected \" \\ \/ \b \f \n \r \t or \u and 4 hex digits`
	for line, want := range map[string]string{
		`"a\u00g0"`: "3" + escapes, `"\u004"`: "2" + escapes, `"\u+041"`: "2" + escapes, `"\u004`: "2" + escapes, `"\v"`: "2" + escapes,
		`"\ud83d\xde00"`: "2: half of a surrogate pair: expected both", `"\ud83dxude00"`: "2: half of a surrogate pair: expected both",
		"\"a\x1f\"": `3: character U+001F in a string: expected \u001f`, "\t x": `3: found "x": expected a string`,
	} {
		var p input.JSON
		p.Reset([]byte(line))
		if got, bad := p.Bytes(); bad == nil || fmt.Sprintf("%d: %s", bad.Column, bad.Text) != want {
			t.Errorf("%s is read as %q, %v, expected %s", line, got, bad, want)
		}
	}
}

// TestScalars: an integer has one spelling, and blanks may stand around a value.
func TestScalars(t *testing.T) {
	for line, want := range map[string]string{
		"7": "7", " \t7 ": "7", "2147483647": "2147483647", "-1": "-1", "0": "0",
		"2147483648": `1: found "2147483648"`, "01": `1: found "01"`, "-0": `1: found "-0"`, "+1": `1: found "+1"`, "1.0": `1: found "1.0"`, " x": `2: found "x"`,
		"": "1: found the end of the line", "-2": `1: found "-2"`, `"1"`: `1: found the string "1"`, "]": `1: found "]"`,
	} {
		var p input.JSON
		p.Reset([]byte(line))
		n := int64(0)
		bad := p.Int(&n, -1)
		got := fmt.Sprint(n)
		if bad != nil {
			got = fmt.Sprintf("%d: %s", bad.Column, strings.TrimSuffix(bad.Text, ": expected an integer of at least -1"))
		} else if p.End() != nil {
			got += " and a rest"
		}
		if got != want {
			t.Errorf("%q is read as %s, expected %s", line, got, want)
		}
	}
	for line, want := range map[string]string{
		"true": "true", " false ": "false", "True": `1: found "True": expected true or false`, " 1": `2: found "1": expected true or false`, `"true"`: `1: found the string "true": expected true or false`,
	} {
		var p input.JSON
		p.Reset([]byte(line))
		is := false
		bad := p.Bool(&is)
		got := fmt.Sprint(is)
		if bad != nil {
			got = fmt.Sprintf("%d: %s", bad.Column, bad.Text)
		}
		if got != want {
			t.Errorf("%q is read as %s, expected %s", line, got, want)
		}
	}
}

// TestError: what is wrong with a whole file has no line, and what quotes its text no column.
func TestError(t *testing.T) {
	e := input.Error{Name: "f", Problems: []input.Problem{{Text: "empty"}, {Line: 1, Text: "a"}, {Line: 2, Column: 1, Text: "b"}}, More: true}
	if want := "f: empty\nf:1: a\nf:2:1: b\nf: stopped after 3 problems"; e.Error() != want {
		t.Errorf("got %s", e.Error())
	}
}

// TestInvalidUTF8: the character for what was invalid is valid itself.
func TestInvalidUTF8(t *testing.T) {
	for line, want := range map[string]int{"": 0, "aé": 3, "\ufffd\xff": 3, "\xc3": 0, "é\xc3(": 2} {
		if got := input.InvalidUTF8([]byte(line)); got != want {
			t.Errorf("%q: %d, expected %d", line, got, want)
		}
	}
}

// TestExcerpt: 60 bytes fit, and no character is cut.
func TestExcerpt(t *testing.T) {
	a := strings.Repeat("a", 59)
	for text, want := range map[string]string{
		"": `""`, a + "b": `"` + a + `b"`, a + "bc": `"` + a + `b"…`, a + "éd": `"` + a + `"…`,
	} {
		if got := input.Excerpt([]byte(text)); got != want {
			t.Errorf("%q: %s, expected %s", text, got, want)
		}
	}
	for text, want := range map[string]string{"": `""`, "a b": "a b", "é": "é", `a"b`: `"a\"b"`, "a\n": `"a\n"`} {
		if got := input.Shown(text); got != want {
			t.Errorf("%q: %s, expected %s", text, got, want)
		}
	}
}

// TestNearest tells slips from other words.
func TestNearest(t *testing.T) {
	known := []string{"prepare", "commit", "abort"}
	for word, want := range map[string]string{
		"prep": "prepare", "comit": "commit", "Abrot": "abort", "a": "", "vote": "", "": "",
	} {
		if got := input.Nearest(word, known); got != want {
			t.Errorf("%q: got %q, want %q", word, got, want)
		}
	}
}
