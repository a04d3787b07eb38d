package syscalls

import (
	"emurun/abi"
	"emurun/syscalls/kernel"
	"emurun/vfs"
	"emurun/vfs/lock"
)

// lockRange converts struct flock to the first and last byte it covers.
func lockRange(f *vfs.OpenFile, l *abi.Flock) (start, end int64, err error) {
	base := int64(0)
	switch l.Whence {
	case abi.SEEK_SET:
	case abi.SEEK_CUR:
		base = f.Pos
	case abi.SEEK_END:
		a, err := f.Node.Attr()
		if err != nil {
			return 0, 0, err
		}
		base = a.Size
	default:
		return 0, 0, abi.EINVAL
	}
	start = base + l.Start
	if l.Start > 0 && start < base {
		return 0, 0, abi.EOVERFLOW
	}
	end = lock.EOF
	switch {
	case l.Len > 0:
		if end = start + l.Len - 1; end < start {
			return 0, 0, abi.EOVERFLOW
		}
	case l.Len < 0:
		start, end = start+l.Len, start-1
	}
	if start < 0 {
		return 0, 0, abi.EINVAL
	}
	return start, end, nil
}

// fileID names the inode of an open file for locks.
func fileID(f *vfs.OpenFile) (lock.ID, error) {
	a, err := f.Node.Attr()
	return lock.ID{Dev: a.Dev, Ino: a.Ino}, err
}

// recordLock implements the F_SETLK family, fcntl_locking(2).
func recordLock(t *kernel.Thread, f *vfs.OpenFile, cmd int32, addr uint64) (uint64, error) {
	var b [abi.FlockSize]byte
	if err := t.Read(b[:], addr); err != nil {
		return 0, err
	}
	var l abi.Flock
	l.Decode(b[:])
	id, err := fileID(f)
	if err != nil {
		return 0, err
	}
	start, end, err := lockRange(f, &l)
	if err != nil {
		return 0, err
	}
	r := lock.Record{Owner: t.Proc.FDs, PID: t.Proc.PID, Exclusive: l.Type == abi.F_WRLCK, Start: start, End: end}
	if cmd >= abi.F_OFD_GETLK {
		if l.PID != 0 {
			return 0, abi.EINVAL
		}
		r.Owner, r.PID = f, -1
	}
	if cmd == abi.F_GETLK || cmd == abi.F_OFD_GETLK {
		return 0, getLock(t, id, r, l, addr)
	}
	return 0, setLock(t, f, id, r, l.Type, cmd)
}

// getLock implements F_GETLK.
func getLock(t *kernel.Thread, id lock.ID, r lock.Record, l abi.Flock, addr uint64) error {
	if l.Type != abi.F_RDLCK && l.Type != abi.F_WRLCK {
		return abi.EINVAL
	}
	held, found := t.Kernel().Locks.Get(id, r)
	l.Type = abi.F_UNLCK
	if found {
		l = abi.Flock{Type: abi.F_RDLCK, Whence: abi.SEEK_SET, Start: held.Start, Len: held.End - held.Start + 1, PID: held.PID}
		if held.Exclusive {
			l.Type = abi.F_WRLCK
		}
		if held.End == lock.EOF {
			l.Len = 0
		}
	}
	var b [abi.FlockSize]byte
	l.Put(b[:])
	return t.Write(b[:], addr)
}

// setLock implements F_SETLK and F_SETLKW.
func setLock(t *kernel.Thread, f *vfs.OpenFile, id lock.ID, r lock.Record, kind int16, cmd int32) error {
	locks := &t.Kernel().Locks
	switch {
	case kind == abi.F_UNLCK:
		locks.Unlock(id, r.Owner, r.Start, r.End)
		return nil
	case kind != abi.F_RDLCK && kind != abi.F_WRLCK:
		return abi.EINVAL
	case kind == abi.F_RDLCK && !f.Readable(), kind == abi.F_WRLCK && !f.Writable():
		return abi.EBADF
	}
	if r.PID < 0 {
		f.Hold(locks)
	} else {
		t.Proc.FDs.UseLocks(locks)
	}
	err := locks.Set(id, r)
	if err != abi.EAGAIN || cmd == abi.F_SETLK || cmd == abi.F_OFD_SETLK {
		return err
	}
	q, err := locks.Wait(id, r)
	if err != nil {
		return err
	}
	if err = t.Park(kernel.Forever, q); !kernel.Parked(err) {
		locks.StopWaiting(r.Owner)
	}
	return err
}

// flock implements flock(2).
func flock(t *kernel.Thread, a Args) (uint64, error) {
	f, err := t.File(a.Int(0))
	if err != nil {
		return 0, err
	}
	if f.Flags&abi.O_PATH != 0 {
		return 0, abi.EBADF
	}
	id, err := fileID(f)
	if err != nil {
		return 0, err
	}
	locks := &t.Kernel().Locks
	switch a.Int(1) &^ abi.LOCK_NB {
	case abi.LOCK_UN:
		locks.Funlock(id, f)
		return 0, nil
	case abi.LOCK_SH, abi.LOCK_EX:
	default:
		return 0, abi.EINVAL
	}
	f.Hold(locks)
	err = locks.Flock(id, f, a.Int(1)&abi.LOCK_EX != 0)
	if err == abi.EAGAIN && a.Int(1)&abi.LOCK_NB == 0 {
		err = t.Park(kernel.Forever, locks.Queue(id))
	}
	return 0, err
}
