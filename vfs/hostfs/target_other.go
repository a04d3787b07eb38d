//go:build !linux

package hostfs

import (
	"errors"
	"io/fs"
	"os"
	"time"

	"emurun/abi"
	"emurun/vfs/commit"
)

// target applies a commit below a host directory by os.Root, which keeps to what
// is below it. Owners, extended attributes, devices and FIFOs are left out.
type target struct {
	root *os.Root
	id   uint64
}

func openTarget(path string) (*target, error) {
	r, err := os.OpenRoot(path)
	if err != nil {
		return nil, err
	}
	t := &target{root: r}
	if st, err := (hostDir{r}).stat(""); err == nil {
		t.id = st.id.ino
	}
	return t, nil
}

// rootID is the ID of the root.
func (t *target) rootID() uint64 { return t.id }

func (t *target) close() { _ = t.root.Close() }

// sync has no portable form: each file is synced when it is written.
func (t *target) sync() error { return nil }

// Stat implements commit.Target.
func (t *target) Stat(name string) (uint32, uint64, error) {
	st, err := hostDir{t.root}.stat(name)
	return st.attr.Mode, st.id.ino, Errno(err)
}

// Rename implements commit.Target.
func (t *target) Rename(name, to string) error { return Errno(t.root.Rename(name, to)) }

// Unlink implements commit.Target.
func (t *target) Unlink(name string) error { return Errno(t.root.Remove(name)) }

// Rmdir implements commit.Target.
func (t *target) Rmdir(name string) error { return Errno(t.root.Remove(name)) }

// Mkdir implements commit.Target.
func (t *target) Mkdir(name string) error { return Errno(t.root.Mkdir(name, 0o700)) }

// on performs f on the regular file at name. A symbolic link is refused.
func (t *target) on(name string, flags int, f func(*os.File) error) error {
	if fi, err := t.root.Lstat(name); err == nil && fi.Mode()&fs.ModeSymlink != 0 {
		return abi.ELOOP
	}
	h, err := t.root.OpenFile(name, os.O_WRONLY|flags, 0o600)
	if err != nil {
		return Errno(err)
	}
	err = f(h)
	return Errno(errors.Join(err, h.Sync(), h.Close()))
}

// Create implements commit.Target.
func (t *target) Create(name string) error {
	return t.on(name, os.O_CREATE|os.O_TRUNC, func(*os.File) error { return nil })
}

// Symlink implements commit.Target.
func (t *target) Symlink(to, name string) error { return Errno(t.root.Symlink(to, name)) }

// Mknod implements commit.Target: there is nothing like it here.
func (t *target) Mknod(string, uint32, uint64) error { return abi.EPERM }

// Link implements commit.Target.
func (t *target) Link(name, to string) error { return Errno(t.root.Link(name, to)) }

// Write implements commit.Target.
func (t *target) Write(name string, p []byte, off int64) error {
	return t.on(name, 0, func(f *os.File) error {
		_, err := f.WriteAt(p, off)
		return err
	})
}

// Zero implements commit.Target.
func (t *target) Zero(name string, off, size int64) error {
	zeros := make([]byte, min(size, commit.MaxData))
	for size > 0 {
		k := min(size, int64(len(zeros)))
		if err := t.Write(name, zeros[:k], off); err != nil {
			return err
		}
		off, size = off+k, size-k
	}
	return nil
}

// Truncate implements commit.Target.
func (t *target) Truncate(name string, size int64) error {
	return t.on(name, 0, func(f *os.File) error { return f.Truncate(size) })
}

// Chown implements commit.Target: the owner stays who applies the commit.
func (t *target) Chown(string, uint32, uint32) error { return nil }

// Chmod implements commit.Target.
func (t *target) Chmod(name string, mode uint32) error {
	if name == "" {
		name = "."
	}
	return Errno(t.root.Chmod(name, fs.FileMode(mode&0o777)))
}

// Setxattr implements commit.Target: there are none here.
func (t *target) Setxattr(string, string, []byte) error { return nil }

// Removexattr implements commit.Target: there are none here.
func (t *target) Removexattr(string, string) error { return nil }

// Utimes implements commit.Target. A time that stays is not known here, so the
// other one stands for it.
func (t *target) Utimes(name string, atime, mtime int64) error {
	if name == "" {
		name = "."
	}
	if fi, err := t.root.Lstat(name); err == nil && fi.Mode()&fs.ModeSymlink != 0 {
		return nil // os.Root would follow it
	}
	if atime == commit.Omit {
		atime = mtime
	}
	if mtime == commit.Omit {
		mtime = atime
	}
	return Errno(t.root.Chtimes(name, time.Unix(0, atime), time.Unix(0, mtime)))
}
