package sim

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Strategy is a way of picking the next event among those that are enabled.
type Strategy uint8

// The strategies. All but ByLatency and Exhaustive pick among the 1024 pending events
// that come first, those that are due within Schedule.Window of the earliest one: an event
// may be late, by that much at most, and is never early. What a node does alone keeps its
// order: timers, syncs, and messages of one packet or session. Once a core is done with an
// event, nothing else comes first. With Exhaustive the messages of a session alone keep
// their order.
const (
	// ByLatency takes the earliest event: time decides.
	ByLatency Strategy = iota
	// RandomWalk takes any enabled event, each as likely as the others.
	RandomWalk
	// PCT is probabilistic concurrency testing: Burckhardt et al., "A Randomized
	// Scheduler with Probabilistic Guarantees of Finding Bugs", ASPLOS 2010, on
	// chains of events as in Ozkan et al., "Randomized Testing of Distributed
	// Systems with Probabilistic Guarantees", OOPSLA 2018. An event that another
	// brought about continues that one's chain if it is the first to do so, and
	// begins a chain if not. Each chain has a random priority, the highest goes
	// first, and at Depth-1 random steps, each of them any of the first Steps, the
	// chain that would go falls below all that have not fallen. A bug that shows once
	// Depth events come in a certain order is found by a run of at most k = Steps steps and
	// c chains with a chance of at least 1 / (c k^(Depth-1)).
	PCT
	// DelayBounded takes the earliest event, but at Depth random steps puts it behind
	// all that are enabled then: Emmi, Qadeer, Rakamarić, "Delay-Bounded
	// Scheduling", POPL 2011.
	DelayBounded
	// Exhaustive takes any event at any time, also a timer before messages that were
	// sent long ago, and as far as Budget goes, lets messages be lost or come twice and
	// nodes crash. Time only counts steps. It is what an exploration visits all ways
	// of; one run takes one of them, by its choices.
	Exhaustive
)

var strategyNames = [...]string{"latency", "random", "pct", "delay-bounded", "exhaustive"}

// MaxDepth bounds Schedule.Depth.
const MaxDepth = 100

// Schedule says which of the enabled events is next. The zero Schedule goes by
// latency.
type Schedule struct {
	Strategy Strategy
	Depth    int // of PCT and DelayBounded, from 1
	// Steps is among how many steps, from the first on, those of Depth are drawn.
	Steps int
	// Window is by how much an event may be late.
	Window time.Duration
	Budget Budget // of Exhaustive
}

// String prints strategy and depth as ParseSchedule reads them.
func (s Schedule) String() string {
	name := strategyNames[s.Strategy]
	if s.deep() {
		name += ":" + strconv.Itoa(s.Depth)
	}
	if text := s.Budget.String(); s.Strategy == Exhaustive && text != "" {
		name += ":" + text
	}
	return name
}

func (s Schedule) deep() bool { return s.Strategy == PCT || s.Strategy == DelayBounded }

// ParseSchedule reads latency, random, pct:D, delay-bounded:D, exhaustive or
// exhaustive:BUDGET.
func ParseSchedule(text string) (Schedule, error) {
	name, depth, deep := strings.Cut(text, ":")
	i := slices.Index(strategyNames[:], name)
	s := Schedule{Strategy: Strategy(max(i, 0))}
	if s.Strategy == Exhaustive {
		var err error
		s.Budget, err = ParseBudget(depth)
		return s, err
	}
	if i < 0 || deep != s.deep() {
		return Schedule{}, errors.New("must be latency, random, pct:D, delay-bounded:D or exhaustive")
	}
	if !deep {
		return s, nil
	}
	var err error
	if s.Depth, err = strconv.Atoi(depth); err != nil || s.Depth < 1 || s.Depth > MaxDepth || strconv.Itoa(s.Depth) != depth {
		return Schedule{}, fmt.Errorf("must be %s:D with D from 1 to %d", name, MaxDepth)
	}
	return s, nil
}
