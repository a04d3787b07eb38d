package checkpoint

import (
	"io"

	"emurun/snapshot"
)

// RootSection is the name of the section with the archive that is the guest's root file
// system, a tar file: so the whole root goes with every checkpoint. It is not state.
const RootSection = "@root"

// Root is the archive that is the guest's root file system.
type Root struct {
	Archive io.ReaderAt
	Size    int64
	Section *snapshot.Section // where it is stored already; nil before the first checkpoint
}

// put stores the archive unless it is stored, and returns where.
func (r *Root) put(to snapshot.Putter) (snapshot.Section, error) {
	if r.Section != nil {
		return *r.Section, nil
	}
	return PutReader(to, RootSection, 1, r.Archive, r.Size)
}

// storedIn remembers that m, which is committed, has the archive.
func (r *Root) storedIn(m *snapshot.Manifest) {
	if r == nil || r.Section != nil {
		return
	}
	if s, err := m.Section(RootSection); err == nil {
		r.Section = &s
	}
}
