package workload_test

import (
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios/txfile"
	"github.com/seed83d86191/txsim/scenarios/workload"
)

// TestTPCC holds new orders and payments against the clauses of TPC-C that say
// how many lines there are, and how often another warehouse takes part.
func TestTPCC(t *testing.T) {
	const n = 20000
	const warehouses = 20 // two on each worker
	var payments, orders, away, remote, lines float64
	var sizes [11]float64
	var homes [warehouses]float64
	for _, tx := range generate(t, 8, n, "workload={kind: tpcc, warehouses: 2}") {
		home := number(t, strings.TrimPrefix(tx.Ops[0].Key, "warehouse/"))
		homes[home]++
		worker, size := home%10, 0
		for _, op := range tx.Ops {
			table, rest, _ := strings.Cut(op.Key, "/")
			first, _, _ := strings.Cut(rest, "/")
			at := home
			if table != "item" && table != "history" {
				at = number(t, first)
			}
			if op.Worker != at%10 {
				t.Fatalf("%+v: not where warehouse %d is", op, at)
			}
			if at != home && (table != "stock" && table != "customer") {
				t.Fatalf("%+v: at another warehouse than %d", op, home)
			}
			switch {
			case table == "stock" && op.Kind == model.Write:
				size++
				if at != home {
					remote++
				}
			case table == "customer" && op.Kind == model.Write && at != home:
				away++
			}
		}
		if strings.HasPrefix(tx.Ops[len(tx.Ops)-1].Key, "history/") {
			payments++
			continue
		}
		if size < 5 || size > 15 || worker != tx.Parts[0].Worker {
			t.Fatalf("%s", txfile.AppendText(nil, tx))
		}
		orders++
		sizes[size-5]++
		lines += float64(size)
	}
	workload.Fits(t, "mix", []float64{orders, payments}, []float64{n * 45 / 88.0, n * 43 / 88.0})
	workload.Fits(t, "away", []float64{away, payments - away}, []float64{payments * 0.15, payments * 0.85})
	workload.Fits(t, "remote", []float64{remote, lines - remote}, []float64{lines * 0.01, lines * 0.99})
	expected := make([]float64, 11)
	for i := range expected {
		expected[i] = orders / 11
	}
	workload.Fits(t, "lines", sizes[:], expected)
	expected = make([]float64, warehouses)
	for i := range expected {
		expected[i] = n / warehouses
	}
	workload.Fits(t, "homes", homes[:], expected)
}

// TestTPCCLocal enters transactions at the warehouses of their coordinators.
func TestTPCCLocal(t *testing.T) {
	for i, tx := range generate(t, 8, 500, "workload={kind: tpcc, warehouses: 3, local: true}", "coordinators=4") {
		if tx.Ops[0].Worker != i%4 {
			t.Fatalf("transaction %d begins on w%d", i+1, tx.Ops[0].Worker)
		}
	}
}
