package sim_test

import (
	"slices"
	"testing"

	"github.com/seed83d86191/txsim/sim"
)

// TestRecoveryWith: a recovery of other records yields these, in their order,
// and survives being checked like any log.
func TestRecoveryWith(t *testing.T) {
	want := []sim.LogRecord{{Kind: 3, Label: 7, Data: []byte("abc")}, {Kind: 1, Label: 9}, {Kind: 3, Label: 7, Data: []byte("abc")}}
	r := sim.NewRecovery([]byte("state"), nil, 100).With(slices.Values(want))
	r = r.With(r.Records())
	at, n := sim.LSN(100), 0
	for rec := range r.Records() {
		w := want[n]
		if rec.Kind != w.Kind || rec.Label != w.Label || string(rec.Data) != string(w.Data) || rec.LSN != at {
			t.Errorf("record %d is %+v at %d, expected %+v at %d", n, rec, rec.LSN, w, at)
		}
		at, n = rec.End(), n+1
	}
	if n != len(want) || string(r.Checkpoint) != "state" {
		t.Errorf("%d records and checkpoint %q", n, r.Checkpoint)
	}
}
