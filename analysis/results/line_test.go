package results

import (
	"fmt"
	"strings"
	"testing"
)

// TestMalformedLine: what no run comes to is refused where it stands, and not left out of
// what is counted.
func TestMalformedLine(t *testing.T) {
	last := buckets() - 1
	for _, c := range []struct{ verdict, latencies, want string }{
		{"valid", "", ""},
		{"invalid", "", ""},
		{"unknown", fmt.Sprint(last, " 1"), ""},
		{"valid", fmt.Sprint("0 1 ", last-1, " 1"), ""},
		{"vaild", "", `verdict "vaild": expected valid, invalid or unknown`},
		{"", "", `verdict "": expected`},
		{"valid", "3", "latencies: 1 numbers: expected pairs"},
		{"valid", "3 1 4", "latencies: 3 numbers: expected pairs"},
		{"valid", "-1 5", "latencies: -1 empty buckets and then a count of 5: expected"},
		{"valid", "1 0", "latencies: 1 empty buckets and then a count of 0: expected"},
		{"valid", "1 -2", "latencies: 1 empty buckets and then a count of -2: expected"},
		{"valid", fmt.Sprint(last+1, " 1"), "empty buckets and then a count of 1: expected"},
		{"valid", fmt.Sprint("0 1 ", last, " 1"), "empty buckets and then a count of 1: expected"},
		{"valid", "9223372036854775807 1", "empty buckets and then a count of 1: expected"},
		{"valid", "1 x", `latencies: "x": expected a number`},
	} {
		line := fmt.Sprintf(`{"cell":[],"seed":1,"verdict":%q,"hash":"x","steady":true,"latencies_ns":%q}`, c.verdict, c.latencies)
		_, err := Read("f.jsonl", strings.NewReader(`{"txsim_sweep":"1","hash":"h"}`+"\n"+line+"\n"))
		if (err == nil) != (c.want == "") || err != nil && !strings.HasPrefix(err.Error(), "f.jsonl:2: not a result: ") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, expected %q", line, err, c.want)
		}
	}
}
