package model

import (
	"bytes"
	"maps"
	"reflect"
	"slices"
	"testing"
	"unsafe"
)

// fate is what becomes of a field where a node's state is encoded.
type fate int

const (
	encoded   fate = iota + 1 // AppendState tells it
	derived                   // it follows from what is encoded, or from the configuration
	numbering                 // it only numbers what is sent again
	clock                     // virtual time and ages, which are left out
	room                      // for slices, or a place in memory
)

var partFates = map[string]fate{
	"key": encoded, "lsn": encoded, "attempt": encoded, "timer": encoded, "slot": room, "sent": numbering,
	"state": encoded, "request": encoded, "whole": encoded, "apart": encoded, "onePhase": encoded, "reason": encoded,
	"awaited": derived, "work": derived, "txn": encoded, "reads": encoded, "by": encoded, "index": encoded,
	"at": encoded, "to": encoded, "asked": numbering, "wounds": numbering,
}

var workFates = map[string]fate{
	"start": clock, "todo": derived, "locked": derived, "staged": encoded, "waiting": encoded, "bytes": derived,
	"newKeys": derived, "chargedKeys": derived, "chargedBytes": derived, "lockedRoom": room, "stagedRoom": room,
	"woundedAt": clock, "woundAgain": clock,
}

var attemptFates = map[string]fate{
	"parts": encoded, "state": encoded, "logged": encoded, "pending": derived, "room": room, "id": encoded,
	"name": encoded, "start": clock, "txn": encoded, "timer": encoded, "rounds": numbering, "next": encoded,
	"forced": encoded, "reads": encoded, "refused": encoded, "ran": encoded,
}

var itemFates = map[string]fate{"key": encoded, "value": encoded, "writer": encoded, "op": encoded, "present": encoded, "lock": encoded}

// field returns a field that can be set, exported or not.
func field(x reflect.Value, i int) reflect.Value {
	f := x.Field(i)
	return reflect.NewAt(f.Type(), unsafe.Pointer(f.UnsafeAddr())).Elem()
}

// alter makes a value another one than it was, and not zero.
func alter(v reflect.Value) {
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(!v.Bool())
	case reflect.String:
		v.SetString(v.String() + "x")
	case reflect.Struct:
		for i := range v.NumField() {
			if k := v.Type().Field(i).Type.Kind(); k != reflect.Pointer && k != reflect.Slice && k != reflect.Interface {
				alter(field(v, i))
			}
		}
	case reflect.Array:
		alter(v.Index(0))
	case reflect.Pointer:
		if !v.IsNil() {
			v.SetZero()
			return
		}
		v.Set(reflect.New(v.Type().Elem()))
		alter(v.Elem())
	case reflect.Slice:
		v.Set(reflect.Append(v, reflect.Zero(v.Type().Elem())))
		alter(v.Index(v.Len() - 1))
	default:
		if v.CanUint() {
			v.SetUint(v.Uint() + 1)
		} else {
			v.SetInt(v.Int() + 1)
		}
	}
}

// holdFates alters the fields of what fresh makes one by one: the encoding changes with those
// that are encoded, and with no others.
func holdFates[T any](t *testing.T, fates map[string]fate, fresh func() *T, encode func(*T) []byte) {
	t.Helper()
	ty := reflect.TypeFor[T]()
	seen := maps.Clone(fates)
	for i := range ty.NumField() {
		name := ty.Field(i).Name
		f, listed := fates[name]
		delete(seen, name)
		if !listed {
			t.Errorf("%s.%s is new: add it to where %s is encoded, cloned and cleared, and to its fates here", ty, name, ty)
			continue
		}
		if name == "work" {
			continue // it has fates of its own
		}
		x := fresh()
		before := encode(x)
		alter(field(reflect.ValueOf(x).Elem(), i))
		if changes := !bytes.Equal(before, encode(x)); changes != (f == encoded) {
			t.Errorf("%s.%s: altered, it changes the encoding: %v, and its fate is %d", ty, name, changes, f)
		}
	}
	for name := range seen { // any order: each is an error of its own
		t.Errorf("%s has no field %s", ty, name)
	}
}

// TestFieldsEncoded: each field of what nodes keep of attempts and items is encoded, or it is
// known why not.
func TestFieldsEncoded(t *testing.T) {
	l := newLab(labConfig(), nil)
	w, c := l.worker(0), l.World.Node(l.Coordinators[0]).(*coordinator)
	txn := &Transaction{}
	newPart := func() *part { return &part{work: &work{}, txn: txn} }
	holdFates(t, partFates, newPart, func(p *part) []byte { return w.appendPart(nil, p) })
	holdFates(t, workFates, func() *work { return &work{} }, func(k *work) []byte {
		p := newPart()
		p.work = k
		return w.appendPart(nil, p)
	})
	holdFates(t, attemptFates, func() *attempt { return &attempt{parts: make([]partner, 1)} }, func(a *attempt) []byte { return c.appendAttempt(nil, a) })
	holdFates(t, itemFates, func() *item { return &item{} }, func(it *item) []byte { return it.appendState(nil) })
}

// altered returns a value of which every field but those named is altered.
func altered[T any](but ...string) *T {
	x := new(T)
	v := reflect.ValueOf(x).Elem()
	for i := range v.NumField() {
		if !slices.Contains(but, v.Type().Field(i).Name) {
			alter(field(v, i))
		}
	}
	return x
}

// TestFieldsCleared: of work that is put back nothing is left but room.
func TestFieldsCleared(t *testing.T) {
	k := altered[work]("staged", "locked")
	k.staged, k.locked = make([]staged, 1), make([]held, 1)
	new(pool).putWork(k)
	v := reflect.ValueOf(k).Elem()
	for i := range v.NumField() {
		name, f := v.Type().Field(i).Name, field(v, i)
		if workFates[name] != room && !f.IsZero() && !(f.Kind() == reflect.Slice && f.Len() == 0) {
			t.Errorf("work.%s is left: %v", name, f)
		}
	}
}

// TestFieldsCloned: a clone is like the original in every field, and shares none of what can
// change.
func TestFieldsCloned(t *testing.T) {
	p := altered[part]("work", "txn", "by")
	p.work, p.txn, p.by = altered[work]("todo"), &Transaction{}, &Obstacle{Key: "k"}
	p.staged[0].item, p.locked[0].it = altered[item]("lock"), altered[item]("lock")
	p.locked[0].it.lock = &lock{holders: []holder{{p: p, exclusive: true}}, queue: []holder{{p: p, upgrade: true}}}
	n := (&workerCloner{items: map[*item]*item{}, parts: map[*part]*part{}}).part(p)
	if !reflect.DeepEqual(p, n) {
		t.Errorf("part %+v, and its clone %+v", p, n)
	}
	if n.work == p.work || n.waiting == p.waiting || &n.reads[0] == &p.reads[0] || &n.staged[0] == &p.staged[0] || &n.locked[0] == &p.locked[0] ||
		n.staged[0].item == p.staged[0].item || n.locked[0].it == p.locked[0].it {
		t.Error("a part shares what changes with its clone")
	}

	l := newLab(labConfig(), nil)
	c := l.World.Node(l.Coordinators[0]).(*coordinator)
	a := altered[attempt]("txn")
	c.open = append(c.open, a)
	m := c.Clone(c.Env).(*coordinator).open[len(c.open)-1]
	if !reflect.DeepEqual(a, m) {
		t.Errorf("attempt %+v, and its clone %+v", a, m)
	}
	if a == m || &a.parts[0] == &m.parts[0] || &a.reads[0] == &m.reads[0] || &a.ran[0] == &m.ran[0] {
		t.Error("an attempt shares what changes with its clone")
	}
}
