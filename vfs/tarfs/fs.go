package tarfs

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"emurun/abi"
	"emurun/vfs"
)

// maxDepth bounds the directories above a name.
const maxDepth = 1000

// maxSparse bounds a sparse file, whose content is kept in memory.
const maxSparse = 256 << 20

// FS is an archive. It implements vfs.FileSystem.
type FS struct {
	r    io.ReaderAt
	dev  uint64
	next uint64
	root *node
}

// New indexes the archive in the first size bytes of r, whose files get the
// device number dev.
func New(r io.ReaderAt, size int64, dev uint64) (*FS, error) {
	f := &FS{r: r, dev: dev, next: 1}
	f.root = f.node(abi.S_IFDIR|0o755, 0)
	section := io.NewSectionReader(r, 0, size)
	t := tar.NewReader(section)
	for n := 0; ; n++ {
		h, err := t.Next()
		if errors.Is(err, io.EOF) && n > 0 {
			return f, nil
		}
		if err != nil {
			return nil, fmt.Errorf("tar entry %d: %w", n+1, err)
		}
		// The reader does not read ahead, so the content begins where it stands.
		off, err := section.Seek(0, io.SeekCurrent)
		if err != nil {
			return nil, err
		}
		if err := f.add(h, t, off); err != nil {
			return nil, fmt.Errorf("tar entry %q: %w", h.Name, err)
		}
	}
}

// Root implements vfs.FileSystem.
func (f *FS) Root() vfs.Node { return f.root }

// Statfs implements vfs.FileSystem with the figures of a half-full ext4.
func (f *FS) Statfs() vfs.Statfs {
	return vfs.Statfs{
		Type: abi.EXT4_SUPER_MAGIC, Bsize: 4096, Blocks: 1 << 25, Bfree: 1 << 24, Bavail: 1 << 24,
		Files: 1 << 23, Ffree: 1 << 22, Namelen: abi.NAME_MAX,
	}
}

// node returns a new node.
func (f *FS) node(mode uint32, mtime vfs.Time) *node {
	n := &node{fs: f, attr: vfs.Attr{
		Dev: f.dev, Ino: f.next, Mode: mode, Nlink: 1, Blksize: 4096,
		Atime: mtime, Mtime: mtime, Ctime: mtime, Btime: mtime,
	}}
	f.next++
	if n.isDir() {
		n.attr.Nlink, n.attr.Size, n.attr.Blocks = 2, 4096, 8
	}
	return n
}

// add puts an entry of the archive into the tree.
func (f *FS) add(h *tar.Header, t *tar.Reader, off int64) error {
	kind, ok := kinds[h.Typeflag]
	if !ok {
		return nil // a pax global header, a volume label
	}
	name := strings.TrimPrefix(path.Clean("/"+h.Name), "/")
	dir, base, err := f.parent(name)
	if err != nil {
		return err
	}
	if h.Typeflag == tar.TypeLink {
		return f.link(h, dir, base)
	}
	n := f.node(kind|uint32(h.Mode)&0o7777, vfs.Time(h.ModTime.UnixNano()))
	n.attr.UID, n.attr.GID = uint32(h.Uid), uint32(h.Gid)
	n.xattrs = xattrs(h)
	switch kind {
	case abi.S_IFDIR:
		return f.addDir(dir, base, n)
	case abi.S_IFLNK:
		n.target, n.attr.Size = h.Linkname, int64(len(h.Linkname))
	case abi.S_IFCHR, abi.S_IFBLK:
		n.attr.Rdev = abi.Mkdev(uint32(h.Devmajor), uint32(h.Devminor))
	case abi.S_IFREG:
		n.off, n.attr.Size, n.attr.Blocks = off, h.Size, (h.Size+4095)/4096*8
		if sparse(h) {
			if h.Size > maxSparse {
				return errors.New("sparse file too large")
			}
			if n.data, err = io.ReadAll(t); err != nil {
				return err
			}
		}
	}
	if base == "" {
		return errors.New("the root is not a directory")
	}
	dir.put(base, n)
	return nil
}

// kinds are the file types of archive entries.
var kinds = map[byte]uint32{
	tar.TypeReg: abi.S_IFREG, '\x00': abi.S_IFREG, tar.TypeCont: abi.S_IFREG, tar.TypeGNUSparse: abi.S_IFREG,
	tar.TypeLink: 0, tar.TypeSymlink: abi.S_IFLNK, tar.TypeDir: abi.S_IFDIR,
	tar.TypeChar: abi.S_IFCHR, tar.TypeBlock: abi.S_IFBLK, tar.TypeFifo: abi.S_IFIFO,
}

// sparse reports content that is not in the archive as it is.
func sparse(h *tar.Header) bool {
	if h.Typeflag == tar.TypeGNUSparse {
		return true
	}
	for key := range h.PAXRecords { // order: any one will do
		if strings.HasPrefix(key, "GNU.sparse.") {
			return true
		}
	}
	return false
}

// xattrs are the extended attributes of a pax header.
func xattrs(h *tar.Header) map[string]string {
	var out map[string]string
	for key, v := range h.PAXRecords { // order: fills a map
		if name, ok := strings.CutPrefix(key, "SCHILY.xattr."); ok {
			if out == nil {
				out = map[string]string{}
			}
			out[name] = v
		}
	}
	return out
}

// parent returns the directory that name stands in, made if the archive does not
// have it, and the last component: "" for the root.
func (f *FS) parent(name string) (*node, string, error) {
	if name == "" {
		return f.root, "", nil
	}
	parts := strings.Split(name, "/")
	if len(parts) > maxDepth {
		return nil, "", errors.New("too deep")
	}
	d := f.root
	for _, p := range parts[:len(parts)-1] {
		c := d.nodes[p]
		if c == nil || !c.isDir() {
			c = f.node(abi.S_IFDIR|0o755, 0)
			d.put(p, c)
		}
		d = c
	}
	base := parts[len(parts)-1]
	if len(base) > abi.NAME_MAX {
		return nil, "", errors.New("name too long")
	}
	return d, base, nil
}

// addDir adds a directory; one that is there keeps its entries.
func (f *FS) addDir(dir *node, base string, n *node) error {
	old := dir.nodes[base]
	if base == "" {
		old = f.root
	}
	if old == nil || !old.isDir() {
		dir.put(base, n)
		return nil
	}
	ino, nlink := old.attr.Ino, old.attr.Nlink
	old.attr, old.xattrs = n.attr, n.xattrs
	old.attr.Ino, old.attr.Nlink = ino, nlink
	return nil
}

// link adds another name of an earlier entry.
func (f *FS) link(h *tar.Header, dir *node, base string) error {
	d, name, err := f.parent(strings.TrimPrefix(path.Clean("/"+h.Linkname), "/"))
	if err != nil {
		return err
	}
	n := d.nodes[name]
	if n == nil || n.isDir() || base == "" {
		return fmt.Errorf("hard link to %q, which is not there", h.Linkname)
	}
	if dir.nodes[base] != n {
		dir.put(base, n)
		n.attr.Nlink++
	}
	return nil
}
