package snapshot_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"emurun/snapshot"
	"emurun/snapshot/storetest"
)

// memory is a store in a map, the simplest that passes storetest.
type memory struct {
	chunks    map[snapshot.Hash][]byte
	manifests map[snapshot.Hash][]byte
	puts      int
	gets      int
}

func newMemory() *memory {
	return &memory{chunks: map[snapshot.Hash][]byte{}, manifests: map[snapshot.Hash][]byte{}}
}

func (s *memory) Put(h snapshot.Hash, p []byte) error {
	s.puts++
	if len(p) > snapshot.MaxChunk || snapshot.Sum(p) != h {
		return snapshot.ErrCorrupt
	}
	s.chunks[h] = bytes.Clone(p)
	return nil
}

func (s *memory) Get(h snapshot.Hash) ([]byte, error) {
	s.gets++
	p, ok := s.chunks[h]
	if !ok {
		return nil, fmt.Errorf("chunk %v: %w", h, snapshot.ErrNotFound)
	}
	return p, nil
}

func (s *memory) Commit(m *snapshot.Manifest) (snapshot.Hash, error) {
	for _, section := range m.Sections {
		if _, ok := s.chunks[section.Root]; !ok {
			return snapshot.Hash{}, snapshot.ErrNotFound
		}
	}
	id, err := m.ID()
	if err == nil {
		s.manifests[id], err = m.Encode()
	}
	return id, err
}

func (s *memory) Manifest(id snapshot.Hash) (*snapshot.Manifest, error) {
	p, ok := s.manifests[id]
	if !ok {
		return nil, snapshot.ErrNotFound
	}
	return snapshot.DecodeManifest(p)
}

func (s *memory) List() ([]snapshot.Hash, error) {
	var ids []snapshot.Hash
	for id := range s.manifests {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b snapshot.Hash) int { return bytes.Compare(a[:], b[:]) })
	return ids, nil
}

func (s *memory) Delete(id snapshot.Hash) error {
	if _, ok := s.manifests[id]; !ok {
		return snapshot.ErrNotFound
	}
	delete(s.manifests, id)
	return nil
}

func TestConformance(t *testing.T) {
	storetest.Run(t, func(*testing.T) storetest.Reopen {
		s := newMemory()
		return func() snapshot.Store { return s }
	})
}
