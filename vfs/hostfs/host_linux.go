package hostfs

import (
	"encoding/binary"
	"errors"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"emurun/abi"
	"emurun/vfs"
)

// errnoExtra maps errors that only this system has.
func errnoExtra(e unix.Errno) abi.Errno {
	if e == unix.ENODATA {
		return abi.ENODATA
	}
	return 0
}

// hostDir is an open host directory.
type hostDir struct{ fd int }

// hostFile is a host file open for reading.
type hostFile struct{ fd int }

func openRoot(path string) (hostDir, error) {
	fd, err := ignoreEINTR(func() (int, error) {
		return unix.Open(path, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	})
	if err == unix.EACCES { // may be walked, not listed
		fd, err = unix.Open(path, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	}
	return hostDir{fd}, err
}

func ignoreEINTR(f func() (int, error)) (int, error) {
	for {
		n, err := f()
		if err != unix.EINTR {
			return n, err
		}
	}
}

// dir opens a directory in d; only its names are wanted, so that one which may
// be searched but not read can be walked too.
func (d hostDir) dir(name string) (hostDir, error) {
	fd, err := ignoreEINTR(func() (int, error) {
		return unix.Openat(d.fd, name, unix.O_PATH|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	})
	return hostDir{fd}, err
}

// file opens a regular file in d for reading.
func (d hostDir) file(name string) (hostFile, error) {
	fd, err := ignoreEINTR(func() (int, error) {
		return unix.Openat(d.fd, name, unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	})
	return hostFile{fd}, err
}

func (d hostDir) close() { _ = unix.Close(d.fd) }

func (f hostFile) close() { _ = unix.Close(f.fd) }

func (f hostFile) readAt(p []byte, off int64) (int, error) {
	return ignoreEINTR(func() (int, error) { return unix.Pread(f.fd, p, off) })
}

// nextData finds data or a hole, lseek(2).
func (f hostFile) nextData(off int64, data bool) (int64, error) {
	whence := unix.SEEK_HOLE
	if data {
		whence = unix.SEEK_DATA
	}
	return unix.Seek(f.fd, off, whence)
}

// stat is lstat(2) of a name in d; "" is d itself.
func (d hostDir) stat(name string) (hostStat, error) {
	var st unix.Stat_t
	flags := unix.AT_SYMLINK_NOFOLLOW
	if name == "" {
		flags |= unix.AT_EMPTY_PATH
	}
	if err := unix.Fstatat(d.fd, name, &st, flags); err != nil {
		return hostStat{}, err
	}
	return hostStat{
		id: hostID{uint64(st.Dev), st.Ino},
		attr: vfs.Attr{
			Mode: st.Mode, Nlink: uint32(st.Nlink), UID: st.Uid, GID: st.Gid,
			Rdev: uint64(st.Rdev), Size: st.Size, Mtime: vfs.Time(st.Mtim.Nano()),
		},
	}, nil
}

func (d hostDir) readlink(name string) (string, error) {
	buf := make([]byte, abi.PATH_MAX)
	n, err := unix.Readlinkat(d.fd, name, buf)
	return string(buf[:max(n, 0)]), err
}

// list reads all entries, with "." and ".." left out.
func (d hostDir) list() ([]hostEntry, error) {
	fd, err := unix.Openat(d.fd, ".", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd)
	var out []hostEntry
	buf := make([]byte, 32<<10)
	for {
		n, err := ignoreEINTR(func() (int, error) { return unix.Getdents(fd, buf) })
		if err != nil || n <= 0 {
			return out, err
		}
		out = appendDirents(out, buf[:n])
	}
}

// appendDirents parses what getdents64(2) returned, in host byte order.
func appendDirents(out []hostEntry, p []byte) []hostEntry {
	for len(p) > 19 {
		reclen := int(binary.NativeEndian.Uint16(p[16:]))
		name, _, _ := strings.Cut(string(p[19:reclen]), "\x00")
		if name != "." && name != ".." {
			out = append(out, hostEntry{name, binary.NativeEndian.Uint64(p), p[18]})
		}
		p = p[reclen:]
	}
	return out
}

// xattrPath names an entry for the xattr calls, which have no "at" form.
func (d hostDir) xattrPath(name string) string {
	return fdPath(d.fd) + "/" + name
}

// fdPath is a path of an open file, for the calls that do not take an O_PATH
// descriptor.
func fdPath(fd int) string { return "/proc/self/fd/" + strconv.Itoa(fd) }

func (d hostDir) listxattr(name string) ([]string, error) {
	buf := make([]byte, abi.XATTR_LIST_MAX)
	n, err := unix.Llistxattr(d.xattrPath(name), buf)
	if err != nil || n == 0 {
		return nil, err
	}
	return strings.Split(strings.TrimRight(string(buf[:n]), "\x00"), "\x00"), nil
}

func (d hostDir) getxattr(name, attr string) ([]byte, error) {
	buf := make([]byte, abi.XATTR_SIZE_MAX)
	n, err := unix.Lgetxattr(d.xattrPath(name), attr, buf)
	if err != nil {
		return nil, err
	}
	return append([]byte{}, buf[:n]...), nil
}

// isXattrAbsent reports that a file system has no extended attributes at all.
func isXattrAbsent(err error) bool {
	return errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.ENOSYS) || errors.Is(err, os.ErrNotExist)
}
