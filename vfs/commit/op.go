package commit

import (
	"encoding/binary"
	"errors"
	"fmt"

	"emurun/abi"
)

// Kind is what an operation does.
type Kind uint8

// The kinds. The numbers are part of the write-ahead file's format.
const (
	Root        Kind = 1  // what follows is below the directory Path, with the ID given
	Unlock      Kind = 2  // try to get mode Mode on Path, so that it can be changed
	Aside       Kind = 3  // Path, if it is ID, moves to Other
	Unlink      Kind = 4  // Path, if it is ID and no directory, goes
	Rmdir       Kind = 5  // Path, if it is ID and an empty directory, goes
	Mkdir       Kind = 6  // Path is a directory
	Create      Kind = 7  // Path is an empty regular file
	Symlink     Kind = 8  // Path is a symbolic link to Other
	Mknod       Kind = 9  // Path is a node of Mode and Rdev
	Place       Kind = 10 // Path moves to Other, replacing what is there
	Link        Kind = 11 // Path gets the name Other too; Name is a temporary one
	Write       Kind = 12 // Data at Off of Path, which is ID
	Zero        Kind = 13 // Size zeros at Off of Path, which is ID
	Truncate    Kind = 14 // Path, which is ID, has length Size
	Chown       Kind = 15 // UID and GID
	Chmod       Kind = 16 // Mode
	Setxattr    Kind = 17 // Name is Data
	Removexattr Kind = 18 // Name goes
	Utimes      Kind = 19 // Atime and Mtime; Omit leaves one
	End         Kind = 20 // the list is complete
	Owner       Kind = 21 // the list belongs to checkpoint Name of job Other in store Path
)

// Omit is the time that Utimes leaves as it is.
const Omit = -1 << 63

// MaxData bounds the Data of one operation.
const MaxData = 1 << 20

// Op is one operation. Paths are relative to the root, without "." or "..".
type Op struct {
	Kind  Kind
	Path  string
	Other string
	Name  string
	ID    uint64 // on the host; 0: not known
	Mode  uint32
	UID   uint32
	GID   uint32
	Rdev  uint64
	Off   int64
	Size  int64
	Atime int64
	Mtime int64
	Data  []byte
}

// ErrCorrupt is what Decode wraps when the bytes are no operation.
var ErrCorrupt = errors.New("corrupt commit operation")

// Append appends the encoding of o to p: all fields in order, little-endian,
// strings behind a 32-bit length.
func (o *Op) Append(p []byte) []byte {
	le := binary.LittleEndian
	p = append(p, byte(o.Kind))
	for _, s := range []string{o.Path, o.Other, o.Name} {
		p = append(le.AppendUint32(p, uint32(len(s))), s...)
	}
	for _, v := range []uint32{o.Mode, o.UID, o.GID} {
		p = le.AppendUint32(p, v)
	}
	for _, v := range []uint64{o.ID, o.Rdev, uint64(o.Off), uint64(o.Size), uint64(o.Atime), uint64(o.Mtime)} {
		p = le.AppendUint64(p, v)
	}
	return append(le.AppendUint32(p, uint32(len(o.Data))), o.Data...)
}

// Decode reads an operation that fills p. Its Data points into p.
func Decode(p []byte) (o Op, err error) {
	d := decoder{p: p}
	o.Kind = Kind(d.take(1)[0])
	for _, s := range []*string{&o.Path, &o.Other, &o.Name} {
		*s = string(d.sized(abi.PATH_MAX * 16)) // deeper than one call can name
	}
	for _, v := range []*uint32{&o.Mode, &o.UID, &o.GID} {
		*v = binary.LittleEndian.Uint32(d.take(4))
	}
	o.ID, o.Rdev = d.u64(), d.u64()
	for _, v := range []*int64{&o.Off, &o.Size, &o.Atime, &o.Mtime} {
		*v = int64(d.u64())
	}
	if data := d.sized(MaxData); len(data) > 0 {
		o.Data = data
	}
	if d.bad || len(d.p) > 0 || o.Kind == 0 || o.Kind > Owner {
		return Op{}, fmt.Errorf("%w of kind %d", ErrCorrupt, o.Kind)
	}
	return o, nil
}

// decoder takes fields off; after it was cut short it gives zeros.
type decoder struct {
	p   []byte
	bad bool
}

func (d *decoder) take(n int) []byte {
	if d.bad = d.bad || n > len(d.p); d.bad {
		return make([]byte, min(n, 8))
	}
	p := d.p[:n]
	d.p = d.p[n:]
	return p
}

func (d *decoder) u64() uint64 { return binary.LittleEndian.Uint64(d.take(8)) }

func (d *decoder) sized(limit int) []byte {
	n := binary.LittleEndian.Uint32(d.take(4))
	if uint64(n) > uint64(limit) {
		d.bad = true
	}
	if d.bad {
		return nil
	}
	return d.take(int(n))
}
