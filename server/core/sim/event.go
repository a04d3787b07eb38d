package sim

import (
	"container/heap"

	"emurun/server/core"
)

// event happens at a time; equal times in the order in which they were made.
type event struct {
	at  core.Time
	seq uint64
	do  func()
}

type queue []event

func (q queue) Len() int { return len(q) }
func (q queue) Less(i, j int) bool {
	return q[i].at < q[j].at || q[i].at == q[j].at && q[i].seq < q[j].seq
}
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)   { *q = append(*q, x.(event)) }
func (q *queue) Pop() any {
	old := *q
	e := old[len(old)-1]
	*q = old[:len(old)-1]
	return e
}

// at makes do happen after a delay.
func (w *World) after(delay core.Time, do func()) {
	w.seq++
	heap.Push(&w.events, event{w.now + delay, w.seq, do})
}

// run lets events happen until a time, or until something is wrong.
func (w *World) run(until core.Time) {
	for w.err == nil && len(w.events) > 0 && w.events[0].at <= until {
		e := heap.Pop(&w.events).(event)
		w.now = e.at
		w.count++
		e.do()
	}
	w.now = until
}
