package snapshot

import (
	"slices"

	"emurun/snapshot/wire"
)

// Limits of a manifest.
const (
	MaxName     = 255     // bytes of a name or label
	MaxSections = 1 << 16 // sections
)

// Section is one component of a frozen machine: an array of pages.
type Section struct {
	Name    string // unique in its manifest, such as "kernel" or "mem/12"
	Version uint32 // of the component's encoding
	Size    uint64 // bytes; the last page is filled up with zeroes
	Root    Hash   // of its page table
}

// Manifest is a snapshot: where it belongs, and its sections.
type Manifest struct {
	Parent  Hash   // the checkpoint before, which need not exist any more
	Seq     uint64 // one more than the parent's
	Epoch   uint64 // of the lease under which it was committed; 0 without a server
	Created int64  // nanoseconds since 1970, by the clock of the host that committed it
	Job     string // whose checkpoint it is
	Label   string // a checkpoint with a label is kept
	Step    uint64 // instructions retired by then

	// Sections are in ascending order of their names.
	Sections []Section
}

// ID returns the name of m, the hash of its encoding.
func (m *Manifest) ID() (Hash, error) {
	p, err := m.Encode()
	if err != nil {
		return Hash{}, err
	}
	return Hash(p[len(p)-HashSize:]), nil
}

// State returns the state hash: of the step and the sections alone. Two machines in the
// same state have the same, whenever and wherever they were frozen. Sections whose names
// begin with "@" tell of the host that it ran on, and are not state.
func (m *Manifest) State() Hash {
	var e wire.Encoder
	m.freezeState(&e, slices.DeleteFunc(slices.Clone(m.Sections), func(s Section) bool { return s.Name[0] == '@' }))
	return Sum(e.Encoding())
}

// Section returns the section called name, or ErrNotFound.
func (m *Manifest) Section(name string) (Section, error) {
	for _, s := range m.Sections {
		if s.Name == name {
			return s, nil
		}
	}
	return Section{}, notFound("section", name)
}
