package workload

import (
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// tpccMix is the two of TPC-C's five transactions that write most, in its
// proportion: 45 % and 43 % of all.
var tpccMix = mix{names: []string{"new-order", "payment"}, weights: []int{45, 43}, sum: 88}

// The cardinalities of TPC-C, revision 5.11, clause 1.2.1.
const (
	tpccDistricts = 10     // of a warehouse
	tpccCustomers = 3000   // of a district
	tpccItems     = 100000 // each in stock at every warehouse
)

// tpccLoads are the constants C of NURand, drawn once for a run: clause 2.1.6.
type tpccLoads struct{ customer, item int }

func newTPCCLoads(seed uint64) tpccLoads {
	draws := newStream(seed, "workload/constants")
	return tpccLoads{below(draws.at(0, 0), 1024), below(draws.at(0, 1), 8192)}
}

// nuRand is NURand(A, 1, n) of clause 2.1.6 with the constant c, less 1: rows count from 0
// here.
func nuRand(u uint64, a, n, c int) int {
	first, second := below(u, a+1), 1+below(sim.Hash(u), n)
	return ((first | second) + c) % n
}

// tpcc fills in a new order or a payment: the rows that TPC-C reads and writes,
// by their primary keys, and those it inserts. Warehouse w lives, with its
// districts, customers, stock and orders, on worker w modulo workers, and items
// on every worker. Customers are found by number, not by name, and no new order
// is rolled back.
func (g *generator) tpcc() {
	home := g.warehouse()
	if g.mix.draw(g.kinds.at(g.index, 0)) == "payment" {
		g.payment(home)
	} else {
		g.newOrder(home)
	}
}

// The numbers of a transaction's draws in its streams.
const (
	tpccDistrict = iota
	tpccCustomer
	tpccLines
	tpccAway
	tpccAwayAt
	tpccAwayDistrict
	tpccLine // the first of the two of each order line
)

// warehouse draws the one at which the transaction is entered.
func (g *generator) warehouse() int {
	if g.w.Local {
		return g.home() + g.workers*below(g.places.at(g.index, 0), g.w.Warehouses)
	}
	return below(g.places.at(g.index, 0), g.workers*g.w.Warehouses)
}

// elsewhere draws another warehouse than home, if there is one.
func (g *generator) elsewhere(home int, u uint64) int {
	others := g.workers*g.w.Warehouses - 1
	if others == 0 {
		return home
	}
	w := below(u, others)
	if w >= home {
		w++
	}
	return w
}

// newOrder is clause 2.4.
func (g *generator) newOrder(home int) {
	draw := func(i int) uint64 { return g.keys.at(g.index, i) }
	worker, district := home%g.workers, below(draw(tpccDistrict), tpccDistricts)
	customer := nuRand(draw(tpccCustomer), 1023, tpccCustomers, g.loads.customer)
	g.add(model.Read, worker, g.row("warehouse", home))
	g.add(model.Read, worker, g.row("district", home, district))
	g.add(model.Write, worker, g.row("district", home, district)) // the number of its next order
	g.add(model.Read, worker, g.row("customer", home, district, customer))
	order := int(g.index)
	g.add(model.Write, worker, g.row("order", home, district, order))
	g.add(model.Write, worker, g.row("new-order", home, district, order))
	for line := range 5 + below(draw(tpccLines), 11) {
		item := nuRand(draw(tpccLine+2*line), 8191, tpccItems, g.loads.item)
		supplier := home
		if u := draw(tpccLine + 2*line + 1); g.w.Remote.Hits(u) {
			supplier = g.elsewhere(home, sim.Hash(u))
		}
		g.add(model.Read, worker, g.row("item", item))
		g.add(model.Read, supplier%g.workers, g.row("stock", supplier, item))
		g.add(model.Write, supplier%g.workers, g.row("stock", supplier, item))
		g.add(model.Write, worker, g.row("order-line", home, district, order, line))
	}
}

// payment is clause 2.5.
func (g *generator) payment(home int) {
	draw := func(i int) uint64 { return g.keys.at(g.index, i) }
	worker, district := home%g.workers, below(draw(tpccDistrict), tpccDistricts)
	at, of := home, district
	if g.w.Away.Hits(draw(tpccAway)) {
		at, of = g.elsewhere(home, draw(tpccAwayAt)), below(draw(tpccAwayDistrict), tpccDistricts)
	}
	customer := nuRand(draw(tpccCustomer), 1023, tpccCustomers, g.loads.customer)
	for _, kind := range []model.OpKind{model.Read, model.Write} { // what each is paid
		g.add(kind, worker, g.row("warehouse", home))
		g.add(kind, worker, g.row("district", home, district))
		g.add(kind, at%g.workers, g.row("customer", at, of, customer))
	}
	g.add(model.Write, worker, g.row("history", int(g.index)))
}

// row returns the key of a row: its table and primary key.
func (g *generator) row(table string, key ...int) string { return g.texts.path(table, key...) }
