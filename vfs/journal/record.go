package journal

import "emurun/abi"

// Version is the encoding's version, the first byte of each record.
const Version = 1

// MaxData bounds the bytes of one Write record; longer writes are several records.
const MaxData = 1 << 20

// Type is what a record does.
type Type uint8

// The record types. The numbers are part of the format.
const (
	Bind        Type = 1  // Ino is, from here on, the file that the lower tree has as Name in Dir
	Create      Type = 2  // a new file Ino as Name in Dir; without a name if Dir is 0 (O_TMPFILE)
	Link        Type = 3  // Name in Dir becomes one more name of Ino
	Unlink      Type = 4  // Name in Dir, not a directory, goes
	Rmdir       Type = 5  // Name in Dir, an empty directory, goes
	Rename      Type = 6  // Name in Dir becomes NewName in NewDir; Flags of renameat2(2)
	SetAttr     Type = 7  // the attributes in Mask of Ino change
	Write       Type = 8  // Data at Off in Ino
	Allocate    Type = 9  // fallocate(2) of Ino with mode Flags, Off and Size
	Setxattr    Type = 10 // the extended attribute Name of Ino becomes Data
	Removexattr Type = 11 // the extended attribute Name of Ino goes
	Forget      Type = 12 // Ino, which has no name, is closed: its content goes
)

// Record is one mutation. Which fields it uses depends on its type.
type Record struct {
	Type    Type
	Ino     uint64
	Dir     uint64
	Name    string
	NewDir  uint64
	NewName string
	Flags   uint32
	Mask    uint32 // vfs.AttrMask
	Mode    uint32
	UID     uint32
	GID     uint32
	Rdev    uint64
	Target  string
	Off     int64
	Size    int64
	Atime   int64 // nanoseconds since 1970
	Mtime   int64
	Time    int64 // when it happened
	Data    []byte
}

// codec reads or writes a field.
type codec interface {
	u32(*uint32)
	u64(*uint64)
	i64(*int64)
	str(v *string, limit int)
	bytes(v *[]byte, limit int)
}

// fields visits the fields of r's type in the order of the encoding; false for
// an unknown type. It is the only list of them.
func (r *Record) fields(c codec) bool {
	switch r.Type {
	case Bind:
		c.u64(&r.Ino)
		r.place(c)
		return true
	case Create:
		c.u64(&r.Ino)
		r.place(c)
		c.u32(&r.Mode)
		c.u32(&r.UID)
		c.u32(&r.GID)
		c.u64(&r.Rdev)
		c.str(&r.Target, abi.PATH_MAX-1)
	case Link:
		c.u64(&r.Ino)
		r.place(c)
	case Unlink, Rmdir:
		r.place(c)
	case Rename:
		r.place(c)
		c.u64(&r.NewDir)
		c.str(&r.NewName, abi.NAME_MAX)
		c.u32(&r.Flags)
	case SetAttr:
		c.u64(&r.Ino)
		c.u32(&r.Mask)
		c.u32(&r.Mode)
		c.u32(&r.UID)
		c.u32(&r.GID)
		c.i64(&r.Size)
		c.i64(&r.Atime)
		c.i64(&r.Mtime)
	case Write:
		c.u64(&r.Ino)
		c.i64(&r.Off)
		c.bytes(&r.Data, MaxData)
	case Allocate:
		c.u64(&r.Ino)
		c.u32(&r.Flags)
		c.i64(&r.Off)
		c.i64(&r.Size)
	case Setxattr:
		c.u64(&r.Ino)
		c.str(&r.Name, abi.XATTR_NAME_MAX)
		c.bytes(&r.Data, abi.XATTR_SIZE_MAX)
	case Removexattr:
		c.u64(&r.Ino)
		c.str(&r.Name, abi.XATTR_NAME_MAX)
	case Forget:
		c.u64(&r.Ino)
		return true
	default:
		return false
	}
	c.i64(&r.Time)
	return true
}

// place visits the directory and the name in it.
func (r *Record) place(c codec) {
	c.u64(&r.Dir)
	c.str(&r.Name, abi.NAME_MAX)
}
