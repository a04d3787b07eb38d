package store

import (
	"fmt"

	"emurun/snapshot"
	"emurun/snapshot/pack"
)

// Report is what Verify found.
type Report struct {
	Checkpoints int
	Good        []snapshot.Hash // checkpoints that can be resumed
	Packs       int
	Bytes       int64
	Damage      []error // one per damaged place, which it names

	damagedPacks []snapshot.Hash
	badRecords   []CheckpointRecord
	badNames     []string // keys of the table of names that lead nowhere
	badHeads     []Head
}

func (r *Report) add(format string, args ...any) {
	r.Damage = append(r.Damage, fmt.Errorf(format, args...))
}

// Verify reads all facts and looks whether all packs that they name are there. If deep,
// it reads and hashes every pack, and walks every checkpoint.
func (s *Store) Verify(deep bool) (*Report, error) {
	r := new(Report)
	if err := s.Regressed(); err != nil {
		r.Damage = append(r.Damage, err)
	}
	if err := s.meta.db.VerifyChecksum(); err != nil {
		r.Damage = append(r.Damage, damaged(err))
	}
	if deep {
		s.verifyPacks(r)
	}
	records := s.verifyRecords(r)
	good := map[snapshot.Hash]bool{}
	for i := range records {
		c := &records[i]
		if err := s.verifyCheckpoint(c, good, deep); err != nil {
			r.add("checkpoint %v of job %q: %w", c.ID, c.Job, err)
			r.badRecords = append(r.badRecords, *c)
			continue
		}
		r.Good = append(r.Good, c.ID)
	}
	s.verifyHeads(r, records)
	return r, nil
}

// verifyPacks compares each pack with its name.
func (s *Store) verifyPacks(r *Report) {
	for p, err := range s.packs.List() {
		if err != nil {
			r.Damage = append(r.Damage, err)
			continue
		}
		r.Packs++
		r.Bytes += p.Size
		for _, err := range s.verifyPack(p.Name) {
			r.add("%s/%v: %w", packDir, p.Name, err)
			if n := len(r.damagedPacks); n == 0 || r.damagedPacks[n-1] != p.Name {
				r.damagedPacks = append(r.damagedPacks, p.Name)
			}
		}
	}
}

// verifyPack compares a pack with its name and, where it differs, finds out where.
func (s *Store) verifyPack(name snapshot.Hash) []error {
	f, err := s.packs.Open(name)
	if err != nil {
		return []error{err}
	}
	defer f.Close()
	if f.Size() > MaxPack {
		return []error{fmt.Errorf("%d bytes: %w", f.Size(), ErrCorrupt)}
	}
	p := make([]byte, f.Size())
	if _, err := f.ReadAt(p, 0); err != nil && len(p) > 0 {
		return []error{err}
	}
	return pack.Damage(p, name)
}

// verifyRecords reads the table of checkpoints and the table of their names.
func (s *Store) verifyRecords(r *Report) []CheckpointRecord {
	var records []CheckpointRecord
	keys := map[string]string{}
	for e, err := range s.meta.Scan(checkpointTable, "") {
		var c CheckpointRecord
		if err == nil {
			err = unmarshal(e, &c)
		}
		if err == nil && c.key() != e.Key {
			err = fmt.Errorf("meta: record %q is of %q: %w", e.Key, c.key(), ErrCorrupt)
		}
		if err != nil {
			r.Damage = append(r.Damage, err)
			continue
		}
		r.Checkpoints++
		keys[idKey(c.ID)] = e.Key
		records = append(records, c)
	}
	for e, err := range s.meta.Scan(idTable, "") {
		var key string
		if err == nil {
			err = unmarshal(e, &key)
		}
		if err != nil {
			r.Damage = append(r.Damage, err)
			continue
		}
		if keys[e.Key] != key {
			r.add("meta: record %q leads to %q, which is not there: %w", e.Key, key, ErrCorrupt)
			r.badNames = append(r.badNames, e.Key)
		}
		delete(keys, e.Key)
	}
	for name, key := range keys { // order: the damage is listed, in any order
		r.add("meta: record %q has no name %q: %w", key, name, ErrCorrupt)
	}
	return records
}

// verifyCheckpoint tests that all of a checkpoint is there.
func (s *Store) verifyCheckpoint(c *CheckpointRecord, good map[snapshot.Hash]bool, deep bool) error {
	p, err := s.packs.get(c.Manifest)
	if err != nil {
		return fmt.Errorf("manifest: %w", err)
	}
	m, err := snapshot.DecodeManifest(p)
	if err != nil {
		return err
	}
	if id, err := m.ID(); err != nil || id != c.ID {
		return fmt.Errorf("its manifest is of %v: %w", id, ErrCorrupt)
	}
	p, err = s.packs.get(c.Table)
	if err != nil {
		return fmt.Errorf("table of packs: %w", err)
	}
	t, err := decodeTable(p)
	if err != nil {
		return err
	}
	for _, p := range t {
		size, ok, err := s.packs.Has(p.Name)
		switch {
		case err != nil:
			return err
		case !ok:
			return packNotFound(p.Name)
		case size != p.Size:
			return fmt.Errorf("%s/%v has %d bytes, not %d: %w", packDir, p.Name, size, p.Size, ErrCorrupt)
		}
	}
	if !deep {
		return nil
	}
	return snapshot.Verify(s.chunks(t), m, good)
}

// verifyHeads tests that each head is the newest checkpoint of its job.
func (s *Store) verifyHeads(r *Report, records []CheckpointRecord) {
	there := map[snapshot.Hash]string{}
	for i := range records {
		there[records[i].ID] = records[i].key()
	}
	for e, err := range s.meta.Scan(headTable, "") {
		var h Head
		if err == nil {
			err = unmarshal(e, &h)
		}
		if err != nil {
			r.Damage = append(r.Damage, err)
			continue
		}
		if !h.ID.IsZero() && there[h.ID] != h.Key {
			r.add("meta: the head of job %q is checkpoint %v, which is not there: %w", h.Job, h.ID, ErrCorrupt)
			r.badHeads = append(r.badHeads, h)
		}
	}
}
