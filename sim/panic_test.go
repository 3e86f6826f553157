package sim

import (
	"errors"
	"strings"
	"testing"
)

func TestPanicText(t *testing.T) {
	long := strings.Repeat("é", mostPanicText)
	for _, c := range []struct {
		value any
		want  string
	}{
		{"a\n\tb", "a b"}, {errors.New("broken"), "broken"}, {7, "7"}, {true, "true"}, {Time(1500 * ms), "1.500000000"}, {"", "no reason given"},
		{&struct{ n int }{1}, "a *struct { n int }"}, {[]int{1}, "a []int"}, {struct{ f func() }{}, "a struct { f func() }"},
		{long, long[:mostPanicText] + " …"}, {"x" + long, "x" + long[:mostPanicText-2] + " …"},
	} {
		if got := PanicText(c.value); got != c.want {
			t.Errorf("%q, expected %q", got, c.want)
		}
	}
}
