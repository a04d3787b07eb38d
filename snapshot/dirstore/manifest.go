package dirstore

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"emurun/internal/crashpoint"
	"emurun/snapshot"
)

func manifestName(id snapshot.Hash) string { return manifestDir + "/" + id.String() + manifestExt }

// Commit makes m and all chunks put before durable. The rename of the manifest is the
// instant at which it happens.
func (s *Store) Commit(m *snapshot.Manifest) (snapshot.Hash, error) {
	p, err := m.Encode()
	if err != nil {
		return snapshot.Hash{}, err
	}
	id := snapshot.Hash(p[len(p)-snapshot.HashSize:])
	if err := s.hasRoots(m); err != nil {
		return snapshot.Hash{}, err
	}
	err = s.write(func() error {
		if err := s.settle(); err != nil {
			return err
		}
		if err := s.place(p, manifestName(id)); err != nil {
			return err
		}
		if err := crashpoint.Reach("manifest.syncdir"); err != nil {
			return err
		}
		return s.files.SyncDir(manifestDir)
	})
	if err != nil {
		return snapshot.Hash{}, fmt.Errorf("commit %v: %w", id, err)
	}
	s.pending = false
	return id, s.end()
}

// settle makes all packs durable: also those of a process that died between renaming
// one and syncing its name, which Put counts on.
func (s *Store) settle() error {
	if err := s.flush(); err != nil {
		return err
	}
	if err := crashpoint.Reach("pack.syncdir"); err != nil {
		return err
	}
	return s.files.SyncDir(packDir)
}

// hasRoots tests that the roots of m are there.
func (s *Store) hasRoots(m *snapshot.Manifest) error {
	for _, section := range m.Sections {
		if section.Root.IsZero() {
			continue
		}
		if _, err := s.Get(section.Root); err != nil {
			return fmt.Errorf("section %s: root %v was not put: %w", section.Name, section.Root, err)
		}
	}
	return nil
}

// Manifest returns the manifest named id.
func (s *Store) Manifest(id snapshot.Hash) (*snapshot.Manifest, error) {
	p, err := readFile(s.files, manifestName(id), snapshot.MaxManifest)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("checkpoint %v: %w", id, snapshot.ErrNotFound)
	}
	if err != nil {
		return nil, err
	}
	m, err := snapshot.DecodeManifest(p)
	if err == nil && !bytes.Equal(p[len(p)-snapshot.HashSize:], id[:]) {
		err = fmt.Errorf("it is another checkpoint's manifest: %w", snapshot.ErrCorrupt)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", manifestName(id), err)
	}
	return m, nil
}

// List returns the names of all manifests.
func (s *Store) List() ([]snapshot.Hash, error) {
	names, err := s.files.List(manifestDir)
	if err != nil {
		return nil, err
	}
	var ids []snapshot.Hash
	for _, n := range names {
		base, ok := strings.CutSuffix(n, manifestExt)
		if id, err := snapshot.ParseHash(base); ok && err == nil {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(a, b snapshot.Hash) int { return bytes.Compare(a[:], b[:]) })
	return ids, nil
}

// Delete removes the manifest named id.
func (s *Store) Delete(id snapshot.Hash) error {
	r, _, err := s.files.Open(manifestName(id))
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("checkpoint %v: %w", id, snapshot.ErrNotFound)
	}
	if err != nil {
		return err
	}
	if err := r.Close(); err != nil {
		return err
	}
	err = s.write(func() error {
		if err := crashpoint.Reach("manifest.remove"); err != nil {
			return err
		}
		if err := s.files.Remove(manifestName(id)); err != nil {
			return err
		}
		return s.files.SyncDir(manifestDir)
	})
	return errors.Join(err, s.end())
}
