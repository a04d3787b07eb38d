package snapshot

import (
	"bytes"
	"fmt"

	"emurun/snapshot/wire"
)

// Version is the version of the manifest's format, and of what it names.
const Version = 1

// magic begins every encoded manifest.
const magic = "EMURSNAP"

// minSection is the least number of bytes of an encoded section.
const minSection = 4 + 4 + 8 + HashSize

// MaxManifest bounds the bytes of an encoded manifest.
const MaxManifest = 32 << 20

// notFound wraps ErrNotFound.
func notFound(what, name string) error { return fmt.Errorf("%s %s: %w", what, name, ErrNotFound) }

// Encode returns the only encoding of m, which ends with its own hash.
func (m *Manifest) Encode() ([]byte, error) {
	if err := m.check(); err != nil {
		return nil, err
	}
	e := wire.NewEncoder(nil)
	e.Fixed([]byte(magic))
	e.Uint32(Version)
	m.Freeze(e)
	sum := Sum(e.Encoding())
	e.Fixed(sum[:])
	return e.Encoding(), e.Err()
}

// DecodeManifest returns the manifest that p encodes.
func DecodeManifest(p []byte) (*Manifest, error) {
	if len(p) > MaxManifest {
		return nil, fmt.Errorf("manifest of %d bytes: %w", len(p), ErrCorrupt)
	}
	if len(p) < len(magic)+4+HashSize || string(p[:len(magic)]) != magic {
		return nil, fmt.Errorf("no snapshot manifest: it does not begin with %q: %w", magic, ErrCorrupt)
	}
	d := wire.NewDecoder(p[len(magic) : len(p)-HashSize])
	if v := d.Uint32(); v != Version {
		return nil, fmt.Errorf("the snapshot has format version %d and this emurun reads version %d: "+
			"use the emurun that wrote it, or a newer one: %w", v, Version, ErrVersion)
	}
	if sum := Sum(p[:len(p)-HashSize]); !bytes.Equal(sum[:], p[len(p)-HashSize:]) {
		return nil, fmt.Errorf("manifest: the checksum at its end differs: %w", ErrCorrupt)
	}
	m := new(Manifest)
	m.Thaw(d)
	if err := d.End(); err != nil {
		return nil, fmt.Errorf("manifest: %w", err)
	}
	return m, m.check()
}

// check tests what the order and the limits promise.
func (m *Manifest) check() error {
	if len(m.Sections) > MaxSections || len(m.Job) > MaxName || len(m.Label) > MaxName {
		return fmt.Errorf("manifest: more than %d sections, or a name of more than %d bytes: %w", MaxSections, MaxName, ErrCorrupt)
	}
	for i, s := range m.Sections {
		if s.Name == "" || len(s.Name) > MaxName || i > 0 && m.Sections[i-1].Name >= s.Name {
			return fmt.Errorf("manifest: section %d, %q: names must ascend and have 1 to %d bytes: %w", i, s.Name, MaxName, ErrCorrupt)
		}
		if s.Size > MaxPages*PageSize {
			return fmt.Errorf("manifest: section %q has %d bytes: %w", s.Name, s.Size, ErrCorrupt)
		}
	}
	return nil
}

// Freeze writes m without what Encode puts around it.
func (m *Manifest) Freeze(e *wire.Encoder) {
	e.Fixed(m.Parent[:])
	e.Uint64(m.Seq)
	e.Uint64(m.Epoch)
	e.Int64(m.Created)
	e.String(m.Job)
	e.String(m.Label)
	m.freezeState(e, m.Sections)
}

// freezeState writes what the state hash covers, of the sections that are state.
func (m *Manifest) freezeState(e *wire.Encoder, sections []Section) {
	e.Uint64(m.Step)
	e.Count(len(sections))
	for i := range sections {
		s := &sections[i]
		e.String(s.Name)
		e.Uint32(s.Version)
		e.Uint64(s.Size)
		e.Fixed(s.Root[:])
	}
}

// Thaw reads m.
func (m *Manifest) Thaw(d *wire.Decoder) {
	d.Fixed(m.Parent[:])
	m.Seq = d.Uint64()
	m.Epoch = d.Uint64()
	m.Created = d.Int64()
	m.Job = d.String(MaxName)
	m.Label = d.String(MaxName)
	m.Step = d.Uint64()
	n := d.Count(MaxSections, minSection)
	m.Sections = make([]Section, n)
	for i := range m.Sections {
		d.EnterElement("sections", i)
		s := &m.Sections[i]
		s.Name = d.String(MaxName)
		s.Version = d.Uint32()
		s.Size = d.Uint64()
		d.Fixed(s.Root[:])
		d.Leave()
	}
}
