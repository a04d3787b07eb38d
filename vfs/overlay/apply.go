package overlay

import (
	"fmt"

	"emurun/abi"
	"emurun/vfs"
	"emurun/vfs/journal"
)

// Apply performs one mutation. It is the only way in which nodes change. A
// returned abi.Errno is the guest's, and nothing was changed; any other error
// means a record that does not fit the tree, or a failing scratch file.
func (f *FS) Apply(r *journal.Record) error {
	switch r.Type {
	case journal.Bind:
		return f.applyBind(r)
	case journal.Create:
		return f.applyCreate(r)
	case journal.Link:
		return f.applyLink(r)
	case journal.Unlink, journal.Rmdir:
		return f.applyRemove(r)
	case journal.Rename:
		return f.applyRename(r)
	}
	n := f.nodes[r.Ino]
	if n == nil {
		return fmt.Errorf("record of type %d: no file %d", r.Type, r.Ino)
	}
	switch r.Type {
	case journal.SetAttr:
		return n.applySetAttr(r)
	case journal.Write:
		return n.applyWrite(r)
	case journal.Allocate:
		return n.applyAllocate(r)
	case journal.Setxattr, journal.Removexattr:
		return n.applyXattr(r)
	case journal.Forget:
		n.forget()
		return nil
	}
	return fmt.Errorf("record of unknown type %d", r.Type)
}

// dir returns the directory a record names.
func (f *FS) dir(ino uint64) (*node, error) {
	d := f.nodes[ino]
	if d == nil || !d.isDir() {
		return nil, fmt.Errorf("record: no directory %d", ino)
	}
	if d.attr.Nlink == 0 {
		return nil, abi.ENOENT
	}
	return d, nil
}

func (f *FS) applyBind(r *journal.Record) error {
	d, err := f.dir(r.Dir)
	if err != nil {
		return err
	}
	n, err := d.lookup(r.Name)
	if err != nil {
		return err
	}
	if other := f.nodes[r.Ino]; n.lower == nil || n.bound && n.attr.Ino != r.Ino || other != nil && other != n {
		return fmt.Errorf("record: cannot bind %q to %d", r.Name, r.Ino)
	}
	n.attr.Ino, n.bound = r.Ino, true
	f.nodes[r.Ino] = n
	if k, ok := n.lower.(keeper); ok {
		k.Keep()
	}
	return nil
}

// keeper is a lower file that wants to know when a commit may change the host's, so that
// what the overlay still shows of its content is kept, and when it shows none any more.
type keeper interface {
	Keep()
	Drop()
}

func (f *FS) applyCreate(r *journal.Record) error {
	if f.nodes[r.Ino] != nil || r.Ino == 0 {
		return fmt.Errorf("record: file %d exists", r.Ino)
	}
	a := vfs.Attr{
		Ino: r.Ino, Dev: f.opt.Dev, Mode: r.Mode, UID: r.UID, GID: r.GID, Rdev: r.Rdev, Blksize: pageSize,
		Atime: vfs.Time(r.Time), Mtime: vfs.Time(r.Time), Ctime: vfs.Time(r.Time), Btime: vfs.Time(r.Time),
	}
	n := &node{fs: f, attr: a, bound: true, target: r.Target, past: &past{made: true}}
	if r.Mode&abi.S_IFMT == abi.S_IFLNK {
		n.attr.Size = int64(len(r.Target))
	}
	if r.Dir != 0 {
		d, err := f.dir(r.Dir)
		if err != nil {
			return err
		}
		if err := d.free(r.Name); err != nil {
			return err
		}
		if n.isDir() {
			n.attr.Nlink, n.attr.Size, n.domain = 1, dirSize, d.domain // and 1 for "."
			if f.opt.Lower != nil {
				n.attr.Blocks = dirSize / 512 // as on a disk; tmpfs says 0
			}
		}
		d.put(r.Name, n, vfs.Time(r.Time))
		n.attr.Nlink++
	}
	f.nodes[r.Ino] = n
	f.changed = append(f.changed, n)
	f.next = max(f.next, r.Ino+1)
	return nil
}

// free returns EEXIST if n has the name.
func (n *node) free(name string) error {
	if _, err := n.lookup(name); err != abi.ENOENT {
		if err == nil {
			err = abi.EEXIST
		}
		return err
	}
	return nil
}

// put makes c the file at name, and keeps the link counts that directories have
// from their subdirectories.
func (n *node) put(name string, c *node, now vfs.Time) {
	if n.names == nil {
		n.names = make(map[string]*node)
	}
	n.changeName(name, nil)
	n.names[name] = c
	if c.isDir() {
		c.change()
		c.up, c.name = n, name
		if n.attr.Nlink >= 2 { // 1: the host does not count subdirectories
			n.attr.Nlink++
		}
	} else {
		c.enter(n, name)
	}
	n.touch(now)
}

// take removes name, where c is: a whiteout hides what the lower tree has there.
func (n *node) take(name string, c *node, now vfs.Time) {
	n.changeName(name, c)
	if !c.isDir() {
		c.leave(n, name)
	}
	if n.hasLower(name) {
		if n.names == nil {
			n.names = make(map[string]*node)
		}
		n.names[name] = nil
		c.remember()
	} else {
		delete(n.names, name)
	}
	if c.isDir() && n.attr.Nlink > 2 {
		n.attr.Nlink--
	}
	n.touch(now)
}

// remember asks the lower tree for the attributes of a file that is about to lose its name: when the host has
// removed it too, it can come back with an earlier checkpoint.
func (n *node) remember() {
	if n.lower == nil || n.copied {
		return
	}
	names, _ := n.lower.Listxattr() // if nobody knows, it cannot come back
	for _, name := range names {
		_, _ = n.lower.Getxattr(name)
	}
}

// hasLower reports whether the lower directory has the name. In doubt it has.
func (n *node) hasLower(name string) bool {
	if n.lower == nil {
		return false
	}
	_, err := n.lower.Lookup(name)
	return err != abi.ENOENT
}

// touch stamps a change of content.
func (n *node) touch(now vfs.Time) { n.attr.Mtime, n.attr.Ctime = now, now }

func (f *FS) applyLink(r *journal.Record) error {
	n := f.nodes[r.Ino]
	if n == nil || n.isDir() {
		return fmt.Errorf("record: cannot link %d", r.Ino)
	}
	d, err := f.dir(r.Dir)
	if err != nil {
		return err
	}
	if err := d.free(r.Name); err != nil {
		return err
	}
	d.put(r.Name, n, vfs.Time(r.Time))
	n.change()
	n.attr.Nlink++
	n.attr.Ctime = vfs.Time(r.Time)
	return nil
}

func (f *FS) applyRemove(r *journal.Record) error {
	d, err := f.dir(r.Dir)
	if err != nil {
		return err
	}
	c, err := d.lookup(r.Name)
	if err != nil {
		return err
	}
	if err := c.removable(r.Type == journal.Rmdir); err != nil {
		return err
	}
	d.take(r.Name, c, vfs.Time(r.Time))
	c.unlinked(vfs.Time(r.Time))
	return nil
}

// removable returns why a name of n cannot go.
func (n *node) removable(dir bool) error {
	switch {
	case dir && !n.isDir():
		return abi.ENOTDIR
	case !dir && n.isDir():
		return abi.EISDIR
	case !dir:
		return nil
	}
	empty, err := n.empty()
	if err == nil && !empty {
		err = abi.ENOTEMPTY
	}
	return err
}

// unlinked takes one name off the link count. The content stays until the
// Forget record, as the file may be open.
func (n *node) unlinked(now vfs.Time) {
	n.change()
	n.attr.Ctime = now
	if n.isDir() {
		n.attr.Nlink = 0
	} else if n.attr.Nlink > 0 {
		n.attr.Nlink--
	}
}

// forget drops the content of a file that has no name and is not open. The
// origin of a lower file stays known, for Changes.
func (n *node) forget() {
	if n.attr.Nlink != 0 {
		return
	}
	for _, p := range n.pages { // order: only gives back
		n.fs.pages.release(p)
	}
	n.pages, n.lowerSize, n.stored, n.attr.Size = nil, 0, 0, 0
	if k, ok := n.lower.(keeper); ok {
		k.Drop()
	}
	if n.lower == nil {
		delete(n.fs.nodes, n.attr.Ino)
	}
}

func (f *FS) applyRename(r *journal.Record) error {
	d, err := f.dir(r.Dir)
	if err != nil {
		return err
	}
	e, err := f.dir(r.NewDir)
	if err != nil {
		return err
	}
	c, err := d.lookup(r.Name)
	if err != nil {
		return err
	}
	old, err := e.lookup(r.NewName)
	if err != nil && err != abi.ENOENT {
		return err
	}
	if old == c {
		return nil
	}
	if err := renameable(d, c, e, old, r.Flags); err != nil {
		return err
	}
	now := vfs.Time(r.Time)
	d.take(r.Name, c, now)
	if old != nil {
		e.take(r.NewName, old, now)
	}
	e.put(r.NewName, c, now)
	c.attr.Ctime = now
	switch {
	case old == nil:
	case r.Flags&abi.RENAME_EXCHANGE != 0:
		d.put(r.Name, old, now)
		old.attr.Ctime = now
	default:
		old.unlinked(now)
	}
	return nil
}

// renameable returns why c in d cannot become the name in e where old is.
func renameable(d, c, e, old *node, flags uint32) error {
	exchange := flags&abi.RENAME_EXCHANGE != 0
	switch {
	case c.isDir() && e.below(c):
		return abi.EINVAL
	case old == nil && exchange:
		return abi.ENOENT
	case old == nil:
		return nil
	case flags&abi.RENAME_NOREPLACE != 0:
		return abi.EEXIST
	case old.isDir() && d.below(old) && exchange:
		return abi.EINVAL
	case exchange:
		return nil
	case !c.isDir() && old.isDir():
		return abi.EISDIR
	case c.isDir() && !old.isDir():
		return abi.ENOTDIR
	}
	return old.removable(c.isDir())
}

// below reports whether directory n is dir or stands below it.
func (n *node) below(dir *node) bool {
	for ; n != nil; n = n.up {
		if n == dir {
			return true
		}
	}
	return false
}
