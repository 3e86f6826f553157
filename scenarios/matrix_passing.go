package scenarios

import (
	"slices"
	"strings"
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios/fault"
	"github.com/seed83d86191/txsim/sim"
)

// passing is one time that a boundary was passed.
type passing struct {
	sim.Boundary
	// n counts, from 1, the passings of the same node, point and kind, and of the same
	// label if there is one. A fault line aims by it.
	n uint64
	// unsynced: the log has records that are not synced, which a crash can tear or keep.
	unsynced bool
}

// checkpoint reports whether the boundary belongs to a checkpoint.
func (p *passing) checkpoint() bool {
	return p.Point >= sim.BeforeCheckpoint && p.Point <= sim.AfterTruncate
}

// passings is an Injector that wraps another one and lists the boundaries that are passed:
// all of them, or those after the first crash.
type passings struct {
	all    bool
	world  *sim.World[model.Message]
	inner  sim.Injector
	counts map[passingKey]uint64
	struck bool
	list   []passing
}

type passingKey struct {
	node  sim.NodeID
	point sim.Point
	kind  sim.Kind
	label sim.Label // 0: any
}

func (s *passings) around(c *model.Cluster, inner sim.Injector) {
	s.world, s.inner, s.counts = c.World, inner, map[passingKey]uint64{}
	s.world.Inject(s)
}

// At implements sim.Injector.
func (s *passings) At(b *sim.Boundary) *sim.Strike {
	key := passingKey{b.Node, b.Point, b.Kind, 0}
	s.counts[key]++
	if b.Label != 0 {
		key.label = b.Label
		s.counts[key]++
	}
	if s.all || s.struck {
		s.list = append(s.list, passing{*b, s.counts[key], s.world.Unsynced(b.Node)})
	}
	strike := s.inner.At(b)
	s.struck = s.struck || strike != nil && strike.Crash
	return strike
}

// inRecovery returns the boundaries of the first recovery in a list: what its node passes
// from the recovery's beginning to its end.
func inRecovery(list []passing) []passing {
	begin := slices.IndexFunc(list, func(p passing) bool { return p.Point == sim.BeforeRecover })
	if begin < 0 {
		return nil
	}
	node := list[begin].Node
	var in []passing
	for _, p := range list[begin:] {
		if p.Node != node {
			continue
		}
		if in = append(in, p); p.Point == sim.AfterRecover {
			break
		}
	}
	return in
}

// crash returns the fault line that crashes a node at a passing; ok is false if the fault
// language has no name for the boundary, as for clients and for a protocol's own kinds.
func (m *matrix) crash(p passing, tail sim.Tail, d time.Duration) (f fault.Fault, ok bool) {
	s := m.job.s
	if p.Node >= s.client() {
		return f, false
	}
	at := fault.Passing{Node: fault.NodeAt(p.Node, s.Coordinators), Point: p.Point, Kind: p.Kind, N: p.n}
	if a := model.AttemptOf(p.Label); p.Label != 0 {
		if at.Of, at.Try = m.names[a.Txn], a.Try; at.Of == "" {
			return f, false
		}
	}
	return fault.Crash(at, tail, d)
}

// place returns the class of boundaries to which a passing belongs.
func (m *matrix) place(p passing) MatrixPlace {
	role := roleWorker
	if int(p.Node) < m.job.s.Coordinators {
		role = roleCoordinator
	}
	_, place, _ := strings.Cut(fault.Boundary(p.Point, p.Kind), " ")
	return MatrixPlace{role, place}
}
