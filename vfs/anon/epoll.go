package anon

import (
	"slices"

	"emurun/abi"
	"emurun/vfs"
)

// epollPrivate are the bits of epoll_event.events that are not events.
const epollPrivate = abi.EPOLLEXCLUSIVE | abi.EPOLLWAKEUP | abi.EPOLLONESHOT | abi.EPOLLET

// exclusiveAllowed are the bits that may go with EPOLLEXCLUSIVE, epoll_ctl(2).
const exclusiveAllowed = abi.EPOLLIN | abi.EPOLLOUT | abi.EPOLLERR | abi.EPOLLHUP | abi.EPOLLWAKEUP | abi.EPOLLET | abi.EPOLLEXCLUSIVE

// epollDepth is how deep epoll sets nest at most, epoll_ctl(2) ELOOP.
const epollDepth = 5

// Epoll is an interest list, epoll(7). As in Linux it keeps a ready list in the
// order in which its files became ready; waiting takes from the front, and what is
// level-triggered goes back to the end.
type Epoll struct {
	kind
	items map[epollKey]*epollItem // never ranged over where order shows
	files map[*vfs.OpenFile]int   // how many items each file has; never ranged over
	ready []*epollItem
	added uint64 // items so far, which orders them

	nested int // after thawing: see nesting
}

// epollKey names an item, as Linux does: the same file may be in a set under
// several descriptors.
type epollKey struct {
	fd   int32
	file *vfs.OpenFile
}

// epollItem is one entry of an interest list. It waits in the file's queue.
type epollItem struct {
	set    *Epoll
	fd     int32
	file   *vfs.OpenFile
	queue  *vfs.Queue // of the file: a signalfd's depends on who asks
	events uint32
	data   uint64
	listed bool   // in the ready list
	age    uint64 // of all items of the set, which was added when
}

// NewEpoll returns an empty set.
func NewEpoll() *Epoll {
	return &Epoll{items: make(map[epollKey]*epollItem), files: make(map[*vfs.OpenFile]int)}
}

// sorted returns the items in the order in which they were added.
func (e *Epoll) sorted() []*epollItem {
	out := make([]*epollItem, 0, len(e.items))
	for _, i := range e.items { // order: sorted below
		out = append(out, i)
	}
	slices.SortFunc(out, func(a, b *epollItem) int { return int(int64(a.age) - int64(b.age)) })
	return out
}

// Wake implements vfs.Waiter: the file may have become ready.
func (i *epollItem) Wake() { i.WakeOne() }

// WaitsIn implements vfs.Placed.
func (i *epollItem) WaitsIn(q *vfs.Queue) bool { return i.queue == q }

// Exclusive implements vfs.ExclusiveWaiter.
func (i *epollItem) Exclusive() bool { return i.events&abi.EPOLLEXCLUSIVE != 0 }

// WakeOne implements vfs.ExclusiveWaiter: it reports whether anybody waits for the set.
func (i *epollItem) WakeOne() bool {
	if i.queue.Events()&i.mask() == 0 {
		return false
	}
	waited := !i.set.queue.Empty()
	i.list()
	return waited
}

// mask is the events that make the item ready.
func (i *epollItem) mask() uint32 {
	if i.events&^epollPrivate == 0 {
		return 0 // EPOLLONESHOT has fired
	}
	return i.events&^epollPrivate | abi.EPOLLERR | abi.EPOLLHUP
}

// list puts the item on the ready list and wakes who waits for the set.
func (i *epollItem) list() {
	if !i.listed {
		i.listed = true
		i.set.ready = append(i.set.ready, i)
	}
	i.set.queue.WakeFor(abi.POLLIN)
}

// now returns the events of the item that hold.
func (i *epollItem) now() uint32 { return i.file.File.Ready() & i.mask() }

func (e *Epoll) find(fd int32, f *vfs.OpenFile) *epollItem { return e.items[epollKey{fd, f}] }

// Add implements EPOLL_CTL_ADD.
func (e *Epoll) Add(fd int32, f *vfs.OpenFile, ev abi.EpollEvent) error {
	if f.File.Queue() == nil {
		return abi.EPERM // regular files and directories
	}
	if ev.Events&abi.EPOLLEXCLUSIVE != 0 && ev.Events&^exclusiveAllowed != 0 {
		return abi.EINVAL
	}
	if e.find(fd, f) != nil {
		return abi.EEXIST
	}
	if inner, ok := f.File.(*Epoll); ok {
		if ev.Events&abi.EPOLLEXCLUSIVE != 0 {
			return abi.EINVAL
		}
		if inner == e || inner.contains(e, epollDepth) || inner.depth(epollDepth)+e.height(epollDepth) > epollDepth {
			return abi.ELOOP
		}
	}
	e.added++
	i := &epollItem{set: e, fd: fd, file: f, queue: f.File.Queue(), events: ev.Events, data: ev.Data, age: e.added}
	e.items[epollKey{fd, f}] = i
	e.files[f]++
	i.queue.Add(i)
	f.Hold(e)
	if i.now() != 0 {
		i.list()
	}
	return nil
}

// contains reports whether set x is in e or in a set below it.
func (e *Epoll) contains(x *Epoll, depth int) bool {
	if depth == 0 {
		return true
	}
	return slices.ContainsFunc(e.sorted(), func(i *epollItem) bool {
		inner, ok := i.file.File.(*Epoll)
		return ok && (inner == x || inner.contains(x, depth-1))
	})
}

// depth is how many sets are nested in e, itself included, counted up to limit.
func (e *Epoll) depth(limit int) int {
	n := 1
	if limit == 0 {
		return n
	}
	for _, i := range e.sorted() {
		if inner, ok := i.file.File.(*Epoll); ok {
			n = max(n, 1+inner.depth(limit-1))
		}
	}
	return n
}

// height is how many sets e is nested in, itself included, counted up to limit.
func (e *Epoll) height(limit int) int {
	n := 1
	if limit == 0 {
		return n
	}
	for w := range e.queue.Waiters() {
		if i, ok := w.(*epollItem); ok {
			n = max(n, 1+i.set.height(limit-1))
		}
	}
	return n
}

// Modify implements EPOLL_CTL_MOD.
func (e *Epoll) Modify(fd int32, f *vfs.OpenFile, ev abi.EpollEvent) error {
	i := e.find(fd, f)
	switch {
	case i == nil:
		return abi.ENOENT
	case i.events&abi.EPOLLEXCLUSIVE != 0, ev.Events&abi.EPOLLEXCLUSIVE != 0:
		return abi.EINVAL
	}
	i.events, i.data = ev.Events, ev.Data
	if i.now() != 0 {
		i.list()
	}
	return nil
}

// Delete implements EPOLL_CTL_DEL.
func (e *Epoll) Delete(fd int32, f *vfs.OpenFile) error {
	i := e.find(fd, f)
	if i == nil {
		return abi.ENOENT
	}
	e.remove(i)
	return nil
}

func (e *Epoll) remove(i *epollItem) {
	delete(e.items, epollKey{i.fd, i.file})
	if i.listed {
		e.ready = slices.DeleteFunc(e.ready, func(x *epollItem) bool { return x == i })
	}
	i.queue.Remove(i)
	if e.files[i.file]--; e.files[i.file] == 0 {
		delete(e.files, i.file)
		i.file.Drop(e)
	}
}

// Closed implements vfs.Holder: a description that goes leaves the set.
func (e *Epoll) Closed(f *vfs.OpenFile) {
	for _, i := range e.sorted() {
		if i.file == f {
			e.remove(i)
		}
	}
}

// Take returns at most limit events that hold, epoll_wait(2).
func (e *Epoll) Take(limit int) []abi.EpollEvent {
	var out []abi.EpollEvent
	var again []*epollItem
	list := e.ready
	e.ready = nil
	for len(list) > 0 && len(out) < limit {
		i := list[0]
		list = list[1:]
		i.listed = false
		ev := i.now()
		if ev == 0 {
			continue
		}
		out = append(out, abi.EpollEvent{Events: ev, Data: i.data})
		switch {
		case i.events&abi.EPOLLONESHOT != 0:
			i.events &= epollPrivate
		case i.events&abi.EPOLLET == 0:
			i.listed = true
			again = append(again, i)
		}
	}
	e.ready = append(append(list, e.ready...), again...)
	return out
}

// Ready implements vfs.File: a set is readable when an event of it holds.
func (e *Epoll) Ready() uint32 {
	for _, i := range e.ready {
		if i.now() != 0 {
			return abi.POLLIN | abi.POLLRDNORM
		}
	}
	return 0
}

// Release implements vfs.File.
func (e *Epoll) Release() {
	for _, i := range e.sorted() {
		e.remove(i)
	}
}
