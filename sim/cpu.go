package sim

import (
	"slices"
	"time"
)

// CPU configures the processors of a host. The zero CPU is infinitely fast:
// events are handled the moment they arrive.
//
// With costs, an event waits first-in first-out for a free core and holds it
// for its cost: a message for Message + Mail.Ops × Operation; a timer or a
// finished sync takes its turn but costs nothing. The handler runs atomically
// at the end of the service and its effects leave then. A crash drops what
// waits and what is served; a pause freezes what remains of a service.
//
// The messages of one session or packet are served one after the other, however
// many cores there are: each waits until the one before it has been handled, and
// lets what is behind it pass meanwhile.
//
// Nothing of it may be negative.
type CPU struct {
	Cores     int // 0 means 1
	Message   time.Duration
	Operation time.Duration
}

// host is the processors that one or several nodes share.
type host struct {
	cpu   CPU
	busy  int
	queue fifo   // of what waits for a core
	lines []fifo // of what waits for an earlier message; an empty one is free
}

// job is an event that waits for a core.
type job struct {
	slot uint32
	line uint32        // of those that wait for this one, in host.lines from 1; 0 is none
	left time.Duration // service still needed
	had  time.Duration // service until now; on a core, until it ends
}

// fifo is jobs in the order of their turns.
type fifo struct {
	jobs []job
	head int // index of the first that is left
}

// waiting are the jobs that are left.
func (q *fifo) waiting() []job { return q.jobs[q.head:] }

func (q *fifo) push(j job) { q.jobs = append(q.jobs, j) }

func (q *fifo) pop() job {
	j := q.jobs[q.head]
	q.head++
	if 2*q.head >= len(q.jobs) { // at least as many are gone as are moved, so that moving is linear in all
		q.jobs, q.head = append(q.jobs[:0], q.jobs[q.head:]...), 0
	}
	return j
}

// pushFirst puts a job before all others.
func (q *fifo) pushFirst(j job) {
	if q.head == 0 {
		q.jobs = slices.Insert(q.jobs, 0, j)
		return
	}
	q.head--
	q.jobs[q.head] = j
}

// queues returns the lines and the queue for a core. The first of a line goes before the
// queue.
func (h *host) queues() []fifo { return append(slices.Clone(h.lines), h.queue) }

// follow has a job wait until an earlier one has been handled.
func (h *host) follow(earlier *job, j job) {
	if earlier.line == 0 {
		free := slices.IndexFunc(h.lines, func(q fifo) bool { return len(q.jobs) == 0 })
		if free < 0 {
			free = len(h.lines)
			h.lines = append(h.lines, fifo{})
		}
		earlier.line = uint32(free) + 1
	}
	h.lines[earlier.line-1].push(j)
}

// advance gives the first of those that waited for a job the next turn, and has the
// others wait for that one.
func (h *host) advance(done job) {
	if done.line == 0 {
		return
	}
	line := &h.lines[done.line-1]
	next := line.pop()
	if len(line.jobs) > 0 {
		next.line = done.line
	}
	h.queue.pushFirst(next)
}

// serving is an event on a core.
type serving struct {
	job
	done uint32 // slot of the eventServed that ends it
	due  Time   // when its service ends
}

// admit hands an event of a live, running node to its host.
func (w *World[M]) admit(e *Env[M], slot uint32) {
	w.submit(e, job{slot: slot, left: w.service(e, slot)})
}

// service is how long an event holds a core, faults included.
func (w *World[M]) service(e *Env[M], slot uint32) time.Duration {
	cost := w.cost(e, slot)
	if len(e.slowNode) == 0 {
		return cost
	}
	if e.host.cpu == (CPU{}) && w.at(slot).op == eventDeliver {
		cost = NominalMessage
	}
	return slowed(cost, e.slowNode)
}

// cost is the service of an event at a node that no fault slows.
func (w *World[M]) cost(e *Env[M], slot uint32) time.Duration {
	if ev := w.at(slot); ev.op == eventDeliver {
		cpu := &e.host.cpu
		ops := time.Duration(ev.mail.Ops)
		if ops > 0 && cpu.Operation > (Forever-cpu.Message)/ops {
			return Forever
		}
		return cpu.Message + ops*cpu.Operation
	}
	return 0
}

// submit puts a job at the end of the host's queue.
func (w *World[M]) submit(e *Env[M], j job) {
	e.host.queue.push(j)
	w.dispatch(e.host)
}

// dispatch starts what waits while a core is free.
func (w *World[M]) dispatch(h *host) {
	for h.busy < max(h.cpu.Cores, 1) && len(h.queue.jobs) > 0 {
		j := h.queue.pop()
		ev := w.at(j.slot)
		if ev.op == eventNone {
			w.free(ev)
			continue
		}
		e, due := w.nodes[ev.node], w.now.Add(j.left)
		if len(e.serving) > 0 {
			if earlier := e.before(ev); earlier != nil {
				h.follow(&earlier.job, j)
				continue
			}
		}
		j.left = due.Sub(w.now) // less than j.left if virtual time would end before
		h.busy++
		w.stats.Busy += j.left
		e.cpu += j.left
		j.had += j.left
		done := e.schedule(due, eventServed, uint64(j.slot))
		e.serving = append(e.serving, serving{j, done.slot, due})
	}
}

// before returns the message on a core that has to be handled before this event, nil
// if there is none.
func (e *Env[M]) before(ev *event[M]) *serving {
	w := e.w
	for i := range e.serving {
		s := &e.serving[i]
		o := w.at(s.slot)
		if o.from != ev.from {
			continue
		}
		if l := w.arrivedLane(ev); l != (lane{}) && l == w.arrivedLane(o) {
			return s
		}
	}
	return nil
}

// served runs the handler of an event whose service has ended.
func (w *World[M]) served(e *Env[M], slot uint32) {
	h := e.host
	h.busy--
	i := slices.IndexFunc(e.serving, func(s serving) bool { return s.slot == slot })
	s := e.serving[i]
	e.serving = slices.Delete(e.serving, i, i+1)
	h.advance(s.job)
	if ev := w.at(slot); ev.op == eventNone { // a timer cancelled meanwhile
		w.free(ev)
	} else {
		if ev.op == eventDeliver {
			w.took(Time(ev.token)) // its arrival
		}
		w.handle(e, ev, s.had)
	}
	w.dispatch(h)
}

// hastenService has an event that holds a core slowly go on at full speed.
func (e *Env[M]) hastenService(s *serving) {
	w := e.w
	left := s.due.Sub(w.now)
	less := min(left, w.cost(e, s.slot))
	if less >= left {
		return
	}
	spared := left - less
	w.cancel(w.at(s.done))
	s.due, s.had = w.now.Add(less), s.had-spared
	s.done = e.schedule(s.due, eventServed, uint64(s.slot)).slot
	w.stats.Busy -= spared
	e.cpu -= spared
}

// evict takes a node's events off its host, those in service first: a crash
// drops them, a pause holds them.
func (w *World[M]) evict(e *Env[M]) []held {
	h := e.host
	if h == nil {
		return nil
	}
	var off []held
	for _, s := range e.serving {
		h.busy--
		left := max(s.due.Sub(w.now), 0) // it may be late
		w.stats.Busy -= left
		e.cpu -= left
		w.cancel(w.at(s.done))
		off = append(off, held{job{slot: s.slot, left: left, had: s.had - left}, true})
	}
	for _, s := range e.serving {
		off = append(off, h.disband(s.line)...)
	}
	e.serving = e.serving[:0]
	waiting := h.queue.waiting()
	h.queue = fifo{jobs: h.queue.jobs[:0]}
	for _, j := range waiting {
		if w.at(j.slot).node != e.id {
			h.queue.push(j)
			continue
		}
		line := j.line
		j.line = 0
		off = append(off, held{j, true})
		off = append(off, h.disband(line)...)
	}
	return off
}

// disband takes all off a line.
func (h *host) disband(line uint32) []held {
	if line == 0 {
		return nil
	}
	var off []held
	q := &h.lines[line-1]
	for _, j := range q.waiting() {
		off = append(off, held{j, true})
	}
	*q = fifo{jobs: q.jobs[:0]}
	return off
}
