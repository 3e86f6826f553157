package sim

import (
	"fmt"
	"strconv"
	"time"
)

// Time is a point of virtual time, in nanoseconds since the start of the run.
type Time int64

// Never lies after every event; a timeout of Never does not fire.
const Never Time = 1<<63 - 1

// Add returns t+d, saturating at Never.
func (t Time) Add(d time.Duration) Time {
	if s := t + Time(d); s >= t || d < 0 {
		return s
	}
	return Never
}

// Sub returns the duration from u to t.
func (t Time) Sub(u Time) time.Duration { return time.Duration(t - u) }

// String prints seconds with all nine decimals, as the log does: "1.204000117".
func (t Time) String() string {
	if t < 0 {
		return "-" + (-t).String()
	}
	return fmt.Sprintf("%d.%09d", int64(t)/1e9, int64(t)%1e9)
}

// AppendText appends String to b without allocating.
func (t Time) AppendText(b []byte) ([]byte, error) {
	if t < 0 { // by a clock that is behind
		b, t = append(b, '-'), -t
	}
	b = strconv.AppendInt(b, int64(t)/1e9, 10)
	b = append(b, '.')
	frac := int64(t) % 1e9
	for unit := int64(1e8); unit > 0; unit /= 10 {
		b = append(b, byte('0'+frac/unit%10))
	}
	return b, nil
}
