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
	if scanLog(log, base+1) != 0 {
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
		valid := scanLog(log, LSN(base))
		corrupt(log[valid:], LSN(base+uint64(valid)))
		read := 0
		for rec := range NewRecovery(nil, log, LSN(base)).Records() {
			read += recordHeader + len(rec.Data)
		}
		if read != valid {
			t.Errorf("%d bytes are valid, %d were read", valid, read)
		}
	})
}

// TestTornOverRecord: a torn record that holds the image of another is torn, and its log not
// corrupt: what a crash leaves at its end needs no search for what may follow.
func TestTornOverRecord(t *testing.T) {
	const before = LSN(recordHeader) // of the image
	data := appendRecord(nil, 1, 2, []byte("inner"))
	seal(data, before)
	data = append(data, make([]byte, 1<<16)...)
	w, tape := taped(t, Config[note]{Disk: Disk{Sync: dist(t, "1ms")}})
	restarted := false
	add(w, "a", hooks{
		start:   func(e *Env[note]) { e.Append(1, 1, data); e.Sync() },
		recover: func(*Env[note], Recovery) { restarted = true },
	})
	w.FaultAt(Time(500*us), func() { w.Strike(0, Strike{Crash: true, Tail: TailTorn, For: ms}) })
	if w.Run(t.Context()); !restarted {
		t.Error(tape.lines)
	}
}
