package capture

import (
	"fmt"

	"emurun/abi"
	"emurun/snapshot/wire"
	"emurun/vfs"
)

// Options say what an FS is made of.
type Options struct {
	// Observe, if set, hears of each first answer of the backing tree.
	Observe func(Answer)
	// Warn, if set, hears of files whose content cannot be captured, most likely because
	// somebody else changed them since the guest saw them first: they are left out, and
	// tried again the next time. A machine that thaws reads them from its backing tree if they
	// are there as they were, else it gets an error. Without Warn storing fails. It is called
	// on the goroutine that stores.
	Warn func(path string, err error)
}

// Answer is that something was asked for the first time.
type Answer struct {
	Path     string // below the root, without a leading slash
	Question string // lookup, list, readlink, listxattr, getxattr, open, content, holes
	Err      error  // the answer, if it was an error
}

// FS remembers what it was asked. It implements vfs.FileSystem, read-only, and wire.Object.
type FS struct {
	opt     Options
	statfs  vfs.Statfs
	root    *node
	next    uint64 // the next inode number
	devices uint64 // how many file systems of the host were told apart

	files  []*node // those whose content is wanted, by their place in the contents
	pages  uint64  // where the next one begins
	fresh  []*node // of files, those that are not stored
	waste  []span  // stored pages that nobody wants any more
	base   wire.Sum
	source wire.Source // what was thawed, or stored last if the sink can tell; nil for none

	// What this process knows of the backing tree.
	back    vfs.FileSystem // nil for none
	shared  map[uint64]*node
	recount bool              // it does not give a file the number that it had before
	numbers map[uint64]uint64 // its numbers, as the numbers here
	devs    map[uint64]uint64 // its devices, as the devices here
	learned bool              // numbers and devs have what is remembered
}

// span is pages of the contents.
type span struct{ start, n uint64 }

// New returns an FS over a backing tree, which has not been asked anything. Without one it
// has nothing but a root, until it thaws.
func New(back vfs.FileSystem, opt Options) *FS {
	f := &FS{opt: opt}
	f.reset(back)
	if back == nil {
		f.root = &node{fs: f, attr: vfs.Attr{Mode: abi.S_IFDIR | 0o755, Nlink: 2, Ino: 1, Size: 4096, Blksize: 4096}}
		f.next = 2
		return f
	}
	f.statfs = back.Statfs()
	// The numbers are given here from the beginning, where a machine that thaws goes on with
	// them: a view counts other files too, which the guest has not seen.
	f.recount, f.learned, f.next = countsBySight(back), true, 1
	root, err := f.see(nil, "", back.Root())
	if err != nil {
		root = &node{fs: f, back: back.Root(), attr: vfs.Attr{Mode: abi.S_IFDIR, Nlink: 2, Ino: 1}}
	}
	f.root = root
	return f
}

// reset forgets what this process knew of a backing tree.
func (f *FS) reset(back vfs.FileSystem) {
	f.back, f.learned, f.recount = back, false, false
	f.numbers, f.devs = map[uint64]uint64{}, map[uint64]uint64{}
	if f.shared == nil {
		f.shared = map[uint64]*node{}
	}
}

// SetBacking replaces the backing tree by another view of the same files, for instance one
// that was opened after a commit changed them, or by none.
func (f *FS) SetBacking(back vfs.FileSystem) {
	f.reset(back)
	f.recount = countsBySight(back)
	f.root.each(func(n *node) { n.back, n.same = nil, false })
}

// countsBySight reports whether a view numbers files in the order in which it sees them, so
// that another view of the same files gives other numbers.
func countsBySight(back vfs.FileSystem) bool {
	_, ok := back.(interface{ CountsBySight() })
	return ok
}

// Root implements vfs.FileSystem.
func (f *FS) Root() vfs.Node { return f.root }

// Statfs implements vfs.FileSystem.
func (f *FS) Statfs() vfs.Statfs { return f.statfs }

// see returns the node of a file of the backing tree that was looked up as name in parent.
// Other names of a file that is not a directory lead to the same node.
func (f *FS) see(parent *node, name string, back vfs.Node) (*node, error) {
	a, err := back.Attr()
	if err != nil {
		return nil, err
	}
	if f.recount && parent != nil {
		if e := parent.listed(name); e != nil {
			f.numbers[a.Ino] = e.Ino
		}
	}
	a.Ino = f.number(a.Ino)
	shared := a.Mode&abi.S_IFMT != abi.S_IFDIR && a.Nlink > 1
	if n := f.shared[a.Ino]; n != nil && a.Mode&abi.S_IFMT == n.attr.Mode&abi.S_IFMT {
		return n, nil // a commit may have removed its other names
	}
	n := &node{fs: f, parent: parent, name: name, back: back, same: true, attr: a}
	n.device = f.device(n)
	if shared {
		f.shared[a.Ino] = n
	}
	return n, nil
}

// number returns the number here of what the backing tree calls ino.
func (f *FS) number(ino uint64) uint64 {
	if !f.recount {
		f.next = max(f.next, ino+1)
		return ino
	}
	f.learn()
	n, ok := f.numbers[ino]
	if !ok {
		n = f.next
		f.next++
		f.numbers[ino] = n
	}
	return n
}

// device returns the number here of the host file system that n lies on.
func (f *FS) device(n *node) uint64 {
	h := hostDevice(n.back)
	if h == 0 {
		return 0
	}
	if f.devices > 0 && len(f.devs) == 0 {
		f.learn()
	}
	d, ok := f.devs[h]
	if !ok {
		f.devices++
		d = f.devices
		f.devs[h] = d
	}
	return d
}

func hostDevice(n vfs.Node) uint64 {
	if h, ok := n.(interface{ HostDevice() uint64 }); ok {
		return h.HostDevice()
	}
	return 0
}

// learn finds in the backing tree what is remembered, so that files which were seen then
// are known again by other names.
func (f *FS) learn() {
	if f.learned {
		return
	}
	f.learned = true
	f.root.each(func(n *node) {
		back, err := n.resolve()
		if err != nil {
			return
		}
		if a, err := back.Attr(); err == nil {
			f.numbers[a.Ino] = n.attr.Ino
		}
		if h := hostDevice(back); h != 0 {
			f.devs[h] = n.device
		}
		n.learnList(back)
	})
}

// learnList learns the numbers of the names that were listed.
func (n *node) learnList(back vfs.Node) {
	if !n.list.asked || !n.fs.recount {
		return
	}
	es, err := back.Entries()
	if err != nil {
		return
	}
	for _, e := range es {
		if old := n.listed(e.Name); old != nil && old.Type == e.Type {
			n.fs.numbers[e.Ino] = old.Ino
		}
	}
}

// observe tells of a first answer.
func (f *FS) observe(n *node, name, question string, err error) {
	if f.opt.Observe == nil {
		return
	}
	path := n.path()
	if name != "" {
		path = join(path, name)
	}
	f.opt.Observe(Answer{path, question, err})
}

// errChanged is what a file has become that is not what was first seen.
func errChanged(path string) error {
	return fmt.Errorf("%s has changed since the machine first saw it: its content cannot be captured", path)
}
