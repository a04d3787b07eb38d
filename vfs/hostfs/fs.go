package hostfs

import (
	"fmt"
	"strings"
	"sync"

	"emurun/abi"
	"emurun/vfs"
)

// maxHandles bounds the directories and the files that are kept open.
const maxHandles = 200

// FS is a read-only view of a host directory. It implements vfs.FileSystem.
type FS struct {
	path  string
	dev   uint64 // device number the guest sees
	base  hostDir
	root  *node
	seen  map[hostID]*node
	inos  map[hostID]uint64
	next  uint64 // next inode number
	dirs  ring[hostDir]
	files ring[hostFile]

	// mu is held for writing by who changes the host's files below the view.
	mu        sync.RWMutex
	preserved []*node // those that are kept
}

// Open returns a view of the host directory path, whose files have the device
// number dev.
func Open(path string, dev uint64) (*FS, error) {
	base, err := openRoot(path)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	st, err := base.stat("")
	if err != nil {
		base.close()
		return nil, fmt.Errorf("stat %s: %w", path, err)
	}
	if st.attr.Mode&abi.S_IFMT != abi.S_IFDIR {
		base.close()
		return nil, fmt.Errorf("open %s: %w", path, abi.ENOTDIR)
	}
	f := &FS{path: path, dev: dev, base: base, next: 1, seen: map[hostID]*node{}, inos: map[hostID]uint64{}}
	f.root = f.see(nil, "", st)
	return f, nil
}

// Path is the host directory of the view.
func (f *FS) Path() string { return f.path }

// Root implements vfs.FileSystem.
func (f *FS) Root() vfs.Node { return f.root }

// Statfs implements vfs.FileSystem with the figures of a half-full ext4.
func (f *FS) Statfs() vfs.Statfs {
	return vfs.Statfs{
		Type: abi.EXT4_SUPER_MAGIC, Bsize: 4096, Blocks: 1 << 25, Bfree: 1 << 24, Bavail: 1 << 24,
		Files: 1 << 23, Ffree: 1 << 22, Namelen: abi.NAME_MAX,
	}
}

// Close gives back all handles.
func (f *FS) Close() {
	f.dirs.closeAll()
	f.files.closeAll()
	f.base.close()
	for _, n := range f.preserved {
		n.kept.close()
	}
}

// number is the guest's inode number of a host file.
func (f *FS) number(id hostID) uint64 {
	if id == (hostID{}) {
		f.next++
		return f.next - 1
	}
	n, ok := f.inos[id]
	if !ok {
		n = f.next
		f.next++
		f.inos[id] = n
	}
	return n
}

// procIno is the inode number of the root of /proc, which no directory of a disk has.
const procIno = 1

// see returns the node of a file seen as name in parent. Other names of a file
// that is not a directory lead to the same node.
func (f *FS) see(parent *node, name string, st hostStat) *node {
	dir := st.attr.Mode&abi.S_IFMT == abi.S_IFDIR
	shared := !dir && st.attr.Nlink > 1 && st.id != hostID{}
	if !dir && st.id != (hostID{}) { // a commit may have removed its other names
		if n := f.seen[st.id]; n != nil && (n.attr.Mode^st.attr.Mode)&abi.S_IFMT == 0 {
			n.sighted(parent, name)
			return n
		}
	}
	n := &node{fs: f, parent: parent, name: name, id: st.id, attr: st.attr}
	a := &n.attr
	a.Dev, a.Ino, a.Blksize = f.dev, f.number(st.id), 4096
	if dir {
		a.Size = 4096
	}
	if dir && st.id.ino == procIno && parent != nil && parent.id.dev != st.id.dev {
		a.Nlink, a.Mtime = 2, 0 // the links of the host's /proc count its processes
	}
	a.Blocks = (a.Size + 4095) / 4096 * 8
	if a.Mode&abi.S_IFMT == abi.S_IFLNK {
		a.Blocks = 0
	}
	a.Atime, a.Ctime, a.Btime = a.Mtime, a.Mtime, a.Mtime
	if shared {
		f.seen[st.id] = n
	}
	return n
}

// handle returns the open directory of n, reopening it from its parent's if the
// cache has let it go.
func (f *FS) handle(n *node) (hostDir, error) {
	if n.parent == nil {
		return f.base, nil
	}
	if n.dir.open {
		n.dir.used = true
		return n.dir.h, nil
	}
	if n.at != "" {
		d, err := f.reach(n.at)
		if err == nil {
			f.dirs.add(&n.dir, d)
		}
		return d, err
	}
	up, err := f.handle(n.parent)
	if err != nil {
		return hostDir{}, err
	}
	d, err := up.dir(n.name)
	if err != nil {
		return hostDir{}, err
	}
	f.dirs.add(&n.dir, d)
	return d, nil
}

// reach opens a directory by its path on the host; "" is the root, which is not to be closed.
func (f *FS) reach(path string) (hostDir, error) {
	d := f.base
	if path == "" {
		return d, nil
	}
	for i, name := range strings.Split(path, "/") {
		next, err := d.dir(name)
		if i > 0 {
			d.close()
		}
		if err != nil {
			return hostDir{}, err
		}
		d = next
	}
	return d, nil
}

// on calls do with the directory in which n stands on the host, and its name there. A file
// with several names may have lost some to a commit: the first that still leads to it is taken.
func (f *FS) on(n *node, do func(d hostDir, name string) error) error {
	if len(n.also) == 0 {
		return f.onPlace(sighting{n.parent, n.name}, n.at, do)
	}
	err := error(abi.ENOENT)
	for i, s := range append([]sighting{{n.parent, n.name}}, n.also...) {
		at := n.at
		if i > 0 {
			at = ""
		}
		err = f.onPlace(s, at, func(d hostDir, name string) error {
			st, err := d.stat(name)
			if err == nil && st.id != n.id {
				err = abi.ENOENT
			}
			if err != nil {
				return err
			}
			return do(d, name)
		})
		if Errno(err) != abi.ENOENT {
			break
		}
	}
	return err
}

// onPlace is on for one place: at, if it is not empty, or else s.
func (f *FS) onPlace(s sighting, at string, do func(d hostDir, name string) error) error {
	if at == "" {
		up, err := f.handle(s.parent)
		if err != nil {
			return err
		}
		return do(up, s.name)
	}
	path, name := "", at
	if i := strings.LastIndexByte(at, '/'); i >= 0 {
		path, name = at[:i], at[i+1:]
	}
	up, err := f.reach(path)
	if err != nil {
		return err
	}
	if path != "" {
		defer up.close()
	}
	return do(up, name)
}

// fileHandle returns the open file of n.
func (f *FS) fileHandle(n *node) (hostFile, error) {
	if n.kept != nil {
		return *n.kept, nil
	}
	if n.file.open {
		n.file.used = true
		return n.file.h, nil
	}
	h, err := f.open(n)
	if err != nil {
		return hostFile{}, err
	}
	f.files.add(&n.file, h)
	return h, nil
}

// open opens the file of n for reading.
func (f *FS) open(n *node) (h hostFile, err error) {
	err = f.on(n, func(d hostDir, name string) error {
		h, err = d.file(name)
		return err
	})
	return h, err
}
