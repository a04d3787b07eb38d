package dirstore

import (
	"fmt"
	"slices"
	"strings"

	"emurun/snapshot"
	"emurun/snapshot/pack"
)

// Report is what Verify found.
type Report struct {
	// Damage has an error per damaged place, which names file, bytes and chunk.
	Damage []error
	// Good are the checkpoints that can be resumed, newest first.
	Good []snapshot.Checkpoint
}

// Verify reads and hashes everything.
func (s *Store) Verify() (*Report, error) {
	r := new(Report)
	names, err := s.files.List(packDir)
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	for _, n := range names {
		for _, err := range s.verifyPack(n) {
			r.Damage = append(r.Damage, fmt.Errorf("%s/%s: %w", packDir, n, err))
		}
	}
	ids, err := s.List()
	if err != nil {
		return nil, err
	}
	good := map[snapshot.Hash]bool{}
	for _, id := range ids {
		m, err := s.Manifest(id)
		if err == nil {
			if err = snapshot.Verify(s, m, good); err == nil {
				r.Good = append(r.Good, snapshot.Checkpoint{ID: id, Manifest: m})
				continue
			}
			err = fmt.Errorf("checkpoint %v: %w", id, err)
		}
		r.Damage = append(r.Damage, err)
	}
	snapshot.Sort(r.Good)
	return r, nil
}

// verifyPack compares a pack with its name and, where it differs, finds out where.
func (s *Store) verifyPack(name string) []error {
	p, err := readFile(s.files, packDir+"/"+name, pack.MaxSize)
	if err != nil {
		return []error{err}
	}
	_, base, _ := strings.Cut(strings.TrimSuffix(name, packExt), "-")
	want, err := snapshot.ParseHash(base)
	if err != nil {
		return []error{err}
	}
	return pack.Damage(p, want)
}
