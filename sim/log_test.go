package sim

import (
	"bytes"
	"slices"
	"testing"
)

// TestRecordsRoundTrip: what is appended is read back, from its first LSN on and
// up to the first record that does not check.
func TestRecordsRoundTrip(t *testing.T) {
	const base = LSN(1) << 33
	var log []byte
	var ends []int
	for i := range 5 {
		log = appendRecord(log, Kind(i), Label(i)<<60|3, bytes.Repeat([]byte{byte(i)}, 7*i))
		ends = append(ends, len(log))
	}
	seal(log, base)
	for cut := range len(log) + 1 {
		n := 0
		for rec := range NewRecovery(nil, log[:cut], base).Records() {
			if rec.Kind != Kind(n) || rec.Label != Label(n)<<60|3 || len(rec.Data) != 7*n || rec.End() != base+LSN(ends[n]) {
				t.Fatalf("record %d: %+v", n, rec)
			}
			n++
		}
		if want := len(slices.DeleteFunc(slices.Clone(ends), func(e int) bool { return e > cut })); n != want {
			t.Fatalf("%d records in %d bytes, want %d", n, cut, want)
		}
	}
	if valid, _ := scanLog(log, base+1); valid != 0 {
		t.Error("a record is valid at another position")
	}
}

// FuzzRecovery: no log makes the scan panic, and what it keeps reads back whole.
func FuzzRecovery(f *testing.F) {
	log := appendRecord(nil, 1, 2, []byte("abc"))
	seal(log, 0)
	f.Add(log, uint64(0))
	f.Fuzz(func(t *testing.T, log []byte, base uint64) {
		if len(log) > 1<<12 || base > 1<<60 {
			return
		}
		valid, _ := scanLog(log, LSN(base))
		read := 0
		for rec := range NewRecovery(nil, log, LSN(base)).Records() {
			read += recordHeader + len(rec.Data)
		}
		if read != valid {
			t.Errorf("%d bytes are valid, %d were read", valid, read)
		}
	})
}
