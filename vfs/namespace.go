package vfs

import (
	"slices"

	"emurun/abi"
)

// Mount is a file system at a place in a Namespace, mount(2).
type Mount struct {
	FS     FileSystem
	Root   *Dentry
	At     *Dentry // the directory it covers; nil for the root of the namespace
	Source string  // as /proc/mounts names it
	Type   string
	Flags  uint64 // abi.ST_RDONLY, ST_NOSUID, ST_NODEV, ST_NOEXEC
}

// Namespace is a tree of mounts, mount_namespaces(7).
type Namespace struct {
	root   *Dentry
	mounts []*Mount

	// Special opens nodes that are doors to something in the kernel: FIFOs,
	// sockets and devices whose file system leaves Open to it. Nil: ENXIO.
	Special func(c *Context, d *Dentry, a Attr, flags uint32) (File, error)
}

// NewNamespace returns a namespace with fs at its root.
func NewNamespace(fs FileSystem, source, fstype string, flags uint64) *Namespace {
	ns := &Namespace{}
	ns.root = ns.attach(&Mount{FS: fs, Source: source, Type: fstype, Flags: flags})
	return ns
}

// Root returns the root directory.
func (ns *Namespace) Root() *Dentry { return ns.root.top() }

// Mounts returns the mounts in the order in which they were made.
func (ns *Namespace) Mounts() []*Mount { return ns.mounts }

func (ns *Namespace) attach(m *Mount) *Dentry {
	m.Root = &Dentry{Name: "/", Node: m.FS.Root(), mount: m}
	ns.mounts = append(ns.mounts, m)
	return m.Root
}

// Mount puts fs over the directory at.
func (ns *Namespace) Mount(at *Dentry, fs FileSystem, source, fstype string, flags uint64) (*Mount, error) {
	at = at.top()
	m := &Mount{FS: fs, At: at, Source: source, Type: fstype, Flags: flags}
	a, err := at.Node.Attr()
	if err != nil {
		return nil, err
	}
	b, err := fs.Root().Attr()
	if err != nil {
		return nil, err
	}
	// A file may only cover a file, a directory only a directory, mount(2).
	if (a.Mode&abi.S_IFMT == abi.S_IFDIR) != (b.Mode&abi.S_IFMT == abi.S_IFDIR) {
		return nil, abi.ENOTDIR
	}
	ns.attach(m)
	at.mounted = m
	return m, nil
}

// Unmount takes away the mount whose root is d.
func (ns *Namespace) Unmount(d *Dentry) error {
	m := d.mount
	if m == nil || m.Root != d || m.At == nil {
		return abi.EINVAL
	}
	for _, x := range ns.mounts {
		if x.At != nil && x.At.mount == m {
			return abi.EBUSY
		}
	}
	ns.mounts = slices.DeleteFunc(ns.mounts, func(x *Mount) bool { return x == m })
	m.At.mounted = nil
	return nil
}

// writable returns EROFS if nothing can be changed at d.
func (d *Dentry) writable() error {
	if d.mount != nil && d.mount.Flags&abi.ST_RDONLY != 0 {
		return abi.EROFS
	}
	return nil
}
