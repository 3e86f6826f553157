package analysis

import (
	"cmp"
	"math"
	"slices"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// Most runs are small, and most of the cost of their checkers is growing tables that an
// earlier run has grown already. A checker that is reset keeps its memory and nothing else.
// It numbers slots, places and items as a new one does.

// Reset makes the checker ready for another history. What it has returned stays valid.
func (c *HistoryChecker) Reset(opts HistoryOptions) {
	clear(c.txns) // what they refer to is not kept alive
	for _, chunk := range c.keys {
		clear(chunk)
	}
	for i := range c.spans {
		c.spans[i] = c.spans[i][:0]
	}
	*c = HistoryChecker{
		window: opts.Window, log: findingLog{limit: opts.MaxFindings}, format: opts.Format, lines: opts.Lines,
		txns: c.txns[:0], ops: c.ops[:0], free: c.free[:0], spans: c.spans, index: c.index.emptied(),
		order: c.order[:0], answers: c.answers[:0],
		keys: c.keys[:0], bases: c.bases[:0], items: c.items.emptied(),
		node: c.node, graph: c.graph, entries: c.entries, comps: c.comps, reach: c.reach,
	}
	if c.log.limit == 0 {
		c.log.limit = 20
	}
	c.level, c.serial, c.harmless.limit = cmp.Or(opts.Isolation, LevelStrictSerializable), InvStrictSerializability, 1
	if c.level != LevelStrictSerializable {
		c.tolerated, c.serial, c.window = tolerates(c.level), InvIsolation, -1
	}
	switch {
	case c.window == 0:
		c.window = 4096
	case c.window < 0:
		c.window = math.MaxInt
	}
	c.nextCut = c.window
}

// Reset makes the checker ready for a run of that cluster. What it has returned stays
// valid.
func (c *ProtocolChecker) Reset(cfg *model.Config, format *model.Formatter) {
	*c = ProtocolChecker{
		format: format, log: findingLog{limit: maxFindings}, saidWhy: sim.Nobody, coordinators: cfg.Coordinators,
		bounds: newBounds(cfg), execution: cfg.Execution, retry: cfg.Retry, languages: c.languages,
		nodes: sized(c.nodes, cfg.Coordinators+cfg.Workers+1), ids: sized(c.ids, cfg.Coordinators), marks: zeroed(c.marks, cfg.Coordinators),
		calls:  sized(c.calls, cfg.Coordinators),
		faults: faultWatch{nodes: c.faults.nodes}, ledger: ledger{longest: c.ledger.longest[:0]}, txns: c.txns.emptied(),
	}
	for i := range c.nodes {
		c.nodes[i] = nodeLog{restarted: 1, survived: c.nodes[i].survived[:0]}
	}
	for i := range c.ids {
		clear(c.ids[i].ids)
		c.calls[i].forget()
	}
	c.faults = faultWatch{nodes: zeroed(c.faults.nodes, len(c.nodes)), last: -1}
	for i := range c.faults.nodes {
		c.faults.nodes[i].up = -1
	}
	c.set(cfg)
}

// sized returns s with n elements, keeping those that it has.
func sized[T any](s []T, n int) []T { return slices.Grow(s[:0], n)[:n] }

// emptied returns the table without its slots.
func (x *slotMap) emptied() slotMap {
	clear(x.table)
	return slotMap{table: x.table}
}

// emptied returns the table without its items.
func (x *itemIndex) emptied() itemIndex {
	clear(x.table)
	return itemIndex{table: x.table, seed: x.seed}
}

// emptied returns the traces without transactions, for reuse of their memory.
func (x *txnTraces) emptied() txnTraces {
	for _, t := range x.slots {
		t.txn, t.index = nil, 0
	}
	return txnTraces{index: x.index.emptied(), slots: x.slots[:0], free: x.free[:0], atRest: x.atRest[:0]}
}

// more returns s with one more element: the one that was there before s was cut off, if
// there is room, otherwise the zero element.
func more[T any](s []T) []T {
	if len(s) < cap(s) {
		return s[:len(s)+1]
	}
	var zero T
	return append(s, zero)
}
