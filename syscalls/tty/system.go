package tty

import (
	"slices"
	"strconv"

	"emurun/abi"
	"emurun/syscalls/kernel"
	"emurun/vfs"
)

// maxPty is how many pseudoterminals there may be, /proc/sys/kernel/pty/max.
const maxPty = 4096

// System is the terminals of a machine. It is the file system devpts.
type System struct {
	k    *kernel.Kernel
	dev  uint64
	ttys []*TTY // by index; nil where there is none
	dir  *dirNode
	ptmx *ptmxNode
}

// NewSystem returns a machine's terminals; dev is the device number of /dev/pts.
func NewSystem(k *kernel.Kernel, dev uint64) *System {
	s := &System{k: k, dev: dev}
	s.dir, s.ptmx = &dirNode{sys: s}, &ptmxNode{sys: s}
	return s
}

// firstPts is the major number of /dev/pts/N, UNIX98_PTY_SLAVE_MAJOR.
const firstPts = 136

// AddHost makes a terminal device for the host's terminal.
func (s *System) AddHost(term Terminal) *TTY { return s.add(&TTY{term: term}, 0, 0) }

// add gives a terminal the lowest free index.
func (s *System) add(t *TTY, uid, gid uint32) *TTY {
	t.sys = s
	t.node = &ttyNode{tty: t}
	t.index = slices.Index(s.ttys, nil)
	if t.index < 0 {
		t.index = len(s.ttys)
		s.ttys = append(s.ttys, nil)
	}
	now := vfs.Time(s.k.Realtime())
	t.attr = vfs.Attr{
		Dev: s.dev, Ino: uint64(t.index) + 3, Mode: abi.S_IFCHR | 0o620, Nlink: 1, UID: uid, GID: gid,
		Rdev: abi.Mkdev(firstPts, uint32(t.index)), Blksize: 1024, Atime: now, Mtime: now, Ctime: now, Btime: now,
	}
	s.ttys[t.index] = t
	return t
}

// OpenTTY opens /dev/tty: the controlling terminal of who calls.
func (s *System) OpenTTY(uint32) (vfs.File, error) {
	th := s.k.Current()
	if th == nil || th.Proc.Session.TTY == nil {
		return nil, abi.ENXIO
	}
	t, ok := th.Proc.Session.TTY.(*TTY)
	if !ok {
		return nil, abi.ENXIO
	}
	return t.open()
}

// open opens a terminal device.
func (t *TTY) open() (vfs.File, error) {
	if t.pty != nil {
		if t.hung || t.pty.locked {
			return nil, abi.EIO
		}
		t.pty.slaves++
		t.pty.opened = true
	}
	return &File{TTY: t}, nil
}

// OpenPTMX opens /dev/ptmx: it makes a pseudoterminal and opens its master side.
func (s *System) OpenPTMX(uint32) (vfs.File, error) {
	n := 0
	for _, t := range s.ttys {
		if t != nil {
			n++
		}
	}
	if n >= maxPty {
		return nil, abi.ENOSPC
	}
	p := newPty()
	t := &TTY{term: p, pty: p}
	p.tty = t
	var uid uint32
	if th := s.k.Current(); th != nil {
		uid = th.Proc.Cred.FSUID
	}
	s.add(t, uid, 5) // group tty, as systemd mounts devpts
	return &Master{pty: p}, nil
}

// Root implements vfs.FileSystem.
func (s *System) Root() vfs.Node { return s.dir }

// Statfs implements vfs.FileSystem.
func (s *System) Statfs() vfs.Statfs {
	return vfs.Statfs{Type: abi.DEVPTS_SUPER_MAGIC, Bsize: 4096, Namelen: abi.NAME_MAX}
}

// dirNode is the directory /dev/pts.
type dirNode struct {
	vfs.NodeDefaults
	sys *System
}

// Dynamic implements vfs.Dynamic.
func (*dirNode) Dynamic() {}

// Attr implements vfs.Node.
func (d *dirNode) Attr() (vfs.Attr, error) {
	t := vfs.Time(d.sys.k.Config().EpochNs)
	return vfs.Attr{Dev: d.sys.dev, Ino: 1, Mode: abi.S_IFDIR | 0o755, Nlink: 2, Blksize: 1024, Atime: t, Mtime: t, Ctime: t, Btime: t}, nil
}

// Entries implements vfs.Node.
func (d *dirNode) Entries() ([]vfs.DirEntry, error) {
	var out []vfs.DirEntry
	for _, t := range d.sys.ttys {
		if t != nil {
			out = append(out, vfs.DirEntry{Name: strconv.Itoa(t.index), Ino: t.attr.Ino, Type: abi.DT_CHR})
		}
	}
	out = append(out, vfs.DirEntry{Name: "ptmx", Ino: 2, Type: abi.DT_CHR})
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

// Lookup implements vfs.Node.
func (d *dirNode) Lookup(name string) (vfs.Node, error) {
	if name == "ptmx" {
		return d.sys.ptmx, nil
	}
	i, err := strconv.Atoi(name)
	if err != nil || i < 0 || i >= len(d.sys.ttys) || d.sys.ttys[i] == nil || strconv.Itoa(i) != name {
		return nil, abi.ENOENT
	}
	return d.sys.ttys[i].Node(), nil
}

// Open implements vfs.Node.
func (d *dirNode) Open(uint32) (vfs.File, error) { return vfs.DirFile(d), nil }

// ptmxNode is /dev/pts/ptmx.
type ptmxNode struct {
	vfs.NodeDefaults
	sys *System
}

// Attr implements vfs.Node.
func (n *ptmxNode) Attr() (vfs.Attr, error) {
	t := vfs.Time(n.sys.k.Config().EpochNs)
	return vfs.Attr{Dev: n.sys.dev, Ino: 2, Mode: abi.S_IFCHR | 0o666, Nlink: 1, Rdev: abi.Mkdev(5, 2), Blksize: 1024, Atime: t, Mtime: t, Ctime: t, Btime: t}, nil
}

// Open implements vfs.Node.
func (n *ptmxNode) Open(flags uint32) (vfs.File, error) { return n.sys.OpenPTMX(flags) }

// ttyNode is /dev/pts/N.
type ttyNode struct {
	vfs.NodeDefaults
	tty *TTY
}

// Node returns the inode of the terminal device.
func (t *TTY) Node() vfs.Node { return t.node }

// Attr implements vfs.Node.
func (n *ttyNode) Attr() (vfs.Attr, error) { return n.tty.attr, nil }

// SetAttr implements vfs.Node: chmod(2) and chown(2) of a terminal, as login does.
func (n *ttyNode) SetAttr(mask vfs.AttrMask, a vfs.Attr, now vfs.Time) error {
	x := &n.tty.attr
	if mask&vfs.AttrMode != 0 {
		x.Mode = abi.S_IFCHR | a.Mode&0o7777
	}
	if mask&vfs.AttrUID != 0 {
		x.UID = a.UID
	}
	if mask&vfs.AttrGID != 0 {
		x.GID = a.GID
	}
	if mask&vfs.AttrAtime != 0 {
		x.Atime = a.Atime
	}
	if mask&vfs.AttrMtime != 0 {
		x.Mtime = a.Mtime
	}
	x.Ctime = now
	return nil
}

// Open implements vfs.Node.
func (n *ttyNode) Open(uint32) (vfs.File, error) { return n.tty.open() }
