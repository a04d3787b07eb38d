package vfs

import (
	"strings"

	"emurun/abi"
)

// walk is one path resolution, path_resolution(7).
type walk struct {
	c       *Context
	root    *Dentry
	start   *Dentry // where RESOLVE_BENEATH and RESOLVE_IN_ROOT keep it
	resolve uint64  // abi.RESOLVE_…
	links   int     // symbolic links followed
}

// newWalk prepares to resolve path from at; it returns the directory to begin in.
func (c *Context) newWalk(at *Dentry, path string, resolve uint64) (*walk, *Dentry, error) {
	if path == "" {
		return nil, nil, abi.ENOENT
	}
	if len(path) >= abi.PATH_MAX {
		return nil, nil, abi.ENAMETOOLONG
	}
	if at == nil {
		at = c.Cwd
	}
	w := &walk{c: c, root: c.Root, start: at, resolve: resolve}
	if resolve&abi.RESOLVE_IN_ROOT != 0 {
		w.root = at
	}
	return w, at, nil
}

// Walk resolves path to a dentry; follow says whether a symbolic link at its end
// is followed.
func (c *Context) Walk(at *Dentry, path string, follow bool) (*Dentry, error) {
	return c.WalkHow(at, path, follow, 0)
}

// WalkHow is Walk with the RESOLVE flags of openat2(2).
func (c *Context) WalkHow(at *Dentry, path string, follow bool, resolve uint64) (*Dentry, error) {
	w, at, err := c.newWalk(at, path, resolve)
	if err != nil {
		return nil, err
	}
	return w.full(at, path, follow)
}

// full walks all of path.
func (w *walk) full(at *Dentry, path string, follow bool) (*Dentry, error) {
	dir, name, slash, err := w.parent(at, path)
	if err != nil {
		return nil, err
	}
	d, err := w.step(dir, name, follow || slash)
	if err != nil {
		return nil, err
	}
	if slash && !d.isDir() {
		return nil, abi.ENOTDIR
	}
	return d, nil
}

// parent walks to the directory that the last component of path stands in.
// slash reports that slashes follow that component: it must be a directory. name
// is "" when path is nothing but slashes.
func (w *walk) parent(at *Dentry, path string) (dir *Dentry, name string, slash bool, err error) {
	if path[0] == '/' {
		if w.resolve&abi.RESOLVE_BENEATH != 0 {
			return nil, "", false, abi.EXDEV
		}
		if err := w.crosses(at, w.root); err != nil {
			return nil, "", false, err
		}
		at = w.root
		path = strings.TrimLeft(path, "/")
	}
	for {
		i := strings.IndexByte(path, '/')
		if i < 0 {
			return at, path, false, nil
		}
		rest := strings.TrimLeft(path[i:], "/")
		if rest == "" {
			return at, path[:i], true, nil
		}
		if at, err = w.step(at, path[:i], true); err != nil {
			return nil, "", false, err
		}
		if !at.isDir() {
			return nil, "", false, abi.ENOTDIR
		}
		path = rest
	}
}

// step walks one component from at.
func (w *walk) step(at *Dentry, name string, follow bool) (*Dentry, error) {
	switch {
	case name == "": // the root directory, by slashes alone
		return at, nil
	case !at.isDir():
		return nil, abi.ENOTDIR
	case !w.c.Cred.super(): // who may search every directory
		a, err := at.Node.Attr()
		if err != nil {
			return nil, err
		}
		if err := w.c.Cred.May(&a, MayExec); err != nil {
			return nil, err
		}
	}
	switch name {
	case ".":
		return at, nil
	case "..":
		return w.dotdot(at)
	}
	d, err := at.lookup(name)
	if err != nil {
		return nil, err
	}
	if d.mounted != nil {
		up := d.top()
		if err := w.crosses(d, up); err != nil {
			return nil, err
		}
		d = up
	}
	if follow && d.isLink() {
		return w.follow(at, d)
	}
	return d, nil
}

// dotdot walks up. The root's parent is itself.
func (w *walk) dotdot(at *Dentry) (*Dentry, error) {
	if w.resolve&abi.RESOLVE_BENEATH != 0 && at == w.start {
		return nil, abi.EXDEV
	}
	if at == w.root {
		return at, nil
	}
	up := at.up()
	if up == nil {
		return at, nil
	}
	up = up.top()
	return up, w.crosses(at, up)
}

// crosses returns EXDEV if going from one place to another is a mount crossing
// that RESOLVE_NO_XDEV forbids.
func (w *walk) crosses(from, to *Dentry) error {
	if w.resolve&abi.RESOLVE_NO_XDEV != 0 && from.mount != to.mount {
		return abi.EXDEV
	}
	return nil
}

// follow walks to where the symbolic link in dir leads.
func (w *walk) follow(dir, link *Dentry) (*Dentry, error) {
	if err := w.countLink(); err != nil {
		return nil, err
	}
	if magic, ok := link.Node.(Follower); ok {
		if w.resolve&abi.RESOLVE_NO_MAGICLINKS != 0 {
			return nil, abi.ELOOP
		}
		d, err := magic.Follow()
		if err != nil {
			return nil, err
		}
		if w.resolve&(abi.RESOLVE_BENEATH|abi.RESOLVE_IN_ROOT) != 0 {
			return nil, abi.EXDEV
		}
		return d, w.crosses(link, d)
	}
	target, err := readTarget(link)
	if err != nil {
		return nil, err
	}
	return w.full(dir, target, true)
}

func (w *walk) countLink() error {
	if w.links++; w.links > abi.MAXSYMLINKS || w.resolve&abi.RESOLVE_NO_SYMLINKS != 0 {
		return abi.ELOOP
	}
	return nil
}

func readTarget(link *Dentry) (string, error) {
	target, err := link.Node.Readlink()
	if err == nil && target == "" {
		err = abi.ENOENT
	}
	return target, err
}

// lookup returns the dentry of name in d, as it is before mounts and links.
func (d *Dentry) lookup(name string) (*Dentry, error) {
	if len(name) > abi.NAME_MAX {
		return nil, abi.ENAMETOOLONG
	}
	if d.deleted {
		return nil, abi.ENOENT
	}
	if c := d.children[name]; c != nil {
		if _, dynamic := d.Node.(Dynamic); !dynamic {
			return c, nil
		}
	}
	n, err := d.Node.Lookup(name)
	if err != nil {
		return nil, err
	}
	return d.child(name, n), nil
}

// mode returns the file type. A node never changes it, so it is asked for once.
func (d *Dentry) mode() uint32 {
	if d.kind == 0 {
		a, err := d.Node.Attr()
		if err != nil {
			return 0
		}
		d.kind = a.Mode & abi.S_IFMT
	}
	return d.kind
}

func (d *Dentry) isDir() bool  { return d.mode() == abi.S_IFDIR }
func (d *Dentry) isLink() bool { return d.mode() == abi.S_IFLNK }

// place is a name to be made, changed or removed.
type place struct {
	dir   *Dentry
	name  string
	slash bool    // slashes follow the name
	d     *Dentry // what is there; nil if nothing is
}

// last walks to the last component of path, which need not exist and is not
// followed. A name "", "." or ".." is left to the caller.
func (c *Context) last(at *Dentry, path string) (place, error) {
	w, at, err := c.newWalk(at, path, 0)
	if err != nil {
		return place{}, err
	}
	dir, name, slash, err := w.parent(at, path)
	if err != nil {
		return place{}, err
	}
	p := place{dir: dir, name: name, slash: slash}
	if p.special() {
		return p, nil
	}
	p.d, err = w.step(dir, name, false)
	if err == abi.ENOENT && !dir.deleted {
		err = nil
	}
	return p, err
}

// special reports a last component that is no name: the root, "." or "..".
func (p *place) special() bool { return p.name == "" || p.name == "." || p.name == ".." }
