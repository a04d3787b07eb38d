package procfs

import (
	"bytes"
	"slices"

	"emurun/abi"
	"emurun/syscalls/kernel"
	"emurun/vfs"
)

// FS is a /proc or /sys. It implements vfs.FileSystem.
type FS struct {
	k     *kernel.Kernel
	dev   uint64
	magic int64
	root  *dir
}

// Root implements vfs.FileSystem.
func (f *FS) Root() vfs.Node { return f.root }

// Statfs implements vfs.FileSystem.
func (f *FS) Statfs() vfs.Statfs {
	return vfs.Statfs{Type: f.magic, Bsize: 4096, Namelen: abi.NAME_MAX}
}

// head is what every node has.
type head struct {
	vfs.NodeDefaults
	fs   *FS
	ino  uint64
	mode uint32
	uid  uint32
	gid  uint32
}

// Attr implements vfs.Node. Sizes are 0, as in Linux; times are the machine's boot.
func (h *head) Attr() (vfs.Attr, error) {
	t := vfs.Time(h.fs.k.Config().EpochNs)
	a := vfs.Attr{
		Dev: h.fs.dev, Ino: h.ino, Mode: h.mode, Nlink: 1, UID: h.uid, GID: h.gid, Blksize: 1024,
		Atime: t, Mtime: t, Ctime: t, Btime: t,
	}
	if h.mode&abi.S_IFMT == abi.S_IFDIR {
		a.Nlink = 2
	}
	return a, nil
}

// SetAttr implements vfs.Node: opening with O_TRUNC is accepted.
func (h *head) SetAttr(mask vfs.AttrMask, _ vfs.Attr, _ vfs.Time) error {
	if mask == vfs.AttrSize {
		return nil
	}
	return abi.EPERM
}

// entry is a name in a directory; node makes its node when it is looked up.
type entry struct {
	name string
	mode uint32 // type bits
	node func(h head) vfs.Node
}

// dir is a directory.
type dir struct {
	head
	proc *kernel.Process // of /proc/PID; nil for other directories
	list func() []entry  // in any order; nil for a directory that is gone
	// find looks a name up that list does not show or that is cheaper to find alone; may be nil.
	find func(name string) (entry, bool)
}

// Dynamic implements vfs.Dynamic.
func (*dir) Dynamic() {}

// Process returns the process whose directory d is, or nil: pidfd_send_signal(2)
// takes such a directory for a pidfd.
func (d *dir) Process() *kernel.Process { return d.proc }

// Open implements vfs.Node.
func (d *dir) Open(uint32) (vfs.File, error) { return vfs.DirFile(d), nil }

// inode numbers an entry: by its directory's number and its name, so that it is
// the same whenever it is looked up.
func (d *dir) inode(name string) uint64 {
	const prime = 1099511628211 // FNV-1a
	h := d.ino ^ 14695981039346656037
	for i := range len(name) {
		h = (h ^ uint64(name[i])) * prime
	}
	return h&0xffff_ffff | 1<<32
}

// Lookup implements vfs.Node.
func (d *dir) Lookup(name string) (vfs.Node, error) {
	if d.find != nil {
		if e, ok := d.find(name); ok {
			return d.make(e), nil
		}
	}
	for _, e := range d.list() {
		if e.name == name {
			return d.make(e), nil
		}
	}
	return nil, abi.ENOENT
}

func (d *dir) make(e entry) vfs.Node {
	return e.node(head{fs: d.fs, ino: d.inode(e.name), mode: e.mode, uid: d.uid, gid: d.gid})
}

// Entries implements vfs.Node.
func (d *dir) Entries() ([]vfs.DirEntry, error) {
	var out []vfs.DirEntry
	for _, e := range d.list() {
		out = append(out, vfs.DirEntry{Name: e.name, Ino: d.inode(e.name), Type: abi.ModeType(e.mode)})
	}
	slices.SortFunc(out, func(a, b vfs.DirEntry) int {
		switch {
		case a.Name < b.Name:
			return -1
		case a.Name > b.Name:
			return 1
		}
		return 0
	})
	return out, nil
}

// subdir is an entry that is a directory.
func subdir(name string, list func() []entry) entry {
	return entry{name, abi.S_IFDIR | 0o555, func(h head) vfs.Node { return &dir{head: h, list: list} }}
}

// text is an entry that is a file with the content that gen writes.
func text(name string, gen func(w *bytes.Buffer) error) entry {
	return entry{name, abi.S_IFREG | 0o444, func(h head) vfs.Node { return &file{head: h, gen: gen} }}
}

// constant is an entry that is a file with a fixed line.
func constant(name, line string) entry {
	return text(name, func(w *bytes.Buffer) error {
		w.WriteString(line)
		return w.WriteByte('\n')
	})
}

// setting is an entry that is a line that may be written; set takes what was.
func setting(name string, gen func(w *bytes.Buffer) error, set func(p []byte) error) entry {
	return entry{name, abi.S_IFREG | 0o644, func(h head) vfs.Node { return &file{head: h, gen: gen, set: set} }}
}

// link is an entry that is a symbolic link.
func link(name string, target func() (string, error)) entry {
	return entry{name, abi.S_IFLNK | 0o777, func(h head) vfs.Node { return &symlink{h, target} }}
}

// symlink is a symbolic link with a target that is made when it is read.
type symlink struct {
	head
	target func() (string, error)
}

// Readlink implements vfs.Node.
func (s *symlink) Readlink() (string, error) { return s.target() }

// magic is an entry that is a magic link: it leads to a place by itself.
func magic(name string, to func() (*vfs.Dentry, error)) entry {
	return entry{name, abi.S_IFLNK | 0o777, func(h head) vfs.Node { return &magicLink{h, to} }}
}

type magicLink struct {
	head
	to func() (*vfs.Dentry, error)
}

// Follow implements vfs.Follower.
func (m *magicLink) Follow() (*vfs.Dentry, error) { return m.to() }

// Readlink implements vfs.Node: the path from the root of the namespace.
func (m *magicLink) Readlink() (string, error) {
	d, err := m.to()
	if err != nil {
		return "", err
	}
	path, _ := d.Path(m.fs.k.Config().NS.Root())
	return path, nil
}

// file is a file whose content is made by a function.
type file struct {
	head
	gen func(w *bytes.Buffer) error
	set func(p []byte) error
}

// Open implements vfs.Node.
func (f *file) Open(uint32) (vfs.File, error) { return &openFile{file: f}, nil }

// openFile is an open description of a file with the content it was read with.
type openFile struct {
	vfs.FileDefaults
	file *file
	data []byte
	made bool
}

// Seekable implements vfs.File.
func (*openFile) Seekable() bool { return true }

// Read implements vfs.File.
func (o *openFile) Read(p []byte, off int64) (int, error) {
	if off == 0 || !o.made {
		var w bytes.Buffer
		if err := o.file.gen(&w); err != nil {
			return 0, err
		}
		o.data, o.made = w.Bytes(), true
	}
	if off < 0 || off >= int64(len(o.data)) {
		return 0, nil
	}
	return copy(p, o.data[off:]), nil
}

// Write implements vfs.File.
func (o *openFile) Write(p []byte, _ int64) (int, error) {
	if o.file.set == nil {
		return 0, abi.EIO
	}
	return len(p), o.file.set(p)
}
