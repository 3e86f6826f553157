package workload

import "github.com/seed83d86191/txsim/model"

// smallBankMix is that of H-Store and OLTP-Bench (D. Difallah et al.,
// "OLTP-Bench", VLDB 2014), which added send-payment to the five transactions
// of M. Alomari et al., "The Cost of Serializability on Platforms That Use
// Snapshot Isolation", ICDE 2008.
var smallBankMix = mix{
	names:   []string{"amalgamate", "balance", "deposit-checking", "send-payment", "transact-savings", "write-check"},
	weights: []int{15, 15, 15, 25, 15, 15},
	sum:     100,
}

// smallBank fills in one of SmallBank's transactions, on the accounts of one
// customer or two. There are keys customers for each worker; customer c has a
// checking and a savings account on worker c modulo workers, so that hot
// customers are everywhere. All accounts are rich enough: nothing is refused.
func (g *generator) smallBank() {
	kind := g.mix.draw(g.kinds.at(g.index, 0))
	u, v := g.keys.at(g.index, 0), g.keys.at(g.index, 1)
	switch kind {
	case "amalgamate": // all the first has goes to the second
		a, b := g.twoCustomers(u, v)
		g.account(model.Read, &g.savings, a)
		g.account(model.Read, &g.names, a)
		g.account(model.Write, &g.savings, a)
		g.account(model.Write, &g.names, a)
		g.account(model.Read, &g.names, b)
		g.account(model.Write, &g.names, b)
		return
	case "send-payment":
		a, b := g.twoCustomers(u, v)
		g.account(model.Read, &g.names, a)
		g.account(model.Read, &g.names, b)
		g.account(model.Write, &g.names, a)
		g.account(model.Write, &g.names, b)
		return
	}
	c := g.popular.draw(u, 0)
	if kind != "deposit-checking" {
		g.account(model.Read, &g.savings, c)
	}
	if kind != "transact-savings" {
		g.account(model.Read, &g.names, c)
	}
	switch kind {
	case "transact-savings":
		g.account(model.Write, &g.savings, c)
	case "deposit-checking", "write-check":
		g.account(model.Write, &g.names, c)
	}
}

// twoCustomers draws two, the same one only if there is no other.
func (g *generator) twoCustomers(u, v uint64) (a, b int) {
	if g.popular.n == 1 {
		return 0, 0
	}
	return g.popular.pair(u, v)
}

func (g *generator) account(kind model.OpKind, accounts *namer, customer int) {
	g.add(kind, customer%g.workers, accounts.name(customer))
}
