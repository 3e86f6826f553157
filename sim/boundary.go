package sim

// Point is a place in a step where a fault may strike. Those before something
// are even, and the one after it is the next.
type Point uint8

// The boundaries of a step. At BeforeSend a fault may also change what becomes
// of the message. Those of checkpoints and of recovery have no kind and no
// label.
const (
	BeforeSend Point = iota
	AfterSend
	BeforeReceive
	AfterReceive
	BeforeAppend
	AfterAppend
	BeforeSync // once for every record the sync covers; if it covers none, once with no kind
	AfterSync
	BeforeCheckpoint // Env.Checkpoint
	AfterCheckpoint
	BeforeTruncate // the checkpoint is written and takes the log's place
	AfterTruncate
	BeforeRecover // Node.Recover, in which other boundaries may lie
	AfterRecover
	BeforeStep // a point that the node itself marks, see Env.Before
	AfterStep

	// Points is how many points there are.
	Points = int(AfterStep) + 1
)

var pointNames = [...]string{
	"before send", "after send", "before receive", "after receive",
	"before append", "after append", "before sync", "after sync",
	"before checkpoint", "after checkpoint", "before truncate", "after truncate",
	"before recover", "after recover", "before step", "after step",
}

func (p Point) String() string { return pointNames[p] }

// Boundary is a point that a step of Node has reached.
type Boundary struct {
	Node  NodeID
	Point Point
	Kind  Kind
	Label Label
	Peer  NodeID // of a message, else Nobody
	Sync  uint32 // at BeforeSync and AfterSync: which of the node's syncs, from 1
}

// An Injector decides at every boundary what strikes there; it returns nil for nothing, as
// at most of them. The Boundary is valid during the call only, and the Strike is read
// before the next call. An Injector must be deterministic: its draws come from the World's
// Draw.
type Injector interface {
	At(b *Boundary) *Strike
}

// An Aimer is an Injector that tells in advance at which boundaries of a node it is to be
// asked; nil is none. At all others, which are most of them, faults then cost next to
// nothing.
type Aimer interface {
	Injector
	Aims(n NodeID) *Aims
}

// Aims is indexed by point and kind. An entry that is not 0 is a boundary where something
// may strike.
type Aims [Points][256]uint8

// everywhere is the Aims of an Injector that is no Aimer: every boundary.
var everywhere = func() *Aims {
	a := new(Aims)
	for p := range a {
		for k := range a[p] {
			a[p][k] = 1
		}
	}
	return a
}()

// aims returns the boundaries of a node at which the injector is asked.
func (w *World[M]) aims(n NodeID) *Aims {
	switch i := w.faults.(type) {
	case nil:
		return nil
	case Aimer:
		return i.Aims(n)
	}
	return everywhere
}

// aimed reports whether something may strike at a boundary.
func (e *Env[M]) aimed(p Point, kind Kind) bool { return e.aims != nil && e.aims[p][kind] != 0 }

// passes reports whether the step goes on after the boundary. A node that is
// down passes nothing: that is how a crash discards the rest of a step.
func (e *Env[M]) passes(p Point, kind Kind, label Label) bool {
	if e.aimed(p, kind) {
		e.meet(p, kind, label, Nobody)
	}
	return e.alive()
}

// meet asks the injector about a boundary of a live node, and carries out its strike.
func (e *Env[M]) meet(p Point, kind Kind, label Label, peer NodeID) {
	if !e.alive() {
		return
	}
	if s := e.at(p, kind, label, peer, 0); s != nil {
		e.strike(s)
	}
}

// at asks the injector what strikes at a boundary. There are dozens of boundaries in every
// transaction, so all of them are made in the same memory.
func (e *Env[M]) at(p Point, kind Kind, label Label, peer NodeID, sync uint32) *Strike {
	b := &e.w.boundary
	b.Node, b.Point, b.Kind, b.Label, b.Peer, b.Sync = e.id, p, kind, label, peer, sync
	return e.w.faults.At(b)
}

// Before is a boundary that the node itself marks, in front of something that it does in
// memory alone. The kind says what it is about to do.
func (e *Env[M]) Before(kind Kind, label Label) {
	if e.aims != nil {
		e.passes(BeforeStep, kind, label)
	}
}

// After is the boundary behind what the matching Before was in front of.
func (e *Env[M]) After(kind Kind, label Label) {
	if e.aims != nil {
		e.passes(AfterStep, kind, label)
	}
}
