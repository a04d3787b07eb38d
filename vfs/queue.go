package vfs

// Waiter is something that waits for a file: a parked thread, an epoll set.
type Waiter interface{ Wake() }

// Queue is a wait queue, in the order in which its waiters came.
type Queue struct {
	waiters []Waiter
	// External is set where something outside the machine may wake the queue (a
	// terminal, a host socket): while a thread waits for it, time does not jump.
	External bool
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

// Wake wakes every waiter, oldest first. Waiters stay until they remove
// themselves; they look again and may find that another was faster.
func (q *Queue) Wake() {
	for _, w := range append([]Waiter(nil), q.waiters...) {
		w.Wake()
	}
}
