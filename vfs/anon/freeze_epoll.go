package anon

import (
	"emurun/snapshot/wire"
	"emurun/vfs"
)

// Freeze implements wire.Object. Maps and marks follow from the lists of entries.
func (e *Epoll) Freeze(to *wire.Encoder) {
	e.queue.Freeze(to)
	to.Uint64(e.added)
	to.Count(len(e.items))
	for _, i := range e.sorted() {
		to.Ref(i)
	}
	to.Count(len(e.ready))
	for _, i := range e.ready {
		to.Ref(i)
	}
}

// Thaw implements wire.Object.
func (e *Epoll) Thaw(d *wire.Decoder) {
	e.queue.Thaw(d)
	e.added = d.Uint64()
	items := thawItems(d)
	e.ready = thawItems(d)
	e.items = make(map[epollKey]*epollItem, len(items))
	e.files = make(map[*vfs.OpenFile]int, len(items))
	d.Filled(func() error {
		if err := e.fill(items); err != nil {
			return err
		}
		return e.mark()
	})
}

func thawItems(d *wire.Decoder) []*epollItem {
	var list []*epollItem
	for range d.Count(wire.MaxLen, 4) {
		i := wire.Ref[*epollItem](d)
		if i == nil {
			d.Fail("an entry is missing")
			return nil
		}
		list = append(list, i)
	}
	return list
}

// fill makes the set of its entries, which come in the order of their age.
func (e *Epoll) fill(items []*epollItem) error {
	age := uint64(0)
	for _, i := range items {
		key := epollKey{i.fd, i.file}
		if i.set != e || i.age <= age || i.age > e.added || e.items[key] != nil {
			return wire.Corrupt("descriptor %d is out of order or watched twice", i.fd)
		}
		age = i.age
		e.items[key] = i
		e.files[i.file]++
	}
	return nil
}

// mark marks the entries of the ready list.
func (e *Epoll) mark() error {
	for _, i := range e.ready {
		if i.set != e || i.listed {
			return wire.Corrupt("descriptor %d is ready twice, or in another set", i.fd)
		}
		i.listed = true
	}
	return nil
}

// Link implements wire.Linker: sets do not nest in a circle or too deep.
func (e *Epoll) Link() error {
	if e.nesting(1) == 0 {
		return wire.Corrupt("epoll sets are nested in a circle or too deep")
	}
	return nil
}

// nesting is how many sets are nested in e, itself included, or 0 if that is not possible.
// A set that was looked at remembers it.
func (e *Epoll) nesting(level int) int {
	switch {
	case level > epollDepth:
		return 0
	case e.nested > 0:
		if level+e.nested-1 > epollDepth {
			return 0
		}
		return e.nested
	}
	n := 1
	for _, i := range e.items { // order: the greatest of all
		inner, ok := i.file.File.(*Epoll)
		if !ok {
			continue
		}
		below := inner.nesting(level + 1)
		if below == 0 {
			return 0
		}
		n = max(n, 1+below)
	}
	e.nested = n
	return n
}
