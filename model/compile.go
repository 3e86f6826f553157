package model

// Compile fills in t.Parts from t.Ops. A source of transactions calls it once,
// before the transaction is submitted.
func (t *Transaction) Compile() {
	if n := len(t.Ops); n <= fewOps {
		t.Parts = cutParts(t.Ops, make([]Part, 0, n), make([]PartOp, 0, n))
		return
	}
	t.Parts = nil
	where := map[int]int{}
	for _, op := range t.Ops {
		if _, ok := where[op.Worker]; !ok {
			where[op.Worker] = len(t.Parts)
			t.Parts = append(t.Parts, Part{Worker: op.Worker})
		}
	}
	locks := make([]map[string]int32, len(t.Parts))
	for i := range locks {
		locks[i] = map[string]int32{}
	}
	for i := range t.Ops {
		op := &t.Ops[i]
		n := where[op.Worker]
		lock, ok := locks[n][op.Key]
		if !ok {
			lock = int32(len(locks[n]))
			locks[n][op.Key] = lock
		}
		t.Parts[n].Ops = append(t.Parts[n].Ops, PartOp{Op: op, Index: int32(i), Lock: lock})
	}
	for i := range t.Parts {
		ops, exclusive := t.Parts[i].Ops, make([]bool, len(locks[i]))
		for _, op := range ops {
			exclusive[op.Lock] = exclusive[op.Lock] || op.Kind != Read
		}
		for j := range ops {
			ops[j].Exclusive = exclusive[ops[j].Lock]
		}
	}
}

// fewOps is the number of operations up to which searching a list beats maps.
const fewOps = 32

// cutParts compiles a few operations into slices that have room for as many
// elements each.
func cutParts(all []Op, parts []Part, ops []PartOp) []Part {
	for i := range all {
		worker := all[i].Worker
		if seen(all[:i], worker) {
			continue
		}
		first, keys := len(ops), int32(0)
		for j := i; j < len(all); j++ {
			op := &all[j]
			if op.Worker != worker {
				continue
			}
			lock, exclusive := keys, op.Kind != Read
			for k := first; k < len(ops); k++ {
				if o := &ops[k]; o.Key == op.Key {
					lock, exclusive = o.Lock, exclusive || o.Exclusive
					o.Exclusive = exclusive
				}
			}
			if lock == keys {
				keys++
			}
			ops = append(ops, PartOp{op, int32(j), lock, exclusive})
		}
		parts = append(parts, Part{worker, ops[first:len(ops):len(ops)]})
	}
	return parts
}

// Compiler compiles like Transaction.Compile, with the parts of many small
// transactions cut from few allocations. The zero Compiler is ready to use.
type Compiler struct {
	parts Chunks[Part]
	ops   Chunks[PartOp]
}

const compileChunk = 128

// Compile fills in t.Parts from t.Ops.
func (c *Compiler) Compile(t *Transaction) {
	n := len(t.Ops)
	if n > fewOps {
		t.Compile()
		return
	}
	parts := cutParts(t.Ops, c.parts.Room(n, compileChunk), c.ops.Room(n, compileChunk))
	t.Parts = c.parts.Take(len(parts))
	c.ops.Take(n)
}

// Reset makes the room of all parts available again. They must not be used any more.
func (c *Compiler) Reset() {
	c.parts.Reset()
	c.ops.Reset()
}

func seen(ops []Op, worker int) bool {
	for i := range ops {
		if ops[i].Worker == worker {
			return true
		}
	}
	return false
}

// Writes reports whether the part writes or deletes anything.
func (p *Part) Writes() bool {
	for i := range p.Ops {
		if p.Ops[i].Exclusive {
			return true
		}
	}
	return false
}

// Writes reports whether the transaction writes or deletes anything.
func (t *Transaction) Writes() bool {
	for i := range t.Ops {
		if t.Ops[i].Kind != Read {
			return true
		}
	}
	return false
}
