package sim

import (
	"bytes"
	"math/rand/v2"
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

// FuzzDamagedLog: bits of a log turn and its end is lost. What is read of it is what was written,
// up to the first record that is not whole any more, and it is corrupt only if another that is
// whole stands behind that one. sizes are the records, a byte each; damage is triples of bytes, a
// position and a bit, and what is left over is how much is lost.
func FuzzDamagedLog(f *testing.F) {
	f.Add([]byte{0, 3, 200, 1}, []byte{0, 4, 3, 1, 0, 7, 20}, uint64(1)<<33)
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 7))
		sizes, damage := make([]byte, 1+r.IntN(6)), make([]byte, r.IntN(9))
		for _, b := range [][]byte{sizes, damage} {
			for i := range b {
				b[i] = byte(r.Uint32())
			}
		}
		for i := 0; i+2 < len(damage); i += 3 {
			damage[i] %= 4
		}
		f.Add(sizes, damage, seed*seed)
	}
	f.Fuzz(func(t *testing.T, sizes, damage []byte, base uint64) {
		if len(sizes) == 0 || len(sizes) > 50 || len(damage) > 50 || base > 1<<60 {
			return
		}
		var log []byte
		var ends []int
		for i, n := range sizes {
			log = appendRecord(log, Kind(n), Label(base)<<8|Label(i), bytes.Repeat([]byte{n ^ byte(i)}, int(n)))
			ends = append(ends, len(log))
		}
		seal(log, LSN(base))
		damaged := slices.Clone(log)
		for len(damage) >= 3 {
			at := (int(damage[0])<<8 | int(damage[1])) % len(log)
			damaged[at] ^= 1 << (damage[2] % 8)
			damage = damage[3:]
		}
		for _, n := range damage {
			damaged = damaged[:max(len(damaged)-int(n), 0)]
		}
		first, behind, from := 0, false, 0 // whole records up to the first that is not, and whether one is whole behind
		for _, end := range ends {
			whole := end <= len(damaged) && bytes.Equal(log[from:end], damaged[from:end])
			switch {
			case whole && first == from:
				first = end
			case whole:
				behind = true
			}
			from = end
		}
		var again []byte
		for rec := range NewRecovery(nil, damaged, LSN(base)).Records() {
			if rec.LSN != LSN(base)+LSN(len(again)) {
				t.Fatalf("a record at %d is said to be at %d", LSN(base)+LSN(len(again)), rec.LSN)
			}
			again = appendRecord(again, rec.Kind, rec.Label, rec.Data)
		}
		if seal(again, LSN(base)); !bytes.Equal(again, log[:first]) {
			t.Fatalf("%d bytes are read, %d are whole", len(again), first)
		}
		if got := corrupt(damaged[first:], LSN(base)+LSN(first)); got != behind {
			t.Fatalf("corrupt is %v behind %d of %d bytes, and a whole record follows: %v", got, first, len(damaged), behind)
		}
	})
}
