package sim

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// pair drives a ladder and its oracle alike and compares every answer.
type pair struct {
	t      testing.TB
	q      ladder
	oracle heapQueue
	now    Time
	seq    uint64
}

func (p *pair) push(at Time) {
	p.seq++
	slot := uint32(p.seq)
	p.q.push(at, slot, 0)
	p.oracle.push(at, p.seq, slot, 0)
}

// pop reports whether there was anything to pop.
func (p *pair) pop() bool {
	p.t.Helper()
	at, slot, ok := p.q.pop()
	wantAt, wantSlot, wantOK := p.oracle.pop()
	if at != wantAt || slot != wantSlot || ok != wantOK {
		p.t.Fatalf("pop after %d pushes = %d, %d, %v; want %d, %d, %v",
			p.seq, at, slot, ok, wantAt, wantSlot, wantOK)
	}
	if ok {
		p.now = at
	}
	if p.q.len() != p.oracle.len() {
		p.t.Fatalf("len = %d, want %d", p.q.len(), p.oracle.len())
	}
	return ok
}

func (p *pair) peek() {
	p.t.Helper()
	next := p.q.peek()
	if at, ok := p.oracle.peek(); ok != (next != nil) || ok && Time(next.at) != at {
		p.t.Fatalf("peek = %v; want %d, %v", next, at, ok)
	}
}

func (p *pair) filter(keep func(slot uint32) bool) {
	p.q.filter(func(e entry) bool { return keep(e.slot) })
	p.oracle.filter(keep)
}

// later returns now+d, or Never.
func (p *pair) later(d Time) Time {
	if d > Never-p.now {
		return Never
	}
	return p.now + d
}

var testDelays = []struct {
	name  string
	delay func(r *rand.Rand) Time
}{
	{"none", func(*rand.Rand) Time { return 0 }},
	{"ones", func(*rand.Rand) Time { return 1 }},
	{"tiny", func(r *rand.Rand) Time { return Time(r.IntN(3)) }},
	{"constant", func(*rand.Rand) Time { return 1e6 }},
	{"powers", func(r *rand.Rand) Time { return 1 << r.IntN(63) }},
	{"below powers", func(r *rand.Rand) Time { return 1<<r.IntN(63) - 1 }},
	{"never", func(r *rand.Rand) Time {
		if r.IntN(10) == 0 {
			return Never - Time(r.IntN(3))
		}
		return Time(r.IntN(1000))
	}},
	{"anything", func(r *rand.Rand) Time { return Time(r.Uint64() >> (1 + r.IntN(63))) }},
	{"ties and far", func(r *rand.Rand) Time {
		if r.IntN(4) == 0 {
			return Time(r.Int64N(1e12))
		}
		return Time(1e6 * r.Int64N(2))
	}},
	{"growing", func(r *rand.Rand) Time { return Time(r.Int64N(1 + 1<<r.IntN(40))) }},
}

func delaysToTest() map[string]func(r *rand.Rand) Time {
	all := map[string]func(r *rand.Rand) Time{}
	for _, s := range testDelays {
		all[s.name] = s.delay
	}
	for _, s := range benchDelays {
		all["bench "+s.name] = s.delay
	}
	return all
}

// drive pushes and pops at random, growing to about n entries, holding there,
// and draining, with filters and peeks between.
func drive(p *pair, r *rand.Rand, n int, delay func(r *rand.Rand) Time) {
	p.t.Helper()
	steps := 6 * n
	for i := range steps {
		grow := p.q.len() < n && i < steps/2
		if grow && r.IntN(4) > 0 || !grow && i < steps*3/4 && r.IntN(2) == 0 {
			for range 1 + r.IntN(3) {
				p.push(p.later(delay(r)))
			}
		} else {
			p.pop()
		}
		switch r.IntN(40 * (1 + n/100)) {
		case 0:
			p.peek()
		case 1:
			mod, salt := 2+r.Uint32N(5), r.Uint32()
			p.filter(func(slot uint32) bool { return (slot*2654435761^salt)>>7%mod > 0 })
		case 2:
			for range r.IntN(3 * lateMax) {
				p.push(p.now)
			}
		case 3: // many below the end of what is next
			if next, ok := p.oracle.peek(); ok {
				for range r.IntN(3 * lateMax) {
					p.push(p.now + Time(r.Uint64N(uint64(next-p.now)+1)))
				}
			}
		}
	}
	for p.pop() {
	}
}

// TestLadderOrder: on every shape and size the ladder pops what the heap pops.
func TestLadderOrder(t *testing.T) {
	for name, delay := range delaysToTest() {
		for _, n := range []int{1, 3, 10, 60, 1000, 20000} {
			t.Run(fmt.Sprintf("%s/n=%d", name, n), func(t *testing.T) {
				t.Parallel()
				for seed := range uint64(max(1, min(50, 4000/n))) {
					r := rand.New(rand.NewPCG(seed, uint64(n)))
					drive(&pair{t: t}, r, n, delay)
				}
			})
		}
	}
}

// TestLadderSequence: those of one time come in the order they were pushed in, with
// others pushed between.
func TestLadderSequence(t *testing.T) {
	for _, n := range []int{2, 40, 50, 5000} {
		r := rand.New(rand.NewPCG(7, uint64(n)))
		p := &pair{t: t}
		for _, far := range []Time{0, 1, 1e9} {
			for _, i := range r.Perm(n) {
				p.push(p.later(far * Time(i%2)))
			}
			for range n {
				p.pop()
			}
		}
	}
}

// TestLadderReusedEmpty: a queue that ran empty takes any time from there on.
func TestLadderReusedEmpty(t *testing.T) {
	p := &pair{t: t}
	for i := range 2000 {
		for range i % 130 {
			p.push(p.later(Time(i) << (i % 40)))
		}
		for p.pop() {
		}
		p.peek()
	}
}

// TestLadderDeepest: pushes far before a peeked event use up the rungs, and what
// can be split no further is still popped in order.
func TestLadderDeepest(t *testing.T) {
	p := &pair{t: t}
	for i := range 2 * sortMax {
		p.push(Never - Time(i%2))
		p.push(1<<62 + Time(i%2))
	}
	p.peek()
	for i := range 4 * lateMax {
		p.push(Time(1000 - i%9))
	}
	p.push(1 << 61)
	p.pop()
	if p.q.active != maxRungs {
		t.Errorf("%d rungs in use, want all %d", p.q.active, maxRungs)
	}
	for range 4 * lateMax { // late ones, for which there is no rung left
		p.push(p.now)
	}
	for p.pop() {
	}
}

func TestLadderRefusesThePast(t *testing.T) {
	var q ladder
	q.push(2e9, 0, 0)
	q.pop()
	defer func() {
		got := fmt.Sprint(recover())
		if !strings.Contains(got, "1.500000000") || !strings.Contains(got, "2.000000000") {
			t.Errorf("panic %q does not name both times", got)
		}
	}()
	q.push(1.5e9, 1, 0)
}

// TestLadderAllocates: once it has been as full as it gets, the queue lives on
// what it has.
func TestLadderAllocates(t *testing.T) {
	for _, shape := range benchDelays {
		table := holdTable(shape.delay)
		for _, n := range []int{10, 1000, 30000} {
			var q ladder
			seq := 0
			for range n {
				q.push(table[seq%len(table)], uint32(seq), 0)
				seq++
			}
			hold := func() {
				for range n {
					at, slot, _ := q.pop()
					q.push(at+table[seq%len(table)], slot, 0)
					seq++
				}
			}
			for range 50 {
				hold()
			}
			if got := testing.AllocsPerRun(50, hold); got > 0 {
				t.Errorf("%s, n=%d: %v allocations in %d holds", shape.name, n, got, n)
			}
		}
	}
}

// FuzzQueue reads its input as pushes, pops, peeks and filters.
func FuzzQueue(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{0x3f, 1, 0x7f, 0, 0x80, 0xff, 0xc0, 0x41, 9})
	r := rand.New(rand.NewPCG(3, 4))
	for size := 16; size <= 2048; size *= 4 {
		b := make([]byte, size)
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p := &pair{t: t}
		for ops := 0; len(data) > 1 && ops < 200 && p.seq < 1<<13; ops++ {
			op, arg := data[0], data[1]
			data = data[2:]
			switch op >> 6 {
			case 0, 1: // arg+1 pushes spread over 1<<op
				var salt [8]byte
				data = data[copy(salt[:], data):]
				base := binary.LittleEndian.Uint64(salt[:])
				for i := range uint64(arg)*2 + 1 {
					mix := (base + i) * 0x9e3779b97f4a7c15
					p.push(p.later(Time(mix >> (64 - op%64) >> min(1, op%64))))
				}
			case 2: // pops
				for n := int(arg) * (1 + int(op)%8); n > 0 && p.pop(); n-- {
				}
			default:
				p.peek()
				if mod := uint32(op % 8); mod > 1 {
					p.filter(func(slot uint32) bool { return (slot+uint32(arg))%mod > 0 })
				}
			}
		}
		for p.pop() {
		}
	})
}

// TestLadderEach: a look at the queue finds all that is in it, each once, wherever that is.
func TestLadderEach(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 9))
	for _, d := range testDelays {
		p := &pair{t: t}
		for range 20 {
			for range 300 {
				p.push(p.later(d.delay(r)))
			}
			for range 100 {
				p.pop()
			}
			seen := map[uint32]bool{}
			p.q.each(func(e entry) { seen[e.slot] = true })
			if len(seen) != p.q.len() {
				t.Errorf("%s: found %d of %d", d.name, len(seen), p.q.len())
			}
		}
	}
}
