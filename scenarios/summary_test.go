package scenarios

import "testing"

// TestPerSecond: small rates have digits.
func TestPerSecond(t *testing.T) {
	for rate, want := range map[float64]string{0: "0.0", 0.0312: "0.031", 0.1: "0.1", 9.96: "10.0", 12345.67: "12345.7"} {
		if got := perSecond(rate); got != want {
			t.Errorf("%v: %s, expected %s", rate, got, want)
		}
	}
}
