//go:build !linux

package hostfs

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"syscall"

	"emurun/abi"
	"emurun/vfs"
)

// errnoExtra maps errors that only this system has.
func errnoExtra(syscall.Errno) abi.Errno { return 0 }

// hostDir is an open host directory: os.Root keeps to what is below it.
type hostDir struct{ root *os.Root }

// hostFile is a host file open for reading.
type hostFile struct{ f *os.File }

func openRoot(path string) (hostDir, error) {
	r, err := os.OpenRoot(path)
	return hostDir{r}, err
}

func (d hostDir) dir(name string) (hostDir, error) {
	if err := d.refuseLink(name); err != nil {
		return hostDir{}, err
	}
	r, err := d.root.OpenRoot(name)
	return hostDir{r}, err
}

func (d hostDir) file(name string) (hostFile, error) {
	if err := d.refuseLink(name); err != nil {
		return hostFile{}, err
	}
	f, err := d.root.Open(name)
	return hostFile{f}, err
}

func (d hostDir) refuseLink(name string) error {
	fi, err := d.root.Lstat(name)
	if err == nil && fi.Mode()&fs.ModeSymlink != 0 {
		err = syscall.ELOOP
	}
	return err
}

func (d hostDir) close() { _ = d.root.Close() }

func (f hostFile) close() { _ = f.f.Close() }

func (f hostFile) readAt(p []byte, off int64) (int, error) {
	n, err := f.f.ReadAt(p, off)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return n, err
}

// nextData takes every file for one without holes.
func (f hostFile) nextData(off int64, data bool) (int64, error) {
	fi, err := f.f.Stat()
	switch {
	case err != nil:
		return 0, err
	case off >= fi.Size():
		return 0, syscall.ENXIO
	case data:
		return off, nil
	}
	return fi.Size(), nil
}

// stat is lstat(2) of a name in d; "" is d itself.
func (d hostDir) stat(name string) (hostStat, error) {
	if name == "" {
		name = "."
	}
	fi, err := d.root.Lstat(name)
	if err != nil {
		return hostStat{}, err
	}
	st := hostStat{attr: vfs.Attr{
		Mode: unixMode(fi.Mode()), Nlink: 1, Size: fi.Size(), Mtime: vfs.Time(fi.ModTime().UnixNano()),
	}}
	fillStat(&st, fi)
	return st, nil
}

// unixMode is a Go file mode in the bits of inode(7).
func unixMode(m fs.FileMode) uint32 {
	mode := uint32(m.Perm())
	switch m.Type() {
	case 0:
		mode |= abi.S_IFREG
	case fs.ModeDir:
		mode |= abi.S_IFDIR
	case fs.ModeSymlink:
		mode |= abi.S_IFLNK
	case fs.ModeNamedPipe:
		mode |= abi.S_IFIFO
	case fs.ModeSocket:
		mode |= abi.S_IFSOCK
	case fs.ModeDevice:
		mode |= abi.S_IFBLK
	default:
		mode |= abi.S_IFCHR
	}
	if m&fs.ModeSetuid != 0 {
		mode |= abi.S_ISUID
	}
	if m&fs.ModeSetgid != 0 {
		mode |= abi.S_ISGID
	}
	if m&fs.ModeSticky != 0 {
		mode |= abi.S_ISVTX
	}
	return mode
}

func (d hostDir) readlink(name string) (string, error) { return d.root.Readlink(name) }

// list reads all entries. Inode numbers are found when the names are looked up.
func (d hostDir) list() ([]hostEntry, error) {
	f, err := d.root.Open(".")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	es, err := f.ReadDir(-1)
	out := make([]hostEntry, 0, len(es))
	for _, e := range es {
		out = append(out, hostEntry{e.Name(), 0, vfs.DirentType(unixMode(e.Type()))})
	}
	return out, err
}

func (d hostDir) listxattr(string) ([]string, error) { return nil, syscall.EOPNOTSUPP }

func (d hostDir) getxattr(string, string) ([]byte, error) { return nil, syscall.EOPNOTSUPP }

// isXattrAbsent reports that a file system has no extended attributes at all.
func isXattrAbsent(error) bool { return true }
