package sim

import (
	"context"
	"fmt"
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestDeviationText(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	alphabet := []rune("ab →#= 0139/")
	for range 10_000 {
		name := "p"
		for range r.IntN(8) {
			name += string(alphabet[r.IntN(len(alphabet))])
		}
		d := Deviation{Stream(name), r.Uint64() >> r.IntN(64), r.Int() >> r.IntN(bits.UintSize-1)}
		if got, err := ParseDeviation(d.String()); err != nil || got != d {
			t.Fatalf("%q became %+v, %v", d, got, err)
		}
	}
	if got := (Deviation{"net/delay C0→w7", 3, 12}).String(); got != "net/delay C0→w7 #3 = 12" {
		t.Errorf("printed %q", got)
	}
	for _, bad := range []string{"", "a", "a #1", "a = 1", " #1 = 1", "a #x = 1", "a #1 = x", "a #1 = -1", "a #-1 = 1", "a #1 = 1 ", "a #18446744073709551616 = 1"} {
		if d, err := ParseDeviation(bad); err == nil || !strings.Contains(err.Error(), "expected") {
			t.Errorf("%q was read as %+v, %v", bad, d, err)
		}
	}
}

func TestRecorded(t *testing.T) {
	base := NewRecorded(nil, []Deviation{{"a", 0, 1}, {"b", 5, 3}})
	r := NewRecorded(base, []Deviation{{"b", 5, 9}, {"a", 2, -4}, {"b", 1, 2}, {"b", 1, 4}})
	for _, c := range []struct {
		s       Stream
		ordinal uint64
		n, v    int
		ok      bool
	}{
		{"a", 0, 5, 1, true}, {"a", 1, 5, 0, false}, {"a", 2, 5, 0, true},
		{"b", 5, 20, 9, true}, {"b", 5, 4, 3, true}, {"b", 1, 9, 4, true}, {"c", 0, 2, 0, false},
	} {
		if v, ok := r.Choose(c.s, c.ordinal, c.n); v != c.v || ok != c.ok {
			t.Errorf("%+v: got %d, %v", c, v, ok)
		}
	}
	if got := fmt.Sprint(r.Deviations()); got != "[a #2 = -4 b #1 = 4 b #5 = 9]" {
		t.Error(got)
	}
}

// TestBytes: one cursor, as many bytes as n takes, zeros behind the end.
func TestBytes(t *testing.T) {
	b := NewBytes([]byte{7, 0x34, 0x12, 255, 200, 9})
	for _, c := range []struct {
		s       Stream
		ordinal uint64
		n, v    int
	}{
		{"a", 0, 1, 0}, {"a", 0, 0, 0}, // no choice, no byte
		{"a", 0, 5, 2}, {"b", 4, 65536, 0x1234}, {"a", 1, 256, 255}, {"a", 2, 100, 0},
		{"c", 0, 257, 0}, // a second byte is missing: the default
		{"c", 1, 2, 0},
	} {
		if v, ok := b.Choose(c.s, c.ordinal, c.n); v != c.v || !ok {
			t.Errorf("%+v: got %d, %v", c, v, ok)
		}
	}
	if got := fmt.Sprint(b.Deviations()); got != "[a #0 = 2 b #4 = 4660 a #1 = 255]" {
		t.Error(got)
	}
}

// TestKeyedBytes: only the scheduler's choices depend on how many there were before.
func TestKeyedBytes(t *testing.T) {
	keyed := []byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17}
	b := NewKeyedBytes([]byte{5, 0, 6}, keyed)
	first, _ := b.Choose("net/delay C0→w1", 3, 256)
	for i, want := range []int{5, 0, 6, 0} {
		b.Choose("net/delay C0→w2", uint64(i), 16)
		if v, ok := b.Choose(NextStream, uint64(i), 10); v != want || !ok {
			t.Errorf("the scheduler's choice %d is %d, %v", i, v, ok)
		}
	}
	if again, _ := b.Choose("net/delay C0→w1", 3, 256); again != first || first == 0 {
		t.Errorf("first %d, then %d", first, again)
	}
	values := map[int]bool{}
	for i := range uint64(17) {
		v, _ := b.Choose("net/delay C0→w1", i, 256)
		values[v] = true
	}
	if len(values) != len(keyed) {
		t.Errorf("17 choices of one stream are %v", values)
	}
	for _, none := range [][]byte{nil, {}} {
		if v, ok := NewKeyedBytes([]byte{1}, none).Choose("net/delay C0→w1", 0, 16); v != 0 || !ok {
			t.Errorf("without bytes: %d, %v", v, ok)
		}
	}
}

// TestBytesAreRecorded: what a run took from bytes makes the same run again, from
// the recording alone, and no bytes make the run of the defaults.
func TestBytesAreRecorded(t *testing.T) {
	run := func(source Source) uint64 {
		w, tape := taped(t, Config[note]{Seed: 9, Source: source, Network: Network{Links: []Link{
			{Delay: dist(t, "uniform(1ms, 17ms)"), Loss: ProbabilityOf(0.1), Duplicate: ProbabilityOf(0.1)}}}})
		add(w, "a", hooks{start: func(e *Env[note]) {
			for i := range 20 {
				e.Send(1, Mail{Kind: 1, Label: Label(i + 1)}, note{})
			}
		}})
		add(w, "b", hooks{})
		tape.quiet(t)
		return w.Hash()
	}
	nominal := run(Defaults{})
	r := rand.New(rand.NewPCG(2, 2))
	for range 50 {
		b := make([]byte, r.IntN(80))
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		source := NewBytes(b)
		want := run(source)
		if got := run(NewRecorded(Defaults{}, source.Deviations())); got != want {
			t.Fatalf("%x: the recording has the hash %x, not %x", b, got, want)
		}
		if got := run(NewBytes(b)); got != want {
			t.Fatalf("%x: not the same twice", b)
		}
		if len(b) > 20 && want == nominal {
			t.Errorf("%x changed nothing", b)
		}
	}
	if got := run(NewBytes(nil)); got != nominal {
		t.Error("no bytes are not the defaults")
	}
}

// TestSourceOverrules: a choice is overruled by stream and ordinal, and nothing
// else moves.
func TestSourceOverrules(t *testing.T) {
	run := func(source Source) []string {
		cfg := Config[note]{Seed: 9, Source: source, Network: Network{Links: []Link{
			{Delay: dist(t, "uniform(1ms, 17ms)"), Loss: 1, Duplicate: 1}}}}
		w, tape := taped(t, cfg)
		add(w, "a", hooks{start: func(e *Env[note]) {
			for i := range 3 {
				e.Send(1, Mail{Kind: 1, Label: Label(i + 1)}, note{})
			}
			e.Note(Mail{Arg: uint64(e.Choose("pick", 0, 0, 1000))}, &note{})
		}})
		add(w, "b", hooks{})
		tape.quiet(t)
		slices.Sort(tape.lines)
		return tape.lines
	}
	plain := run(nil)
	wantLines(t, run(NewRecorded(nil, nil)), plain...)

	// Slice 15+8 of 16 is the one that ends just below the median, slice 8 the
	// first: its middle is 1 ms + 0.5 of 1 ms.
	got := run(NewRecorded(nil, []Deviation{{"net/delay a→b", 1, 8}, {"net/loss a→b", 0, 1}, {"net/duplicate a→b", 2, 1}, {"net/delay-of-duplicate a→b", 0, 0}, {"pick a", 0, 77}}))
	find := func(lines []string, words string) (at string) {
		for _, l := range lines {
			if strings.HasSuffix(l, words) {
				at += strings.Fields(l)[0] + " "
			}
		}
		return at
	}
	if at := find(got, "b deliver a k1 l2"); at != "1.5ms " {
		t.Errorf("the overruled delay is %s", at)
	}
	if at := find(got, "b lost a k1 l1 1"); at != "0s " {
		t.Errorf("the first message was not lost: %v", got)
	}
	if at, was := find(got, "b deliver a k1 l3"), find(plain, "b deliver a k1 l3"); !strings.Contains(at, was) || !strings.Contains(at, "9.5ms") || len(strings.Fields(at)) != 2 {
		t.Errorf("the third message arrived at %s, want %sand 9.5ms", at, was)
	}
	if find(got, "a note 77") == "" {
		t.Errorf("the node's own choice was not overruled: %v", got)
	}
}

// TestQuantiles: choice 0 is the nominal value, just above the median, and the
// sixteen choices are the middles of the sixteen slices.
func TestQuantiles(t *testing.T) {
	var all []uint64
	for v := range Quantiles {
		all = append(all, quantile(v)>>59)
	}
	if all[0] != Quantiles+1 {
		t.Errorf("choice 0 is %d/32", all[0])
	}
	slices.Sort(all)
	for i, q := range all {
		if q != uint64(2*i+1) {
			t.Errorf("the %d. slice has its middle at %d/32", i, q)
		}
	}
}

func TestProbability(t *testing.T) {
	for text, want := range map[string]float64{"0": 0, "2%": 0.02, " 0.5 % ": 0.005, "1": 1, "100%": 1, "0.25": 0.25, "1e-9": 1e-9} {
		p, err := ParseProbability(text)
		if got := float64(p) / math.Exp2(64); err != nil || math.Abs(got-want) > 1e-15 {
			t.Errorf("%q is %g, %v", text, got, err)
		}
	}
	for _, bad := range []string{"", "%", "101%", "-1%", "1.1", "nan", "x"} {
		if p, err := ParseProbability(bad); err == nil {
			t.Errorf("%q was read as %v", bad, p)
		}
	}
	if ProbabilityOf(0).Hits(0) || !ProbabilityOf(1).Hits(math.MaxUint64) || ProbabilityOf(-1) != 0 || ProbabilityOf(math.NaN()) != 0 || ProbabilityOf(2) != ProbabilityOf(1) {
		t.Error("never or always is not")
	}
}

// TestStreams: a stream is a function of seed and name alone.
func TestStreams(t *testing.T) {
	seen := map[uint64]string{}
	for seed := range uint64(3) {
		for _, name := range []Stream{"", "a", "b", "ab", "abcdefgh", "abcdefgh\x00", "abcdefghi", "\x00", "\x00\x00"} {
			x, y := NewRand(seed, name).Uint64(), NewRand(seed, name).Uint64()
			if x != y {
				t.Errorf("stream %q of seed %d is not repeatable", name, seed)
			}
			if other, ok := seen[x]; ok {
				t.Errorf("streams %q and %q are the same", other, name)
			}
			seen[x] = fmt.Sprint(seed, name)
		}
	}
	// On every machine the same: they key what is stored in repros.
	if got := fmt.Sprintf("%x %x %x", Hash(), Hash(1, 2), NewRand(1, "a").Uint64()); got != "f9192aebc956dae2 b1ff6be4c366ea4 49a78da9d7d5ea1c" {
		t.Errorf("Hash and NewRand changed: %s", got)
	}
	if Hash(1, 2) == Hash(2, 1) || Hash(0) == Hash(0, 0) {
		t.Error("Hash ignores order or number")
	}
}

// TestKeyedDrawsAreUniform: in every bit, over labels, occurrences and links.
func TestKeyedDrawsAreUniform(t *testing.T) {
	const n = 1 << 16
	for name, draw := range map[string]func(i uint64) uint64{
		"labels":      func(i uint64) uint64 { return keyed(1, 0, 1, Label(i), 0) },
		"occurrences": func(i uint64) uint64 { return keyed(1, 0, 1, 5, i) },
		"receivers":   func(i uint64) uint64 { return keyed(1, 0, uint32(i), 5, 0) },
		"senders":     func(i uint64) uint64 { return keyed(1, uint32(i), 0, 5, 0) },
	} {
		var ones [64]int
		for i := range uint64(n) {
			for b, u := 0, draw(i); b < 64; b++ {
				ones[b] += int(u >> b & 1)
			}
		}
		for b, k := range ones {
			if d := k - n/2; d < -5*128 || d > 5*128 { // five standard deviations
				t.Errorf("%s: bit %d is set in %d of %d", name, b, k, n)
			}
		}
	}
}

// TestDrawsIndependent: draws whose keys differ by one are as if independent: the
// high bits of each and of the next ones fall evenly into all pairs, and so do
// their low bits.
func TestDrawsIndependent(t *testing.T) {
	const n, side = 1 << 16, 16
	purpose := HashString(1, "net/delay")
	for name, draw := range map[string]func(i uint64) uint64{ // any order
		"occurrences": func(i uint64) uint64 { return keyed(purpose, 3, 4, 17, i) },
		"labels":      func(i uint64) uint64 { return keyed(purpose, 3, 4, Label(i<<16|1), 9) },
		"peers":       func(i uint64) uint64 { return keyed(purpose, 3, uint32(i), 17, 9) },
		"senders":     func(i uint64) uint64 { return keyed(purpose, uint32(i), 4, 17, 9) },
		"seeds":       func(i uint64) uint64 { return keyed(HashString(i, "net/delay"), 3, 4, 17, 9) },
		"hash":        func(i uint64) uint64 { return Hash(i) },
		"hash of two": func(i uint64) uint64 { return Hash(i, 5) },
	} {
		for lag := uint64(1); lag <= 3; lag++ {
			for _, shift := range []int{60, 30, 0} {
				var pairs [side * side]int
				for i := range uint64(n) {
					a, b := draw(i)>>shift%side, draw(i+lag)>>shift%side
					pairs[a*side+b]++
				}
				chi, expected := 0.0, float64(n)/(side*side)
				for _, k := range pairs {
					chi += (float64(k) - expected) * (float64(k) - expected) / expected
				}
				// 255 degrees of freedom: 255 ± 22.6.
				if chi > 255+6*22.6 || chi < 255-6*22.6 {
					t.Errorf("%s, bits from %d on, %d apart: chi-squared %.0f", name, shift, lag, chi)
				}
			}
		}
	}
}

// TestDrawsAreByName: in a world with other nodes besides, in another order, the same
// ones draw the same.
func TestDrawsAreByName(t *testing.T) {
	draws := func(names ...string) (delay, sync Time, bits uint64) {
		tape := &tape{}
		w := New(Config[note]{Seed: 3, Tracer: tape, Network: Network{Links: []Link{{Delay: dist(t, "exp(1ms)")}}}, Disk: Disk{Sync: dist(t, "exp(1ms)")}})
		tape.w = w
		var a, b NodeID
		for _, name := range names {
			switch name {
			case "a":
				a = add(w, name, hooks{start: func(e *Env[note]) {
					e.Send(b, Mail{Kind: 1, Label: 7}, note{})
					e.Append(2, 7, nil)
					e.Sync()
				}, synced: func(e *Env[note], _ LSN) { sync = e.Now() }})
			case "b":
				b = add(w, name, hooks{receive: func(e *Env[note], _ NodeID, _ Mail, _ *note) { delay = e.Now() }})
			default:
				add(w, name, hooks{})
			}
		}
		w.Run(context.Background())
		return delay, sync, w.Draw("backoff", a, 7, 1)
	}
	delay, sync, bits := draws("a", "b")
	if d, s, u := draws("c", "b", "d", "a"); d != delay || s != sync || u != bits || d == 0 || s == 0 {
		t.Errorf("with others: %v %v %x, alone: %v %v %x", d, s, u, delay, sync, bits)
	}
	if d, s, u := draws("b", "c"); d != 0 || s != 0 || u == bits {
		t.Errorf("without a: %v %v %x", d, s, u)
	}
}
