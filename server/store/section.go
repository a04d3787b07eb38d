package store

import (
	"io"

	"emurun/snapshot"
)

// Section writes the bytes of a section of a checkpoint from an offset on, and returns its
// size. A section that is not there has none.
func (s *Store) Section(id snapshot.Hash, name string, from uint64, w io.Writer) (uint64, error) {
	c, err := s.Checkpoint(id)
	if err != nil {
		return 0, err
	}
	p, err := s.packs.get(c.Manifest)
	if err != nil {
		return 0, err
	}
	m, err := snapshot.DecodeManifest(p)
	if err != nil {
		return 0, err
	}
	section, err := m.Section(name)
	if err != nil || from >= section.Size {
		return section.Size, nil
	}
	t, err := s.table(&c)
	if err != nil {
		return 0, err
	}
	pages := snapshot.OpenTable(s.chunks(t), section.Root)
	var page [snapshot.PageSize]byte
	for at := from; at < section.Size; {
		if err := pages.Page(at/snapshot.PageSize, &page); err != nil {
			return 0, err
		}
		end := min((at/snapshot.PageSize+1)*snapshot.PageSize, section.Size)
		if _, err := w.Write(page[at%snapshot.PageSize : at%snapshot.PageSize+end-at]); err != nil {
			return 0, err
		}
		at = end
	}
	return section.Size, nil
}
