package model

import (
	"encoding/binary"
	"errors"
	"strings"

	"github.com/seed83d86191/txsim/sim"
)

// errRecord is a log record or checkpoint that does not decode: its checksum
// held, so whoever wrote it was wrong.
var errRecord = errors.New("malformed record")

// partKey identifies an attempt at a worker.
type partKey struct {
	coordinator sim.NodeID
	id          WireID
}

func (k partKey) hash() uint64 { return uint64(k.id) ^ uint64(k.coordinator)*spread }

// workerRecord is the decoded form of a worker's prepare, commit, abort and
// commit-one records. Commit and abort of a prepared attempt hold the key only.
type workerRecord struct {
	key    partKey
	label  sim.Label // of the attempt; set by the recorder
	staged []staged
	room   [1]staged // of staged, unless there are more
	start  sim.Time  // age
	shared []string  // keys read under a lock that must outlive a crash
}

func appendKey(b []byte, k partKey) []byte {
	return appendID(binary.AppendUvarint(b, uint64(k.coordinator)), k.id)
}

func appendID(b []byte, id WireID) []byte {
	return binary.AppendUvarint(binary.AppendUvarint(b, uint64(id.Epoch())), id.N())
}

func appendString(b []byte, s string) []byte {
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}

// appendWork appends what a prepare or commit-one record says behind the key.
func appendWork(b []byte, p *part) []byte {
	b = binary.AppendUvarint(b, uint64(p.start))
	b = binary.AppendUvarint(b, uint64(len(p.staged)))
	for i := range p.staged {
		b = appendStaged(b, &p.staged[i])
	}
	at, shared := len(b), 0
	b = append(b, 0, 0, 0, 0)
	for _, h := range p.locked {
		if l := h.it.lock; !l.holders[l.find(p)].exclusive {
			b = appendString(b, h.it.key)
			shared++
		}
	}
	binary.LittleEndian.PutUint32(b[at:], uint32(shared))
	return b
}

func appendStaged(b []byte, w *staged) []byte {
	b = appendString(b, w.key)
	b = appendString(b, w.value)
	flag := uint64(0)
	if w.deleted {
		flag = 1
	}
	return binary.AppendUvarint(b, uint64(w.op)<<1|flag)
}

// decoder reads what the append functions wrote. After the first error it
// returns zeros and err stays set.
type decoder struct {
	b     []byte
	at    int // b up to here has been read
	err   error
	texts *texts
	text  string // of b from the first string on: all are cut from it
	from  int    // where that is
}

// left is how many bytes have not been read.
func (d *decoder) left() int { return len(d.b) - d.at }

func (d *decoder) fail() { d.err, d.at = errRecord, len(d.b) }

// uvarint takes the short way with what is one byte, as most is.
func (d *decoder) uvarint() uint64 {
	if at := uint(d.at); at < uint(len(d.b)) {
		if v := d.b[at]; v < 0x80 {
			d.at++
			return uint64(v)
		}
	}
	return d.longUvarint()
}

func (d *decoder) longUvarint() uint64 {
	v, shift := uint64(0), uint(0)
	for i, c := range d.b[d.at:] {
		v |= uint64(c&0x7f) << (shift & 63)
		if c < 0x80 {
			if shift > 63 || shift == 63 && c > 1 {
				break // more than 64 bits can hold
			}
			d.at += i + 1
			return v
		}
		shift += 7
	}
	d.fail()
	return 0
}

func (d *decoder) uint32() uint32 {
	if d.left() < 4 {
		d.fail()
		return 0
	}
	v := binary.LittleEndian.Uint32(d.b[d.at:])
	d.at += 4
	return v
}

func (d *decoder) string() string {
	n := d.uvarint()
	if n > uint64(d.left()) {
		d.fail()
		return ""
	}
	if d.text == "" {
		d.text, d.from = d.texts.add(d.b[d.at:]), d.at
	}
	s := d.text[d.at-d.from:][:n]
	d.at += int(n)
	return s
}

func (d *decoder) key() partKey {
	if b := d.b; d.at == 0 && len(b) > 2 && b[0]|b[1] < 0x80 { // as most are
		d.at = 2
		return partKey{sim.NodeID(b[0]), d.idOf(uint64(b[1]))}
	}
	return partKey{sim.NodeID(d.uvarint()), d.id()}
}

func (d *decoder) id() WireID { return d.idOf(d.uvarint()) }

func (d *decoder) idOf(epoch uint64) WireID {
	n := d.uvarint()
	if epoch > maxEpoch || n > maxAttempts {
		d.fail()
	}
	return NewWireID(uint32(epoch), n)
}

func (d *decoder) staged() staged {
	w := staged{key: d.string(), value: d.string()}
	op := d.uvarint()
	w.deleted, w.op = op&1 != 0, int32(op>>1)
	return w
}

// work reads what appendWork wrote into r, reusing its slices.
func (d *decoder) work(r *workerRecord) {
	r.start = sim.Time(d.uvarint())
	r.staged, r.shared = r.staged[:0], r.shared[:0]
	for n := d.uvarint(); n > 0 && d.err == nil; n-- {
		r.staged = append(r.staged, d.staged())
	}
	for n := d.uint32(); n > 0 && d.err == nil; n-- {
		r.shared = append(r.shared, d.string())
	}
}

// texts hands out strings cut from chunks, so that decoding many small ones
// costs few allocations. A chunk lives as long as any string of it.
// The first ones are small: most nodes of a short run decode little.
type texts struct{ chunk strings.Builder }

const (
	minTextChunk = 512
	maxTextChunk = 16 << 10
)

func (t *texts) add(b []byte) string {
	if t == nil || len(b) > maxTextChunk/8 {
		return string(b)
	}
	at, size := t.chunk.Len(), t.chunk.Cap()
	if size-at < len(b) {
		t.chunk.Reset()
		t.chunk.Grow(max(minTextChunk, min(2*size, maxTextChunk), len(b)))
		at = 0
	}
	t.chunk.Write(b)
	return t.chunk.String()[at:]
}
