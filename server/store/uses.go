package store

import (
	"sync"
	"time"

	"emurun/snapshot"
)

// uses is why packs that no checkpoint names must not go: somebody has just put or asked for
// them, or is committing a checkpoint with them. It is what GC and the others agree by.
type uses struct {
	mu        sync.Mutex
	pinned    map[snapshot.Hash]int       // by commits and backups under way
	condemned map[snapshot.Hash]time.Time // found useless by a cycle of GC
	owners    map[string]*ownership       // by whom packs were put that may not be committed yet
	held      int                         // by how many backups everything is held
	file      ownersFile
}

// ownership is the packs that somebody put.
type ownership struct {
	packs map[snapshot.Hash]upload
	bytes int64
}

type upload struct {
	size      int64
	at        time.Time
	committed bool // a checkpoint names it: it does not count any more
}

func newUses() uses {
	return uses{pinned: map[snapshot.Hash]int{}, condemned: map[snapshot.Hash]time.Time{}, owners: map[string]*ownership{}}
}

// touch makes GC begin again with name.
func (u *uses) touch(name snapshot.Hash) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.condemned, name)
}

// pin keeps names until the returned function is called.
func (u *uses) pin(names []snapshot.Hash) func() {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, n := range names {
		delete(u.condemned, n)
		u.pinned[n]++
	}
	return func() {
		u.mu.Lock()
		defer u.mu.Unlock()
		for _, n := range names {
			if u.pinned[n]--; u.pinned[n] == 0 {
				delete(u.pinned, n)
			}
		}
	}
}

// own notes that owner put a pack.
func (u *uses) own(owner string, name snapshot.Hash, size int64, committed bool, now time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	o := u.owners[owner]
	if o == nil {
		o = &ownership{packs: map[snapshot.Hash]upload{}}
		u.owners[owner] = o
	}
	o.drop(name)
	o.packs[name] = upload{size, now, committed}
	u.file.note(owner, name, o.packs[name])
	if !committed {
		o.bytes += size
	}
}

// drop forgets a pack.
func (o *ownership) drop(name snapshot.Hash) {
	if up, ok := o.packs[name]; ok && !up.committed {
		o.bytes -= up.size
	}
	delete(o.packs, name)
}

// commit notes that a checkpoint names packs that owner put.
func (u *uses) commit(owner string, names []snapshot.Hash) {
	u.mu.Lock()
	defer u.mu.Unlock()
	o := u.owners[owner]
	if o == nil {
		return
	}
	for _, n := range names {
		if up, ok := o.packs[n]; ok && !up.committed {
			o.bytes -= up.size
			up.committed = true
			o.packs[n] = up
			u.file.note(owner, n, up)
		}
	}
}

// owns reports whether owner put the pack lately, and makes GC begin again with it.
func (u *uses) owns(owner string, name snapshot.Hash, now time.Time) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	o := u.owners[owner]
	if o == nil {
		return false
	}
	up, ok := o.packs[name]
	if ok {
		up.at = now
		o.packs[name] = up
		delete(u.condemned, name)
	}
	return ok
}

// owned returns how many bytes owner put that are not committed, and how many packs he
// put.
func (u *uses) owned(owner string) (int64, int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if o := u.owners[owner]; o != nil {
		return o.bytes, len(o.packs)
	}
	return 0, 0
}

// forget drops what was put before then.
func (u *uses) forget(before time.Time) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	for who, o := range u.owners {
		for name, up := range o.packs {
			if up.at.Before(before) {
				o.drop(name)
			}
		}
		if len(o.packs) == 0 {
			delete(u.owners, who)
		}
	}
	return u.file.rewrite(u.owners)
}
