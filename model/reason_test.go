package model

import "testing"

// TestReasonNames: each reason that there can be has a name of its own.
func TestReasonNames(t *testing.T) {
	seen := map[string]Reason{}
	for i := range 256 {
		r := Reason(i)
		if other, twice := seen[r.String()]; twice {
			t.Errorf("%d and %d are both %q", r, other, r)
		}
		seen[r.String()] = r
	}
	if ReasonUser.String() != "user" || (ReasonUser+1).String() != "user+1" {
		t.Errorf("%v, %v", ReasonUser, ReasonUser+1)
	}
}
