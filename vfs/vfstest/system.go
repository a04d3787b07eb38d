package vfstest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"emurun/abi"
	"emurun/vfs"
)

// System is what a session runs against: the file system calls on paths below a
// directory.
type System interface {
	Mkdir(path string, mode uint32) error
	Mknod(path string, mode uint32) error
	Symlink(target, path string) error
	Link(old, path string) error
	Unlink(path string) error
	Rmdir(path string) error
	Rename(path, newPath string, flags uint32) error
	Open(path string, flags, mode uint32) (Handle, error)
	Stat(path string, follow bool) (vfs.Attr, error)
	Readlink(path string) (string, error)
	Chmod(path string, mode uint32) error
	Chown(path string, uid, gid uint32) error
	Utimens(path string, atime, mtime int64) error
	Truncate(path string, size int64) error
	Access(path string, mode uint32) error
	Setxattr(path, name, value string, flags int) error
	Getxattr(path, name string) (string, error)
	Listxattr(path string) ([]string, error)
	Removexattr(path, name string) error
	// As continues with other credentials; Umask sets the file mode creation mask.
	As(uid, gid uint32)
	Umask(mask uint32)
}

// Handle is an open file.
type Handle interface {
	Pread(n int, off int64) (string, error)
	Pwrite(text string, off int64) error
	Append(text string) error
	Allocate(mode uint32, off, length int64) error
	Truncate(size int64) error
	Seek(off int64, whence int) (int64, error)
	List() ([]string, error)
	Size() (int64, error)
	Close()
}

// Runner runs the lines of a session.
type Runner struct {
	sys  System
	open map[string]Handle // by the name a session gives: "open … -> f"
}

// NewRunner returns a runner of lines against sys.
func NewRunner(sys System) *Runner { return &Runner{sys: sys, open: map[string]Handle{}} }

// Close gives back what a session leaves open.
func (r *Runner) Close() {
	for _, h := range r.open {
		h.Close()
	}
}

// Run performs one line and returns what the system answers.
func (r *Runner) Run(l *Line) string {
	text, err := r.do(l.Op, args(l.Args))
	return answer(text, err)
}

// args are the arguments of an operation; one that is missing is empty or 0.
type args []string

func (a args) str(i int) string {
	if i >= len(a) {
		return ""
	}
	s := a[i]
	if rest, ok := strings.CutPrefix(s, "long:"); ok { // long:300 is a name of 300 bytes
		n, _ := strconv.Atoi(rest)
		return strings.Repeat("x", n)
	}
	if rest, ok := strings.CutPrefix(s, "deep:"); ok { // deep:900 is 900 times "a/"
		n, _ := strconv.Atoi(rest)
		return strings.Repeat("a/", n)
	}
	if s == `""` {
		return ""
	}
	return s
}

func (a args) num(i int) int64 {
	n, _ := strconv.ParseInt(a.str(i), 0, 64)
	return n
}

func (a args) mode(i int) uint32 {
	n, _ := strconv.ParseUint(a.str(i), 8, 32)
	return uint32(n)
}

// flagNames are the words for flags in sessions.
var flagNames = map[string]uint32{
	"rdonly": abi.O_RDONLY, "wronly": abi.O_WRONLY, "rdwr": abi.O_RDWR, "creat": abi.O_CREAT, "excl": abi.O_EXCL,
	"trunc": abi.O_TRUNC, "append": abi.O_APPEND, "directory": abi.O_DIRECTORY, "nofollow": abi.O_NOFOLLOW,
	"path": abi.O_PATH, "tmpfile": abi.O_TMPFILE, "nonblock": abi.O_NONBLOCK,
	"noreplace": abi.RENAME_NOREPLACE, "exchange": abi.RENAME_EXCHANGE,
	"keep": abi.FALLOC_FL_KEEP_SIZE, "punch": abi.FALLOC_FL_PUNCH_HOLE, "zero": abi.FALLOC_FL_ZERO_RANGE,
	"collapse": abi.FALLOC_FL_COLLAPSE_RANGE, "xcreate": abi.XATTR_CREATE, "xreplace": abi.XATTR_REPLACE,
	"data": abi.SEEK_DATA, "hole": abi.SEEK_HOLE, "end": abi.SEEK_END,
	"fifo": abi.S_IFIFO, "reg": abi.S_IFREG, "sock": abi.S_IFSOCK, "dir": abi.S_IFDIR, "chr": abi.S_IFCHR, "blk": abi.S_IFBLK,
	"r": abi.R_OK, "w": abi.W_OK, "x": abi.X_OK, "-": 0,
}

func (a args) flags(i int) uint32 {
	var f uint32
	for _, word := range strings.Split(a.str(i), "|") {
		v, ok := flagNames[word]
		if !ok && word != "" {
			panic("vfstest: unknown flag " + word)
		}
		f |= v
	}
	return f
}

// do performs an operation on paths, or passes it on to one on open files.
func (r *Runner) do(op string, a args) (string, error) {
	s := r.sys
	switch op {
	case "mkdir":
		return "", s.Mkdir(a.str(0), a.mode(1))
	case "mknod":
		return "", s.Mknod(a.str(0), a.flags(1)|a.mode(2))
	case "symlink":
		return "", s.Symlink(a.str(0), a.str(1))
	case "link":
		return "", s.Link(a.str(0), a.str(1))
	case "unlink":
		return "", s.Unlink(a.str(0))
	case "rmdir":
		return "", s.Rmdir(a.str(0))
	case "rename":
		return "", s.Rename(a.str(0), a.str(1), a.flags(2))
	case "stat", "lstat":
		at, err := s.Stat(a.str(0), op == "stat")
		return fmt.Sprintf("%o %d %d", at.Mode, at.Nlink, size(at)), err
	case "owner":
		at, err := s.Stat(a.str(0), false)
		return fmt.Sprintf("%d:%d", at.UID, at.GID), err
	case "times":
		at, err := s.Stat(a.str(0), false)
		return fmt.Sprintf("%d %d", at.Atime, at.Mtime), err
	case "same":
		x, err := s.Stat(a.str(0), false)
		if err != nil {
			return "", err
		}
		y, err := s.Stat(a.str(1), false)
		return fmt.Sprint(x.Ino == y.Ino), err
	case "readlink":
		return s.Readlink(a.str(0))
	}
	return r.doAttr(op, a)
}

// size leaves out the length of directories, which file systems choose.
func size(a vfs.Attr) int64 {
	if a.Mode&abi.S_IFMT == abi.S_IFDIR {
		return 0
	}
	return a.Size
}

// doAttr performs an operation on attributes.
func (r *Runner) doAttr(op string, a args) (string, error) {
	s := r.sys
	switch op {
	case "chmod":
		return "", s.Chmod(a.str(0), a.mode(1))
	case "chown":
		return "", s.Chown(a.str(0), uint32(a.num(1)), uint32(a.num(2)))
	case "utimens":
		return "", s.Utimens(a.str(0), a.num(1), a.num(2))
	case "truncate":
		return "", s.Truncate(a.str(0), a.num(1))
	case "access":
		return "", s.Access(a.str(0), a.flags(1))
	case "setxattr":
		return "", s.Setxattr(a.str(0), a.str(1), a.str(2), int(a.flags(3)))
	case "getxattr":
		return s.Getxattr(a.str(0), a.str(1))
	case "listxattr":
		names, err := s.Listxattr(a.str(0))
		names = slices.DeleteFunc(names, func(n string) bool { return !strings.HasPrefix(n, "user.") })
		slices.Sort(names)
		return strings.Join(names, " "), err
	case "removexattr":
		return "", s.Removexattr(a.str(0), a.str(1))
	case "as":
		s.As(uint32(a.num(0)), uint32(a.num(1)))
		return "", nil
	case "umask":
		s.Umask(a.mode(0))
		return "", nil
	}
	return r.doOpen(op, a)
}

// doOpen performs an operation on open files; those on a path open it for the
// one operation.
func (r *Runner) doOpen(op string, a args) (string, error) {
	switch op {
	case "open": // open PATH FLAGS [MODE [NAME]]
		h, err := r.sys.Open(a.str(0), a.flags(1), a.mode(2))
		if err != nil {
			return "", err
		}
		if len(a) > 3 {
			r.open[a[3]] = h
		} else {
			h.Close()
		}
		return "", nil
	case "close":
		r.open[a[0]].Close()
		delete(r.open, a[0])
		return "", nil
	}
	h := r.open[a.str(0)]
	if h == nil {
		var err error
		flags := uint32(abi.O_RDWR)
		switch op {
		case "ls":
			flags = abi.O_RDONLY | abi.O_DIRECTORY
		case "read", "seek":
			flags = abi.O_RDONLY
		case "append":
			flags |= abi.O_APPEND
		}
		if h, err = r.sys.Open(a.str(0), flags, 0); err != nil {
			return "", err
		}
		defer h.Close()
	}
	return onHandle(h, op, a)
}

// onHandle performs an operation on an open file.
func onHandle(h Handle, op string, a args) (string, error) {
	switch op {
	case "read": // read FILE [OFF [N]]
		n := 4096
		if len(a) > 2 {
			n = int(a.num(2))
		}
		text, err := h.Pread(n, a.num(1))
		return strconv.Quote(text), err
	case "write": // write FILE OFF TEXT
		return "", h.Pwrite(a.str(2), a.num(1))
	case "append":
		return "", h.Append(a.str(1))
	case "fallocate": // fallocate FILE MODE OFF LEN
		return "", h.Allocate(a.flags(1), a.num(2), a.num(3))
	case "ftruncate":
		return "", h.Truncate(a.num(1))
	case "seek": // seek FILE OFF WHENCE
		pos, err := h.Seek(a.num(1), int(a.flags(2)))
		return strconv.FormatInt(pos, 10), err
	case "size":
		n, err := h.Size()
		return strconv.FormatInt(n, 10), err
	case "ls":
		names, err := h.List()
		slices.Sort(names)
		return strings.Join(names, " "), err
	}
	panic("vfstest: unknown operation " + op)
}
