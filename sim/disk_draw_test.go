package sim

import (
	"math/rand/v2"
	"testing"
	"time"
)

// syncTimes has a node sync a record each millisecond, named as name says of the
// millisecond, and returns how long each of the syncs took that began on the millisecond.
// Where more says so, another record has a sync of its own in the second half of it.
func syncTimes(t *testing.T, name func(tick int) (Label, Kind), more func(tick int) (Label, bool), fault func(*World[note])) map[int]time.Duration {
	t.Helper()
	times := map[int]time.Duration{}
	w := New(Config[note]{Seed: 3, Disk: Disk{Sync: dist(t, "uniform(0, 400us)")}})
	wait := func(e *Env[note]) { e.SetTimer(ms-time.Duration(e.Now())%ms, 0) }
	tick, from := 0, Time(0)
	add(w, "a", hooks{
		start:   wait,
		recover: func(e *Env[note], _ Recovery) { wait(e) },
		fired: func(e *Env[note], token uint64) {
			if token > 0 {
				e.Append(1, Label(token), nil)
				e.Sync()
				return
			}
			if tick, from = int(e.Now()/Time(ms)), e.Now(); tick < syncTicks {
				if label, ok := more(tick); ok {
					e.SetTimer(ms/2, uint64(label))
				}
				label, kind := name(tick)
				e.Append(kind, label, []byte("x"))
				e.Sync()
				wait(e)
			}
		},
		synced: func(e *Env[note], _ LSN) {
			if e.Now() < from.Add(ms/2) || times[tick] == 0 {
				times[tick] = e.Now().Sub(from)
			}
		},
	})
	if fault != nil {
		fault(w)
	}
	if status := w.Run(t.Context()); status != Quiet {
		t.Fatal(status)
	}
	return times
}

const syncTicks = 1000

func never(int) (Label, bool) { return 0, false }

// TestSyncDrawsStay: neither a fault nor one more sync moves a sync behind it, if labels
// rise, be it not quite, or if there are few of them.
func TestSyncDrawsStay(t *testing.T) {
	names := map[string]func(tick int) (Label, Kind){
		"rising":        func(tick int) (Label, Kind) { return Label(tick) << 16, 1 },
		"nearly rising": func(tick int) (Label, Kind) { return Label(tick^1) << 16, 1 },
		"kinds":         func(tick int) (Label, Kind) { return Label(tick/4)<<16 | Label(tick&1), Kind(1 + tick/2&1) },
		"few":           func(tick int) (Label, Kind) { return Label(1+tick%3) << 16, 1 },
		"one":           func(int) (Label, Kind) { return 1 << 16, 1 },
		"none":          func(tick int) (Label, Kind) { return 0, Kind(tick % 2) },
	}
	once := func(label Label) func(int) (Label, bool) {
		return func(tick int) (Label, bool) { return label, tick == 20 }
	}
	for name, label := range names { // in any order: each is a case of its own
		without := syncTimes(t, label, never, nil)
		for _, c := range []struct {
			name  string
			more  func(tick int) (Label, bool)
			fault func(*World[note])
		}{
			{"a sync of a label below", once(1), nil},
			{"a sync of a label between", once(20<<16 + 7), nil},
			{"a sync of a label above", once(1 << 60), nil},
			{"a slow disk", never, func(w *World[note]) { w.SlowDisk(Time(20*ms), 0, 50, 2*ms) }},
			{"a pause", never, func(w *World[note]) { w.Pause(Time(20*ms), 0, 3*ms) }},
			{"a crash", never, func(w *World[note]) { w.Crash(Time(20*ms), 0, 3*ms) }},
		} {
			if c.fault != nil && name != "rising" && name != "nearly rising" && name != "kinds" {
				continue // syncs that it delays may share one, so that the count of a label is another
			}
			with := syncTimes(t, label, c.more, c.fault)
			moved := 0
			for tick := 60; tick < syncTicks; tick++ {
				if with[tick] != without[tick] {
					moved++
				}
			}
			if moved > 0 {
				t.Errorf("labels: %s; %s at 20 ms moves %d syncs", name, c.name, moved)
			}
		}
	}
}

// TestSyncDrawsOfKinds: one more sync of a label's first kind moves none of its second kind.
func TestSyncDrawsOfKinds(t *testing.T) {
	name := func(tick int) (Label, Kind) { return Label(1+tick/2) << 16, Kind(1 + tick%2) }
	again := func(tick int) (Label, bool) { return Label(1+tick/2) << 16, tick == 20 }
	with, without := syncTimes(t, name, again, nil), syncTimes(t, name, never, nil)
	for tick := range syncTicks {
		if with[tick] != without[tick] {
			t.Errorf("at %d ms a sync takes %s, without another at 20 ms %s", tick, with[tick], without[tick])
		}
	}
}

// TestSyncDrawsAgain: syncs of one label draw anew each time, and independently.
func TestSyncDrawsAgain(t *testing.T) {
	for _, labels := range []int{0, 1, 2, 3, 4, 5, 7, 50} {
		name := func(tick int) (Label, Kind) {
			if labels == 0 {
				return 0, 1
			}
			return Label(1 + tick%labels), 1
		}
		times, different := syncTimes(t, name, never, nil), map[time.Duration]bool{}
		var pairs [4][4]float64
		n := 0.0
		for tick := 1; tick+max(labels, 1) < syncTicks; tick++ {
			different[times[tick]] = true
			const quarter = 100 * time.Microsecond
			pairs[min(times[tick]/quarter, 3)][min(times[tick+max(labels, 1)]/quarter, 3)]++
			n++
		}
		if len(different) < int(n)*99/100 {
			t.Errorf("%d labels: %d different times of %v", labels, len(different), n)
		}
		chi := 0.0
		for _, row := range pairs {
			for _, o := range row {
				chi += (o - n/16) * (o - n/16) / (n / 16)
			}
		}
		if chi > 37.7 { // one in a thousand, for 15 degrees of freedom
			t.Errorf("%d labels: a time and the next one of its label: chi-squared is %.1f", labels, chi)
		}
	}
}

// TestRepeats: in whatever order labels and kinds come, no two syncs that begin alike get
// the same occurrence.
func TestRepeats(t *testing.T) {
	type begin struct {
		label      Label
		kind       Kind
		occurrence uint64
	}
	rng := rand.New(rand.NewPCG(1, 2))
	late := false
	for range 1000 {
		var r repeats
		labels, kinds, rise := 1+rng.IntN(20), 1+rng.IntN(3), rng.IntN(3)
		seen := map[begin]bool{}
		for i := range 200 {
			b := begin{label: Label(rng.IntN(labels) + i*rise/4), kind: Kind(rng.IntN(kinds))}
			b.occurrence = r.next(b.label, b.kind)
			if late = late || r.late > 1; seen[b] {
				t.Fatalf("%d labels of %d kinds that rise by %d/4: %+v comes twice", labels, kinds, rise, b)
			}
			seen[b] = true
		}
	}
	if !late {
		t.Error("none was late")
	}
}

// TestRepeatsLate: of labels that rise as a whole, but come late now and then, one more
// moves none but late ones, and these only until the next label that is not.
func TestRepeatsLate(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	var with, without repeats
	more, fresh := 0, 0
	for i := range 10000 {
		label := Label(1000 + 4*i)
		if rng.IntN(4) == 0 {
			label -= Label(4 * rng.IntN(200))
		}
		if i%100 == 50 {
			with.next(label-1, 1)
			more, fresh = more+1, 0
		}
		was, is := without.next(label, 1), with.next(label, 1)
		if was == 1 { // just its kind
			fresh++
		}
		if was != is && fresh > repeatsCounted {
			t.Fatalf("%d syncs after one more, %d of new labels: the occurrence of label %d is %d, and was %d", i%100-50, fresh, label, is, was)
		}
	}
	if more == 0 {
		t.Error("there was none more")
	}
}
