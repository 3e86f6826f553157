package analysis

import "github.com/seed83d86191/txsim/sim"

// nodeLog is what a node's log device has made durable.
type nodeLog struct {
	durable   sim.LSN
	syncBegan sim.Time  // of the last sync
	restarted uint32    // incarnation; one may have been skipped by a crash while the node was down
	survived  []sim.LSN // what was durable at each crash; later positions are reused
}

// life returns how often the node has crashed.
func (n *nodeLog) life() int32 { return int32(len(n.survived)) }

// isDurable reports whether the record is durable.
func (n *nodeLog) isDurable(r *tracedRecord) bool {
	if int(r.life) < len(n.survived) {
		return r.lsn <= n.survived[r.life]
	}
	return r.lsn <= n.durable
}

// isInLog reports whether the record is in the log, durable or not.
func (n *nodeLog) isInLog(r *tracedRecord) bool {
	return int(r.life) >= len(n.survived) || r.lsn <= n.survived[r.life]
}
