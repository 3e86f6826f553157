package model

// Compile fills in t.Parts from t.Ops. A source of transactions calls it once,
// before the transaction is submitted.
func (t *Transaction) Compile() {
	if p, ok := t.singleParts(); ok {
		t.Parts = p
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
		n := where[t.Ops[i].Worker]
		t.Parts[n].add(&t.Ops[i], int32(i), locks[n])
	}
}

func (p *Part) add(op *Op, index int32, locks map[string]int32) {
	lock, ok := locks[op.Key]
	if !ok {
		lock = int32(len(p.Locks))
		locks[op.Key] = lock
		p.Locks = append(p.Locks, LockReq{Key: op.Key})
	}
	if op.Kind != Read {
		p.Locks[lock].Exclusive = true
	}
	p.Ops = append(p.Ops, PartOp{op, index, lock})
}

// fewOps is up to where searching beats maps.
const fewOps = 32

// singleParts compiles a transaction of few operations without maps, its parts
// cut from three allocations.
func (t *Transaction) singleParts() ([]Part, bool) {
	n := len(t.Ops)
	if n > fewOps {
		return nil, false
	}
	return cutParts(t.Ops, make([]Part, 0, n), make([]PartOp, 0, n), make([]LockReq, 0, n)), true
}

// cutParts compiles a few operations into slices that have room for as many
// elements each.
func cutParts(all []Op, parts []Part, ops []PartOp, locks []LockReq) []Part {
	for i := range all {
		worker := all[i].Worker
		if seen(all[:i], worker) {
			continue
		}
		op0, lock0 := len(ops), len(locks)
		for j := i; j < len(all); j++ {
			if op := &all[j]; op.Worker == worker {
				lock := findLock(&locks, lock0, op.Key)
				if op.Kind != Read {
					locks[lock0+lock].Exclusive = true
				}
				ops = append(ops, PartOp{op, int32(j), int32(lock)})
			}
		}
		parts = append(parts, Part{worker, ops[op0:len(ops):len(ops)], locks[lock0:len(locks):len(locks)]})
	}
	return parts
}

// Compiler compiles like Transaction.Compile, with the parts of many small
// transactions cut from few allocations. The zero Compiler is ready to use.
type Compiler struct {
	parts Chunks[Part]
	ops   Chunks[PartOp]
	locks Chunks[LockReq]
}

const compileChunk = 128

// Compile fills in t.Parts from t.Ops.
func (c *Compiler) Compile(t *Transaction) {
	n := len(t.Ops)
	if n > fewOps {
		t.Compile()
		return
	}
	parts := cutParts(t.Ops, c.parts.Room(n, compileChunk), c.ops.Room(n, compileChunk), c.locks.Room(n, compileChunk))
	t.Parts = c.parts.Take(len(parts))
	c.ops.Take(n)
	locks := 0
	for i := range parts {
		locks += len(parts[i].Locks)
	}
	c.locks.Take(locks)
}

// Reset takes back the parts of all transactions, which must not be used any more.
func (c *Compiler) Reset() {
	c.parts.Reset()
	c.ops.Reset()
	c.locks.Reset()
}

func seen(ops []Op, worker int) bool {
	for i := range ops {
		if ops[i].Worker == worker {
			return true
		}
	}
	return false
}

// findLock returns the place of key among locks[from:], appending it if new.
func findLock(locks *[]LockReq, from int, key string) int {
	for i := from; i < len(*locks); i++ {
		if (*locks)[i].Key == key {
			return i - from
		}
	}
	*locks = append(*locks, LockReq{Key: key})
	return len(*locks) - 1 - from
}

// Writes reports whether the part writes or deletes anything.
func (p *Part) Writes() bool {
	for i := range p.Locks {
		if p.Locks[i].Exclusive {
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
