package quantity_test

import (
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/scenarios/quantity"
)

func TestList(t *testing.T) {
	for text, want := range map[string]string{
		"1..64*2":                         "1 2 4 8 16 32 64",
		"1..50*3":                         "1 3 9 27",
		"0..0.9+0.1":                      "0 0.1 0.2 0.3 0.4 0.5 0.6 0.7 0.8 0.9",
		"2..4":                            "2 3 4",
		"0ms..50ms+25ms":                  "0ms 25ms 50ms",
		"0%..10%+5%":                      "0% 5% 10%",
		"x,1..2, y":                       "x 1 2 y",
		"lognormal(1ms, 0.4),constant(2)": "lognormal(1ms, 0.4) constant(2)",
		`[],["crash w1 at 1s, or so"]`:    `[] ["crash w1 at 1s, or so"]`,
		"0.1..0.3+0.1":                    "0.1 0.2 0.3",
		"1..2*1.5":                        "1 1.5",
		"1e-4..1e-1*10":                   "0.0001 0.001 0.01 0.1",
		"0.0000000001..0.000000002*10":    "0.0000000001 0.000000001",
		"1..1e2*10":                       "1 10 100",
		"10ms..1s*10":                     "10000000ns 100000000ns 1000000000ns",
		"0..50ms+25ms":                    "0ns 25000000ns 50000000ns",
		"512B..16KiB*4":                   "512B 2048B 8192B",
		`"5\" disk, old.txt",base.txt`:    `"5\" disk, old.txt" base.txt`,
		`'it''s, or so',x`:                `'it''s, or so' x`,
		`{a: 'x, y', b: ["}, "]},z`:       `{a: 'x, y', b: ["}, "]} z`,
		"a (b":                            "a (b",
		"it''s, ''x'' y":                  "it''s ''x'' y",
		`x, "a, [b", c`:                   `x "a, [b" c`,
		`'a\', b`:                         `'a\' b`,
		"f(g(x), y), z":                   "f(g(x), y) z",
		"a..b":                            "a..b",
	} {
		values, err := quantity.List(text)
		if err != nil || strings.Join(values, " ") != want {
			t.Errorf("%s: %q, %v, expected %q", text, values, err, want)
		}
	}
	for text, want := range map[string]int{"it's,that's,plain": 3, `5" disk,x`: 2, `5 " disk,x`: 2, "a),b": 2, `"\\",b`: 2} {
		if values, err := quantity.List(text); err != nil || len(values) != want {
			t.Errorf("%s: %q, %v, expected %d values", text, values, err, want)
		}
	}
	for _, text := range []string{"a [b,c", `"a,b`, "x,{a: 1,y", "5..1", "1..9+0", "0..9*2", "1..9*1", "1ms..9s+1", "1ms..9KiB*2", "1..x", "1..9+x", "1..9*x", "1..9*2s", "1B..9ns", "-5..-1*2", "1..9+-1", "1..100000", "1e999999999..2", "0..1e-9*10"} {
		if values, err := quantity.List(text); err == nil {
			t.Errorf("%q: %v", text, values)
		}
	}
}

func TestIsItem(t *testing.T) {
	for text, want := range map[string]bool{
		"plain": true, "it's": true, `5" disk`: true, "1..5": true, "lognormal(1ms, 0.4)": true, `["a, b"]`: true, "": true, "a)": true,
		"a, b": false, "a (b": false, `"a`: false, "'a": false, " a": false,
	} {
		if got := quantity.IsItem(text); got != want {
			t.Errorf("%q: %v, expected %v", text, got, want)
		}
	}
}
