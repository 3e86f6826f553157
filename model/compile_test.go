package model

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// TestCompile holds the parts of random transactions, short and long, against what
// they are said to be.
func TestCompile(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var c Compiler
	for range 2000 {
		tx := Transaction{Ops: make([]Op, r.IntN(2*fewOps))}
		for i := range tx.Ops {
			tx.Ops[i] = Op{Kind: OpKind(r.IntN(3)), Worker: r.IntN(3), Key: fmt.Sprint(r.IntN(5))}
		}
		for _, compile := range []func(){tx.Compile, func() { c.Compile(&tx) }} {
			compile()
			ops := 0
			for i := range tx.Parts {
				p := &tx.Parts[i]
				ops += len(p.Ops)
				var keys []string
				for op := range p.Locks {
					keys = append(keys, op.Key)
				}
				for j, op := range p.Ops {
					exclusive := false
					for _, o := range p.Ops {
						exclusive = exclusive || o.Key == op.Key && o.Kind != Read
					}
					if op.Worker != p.Worker || op.Op != &tx.Ops[op.Index] || j > 0 && op.Index <= p.Ops[j-1].Index {
						t.Fatalf("%v: part %d has %v of another worker, or out of order", tx.Ops, i, op)
					}
					if op.Exclusive != exclusive || keys[op.Lock] != op.Key {
						t.Fatalf("%v: part %d locks %v, %v for %v", tx.Ops, i, keys, op.Exclusive, op)
					}
				}
				if i > 0 && p.Ops[0].Index < tx.Parts[i-1].Ops[0].Index || p.Writes() != writesAny(p) {
					t.Fatalf("%v: parts %v", tx.Ops, tx.Parts)
				}
			}
			if ops != len(tx.Ops) {
				t.Fatalf("%v: %d operations in parts", tx.Ops, ops)
			}
		}
	}
}

func writesAny(p *Part) bool {
	for _, op := range p.Ops {
		if op.Kind != Read {
			return true
		}
	}
	return false
}

// TestIndexOf: without names of their own, transactions are t1, t2 and so on, and nothing else.
func TestIndexOf(t *testing.T) {
	for id, want := range map[string]uint64{"t1": 1, "t17": 17, "17": 0, "t": 0, "": 0, "t017": 0, "tx": 0, "x17": 0, "t1x": 0,
		fmt.Sprint("t", uint64(MaxIndex)): MaxIndex, fmt.Sprint("t", uint64(MaxIndex+1)): 0} { // any order
		if got := IndexOf(id); got != want {
			t.Errorf("%q: %d", id, got)
		}
	}
}
