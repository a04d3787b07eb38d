package vfs

import "emurun/snapshot/wire"

// Freeze writes q where it lies: as a part of its own, to which those that wait point, and
// its waiters in their order.
func (q *Queue) Freeze(e *wire.Encoder) {
	e.Own(q)
	e.Bool(q.External)
	e.Count(len(q.waiters))
	for _, w := range q.waiters {
		e.Ref(w)
	}
}

// Thaw reads q.
func (q *Queue) Thaw(d *wire.Decoder) {
	d.Own(q)
	q.External = d.Bool()
	q.waiters = later[Waiter](d)
}
