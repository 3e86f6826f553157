package workload

import (
	"math"
	"math/bits"
	"slices"
	"strconv"
	"sync"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios/quantity"
	"github.com/seed83d86191/txsim/sim"
)

// generator is the model.Source of generated transactions. Every draw is keyed by stream,
// transaction and place in the transaction, so that changing a parameter changes only the
// draws it is about.
type generator struct {
	w            *Parameters
	workers      int
	coordinators int
	left         int
	index        uint64
	clock        *Clock // nil in a closed loop

	fill            func(*generator)
	keys, kinds     stream
	places, lengths stream
	singles         stream

	mix      mix
	popular  popularity
	scatter  scatter
	short    *zipf // lengths of scans; nil: equally likely
	inserted []int // keys, by worker
	grown    int   // by how many keys all workers have grown
	loads    tpccLoads
	deal     workerDealer // of workers to a transaction
	chosen   []int32      // the workers of the transaction being made, if it has a number of them
	texts    texts        // ids and values

	*room
}

// room is the memory that transactions are made in.
type room struct {
	txs      model.Chunks[model.Transaction]
	ops      model.Chunks[model.Op]
	compiler model.Compiler
	now      []model.Op // of the transaction being made
	names    namer      // of keys
	savings  namer      // of a smallbank's savings accounts
}

// rooms are those of released generators.
var rooms = sync.Pool{New: func() any { return new(room) }}

// Release leaves the memory of all transactions to other generators. Their texts may still
// be used, the transactions may not.
func (g *generator) Release() {
	r := g.room
	r.txs.Reset()
	r.ops.Reset()
	r.compiler.Reset()
	clear(r.now[:cap(r.now)])
	rooms.Put(r)
	g.room, g.left = nil, 0
}

// How many transactions and operations are allocated at a time.
const (
	chunk    = 32
	opsChunk = 128
)

// kinds are the kinds of workload, with the functions that fill in a transaction.
var kinds = []struct {
	name string
	fill func(*generator)
}{
	{"uniform", (*generator).operations},
	{"zipf", (*generator).operations},
	{"ycsb", (*generator).operations},
	{"bank", (*generator).bank},
	{"hot-key", (*generator).hotKey},
	{"smallbank", (*generator).smallBank},
	{"tpcc", (*generator).tpcc},
}

func kindNames() (names []string) {
	for _, k := range kinds {
		names = append(names, k.name)
	}
	return names
}

// scanTheta is the exponent of the lengths of scans, that of YCSB's generators.
const scanTheta = 0.99

// Size is the size of the cluster that the transactions are for, and how many there are.
type Size struct{ Workers, Coordinators, Transactions int }

// New returns a source of transactions with these parameters, which must be valid, at the
// times of the clock. Changing the parameters afterwards has no effect.
func New(p *Parameters, size Size, clock *Clock, seed uint64) model.Source {
	w := *p
	g := &generator{
		w: &w, workers: size.Workers, coordinators: size.Coordinators, left: size.Transactions, clock: clock, fill: kinds[slices.Index(kindNames(), w.Kind)].fill,
		keys: newStream(seed, "workload/keys"), kinds: newStream(seed, "workload/kinds"),
		places: newStream(seed, "workload/workers"), lengths: newStream(seed, "workload/lengths"),
		singles: newStream(seed, "workload/singles"),
		popular: newPopularity(&w, w.Keys), scatter: newScatter(w.Keys), inserted: make([]int, size.Workers),
		deal: workerDealer{n: size.Workers}, room: rooms.Get().(*room),
	}
	switch w.Kind {
	case "bank":
		g.names.begin("acct/")
	case "smallbank":
		g.names.begin("checking/")
		g.savings.begin("savings/")
		g.popular = newPopularity(&w, w.Keys*size.Workers)
	case "tpcc":
		g.loads = newTPCCLoads(seed)
	default:
		g.names.begin("k")
	}
	if w.Global {
		g.popular, g.scatter = newPopularity(&w, w.Keys*size.Workers), newScatter(w.Keys*size.Workers)
	}
	if g.popular.slots > 0 { // YCSB makes room for twice the inserts that it expects
		more, _ := bits.Mul64(uint64(w.Inserts), 2*uint64(min(size.Transactions, math.MaxInt32))*uint64(w.Operations))
		if !w.Global {
			more /= uint64(size.Workers)
		}
		g.popular.slots += int64(more)
	}
	g.mix, _ = w.mix() // no error: Check has seen it
	if w.Lengths == "zipf" {
		g.short = newZipf(int64(w.Scan), scanTheta)
	}
	return g
}

// Next implements model.Source.
func (g *generator) Next() (*model.Transaction, error) {
	if g.left == 0 {
		return nil, nil
	}
	g.left--
	g.index++
	g.now = g.now[:0]
	g.fill(g)
	g.txs.Room(1, chunk)
	t := &g.txs.Take(1)[0]
	g.ops.Room(len(g.now), opsChunk)
	ops := g.ops.Take(len(g.now))
	copy(ops, g.now)
	*t = model.Transaction{ID: g.texts.numbered("t", g.index), Index: g.index, At: model.Unscheduled, Ops: ops}
	if g.clock != nil {
		t.At = g.clock.Next()
	}
	g.compiler.Compile(t)
	return t, nil
}

// add appends an operation; a write gets a value that no other has.
func (g *generator) add(kind model.OpKind, worker int, key string) {
	if kind == model.Write {
		g.write(worker, key, g.w.Value)
		return
	}
	g.now = append(g.now, model.Op{Kind: kind, Worker: worker, Key: key})
}

// write appends a write of a value of that size.
func (g *generator) write(worker int, key string, size quantity.Bytes) {
	value := g.texts.value(g.index, len(g.now), int(size))
	g.now = append(g.now, model.Op{Kind: model.Write, Worker: worker, Key: key, Value: value})
}

// bank fills in a transfer between two accounts, on two workers unless there is only one or
// it is single, or an audit.
func (g *generator) bank() {
	if g.w.Reads.Hits(g.kinds.at(g.index, 0)) {
		g.choose()
		for i := range g.w.Operations {
			worker, key := g.place(i)
			g.add(model.Read, worker, g.names.name(key))
		}
		return
	}
	among := g.among(2)
	from, to := int(among[0]), int(among[len(among)-1])
	a := below(g.keys.at(g.index, 0), g.w.Keys)
	b := below(g.keys.at(g.index, 1), g.w.Keys)
	if from == to && g.w.Keys > 1 {
		if b = below(g.keys.at(g.index, 1), g.w.Keys-1); b >= a {
			b++
		}
	}
	g.add(model.Read, from, g.names.name(a))
	g.add(model.Read, to, g.names.name(b))
	g.add(model.Write, from, g.names.name(a))
	g.add(model.Write, to, g.names.name(b))
}

// hotKey fills in a write of the key that all write, on w0, and one of a key
// that no other transaction has, on another worker if there is one.
func (g *generator) hotKey() {
	worker := 0
	if g.workers > 1 {
		worker = 1 + below(g.places.at(g.index, 0), g.workers-1)
	}
	g.add(model.Write, 0, "hot")
	g.add(model.Write, worker, g.texts.numbered("own/", g.index))
}

// stream is a random stream whose draws are keyed, not sequential.
type stream uint64

func newStream(seed uint64, name sim.Stream) stream { return stream(sim.NewRand(seed, name).Uint64()) }

// at returns the i-th draw of a transaction.
func (s stream) at(index uint64, i int) uint64 { return sim.Hash(uint64(s), index, uint64(i)) }

// below maps a uniform draw to 0 … n-1.
func below(u uint64, n int) int {
	hi, _ := bits.Mul64(u, uint64(n))
	return int(hi)
}

// workerDealer draws workers without repetition.
type workerDealer struct {
	n     int
	deck  []int32 // 0 … n-1, in order between draws
	swaps []int32
	hand  []int32
}

// draw returns k workers, or all if there are fewer; the result is valid until the next
// draw. The workers of a smaller k come first among those of a larger one.
func (d *workerDealer) draw(s stream, index uint64, k int) []int32 {
	if d.deck == nil {
		d.deck = make([]int32, d.n)
		for i := range d.deck {
			d.deck[i] = int32(i)
		}
	}
	k = min(k, d.n)
	d.swaps = d.swaps[:0]
	for i := range k {
		j := i + below(s.at(index, i), d.n-i)
		d.deck[i], d.deck[j] = d.deck[j], d.deck[i]
		d.swaps = append(d.swaps, int32(j))
	}
	d.hand = append(d.hand[:0], d.deck[:k]...)
	for i, j := range slices.Backward(d.swaps) {
		d.deck[i], d.deck[j] = d.deck[j], d.deck[i]
	}
	return d.hand
}

// namer returns the names of keys. It keeps those of the first ones, which under Zipf's law
// are the most frequent, also for the next generator that has its room: a run of few
// transactions would take longer to make the list than for all else.
type namer struct {
	prefix string
	texts  texts
	known  []string
}

const namesKept = 1 << 14

// begin has the names begin with that prefix.
func (n *namer) begin(prefix string) {
	if n.prefix != prefix {
		*n = namer{prefix: prefix}
	}
}

func (n *namer) name(i int) string {
	if i >= namesKept {
		return n.texts.numbered(n.prefix, uint64(i))
	}
	for len(n.known) <= i {
		n.known = append(n.known, "")
	}
	if n.known[i] == "" {
		n.known[i] = n.texts.numbered(n.prefix, uint64(i))
	}
	return n.known[i]
}

// texts makes ids, keys and values.
type texts struct {
	model.Texts
	scratch []byte
}

func (t *texts) numbered(prefix string, n uint64) string {
	t.scratch = strconv.AppendUint(append(t.scratch[:0], prefix...), n, 10)
	return t.Add(t.scratch)
}

// path returns the prefix and the numbers, with a slash between them.
func (t *texts) path(prefix string, numbers ...int) string {
	t.scratch = append(t.scratch[:0], prefix...)
	for _, n := range numbers {
		t.scratch = strconv.AppendInt(append(t.scratch, '/'), int64(n), 10)
	}
	return t.Add(t.scratch)
}

// value returns a text of at least size bytes that only this operation has.
func (t *texts) value(index uint64, op, size int) string {
	t.scratch = strconv.AppendUint(append(t.scratch[:0], 'v'), index, 10)
	t.scratch = strconv.AppendInt(append(t.scratch, '.'), int64(op), 10)
	for len(t.scratch) < size {
		t.scratch = append(t.scratch, '.')
	}
	return t.Add(t.scratch)
}
