package checkpoint

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"emurun/internal/crashpoint"
	"emurun/machine"
	"emurun/snapshot"
)

// job is a checkpoint that is being stored. Its result is there when done is closed.
type job struct {
	about    []byte
	inputs   [][]byte // segments of the input log
	varied   bool     // they do not lead here; see Config.Varied
	root     *Root
	frozen   *machine.Frozen
	updates  Updates  // nil for none
	also     Sections // likewise
	manifest *snapshot.Manifest
	requests []Request
	start    time.Time
	pause    time.Duration
	stored   *atomic.Int64 // bytes, so far

	done      chan struct{}
	finished  atomic.Bool
	id        snapshot.Hash
	committed bool // the checkpoint is there for good
	applied   bool // and the host's files are as it has them
	err       error
	untidy    error // why older checkpoints are still there
}

// store does what the guest need not wait for. The order is the promise: the updates of
// files are durable under the checkpoint's name before it exists, and nothing of the host's files is
// touched before that.
func (j *job) store(s snapshot.Store, keep int) error {
	if err := crashpoint.Reach("checkpoint.begin"); err != nil {
		return err
	}
	aside, err := j.putAside(s)
	if err != nil {
		return err
	}
	if parent := j.manifest.Parent; !parent.IsZero() {
		// The pages that did not change are there because of it. Since something was put
		// nobody can delete it.
		if _, err := s.Manifest(parent); err != nil {
			return fmt.Errorf("the checkpoint before is gone: %w", err)
		}
	}
	if j.also != nil {
		more, err := j.also.Put(s)
		if err != nil {
			return err
		}
		aside = append(aside, more...)
	}
	sections, err := putAll(j.frozen, s, counted{s, j.stored})
	if err == nil {
		err = crashpoint.Reach("checkpoint.put")
	}
	if err != nil {
		return err
	}
	j.manifest.Sections = append(aside, sections...)
	slices.SortFunc(j.manifest.Sections, func(a, b snapshot.Section) int { return cmp.Compare(a.Name, b.Name) })
	id, err := j.manifest.ID()
	if err != nil {
		return err
	}
	if j.updates != nil {
		if err := j.updates.Prepare(id.String()); err != nil {
			return fmt.Errorf("file updates: %w", err)
		}
	}
	if err = crashpoint.Reach("checkpoint.commit"); err == nil {
		j.id, err = s.Commit(j.manifest)
	}
	if err != nil {
		return j.refused(s, id, err)
	}
	j.committed = true
	j.root.storedIn(j.manifest)
	if err := j.apply(); err != nil {
		return fmt.Errorf("checkpoint %v is stored, but %w: %w", id, ErrBehind, err)
	}
	j.untidy = retain(s, j.manifest.Job, keep)
	return nil
}

// apply makes the host's files those of the checkpoint, which is committed.
func (j *job) apply() error {
	if err := crashpoint.Reach(Committed); err != nil || j.updates == nil {
		return err
	}
	if err := j.updates.Apply(); err != nil {
		return err
	}
	j.applied = true
	return crashpoint.Reach("checkpoint.applied")
}

// Committed is the crash point behind a commit: who comes here has the checkpoint for good.
const Committed = "checkpoint.committed"

// putAside puts the sections that are not state, and returns them in order.
func (j *job) putAside(s snapshot.Store) ([]snapshot.Section, error) {
	var list []snapshot.Section
	put := func(section snapshot.Section, err error) error {
		list = append(list, section)
		return err
	}
	if !j.varied {
		log, err := encodeInputs(j.inputs)
		if err != nil {
			return nil, err
		}
		if err := put(snapshot.PutSection(s, InputsSection, inputsVersion, log)); err != nil {
			return nil, err
		}
	}
	if j.root != nil {
		if err := put(j.root.put(s)); err != nil {
			return nil, err
		}
	}
	err := put(snapshot.PutSection(s, RunSection, RunVersion, j.about))
	return list, err
}

// refused looks whether the commit that failed with err has happened all the same. Where that
// cannot be found out, the updates stay as they are until somebody knows.
func (j *job) refused(s snapshot.Store, id snapshot.Hash, err error) error {
	if r := rollback(s); r != nil {
		return errors.Join(err, r)
	}
	switch _, there := s.Manifest(id); {
	case there == nil:
		j.id, j.committed = id, true
		return fmt.Errorf("checkpoint %v is stored, but %w: %w", id, ErrBehind, err)
	case errors.Is(there, snapshot.ErrNotFound) && j.updates != nil:
		return errors.Join(err, j.updates.Cancel())
	}
	return err
}

// rollback lets a store forget what a failed checkpoint has put.
func rollback(s snapshot.Store) error {
	if r, ok := s.(interface{ Rollback() error }); ok {
		return r.Rollback()
	}
	return nil
}

// retain deletes the checkpoints of job that need not be kept.
func retain(s snapshot.Store, job string, keep int) error {
	if keep == 0 {
		return nil
	}
	all, err := snapshot.Checkpoints(s)
	if err != nil {
		return err
	}
	var own []snapshot.Checkpoint
	for _, c := range all {
		if c.Job == job {
			own = append(own, c)
		}
	}
	for _, id := range snapshot.Retain(own, keep) {
		if err := s.Delete(id); err != nil {
			return err
		}
	}
	return nil
}
