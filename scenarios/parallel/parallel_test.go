package parallel_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seed83d86191/txsim/scenarios/parallel"
)

func Example() {
	squares := func(_ context.Context, i int) (int, error) { return i * i, nil }
	sum := 0
	err := parallel.InOrder(context.Background(), parallel.Options{Jobs: 4}, parallel.N(100), squares, func(i, square int) error {
		sum += square
		fmt.Println(i, square, sum)
		if sum < 20 {
			return nil
		}
		return parallel.ErrStop
	})
	fmt.Println(err)
	// Output:
	// 0 0 0
	// 1 1 1
	// 2 4 5
	// 3 9 14
	// 4 16 30
	// <nil>
}

// work takes the task some time, and counts those that go on.
func work(now, most *atomic.Int64) func(context.Context, int) (int, error) {
	return func(ctx context.Context, i int) (int, error) {
		n := now.Add(1)
		defer now.Add(-1)
		for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
		}
		r := rand.New(rand.NewPCG(1, uint64(i)))
		select {
		case <-time.After(time.Duration(r.IntN(1000)) * time.Millisecond):
		case <-ctx.Done():
		}
		return -i, nil
	}
}

// TestInOrder: everything is delivered in order, and no more goes on than is to.
func TestInOrder(t *testing.T) {
	for _, o := range []parallel.Options{{Jobs: 1}, {Jobs: 2}, {Jobs: 7}, {Jobs: 100}, {Jobs: 1, AheadPerJob: 1}, {Jobs: 3, AheadPerJob: 2}, {Jobs: 4, AheadPerJob: 1}, {}} {
		for _, n := range []int{0, 1, 2, 50} {
			synctest.Test(t, func(t *testing.T) {
				var now, most atomic.Int64
				delivered := 0
				err := parallel.InOrder(t.Context(), o, parallel.N(n), work(&now, &most), func(i, result int) error {
					if i != delivered || result != -i {
						t.Errorf("%+v: task %d comes to %d as number %d", o, i, result, delivered)
					}
					delivered++
					return nil
				})
				if err != nil || delivered != n || now.Load() != 0 || o.Jobs > 0 && most.Load() > int64(o.Jobs) {
					t.Errorf("%+v: %d of %d delivered, %d at most at a time, %d left", o, delivered, n, most.Load(), now.Load())
				}
				if n == 50 && o.Jobs > 0 && o.Jobs <= n && o.AheadPerJob == 0 && most.Load() != int64(o.Jobs) {
					t.Errorf("%+v: only %d at a time", o, most.Load())
				}
			})
		}
	}
}

// TestAhead: a slow task lets as many begin behind it as may be ahead.
func TestAhead(t *testing.T) {
	for ahead, want := range map[int]int{0: 100, 1: 2, 2: 4, 5: 10} {
		synctest.Test(t, func(t *testing.T) {
			var begun, first atomic.Int64
			slow := func(_ context.Context, i int) (struct{}, error) {
				begun.Add(1)
				if i == 0 {
					time.Sleep(time.Hour)
					first.Store(begun.Load())
				} else {
					time.Sleep(time.Second)
				}
				return struct{}{}, nil
			}
			if err := parallel.InOrder(t.Context(), parallel.Options{Jobs: 2, AheadPerJob: ahead}, parallel.N(100), slow, func(int, struct{}) error { return nil }); err != nil {
				t.Error(err)
			}
			if first.Load() != int64(want) {
				t.Errorf("%d ahead per job: %d had begun when the first was finished, want %d", ahead, first.Load(), want)
			}
		})
	}
}

// TestStop: behind the first task that ends it nothing is delivered, and work is told.
func TestStop(t *testing.T) {
	fails := errors.New("fails")
	for _, c := range []struct {
		work, deliver, want error // of task 20
		delivered           int
	}{{nil, parallel.ErrStop, nil, 21}, {nil, fails, fails, 21}, {fails, nil, fails, 20}, {parallel.ErrStop, nil, nil, 20}} {
		synctest.Test(t, func(t *testing.T) {
			var now, most atomic.Int64
			start := time.Now()
			delivered := 0
			forever := func(ctx context.Context, i int) (int, error) {
				if i > 20 {
					<-ctx.Done()
				}
				result, err := work(&now, &most)(ctx, i)
				switch {
				case i == 20:
					err = c.work
				case i > 20:
					err = errors.New("a later one")
				}
				return result, err
			}
			err := parallel.InOrder(t.Context(), parallel.Options{Jobs: 5}, parallel.N(math.MaxInt32), forever, func(i, _ int) error {
				delivered++
				if i == 20 {
					return c.deliver
				}
				return nil
			})
			if err != c.want || delivered != c.delivered || time.Since(start) > 21*time.Second || now.Load() != 0 {
				t.Errorf("%+v: %v, %d delivered in %v, %d left", c, err, delivered, time.Since(start), now.Load())
			}
		})
	}
}

// TestInterrupted: what has begun when the context ends is delivered, and nothing else
// begins.
func TestInterrupted(t *testing.T) {
	for _, o := range []parallel.Options{{Jobs: 3}, {Jobs: 3, AheadPerJob: 1}} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var now, most, begun atomic.Int64
			delivered := 0
			err := parallel.InOrder(ctx, o, parallel.N(1000), func(ctx context.Context, i int) (int, error) {
				if begun.Add(1) == 50 {
					cancel()
				}
				return work(&now, &most)(ctx, i)
			}, func(i, _ int) error {
				if i != delivered {
					t.Errorf("task %d as number %d", i, delivered)
				}
				delivered++
				return nil
			})
			if err != nil || int64(delivered) != begun.Load() || delivered < 50 || delivered > 53 {
				t.Errorf("%d of %d begun are delivered", delivered, begun.Load())
			}
		})
	}
}
