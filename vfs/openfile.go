package vfs

import (
	"slices"
	"strconv"

	"emurun/abi"
)

// OpenFile is an open file description, open(2): what file descriptors of
// several processes may share. It is reference-counted.
type OpenFile struct {
	File    File
	Node    Node    // its inode
	Dentry  *Dentry // where it was opened; outside any tree for anonymous kinds
	Flags   uint32  // access mode and status flags: abi.O_RDWR, O_APPEND, O_NONBLOCK…
	Pos     int64
	DirPos  int // next entry of getdents64(2): 0 is ".", 1 is ".."
	Refs    int
	entries []DirEntry // of the directory, as of the last time DirPos was 0
	Owner   int32      // who F_SETOWN says gets SIGIO: a process, or minus a group
	Signal  uint32     // what F_SETSIG says is sent instead
	holders []Holder   // who must know when the description goes
}

// Holder keeps something for as long as a description exists: an epoll set its
// entry, a lock table its flock(2) locks.
type Holder interface{ Closed(f *OpenFile) }

// Hold has h.Closed called when the description goes.
func (f *OpenFile) Hold(h Holder) {
	if !slices.Contains(f.holders, h) {
		f.holders = append(f.holders, h)
	}
}

// Drop undoes Hold.
func (f *OpenFile) Drop(h Holder) {
	f.holders = slices.DeleteFunc(f.holders, func(x Holder) bool { return x == h })
}

// NewOpenFile returns a description with one reference. d is nil for a file that
// no path leads to; its links in /proc then show kind and inode number.
func NewOpenFile(f File, n Node, d *Dentry, flags uint32) *OpenFile {
	if d == nil {
		d = NewDentry(anonName(n), n)
	}
	d.pins++
	o := &OpenFile{File: f, Node: n, Dentry: d, Flags: flags, Refs: 1}
	if o.Writable() {
		addWriters(n, 1)
	}
	return o
}

// anonName is what /proc/PID/fd shows of a file without a path.
func anonName(n Node) string {
	a, err := n.Attr()
	if err != nil {
		return "anon_inode:[unknown]"
	}
	kind := "file"
	switch a.Mode & abi.S_IFMT {
	case abi.S_IFIFO:
		kind = "pipe"
	case abi.S_IFSOCK:
		kind = "socket"
	}
	return kind + ":[" + strconv.FormatUint(a.Ino, 10) + "]"
}

// Ref adds a reference and returns f.
func (f *OpenFile) Ref() *OpenFile {
	f.Refs++
	return f
}

// Unref drops a reference; the last one releases the File.
func (f *OpenFile) Unref() {
	f.Refs--
	if f.Refs != 0 {
		return
	}
	for _, h := range slices.Clone(f.holders) {
		h.Closed(f)
	}
	f.Dentry.pins--
	if f.Writable() {
		addWriters(f.Node, -1)
	}
	f.File.Release()
}

// Readable reports whether the description is open for reading.
func (f *OpenFile) Readable() bool {
	return f.Flags&abi.O_PATH == 0 && f.Flags&abi.O_ACCMODE != abi.O_WRONLY
}

// Writable reports whether the description is open for writing.
func (f *OpenFile) Writable() bool {
	m := f.Flags & abi.O_ACCMODE
	return f.Flags&abi.O_PATH == 0 && (m == abi.O_WRONLY || m == abi.O_RDWR)
}

// Read implements read(2) at the description's position.
func (f *OpenFile) Read(p []byte) (int, error) {
	if !f.Readable() {
		return 0, abi.EBADF
	}
	n, err := f.File.Read(p, f.Pos)
	if n > 0 && f.File.Seekable() {
		f.Pos += int64(n)
	}
	return n, err
}

// Pread implements pread(2).
func (f *OpenFile) Pread(p []byte, off int64) (int, error) {
	switch {
	case off < 0:
		return 0, abi.EINVAL
	case !f.Readable():
		return 0, abi.EBADF
	case !f.File.Seekable():
		return 0, abi.ESPIPE
	}
	return f.File.Read(p, off)
}

// Write implements write(2): at the position, or at the end under O_APPEND.
func (f *OpenFile) Write(p []byte) (int, error) {
	if !f.Writable() {
		return 0, abi.EBADF
	}
	seek := f.File.Seekable()
	if seek && f.Flags&abi.O_APPEND != 0 {
		end, err := f.size()
		if err != nil {
			return 0, err
		}
		f.Pos = end
	}
	n, err := f.File.Write(p, f.Pos)
	if n > 0 && seek {
		f.Pos += int64(n)
	}
	return n, err
}

// Pwrite implements pwrite(2). Under O_APPEND Linux appends whatever the offset
// (pwrite(2), BUGS).
func (f *OpenFile) Pwrite(p []byte, off int64) (int, error) {
	switch {
	case off < 0:
		return 0, abi.EINVAL
	case !f.Writable():
		return 0, abi.EBADF
	case !f.File.Seekable():
		return 0, abi.ESPIPE
	}
	if f.Flags&abi.O_APPEND != 0 {
		end, err := f.size()
		if err != nil {
			return 0, err
		}
		off = end
	}
	return f.File.Write(p, off)
}

// size is the length of the file; 0 for kinds without an inode.
func (f *OpenFile) size() (int64, error) {
	if f.Node == nil {
		return 0, nil
	}
	a, err := f.Node.Attr()
	return a.Size, err
}

// Seek implements lseek(2).
func (f *OpenFile) Seek(off int64, whence int) (int64, error) {
	if f.Flags&abi.O_PATH != 0 {
		return 0, abi.EBADF
	}
	if whence < abi.SEEK_SET || whence > abi.SEEK_HOLE {
		return 0, abi.EINVAL
	}
	if !f.File.Seekable() {
		return 0, abi.ESPIPE
	}
	base := int64(0)
	switch whence {
	case abi.SEEK_SET:
	case abi.SEEK_CUR:
		base = f.Pos
		if f.isDir() {
			base = int64(f.DirPos)
		}
	case abi.SEEK_END:
		size, err := f.size()
		if err != nil {
			return 0, err
		}
		base = size
	case abi.SEEK_DATA, abi.SEEK_HOLE:
		pos, err := f.seekExtent(off, whence == abi.SEEK_DATA)
		if err == nil {
			f.Pos = pos
		}
		return pos, err
	default:
		return 0, abi.EINVAL
	}
	pos := base + off
	if pos < 0 || off > 0 && pos < base {
		return 0, abi.EINVAL
	}
	if f.isDir() {
		f.DirPos = int(pos)
	}
	f.Pos = pos
	return pos, nil
}

// seekExtent finds data or a hole. A file that does not know its holes is all
// data with a hole at its end.
func (f *OpenFile) seekExtent(off int64, data bool) (int64, error) {
	size, err := f.size()
	if err != nil {
		return 0, err
	}
	if off < 0 || off >= size {
		return 0, abi.ENXIO
	}
	if x, ok := f.Node.(Extents); ok {
		return x.NextData(off, data)
	}
	if data {
		return off, nil
	}
	return size, nil
}

func (f *OpenFile) isDir() bool {
	_, ok := f.File.(*dirFile)
	return ok
}

// Dirent returns the directory entry at DirPos, "." and ".." first; ok is false
// at the end. The caller advances DirPos when it has used the entry. The list is
// the one of the moment when DirPos was last 0, so removing while reading neither
// skips nor repeats names.
func (f *OpenFile) Dirent() (e DirEntry, ok bool, err error) {
	if !f.isDir() {
		return e, false, abi.ENOTDIR
	}
	if f.DirPos == 0 || f.entries == nil {
		if f.Dentry != nil && f.Dentry.deleted {
			return e, false, abi.ENOENT
		}
		if f.entries, err = f.Node.Entries(); err != nil {
			return e, false, err
		}
		if f.entries == nil {
			f.entries = []DirEntry{}
		}
	}
	switch i := f.DirPos; {
	case i < 2:
		return f.dot(i)
	case i-2 < len(f.entries):
		return f.entries[i-2], true, nil
	}
	return e, false, nil
}

// dot returns the entry "." (0) or ".." (1).
func (f *OpenFile) dot(i int) (DirEntry, bool, error) {
	n, name := f.Node, "."
	if i == 1 {
		name = ".."
		if up := f.Dentry.up(); up != nil {
			n = up.Node
		}
	}
	a, err := n.Attr()
	return DirEntry{Name: name, Ino: a.Ino, Type: abi.DT_DIR}, err == nil, err
}
