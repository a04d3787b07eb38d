package hostfs

import (
	"emurun/abi"
	"emurun/vfs"
)

// CountsBySight says that inode numbers depend on the order in which files are seen.
func (f *FS) CountsBySight() {}

// filePath is where a file is, for a goroutine that does not share the handles of an FS.
type filePath struct {
	base hostDir
	dirs []string // from the base to the file's directory
	name string
	st   hostStat // of the file when it was first seen
}

// Pages implements vfs.Background. The file is found again by its path.
func (n *node) Pages() func(yield func(int64, *[4096]byte) bool) error {
	f := filePath{base: n.fs.base, name: n.name, st: hostStat{id: n.id, attr: n.attr}}
	for d := n.parent; d != nil && d.parent != nil; d = d.parent {
		f.dirs = append([]string{d.name}, f.dirs...)
	}
	return f.pages
}

// dir opens the directory of the file.
func (f filePath) dir() (d hostDir, done func(), err error) {
	d, done = f.base, func() {}
	for _, name := range f.dirs {
		next, err := d.dir(name)
		done()
		if err != nil {
			return d, nil, err
		}
		d, done = next, next.close
	}
	return d, done, nil
}

// pages reads the content of the file, which must be the same before and after.
func (f filePath) pages(yield func(int64, *[4096]byte) bool) error {
	dir, done, err := f.dir()
	if err != nil {
		return gone(err)
	}
	defer done()
	if err := f.same(dir); err != nil {
		return err
	}
	h, err := dir.file(f.name)
	if err != nil {
		return gone(err)
	}
	defer h.close()
	if more, err := f.read(h, yield); err != nil || !more {
		return err
	}
	return f.same(dir)
}

// gone makes ErrChanged of the error for a file that is not there any more.
func gone(err error) error {
	switch err := Errno(err); err {
	case abi.ENOENT, abi.ENOTDIR, abi.ELOOP:
		return vfs.ErrChanged
	default:
		return err
	}
}

// same returns ErrChanged unless the file in dir is the one that was first seen.
func (f filePath) same(dir hostDir) error {
	st, err := dir.stat(f.name)
	if err != nil {
		return gone(err)
	}
	if st.id != f.st.id || st.attr.Size != f.st.attr.Size || st.attr.Mtime != f.st.attr.Mtime {
		return vfs.ErrChanged
	}
	return nil
}

// read yields the pages of an open file; more says that yield wanted them all.
func (f filePath) read(h hostFile, yield func(int64, *[4096]byte) bool) (more bool, err error) {
	const run = 16 * 4096
	var buf [run]byte
	size := f.st.attr.Size
	for off := int64(0); off < size; off += run {
		if off, err = nextPage(h, off, size); err != nil || off >= size {
			return true, Errno(err)
		}
		n := min(run, size-off)
		if err := readFull(h, buf[:n], off); err != nil {
			return false, err
		}
		clear(buf[n:])
		for i := int64(0); i < n; i += 4096 {
			if !yield((off+i)/4096, (*[4096]byte)(buf[i:])) {
				return false, nil
			}
		}
	}
	return true, nil
}

// nextPage returns the first page from off on that is no hole; size if there is none.
func nextPage(h hostFile, off, size int64) (int64, error) {
	next, err := h.nextData(off, true)
	switch Errno(err) {
	case nil:
		return max(off, next&^4095), nil
	case abi.ENXIO:
		return size, nil
	case abi.EINVAL, abi.EOPNOTSUPP:
		return off, nil // a file system that does not know
	}
	return off, err
}

// readFull fills p. A file that is shorter has changed.
func readFull(h hostFile, p []byte, off int64) error {
	for done := 0; done < len(p); {
		k, err := h.readAt(p[done:], off+int64(done))
		if err != nil {
			return Errno(err)
		}
		if k == 0 {
			return vfs.ErrChanged
		}
		done += k
	}
	return nil
}
