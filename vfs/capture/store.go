package capture

import (
	"errors"
	"fmt"
	"slices"

	"emurun/abi"
	"emurun/snapshot/wire"
	"emurun/vfs"
)

// page is a page of a file.
type page = [pageSize]byte

// contents is the content of all files that are wanted at one instant. It implements
// wire.Contents.
type contents struct {
	fs    *FS
	size  uint64 // pages
	base  wire.Sum
	files []pending
	waste []span

	root   wire.Sum
	source wire.Source
	stored []pending
}

// pending is a file that is to be stored.
type pending struct {
	n       *node
	path    string
	start   uint64
	pages   uint64
	kept    bool // but never opened
	content func(yield func(int64, *page) bool) error
}

// take returns the contents.
func (f *FS) take() *contents {
	c := &contents{fs: f, size: f.pages, base: f.base, waste: slices.Clone(f.waste)}
	for _, n := range f.fresh {
		c.files = append(c.files, pending{
			n: n, path: n.path(), start: n.content.start, pages: n.size(), kept: !n.content.read, content: n.reader(),
		})
	}
	return c
}

// Contents returns the content of the files that were opened up to now, for who wants to
// store it before it freezes the rest.
func (f *FS) Contents() wire.Contents { return f.take() }

// Fresh reports whether there is content that is not stored.
func (f *FS) Fresh() bool { return len(f.fresh) > 0 }

// reader returns how to read the content of n on any goroutine.
func (n *node) reader() func(yield func(int64, *page) bool) error {
	back, err := n.resolve()
	switch {
	case err != nil:
		return func(func(int64, *page) bool) error { return err }
	case !n.same:
		return func(func(int64, *page) bool) error { return vfs.ErrChanged }
	}
	if b, ok := back.(vfs.Background); ok {
		return b.Pages()
	}
	return readNow(back, n.attr.Size)
}

// readNow reads the content of a file that must be read on this goroutine.
func readNow(back vfs.Node, size int64) func(yield func(int64, *page) bool) error {
	var all []*page
	var err error
	for off := int64(0); off < size && err == nil; off += pageSize {
		p := new(page)
		_, err = back.ReadAt(p[:min(pageSize, size-off)], off)
		all = append(all, p)
	}
	return func(yield func(int64, *page) bool) error {
		for i, p := range all {
			if err != nil || !yield(int64(i), p) {
				break
			}
		}
		return err
	}
}

// Size implements wire.Contents.
func (c *contents) Size() uint64 { return c.size * pageSize }

// Store implements wire.Contents.
func (c *contents) Store(to wire.Sink) (wire.Sum, error) {
	var failed error
	root, err := to.Update(c.base, func(yield func(uint64, *page) bool) {
		for _, w := range c.waste {
			for i := range w.n {
				if !yield(w.start+i, nil) {
					return
				}
			}
		}
		for i := range c.files {
			if failed = c.store(&c.files[i], yield); failed != nil {
				return
			}
		}
	})
	if failed != nil {
		return wire.Sum{}, failed
	}
	if err != nil {
		return wire.Sum{}, err
	}
	c.root = root
	if r, ok := to.(wire.Reopener); ok {
		c.source = r.Source(root, c.Size())
	}
	return root, nil
}

// errEnough ends a sequence of pages that nobody wants to see more of.
var errEnough = errors.New("enough")

// store yields the pages of a file. One that was never opened and cannot be is left out: nobody
// can read it.
func (c *contents) store(p *pending, yield func(uint64, *page) bool) error {
	enough := false
	err := p.content(func(i int64, page *page) bool {
		if uint64(i) >= p.pages {
			return true
		}
		enough = !yield(p.start+uint64(i), page)
		return !enough
	})
	switch {
	case enough:
		return errEnough
	case err == nil:
		c.stored = append(c.stored, *p)
		return nil
	case p.kept && errors.Is(err, abi.EACCES):
		return nil
	}
	if errors.Is(err, vfs.ErrChanged) {
		err = errChanged(p.path)
	} else {
		err = fmt.Errorf("capture %s: %w", p.path, err)
	}
	if c.fs.opt.Warn == nil {
		return err
	}
	c.fs.opt.Warn(p.path, err)
	return nil
}

// Release implements wire.Contents.
func (c *contents) Release(committed bool) {
	if !committed {
		return
	}
	f := c.fs
	f.base = c.root
	if c.source != nil {
		f.source = c.source
	}
	for _, p := range c.stored {
		k := &p.n.content
		if k.wanted && k.start == p.start {
			k.stored, k.sourced = true, c.source != nil
		} else { // dropped meanwhile
			f.waste = append(f.waste, span{p.start, p.pages})
		}
	}
	f.fresh = slices.DeleteFunc(f.fresh, func(n *node) bool { return n.content.stored })
	f.waste = slices.DeleteFunc(f.waste, func(s span) bool { return slices.Contains(c.waste, s) })
}
