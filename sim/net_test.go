package sim

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// sender sends one message of kind 1 to each node at its start.
func sender(to ...NodeID) hooks {
	return hooks{start: func(e *Env[note]) {
		for _, n := range to {
			e.Send(n, Mail{Kind: 1}, note{})
		}
	}}
}

func TestSend(t *testing.T) {
	w, tape := taped(t, Config[note]{})
	add(w, "a", hooks{
		start: func(e *Env[note]) { e.Send(1, Mail{Kind: 1, Label: 7, Arg: 3}, note{n: 5}) },
		receive: func(e *Env[note], from NodeID, mail Mail, m *note) {
			if from != 1 || mail.Label != 8 || m.n != 6 {
				t.Errorf("from %d: %+v %+v", from, mail, *m)
			}
		},
	})
	add(w, "b", hooks{receive: func(e *Env[note], from NodeID, mail Mail, m *note) {
		m.n++ // its own copy
		e.Send(from, Mail{Kind: 2, Label: mail.Label + 1}, *m)
	}})
	tape.expect(t, "0s a send b k1 l7 3", "1ms b deliver a k1 l7 3", "1ms b send a k2 l8", "2ms a deliver b k2 l8")
	if s := w.Stats(); s.Events != 2 || s.Messages != 2 || s.Delivered != 2 || s.Packets != 2 || s.Sent[1] != 1 {
		t.Errorf("%+v", s)
	}
}

// TestClasses: each pair of nodes has the link of its class.
func TestClasses(t *testing.T) {
	w, tape := taped(t, Config[note]{Network: Network{
		Links: []Link{{Delay: dist(t, "1ms")}, {Delay: dist(t, "5ms")}},
		Class: func(from, to NodeID) int { return int(to) / 2 },
	}})
	add(w, "a", sender(1, 2))
	add(w, "b", hooks{})
	add(w, "c", hooks{})
	tape.quiet(t)
	wantLines(t, tape.only("deliver"), "1ms b deliver a k1", "5ms c deliver a k1")
}

// TestLossAndDuplicates: the shares are those configured, and each copy has a
// delay of its own.
func TestLossAndDuplicates(t *testing.T) {
	const n = 20_000
	w, tape := taped(t, Config[note]{Network: Network{Links: []Link{
		{Delay: dist(t, "uniform(1ms, 9ms)"), Loss: ProbabilityOf(0.1), Duplicate: ProbabilityOf(0.2)}}}})
	arrivals := map[Label][]Time{}
	add(w, "a", hooks{start: func(e *Env[note]) {
		for i := range n {
			e.Send(1, Mail{Kind: 1, Label: Label(i)}, note{n: i})
		}
	}})
	add(w, "b", hooks{receive: func(e *Env[note], _ NodeID, mail Mail, m *note) {
		if int(mail.Label) != m.n {
			t.Fatalf("label %d with message %d", mail.Label, m.n)
		}
		arrivals[mail.Label] = append(arrivals[mail.Label], e.Now())
	}})
	tape.quiet(t)
	counts := [3]int{}
	apart := 0
	for i := range n {
		times := arrivals[Label(i)]
		counts[len(times)]++
		if len(times) == 2 && times[0] != times[1] {
			apart++
		}
	}
	// Once: kept alone 0.9×0.8, or lost with its copy kept 0.1×0.2.
	for i, want := range []int{n * 8 / 100, n * 74 / 100, n * 18 / 100} {
		if d := counts[i] - want; d < -n/100 || d > n/100 {
			t.Errorf("%d messages arrived %d times, want about %d", counts[i], i, want)
		}
	}
	if apart < counts[2]*99/100 {
		t.Errorf("only %d of %d copies arrived apart", apart, counts[2])
	}
	if w.Stats().Lost[LostByChance] == 0 {
		t.Error("losses are not counted")
	}
}

// TestAgain: a re-send meets a fate of its own; the same send always the same.
func TestAgain(t *testing.T) {
	w, tape := taped(t, Config[note]{Network: Network{Links: []Link{{Delay: dist(t, "exp(1ms)")}}}})
	var at []Time
	add(w, "a", hooks{
		start: func(e *Env[note]) {
			for _, again := range []uint32{0, 0, 1} {
				e.Send(0, Mail{Kind: 1, Label: 1, Again: again}, note{n: int(again)})
			}
		},
		receive: func(e *Env[note], _ NodeID, _ Mail, m *note) { at = append(at, e.Now()) },
	})
	tape.quiet(t)
	if at[0] != at[1] == (at[1] != at[2]) {
		t.Errorf("arrivals at %v, want two the same and one not", at)
	}
}

// TestShare: messages to one node at one instant are one packet with one delay
// and one fate, in order; another instant or node is another packet.
func TestShare(t *testing.T) {
	lost := map[string]bool{}
	for seed := range uint64(40) {
		w, tape := taped(t, Config[note]{Seed: seed, Network: Network{
			Share: true,
			Links: []Link{{Delay: dist(t, "exp(1ms)"), Loss: ProbabilityOf(0.3)}},
		}})
		send := func(e *Env[note], again uint64) {
			for i := range 3 {
				e.Send(1, Mail{Kind: 1, Label: Label(i), Again: uint32(again)}, note{n: i})
				e.Send(2, Mail{Kind: 1, Label: Label(i), Again: uint32(again)}, note{n: i})
			}
		}
		add(w, "a", hooks{start: func(e *Env[note]) { send(e, 0); e.SetTimer(ms, 1) }, fired: send})
		got := map[string][]int{}
		receive := func(e *Env[note], _ NodeID, _ Mail, m *note) {
			key := fmt.Sprint(e.ID(), e.Now())
			got[key] = append(got[key], m.n)
		}
		add(w, "b", hooks{receive: receive})
		add(w, "c", hooks{receive: receive})
		tape.quiet(t)
		for key, ns := range got {
			if fmt.Sprint(ns) != "[0 1 2]" {
				t.Errorf("seed %d: at %s came %v", seed, key, ns)
			}
		}
		if p := w.Stats().Packets; p != 4 {
			t.Errorf("%d packets, want 4", p)
		}
		lost[fmt.Sprint(len(got))] = true
	}
	if len(lost) < 3 {
		t.Errorf("fates were not independent: %v", lost)
	}
}

// TestShareTwice: a packet that comes twice is two packets, and their messages stay
// together.
func TestShareTwice(t *testing.T) {
	w, tape := taped(t, Config[note]{Network: Network{Share: true, Links: []Link{{Delay: dist(t, "exp(1ms)"), Duplicate: ProbabilityOf(1)}}}})
	add(w, "a", hooks{start: func(e *Env[note]) {
		for i := range 3 {
			e.Send(1, Mail{Kind: 1, Label: Label(i)}, note{n: i})
		}
	}})
	got := map[Time][]int{}
	add(w, "b", hooks{receive: func(e *Env[note], _ NodeID, _ Mail, m *note) { got[e.Now()] = append(got[e.Now()], m.n) }})
	tape.quiet(t)
	if len(got) != 2 {
		t.Errorf("came at %d times: %v", len(got), got)
	}
	for at, ns := range got {
		if fmt.Sprint(ns) != "[0 1 2]" {
			t.Errorf("at %v came %v", at, ns)
		}
	}
}

// TestOrder: over a session no message of a label overtakes another, nor does the copy of
// one, while those of other labels do; within one machine none overtakes any.
func TestOrder(t *testing.T) {
	for _, c := range []struct {
		link           Link
		schedule       Strategy
		within, across bool // messages of one label, and of two, are overtaken
	}{
		{Link{Session: true}, ByLatency, false, true},
		{Link{Local: true}, ByLatency, false, false},
		{Link{}, ByLatency, true, true},
		{Link{Session: true}, RandomWalk, false, true},
		{Link{Local: true}, RandomWalk, false, false},
		{Link{}, RandomWalk, true, true},
		{Link{Session: true}, Exhaustive, false, true},
		{Link{Local: true}, Exhaustive, false, false},
		{Link{}, Exhaustive, true, true},
	} {
		c.link.Delay, c.link.Duplicate = dist(t, "exp(10ms)"), ProbabilityOf(0.5)
		cfg := Config[note]{Schedule: Schedule{Strategy: c.schedule, Budget: Budget{Timeout: 100}, Window: time.Second}, Network: Network{Links: []Link{c.link}}}
		if c.schedule != ByLatency { // which may order them otherwise than time
			cfg.Network.Links[0].Delay = dist(t, "10ms")
		}
		if c.schedule == Exhaustive {
			cfg.Source = NewKeyedBytes(slices.Repeat([]byte{1, 0, 2, 5, 3, 1}, 1000), []byte{})
		}
		w, tape := taped(t, cfg)
		add(w, "a", hooks{
			start: func(e *Env[note]) { e.SetTimer(0, 0) },
			fired: func(e *Env[note], n uint64) {
				mail := Mail{Kind: 1, Label: Label(n / 2 % 2), Again: uint32(n)}
				e.Send(1, mail, note{n: int(n)})
				if n%3 > 0 { // in turn with another node
					e.Send(2, mail, note{n: int(n)})
				}
				if n < 100 {
					e.SetTimer(ms, n+1)
				}
			},
		})
		within, across := 0, 0
		last := map[NodeID][2]int{}
		b := hooks{receive: func(e *Env[note], _ NodeID, mail Mail, m *note) {
			seen := last[e.ID()]
			if m.n < seen[mail.Label] {
				within++
			}
			if m.n < seen[1-mail.Label] {
				across++
			}
			seen[mail.Label] = max(seen[mail.Label], m.n)
			last[e.ID()] = seen
		}}
		add(w, "b", b)
		add(w, "c", b)
		tape.quiet(t)
		if c.within != (within > 0) || c.across != (across > 0) {
			t.Errorf("%+v, %v: %d were overtaken within a label, %d across", c.link, c.schedule, within, across)
		}
	}
}

// TestTwiceInOrder: a message does not wait for the copy of it.
func TestTwiceInOrder(t *testing.T) {
	first := func(link Link) Time {
		w, tape := taped(t, Config[note]{Network: Network{Links: []Link{link}}})
		add(w, "a", hooks{start: func(e *Env[note]) { e.Send(1, Mail{Kind: 1}, note{}) }})
		got := Never
		add(w, "b", hooks{receive: func(e *Env[note], _ NodeID, _ Mail, _ *note) { got = min(got, e.Now()) }})
		tape.quiet(t)
		return got
	}
	link := Link{Delay: dist(t, "exp(1ms)"), Session: true}
	once := first(link)
	link.Duplicate = ProbabilityOf(1)
	if twice := first(link); twice != once {
		t.Errorf("comes first at %v, and %v without a copy", twice, once)
	}
}

// TestShareEndsWithFaults: a packet that chance has lost takes no message with
// it that is sent after faults have ended, be it at the same instant.
func TestShareEndsWithFaults(t *testing.T) {
	w, tape := taped(t, Config[note]{Network: Network{Share: true, Links: []Link{{Loss: ProbabilityOf(1)}}}})
	send := func(e *Env[note]) { e.Send(0, Mail{Kind: 1}, note{}) }
	add(w, "a", hooks{start: func(e *Env[note]) { send(e); e.SetTimer(0, 0) }, fired: func(e *Env[note], _ uint64) { send(e) }})
	w.EndFaultsAt(0)
	tape.expect(t, "0s a send a k1", "0s a lost a k1 1", "0s a timer", "0s a send a k1", "0s a deliver a k1")
}

// TestPartition: a message is lost if its link is cut when it is sent or when
// it is due, and only then.
func TestPartition(t *testing.T) {
	for _, c := range []struct {
		cut, heal time.Duration
		arrives   bool
	}{
		{500 * us, 2 * ms, false},
		{0, 900 * us, false},
		{100 * us, 900 * us, true},
		{2 * ms, 3 * ms, true},
	} {
		w, tape := taped(t, Config[note]{})
		add(w, "a", hooks{
			start: func(e *Env[note]) { e.SetTimer(10*us, 0) },
			fired: func(e *Env[note], _ uint64) { e.Send(1, Mail{Kind: 1}, note{}) },
		})
		add(w, "b", hooks{})
		w.Partition(Time(c.cut), []NodeID{0}, []NodeID{1}, false, c.heal-c.cut)
		tape.quiet(t)
		if got := len(tape.only("deliver")) == 1; got != c.arrives {
			t.Errorf("cut from %v to %v: %s", c.cut, c.heal, strings.Join(tape.lines, "; "))
		}
	}
}

// TestPartitionWays sends both ways each millisecond under a two-way and then a
// one-way cut.
func TestPartitionWays(t *testing.T) {
	w, tape := taped(t, Config[note]{Network: Network{Links: []Link{{Delay: dist(t, "100us")}}}})
	beat := func(to NodeID) hooks {
		return hooks{
			start: func(e *Env[note]) { e.SetTimer(ms, 1) },
			fired: func(e *Env[note], n uint64) {
				e.Send(to, Mail{Kind: 1, Label: Label(n)}, note{})
				if n < 5 {
					e.SetTimer(ms, n+1)
				}
			},
		}
	}
	add(w, "a", beat(1))
	add(w, "b", beat(0))
	w.Partition(Time(1500*us), []NodeID{0}, []NodeID{1}, false, ms)
	w.Partition(Time(3500*us), []NodeID{0}, []NodeID{1}, true, Forever)
	w.EndFaultsAt(Time(4500 * us))
	tape.quiet(t)
	wantLines(t, tape.only("deliver", "lost", "cut", "heal"),
		"1.1ms b deliver a k1 l1", "1.1ms a deliver b k1 l1",
		"1.5ms  cut", "2ms b lost a k1 l2 2", "2ms a lost b k1 l2 2", "2.5ms  heal",
		"3.1ms b deliver a k1 l3", "3.1ms a deliver b k1 l3",
		"3.5ms  cut 1", "4ms b lost a k1 l4 2", "4.1ms a deliver b k1 l4", "4.5ms  heal 1",
		"5.1ms b deliver a k1 l5", "5.1ms a deliver b k1 l5")
}

// boundary strikes with s at the n-th passing of a point by messages or records
// of kind k, from 1; kind 0 is any.
type boundary struct {
	p    Point
	k    Kind
	n    int
	s    Strike
	seen int
}

func (f *boundary) At(b *Boundary) *Strike {
	if b.Point != f.p || f.k != 0 && b.Kind != f.k {
		return nil
	}
	if f.seen++; f.seen != f.n {
		return nil
	}
	return &f.s
}

// TestMessageFaults: what an injected fault makes of a message. A copy is no
// way around a cut link or a drop.
func TestMessageFaults(t *testing.T) {
	for _, c := range []struct {
		name   string
		strike Strike
		cut    bool
		want   []string
	}{
		{"drop", Strike{Drop: true}, false, []string{"0s b lost a k1 4"}},
		{"delay", Strike{Delay: ms}, false, []string{"2ms b deliver a k1"}},
		{"negative delay", Strike{Delay: -5 * ms}, false, []string{"1ms b deliver a k1"}},
		{"duplicate", Strike{Duplicate: true}, false, []string{"1ms b deliver a k1", "1ms b deliver a k1"}},
		{"late copy", Strike{Duplicate: true, Late: 3 * ms}, false, []string{"1ms b deliver a k1", "4ms b deliver a k1"}},
		{"late copy of what is late", Strike{Duplicate: true, Delay: ms, Late: 3 * ms}, false, []string{"2ms b deliver a k1", "5ms b deliver a k1"}},
		{"late without a copy", Strike{Late: 3 * ms}, false, []string{"1ms b deliver a k1"}},
		{"drop and duplicate", Strike{Drop: true, Duplicate: true}, false, []string{"0s b lost a k1 4"}},
		{"duplicate into a cut", Strike{Duplicate: true}, true, []string{"100µs b lost a k1 2"}},
		{"crash", Strike{Crash: true, For: Forever, Duplicate: true}, false, nil},
	} {
		w, tape := taped(t, Config[note]{})
		h := sender(1)
		if c.cut {
			h.start, h.fired = func(e *Env[note]) { e.SetTimer(100*us, 0) }, func(e *Env[note], _ uint64) { sender(1).start(e) }
		}
		add(w, "a", h)
		add(w, "b", hooks{})
		if c.cut {
			w.Partition(0, []NodeID{0}, []NodeID{1}, false, 500*us)
		}
		w.Inject(&boundary{p: BeforeSend, n: 1, s: c.strike})
		if s := w.Run(context.Background()); s != Quiet {
			t.Errorf("%s: %v", c.name, s)
		}
		if got := tape.only("deliver", "lost"); strings.Join(got, ";") != strings.Join(c.want, ";") {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
