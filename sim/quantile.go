package sim

import (
	"math/bits"
	"runtime"
	"sync"
	"time"
	"weak"
)

// The shape of a quantile table. Each half of (0, 1) is cut into octaves that
// shrink towards its end, [1/4, 1/2), [1/8, 1/4), …, and each octave into
// segments of equal width, so that both tails keep their relative precision.
const (
	bodyOctaves = 8  // these have 1<<bodyBits segments each
	tailOctaves = 32 // these, further out, have 1<<tailBits
	bodyBits    = 6
	tailBits    = 4
	halfSize    = bodyOctaves<<bodyBits + tailOctaves<<tailBits
	octaves     = bodyOctaves + tailOctaves

	// endmost is the distance from either end of the range of u at which the
	// table stops: u/2^64 = 2^-41.
	endmost = uint64(1) << (63 - octaves)
)

// quantileTable is a quantile function in integers: 48 KiB, built once with
// floats that are the same on every processor, then read without any.
type quantileTable struct {
	segments []segment       // 2*halfSize: the lower half, the upper half, each from 1/2 outwards
	samples  []time.Duration // instead of segments: sorted, at least two
	shift    uint8           // fixed-point values are nanoseconds times 1<<shift
}

// tables are those in use. A matrix of zones or a fault plan has the same few distributions
// thousands of times, and all runs of a scenario do; so each is built once, while it is used.
var tables tablesInUse

type tablesInUse struct {
	mu sync.Mutex
	by map[Dist]weak.Pointer[quantileTable] // by the distribution without its table
}

// of returns the table of d, which has none yet.
func (u *tablesInUse) of(d Dist) *quantileTable {
	u.mu.Lock()
	defer u.mu.Unlock()
	if t := u.by[d].Value(); t != nil {
		return t
	}
	if u.by == nil {
		u.by = map[Dist]weak.Pointer[quantileTable]{}
	}
	t := d.newTable()
	u.by[d] = weak.Make(t)
	runtime.AddCleanup(t, u.forget, d)
	return t
}

// forget leaves out what nobody uses any more.
func (u *tablesInUse) forget(d Dist) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.by[d].Value() == nil {
		delete(u.by, d)
	}
}

// segment is a parabola over x in [0, 1): base + slope x + curve x² where the
// function is convex, with x counted from the segment's lower value; base -
// slope x + curve x² where it is concave, with x counted from its upper value.
// So written, truncated products stay monotone. All are fixed-point.
type segment struct {
	base  uint64 // lower value if curve >= 0, else upper value; plus one half for rounding
	slope uint64
	curve int64 // slope + |curve| is the height of the segment
}

// quantileAt returns the quantile at u/2^64 to the nearest nanosecond: of t, or,
// without one, of the uniform distribution from low to high. It is monotone in
// u and, in the segments, constant within 2^-41 of either end. It is one
// function, without a call in it, because every draw of a run passes here.
func quantileAt(t *quantileTable, low, high time.Duration, u uint64) time.Duration {
	if t == nil {
		return between(low, high, u)
	}
	if t.segments == nil {
		gap, place := bits.Mul64(u, uint64(len(t.samples)-1))
		return between(t.samples[gap], t.samples[gap+1], place)
	}
	upper := uint64(int64(u) >> 63)  // all ones in the upper half
	v := max(u^upper, endmost)       // the distance from the nearer end
	zeros := bits.LeadingZeros64(v)  // the octave, from 1
	pos := v << (uint(zeros+1) & 63) // the place within it, as a fraction of 2^64
	shift := uint(bodyBits)
	index := uint(zeros-1) << bodyBits
	if zeros > bodyOctaves {
		shift = tailBits
		index = bodyOctaves<<bodyBits + uint(zeros-1-bodyOctaves)<<tailBits
	}
	index += uint(pos>>((64-shift)&63)) + uint(upper&halfSize)
	s := &t.segments[index]
	concave := uint64(s.curve >> 63) // all ones if so
	x := pos<<(shift&63) ^ upper ^ concave
	magnitude := (uint64(s.curve) ^ concave) - concave
	bend, _ := bits.Mul64(magnitude, x)
	rise, _ := bits.Mul64(s.slope+bend, x)
	return time.Duration((s.base + (rise ^ concave) - concave) >> (t.shift & 63))
}

// between returns the value at u/2^64 of the uniform distribution of the
// whole nanoseconds from low to high, both included.
func between(low, high time.Duration, u uint64) time.Duration {
	steps, _ := bits.Mul64(uint64(high-low)+1, u)
	return low + time.Duration(steps)
}

// newQuantileTable tabulates quantile(tail, upper): the value, in nanoseconds,
// below which (above which, if upper) lies a share tail of the distribution,
// 0 < tail <= 1/2. Values above distMax count as distMax.
func newQuantileTable(quantile func(tail float64, upper bool) float64) *quantileTable {
	t := &quantileTable{segments: make([]segment, 2*halfSize)}
	highest := min(quantile(tailAt(endmost), true), float64(distMax))
	t.shift = uint8(bits.LeadingZeros64(uint64(int64(highest))+1) - 2)
	scale := powerOfTwo(int64(t.shift))
	node := func(v uint64, upper bool) uint64 {
		tail := tailAt(v)
		ns := quantile(tail, upper && tail < 0.5) // both halves agree at 1/2
		return uint64(int64(float64(min(ns, float64(distMax)) * scale)))
	}
	t.fill(false, node)
	t.fill(true, node)
	return t
}

// tailAt returns v/2^64, exactly: the nodes of a table have few significant bits.
func tailAt(v uint64) float64 { return float64(v) / (1 << 64) }

// fill computes the segments of one half, from its end inwards.
func (t *quantileTable) fill(upper bool, node func(v uint64, upper bool) uint64) {
	segments := t.segments[:halfSize]
	if upper {
		segments = t.segments[halfSize:]
	}
	last := node(endmost, upper)
	for octave := octaves; octave >= 1; octave-- {
		log := bodyBits
		index := (octave - 1) << bodyBits
		if octave > bodyOctaves {
			log = tailBits
			index = bodyOctaves<<bodyBits + (octave-1-bodyOctaves)<<tailBits
		}
		v := uint64(1) << (63 - octave)
		width := v >> log
		for i := range 1 << log {
			// The clamps keep a rounding error of quantile from making it fall.
			mid, end := node(v+width/2, upper), node(v+width, upper)
			var s segment
			if upper {
				end = min(end, last)
				s = newSegment(end, min(max(mid, end), last), last)
			} else {
				end = max(end, last)
				s = newSegment(last, min(max(mid, last), end), end)
			}
			s.base += (1 << t.shift) >> 1
			segments[index+i] = s
			last = end
			v += width
		}
	}
}

// newSegment returns the parabola through low, mid and high, which do not
// fall, with its bend limited so that it does not fall in between either.
func newSegment(low, mid, high uint64) segment {
	height := int64(high - low)
	bend := int64(high-mid) - int64(mid-low)
	bend = 2 * min(max(bend, -(height/2)), height/2)
	if bend < 0 {
		return segment{base: high, slope: uint64(height + bend), curve: bend}
	}
	return segment{base: low, slope: uint64(height - bend), curve: bend}
}
