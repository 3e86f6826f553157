package explore_test

import (
	"context"
	"fmt"

	"github.com/seed83d86191/txsim/sim"
	"github.com/seed83d86191/txsim/sim/explore"
)

// counter is two clerks who each add one to a counter: they read it, and then write what
// they have read and one more.
type counter struct{}

type clerks struct {
	value      int
	done, read [2]int // by clerk: steps, and what was read
}

func (counter) Initial() []clerks { return []clerks{{}} }

func (counter) Next(s clerks, to func(action int, next clerks)) {
	for i := range 2 {
		next := s
		switch next.done[i]++; next.done[i] {
		case 1:
			next.read[i] = s.value
			to(2*i, next)
		case 2:
			next.value = s.read[i] + 1
			to(2*i+1, next)
		}
	}
}

func (counter) Fingerprint(s clerks) uint64 {
	return sim.Hash(uint64(s.value), uint64(s.done[0]), uint64(s.done[1]), uint64(s.read[0]), uint64(s.read[1]))
}

func (counter) Action(a int) string {
	return fmt.Sprintf("clerk %d %s", a/2, []string{"reads", "writes"}[a%2])
}

// Find the shortest way to a lost update.
func Example() {
	added := explore.Invariant[clerks]{Name: "nothing is lost", Holds: func(s clerks) bool {
		return s.done != [2]int{2, 2} || s.value == 2
	}}
	r := explore.Explore(context.Background(), counter{}, []explore.Invariant[clerks]{added}, explore.Options[clerks]{})
	fmt.Println("broken:", r.Violation.Invariant)
	for _, step := range r.Violation.Steps {
		fmt.Println(counter{}.Action(step.Action), step.State.value)
	}
	// Output:
	// broken: nothing is lost
	// clerk 0 reads 0
	// clerk 1 reads 0
	// clerk 0 writes 1
	// clerk 1 writes 1
}
