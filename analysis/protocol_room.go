package analysis

import (
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// room is what workers can store at most, as far as it is judged that they are full: by
// their keys only.
type room struct {
	limited bool              // something else can be full: the staging area or a log device
	keys    int               // the bound; 0: there is none
	written []map[string]bool // by worker: keys that transactions so far write, up to one beyond the bound
}

func newRoom(cfg *model.Config) room {
	r := room{limited: cfg.Resources.Staging > 0 || cfg.Disk.Capacity > 0, keys: cfg.Resources.Keys}
	if r.keys > 0 && !r.limited {
		r.written = make([]map[string]bool, cfg.Workers)
	}
	return r
}

// DisksFill tells the checker that log devices can be full though none is bounded.
func (c *ProtocolChecker) DisksFill() { c.room = room{limited: true} }

// add takes note of the keys that a transaction writes.
func (r *room) add(t *model.Transaction) {
	for i := range t.Ops {
		op := &t.Ops[i]
		if op.Kind != model.Write || len(r.written[op.Worker]) > r.keys {
			continue
		}
		if r.written[op.Worker] == nil {
			r.written[op.Worker] = map[string]bool{}
		}
		r.written[op.Worker][op.Key] = true
	}
}

// checkFull checks that a worker which says that it is full can be: without bounds it never
// is, and not as long as all keys that were ever to be written there are within its bound.
// A worker that has had more keys is not accused, nor one whose staging area or log device
// is bounded.
func (c *ProtocolChecker) checkFull(r *sim.Record[model.Message]) {
	x := &c.room
	switch {
	case x.limited:
	case x.keys == 0:
		c.foundShape(InvAbortCause, "full", r, "%s says that it is full of %s, and nothing that it has is bounded", c.format.Node(r.Node), c.name(r.Label))
	default:
		if n := len(x.written[int(r.Node)-c.coordinators]); n <= x.keys {
			c.foundShape(InvAbortCause, "full", r, "%s says that it is full of %s, and all transactions so far write no more than %d keys there, and its bound is %d",
				c.format.Node(r.Node), c.name(r.Label), n, x.keys)
		}
	}
}

// Crowded reports promises that were logged without room for them. What other protocols than
// Accountable ones make of a full device is up to them.
func (c *ProtocolChecker) Crowded(k model.BadRecords) {
	if k.Records == 0 || !c.causes.accountable {
		return
	}
	r := sim.Record[model.Message]{At: k.At, Op: sim.TraceAppend, Node: k.Node, Peer: sim.Nobody, Kind: k.Kind, Label: k.Attempt.Label()}
	c.foundShape(InvWriteAhead, "no room", &r, "%s appended the %s record of %s, for which its log device had no room: the first of %d",
		c.format.Node(k.Node), c.format.Kind(k.Kind), c.name(r.Label), k.Records)
}
