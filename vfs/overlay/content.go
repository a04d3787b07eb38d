package overlay

import (
	"slices"

	"emurun/abi"
	"emurun/vfs"
)

// maxSize bounds a file's length, so that offsets plus lengths do not overflow.
const maxSize = 1 << 60

// read fills b with the content at off, all of it within the file.
func (n *node) read(b []byte, off int64) error {
	for len(b) > 0 {
		i, in := off/pageSize, off%pageSize
		run := min(pageSize-in, int64(len(b)))
		if p := n.pages[i]; p != nil {
			if err := n.fs.pages.see(p, b[:run], in); err != nil {
				return err
			}
		} else {
			run = n.runWithout(i, in, int64(len(b)))
			if err := n.readLower(b[:run], off); err != nil {
				return err
			}
		}
		b, off = b[run:], off+run
	}
	return nil
}

// runWithout returns how many bytes from in in page i on, at most most, lie
// before the next page of the upper layer.
func (n *node) runWithout(i, in, most int64) int64 {
	run := pageSize - in
	if len(n.pages) == 0 {
		return most
	}
	for run < most {
		if i++; n.pages[i] != nil {
			break
		}
		run += pageSize
	}
	return min(run, most)
}

// readLower fills b with what the lower file shows at off: zeros beyond
// lowerSize, and beyond the end if the host's file has become shorter.
func (n *node) readLower(b []byte, off int64) error {
	k := 0
	if off < n.lowerSize {
		part := b[:min(int64(len(b)), n.lowerSize-off)]
		var err error
		if k, err = n.lower.ReadAt(part, off); err != nil {
			return err
		}
	}
	clear(b[k:])
	return nil
}

// write puts b at off. A page that b covers in part is first filled from below.
func (n *node) write(b []byte, off int64) error {
	for len(b) > 0 {
		i, in := off/pageSize, off%pageSize
		run := min(pageSize-in, int64(len(b)))
		n.changePage(i)
		p := n.pages[i]
		if p == nil {
			p = &page{}
			if run < pageSize && i*pageSize < n.lowerSize {
				if err := n.fill(p, i); err != nil {
					return err
				}
			}
		}
		if p.where == hole && (i*pageSize >= n.lowerSize || n.pages[i] == p) {
			n.stored++
		}
		if n.pages[i] == p && p.where == hole {
			n.fs.pages.holes--
		}
		if err := n.fs.pages.write(p, b[:run], in); err != nil {
			return err
		}
		n.setPage(i, p)
		b, off = b[run:], off+run
	}
	return nil
}

// missing counts the pages that a write would add, and those that it would bring into memory.
func (n *node) missing(off, length int64) (added, brought int64) {
	if n.fs.pages.most == 0 && n.fs.pages.limit == 0 {
		return 0, 0
	}
	for i := off / pageSize; i*pageSize < off+length; i++ {
		switch p := n.pages[i]; {
		case p == nil || p.where == hole:
			added, brought = added+1, brought+1
		case p.where == thawed:
			brought++
		}
	}
	return added, brought
}

// fill puts the lower content of page i in p.
func (n *node) fill(p *page, i int64) error {
	var b [pageSize]byte
	if err := n.readLower(b[:], i*pageSize); err != nil {
		return err
	}
	return n.fs.pages.write(p, b[:], 0)
}

func (n *node) setPage(i int64, p *page) {
	if n.pages == nil {
		n.pages = make(map[int64]*page)
	}
	n.pages[i] = p
}

// truncate sets the length.
func (n *node) truncate(size int64) error {
	if p := n.change(); size < p.cut {
		p.cut = size
	}
	if size < n.attr.Size {
		keep := (size + pageSize - 1) / pageSize
		for i, p := range n.pages { // order: only gives back
			if i >= keep {
				n.fs.pages.release(p)
				delete(n.pages, i)
			}
		}
		if p := n.pages[size/pageSize]; p != nil && p.where != hole {
			var zeros [pageSize]byte
			if err := n.fs.pages.write(p, zeros[:pageSize-size%pageSize], size%pageSize); err != nil {
				return err
			}
		}
	}
	n.lowerSize = min(n.lowerSize, size)
	n.attr.Size = size
	n.count()
	return nil
}

// zero makes the bytes from off to end zero, as holes where whole pages are.
func (n *node) zero(off, end int64) error {
	first, last := (off+pageSize-1)/pageSize, end/pageSize // whole pages
	if first > last {
		return n.zeroPart(off, end)
	}
	if err := n.zeroPart(off, first*pageSize); err != nil {
		return err
	}
	if err := n.zeroPart(last*pageSize, end); err != nil {
		return err
	}
	for i, p := range n.pages { // order: only gives back
		if i >= first && i < last {
			n.changePage(i)
			n.fs.pages.release(p)
			delete(n.pages, i)
		}
	}
	for i := first; i < last && i*pageSize < n.lowerSize; i++ {
		n.changePage(i)
		n.setPage(i, &page{})
		n.fs.pages.holes++
	}
	n.count()
	return nil
}

// zeroPart zeroes a range within one page.
func (n *node) zeroPart(off, end int64) error {
	if off >= end || n.pages[off/pageSize] == nil && off >= n.lowerSize {
		return nil
	}
	var zeros [pageSize]byte
	return n.write(zeros[:end-off], off)
}

// skipZero returns how far from off on nothing is stored, at most to end. It
// jumps, since the range may be as wide as the address space of a file.
func (n *node) skipZero(off, end int64) int64 {
	next := end
	for i := range n.pages { // order: finds the least
		if at := i * pageSize; at >= off && at < next {
			next = at
		}
	}
	return next - off
}

// NextData implements vfs.Extents.
func (n *node) NextData(off int64, data bool) (int64, error) {
	for at := off; at < n.attr.Size; {
		isData, next, err := n.extent(at)
		if err != nil {
			return 0, err
		}
		if isData == data {
			return at, nil
		}
		at = next
	}
	if data {
		return 0, abi.ENXIO
	}
	return n.attr.Size, nil
}

// extent tells whether there is data at at, and where that may change.
func (n *node) extent(at int64) (isData bool, next int64, err error) {
	i := at / pageSize
	switch p := n.pages[i]; {
	case p != nil:
		return p.where != hole, (i + 1) * pageSize, nil
	case at >= n.lowerSize:
		return false, at + n.skipZero(at, n.attr.Size), nil
	}
	end := at + n.runWithout(i, at%pageSize, n.lowerSize-at)
	x, ok := n.lower.(vfs.Extents)
	if !ok {
		return true, end, nil
	}
	d, err := x.NextData(at, true)
	switch {
	case err == abi.ENXIO:
		return false, end, nil
	case err != nil:
		return false, 0, err
	case d > at:
		return false, min(d, end), nil
	}
	h, err := x.NextData(at, false)
	return true, min(h, end), err
}

// count sets stored, the number of pages that the content takes.
func (n *node) count() {
	n.stored = (n.lowerSize + pageSize - 1) / pageSize
	for i, p := range n.pages { // order: only counts
		below := i*pageSize < n.lowerSize
		switch {
		case below && p.where == hole:
			n.stored--
		case !below && p.where != hole:
			n.stored++
		}
	}
}

// storedPages returns the numbers of the pages of the upper layer, ascending.
func (n *node) storedPages() []int64 {
	out := make([]int64, 0, len(n.pages))
	for i := range n.pages { // order: sorted below
		out = append(out, i)
	}
	slices.Sort(out)
	return out
}
