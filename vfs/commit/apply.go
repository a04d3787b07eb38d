package commit

import (
	"errors"
	"fmt"

	"emurun/abi"
)

// Target is a directory tree that operations are applied to. Its errors are
// abi.Errno where Linux has a name for them. Nothing follows a symbolic link.
type Target interface {
	// Stat returns the mode and the ID of a file.
	Stat(path string) (mode uint32, id uint64, err error)
	Rename(path, to string) error
	Unlink(path string) error
	Rmdir(path string) error
	Mkdir(path string) error
	Create(path string) error // makes or empties a regular file
	Symlink(target, path string) error
	Mknod(path string, mode uint32, rdev uint64) error
	Link(path, to string) error
	Write(path string, p []byte, off int64) error
	Zero(path string, off, size int64) error
	Truncate(path string, size int64) error
	Chown(path string, uid, gid uint32) error
	Chmod(path string, mode uint32) error
	Setxattr(path, name string, value []byte) error
	Removexattr(path, name string) error
	Utimes(path string, atime, mtime int64) error
}

// Apply applies one operation. again says that a run before this one may have
// applied it, and some that follow it, already.
func Apply(t Target, o *Op, again bool) error {
	if err := apply(t, o, again); err != nil {
		path := o.Path
		if o.Kind == Place {
			path = o.Other
		}
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

func apply(t Target, o *Op, again bool) error {
	switch o.Kind {
	case Unlock:
		_ = t.Chmod(o.Path, o.Mode) // if it mattered, the change that follows fails
		return nil
	case Aside:
		return aside(t, o, again)
	case Unlink, Rmdir:
		return remove(t, o)
	case Mkdir:
		return mkdir(t, o)
	case Create:
		return t.Create(o.Path)
	case Symlink:
		return fresh(t, o.Path, func() error { return t.Symlink(o.Other, o.Path) })
	case Mknod:
		return fresh(t, o.Path, func() error { return t.Mknod(o.Path, o.Mode, o.Rdev) })
	case Place:
		return place(t, o, again)
	case Link:
		return link(t, o)
	case Write, Zero, Truncate:
		return content(t, o)
	case Chown:
		return t.Chown(o.Path, o.UID, o.GID)
	case Chmod:
		return t.Chmod(o.Path, o.Mode)
	case Setxattr:
		return t.Setxattr(o.Path, o.Name, o.Data)
	case Removexattr:
		if err := t.Removexattr(o.Path, o.Name); err != abi.ENODATA {
			return err
		}
		return nil
	case Utimes:
		return t.Utimes(o.Path, o.Atime, o.Mtime)
	}
	return ErrCorrupt
}

// is reports whether path is the file id; id 0 is any file.
func is(t Target, path string, id uint64) (mode uint32, ok bool, err error) {
	mode, got, err := t.Stat(path)
	switch {
	case err == abi.ENOENT || err == abi.ENOTDIR:
		return 0, false, nil
	case err != nil:
		return 0, false, err
	}
	return mode, id == 0 || got == id, nil
}

func aside(t Target, o *Op, again bool) error {
	_, ok, err := is(t, o.Path, o.ID)
	switch {
	case err != nil:
		return err
	case ok:
		return t.Rename(o.Path, o.Other)
	case again:
		return nil // it is aside, or already where it belongs
	}
	return ErrChanged
}

// ErrChanged is an operation on a file that is no longer the one that the
// program saw. It was left out; those on other files can go on.
var ErrChanged = errors.New("changed on the host while the program ran")

// remove takes a name away. A file that somebody else put there stays, and so
// does a directory that is not empty.
func remove(t Target, o *Op) error {
	mode, ok, err := is(t, o.Path, o.ID)
	if err != nil || !ok || (mode&abi.S_IFMT == abi.S_IFDIR) != (o.Kind == Rmdir) {
		return err
	}
	if o.Kind == Unlink {
		return t.Unlink(o.Path)
	}
	if err := t.Rmdir(o.Path); err != abi.ENOTEMPTY && err != abi.EEXIST {
		return err
	}
	return nil
}

func mkdir(t Target, o *Op) error {
	err := t.Mkdir(o.Path)
	if err != abi.EEXIST {
		return err
	}
	mode, _, serr := t.Stat(o.Path)
	if serr == nil && mode&abi.S_IFMT == abi.S_IFDIR {
		return nil
	}
	return err
}

// fresh makes something under the name temp, again if need be.
func fresh(t Target, temp string, make func() error) error {
	err := make()
	if err == abi.EEXIST {
		if err = t.Unlink(temp); err == nil {
			err = make()
		}
	}
	return err
}

func place(t Target, o *Op, again bool) error {
	err := t.Rename(o.Path, o.Other)
	if err == abi.ENOENT && again {
		if _, _, serr := t.Stat(o.Other); serr == nil {
			return nil
		}
	}
	if err == abi.ENOENT {
		return ErrChanged // what should move was not there to be put aside
	}
	return err
}

func link(t Target, o *Op) error {
	_, id, err := t.Stat(o.Path)
	if err != nil {
		return err
	}
	if _, same, err := is(t, o.Other, id); err != nil || same && id != 0 {
		return err
	}
	err = t.Link(o.Path, o.Other)
	if err != abi.EEXIST {
		return err
	}
	err = fresh(t, o.Name, func() error { return t.Link(o.Path, o.Name) })
	if err != nil {
		return err
	}
	return t.Rename(o.Name, o.Other)
}

// content changes a regular file in place.
func content(t Target, o *Op) error {
	if o.ID != 0 {
		mode, ok, err := is(t, o.Path, o.ID)
		if err != nil {
			return err
		}
		if !ok || mode&abi.S_IFMT != abi.S_IFREG {
			return ErrChanged
		}
	}
	switch o.Kind {
	case Write:
		return t.Write(o.Path, o.Data, o.Off)
	case Zero:
		return t.Zero(o.Path, o.Off, o.Size)
	}
	return t.Truncate(o.Path, o.Size)
}
