package vfs

// Cache is the page cache of a regular file that programs map, mmap(2). Whoever
// reads the content otherwise has Flush called before; whoever changes it says so
// afterwards. ReadContent, WriteContent, SetSize and AllocateContent do that: a node's own
// methods know nothing of it.
type Cache interface {
	// Flush writes to the node what mappings changed in [off, off+n).
	Flush(off, n int64) error
	// Dirty calls do with what Flush would write, page by page, and leaves it as it is.
	Dirty(do func(p []byte, off int64) error) error
	// Wrote says that p is at off now.
	Wrote(p []byte, off int64)
	// Resized says that the file has a new size.
	Resized(size int64)
	// Changed says that something else happened to [off, off+n).
	Changed(off, n int64)
}

// Cacher is a node whose content can be mapped: every one that embeds NodeDefaults and
// is a pointer.
type Cacher interface {
	Cache() Cache
	SetCache(c Cache)
}

// Cache implements Cacher.
func (d *NodeDefaults) Cache() Cache { return d.cache }

// SetCache implements Cacher.
func (d *NodeDefaults) SetCache(c Cache) { d.cache = c }

// cacheOf returns the page cache of n, or nil.
func cacheOf(n Node) Cache {
	if c, ok := n.(Cacher); ok {
		return c.Cache()
	}
	return nil
}

// ReadContent is n.ReadAt that sees what mappings wrote.
func ReadContent(n Node, p []byte, off int64) (int, error) {
	if c := cacheOf(n); c != nil {
		if err := c.Flush(off, int64(len(p))); err != nil {
			return 0, err
		}
	}
	return n.ReadAt(p, off)
}

// WriteContent is n.WriteAt that mappings see.
func WriteContent(n Node, p []byte, off int64, now Time) (int, error) {
	k, err := n.WriteAt(p, off, now)
	if c := cacheOf(n); c != nil && k > 0 {
		c.Wrote(p[:k], off)
	}
	return k, err
}

// SetSize is n.SetAttr with AttrSize among the mask that mappings see.
func SetSize(n Node, mask AttrMask, a Attr, now Time) error {
	err := n.SetAttr(mask|AttrSize, a, now)
	if c := cacheOf(n); c != nil && err == nil {
		c.Resized(a.Size)
	}
	return err
}

// AllocateContent is n.Allocate that mappings see.
func AllocateContent(n Node, mode uint32, off, length int64, now Time) error {
	c := cacheOf(n)
	if c != nil {
		if err := c.Flush(0, 1<<62); err != nil {
			return err
		}
	}
	err := n.Allocate(mode, off, length, now)
	if c == nil || err != nil {
		return err
	}
	a, err := n.Attr()
	if err != nil {
		return err
	}
	c.Changed(off, 1<<62-off) // modes that insert and collapse move all that follows
	c.Resized(a.Size)
	return nil
}

// SyncContent is n.Sync with what mappings wrote.
func SyncContent(n Node) error {
	if c := cacheOf(n); c != nil {
		if err := c.Flush(0, 1<<62); err != nil {
			return err
		}
	}
	return n.Sync()
}
