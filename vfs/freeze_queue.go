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

// Link implements wire.Linker: who waits in a queue knows of it. A queue can be woken, but
// waits for nothing.
func (q *Queue) Link() error {
	for i, w := range q.waiters {
		p, ok := w.(Placed)
		if _, queue := w.(*Queue); queue || ok && !p.WaitsIn(q) {
			return wire.Corrupt("waiter %d does not wait in the queue", i)
		}
	}
	return nil
}
