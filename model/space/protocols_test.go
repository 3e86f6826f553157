package space

import (
	"math/rand/v2"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// scatter is a protocol of nothing but chance: each node has a few states, and a table
// says where each input leads from each, and what is sent.
type scatter struct {
	model.TwoPhase
	seed uint64
}

func (p scatter) Coordinator(s *model.Site) sim.Node[model.Message] { return p.node(s) }
func (p scatter) Worker(s *model.Site) sim.Node[model.Message]      { return p.node(s) }

func (p scatter) node(s *model.Site) *scattered {
	return &scattered{Site: s, rand: rand.New(rand.NewPCG(p.seed, uint64(s.Env.ID())))}
}

const (
	scatterStates = 4
	scatterKinds  = 2
)

type scattered struct {
	*model.Site
	rand  *rand.Rand
	table [scatterStates][]scatterStep // by state and input
	state int
	logs  int
	timer sim.Timer
}

type scatterStep struct {
	to    int
	sends []sim.NodeID
	kinds []sim.Kind
	sync  bool
	timer bool
}

// fill draws the table.
func (n *scattered) fill() {
	nodes := len(n.Coordinators) + len(n.Workers)
	for state := range n.table {
		for range nodes*scatterKinds + 3 {
			s := scatterStep{to: state, sync: n.rand.IntN(6) == 0, timer: n.rand.IntN(8) == 0}
			switch n.rand.IntN(12) {
			case 0:
				s.to = n.rand.IntN(scatterStates)
			case 1, 2, 3, 4:
				s.to = min(state+1, scatterStates-1)
			}
			for range max(0, n.rand.IntN(6)-3) {
				s.sends = append(s.sends, sim.NodeID(n.rand.IntN(nodes)))
				s.kinds = append(s.kinds, model.KindUser+sim.Kind(n.rand.IntN(scatterKinds)))
			}
			n.table[state] = append(n.table[state], s)
		}
	}
}

func (n *scattered) step(input int) {
	s := n.table[n.state][input]
	n.state = s.to
	for i, to := range s.sends {
		if to != n.Env.ID() {
			n.Env.Send(to, sim.Mail{Kind: s.kinds[i]}, model.Message{})
		}
	}
	if s.sync && n.logs < 2 {
		n.logs++
		n.Env.Append(model.KindUser, 0, nil)
		n.Env.Sync()
	}
	if s.timer {
		n.set()
	}
}

func (n *scattered) Start() {
	n.fill()
	n.step(0)
	if n.Env.ID() == 0 {
		for _, to := range n.Workers {
			n.Env.Send(to, sim.Mail{Kind: model.KindUser}, model.Message{})
		}
	}
	n.set()
}

// set has one timer at a time.
func (n *scattered) set() {
	n.Env.Cancel(n.timer)
	n.timer = n.Env.SetTimer(1, 0)
}

func (n *scattered) Recover(r sim.Recovery) {
	n.fill()
	for range r.Records() {
		n.logs++
	}
	n.step(1)
}

func (n *scattered) Receive(from sim.NodeID, mail sim.Mail, _ *model.Message) {
	n.step(3 + int(from)*scatterKinds + int(mail.Kind-model.KindUser))
}
func (n *scattered) Fired(uint64)                { n.step(2) }
func (n *scattered) Synced(sim.LSN)              { n.step(1) }
func (n *scattered) AppendState(b []byte) []byte { return append(b, byte(n.state), byte(n.logs)) }

// brittle is a scatter whose nodes do not survive a timeout.
type brittle struct{ scatter }

func (p brittle) Worker(s *model.Site) sim.Node[model.Message] { return brittleNode{p.node(s), s} }

type brittleNode struct {
	sim.Node[model.Message]
	site *model.Site
}

func (n brittleNode) Fired(uint64) {
	n.site.Env.Send(n.site.Workers[0], sim.Mail{Kind: ball}, model.Message{})
	panic("it never takes so long")
}

// rally is a protocol of two workers that send a ball to and fro once a timer has fired,
// until a second one has; the first is set when a worker has asked for it. A third worker
// gets a message that matters to nobody else.
type rally struct{ scatter }

func (rally) Coordinator(s *model.Site) sim.Node[model.Message] { return &rallies{Site: s} }
func (rally) Worker(s *model.Site) sim.Node[model.Message]      { return &rallies{Site: s} }

type rallies struct {
	*model.Site
	over bool
}

const (
	ball = model.KindUser + iota
	end
	ask
)

func (n *rallies) tell(worker int, kind sim.Kind) {
	n.Env.Send(n.Workers[worker], sim.Mail{Kind: kind}, model.Message{})
}

func (n *rallies) Start() {
	if n.Env.ID() == 0 {
		n.tell(2, end)
		n.tell(1, ask)
	}
}

func (n *rallies) Receive(from sim.NodeID, mail sim.Mail, m *model.Message) {
	switch {
	case n.Env.ID() == 0:
		n.Env.SetTimer(1, uint64(ball))
	case mail.Kind == ask:
		n.Env.Send(from, mail, *m)
	case mail.Kind == end:
		n.over = true
	case !n.over:
		n.tell(1-n.Worker, ball)
	}
}

func (n *rallies) Fired(token uint64) {
	n.tell(0, sim.Kind(token))
	if sim.Kind(token) == ball {
		n.Env.SetTimer(1, uint64(end))
	}
}

func (n *rallies) Recover(sim.Recovery) {}
func (n *rallies) Synced(sim.LSN)       {}
func (n *rallies) AppendState(b []byte) []byte {
	if n.over {
		return append(b, 1)
	}
	return append(b, 0)
}

// twins is a protocol whose coordinator is sent two messages, and once more when nothing else
// is left. It sends each on, and, with same set, another one behind it, both times the same.
// Worker 0 remembers the last three, and how many there were.
type twins struct {
	scatter
	same bool
}

func (p twins) Coordinator(s *model.Site) sim.Node[model.Message] {
	return &twin{Site: s, same: p.same}
}
func (p twins) Worker(s *model.Site) sim.Node[model.Message] { return &twin{Site: s} }

type twin struct {
	*model.Site
	same bool
	got  []byte
	n    byte
}

func (n *twin) tell(to sim.NodeID, kinds ...sim.Kind) {
	for _, kind := range kinds {
		n.Env.Send(to, sim.Mail{Kind: kind}, model.Message{})
	}
}

func (n *twin) Start() {
	if n.Worker == 1 {
		n.tell(0, ball, end)
		n.Env.SetTimer(1, 0)
	}
}

func (n *twin) Receive(_ sim.NodeID, mail sim.Mail, _ *model.Message) {
	if n.Env.ID() == 0 {
		if n.tell(n.Workers[0], mail.Kind); n.same {
			n.tell(n.Workers[0], ask)
		}
		return
	}
	n.got, n.n = append(n.got, byte(mail.Kind)), min(n.n+1, 8)
	n.got = n.got[max(0, len(n.got)-3):]
}

func (n *twin) Recover(sim.Recovery)        {}
func (n *twin) Fired(uint64)                { n.tell(0, ball, end) }
func (n *twin) Synced(sim.LSN)              {}
func (n *twin) AppendState(b []byte) []byte { return append(append(b, n.n), n.got...) }

// couple is a protocol of two workers that ask for something when they start. The coordinator
// sends two messages to the one that asks first, and nothing to the other: what the two would
// do about them never meets in one state.
type couple struct {
	scatter
	does [2]func(n *partner, kind sim.Kind) // what each does about ball and end, and, as KindNone, about its start and a sync
}

func (p couple) Coordinator(s *model.Site) sim.Node[model.Message] { return &partner{Site: s} }
func (p couple) Worker(s *model.Site) sim.Node[model.Message] {
	return &partner{Site: s, does: p.does[s.Worker]}
}

type partner struct {
	*model.Site
	does  func(*partner, sim.Kind)
	state byte
}

func (n *partner) tell(to sim.NodeID, mail sim.Mail) { n.Env.Send(to, mail, model.Message{}) }

func (n *partner) Start() {
	if n.does != nil {
		n.tell(0, sim.Mail{Kind: ask})
		n.does(n, model.KindNone)
	}
}

func (n *partner) Receive(from sim.NodeID, mail sim.Mail, _ *model.Message) {
	switch {
	case n.does == nil && mail.Kind == ask && n.state == 0:
		n.state = 1
		n.tell(from, sim.Mail{Kind: ball})
		n.tell(from, sim.Mail{Kind: end})
	case n.does != nil && from == 0:
		n.state = 4*n.state + 1 + byte(mail.Kind-ball)
		n.does(n, mail.Kind)
	}
}

func (n *partner) Synced(sim.LSN) {
	n.state++
	n.does(n, model.KindNone)
}

func (n *partner) Recover(sim.Recovery)        {}
func (n *partner) Fired(uint64)                {}
func (n *partner) AppendState(b []byte) []byte { return append(b, n.state) }

// syncing is a worker that logs each message, and asks for a sync unless it is of the
// second kind.
type syncing struct{ scatter }

func (syncing) Worker(s *model.Site) sim.Node[model.Message] { return &syncs{Site: s} }

type syncs struct {
	*model.Site
	n byte
}

func (n *syncs) Start() {}
func (n *syncs) Receive(_ sim.NodeID, mail sim.Mail, _ *model.Message) {
	n.n++
	n.Env.Append(model.KindUser, 0, nil)
	if mail.Kind != model.KindUser+1 {
		n.Env.Sync()
	}
}
func (n *syncs) Recover(sim.Recovery)        {}
func (n *syncs) Fired(uint64)                {}
func (n *syncs) Synced(sim.LSN)              {}
func (n *syncs) AppendState(b []byte) []byte { return append(b, n.n) }
