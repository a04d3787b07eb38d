package snapshot

import (
	"bytes"
	"fmt"
)

// zeroPage is a page of zeroes, which is never stored.
var zeroPage [PageSize]byte

// SetPage puts a page and enters it in t.
func (t *Table) SetPage(to Putter, index uint64, page *[PageSize]byte) error {
	var h Hash
	if *page != zeroPage {
		h = Sum(page[:])
		if err := to.Put(h, page[:]); err != nil {
			return fmt.Errorf("page %#x: %w", index, err)
		}
	}
	return t.Set(index, h)
}

// Page copies a page to dst.
func (t *Table) Page(index uint64, dst *[PageSize]byte) error {
	h, err := t.Get(index)
	if err != nil {
		return err
	}
	if h.IsZero() {
		*dst = zeroPage
		return nil
	}
	p, err := t.from.Get(h)
	if err != nil {
		return fmt.Errorf("page %#x: %w", index, err)
	}
	if len(p) != PageSize {
		return fmt.Errorf("page %#x: chunk %v has %d bytes: %w", index, h, len(p), ErrCorrupt)
	}
	copy(dst[:], p)
	return nil
}

// PutSection puts p as a section's content.
func PutSection(to Putter, name string, version uint32, p []byte) (Section, error) {
	t := OpenTable(nil, Hash{})
	var page [PageSize]byte
	for i := 0; i < len(p); i += PageSize {
		clear(page[copy(page[:], p[i:]):])
		if err := t.SetPage(to, uint64(i/PageSize), &page); err != nil {
			return Section{}, fmt.Errorf("section %s: %w", name, err)
		}
	}
	root, err := t.Flush(to)
	if err != nil {
		return Section{}, fmt.Errorf("section %s: %w", name, err)
	}
	return Section{name, version, uint64(len(p)), root}, nil
}

// GetSection returns the content of s, which must have at most limit bytes.
func GetSection(from Getter, s Section, limit uint64) ([]byte, error) {
	if s.Size > limit {
		return nil, fmt.Errorf("section %s: %d bytes, at most %d are allowed: %w", s.Name, s.Size, limit, ErrCorrupt)
	}
	t := OpenTable(from, s.Root)
	out := bytes.NewBuffer(nil)
	var page [PageSize]byte
	for i := uint64(0); i*PageSize < s.Size; i++ {
		if err := t.Page(i, &page); err != nil {
			return nil, fmt.Errorf("section %s: %w", s.Name, err)
		}
		n := min(PageSize, s.Size-i*PageSize)
		if !bytes.Equal(page[n:], zeroPage[n:]) {
			return nil, fmt.Errorf("section %s: it goes on behind its end: %w", s.Name, ErrCorrupt)
		}
		out.Write(page[:n])
	}
	return out.Bytes(), nil
}
