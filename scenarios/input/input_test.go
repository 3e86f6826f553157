package input_test

import (
	"fmt"
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
	for _, s := range []string{"", "plain", `"\\`, "\x00\t\n\x1f", "<é> \u2028 😀"} {
		var p input.JSON
		line := input.AppendString(nil, s)
		p.Reset(line)
		if got, bad := p.Bytes(); bad != nil || string(got) != s {
			t.Errorf("%q is printed as %s and read as %q, %v", s, line, got, bad)
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
