package checkpoint

import (
	"fmt"
	"io"
	"sync"

	"emurun/snapshot"
)

// Reader reads a section as a file. Several goroutines may use it if nobody else uses the
// Getter.
type Reader struct {
	mu      sync.Mutex
	section snapshot.Section
	table   *snapshot.Table
	at      uint64 // the page in page, plus 1
	page    [snapshot.PageSize]byte
}

// NewReader returns a Reader of s.
func NewReader(from snapshot.Getter, s snapshot.Section) *Reader {
	return &Reader{section: s, table: snapshot.OpenTable(from, s.Root)}
}

// Size returns the number of bytes.
func (r *Reader) Size() int64 { return int64(r.section.Size) }

// ReadAt implements io.ReaderAt.
func (r *Reader) ReadAt(p []byte, off int64) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	done := 0
	for done < len(p) {
		at := off + int64(done)
		if at >= r.Size() {
			return done, io.EOF
		}
		i := uint64(at) / snapshot.PageSize
		if r.at != i+1 {
			if err := r.table.Page(i, &r.page); err != nil {
				r.at = 0
				return done, fmt.Errorf("section %s: %w", r.section.Name, err)
			}
			r.at = i + 1
		}
		end := min(snapshot.PageSize, r.section.Size-i*snapshot.PageSize)
		done += copy(p[done:], r.page[uint64(at)%snapshot.PageSize:end])
	}
	return done, nil
}

// PutReader puts the first size bytes of r as a section.
func PutReader(to snapshot.Putter, name string, version uint32, r io.ReaderAt, size int64) (snapshot.Section, error) {
	t := snapshot.OpenTable(nil, snapshot.Hash{})
	var page [snapshot.PageSize]byte
	for off := int64(0); off < size; off += snapshot.PageSize {
		n := min(snapshot.PageSize, size-off)
		if k, err := r.ReadAt(page[:n], off); int64(k) < n {
			return snapshot.Section{}, fmt.Errorf("section %s: byte %d of %d: %w", name, off+int64(k), size, err)
		}
		clear(page[n:])
		if err := t.SetPage(to, uint64(off/snapshot.PageSize), &page); err != nil {
			return snapshot.Section{}, fmt.Errorf("section %s: %w", name, err)
		}
	}
	root, err := t.Flush(to)
	if err != nil {
		return snapshot.Section{}, fmt.Errorf("section %s: %w", name, err)
	}
	return snapshot.Section{Name: name, Version: version, Size: uint64(size), Root: root}, nil
}
