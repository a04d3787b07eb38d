package lock

import (
	"cmp"
	"maps"
	"slices"

	"emurun/snapshot/wire"
	"emurun/vfs"
)

// Kinds adds the kinds of objects of this package. t is the table of the machine that thaws. Owners
// are objects as well.
func Kinds(k *wire.Kinds, t *Table) {
	wire.Add(k, "lock.Table", func() *Table { return t })
}

func (id ID) compare(x ID) int { return cmp.Or(cmp.Compare(id.Dev, x.Dev), cmp.Compare(id.Ino, x.Ino)) }

// Freeze implements wire.Object.
func (t *Table) Freeze(e *wire.Encoder) {
	e.Count(len(t.files))
	for _, id := range slices.SortedFunc(maps.Keys(t.files), ID.compare) {
		e.Uint64(id.Dev)
		e.Uint64(id.Ino)
		t.files[id].freeze(e)
	}
	e.Count(len(t.waiting))
	for _, w := range t.waiting {
		e.Ref(w.who)
		e.Ref(w.holder)
	}
}

// Thaw implements wire.Object. What the table held before is gone.
func (t *Table) Thaw(d *wire.Decoder) {
	*t = Table{}
	var last ID
	for i := range d.Count(wire.MaxLen, 28) {
		id := ID{d.Uint64(), d.Uint64()}
		if i > 0 && last.compare(id) >= 0 {
			d.Fail("locks of inode %d are out of order", id.Ino)
			return
		}
		last = id
		t.file(id).thaw(d)
	}
	for range d.Count(wire.MaxLen, 8) {
		t.waiting = append(t.waiting, wait{thawOwner(d), thawOwner(d)})
	}
}

func thawOwner(d *wire.Decoder) Owner {
	o := wire.Ref[Owner](d)
	if o == nil {
		d.Fail("a lock of nobody")
	}
	return o
}

func (f *file) freeze(e *wire.Encoder) {
	e.Count(len(f.records))
	for i := range f.records {
		f.records[i].freeze(e)
	}
	e.Count(len(f.whole))
	for _, w := range f.whole {
		e.Ref(w.owner)
		e.Bool(w.exclusive)
	}
	f.queue.Freeze(e)
}

func (f *file) thaw(d *wire.Decoder) {
	for i := range d.Count(wire.MaxLen, 25) {
		var r Record
		r.thaw(d)
		if i > 0 && r.Start < f.records[i-1].Start {
			d.Fail("a lock from %d on is out of order", r.Start)
		}
		f.records = append(f.records, r)
	}
	for range d.Count(wire.MaxLen, 5) {
		w := whole{wire.Ref[*vfs.OpenFile](d), d.Bool()}
		if w.owner == nil {
			d.Fail("a lock of nobody")
		}
		f.whole = append(f.whole, w)
	}
	f.queue.Thaw(d)
}

func (r *Record) freeze(e *wire.Encoder) {
	e.Ref(r.Owner)
	e.Int32(r.PID)
	e.Bool(r.Exclusive)
	e.Int64(r.Start)
	e.Int64(r.End)
}

func (r *Record) thaw(d *wire.Decoder) {
	r.Owner = thawOwner(d)
	r.PID = d.Int32()
	r.Exclusive = d.Bool()
	r.Start, r.End = d.Int64(), d.Int64()
	if r.Start < 0 || r.End < r.Start {
		d.Fail("a lock from %d to %d", r.Start, r.End)
	}
}
