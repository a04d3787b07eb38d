package lock

import (
	"slices"

	"emurun/abi"
	"emurun/vfs"
)

// whole is a lock on a whole file, flock(2).
type whole struct {
	owner     *vfs.OpenFile
	exclusive bool
}

// Flock takes a whole-file lock for an open file description, or converts the
// one it has: that is given up first, flock(2). A conflict is abi.EAGAIN.
func (t *Table) Flock(id ID, owner *vfs.OpenFile, exclusive bool) error {
	f := t.file(id)
	held := func(w whole) bool { return w.owner == owner }
	if i := slices.IndexFunc(f.whole, held); i >= 0 {
		if f.whole[i].exclusive == exclusive {
			return nil
		}
		f.whole = slices.DeleteFunc(f.whole, held)
		f.queue.Wake()
	}
	for _, w := range f.whole {
		if w.exclusive || exclusive {
			return abi.EAGAIN
		}
	}
	f.whole = append(f.whole, whole{owner, exclusive})
	return nil
}

// Queue is woken when a lock on the inode goes.
func (t *Table) Queue(id ID) *vfs.Queue { return &t.file(id).queue }

// Funlock gives up the description's whole-file lock, LOCK_UN.
func (t *Table) Funlock(id ID, owner *vfs.OpenFile) {
	f := t.files[id]
	if f == nil {
		return
	}
	f.whole = slices.DeleteFunc(f.whole, func(w whole) bool { return w.owner == owner })
	f.queue.Wake()
	t.tidy(id)
}

// Closed implements vfs.Holder: a description that goes gives up its locks.
func (t *Table) Closed(f *vfs.OpenFile) {
	a, err := f.Node.Attr()
	if err != nil {
		return
	}
	id := ID{a.Dev, a.Ino}
	t.Release(id, f)
	t.Funlock(id, f)
}
