package vfs

import (
	"iter"
	"slices"
)

// Waiter is something that waits for a file: a parked thread, an epoll set.
type Waiter interface{ Wake() }

// Placed is a waiter that can tell in which queues it waits. One whose Wake wakes another queue
// must be Placed: then thawing finds circles.
type Placed interface{ WaitsIn(q *Queue) bool }

// ExclusiveWaiter is a waiter that may be one of many of which only one is to be woken,
// EPOLLEXCLUSIVE.
type ExclusiveWaiter interface {
	Waiter
	Exclusive() bool
	// WakeOne is Wake; it reports whether somebody will see to the file.
	WakeOne() bool
}

// Queue is a wait queue, in the order in which its waiters came.
type Queue struct {
	waiters []Waiter
	// External is set where something outside the machine may wake the queue (a
	// terminal, a host socket): while a thread waits for it, time does not jump.
	External bool

	events uint32 // see WakeFor
}

// Add appends w unless it is already in the queue.
func (q *Queue) Add(w Waiter) {
	for _, x := range q.waiters {
		if x == w {
			return
		}
	}
	q.waiters = append(q.waiters, w)
}

// Remove takes w out of the queue.
func (q *Queue) Remove(w Waiter) {
	for i, x := range q.waiters {
		if x == w {
			q.waiters = append(q.waiters[:i:i], q.waiters[i+1:]...)
			return
		}
	}
}

// Empty reports whether nobody waits.
func (q *Queue) Empty() bool { return len(q.waiters) == 0 }

// Waiters returns who waits, oldest first.
func (q *Queue) Waiters() iter.Seq[Waiter] { return slices.Values(q.waiters) }

// WakeFor is Wake that tells which poll(2) events may hold now.
func (q *Queue) WakeFor(events uint32) {
	q.events = events
	q.Wake()
	q.events = 0
}

// Events returns what WakeFor was told while it wakes: an edge-triggered waiter
// does not care for other events. All where Wake was called.
func (q *Queue) Events() uint32 {
	if q.events == 0 {
		return ^uint32(0)
	}
	return q.events
}

// Wake wakes every waiter, oldest first. Waiters stay until they remove
// themselves; they look again and may find that another was faster. Exclusive
// waiters come last, and only until one sees to the file.
func (q *Queue) Wake() {
	var exclusive []ExclusiveWaiter
	for _, w := range append([]Waiter(nil), q.waiters...) {
		if x, ok := w.(ExclusiveWaiter); ok && x.Exclusive() {
			exclusive = append(exclusive, x)
			continue
		}
		w.Wake()
	}
	for _, x := range exclusive {
		if x.WakeOne() {
			return
		}
	}
}
