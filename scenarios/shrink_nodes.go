package scenarios

import (
	"slices"
	"strconv"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios/fault"
)

// usedWorkers lists the workers that operations or faults name, in the order in
// which these do.
func (d *draft) usedWorkers() []int {
	var all []int
	seen := map[int]bool{}
	add := func(w int) {
		if !seen[w] {
			seen[w] = true
			all = append(all, w)
		}
	}
	for _, t := range d.txs {
		for i := range t.Ops {
			add(t.Ops[i].Worker)
		}
	}
	for w := range d.s.Workers {
		if d.mentions(fault.Worker(w)) {
			add(w)
		}
	}
	return all
}

// fewerWorkers removes workers with everything on them, merges two into one, and closes the
// gaps in their numbers.
func (z *shrinker) fewerWorkers() {
	for _, w := range z.best.usedWorkers() {
		z.try(func(d *draft) { d.dropWorker(w) })
	}
	used := z.best.usedWorkers()
	for i := len(used) - 1; i > 0 && len(used) <= 12; i-- {
		for _, onto := range used[:i] {
			if z.try(func(d *draft) { d.moveWorker(used[i], onto) }) {
				break
			}
		}
	}
	used = z.best.usedWorkers()
	if z.try(func(d *draft) { d.packWorkers(used) }) {
		return
	}
	slices.Sort(used)
	if len(used) > 0 && !z.try(func(d *draft) { d.packWorkers(used) }) {
		z.try(func(d *draft) { d.s.Workers = used[len(used)-1] + 1 })
	}
}

func (d *draft) dropWorker(w int) {
	d.filter(func(_ *model.Transaction, op *model.Op) bool { return op.Worker != w })
	d.plan = slices.DeleteFunc(d.plan, func(f fault.Fault) bool { return f.Names(fault.Worker(w)) })
}

// moveWorker moves what is on a worker to another one, under keys of its own.
func (d *draft) moveWorker(from, to int) {
	for _, t := range d.txs {
		for i := range t.Ops {
			if op := &t.Ops[i]; op.Worker == from {
				op.Worker, op.Key = to, op.Key+"/w"+strconv.Itoa(from)
			}
		}
	}
	d.plan.Renumber(func(w int) int {
		if w == from {
			return to
		}
		return w
	}, nil)
}

// packWorkers numbers the workers in use in this order.
func (d *draft) packWorkers(used []int) {
	place := map[int]int{}
	for i, w := range used {
		place[w] = i
	}
	for _, t := range d.txs {
		for i := range t.Ops {
			t.Ops[i].Worker = place[t.Ops[i].Worker]
		}
	}
	d.plan.Renumber(func(w int) int { return place[w] }, nil)
	d.s.Workers = max(1, len(used))
}

// fewerCoordinators tries a single coordinator, then only those that serve a transaction or
// are named by a fault.
func (z *shrinker) fewerCoordinators() {
	if z.best.s.Coordinators > 1 {
		z.try(func(d *draft) {
			d.s.Coordinators = 1
			d.plan.Renumber(nil, func(int) int { return 0 })
		})
	}
	if z.best.numbered() {
		z.try((*draft).packCoordinators)
	}
}

// packCoordinators closes the gaps in the coordinators' numbers, and gives transactions the
// smallest numbers with which the same coordinators serve them.
func (d *draft) packCoordinators() {
	serves := func(t *model.Transaction) int { return int((model.IndexOf(t.ID) - 1) % uint64(d.s.Coordinators)) }
	used := map[int]bool{}
	for _, t := range d.txs {
		used[serves(t)] = true
	}
	place := map[int]int{}
	for c := range d.s.Coordinators {
		if used[c] || d.mentions(fault.Coordinator(c)) {
			place[c] = len(place)
		}
	}
	next := uint64(0)
	d.rename(func(_ int, t *model.Transaction) string {
		for next++; int((next-1)%uint64(len(place))) != place[serves(t)]; next++ {
		}
		return "t" + strconv.FormatUint(next, 10)
	})
	d.plan.Renumber(nil, func(c int) int { return place[c] })
	d.s.Coordinators = len(place)
}

// simplerItems gives keys and values short names, and merges pairs of keys.
func (z *shrinker) simplerItems() {
	z.try((*draft).renameKeys)
	items := z.best.items()
	for i := len(items) - 1; i > 0 && len(items) <= 12; i-- {
		for _, onto := range items[:i] {
			from := items[i]
			if onto.worker == from.worker && z.try(func(d *draft) {
				d.mapKeys(func(k itemKey) string {
					if k == from {
						return onto.key
					}
					return k.key
				})
			}) {
				break
			}
		}
	}
	z.try((*draft).renameKeys)
	z.try(func(d *draft) {
		n := 0
		for _, t := range d.txs {
			for i := range t.Ops {
				if t.Ops[i].Kind == model.Write {
					n++
					t.Ops[i].Value = strconv.Itoa(n)
				}
			}
		}
	})
}

type itemKey struct {
	worker int
	key    string
}

// items lists keys in the order in which they come up.
func (d *draft) items() []itemKey {
	var all []itemKey
	for _, t := range d.txs {
		for i := range t.Ops {
			if k := (itemKey{t.Ops[i].Worker, t.Ops[i].Key}); !slices.Contains(all, k) {
				all = append(all, k)
			}
		}
	}
	return all
}

func (d *draft) mapKeys(to func(itemKey) string) {
	for _, t := range d.txs {
		for i := range t.Ops {
			t.Ops[i].Key = to(itemKey{t.Ops[i].Worker, t.Ops[i].Key})
		}
	}
}

// renameKeys calls the keys a, b, c …
func (d *draft) renameKeys() {
	items := d.items()
	d.mapKeys(func(k itemKey) string {
		i := slices.Index(items, k)
		if i < 26 {
			return string(rune('a' + i))
		}
		return "k" + strconv.Itoa(i)
	})
}
