package syscalls

import (
	"emurun/abi"
	"emurun/emu/mem"
	"emurun/syscalls/kernel"
	"emurun/vfs"
)

// space returns the memory of t with the resource limits of its process.
func space(t *kernel.Thread) *mem.Space {
	s := t.Mem()
	l := &t.Proc.Limits
	s.Limits = mem.Limits{
		AS: l[abi.RLIMIT_AS].Cur, Data: l[abi.RLIMIT_DATA].Cur,
		Stack: l[abi.RLIMIT_STACK].Cur, Memlock: l[abi.RLIMIT_MEMLOCK].Cur,
	}
	return s
}

// pageUp rounds n up to whole pages; it is 0 for what does not fit in 64 bits.
func pageUp(n uint64) uint64 { return (n + mem.PageMask) &^ mem.PageMask }

// aligned reports whether a is a page boundary.
func aligned(a uint64) bool { return a&mem.PageMask == 0 }

// brk implements brk(2): an end of the heap that cannot be had changes nothing.
func brk(t *kernel.Thread, a Args) (uint64, error) { return space(t).Brk(a.Ptr(0)), nil }

// mmapCall is a call of mmap(2) on its way.
type mmapCall struct {
	t      *kernel.Thread
	s      *mem.Space
	addr   uint64
	len    uint64 // whole pages
	prot   uint64
	flags  uint64
	offset uint64
	file   *vfs.OpenFile // nil: anonymous
}

// mmap implements mmap(2).
func mmap(t *kernel.Thread, a Args) (uint64, error) {
	c := mmapCall{
		t: t, s: space(t), addr: a.Ptr(0), len: pageUp(a[1]), prot: a[2], flags: a[3], offset: a[5],
	}
	if err := c.check(a[1], a.Int(4)); err != nil {
		return 0, err
	}
	m, err := c.mapping()
	if err != nil {
		return 0, err
	}
	if err := c.place(); err != nil {
		return 0, err
	}
	if err := c.admit(m); err != nil {
		return 0, err
	}
	m.Start, m.End = c.addr, c.addr+c.len
	if err := c.s.Map(m); err != nil {
		return 0, err
	}
	if c.flags&abi.MAP_LOCKED != 0 || c.flags&(abi.MAP_POPULATE|abi.MAP_NONBLOCK) == abi.MAP_POPULATE {
		c.s.Populate(m.Start, m.End, m.Flags&mem.Shared == 0 && m.Prot&mem.Write != 0) // errors do not matter, mmap(2)
	}
	return m.Start, nil
}

// check looks at the arguments in Linux's order and finds the file.
func (c *mmapCall) check(length uint64, fd int32) error {
	switch {
	case !aligned(c.offset):
		return abi.EINVAL
	case c.flags&abi.MAP_ANONYMOUS == 0:
		f, err := c.t.File(fd)
		if err != nil {
			return err
		}
		if f.Flags&abi.O_PATH != 0 {
			return abi.EBADF
		}
		if c.flags&abi.MAP_HUGETLB != 0 {
			return abi.EINVAL // not a file of hugetlbfs
		}
		c.file = f
	case c.flags&abi.MAP_HUGETLB != 0:
		return abi.ENOMEM // no huge pages are reserved
	}
	switch {
	case length == 0:
		return abi.EINVAL
	case c.len == 0:
		return abi.ENOMEM
	case c.offset+c.len < c.offset:
		return abi.EOVERFLOW
	}
	return nil
}

// mapping checks the type of the mapping against the file and returns its
// properties.
func (c *mmapCall) mapping() (mem.Mapping, error) {
	m := mem.Mapping{Prot: protOf(c.prot), Offset: c.offset}
	if c.flags&abi.MAP_GROWSDOWN != 0 {
		m.Flags |= mem.GrowsDown
	}
	if c.flags&abi.MAP_NORESERVE != 0 {
		m.Flags |= mem.NoReserve
	}
	if c.file != nil {
		return c.fileMapping(m)
	}
	m.Offset = 0
	switch c.flags & abi.MAP_TYPE {
	case abi.MAP_PRIVATE:
	case abi.MAP_SHARED:
		if m.Flags&mem.GrowsDown != 0 {
			return m, abi.EINVAL
		}
		m.Flags |= mem.Shared
		m.Name, m.Dev = "/dev/zero (deleted)", 1
	default:
		return m, abi.EINVAL
	}
	return m, nil
}

// mapSharedFlags are the flags that MAP_SHARED_VALIDATE knows.
const mapSharedFlags = abi.MAP_TYPE | abi.MAP_FIXED | abi.MAP_ANONYMOUS | abi.MAP_32BIT | abi.MAP_GROWSDOWN |
	abi.MAP_DENYWRITE | abi.MAP_EXECUTABLE | abi.MAP_LOCKED | abi.MAP_NORESERVE | abi.MAP_POPULATE |
	abi.MAP_NONBLOCK | abi.MAP_STACK | abi.MAP_HUGETLB | abi.MAP_FIXED_NOREPLACE

// fileMapping completes m for a mapping of c.file.
func (c *mmapCall) fileMapping(m mem.Mapping) (mem.Mapping, error) {
	switch c.flags & abi.MAP_TYPE {
	case abi.MAP_SHARED, abi.MAP_SHARED_VALIDATE:
		if c.flags&abi.MAP_TYPE == abi.MAP_SHARED_VALIDATE && c.flags&^mapSharedFlags != 0 {
			return m, abi.EOPNOTSUPP
		}
		if m.Prot&mem.Write != 0 && !c.file.Writable() {
			return m, abi.EACCES
		}
		sealed := c.sealed()
		if m.Prot&mem.Write != 0 && sealed {
			return m, abi.EPERM
		}
		m.Flags |= mem.Shared
		if !c.file.Writable() || sealed {
			m.MaxProt = mem.Read | mem.Exec
		}
	case abi.MAP_PRIVATE:
	default:
		return m, abi.EINVAL
	}
	if !c.file.Readable() {
		return m, abi.EACCES
	}
	if m.Prot&mem.Exec != 0 && c.noExec() {
		return m, abi.EPERM
	}
	if isDevZero(c.file) {
		m.Offset = 0
		return m, nil
	}
	if c.file.Node == nil {
		return m, abi.ENODEV
	}
	o, err := c.t.Kernel().FileObject(c.file.Node)
	if err != nil {
		return m, err
	}
	if m.Flags&mem.GrowsDown != 0 {
		return m, abi.EINVAL
	}
	at, err := c.file.Node.Attr()
	m.Object, m.Dev, m.Ino = o, at.Dev, at.Ino
	if c.file.Dentry != nil {
		m.Name, _ = c.file.Dentry.Path(c.t.Proc.FS.Root())
	}
	return m, err
}

// sealed reports whether the file is sealed against writing.
func (c *mmapCall) sealed() bool {
	s, ok := c.file.Node.(Sealed)
	return ok && s.Seals()&(abi.F_SEAL_WRITE|abi.F_SEAL_FUTURE_WRITE) != 0
}

// noExec reports whether the file is on a mount without execution.
func (c *mmapCall) noExec() bool {
	d := c.file.Dentry
	return d != nil && d.Mount() != nil && d.Mount().Flags&abi.ST_NOEXEC != 0
}

// isDevZero reports whether f is /dev/zero, whose private mappings are anonymous memory
// and whose shared ones shared memory.
func isDevZero(f *vfs.OpenFile) bool {
	if f.Node == nil {
		return false
	}
	a, err := f.Node.Attr()
	return err == nil && a.Mode&abi.S_IFMT == abi.S_IFCHR && a.Rdev == abi.Mkdev(1, 5)
}

// The area of MAP_32BIT.
const (
	low32 = 0x40000000
	top32 = 0x80000000
)

// minAddr is the lowest address that may be mapped, vm.mmap_min_addr.
const minAddr = 0x10000

// place decides where the mapping goes.
func (c *mmapCall) place() error {
	if c.len > mem.Limit {
		return abi.ENOMEM
	}
	if c.flags&(abi.MAP_FIXED|abi.MAP_FIXED_NOREPLACE) != 0 {
		return c.placeFixed()
	}
	hint := c.addr &^ mem.PageMask
	if hint != 0 && hint < minAddr {
		hint = minAddr
	}
	var ok bool
	if c.flags&abi.MAP_32BIT != 0 && !(hint != 0 && hint+c.len <= top32 && c.s.Free(hint, hint+c.len)) {
		c.addr, ok = c.s.FindLow(low32, top32, c.len)
	} else {
		c.addr, ok = c.s.FindFree(hint, c.len)
	}
	if !ok {
		return abi.ENOMEM
	}
	return nil
}

func (c *mmapCall) placeFixed() error {
	switch {
	case c.addr > mem.Limit-c.len:
		return abi.ENOMEM
	case !aligned(c.addr):
		return abi.EINVAL
	case c.addr < minAddr:
		return abi.EPERM
	case c.flags&abi.MAP_FIXED_NOREPLACE != 0 && !c.s.Unmapped(c.addr, c.addr+c.len):
		return abi.EEXIST
	}
	return nil
}

// admit checks the limits. Only private memory that may be written, and shared
// anonymous memory, counts against what is left.
func (c *mmapCall) admit(m mem.Mapping) error {
	flags := m.Flags & mem.NoReserve
	if m.Flags&mem.Shared != 0 && m.Object != nil || m.Flags&mem.Shared == 0 && m.Prot&mem.Write == 0 {
		flags |= mem.NoReserve
	}
	n := c.len
	if c.flags&abi.MAP_FIXED != 0 {
		n -= c.s.Mapped(c.addr, c.addr+c.len) // replaced
	}
	if c.flags&abi.MAP_LOCKED != 0 {
		if err := lockLimit(c.t, c.len); err == abi.EPERM {
			return err
		} else if err != nil {
			return abi.EAGAIN
		}
	}
	if m.Prot&mem.Write != 0 && m.Flags&(mem.Shared|mem.GrowsDown) == 0 {
		if err := c.s.AdmitData(n); err != nil {
			return err
		}
	}
	return c.s.Admit(n, flags)
}

// protOf returns the permissions of prot.
func protOf(prot uint64) (p mem.Prot) {
	if prot&abi.PROT_READ != 0 {
		p |= mem.Read
	}
	if prot&abi.PROT_WRITE != 0 {
		p |= mem.Write
	}
	if prot&abi.PROT_EXEC != 0 {
		p |= mem.Exec
	}
	return p
}

// munmap implements munmap(2).
func munmap(t *kernel.Thread, a Args) (uint64, error) {
	addr, n := a.Ptr(0), pageUp(a[1])
	if !aligned(addr) || addr > mem.Limit || a[1] > mem.Limit-addr || n == 0 {
		return 0, abi.EINVAL
	}
	return 0, t.Mem().Unmap(addr, addr+n)
}
