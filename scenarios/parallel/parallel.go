package parallel

import (
	"context"
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
// If deliver returns false, nothing more is delivered, and the context of the work ends. If
// ctx ends, or there are no more tasks, what has begun is finished and delivered. No work
// goes on when InOrder returns.
func InOrder[J, T any](ctx context.Context, o Options, tasks iter.Seq[J], work func(ctx context.Context, task J) T, deliver func(task J, result T) bool) {
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
	}
	finished := make(chan done, jobs)
	var group sync.WaitGroup
	for range jobs {
		group.Go(func() {
			for n, task, ok := b.begin(ctx); ok; n, task, ok = b.begin(ctx) {
				finished <- done{n, task, work(ctx, task)}
			}
		})
	}
	go func() {
		group.Wait()
		close(finished)
	}()
	early := map[int]done{}
	want, over := 0, false
	for d := range finished {
		early[d.n] = d
		for d, ok := early[want]; ok && !over; d, ok = early[want] {
			delete(early, want)
			want++
			b.delivered()
			if over = !deliver(d.task, d.result); over {
				cancel()
			}
		}
	}
}

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
