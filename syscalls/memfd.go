package syscalls

import (
	"strings"

	"emurun/abi"
	"emurun/emu/mem"
	"emurun/syscalls/kernel"
	"emurun/vfs"
)

// memfd is the inode of memfd_create(2): a file whose only storage is shared memory,
// which mappings of it show directly.
type memfd struct {
	vfs.NodeDefaults
	attr  vfs.Attr
	obj   *mem.Object
	seals uint32
	k     *kernel.Kernel
}

// memfdNameMax is the length of the longest name.
const memfdNameMax = 249

// memfdCreate implements memfd_create(2).
func memfdCreate(t *kernel.Thread, a Args) (uint64, error) {
	flags := a.Uint(1)
	const exec = abi.MFD_EXEC | abi.MFD_NOEXEC_SEAL
	switch {
	case flags&abi.MFD_HUGETLB != 0:
		return 0, abi.ENOMEM // no huge pages are reserved
	case flags&^(abi.MFD_CLOEXEC|abi.MFD_ALLOW_SEALING|exec) != 0, flags&exec == exec:
		return 0, abi.EINVAL
	}
	name, err := t.ReadString(a.Ptr(0), memfdNameMax+1)
	if err == abi.ENAMETOOLONG {
		return 0, abi.EINVAL
	}
	if err != nil {
		return 0, err
	}
	n := newMemfd(t, flags)
	f, err := n.Open(abi.O_RDWR)
	n.obj.Release() // the open file holds it
	if err != nil {
		return 0, err
	}
	d := vfs.NewDentry("/memfd:"+strings.ReplaceAll(name, "\n", "\\012")+" (deleted)", n)
	return install(t, vfs.NewOpenFile(f, n, d, abi.O_RDWR|abi.O_LARGEFILE), flags&abi.MFD_CLOEXEC != 0)
}

func newMemfd(t *kernel.Thread, flags uint32) *memfd {
	k := t.Kernel()
	cred := &t.Proc.Cred
	n := &memfd{k: k, obj: mem.NewObject(k.Config().Pool, nil, 0), seals: abi.F_SEAL_SEAL}
	now := n.Now()
	n.attr = vfs.Attr{
		Dev: abi.Mkdev(0, 1), Ino: k.Anon.NextInode(), Mode: abi.S_IFREG | 0o777, UID: cred.FSUID, GID: cred.FSGID,
		Blksize: mem.PageSize, Atime: now, Mtime: now, Ctime: now, Btime: now,
	}
	if flags&abi.MFD_ALLOW_SEALING != 0 {
		n.seals = 0
	}
	if flags&abi.MFD_NOEXEC_SEAL != 0 {
		n.seals = abi.F_SEAL_EXEC
		n.attr.Mode &^= 0o111
	}
	return n
}

// Object implements kernel.Stored.
func (n *memfd) Object() *mem.Object { return n.obj }

// Attr implements vfs.Node.
func (n *memfd) Attr() (vfs.Attr, error) {
	a := n.attr
	a.Size, a.Blocks = int64(n.obj.Size()), int64(n.obj.Resident()/512)
	return a, nil
}

// SetAttr implements vfs.Node.
func (n *memfd) SetAttr(mask vfs.AttrMask, a vfs.Attr, now vfs.Time) error {
	if mask&vfs.AttrMode != 0 && n.seals&abi.F_SEAL_EXEC != 0 && (a.Mode^n.attr.Mode)&0o111 != 0 {
		return abi.EPERM
	}
	if mask&vfs.AttrSize != 0 {
		if err := n.resize(uint64(a.Size)); err != nil {
			return err
		}
		n.attr.Mtime = now
	}
	for _, x := range []struct {
		bit vfs.AttrMask
		set func()
	}{
		{vfs.AttrMode, func() { n.attr.Mode = n.attr.Mode&abi.S_IFMT | a.Mode&^abi.S_IFMT }},
		{vfs.AttrUID, func() { n.attr.UID = a.UID }},
		{vfs.AttrGID, func() { n.attr.GID = a.GID }},
		{vfs.AttrAtime, func() { n.attr.Atime = a.Atime }},
		{vfs.AttrMtime, func() { n.attr.Mtime = a.Mtime }},
	} {
		if mask&x.bit != 0 {
			x.set()
		}
	}
	n.attr.Ctime = now
	return nil
}

// resize implements truncation under the seals.
func (n *memfd) resize(size uint64) error {
	switch old := n.obj.Size(); {
	case size < old && n.seals&abi.F_SEAL_SHRINK != 0, size > old && n.seals&abi.F_SEAL_GROW != 0:
		return abi.EPERM
	case size > mem.MaxObjectSize:
		return abi.EFBIG
	}
	n.obj.Truncate(size)
	return nil
}

// ReadAt implements vfs.Node.
func (n *memfd) ReadAt(p []byte, off int64) (int, error) { return n.obj.ReadAt(p, uint64(off)) }

// WriteAt implements vfs.Node.
func (n *memfd) WriteAt(p []byte, off int64, now vfs.Time) (int, error) {
	size := int64(n.obj.Size())
	switch {
	case n.seals&(abi.F_SEAL_WRITE|abi.F_SEAL_FUTURE_WRITE) != 0:
		return 0, abi.EPERM
	case n.seals&abi.F_SEAL_GROW != 0 && off+int64(len(p)) > size:
		if off >= size {
			return 0, abi.EPERM
		}
		p = p[:size-off]
	}
	k, err := n.obj.WriteAt(p, uint64(off))
	if k > 0 {
		n.attr.Mtime, n.attr.Ctime = now, now
		return k, nil
	}
	return k, err
}

// Allocate implements vfs.Node.
func (n *memfd) Allocate(mode uint32, off, length int64, now vfs.Time) error {
	switch mode {
	case 0, abi.FALLOC_FL_KEEP_SIZE:
		if end := uint64(off + length); mode == 0 && end > n.obj.Size() {
			return n.resize(end)
		}
	case abi.FALLOC_FL_PUNCH_HOLE | abi.FALLOC_FL_KEEP_SIZE:
		if n.seals&(abi.F_SEAL_WRITE|abi.F_SEAL_FUTURE_WRITE) != 0 {
			return abi.EPERM
		}
		n.obj.Punch(uint64(off), uint64(length))
	default:
		return abi.EOPNOTSUPP
	}
	n.attr.Mtime, n.attr.Ctime = now, now
	return nil
}

// Open implements vfs.Node; /proc/self/fd leads here again.
func (n *memfd) Open(uint32) (vfs.File, error) {
	n.obj.Hold()
	return vfs.NodeFile(n), nil
}

// Now implements vfs.Opened.
func (n *memfd) Now() vfs.Time { return vfs.Time(n.k.Realtime()) }

// Closed implements vfs.Opened.
func (n *memfd) Closed() { n.obj.Release() }

// Seals implements Sealed.
func (n *memfd) Seals() uint32 { return n.seals }

// AddSeals implements Sealed.
func (n *memfd) AddSeals(seals uint32) error {
	const all = abi.F_SEAL_SEAL | abi.F_SEAL_SHRINK | abi.F_SEAL_GROW | abi.F_SEAL_WRITE |
		abi.F_SEAL_FUTURE_WRITE | abi.F_SEAL_EXEC
	switch {
	case seals&^all != 0:
		return abi.EINVAL
	case n.seals&abi.F_SEAL_SEAL != 0:
		return abi.EPERM
	case seals&abi.F_SEAL_WRITE != 0 && n.obj.MappedWritable():
		return abi.EBUSY
	}
	if seals&abi.F_SEAL_EXEC != 0 && n.attr.Mode&0o111 != 0 {
		seals |= abi.F_SEAL_SHRINK | abi.F_SEAL_GROW | abi.F_SEAL_WRITE | abi.F_SEAL_FUTURE_WRITE
	}
	n.seals |= seals
	return nil
}
