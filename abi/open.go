package abi

// Flags of open(2). The values are those of x86-64.
const (
	O_RDONLY    = 0x0
	O_WRONLY    = 0x1
	O_RDWR      = 0x2
	O_ACCMODE   = 0x3
	O_CREAT     = 0x40
	O_EXCL      = 0x80
	O_NOCTTY    = 0x100
	O_TRUNC     = 0x200
	O_APPEND    = 0x400
	O_NONBLOCK  = 0x800
	O_DSYNC     = 0x1000
	O_ASYNC     = 0x2000
	O_DIRECT    = 0x4000
	O_LARGEFILE = 0x8000
	O_DIRECTORY = 0x10000
	O_NOFOLLOW  = 0x20000
	O_NOATIME   = 0x40000
	O_CLOEXEC   = 0x80000
	O_SYNC      = 0x101000
	O_PATH      = 0x200000
	O_TMPFILE   = 0x410000
)

// Flags of the "at" calls, openat(2), fstatat(2), linkat(2), faccessat(2), statx(2).
const (
	AT_FDCWD            = -100
	AT_SYMLINK_NOFOLLOW = 0x100
	AT_EACCESS          = 0x200
	AT_REMOVEDIR        = 0x200
	AT_SYMLINK_FOLLOW   = 0x400
	AT_NO_AUTOMOUNT     = 0x800
	AT_EMPTY_PATH       = 0x1000
	AT_STATX_FORCE_SYNC = 0x2000
	AT_STATX_DONT_SYNC  = 0x4000
)

// Modes of access(2).
const (
	F_OK = 0
	X_OK = 1
	W_OK = 2
	R_OK = 4
)

// How openat2(2) resolves a path.
const (
	RESOLVE_NO_XDEV       = 0x1
	RESOLVE_NO_MAGICLINKS = 0x2
	RESOLVE_NO_SYMLINKS   = 0x4
	RESOLVE_BENEATH       = 0x8
	RESOLVE_IN_ROOT       = 0x10
	RESOLVE_CACHED        = 0x20
)

// Limits of path_resolution(7).
const (
	PATH_MAX    = 4096
	NAME_MAX    = 255
	MAXSYMLINKS = 40
)

// Whence of lseek(2).
const (
	SEEK_SET  = 0
	SEEK_CUR  = 1
	SEEK_END  = 2
	SEEK_DATA = 3
	SEEK_HOLE = 4
)

// Flags of renameat2(2).
const (
	RENAME_NOREPLACE = 0x1
	RENAME_EXCHANGE  = 0x2
	RENAME_WHITEOUT  = 0x4
)

// Flags of close_range(2).
const (
	CLOSE_RANGE_UNSHARE = 0x2
	CLOSE_RANGE_CLOEXEC = 0x4
)

// OpenHow is struct open_how, openat2(2).
type OpenHow struct {
	Flags   uint64
	Mode    uint64
	Resolve uint64
}

// OpenHowSize is the size of OpenHow in memory.
const OpenHowSize = 24

// Put writes s to p.
func (s *OpenHow) Put(p []byte) {
	clear(p[:OpenHowSize])
	le.PutUint64(p[0:], s.Flags)
	le.PutUint64(p[8:], s.Mode)
	le.PutUint64(p[16:], s.Resolve)
}

// Decode reads s from p.
func (s *OpenHow) Decode(p []byte) {
	s.Flags = le.Uint64(p[0:])
	s.Mode = le.Uint64(p[8:])
	s.Resolve = le.Uint64(p[16:])
}
