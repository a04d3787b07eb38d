package overlay

import (
	"slices"

	"emurun/abi"
	"emurun/vfs"
	"emurun/vfs/journal"
)

// rootIno is the inode number of the root, in the tree and in the journal.
const rootIno = 1

// firstIno is the first inode number of files that the guest makes over a lower
// tree, whose own numbers count from 1.
const firstIno = 1 << 32

// Options say what an overlay is made of.
type Options struct {
	Lower       vfs.FileSystem // read-only base; nil for none
	Dev         uint64         // st_dev of all files
	Clock       vfs.Clock      // stamps what open files write
	Scratch     Scratch        // takes pages beyond MemoryLimit; nil: none
	MemoryLimit int64          // bytes of content kept in memory; 0: no limit
	SizeLimit   int64          // bytes of content in all, beyond which writing gives ENOSPC; 0: no limit
	NodeLimit   int            // new files, beyond which making one gives ENOSPC; 0: a million
	Observe     func(*journal.Record)
	RootMode    uint32 // permission bits of the root without a lower tree
	UID, GID    uint32 // owner of the root without a lower tree
	Time        vfs.Time
}

// FS is an overlay. It implements vfs.FileSystem.
type FS struct {
	opt     Options
	root    *node
	nodes   map[uint64]*node   // those that a record may mention
	byLower map[vfs.Node]*node // those of the lower tree that were seen
	seen    []*node            // the same, in order
	next    uint64             // the next new file's inode number
	pages   store
	synced  bool // the guest asked for something to reach the disk

	// For commits to the host: see mark.go.
	changed []*node                             // those with a past
	placed  bool                                // the places of all nodes are known
	marked  bool                                // there is a mark
	busy    bool                                // an Update is not released
	strayed map[*node]string                    // files of the lower tree that the mark has at another path
	mapped  map[*node]bool                      // those with a page cache
	over    map[*node]map[int64]*[pageSize]byte // while an Update is taken: what mappings wrote, see laid.go
	foreign bool                                // the mark is the state of another overlay, see MarkOf
}

// New returns an overlay with an empty upper layer.
func New(opt Options) *FS {
	if opt.Clock == nil {
		opt.Clock = func() vfs.Time { return opt.Time }
	}
	if opt.NodeLimit == 0 {
		opt.NodeLimit = 1 << 20
	}
	f := &FS{
		placed: true, marked: true, strayed: map[*node]string{}, mapped: map[*node]bool{},
		opt: opt, nodes: map[uint64]*node{}, byLower: map[vfs.Node]*node{}, next: firstIno,
		pages: store{limit: opt.MemoryLimit / pageSize, most: opt.SizeLimit / pageSize, scratch: opt.Scratch},
	}
	if opt.Lower != nil {
		f.root = f.see(nil, "", opt.Lower.Root())
	} else {
		f.next = rootIno + 1
		t := opt.Time
		f.root = &node{fs: f, attr: vfs.Attr{
			Mode: abi.S_IFDIR | opt.RootMode, Nlink: 2, Size: dirSize,
			UID: opt.UID, GID: opt.GID, Atime: t, Mtime: t, Ctime: t, Btime: t,
		}}
	}
	f.root.attr.Ino, f.root.attr.Dev, f.root.attr.Blksize = rootIno, opt.Dev, pageSize
	f.root.bound = true
	f.nodes[rootIno] = f.root
	return f
}

// Root implements vfs.FileSystem.
func (f *FS) Root() vfs.Node { return f.root }

// Lower is the read-only base; nil for none.
func (f *FS) Lower() vfs.FileSystem { return f.opt.Lower }

// Synced reports whether the guest called fsync(2) or the like, so that a commit
// owes it more than what a native program that did not gets.
func (f *FS) Synced() bool { return f.synced }

// Statfs implements vfs.FileSystem.
func (f *FS) Statfs() vfs.Statfs {
	if f.opt.Lower != nil {
		return f.opt.Lower.Statfs()
	}
	return vfs.Statfs{
		Type: abi.TMPFS_MAGIC, Bsize: pageSize, Blocks: 1 << 20, Bfree: 1 << 19, Bavail: 1 << 19,
		Files: 1 << 20, Ffree: 1 << 19, Namelen: abi.NAME_MAX,
	}
}

// see returns the node of a file of the lower tree, first seen as name in dir.
func (f *FS) see(dir *node, name string, lower vfs.Node) *node {
	if n := f.byLower[lower]; n != nil {
		n.sighted(dir, name)
		return n
	}
	a, err := lower.Attr()
	if err != nil {
		a = vfs.Attr{Mode: abi.S_IFREG}
	}
	a.Dev = f.opt.Dev
	n := &node{fs: f, attr: a, lower: lower, originDir: dir, originName: name}
	switch a.Mode & abi.S_IFMT {
	case abi.S_IFDIR:
		n.up, n.name = dir, name
		n.domain = hostDevice(lower)
	case abi.S_IFREG:
		n.lowerSize = a.Size
		n.stored = (a.Size + pageSize - 1) / pageSize
	}
	f.byLower[lower] = n
	f.seen = append(f.seen, n)
	return n
}

// sighting is a place in the lower tree where a file was seen.
type sighting struct {
	dir  *node
	name string
}

// sighted remembers one more name of a lower file, which a commit may need.
func (n *node) sighted(dir *node, name string) {
	s := sighting{dir, name}
	if n.isDir() || s == (sighting{n.originDir, n.originName}) || slices.Contains(n.others, s) {
		return
	}
	n.others = append(n.others, s)
}

// hostDevice tells apart the host file systems that a lower tree spans, between
// which rename(2) and link(2) give EXDEV as they would natively.
func hostDevice(lower vfs.Node) uint64 {
	if h, ok := lower.(interface{ HostDevice() uint64 }); ok {
		return h.HostDevice()
	}
	return 0
}

// do applies a record and shows it to the observer.
func (f *FS) do(r *journal.Record) error {
	if err := f.Apply(r); err != nil {
		return err
	}
	if f.opt.Observe != nil {
		f.opt.Observe(r)
	}
	return nil
}

// bind makes n known to the journal and returns its number there; ENOENT for a
// file that is gone.
func (f *FS) bind(n *node) (uint64, error) {
	if n.bound && f.nodes[n.attr.Ino] != n {
		return 0, abi.ENOENT
	}
	if !n.bound {
		dir, err := f.bind(n.originDir)
		if err != nil {
			return 0, err
		}
		err = f.do(&journal.Record{Type: journal.Bind, Ino: n.attr.Ino, Dir: dir, Name: n.originName})
		if err != nil {
			return 0, err
		}
	}
	return n.attr.Ino, nil
}

// dropOrphan forgets n if it has neither a name nor an open file description.
func (f *FS) dropOrphan(n *node) error {
	if n == nil || n.attr.Nlink > 0 || n.opens > 0 || f.nodes[n.attr.Ino] != n {
		return nil
	}
	return f.do(&journal.Record{Type: journal.Forget, Ino: n.attr.Ino})
}

// bindAll binds nodes in order.
func (f *FS) bindAll(nodes ...*node) error {
	for _, n := range nodes {
		if _, err := f.bind(n); err != nil {
			return err
		}
	}
	return nil
}
