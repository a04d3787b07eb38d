package overlay

import (
	"fmt"

	"emurun/abi"
	"emurun/vfs"
	"emurun/vfs/journal"
)

func (n *node) applySetAttr(r *journal.Record) error {
	mask, now := vfs.AttrMask(r.Mask), vfs.Time(r.Time)
	n.change()
	a := &n.attr
	if mask&vfs.AttrSize != 0 {
		switch {
		case !n.isReg() || r.Size < 0:
			return abi.EINVAL
		case r.Size > maxSize:
			return abi.EFBIG
		}
		if err := n.truncate(r.Size); err != nil {
			return err
		}
		a.Mtime = now
	}
	if mask&vfs.AttrMode != 0 {
		a.Mode = a.Mode&abi.S_IFMT | r.Mode&0o7777
	}
	if mask&vfs.AttrUID != 0 {
		a.UID = r.UID
	}
	if mask&vfs.AttrGID != 0 {
		a.GID = r.GID
	}
	if mask&vfs.AttrAtime != 0 {
		a.Atime = vfs.Time(r.Atime)
	}
	if mask&vfs.AttrMtime != 0 {
		a.Mtime = vfs.Time(r.Mtime)
	}
	a.Ctime = now
	return nil
}

func (n *node) applyWrite(r *journal.Record) error {
	if !n.isReg() || r.Off < 0 || r.Off > maxSize {
		return fmt.Errorf("record: cannot write %d at %d", r.Ino, r.Off)
	}
	added, brought := n.missing(r.Off, int64(len(r.Data)))
	if n.fs.pages.full(added) {
		return abi.ENOSPC
	}
	if err := n.fs.pages.reserve(brought); err != nil {
		return err
	}
	n.change()
	if err := n.write(r.Data, r.Off); err != nil {
		return err
	}
	n.attr.Size = max(n.attr.Size, r.Off+int64(len(r.Data)))
	n.touch(vfs.Time(r.Time))
	return nil
}

func (n *node) applyAllocate(r *journal.Record) error {
	if !n.isReg() || r.Off < 0 || r.Size < 0 || r.Off > maxSize || r.Size > maxSize-r.Off {
		return fmt.Errorf("record: cannot allocate %d bytes of %d at %d", r.Size, r.Ino, r.Off)
	}
	end := r.Off + r.Size
	if r.Flags&(abi.FALLOC_FL_PUNCH_HOLE|abi.FALLOC_FL_ZERO_RANGE) != 0 {
		if n.fs.pages.holes+(min(end, n.lowerSize)-r.Off)/pageSize > maxHoles {
			return abi.ENOSPC
		}
		if err := n.fs.pages.reserve(2); err != nil { // both ends
			return err
		}
		n.change()
		if err := n.zero(r.Off, min(end, n.attr.Size)); err != nil {
			return err
		}
	}
	n.change()
	if r.Flags&abi.FALLOC_FL_KEEP_SIZE == 0 && end > n.attr.Size {
		n.attr.Size = end
	}
	n.touch(vfs.Time(r.Time))
	return nil
}

func (n *node) applyXattr(r *journal.Record) error {
	if err := n.copyXattrs(); err != nil {
		return err
	}
	n.changeXattrs()
	if r.Type == journal.Setxattr {
		n.xattrs[r.Name] = append([]byte{}, r.Data...)
	} else {
		delete(n.xattrs, r.Name)
	}
	n.attr.Ctime = vfs.Time(r.Time)
	return nil
}
