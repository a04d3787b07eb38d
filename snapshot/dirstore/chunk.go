package dirstore

import (
	"fmt"

	"emurun/snapshot"
	"emurun/snapshot/pack"
)

// Get returns the chunk named h.
func (s *Store) Get(h snapshot.Hash) ([]byte, error) {
	if s.builder != nil {
		if p, ok, err := s.builder.Get(h); ok {
			return p, err
		}
	}
	return s.catalog.get(h)
}

// Put takes the chunk p named h. It believes the name: hashing again would cost a third
// of a checkpoint's time, and Get notices.
func (s *Store) Put(h snapshot.Hash, p []byte) error {
	if len(p) > snapshot.MaxChunk {
		return fmt.Errorf("put of chunk %v: %d bytes, at most %d are allowed: %w", h, len(p), snapshot.MaxChunk, snapshot.ErrCorrupt)
	}
	return s.write(func() error {
		s.pending = true
		if s.builder == nil {
			s.builder = pack.NewBuilder(s.packSize)
		}
		if ok, err := s.catalog.has(h); ok || err != nil {
			return err
		}
		return s.add(h, p)
	})
}

// add adds a chunk to the pack that is being built.
func (s *Store) add(h snapshot.Hash, p []byte) error {
	if s.builder.Full() {
		if err := s.flush(); err != nil {
			return err
		}
	}
	s.builder.Add(h, p)
	return nil
}

// flush writes the pack that is being built.
func (s *Store) flush() error {
	if s.builder == nil || s.builder.Len() == 0 {
		return nil
	}
	if err := s.catalog.ensureListed(); err != nil {
		return err
	}
	p, hash, index := s.builder.Finish()
	name := s.catalog.nextName(hash)
	if err := s.place(p, packDir+"/"+name); err != nil {
		return err
	}
	s.catalog.add(name, index)
	return nil
}
