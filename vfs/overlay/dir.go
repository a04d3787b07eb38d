package overlay

import (
	"slices"
	"strings"

	"emurun/abi"
	"emurun/vfs"
	"emurun/vfs/journal"
)

// Lookup implements vfs.Node.
func (n *node) Lookup(name string) (vfs.Node, error) {
	c, err := n.lookup(name)
	if err != nil {
		return nil, err
	}
	return c, nil
}

func (n *node) lookup(name string) (*node, error) {
	if !n.isDir() {
		return nil, abi.ENOTDIR
	}
	if c, ok := n.names[name]; ok {
		if c == nil {
			return nil, abi.ENOENT
		}
		return c, nil
	}
	if n.lower == nil {
		return nil, abi.ENOENT
	}
	l, err := n.lower.Lookup(name)
	if err != nil {
		return nil, err
	}
	return n.fs.see(n, name, l), nil
}

// Entries implements vfs.Node.
func (n *node) Entries() ([]vfs.DirEntry, error) {
	if !n.isDir() {
		return nil, abi.ENOTDIR
	}
	var out []vfs.DirEntry
	if n.lower != nil {
		es, err := n.lower.Entries()
		if err != nil {
			return nil, err
		}
		if len(n.names) == 0 {
			return es, nil
		}
		for _, e := range es {
			if _, ok := n.names[e.Name]; !ok {
				out = append(out, e)
			}
		}
	}
	for name, c := range n.names { // order: sorted below
		if c != nil {
			out = append(out, vfs.DirEntry{Name: name, Ino: c.attr.Ino, Type: vfs.DirentType(c.attr.Mode)})
		}
	}
	slices.SortFunc(out, func(a, b vfs.DirEntry) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

// empty reports whether a directory has no names.
func (n *node) empty() (bool, error) {
	for _, c := range n.names { // order: any one will do
		if c != nil {
			return false, nil
		}
	}
	if n.lower == nil {
		return true, nil
	}
	es, err := n.lower.Entries()
	if err != nil {
		return false, err
	}
	for _, e := range es {
		if _, ok := n.names[e.Name]; !ok {
			return false, nil
		}
	}
	return true, nil
}

// Create implements vfs.Node.
func (n *node) Create(name string, nn vfs.NewNode) (vfs.Node, error) {
	dir, err := n.fs.bind(n)
	if err != nil {
		return nil, err
	}
	if !n.isDir() {
		return nil, abi.ENOTDIR
	}
	return n.fs.create(dir, name, nn)
}

// Tmpfile implements vfs.Tmpfiler.
func (n *node) Tmpfile(nn vfs.NewNode) (vfs.Node, error) { return n.fs.create(0, "", nn) }

// create makes a new node by a record.
func (f *FS) create(dir uint64, name string, nn vfs.NewNode) (vfs.Node, error) {
	if len(f.nodes) >= f.opt.NodeLimit {
		return nil, abi.ENOSPC
	}
	ino := f.next
	err := f.do(&journal.Record{
		Type: journal.Create, Ino: ino, Dir: dir, Name: name, Mode: nn.Mode, UID: nn.UID, GID: nn.GID,
		Rdev: nn.Rdev, Target: nn.Target, Time: int64(nn.Time),
	})
	if err != nil {
		return nil, err
	}
	return f.nodes[ino], nil
}

// Link implements vfs.Node.
func (n *node) Link(name string, target vfs.Node, now vfs.Time) error {
	t, ok := target.(*node)
	if !ok || t.fs != n.fs || t.lower != nil && hostDevice(t.lower) != n.domain {
		return abi.EXDEV
	}
	if err := n.fs.bindAll(n, t); err != nil {
		return err
	}
	return n.fs.do(&journal.Record{
		Type: journal.Link, Ino: t.attr.Ino, Dir: n.attr.Ino, Name: name, Time: int64(now),
	})
}

// Unlink implements vfs.Node.
func (n *node) Unlink(name string, now vfs.Time) error { return n.remove(journal.Unlink, name, now) }

// Rmdir implements vfs.Node.
func (n *node) Rmdir(name string, now vfs.Time) error { return n.remove(journal.Rmdir, name, now) }

func (n *node) remove(what journal.Type, name string, now vfs.Time) error {
	c, err := n.lookup(name)
	if err != nil {
		return err
	}
	if c.isMountpoint(n) {
		return abi.EBUSY
	}
	if err := n.fs.bindAll(n, c); err != nil {
		return err
	}
	err = n.fs.do(&journal.Record{Type: what, Dir: n.attr.Ino, Name: name, Time: int64(now)})
	if err != nil {
		return err
	}
	return n.fs.dropOrphan(c)
}

// isMountpoint reports a directory in which another host file system is mounted.
func (n *node) isMountpoint(dir *node) bool { return n.isDir() && n.domain != dir.domain }

// Rename implements vfs.Node.
func (n *node) Rename(name string, newDir vfs.Node, newName string, flags uint32, now vfs.Time) error {
	d, ok := newDir.(*node)
	if !ok || d.fs != n.fs || d.domain != n.domain {
		return abi.EXDEV
	}
	c, err := n.lookup(name)
	if err != nil {
		return err
	}
	bind := []*node{n, c, d}
	busy := c.isMountpoint(n)
	old, err := d.lookup(newName)
	switch {
	case err == nil:
		bind = append(bind, old)
		busy = busy || old.isMountpoint(d)
	case err != abi.ENOENT:
		return err
	}
	if busy {
		return abi.EBUSY
	}
	if err := n.fs.bindAll(bind...); err != nil {
		return err
	}
	err = n.fs.do(&journal.Record{
		Type: journal.Rename, Dir: n.attr.Ino, Name: name, NewDir: d.attr.Ino, NewName: newName,
		Flags: flags, Time: int64(now),
	})
	if err != nil {
		return err
	}
	return n.fs.dropOrphan(old)
}
