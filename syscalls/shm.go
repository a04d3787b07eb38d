package syscalls

import (
	"encoding/binary"

	"emurun/abi"
	"emurun/emu/mem"
	"emurun/syscalls/kernel"
)

// ipcMay reports whether t has the rights that flag asks for in its permission bits,
// sysvipc(7).
func ipcMay(t *kernel.Thread, p *abi.IPCPerm, flag uint32) bool {
	c := &t.Proc.Cred
	want := flag>>6 | flag>>3 | flag
	have := p.Mode
	switch {
	case c.Capable(abi.CAP_IPC_OWNER):
		return true
	case c.EUID == p.CUID || c.EUID == p.UID:
		have >>= 6
	case inGroup(c, p.CGID) || inGroup(c, p.GID):
		have >>= 3
	}
	return want&^have&7 == 0
}

func inGroup(c *kernel.Cred, gid uint32) bool {
	for _, g := range c.Groups {
		if g == gid {
			return true
		}
	}
	return c.EGID == gid
}

// seconds is the time that IPC objects get.
func seconds(t *kernel.Thread) int64 { return t.Kernel().Realtime() / 1e9 }

// shmget implements shmget(2).
func shmget(t *kernel.Thread, a Args) (uint64, error) {
	key, size, flag := a.Int(0), a[1], a.Uint(2)
	if key != abi.IPC_PRIVATE {
		if s := t.Kernel().Shm.Key(key); s != nil {
			switch {
			case flag&(abi.IPC_CREAT|abi.IPC_EXCL) == abi.IPC_CREAT|abi.IPC_EXCL:
				return 0, abi.EEXIST
			case size > s.Size:
				return 0, abi.EINVAL
			case !ipcMay(t, &s.Perm, flag):
				return 0, abi.EACCES
			}
			return uint64(s.ID), nil
		}
		if flag&abi.IPC_CREAT == 0 {
			return 0, abi.ENOENT
		}
	}
	return newShm(t, key, size, flag)
}

func newShm(t *kernel.Thread, key int32, size uint64, flag uint32) (uint64, error) {
	pool := t.Mem().Pool()
	switch {
	case size == 0 || size > kernel.ShmMax:
		return 0, abi.EINVAL
	case flag&abi.SHM_HUGETLB != 0, size > mem.Limit, flag&abi.SHM_NORESERVE == 0 && size > pool.Available():
		return 0, abi.ENOMEM
	}
	c := &t.Proc.Cred
	s := &kernel.ShmSegment{
		Perm:  abi.IPCPerm{Key: key, UID: c.EUID, GID: c.EGID, CUID: c.EUID, CGID: c.EGID, Mode: flag & 0o777},
		Size:  size,
		Ctime: seconds(t), CPID: t.Proc.PID,
		Object: mem.NewObject(pool, nil, pageUp(size)),
	}
	if err := t.Kernel().Shm.Add(s); err != nil {
		s.Object.Release()
		return 0, err
	}
	return uint64(s.ID), nil
}

// shmat implements shmat(2).
func shmat(t *kernel.Thread, a Args) (uint64, error) {
	addr, flag := a.Ptr(1), a.Uint(2)
	s := t.Kernel().Shm.Find(a.Int(0))
	if s == nil {
		return 0, abi.EINVAL
	}
	if !aligned(addr) {
		if flag&abi.SHM_RND == 0 {
			return 0, abi.EINVAL
		}
		addr &^= mem.PageMask
	}
	if addr == 0 && flag&abi.SHM_REMAP != 0 {
		return 0, abi.EINVAL
	}
	m := mem.Mapping{Prot: mem.Read | mem.Write, Flags: mem.Shared, Object: s.Object, Dev: abi.Mkdev(0, 1), Ino: uint64(s.ID), Name: s.Name()}
	want := uint32(0o600)
	if flag&abi.SHM_RDONLY != 0 {
		m.Prot, m.MaxProt, want = mem.Read, mem.Read|mem.Exec, 0o400
	}
	if flag&abi.SHM_EXEC != 0 {
		m.Prot |= mem.Exec
		want |= 0o100
	}
	if !ipcMay(t, &s.Perm, want) {
		return 0, abi.EACCES
	}
	if err := placeShm(space(t), &m, addr, s.Object.Size(), flag&abi.SHM_REMAP != 0); err != nil {
		return 0, err
	}
	s.Atime, s.LPID = seconds(t), t.Proc.PID
	return m.Start, nil
}

// placeShm maps m, with length n, at addr, or if that is 0 anywhere.
func placeShm(sp *mem.Space, m *mem.Mapping, addr, n uint64, replace bool) error {
	switch {
	case addr == 0:
		var ok bool
		if addr, ok = sp.FindFree(0, n); !ok {
			return abi.ENOMEM
		}
	case addr > mem.Limit-n:
		return abi.ENOMEM
	case addr < minAddr:
		return abi.EPERM
	case !replace && !sp.Unmapped(addr, addr+n):
		return abi.EINVAL
	}
	if err := sp.Admit(n, mem.NoReserve); err != nil {
		return err
	}
	m.Start, m.End = addr, addr+n
	return sp.Map(*m)
}

// shmdt implements shmdt(2).
func shmdt(t *kernel.Thread, a Args) (uint64, error) {
	addr := a.Ptr(0)
	sp, table := t.Mem(), &t.Kernel().Shm
	m := sp.MappingAt(addr)
	s := table.Mapped(m)
	if !aligned(addr) || s == nil || addr-m.Start+m.Offset != 0 {
		return 0, abi.EINVAL
	}
	type piece struct{ lo, hi uint64 }
	var pieces []piece // mprotect and munmap may have cut the attachment
	sp.Each(addr, addr+s.Object.Size(), func(x *mem.Mapping) {
		if x.Object == s.Object && x.Start-addr == x.Offset {
			pieces = append(pieces, piece{x.Start, x.End})
		}
	})
	for _, p := range pieces {
		if err := sp.Unmap(p.lo, p.hi); err != nil {
			return 0, err
		}
	}
	s.Dtime, s.LPID = seconds(t), t.Proc.PID
	return 0, nil
}

// shmctl implements shmctl(2). Locking has no effect: nothing is ever paged out.
func shmctl(t *kernel.Thread, a Args) (uint64, error) {
	table := &t.Kernel().Shm
	id, cmd, buf := a.Int(0), a.Int(1), a.Ptr(2)
	switch cmd {
	case abi.IPC_INFO, abi.SHM_INFO:
		return shmInfo(t, cmd, buf)
	case abi.SHM_STAT, abi.SHM_STAT_ANY:
		s := table.At(id)
		if s == nil {
			return 0, abi.EINVAL
		}
		return uint64(s.ID), shmStat(t, s, buf, cmd == abi.SHM_STAT_ANY)
	}
	s := table.Find(id)
	if s == nil || id < 0 {
		return 0, abi.EINVAL
	}
	if cmd == abi.IPC_STAT {
		return 0, shmStat(t, s, buf, false)
	}
	if c := &t.Proc.Cred; c.EUID != s.Perm.UID && c.EUID != s.Perm.CUID && !c.Capable(abi.CAP_SYS_ADMIN) {
		return 0, abi.EPERM
	}
	switch cmd {
	case abi.IPC_RMID:
		table.Remove(s)
	case abi.IPC_SET:
		var b [abi.ShmidDSSize]byte
		if err := t.Read(b[:], buf); err != nil {
			return 0, err
		}
		var p abi.IPCPerm
		p.Decode(b[:])
		s.Perm.UID, s.Perm.GID = p.UID, p.GID
		s.Perm.Mode = s.Perm.Mode&^0o777 | p.Mode&0o777
		s.Ctime = seconds(t)
	case abi.SHM_LOCK:
		s.Perm.Mode |= abi.SHM_LOCKED
	case abi.SHM_UNLOCK:
		s.Perm.Mode &^= abi.SHM_LOCKED
	default:
		return 0, abi.EINVAL
	}
	return 0, nil
}

// shmStat writes what IPC_STAT tells.
func shmStat(t *kernel.Thread, s *kernel.ShmSegment, buf uint64, any bool) error {
	if !any && !ipcMay(t, &s.Perm, 0o400) {
		return abi.EACCES
	}
	d := abi.ShmidDS{
		Perm: s.Perm, Segsz: s.Size, Atime: s.Atime, Dtime: s.Dtime, Ctime: s.Ctime,
		CPID: s.CPID, LPID: s.LPID, Nattch: uint64(s.Object.Attachments()),
	}
	var b [abi.ShmidDSSize]byte
	d.Put(b[:])
	return t.Write(b[:], buf)
}

// shmInfo writes struct shminfo (IPC_INFO) or struct shm_info (SHM_INFO) and returns the
// highest index in use.
func shmInfo(t *kernel.Thread, cmd int32, buf uint64) (uint64, error) {
	n, highest, pages, resident := t.Kernel().Shm.Used()
	words := []uint64{kernel.ShmMax, 1, kernel.ShmMni, kernel.ShmMni, kernel.ShmMax, 0, 0, 0, 0}
	if cmd == abi.SHM_INFO {
		words = []uint64{uint64(n), pages, resident, 0, 0, 0}
	}
	var b []byte
	for _, w := range words {
		b = binary.LittleEndian.AppendUint64(b, w)
	}
	return uint64(highest), t.Write(b, buf)
}
