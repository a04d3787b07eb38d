package store

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"emurun/snapshot"
)

// ErrInUse says that something cannot be deleted because a job stands on it.
var ErrInUse = errors.New("in use")

// maxRetired is how many checkpoints one commit retires: one, unless labels went.
const maxRetired = 8

// retire adds to b the deletion of the job's checkpoints that the new one, of the record
// key, makes superfluous. It begins to look where head.From says, not at all records that
// are gone. Without a lease who commits deletes, as in a directory.
func (c *commit) retire(b *Batch, head *Head, key string) error {
	if c.manifest.Epoch == 0 {
		return nil
	}
	list, entries, err := c.s.checkpoints(c.manifest.Job, head.From)
	if err != nil {
		return err
	}
	all := []snapshot.Checkpoint{{ID: c.id, Manifest: c.manifest}}
	for i := range list {
		all = append(all, list[i].brief())
	}
	drop := snapshot.Retain(all, snapshot.KeepNewest)
	drop = drop[max(0, len(drop)-maxRetired):]
	head.From = ""
	for i := range list {
		if !slices.Contains(drop, list[i].ID) || list[i].ID == c.Base {
			if head.From == "" && list[i].Label == "" {
				head.From = entries[i].Key
			}
			continue
		}
		b.Pre = append(b.Pre, Cond{entries[i].Key, entries[i].Version})
		b.Del = append(b.Del, entries[i].Key, idKey(list[i].ID))
	}
	head.From = cmp.Or(head.From, key)
	return nil
}

// brief returns c as far as retention looks at it.
func (c *CheckpointRecord) brief() snapshot.Checkpoint {
	return snapshot.Checkpoint{ID: c.ID, Manifest: &snapshot.Manifest{
		Parent: c.Parent, Seq: c.Seq, Epoch: c.Epoch, Created: c.Created, Job: c.Job, Label: c.Label, Step: c.Step}}
}

// Delete removes a checkpoint. The head of a job that had a lease stays.
func (s *Store) Delete(id snapshot.Hash) error {
	for range maxTries {
		if err := s.tryDelete(id); !errors.Is(err, ErrConflict) {
			return err
		}
	}
	return fmt.Errorf("checkpoint %v: %w", id, ErrConflict)
}

func (s *Store) tryDelete(id snapshot.Hash) error {
	e, rec, err := s.record(id)
	if err != nil {
		return err
	}
	he, err := s.meta.Get(headKey(rec.Job))
	if err != nil {
		return err
	}
	var head Head
	if err := unmarshal(he, &head); err != nil {
		return err
	}
	b := Batch{Pre: []Cond{{e.Key, e.Version}, {he.Key, he.Version}}, Del: []string{e.Key, idKey(id)}}
	if head.ID == id {
		if head.Epoch > 0 {
			return fmt.Errorf("checkpoint %v is the head of job %q: %w", id, rec.Job, ErrInUse)
		}
		if err := s.moveHead(&b, head); err != nil {
			return err
		}
	}
	if err := s.Regressed(); err != nil {
		return err
	}
	if _, err := s.meta.Commit(b); err != nil {
		return err
	}
	return nil
}

// moveHead adds to b that the head of a job becomes the newest checkpoint but head.ID.
func (s *Store) moveHead(b *Batch, head Head) error {
	list, _, err := s.checkpoints(head.Job, "")
	if err != nil {
		return err
	}
	old := head.ID
	head.ID, head.Seq, head.Key = snapshot.Hash{}, 0, ""
	for i := range list {
		if c := &list[i]; c.ID != old {
			head.ID, head.Seq, head.Key = c.ID, c.Seq, c.key()
		}
	}
	kv, err := put(headKey(head.Job), &head)
	b.Put = append(b.Put, kv)
	return err
}
