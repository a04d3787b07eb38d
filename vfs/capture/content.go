package capture

import (
	"errors"
	"fmt"
	"io"

	"emurun/abi"
	"emurun/snapshot/wire"
	"emurun/vfs"
)

const pageSize = wire.PageSize

// maxPages bounds the contents of all files.
const maxPages = 1 << 36

// maxSmall bounds a file that has content in spite of a size of 0.
const maxSmall = 1 << 20

// content is where the content of a regular file is.
type content struct {
	wanted bool   // it is captured: it has a place in the contents
	read   bool   // the guest may have seen it
	start  uint64 // the first page of its place
	kept   bool   // a commit may change the file on the host

	// What a freeze does not show.
	stored  bool // the contents that were committed have it
	sourced bool // and can be read
	thawed  bool // and were
}

// size is how many pages the content takes.
func (n *node) size() uint64 { return (uint64(n.attr.Size) + pageSize - 1) / pageSize }

// want gives the content of n a place.
func (n *node) want() error {
	f, c := n.fs, &n.content
	switch {
	case c.wanted || n.attr.Size == 0:
		return nil
	case n.size() > maxPages-f.pages:
		return abi.EFBIG
	}
	c.wanted, c.start = true, f.pages
	f.pages += n.size()
	f.files = append(f.files, n)
	f.fresh = append(f.fresh, n)
	return nil
}

// Keep says that the guest changes something about n, so that a commit may change the file on the
// host: what is seen of its content must be captured first.
func (n *node) Keep() {
	switch {
	case !n.isReg():
	case n.attr.Size == 0:
		_, _ = n.readSmall(nil, 0) // its error is remembered
	case n.want() == nil:
		n.content.kept = true
	}
}

// Drop says that nobody will read n again. If nobody ever has, its content is not wanted.
func (n *node) Drop() {
	c := &n.content
	if !c.wanted || c.read {
		return
	}
	if c.stored {
		n.fs.waste = append(n.fs.waste, span{c.start, n.size()})
	}
	n.fs.files = without(n.fs.files, n)
	n.fs.fresh = without(n.fs.fresh, n)
	*c = content{}
}

// without returns nodes without n, from the end of which it is not far.
func without(nodes []*node, n *node) []*node {
	for i := len(nodes) - 1; i >= 0; i-- {
		if nodes[i] == n {
			return append(nodes[:i:i], nodes[i+1:]...)
		}
	}
	return nodes
}

// Open implements vfs.Node. Whether a regular file can be opened is asked once.
func (n *node) Open(uint32) (vfs.File, error) {
	switch {
	case n.isDir():
		return vfs.DirFile(n), nil
	case !n.isReg():
		return nil, abi.ENXIO
	}
	_, err := ask(n, &n.opened, "open", "", func(back vfs.Node) (struct{}, error) {
		f, err := back.Open(abi.O_RDONLY)
		if err == nil {
			f.Release()
		}
		return struct{}{}, err
	})
	if err == nil {
		err = n.begin()
	}
	if err != nil {
		return nil, err
	}
	return vfs.NodeFile(n), nil
}

// begin makes sure that the content of n, which is about to be seen, is captured.
func (n *node) begin() error {
	c := &n.content
	if c.read {
		return nil
	}
	if err := n.want(); err != nil {
		return err
	}
	if !c.stored && n.attr.Size > 0 && n.fs.back != nil {
		if _, err := n.resolve(); err != nil {
			return err
		}
		if !n.same {
			return abi.ESTALE
		}
	}
	if c.read = c.wanted; c.read {
		n.fs.observe(n, "", "content", nil)
	}
	return nil
}

// ReadAt implements vfs.Node.
func (n *node) ReadAt(p []byte, off int64) (int, error) {
	switch {
	case !n.isReg() || off < 0:
		return 0, abi.EINVAL
	case n.attr.Size == 0:
		return n.readSmall(p, off)
	case off >= n.attr.Size:
		return 0, nil
	}
	if err := n.begin(); err != nil {
		return 0, err
	}
	p = p[:min(int64(len(p)), n.attr.Size-off)]
	c := &n.content
	if c.sourced && (c.kept || c.thawed) {
		return n.readStored(p, off)
	}
	back, err := n.resolve()
	if err != nil {
		return 0, err
	}
	return back.ReadAt(p, off)
}

// readStored reads from the contents.
func (n *node) readStored(p []byte, off int64) (int, error) {
	if n.fs.source == nil {
		return 0, abi.EIO
	}
	var page [pageSize]byte
	for done := 0; done < len(p); {
		at := off + int64(done)
		if err := n.fs.source.Page(n.content.start+uint64(at)/pageSize, &page); err != nil {
			return done, fmt.Errorf("captured content of %s: %w", n.path(), err)
		}
		done += copy(p[done:], page[at%pageSize:])
	}
	return len(p), nil
}

// readSmall reads a file whose size is 0.
func (n *node) readSmall(p []byte, off int64) (int, error) {
	all, err := ask(n, &n.small, "content", "", readAll)
	if err != nil || off >= int64(len(all)) {
		return 0, err
	}
	return copy(p, all[off:]), nil
}

// readAll reads a file that does not know its size.
func readAll(back vfs.Node) ([]byte, error) {
	var all []byte
	var buf [pageSize]byte
	for {
		k, err := back.ReadAt(buf[:], int64(len(all)))
		switch {
		case err != nil && !errors.Is(err, io.EOF):
			return nil, err
		case k == 0:
			return all, nil
		case len(all) > maxSmall:
			return nil, abi.EFBIG
		}
		all = append(all, buf[:k]...)
	}
}

// maxExtents bounds what is remembered of where a file has holes; what follows is taken
// for data.
const maxExtents = 1 << 16

// NextData implements vfs.Extents.
func (n *node) NextData(off int64, data bool) (int64, error) {
	if !n.isReg() {
		return 0, abi.EINVAL
	}
	all, err := ask(n, &n.holes, "holes", "", func(back vfs.Node) ([]extent, error) {
		return findExtents(back, n.attr.Size)
	})
	if err != nil {
		return 0, err
	}
	if off < 0 || off >= n.attr.Size {
		return 0, abi.ENXIO
	}
	for _, x := range all {
		switch {
		case off >= x.to:
		case data:
			return max(off, x.from), nil
		case off < x.from:
			return off, nil
		default:
			off = x.to
		}
	}
	if data {
		return 0, abi.ENXIO
	}
	return off, nil
}

// findExtents returns where the first size bytes of a file are no hole.
func findExtents(back vfs.Node, size int64) ([]extent, error) {
	h, ok := back.(vfs.Extents)
	var all []extent
	for off := int64(0); off < size; {
		if !ok || len(all) == maxExtents {
			return append(all, extent{off, size}), nil
		}
		from, err := h.NextData(off, true)
		if err == abi.ENXIO || err == nil && from >= size {
			break
		}
		if err != nil {
			return nil, err
		}
		to, err := h.NextData(from, false)
		if err != nil {
			return nil, err
		}
		if to <= from {
			return nil, abi.EIO
		}
		off = min(to, size)
		all = append(all, extent{from, off})
	}
	return all, nil
}
