package store

import (
	"encoding/json"
	"fmt"
	"slices"

	"emurun/snapshot"
)

// record returns the record of a checkpoint, and its entry.
func (s *Store) record(id snapshot.Hash) (Entry, CheckpointRecord, error) {
	var c CheckpointRecord
	at, err := s.meta.Get(idKey(id))
	if err != nil {
		return Entry{}, c, fmt.Errorf("checkpoint %v: %w", id, err)
	}
	var key string
	if err := json.Unmarshal(at.Value, &key); err != nil {
		return Entry{}, c, fmt.Errorf("meta: record %q: %w: %v", at.Key, ErrCorrupt, err)
	}
	e, err := s.meta.Get(key)
	if err != nil {
		return Entry{}, c, fmt.Errorf("checkpoint %v: %w", id, err)
	}
	return e, c, unmarshal(e, &c)
}

// Checkpoint returns the record of a checkpoint.
func (s *Store) Checkpoint(id snapshot.Hash) (CheckpointRecord, error) {
	_, c, err := s.record(id)
	return c, err
}

// Manifest returns the encoded manifest of a checkpoint.
func (s *Store) Manifest(id snapshot.Hash) ([]byte, error) {
	c, err := s.Checkpoint(id)
	if err != nil {
		return nil, err
	}
	p, err := s.packs.get(c.Manifest)
	if err != nil {
		return nil, fmt.Errorf("checkpoint %v: manifest: %w", id, err)
	}
	return p, nil
}

// Table returns the packs of a checkpoint.
func (s *Store) Table(id snapshot.Hash) ([]PackSize, error) {
	c, err := s.Checkpoint(id)
	if err != nil {
		return nil, err
	}
	return s.table(&c)
}

// checkpoints returns the checkpoints of a job from a key on, oldest first, with their
// entries.
func (s *Store) checkpoints(job, from string) ([]CheckpointRecord, []Entry, error) {
	var list []CheckpointRecord
	var entries []Entry
	for e, err := range s.meta.Scan(checkpointPrefix(job), from) {
		var c CheckpointRecord
		if err == nil {
			err = unmarshal(e, &c)
		}
		if err != nil {
			return nil, nil, err
		}
		list, entries = append(list, c), append(entries, e)
	}
	return list, entries, nil
}

// JobCheckpoints returns the checkpoints of a job, newest first.
func (s *Store) JobCheckpoints(job string) ([]CheckpointRecord, error) {
	list, _, err := s.checkpoints(job, "")
	slices.Reverse(list)
	return list, err
}

// Checkpoints returns up to limit checkpoints of all jobs, in the order of their names,
// behind after.
func (s *Store) Checkpoints(after snapshot.Hash, limit int) ([]CheckpointRecord, error) {
	var list []CheckpointRecord
	from := ""
	if !after.IsZero() {
		from = idKey(after) + "\x00"
	}
	err := s.meta.View(func(r Reader) error {
		for at, err := range r.Scan(idTable, from) {
			if err != nil {
				return err
			}
			if len(list) == limit {
				break
			}
			c, err := follow(r, at)
			if err != nil {
				return err
			}
			list = append(list, c)
		}
		return nil
	})
	return list, err
}

// follow returns the record that an entry of the table of names leads to.
func follow(r Reader, at Entry) (CheckpointRecord, error) {
	var key string
	var c CheckpointRecord
	if err := json.Unmarshal(at.Value, &key); err != nil {
		return c, fmt.Errorf("meta: record %q: %w: %v", at.Key, ErrCorrupt, err)
	}
	e, err := r.Get(key)
	if err != nil {
		return c, fmt.Errorf("meta: record %q leads nowhere: %w", at.Key, ErrCorrupt)
	}
	return c, unmarshal(e, &c)
}

// Head returns where a job stands.
func (s *Store) Head(job string) (Head, error) {
	var h Head
	e, err := s.meta.Get(headKey(job))
	if err != nil {
		return h, fmt.Errorf("job %q: %w", job, ErrNotFound)
	}
	return h, unmarshal(e, &h)
}

// Heads returns up to limit heads, in the order of the jobs' names, from a name on.
func (s *Store) Heads(from string, limit int) ([]Head, error) {
	var list []Head
	for e, err := range s.meta.Scan(headTable, headKey(from)) {
		var h Head
		if err == nil {
			err = unmarshal(e, &h)
		}
		if err != nil {
			return nil, err
		}
		if len(list) == limit {
			break
		}
		list = append(list, h)
	}
	return list, nil
}

// LeaseBatch returns the batch that makes epoch, if it is higher than the one that was, that of
// the job's newest lease; an empty batch if it is not. A job that is new is entered in namespace.
func (s *Store) LeaseBatch(job string, epoch uint64, namespace string) (Batch, error) {
	if err := CheckJob(job); err != nil {
		return Batch{}, err
	}
	c := commit{Commit: &Commit{Namespace: namespace}, s: s, manifest: &snapshot.Manifest{Job: job}}
	if err := c.readHead(); err != nil {
		return Batch{}, err
	}
	if c.version != 0 && c.head.Epoch >= epoch {
		return Batch{}, nil
	}
	c.head.Epoch = epoch
	kv, err := put(headKey(job), &c.head)
	return Batch{Pre: []Cond{{headKey(job), c.version}}, Put: []KV{kv}}, err
}

// GrantBatch returns the batch that gives the job its next epoch, and that epoch, on
// condition that it is at epoch. Whoever grants a lease adds the lease to it.
func (s *Store) GrantBatch(job string, epoch uint64, namespace string) (Batch, uint64, error) {
	if err := CheckJob(job); err != nil {
		return Batch{}, 0, err
	}
	c := commit{Commit: &Commit{Namespace: namespace}, s: s, manifest: &snapshot.Manifest{Job: job}}
	if err := c.readHead(); err != nil {
		return Batch{}, 0, err
	}
	if c.head.Epoch != epoch {
		return Batch{}, 0, fmt.Errorf("job %q is at epoch %d, not %d: %w", job, c.head.Epoch, epoch, ErrFenced)
	}
	c.head.Epoch++
	kv, err := put(headKey(job), &c.head)
	return Batch{Pre: []Cond{{headKey(job), c.version}}, Put: []KV{kv}}, c.head.Epoch, err
}
