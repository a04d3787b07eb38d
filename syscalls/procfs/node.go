package procfs

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

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

	// What the root shows.
	list func() []entry
	find func(name string) (entry, bool)
}

// Root implements vfs.FileSystem.
func (f *FS) Root() vfs.Node { return f.root }

// Statfs implements vfs.FileSystem.
func (f *FS) Statfs() vfs.Statfs {
	return vfs.Statfs{Type: f.magic, Bsize: 4096, Namelen: abi.NAME_MAX}
}

// place is where a node is: the functions that make what it shows are found there again
// after a thaw. It holds the process itself, for a number may mean another one later.
type place struct {
	proc   *kernel.Process // in the directory of it; nil for what belongs to the machine
	thread *kernel.Thread  // in its directory of this thread; nil for the process's own
	path   string          // from there, with slashes before its names
}

// head is what every node has.
type head struct {
	vfs.NodeDefaults
	fs   *FS
	at   place
	ino  uint64
	mode uint32
	uid  uint32
	gid  uint32

	known bool  // e is what at leads to
	e     entry // derived from at
}

// entry returns what makes the node's content; empty where nothing is any more.
func (h *head) entry() *entry {
	if !h.known {
		h.e, h.known = h.fs.resolve(h.at), true
	}
	return &h.e
}

// resolve returns the entry at a place; empty if there is none.
func (f *FS) resolve(at place) entry {
	e := entry{list: f.list, find: f.find}
	switch {
	case at.thread != nil:
		e = f.threadEntry(at.proc, at.thread)
	case at.proc != nil:
		e = f.processEntry(at.proc)
	}
	for name := range strings.SplitSeq(at.path, "/") {
		if name == "" {
			continue
		}
		var ok bool
		if e, ok = e.lookup(name); !ok {
			return entry{}
		}
	}
	return e
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

// entry is a name in a directory. Which of its functions is there says what it is. What they
// do depends on nothing but the machine and where the entry is.
type entry struct {
	name string
	mode uint32

	list func() []entry // of a directory, in any order
	// find looks a name up that list does not show or that is cheaper to find alone; may be nil.
	find func(name string) (entry, bool)

	gen    func(w *bytes.Buffer) error // of a file: writes its content
	set    func(p []byte) error        // takes what is written to it; may be nil
	target func() (string, error)      // of a symbolic link
	to     func() (*vfs.Dentry, error) // of a magic link: the place itself
	memory bool                        // it is /proc/PID/mem
	proc   *kernel.Process             // it is the directory of this process
	thread *kernel.Thread              // and in it of this thread
}

// lookup returns the entry called name in e.
func (e *entry) lookup(name string) (entry, bool) {
	if e.find != nil {
		if x, ok := e.find(name); ok {
			return x, true
		}
	}
	if e.list != nil {
		for _, x := range e.list() {
			if x.name == name {
				return x, true
			}
		}
	}
	return entry{}, false
}

// dir is a directory.
type dir struct{ head }

// Dynamic implements vfs.Dynamic.
func (*dir) Dynamic() {}

// Process returns the process whose directory d is, or nil: pidfd_send_signal(2)
// takes such a directory for a pidfd.
func (d *dir) Process() *kernel.Process {
	if d.at.path != "" || d.at.thread != nil {
		return nil
	}
	return d.at.proc
}

// Open implements vfs.Node.
func (*dir) Open(uint32) (vfs.File, error) { return vfs.DirFile(nil), nil }

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
	if e, ok := d.entry().lookup(name); ok {
		return d.make(e), nil
	}
	return nil, abi.ENOENT
}

// make makes the node of an entry of d.
func (d *dir) make(e entry) vfs.Node {
	h := head{fs: d.fs, at: d.at, ino: d.inode(e.name), mode: e.mode, uid: d.uid, gid: d.gid, e: e, known: true}
	h.at.path += "/" + e.name
	if e.proc != nil {
		h.at = place{e.proc, e.thread, ""}
		h.uid, h.gid = e.proc.Cred.EUID, e.proc.Cred.EGID
	}
	switch {
	case e.gen != nil:
		return &file{head: h}
	case e.target != nil:
		return &symlink{h}
	case e.to != nil:
		return &magicLink{h}
	case e.memory:
		return &memNode{h}
	}
	return &dir{h}
}

// Entries implements vfs.Node.
func (d *dir) Entries() ([]vfs.DirEntry, error) {
	var out []vfs.DirEntry
	list := d.entry().list
	if list == nil {
		return nil, nil
	}
	for _, e := range list() {
		out = append(out, vfs.DirEntry{Name: e.name, Ino: d.inode(e.name), Type: abi.ModeType(e.mode)})
	}
	slices.SortFunc(out, func(a, b vfs.DirEntry) int { return cmp.Compare(a.Name, b.Name) })
	return out, nil
}

// subdir is an entry that is a directory.
func subdir(name string, list func() []entry) entry {
	return entry{name: name, mode: abi.S_IFDIR | 0o555, list: list}
}

// text is an entry that is a file with the content that gen writes.
func text(name string, gen func(w *bytes.Buffer) error) entry {
	return entry{name: name, mode: abi.S_IFREG | 0o444, gen: gen}
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
	return entry{name: name, mode: abi.S_IFREG | 0o644, gen: gen, set: set}
}

// link is an entry that is a symbolic link.
func link(name string, target func() (string, error)) entry {
	return entry{name: name, mode: abi.S_IFLNK | 0o777, target: target}
}

// symlink is a symbolic link with a target that is made when it is read.
type symlink struct{ head }

// Readlink implements vfs.Node.
func (s *symlink) Readlink() (string, error) {
	if t := s.entry().target; t != nil {
		return t()
	}
	return "", abi.ENOENT
}

// magic is an entry that is a magic link: it leads to a place by itself.
func magic(name string, to func() (*vfs.Dentry, error)) entry {
	return entry{name: name, mode: abi.S_IFLNK | 0o777, to: to}
}

type magicLink struct{ head }

// Follow implements vfs.Follower.
func (m *magicLink) Follow() (*vfs.Dentry, error) {
	if to := m.entry().to; to != nil {
		return to()
	}
	return nil, abi.ENOENT
}

// Readlink implements vfs.Node: the path from the root of the namespace.
func (m *magicLink) Readlink() (string, error) {
	d, err := m.Follow()
	if err != nil {
		return "", err
	}
	path, _ := d.Path(m.fs.k.Config().NS.Root())
	return path, nil
}

// file is a file whose content is made by a function.
type file struct{ head }

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
		gen := o.file.entry().gen
		if gen == nil {
			return 0, abi.ESRCH
		}
		if err := gen(&w); err != nil {
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
	set := o.file.entry().set
	if set == nil {
		return 0, abi.EIO
	}
	if err := set(p); err != nil {
		return 0, err // what was taken in part would hide it
	}
	return len(p), nil
}
