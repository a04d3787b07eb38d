package kernel

import (
	"slices"

	"emurun/abi"
	"emurun/emu/mem"
	"emurun/vfs"
)

// maxCaches is how many files' page caches are kept before those that nothing maps
// are dropped.
const maxCaches = 1024

// fileCache is the page cache of one file: it reads the node for the Object and tells
// the Object what happens to the node.
type fileCache struct {
	k    *Kernel
	node vfs.Node
	obj  *mem.Object
	open vfs.File // keeps the node while it is mapped, though it may be unlinked and closed
}

// Stored is a node whose content is an Object itself: a memfd.
type Stored interface{ Object() *mem.Object }

// FileObject returns the page cache of the regular file n, through which it is mapped and
// executed. It returns abi.ENODEV for a node that cannot be mapped.
func (k *Kernel) FileObject(n vfs.Node) (*mem.Object, error) {
	if s, ok := n.(Stored); ok {
		return s.Object(), nil
	}
	holder, ok := n.(vfs.Cacher)
	if !ok {
		return nil, abi.ENODEV
	}
	if c, ok := holder.Cache().(*fileCache); ok {
		return c.obj, nil
	}
	a, err := n.Attr()
	if err != nil {
		return nil, err
	}
	if a.Mode&abi.S_IFMT != abi.S_IFREG {
		return nil, abi.ENODEV
	}
	if len(k.caches) >= maxCaches {
		if err := k.dropCaches(); err != nil {
			return nil, err
		}
	}
	c := &fileCache{k: k, node: n}
	c.obj = mem.NewObject(k.cfg.Pool, c, uint64(a.Size))
	holder.SetCache(c)
	k.caches = append(k.caches, c)
	return c.obj, nil
}

// FlushCaches writes to their files what mappings changed, as sync(2) does. The
// machine calls it before it commits.
func (k *Kernel) FlushCaches() error {
	for _, c := range k.caches {
		if err := c.Flush(0, 1<<62); err != nil {
			return err
		}
	}
	return nil
}

// dropCaches forgets the caches of files that nothing maps.
func (k *Kernel) dropCaches() error {
	if err := k.FlushCaches(); err != nil {
		return err
	}
	k.caches = slices.DeleteFunc(k.caches, func(c *fileCache) bool {
		if c.obj.Mapped() {
			return false
		}
		c.obj.Release()
		c.node.(vfs.Cacher).SetCache(nil)
		return true
	})
	return nil
}

// ReadPage implements mem.Source.
func (c *fileCache) ReadPage(p []byte, index uint64) error {
	off := int64(index << mem.PageShift)
	for len(p) > 0 {
		n, err := c.node.ReadAt(p, off)
		if n == 0 || err != nil {
			return err
		}
		p, off = p[n:], off+int64(n)
	}
	return nil
}

// Attach implements mem.Attached.
func (c *fileCache) Attach() {
	if f, err := c.node.Open(abi.O_RDONLY); err == nil {
		c.open = f
	}
}

// Detach implements mem.Attached. Pages that cannot be written stay dirty: FlushCaches
// tries again and reports it.
func (c *fileCache) Detach() {
	_ = c.Flush(0, 1<<62)
	if c.open != nil {
		c.open.Release()
		c.open = nil
	}
}

// Flush implements vfs.Cache.
func (c *fileCache) Flush(off, n int64) error {
	if !c.obj.Dirty() {
		return nil
	}
	now := vfs.Time(c.k.Realtime())
	return c.obj.Clean(uint64(off), uint64(n), func(p []byte, off uint64) error {
		_, err := c.node.WriteAt(p, int64(off), now)
		return err
	})
}

// Dirty implements vfs.Cache.
func (c *fileCache) Dirty(do func(p []byte, off int64) error) error {
	return c.obj.EachDirty(func(p []byte, off uint64) error { return do(p, int64(off)) })
}

// Wrote implements vfs.Cache.
func (c *fileCache) Wrote(p []byte, off int64) { c.obj.Update(p, uint64(off)) }

// Resized implements vfs.Cache.
func (c *fileCache) Resized(size int64) { c.obj.Truncate(uint64(size)) }

// Changed implements vfs.Cache.
func (c *fileCache) Changed(off, n int64) { c.obj.Forget(uint64(off), uint64(n)) }

// FlushObject writes to its file what mappings changed in [off, off+n) of o, msync(2).
func (k *Kernel) FlushObject(o *mem.Object, off, n uint64) error {
	if c, ok := o.Source().(*fileCache); ok {
		return c.Flush(int64(off), int64(n))
	}
	return nil
}

// SyncObject has the file behind o reach the disk, MS_SYNC.
func (k *Kernel) SyncObject(o *mem.Object) error {
	if c, ok := o.Source().(*fileCache); ok {
		return c.node.Sync()
	}
	return nil
}

// PunchHole makes [off, off+n) of the file behind o a hole, MADV_REMOVE.
func (k *Kernel) PunchHole(o *mem.Object, off, n uint64) error {
	c, ok := o.Source().(*fileCache)
	if !ok {
		return abi.EINVAL
	}
	const mode = abi.FALLOC_FL_PUNCH_HOLE | abi.FALLOC_FL_KEEP_SIZE
	return vfs.AllocateContent(c.node, mode, int64(off), int64(n), vfs.Time(k.Realtime()))
}
