package store

import (
	"errors"
	"fmt"

	"emurun/snapshot"
)

// fsck is a repair under way.
type fsck struct {
	s      *Store
	r      *Report
	repair bool
	done   []string
}

// Fsck verifies deeply and, if repair, makes good what it can: it moves damaged packs to
// quarantine, so that they can be put again, drops the records of checkpoints that are
// not whole, and lets heads fall back to the newest that is. It returns what it found, and
// what it did or would do.
func (s *Store) Fsck(repair bool) (*Report, []string, error) {
	r, err := s.Verify(true)
	if err != nil {
		return nil, nil, err
	}
	f := &fsck{s: s, r: r, repair: repair}
	for _, step := range []func() error{f.packs, f.names, f.records, f.heads} {
		if err := step(); err != nil {
			return r, f.done, err
		}
	}
	return r, f.done, nil
}

// do notes what is done, and does it if it is to be.
func (f *fsck) do(do func() error, format string, args ...any) error {
	f.done = append(f.done, fmt.Sprintf(format, args...))
	if !f.repair {
		return nil
	}
	return do()
}

// packs moves damaged packs away.
func (f *fsck) packs() error {
	for _, name := range f.r.damagedPacks {
		err := f.do(func() error {
			if _, err := f.s.meta.Get(packKey(name)); err == nil {
				_, err := f.s.meta.Commit(Batch{Del: []string{packKey(name)}})
				return err
			}
			return moveToQuarantine(f.s.dir, packDir+"/"+name.String()[:2]+"/"+name.String())
		}, "move pack %v to quarantine", name)
		if err != nil {
			return err
		}
	}
	return nil
}

// names drops the names that lead nowhere.
func (f *fsck) names() error {
	for _, key := range f.r.badNames {
		err := f.do(func() error {
			_, err := f.s.meta.Commit(Batch{Del: []string{key}})
			return err
		}, "drop the name %s, which leads nowhere", key)
		if err != nil {
			return err
		}
	}
	return nil
}

// records drops the checkpoints that are not whole.
func (f *fsck) records() error {
	for i := range f.r.badRecords {
		c := &f.r.badRecords[i]
		err := f.do(func() error {
			_, err := f.s.meta.Commit(Batch{Del: []string{c.key(), idKey(c.ID)}})
			return err
		}, "drop checkpoint %d of job %q, %v, which is not whole", c.Seq, c.Job, c.ID)
		if err != nil {
			return err
		}
	}
	return nil
}

// heads lets each head that is not whole fall back.
func (f *fsck) heads() error {
	bad := map[snapshot.Hash]bool{}
	for i := range f.r.badRecords {
		bad[f.r.badRecords[i].ID] = true
	}
	heads, err := f.s.Heads("", 1<<30)
	if err != nil {
		return err
	}
	for _, h := range heads {
		_, err := f.s.Checkpoint(h.ID)
		if h.ID.IsZero() || !bad[h.ID] && !errors.Is(err, ErrNotFound) {
			continue
		}
		if err := f.fallBack(h, bad); err != nil {
			return err
		}
	}
	return nil
}

// fallBack makes the newest whole checkpoint of a job its head.
func (f *fsck) fallBack(h Head, bad map[snapshot.Hash]bool) error {
	list, err := f.s.JobCheckpoints(h.Job)
	if err != nil {
		return err
	}
	next := Head{Job: h.Job, Namespace: h.Namespace, Epoch: h.Epoch, Bytes: h.Bytes}
	for i := range list {
		if c := &list[i]; !bad[c.ID] {
			next.ID, next.Seq, next.Key = c.ID, c.Seq, c.key()
			break
		}
	}
	text := fmt.Sprintf("job %q falls back from checkpoint %d to %d", h.Job, h.Seq, next.Seq)
	if next.ID.IsZero() {
		text = fmt.Sprintf("job %q has no checkpoint left: it cannot be repaired", h.Job)
	}
	return f.do(func() error {
		kv, err := put(headKey(h.Job), &next)
		if err == nil {
			_, err = f.s.meta.Commit(Batch{Put: []KV{kv}})
		}
		return err
	}, "%s", text)
}
