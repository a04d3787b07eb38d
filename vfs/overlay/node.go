package overlay

import (
	"emurun/abi"
	"emurun/vfs"
	"emurun/vfs/journal"
)

// dirSize is the length of every directory.
const dirSize = 4096

// node is a file. It implements vfs.Node.
type node struct {
	vfs.NodeDefaults // for the page cache; every operation is overridden
	fs               *FS
	attr             vfs.Attr
	lower            vfs.Node // the file of the lower tree; nil if the guest made this one
	bound            bool     // the journal knows it
	opens            int      // open file descriptions

	// Where a file of the lower tree was first seen. While it is not bound, it is
	// still there.
	originDir  *node
	originName string
	others     []sighting // further names, of a file with hard links

	// Directories.
	up     *node            // the directory it stands in; nil for the root
	name   string           // its name there
	names  map[string]*node // what differs from the lower directory; nil: a whiteout
	domain uint64           // host file system

	// Regular files.
	pages     map[int64]*page // by number
	lowerSize int64           // how far the lower file is seen
	stored    int64           // pages that take space

	target string // symbolic links that the guest made
	xattrs map[string][]byte
	copied bool // xattrs replaces those of the lower file

	// For commits to the host: see mark.go.
	at   []sighting // names in upper directories, of a file that is no directory
	past *past      // what it was at the mark, if that is different
	id   uint64     // on the host, of a file that a commit made; 0: unknown

	// While it thaws.
	runs    []span   // the numbers of its pages
	checked [2]uint8 // ways up, see climbs
}

func (n *node) isDir() bool { return n.attr.Mode&abi.S_IFMT == abi.S_IFDIR }
func (n *node) isReg() bool { return n.attr.Mode&abi.S_IFMT == abi.S_IFREG }

// Attr implements vfs.Node.
func (n *node) Attr() (vfs.Attr, error) {
	a := n.attr
	if n.isReg() && (n.lower == nil || n.pages != nil || a.Size != n.lowerSize) {
		a.Blocks = n.stored * (pageSize / 512)
	}
	return a, nil
}

// SetAttr implements vfs.Node.
func (n *node) SetAttr(mask vfs.AttrMask, a vfs.Attr, now vfs.Time) error {
	if mask&vfs.AttrSize != 0 && !n.isReg() {
		return abi.EINVAL
	}
	ino, err := n.fs.bind(n)
	if err != nil {
		return err
	}
	r := journal.Record{Type: journal.SetAttr, Ino: ino, Mask: uint32(mask), Time: int64(now)}
	if mask&vfs.AttrMode != 0 {
		r.Mode = a.Mode
	}
	if mask&vfs.AttrUID != 0 {
		r.UID = a.UID
	}
	if mask&vfs.AttrGID != 0 {
		r.GID = a.GID
	}
	if mask&vfs.AttrSize != 0 {
		r.Size = a.Size
	}
	if mask&vfs.AttrAtime != 0 {
		r.Atime = int64(a.Atime)
	}
	if mask&vfs.AttrMtime != 0 {
		r.Mtime = int64(a.Mtime)
	}
	return n.fs.do(&r)
}

// Readlink implements vfs.Node.
func (n *node) Readlink() (string, error) {
	switch {
	case n.attr.Mode&abi.S_IFMT != abi.S_IFLNK:
		return "", abi.EINVAL
	case n.lower != nil:
		return n.lower.Readlink()
	}
	return n.target, nil
}

// ReadAt implements vfs.Node.
func (n *node) ReadAt(p []byte, off int64) (int, error) {
	if !n.isReg() || off < 0 {
		return 0, abi.EINVAL
	}
	if n.sizeless() {
		return n.lower.ReadAt(p, off)
	}
	if off >= n.attr.Size {
		return 0, nil
	}
	p = p[:min(int64(len(p)), n.attr.Size-off)]
	if err := n.read(p, off); err != nil {
		return 0, err
	}
	return len(p), nil
}

// sizeless reports an unchanged file of the lower tree that may have content in
// spite of a size of 0, as those of /sys do.
func (n *node) sizeless() bool {
	if n.attr.Size > 0 || n.lower == nil || n.pages != nil {
		return false
	}
	a, err := n.lower.Attr()
	return err == nil && a.Size == 0
}

// WriteAt implements vfs.Node.
func (n *node) WriteAt(p []byte, off int64, now vfs.Time) (int, error) {
	switch {
	case !n.isReg() || off < 0:
		return 0, abi.EINVAL
	case len(p) == 0:
		return 0, nil
	case off >= maxSize:
		return 0, abi.EFBIG
	}
	ino, err := n.fs.bind(n)
	if err != nil {
		return 0, err
	}
	done := 0
	for done < len(p) {
		part := p[done:min(len(p), done+journal.MaxData)]
		r := journal.Record{Type: journal.Write, Ino: ino, Off: off + int64(done), Data: part, Time: int64(now)}
		if err := n.fs.do(&r); err != nil {
			if done > 0 {
				return done, nil
			}
			return 0, err
		}
		done += len(part)
	}
	return done, nil
}

// Allocate implements vfs.Node.
func (n *node) Allocate(mode uint32, off, length int64, now vfs.Time) error {
	const known = abi.FALLOC_FL_KEEP_SIZE | abi.FALLOC_FL_PUNCH_HOLE | abi.FALLOC_FL_ZERO_RANGE
	punch := mode & (abi.FALLOC_FL_PUNCH_HOLE | abi.FALLOC_FL_KEEP_SIZE)
	switch {
	case n.isDir():
		return abi.EISDIR
	case !n.isReg():
		return abi.ENODEV
	case off < 0 || length <= 0:
		return abi.EINVAL
	case mode&^known != 0 || punch == abi.FALLOC_FL_PUNCH_HOLE ||
		mode&abi.FALLOC_FL_PUNCH_HOLE != 0 && mode&abi.FALLOC_FL_ZERO_RANGE != 0:
		return abi.EOPNOTSUPP
	case off > maxSize || length > maxSize-off:
		return abi.EFBIG
	}
	ino, err := n.fs.bind(n)
	if err != nil {
		return err
	}
	return n.fs.do(&journal.Record{
		Type: journal.Allocate, Ino: ino, Flags: mode, Off: off, Size: length, Time: int64(now),
	})
}

// Sync implements vfs.Node. What survives is decided at the commit, which then
// has to reach the disk.
func (n *node) Sync() error {
	n.fs.synced = true
	return nil
}

// Open implements vfs.Node. FIFOs, sockets and devices are left to Namespace.Special.
func (n *node) Open(flags uint32) (vfs.File, error) {
	switch n.attr.Mode & abi.S_IFMT {
	case abi.S_IFDIR:
		n.opens++
		return vfs.DirFile(n), nil
	case abi.S_IFREG:
	default:
		return nil, abi.ENXIO
	}
	if n.lowerSize > 0 && flags&abi.O_TRUNC == 0 {
		f, err := n.lower.Open(abi.O_RDONLY) // whether the host lets us
		if err != nil {
			return nil, err
		}
		f.Release()
	}
	n.opens++
	return vfs.NodeFile(n), nil
}

// Now implements vfs.Opened.
func (n *node) Now() vfs.Time { return n.fs.opt.Clock() }

// Closed implements vfs.Opened.
func (n *node) Closed() {
	n.opens--
	_ = n.fs.dropOrphan(n) // cannot fail on a node that is there
}
