package sim

import (
	"encoding/binary"
	"hash/crc32"
)

// LSN is a log sequence number: a byte position in a node's log. Positions
// grow for ever; checkpoints drop records but renumber nothing. A crash gives
// the positions of lost records to their successors.
type LSN uint64

// LogRecord is one record of a node's log.
type LogRecord struct {
	LSN   LSN // of its first byte; End is the position just after it
	Kind  Kind
	Label Label
	Data  []byte // valid until the log is appended to, or a checkpoint of it takes effect
}

// End is the position just after the record.
func (r LogRecord) End() LSN { return r.LSN + LSN(recordHeader+len(r.Data)) }

// A record on the device: length of data, checksum, kind, label, data. The
// checksum covers the position too, so that no record is valid elsewhere.
const recordHeader = 4 + 4 + 1 + 8

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func checksum(rec []byte, at LSN) uint32 {
	size := uint64(binary.LittleEndian.Uint32(rec))
	return crc32.Update(uint32(mix(uint64(at), size)), castagnoli, rec[8:])
}

// appendRecord appends a record without its checksum; see seal.
func appendRecord(log []byte, kind Kind, label Label, data []byte) []byte {
	start, size := len(log), recordHeader+len(data)
	if start+size > cap(log) {
		log = growLog(log, start+size)
	}
	log = log[:start+size]
	rec := log[start:]
	binary.LittleEndian.PutUint32(rec, uint32(len(data)))
	rec[8] = byte(kind)
	binary.LittleEndian.PutUint64(rec[9:], uint64(label))
	copy(rec[recordHeader:], data)
	return log
}

// seal fills in the checksums of whole records, of which the first is at LSN at.
func seal(log []byte, at LSN) {
	for len(log) > 0 {
		n := recordHeader + int(binary.LittleEndian.Uint32(log))
		binary.LittleEndian.PutUint32(log[4:], checksum(log[:n], at))
		log, at = log[n:], at+LSN(n)
	}
}

// growLog returns the log with room for size bytes and more. slices.Grow would copy
// each byte of a long log four times.
func growLog(log []byte, size int) []byte {
	more := cap(log)
	if more > 16<<10 {
		more /= 2
	}
	return append(make([]byte, 0, max(cap(log)+more, size, 512)), log...)
}

// readRecord reads the record at the start of b; n is its length, 0 if it is
// torn or corrupt.
func readRecord(b []byte, at LSN) (rec LogRecord, n int) {
	if len(b) < recordHeader {
		return rec, 0
	}
	size := binary.LittleEndian.Uint32(b)
	if uint64(size) > uint64(len(b)-recordHeader) {
		return rec, 0
	}
	n = recordHeader + int(size)
	if binary.LittleEndian.Uint32(b[4:]) != checksum(b[:n], at) {
		return rec, 0
	}
	return decodeRecord(b, at), n
}

// decodeRecord decodes the record at the start of b, which is known to be good.
func decodeRecord(b []byte, at LSN) LogRecord {
	n := recordHeader + int(binary.LittleEndian.Uint32(b))
	return LogRecord{at, Kind(b[8]), Label(binary.LittleEndian.Uint64(b[9:])), b[recordHeader:n:n]}
}

// scanLog returns the length of the valid prefix of a log.
func scanLog(log []byte, base LSN) int {
	valid := 0
	for valid < len(log) {
		_, n := readRecord(log[valid:], base+LSN(valid))
		if n == 0 {
			break
		}
		valid += n
	}
	return valid
}

// corrupt reports whether a valid record follows the bad one with which a log begins: then
// it is not just torn. It tries every byte, which takes long where the bad one is large.
func corrupt(log []byte, base LSN) bool {
	for at := 1; at < len(log); at++ {
		if _, n := readRecord(log[at:], base+LSN(at)); n > 0 {
			return true
		}
	}
	return false
}
