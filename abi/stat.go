package abi

// File types and permission bits, inode(7).
const (
	S_IFMT   = 0o170000
	S_IFSOCK = 0o140000
	S_IFLNK  = 0o120000
	S_IFREG  = 0o100000
	S_IFBLK  = 0o60000
	S_IFDIR  = 0o40000
	S_IFCHR  = 0o20000
	S_IFIFO  = 0o10000
	S_ISUID  = 0o4000
	S_ISGID  = 0o2000
	S_ISVTX  = 0o1000
	S_IRWXU  = 0o700
	S_IRUSR  = 0o400
	S_IWUSR  = 0o200
	S_IXUSR  = 0o100
	S_IRWXG  = 0o70
	S_IRGRP  = 0o40
	S_IWGRP  = 0o20
	S_IXGRP  = 0o10
	S_IRWXO  = 0o7
	S_IROTH  = 0o4
	S_IWOTH  = 0o2
	S_IXOTH  = 0o1
)

// What statx(2) is asked for and tells.
const (
	STATX_TYPE          = 0x1
	STATX_MODE          = 0x2
	STATX_NLINK         = 0x4
	STATX_UID           = 0x8
	STATX_GID           = 0x10
	STATX_ATIME         = 0x20
	STATX_MTIME         = 0x40
	STATX_CTIME         = 0x80
	STATX_INO           = 0x100
	STATX_SIZE          = 0x200
	STATX_BLOCKS        = 0x400
	STATX_BASIC_STATS   = 0x7ff
	STATX_BTIME         = 0x800
	STATX_ALL           = 0xfff
	STATX_MNT_ID        = 0x1000
	STATX_DIOALIGN      = 0x2000
	STATX_MNT_ID_UNIQUE = 0x4000
	STATX__RESERVED     = 0x80000000
)

// Attributes in statx(2).
const (
	STATX_ATTR_COMPRESSED = 0x4
	STATX_ATTR_IMMUTABLE  = 0x10
	STATX_ATTR_APPEND     = 0x20
	STATX_ATTR_NODUMP     = 0x40
	STATX_ATTR_ENCRYPTED  = 0x800
	STATX_ATTR_AUTOMOUNT  = 0x1000
	STATX_ATTR_MOUNT_ROOT = 0x2000
	STATX_ATTR_VERITY     = 0x100000
	STATX_ATTR_DAX        = 0x200000
)

// Nanoseconds with a meaning of their own, utimensat(2).
const (
	UTIME_NOW  = 0x3fffffff
	UTIME_OMIT = 0x3ffffffe
)

// Stat is struct stat, stat(2).
type Stat struct {
	Dev     uint64
	Ino     uint64
	Nlink   uint64
	Mode    uint32
	UID     uint32
	GID     uint32
	Rdev    uint64
	Size    int64
	Blksize int64
	Blocks  int64
	Atim    Timespec
	Mtim    Timespec
	Ctim    Timespec
}

// StatSize is the size of Stat in memory.
const StatSize = 144

// Put writes s to p.
func (s *Stat) Put(p []byte) {
	clear(p[:StatSize])
	le.PutUint64(p[0:], s.Dev)
	le.PutUint64(p[8:], s.Ino)
	le.PutUint64(p[16:], s.Nlink)
	le.PutUint32(p[24:], s.Mode)
	le.PutUint32(p[28:], s.UID)
	le.PutUint32(p[32:], s.GID)
	le.PutUint64(p[40:], s.Rdev)
	le.PutUint64(p[48:], uint64(s.Size))
	le.PutUint64(p[56:], uint64(s.Blksize))
	le.PutUint64(p[64:], uint64(s.Blocks))
	s.Atim.Put(p[72:])
	s.Mtim.Put(p[88:])
	s.Ctim.Put(p[104:])
}

// Decode reads s from p.
func (s *Stat) Decode(p []byte) {
	s.Dev = le.Uint64(p[0:])
	s.Ino = le.Uint64(p[8:])
	s.Nlink = le.Uint64(p[16:])
	s.Mode = le.Uint32(p[24:])
	s.UID = le.Uint32(p[28:])
	s.GID = le.Uint32(p[32:])
	s.Rdev = le.Uint64(p[40:])
	s.Size = int64(le.Uint64(p[48:]))
	s.Blksize = int64(le.Uint64(p[56:]))
	s.Blocks = int64(le.Uint64(p[64:]))
	s.Atim.Decode(p[72:])
	s.Mtim.Decode(p[88:])
	s.Ctim.Decode(p[104:])
}

// StatxTime is struct statx_timestamp, statx(2).
type StatxTime struct {
	Sec  int64
	Nsec uint32
}

// StatxTimeSize is the size of StatxTime in memory.
const StatxTimeSize = 16

// Put writes s to p.
func (s *StatxTime) Put(p []byte) {
	clear(p[:StatxTimeSize])
	le.PutUint64(p[0:], uint64(s.Sec))
	le.PutUint32(p[8:], s.Nsec)
}

// Decode reads s from p.
func (s *StatxTime) Decode(p []byte) {
	s.Sec = int64(le.Uint64(p[0:]))
	s.Nsec = le.Uint32(p[8:])
}

// Statx is struct statx, statx(2).
type Statx struct {
	Mask           uint32
	Blksize        uint32
	Attributes     uint64
	Nlink          uint32
	UID            uint32
	GID            uint32
	Mode           uint16
	Ino            uint64
	Size           uint64
	Blocks         uint64
	AttributesMask uint64
	Atime          StatxTime
	Btime          StatxTime
	Ctime          StatxTime
	Mtime          StatxTime
	RdevMajor      uint32
	RdevMinor      uint32
	DevMajor       uint32
	DevMinor       uint32
	MntID          uint64
	DioMemAlign    uint32
	DioOffsetAlign uint32
}

// StatxSize is the size of Statx in memory.
const StatxSize = 256

// Put writes s to p.
func (s *Statx) Put(p []byte) {
	clear(p[:StatxSize])
	le.PutUint32(p[0:], s.Mask)
	le.PutUint32(p[4:], s.Blksize)
	le.PutUint64(p[8:], s.Attributes)
	le.PutUint32(p[16:], s.Nlink)
	le.PutUint32(p[20:], s.UID)
	le.PutUint32(p[24:], s.GID)
	le.PutUint16(p[28:], s.Mode)
	le.PutUint64(p[32:], s.Ino)
	le.PutUint64(p[40:], s.Size)
	le.PutUint64(p[48:], s.Blocks)
	le.PutUint64(p[56:], s.AttributesMask)
	s.Atime.Put(p[64:])
	s.Btime.Put(p[80:])
	s.Ctime.Put(p[96:])
	s.Mtime.Put(p[112:])
	le.PutUint32(p[128:], s.RdevMajor)
	le.PutUint32(p[132:], s.RdevMinor)
	le.PutUint32(p[136:], s.DevMajor)
	le.PutUint32(p[140:], s.DevMinor)
	le.PutUint64(p[144:], s.MntID)
	le.PutUint32(p[152:], s.DioMemAlign)
	le.PutUint32(p[156:], s.DioOffsetAlign)
}

// Decode reads s from p.
func (s *Statx) Decode(p []byte) {
	s.Mask = le.Uint32(p[0:])
	s.Blksize = le.Uint32(p[4:])
	s.Attributes = le.Uint64(p[8:])
	s.Nlink = le.Uint32(p[16:])
	s.UID = le.Uint32(p[20:])
	s.GID = le.Uint32(p[24:])
	s.Mode = le.Uint16(p[28:])
	s.Ino = le.Uint64(p[32:])
	s.Size = le.Uint64(p[40:])
	s.Blocks = le.Uint64(p[48:])
	s.AttributesMask = le.Uint64(p[56:])
	s.Atime.Decode(p[64:])
	s.Btime.Decode(p[80:])
	s.Ctime.Decode(p[96:])
	s.Mtime.Decode(p[112:])
	s.RdevMajor = le.Uint32(p[128:])
	s.RdevMinor = le.Uint32(p[132:])
	s.DevMajor = le.Uint32(p[136:])
	s.DevMinor = le.Uint32(p[140:])
	s.MntID = le.Uint64(p[144:])
	s.DioMemAlign = le.Uint32(p[152:])
	s.DioOffsetAlign = le.Uint32(p[156:])
}

// Mkdev composes a device number, makedev(3), in the 64-bit form of struct stat.
func Mkdev(major, minor uint32) uint64 {
	return uint64(minor&0xff) | uint64(major&0xfff)<<8 | uint64(minor&^0xff)<<12 | uint64(major&^0xfff)<<32
}

// Major returns the major part of a device number, makedev(3).
func Major(dev uint64) uint32 { return uint32(dev>>8&0xfff | dev>>32&^0xfff) }

// Minor returns the minor part of a device number, makedev(3).
func Minor(dev uint64) uint32 { return uint32(dev&0xff | dev>>12&^0xff) }
