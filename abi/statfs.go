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
