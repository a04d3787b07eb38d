package hostfs

import (
	"strings"

	"emurun/abi"
	"emurun/vfs"
)

// CountsBySight says that inode numbers depend on the order in which files are seen.
func (f *FS) CountsBySight() {}

// background reads a file for a goroutine that does not share the handles of an FS.
type background struct {
	base   hostDir
	places []string  // paths at which it may be
	kept   *hostFile // the file, which a commit removed
	st     hostStat  // of the file when it was first seen
}

// Pages implements vfs.Background. The file is found again by its path.
func (n *node) Pages() func(yield func(int64, *[4096]byte) bool) error {
	f := background{base: n.fs.base, kept: n.kept, st: hostStat{id: n.id, attr: n.attr}}
	f.places = append(f.places, n.hostPath())
	for _, s := range n.also {
		f.places = append(f.places, s.parent.hostPath()+s.name)
	}
	return f.pages
}

// hostPath is where n is on the host; of a directory, with a slash behind it.
func (n *node) hostPath() string {
	end := ""
	if n.isDir() {
		end = "/"
	}
	switch {
	case n.parent == nil:
		return ""
	case n.at != "":
		return n.at + end
	}
	return n.parent.hostPath() + n.name + end
}

// pages reads the content of the file, which must be the same before and after.
func (f background) pages(yield func(int64, *[4096]byte) bool) error {
	if f.kept != nil {
		_, err := f.read(*f.kept, yield)
		return err
	}
	for _, path := range f.places[1:] {
		if err := f.at(path, func(hostDir, string) error { return nil }); err == nil {
			return f.at(path, f.reader(yield))
		}
	}
	return f.at(f.places[0], f.reader(yield))
}

// at calls do with the directory and the name of a path, if the file is there.
func (f background) at(path string, do func(d hostDir, name string) error) error {
	d, done := f.base, func() {}
	names := strings.Split(path, "/")
	last := len(names) - 1
	for _, name := range names[:last] {
		next, err := d.dir(name)
		done()
		if err != nil {
			return gone(err)
		}
		d, done = next, next.close
	}
	defer done()
	if err := f.same(d, names[last]); err != nil {
		return err
	}
	return do(d, names[last])
}

// reader returns what yields the pages of the file called name.
func (f background) reader(yield func(int64, *[4096]byte) bool) func(d hostDir, name string) error {
	return func(d hostDir, name string) error {
		h, err := d.file(name)
		if err != nil {
			return gone(err)
		}
		defer h.close()
		if more, err := f.read(h, yield); err != nil || !more {
			return err
		}
		return f.same(d, name)
	}
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
func (f background) same(dir hostDir, name string) error {
	st, err := dir.stat(name)
	if err != nil {
		return gone(err)
	}
	if st.id != f.st.id || st.attr.Size != f.st.attr.Size || st.attr.Mtime != f.st.attr.Mtime {
		return vfs.ErrChanged
	}
	return nil
}

// read yields the pages of an open file; more says that yield wanted them all.
func (f background) read(h hostFile, yield func(int64, *[4096]byte) bool) (more bool, err error) {
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
