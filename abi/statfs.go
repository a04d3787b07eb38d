package abi

// File system types, statfs(2).
const (
	EXT4_SUPER_MAGIC      = 0xef53
	TMPFS_MAGIC           = 0x1021994
	PROC_SUPER_MAGIC      = 0x9fa0
	SYSFS_MAGIC           = 0x62656572
	DEVPTS_SUPER_MAGIC    = 0x1cd1
	OVERLAYFS_SUPER_MAGIC = 0x794c7630
	PIPEFS_MAGIC          = 0x50495045
	SOCKFS_MAGIC          = 0x534f434b
	ANON_INODE_FS_MAGIC   = 0x9041934
)

// Mount flags in statfs(2).
const (
	ST_RDONLY      = 0x1
	ST_NOSUID      = 0x2
	ST_NODEV       = 0x4
	ST_NOEXEC      = 0x8
	ST_SYNCHRONOUS = 0x10
	ST_MANDLOCK    = 0x40
	ST_NOATIME     = 0x400
	ST_NODIRATIME  = 0x800
	ST_RELATIME    = 0x1000
	ST_VALID       = 0x20
)

// Statfs is struct statfs, statfs(2).
type Statfs struct {
	Type    int64
	Bsize   int64
	Blocks  uint64
	Bfree   uint64
	Bavail  uint64
	Files   uint64
	Ffree   uint64
	Fsid    uint64
	Namelen int64
	Frsize  int64
	Flags   int64
}

// StatfsSize is the size of Statfs in memory.
const StatfsSize = 120

// Put writes s to p.
func (s *Statfs) Put(p []byte) {
	clear(p[:StatfsSize])
	le.PutUint64(p[0:], uint64(s.Type))
	le.PutUint64(p[8:], uint64(s.Bsize))
	le.PutUint64(p[16:], s.Blocks)
	le.PutUint64(p[24:], s.Bfree)
	le.PutUint64(p[32:], s.Bavail)
	le.PutUint64(p[40:], s.Files)
	le.PutUint64(p[48:], s.Ffree)
	le.PutUint64(p[56:], s.Fsid)
	le.PutUint64(p[64:], uint64(s.Namelen))
	le.PutUint64(p[72:], uint64(s.Frsize))
	le.PutUint64(p[80:], uint64(s.Flags))
}

// Decode reads s from p.
func (s *Statfs) Decode(p []byte) {
	s.Type = int64(le.Uint64(p[0:]))
	s.Bsize = int64(le.Uint64(p[8:]))
	s.Blocks = le.Uint64(p[16:])
	s.Bfree = le.Uint64(p[24:])
	s.Bavail = le.Uint64(p[32:])
	s.Files = le.Uint64(p[40:])
	s.Ffree = le.Uint64(p[48:])
	s.Fsid = le.Uint64(p[56:])
	s.Namelen = int64(le.Uint64(p[64:]))
	s.Frsize = int64(le.Uint64(p[72:]))
	s.Flags = int64(le.Uint64(p[80:]))
}
