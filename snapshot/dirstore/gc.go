package dirstore

import (
	"errors"
	"fmt"

	"emurun/internal/crashpoint"
	"emurun/snapshot"
	"emurun/snapshot/pack"
)

// GC removes the packs that no manifest needs, and packs again what is left of those
// of which less than half is needed. It touches nothing if a manifest or something that it
// names cannot be read, or if something was put that is not committed. It returns the
// number of packs removed.
func (s *Store) GC() (int, error) {
	if s.pending {
		return 0, errors.New("gc: chunks have been put and not committed")
	}
	removed := 0
	err := s.begin()
	if err != nil {
		return 0, err
	}
	live, err := s.live()
	if err != nil {
		return 0, errors.Join(fmt.Errorf("gc: %w", err), s.end())
	}
	err = s.write(func() error {
		useless, err := s.repack(live)
		if err != nil {
			return err
		}
		if err := s.settle(); err != nil { // before the first copy goes
			return err
		}
		for _, name := range useless {
			if err := crashpoint.Reach("pack.remove"); err != nil {
				return err
			}
			if err := s.files.Remove(packDir + "/" + name); err != nil {
				return err
			}
			removed++
		}
		return s.files.SyncDir(packDir)
	})
	s.catalog.reset()
	return removed, errors.Join(err, s.end())
}

// live returns the chunks that manifests name.
func (s *Store) live() (map[snapshot.Hash]bool, error) {
	ids, err := s.List()
	if err != nil {
		return nil, err
	}
	live, nodes := map[snapshot.Hash]bool{}, map[snapshot.Hash]bool{}
	for _, id := range ids {
		m, err := s.Manifest(id)
		if err != nil {
			return nil, err
		}
		err = snapshot.Walk(s, m, func(r snapshot.Ref) (bool, error) {
			live[r.Hash] = true
			if r.Level < 0 || nodes[r.Hash] {
				return false, nil
			}
			nodes[r.Hash] = true
			return true, nil
		})
		if err != nil {
			return nil, fmt.Errorf("checkpoint %v: %w", id, err)
		}
	}
	return live, nil
}

// repack copies the live chunks of packs that are mostly useless, and returns the names
// of the packs that can go. Of chunks that are in two packs one counts.
func (s *Store) repack(live map[snapshot.Hash]bool) ([]string, error) {
	if err := s.catalog.readAll(); err != nil {
		return nil, err
	}
	s.builder = pack.NewBuilder(s.packSize)
	var useless []string
	for n, file := range s.catalog.packs {
		var keep []snapshot.Hash
		size, kept := 0, 0
		for _, c := range file.index.Chunks {
			size += int(c.Size)
			if live[c.Hash] && s.catalog.where[c.Hash].pack == int32(n) {
				keep = append(keep, c.Hash)
				kept += int(c.Size)
			}
		}
		if 2*kept >= size && kept > 0 {
			continue
		}
		useless = append(useless, file.name)
		for _, h := range keep {
			p, err := s.catalog.tryGet(h)
			if err != nil {
				return nil, err
			}
			if err := s.add(h, p); err != nil {
				return nil, err
			}
		}
	}
	return useless, nil
}
