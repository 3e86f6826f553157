package model

import (
	"encoding/binary"
	"errors"
	"slices"

	"github.com/seed83d86191/txsim/sim"
)

// errRecord is the error of a log record or checkpoint that does not decode. Its checksum
// was right, so the node that wrote it is wrong.
var errRecord = errors.New("malformed record")

// partKey identifies an attempt at a worker.
type partKey struct {
	coordinator sim.NodeID
	id          WireID
}

func (k partKey) hash() uint64 { return uint64(k.id) ^ uint64(k.coordinator)*spread }

// workerRecord is the decoded form of a worker's prepare, commit, abort and commit-one
// records; its exported form is Work. Commit and abort of a prepared attempt hold the key
// only.
type workerRecord struct {
	key    partKey
	label  sim.Label // of the attempt; set by the recorder
	staged []staged
	room   [1]staged // of staged, unless there are more
	start  sim.Time  // age
	shared []string  // keys read under a lock that must outlive a crash
}

// Numbers in records have fixed widths, little endian. Each record is written once and read
// once, by the recorder, and decoding variable widths costs more than the bytes that they
// save.
const (
	keyBytes    = 4 + 8     // coordinator, id
	workBytes   = 8 + 4 + 4 // start, how many staged, how many shared
	stagedBytes = 4 + 4 + 4 // how long the key, the value; operation and whether it deletes
)

// extend returns b with n more bytes, which the caller fills in.
func extend(b []byte, n int) []byte { return slices.Grow(b, n)[:len(b)+n] }

func appendKey(b []byte, k partKey) []byte {
	b = extend(b, keyBytes)
	at := b[len(b)-keyBytes:]
	binary.LittleEndian.PutUint32(at, uint32(k.coordinator))
	binary.LittleEndian.PutUint64(at[4:], uint64(k.id))
	return b
}

func appendString(b []byte, s string) []byte {
	b = binary.LittleEndian.AppendUint32(b, uint32(len(s)))
	return append(b, s...)
}

// appendWork appends what a prepare or commit-one record says after the key.
func appendWork(b []byte, p *part) []byte {
	at := len(b)
	b = extend(b, workBytes)
	binary.LittleEndian.PutUint64(b[at:], uint64(p.start))
	binary.LittleEndian.PutUint32(b[at+8:], uint32(len(p.staged)))
	for i := range p.staged {
		b = appendStaged(b, &p.staged[i])
	}
	shared := 0
	for _, h := range p.locked {
		if l := h.it.lock; !l.holders[l.find(p)].exclusive {
			b = appendString(b, h.it.key)
			shared++
		}
	}
	binary.LittleEndian.PutUint32(b[at+12:], uint32(shared))
	return b
}

func appendStaged(b []byte, w *staged) []byte {
	at := len(b)
	b = extend(b, stagedBytes)
	head := b[at:]
	binary.LittleEndian.PutUint32(head, uint32(len(w.key)))
	binary.LittleEndian.PutUint32(head[4:], uint32(len(w.value)))
	binary.LittleEndian.PutUint32(head[8:], uint32(w.op)<<1|uint32(boolByte(w.deleted)))
	return append(append(b, w.key...), w.value...)
}

// decoder reads what the append functions wrote. After the first error it
// returns zeros and err stays set.
type decoder struct {
	b     []byte
	at    int // b up to here has been read
	err   error
	texts *Texts
	text  string // one copy of b from its first string on; all strings are cut from it
	from  int    // where text begins in b
}

// left is how many bytes have not been read.
func (d *decoder) left() int { return len(d.b) - d.at }

func (d *decoder) fail() { d.err, d.at = errRecord, len(d.b) }

// take returns the next n bytes, nil if there are not so many.
func (d *decoder) take(n int) []byte {
	at := d.at
	if n > len(d.b)-at {
		d.fail()
		return nil
	}
	d.at += n
	return d.b[at : at+n]
}

func (d *decoder) byte() byte {
	if b := d.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (d *decoder) uint32() uint32 {
	if b := d.take(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

func (d *decoder) uint64() uint64 {
	if b := d.take(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

func (d *decoder) key() (k partKey) {
	if b := d.take(keyBytes); b != nil {
		k = partKey{sim.NodeID(binary.LittleEndian.Uint32(b)), d.sound(binary.LittleEndian.Uint64(b[4:]))}
	}
	return k
}

func (d *decoder) id() WireID { return d.sound(d.uint64()) }

// sound returns a number as an id, or fails if it cannot be one.
func (d *decoder) sound(id uint64) WireID {
	if WireID(id).Epoch() > maxEpoch {
		d.fail()
	}
	return WireID(id)
}

func (d *decoder) label() sim.Label { return sim.Label(d.uint64()) }

// string reads n bytes as text.
func (d *decoder) string(n uint32) string {
	if int64(n) > int64(d.left()) {
		d.fail()
		return ""
	}
	if d.text == "" {
		d.text, d.from = d.texts.Add(d.b[d.at:]), d.at
	}
	s := d.text[d.at-d.from:][:n]
	d.at += int(n)
	return s
}

func (d *decoder) staged(w *staged) {
	if b := d.take(stagedBytes); b != nil {
		op := binary.LittleEndian.Uint32(b[8:])
		w.deleted, w.op = op&1 != 0, int32(op>>1)
		w.key = d.string(binary.LittleEndian.Uint32(b))
		w.value = d.string(binary.LittleEndian.Uint32(b[4:]))
	}
}

// work reads what appendWork wrote into r, reusing its slices.
func (d *decoder) work(r *workerRecord) {
	r.staged, r.shared = r.staged[:0], r.shared[:0]
	b := d.take(workBytes)
	if b == nil {
		return
	}
	r.start = sim.Time(binary.LittleEndian.Uint64(b))
	for n := binary.LittleEndian.Uint32(b[8:]); n > 0 && d.err == nil; n-- {
		r.staged = append(r.staged, staged{})
		d.staged(&r.staged[len(r.staged)-1])
	}
	for n := binary.LittleEndian.Uint32(b[12:]); n > 0 && d.err == nil; n-- {
		r.shared = append(r.shared, d.string(d.uint32()))
	}
}
