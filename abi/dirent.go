package abi

// File types in directory entries, readdir(3).
const (
	DT_UNKNOWN = 0
	DT_FIFO    = 1
	DT_CHR     = 2
	DT_DIR     = 4
	DT_BLK     = 6
	DT_REG     = 8
	DT_LNK     = 10
	DT_SOCK    = 12
	DT_WHT     = 14
)

// direntHead is the size of struct linux_dirent64 up to d_name.
const direntHead = 19

// Dirent64 is struct linux_dirent64, getdents64(2).
type Dirent64 struct {
	Ino  uint64
	Off  int64
	Type uint8
	Name string
}

// Size is the space the entry takes: header, name, NUL, padding to 8 bytes.
func (d *Dirent64) Size() int { return (direntHead + len(d.Name) + 1 + 7) &^ 7 }

// Put writes the entry to p, which has Size bytes.
func (d *Dirent64) Put(p []byte) {
	n := d.Size()
	clear(p[:n])
	le.PutUint64(p, d.Ino)
	le.PutUint64(p[8:], uint64(d.Off))
	le.PutUint16(p[16:], uint16(n))
	p[18] = d.Type
	copy(p[direntHead:], d.Name)
}

// OldSize is the space the entry takes as struct linux_dirent.
func (d *Dirent64) OldSize() int { return (18 + len(d.Name) + 2 + 7) &^ 7 }

// PutOld writes the entry as struct linux_dirent, getdents(2), whose type is the
// last byte of the record.
func (d *Dirent64) PutOld(p []byte) {
	n := d.OldSize()
	clear(p[:n])
	le.PutUint64(p, d.Ino)
	le.PutUint64(p[8:], uint64(d.Off))
	le.PutUint16(p[16:], uint16(n))
	copy(p[18:], d.Name)
	p[n-1] = d.Type
}

// ModeType returns the DT_ type of a directory entry for a mode, as IFTODT does.
func ModeType(mode uint32) uint8 { return uint8(mode & S_IFMT >> 12) }
