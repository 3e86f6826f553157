package sim

import "iter"

// Recovery is what a crash left: the last complete checkpoint and the records
// after it, in the order they were appended.
type Recovery struct {
	Checkpoint []byte // nil if there never was one, or it was nil
	log        []byte // checked
	base       LSN
}

// Records iterates over the surviving records. The data they point to is
// valid until the node appends, or a checkpoint of it takes effect.
func (r Recovery) Records() iter.Seq[LogRecord] {
	return func(yield func(LogRecord) bool) {
		for at := 0; at < len(r.log); {
			rec := decodeRecord(r.log[at:], r.base+LSN(at))
			if !yield(rec) {
				return
			}
			at += recordHeader + len(rec.Data)
		}
	}
}

// With returns a Recovery of the same checkpoint and of these records, laid out one after
// the other; their own positions are ignored. A wrapper can use it to show the node inside
// another log than the device holds.
func (r Recovery) With(records iter.Seq[LogRecord]) Recovery {
	var log []byte
	for rec := range records {
		log = appendRecord(log, rec.Kind, rec.Label, rec.Data)
	}
	return Recovery{r.Checkpoint, log, r.base}
}

// NewRecovery makes a Recovery of raw log bytes that begin at LSN base, cut at the first
// record whose checksum is wrong. It is for tools and fuzzers.
func NewRecovery(checkpoint, log []byte, base LSN) Recovery {
	return Recovery{checkpoint, log[:scanLog(log, base)], base}
}
