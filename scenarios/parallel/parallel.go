package parallel

import (
	"context"
	"errors"
	"iter"
	"runtime"
	"sync"
)

// Options bound how many tasks go on at a time.
type Options struct {
	// Jobs is how many tasks are worked on at a time; 0 is one on each processor.
	Jobs int
	// AheadPerJob bounds, for each job, the tasks that have begun and are not delivered, and
	// so the results that wait for an earlier one. 0 is no bound, so that one slow task never
	// keeps others from beginning.
	AheadPerJob int
}

// InOrder begins the tasks in their order, works on several at a time, and delivers their
// results in the same order, from the goroutine that calls it. It takes a task from the
// sequence only when it can begin it.
//
// The first task in that order whose work or delivery fails ends it: nothing after it is
// delivered, the context of the work ends, and InOrder returns the error, or nil for ErrStop. If
// ctx ends, or there are no more tasks, what has begun is finished and delivered. No work
// goes on when InOrder returns.
func InOrder[J, T any](ctx context.Context, o Options, tasks iter.Seq[J], work func(ctx context.Context, task J) (T, error), deliver func(task J, result T) error) (err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	next, stop := iter.Pull(tasks)
	defer stop()
	b := &beginning[J]{next: next}
	jobs := o.Jobs
	if jobs <= 0 {
		jobs = runtime.GOMAXPROCS(0)
	}
	if o.AheadPerJob > 0 {
		b.places = make(chan struct{}, o.AheadPerJob*jobs)
	}
	type done struct {
		n      int
		task   J
		result T
		err    error
	}
	finished := make(chan done, jobs)
	var group sync.WaitGroup
	for range jobs {
		group.Go(func() {
			for n, task, ok := b.begin(ctx); ok; n, task, ok = b.begin(ctx) {
				result, err := work(ctx, task)
				finished <- done{n, task, result, err}
			}
		})
	}
	go func() {
		group.Wait()
		close(finished)
	}()
	early := map[int]done{}
	want := 0
	for d := range finished {
		early[d.n] = d
		for d, ok := early[want]; ok && err == nil; d, ok = early[want] {
			delete(early, want)
			want++
			b.delivered()
			if err = d.err; err == nil {
				err = deliver(d.task, d.result)
			}
			if err != nil {
				cancel()
			}
		}
	}
	if err == ErrStop {
		return nil
	}
	return err
}

// ErrStop is returned by work or deliver if no more is needed, which is no error.
var ErrStop = errors.New("no more is needed")

// beginning hands out the tasks.
type beginning[J any] struct {
	mu     sync.Mutex
	next   func() (J, bool)
	n      int           // tasks begun
	places chan struct{} // one element for each task that has begun and is not delivered; nil: no bound
}

// begin returns the next task and its number, from 0, once there is a place for it; ok is
// false if there are no more tasks, or ctx has ended.
func (b *beginning[J]) begin(ctx context.Context) (n int, task J, ok bool) {
	if b.places != nil {
		select {
		case b.places <- struct{}{}:
		case <-ctx.Done():
			return 0, task, false
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if ctx.Err() == nil {
		task, ok = b.next()
	}
	if !ok {
		b.delivered() // give the place back
		return 0, task, false
	}
	n, b.n = b.n, b.n+1
	return n, task, true
}

func (b *beginning[J]) delivered() {
	if b.places != nil {
		<-b.places
	}
}

// Each works on the tasks 0 … n-1, as many at a time as InOrder does with so many jobs, and
// calls done after each that succeeded, in order; nil for nothing. If several fail, the error
// is that of the lowest number, however many jobs there are: all below it have been done.
func Each(ctx context.Context, jobs, n int, work func(i int) error, done func(i int)) error {
	one := func(_ context.Context, i int) (struct{}, error) { return struct{}{}, work(i) }
	return InOrder(ctx, Options{Jobs: jobs}, N(n), one, func(i int, _ struct{}) error {
		if done != nil {
			done(i)
		}
		return nil
	})
}

// N yields the tasks 0 … n-1.
func N(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}
