package hostfs

import (
	"errors"
	"fmt"
	"os"

	"emurun/internal/crashpoint"
	"emurun/vfs/commit"
)

// applier applies a write-ahead file.
type applier struct {
	again, sync bool
	wrap        func(commit.Target) commit.Target
	t           *target
	to          commit.Target
	changed     error // the first file that somebody else changed
}

// applyWAL applies a complete write-ahead file, with sync down to the disk. again says that it may have been
// begun before. wrap, if not nil, stands between the operations and the host, for tests.
func applyWAL(f *os.File, again, sync bool, wrap func(commit.Target) commit.Target) error {
	a := applier{again: again, sync: sync, wrap: wrap}
	err := each(f, a.apply)
	if err = errors.Join(err, a.leave()); err == nil {
		err = a.changed
	}
	return err
}

// apply applies an operation.
func (a *applier) apply(o *commit.Op) error {
	switch o.Kind {
	case commit.Owner:
		return nil
	case commit.Root:
		return a.enter(o)
	}
	if a.to == nil {
		return ErrIncomplete
	}
	if err := crashpoint.Reach("apply.op"); err != nil {
		return err
	}
	err := commit.Apply(a.to, o, a.again)
	if errors.Is(err, commit.ErrChanged) {
		if a.changed == nil {
			a.changed = err
		}
		err = nil
	}
	return err
}

// enter opens the directory that the next operations are for.
func (a *applier) enter(o *commit.Op) (err error) {
	if err := a.leave(); err != nil {
		return err
	}
	if a.t, err = openTarget(o.Path); err != nil {
		return err
	}
	if a.t.rootID() != o.ID {
		return fmt.Errorf("%s: not the directory that the program saw", o.Path)
	}
	if a.to = a.t; a.wrap != nil {
		a.to = a.wrap(a.t)
	}
	return nil
}

// leave closes the directory.
func (a *applier) leave() error {
	if a.t == nil {
		return nil
	}
	t := a.t
	a.t, a.to = nil, nil
	defer t.close()
	if !a.sync {
		return nil
	}
	if err := crashpoint.Reach("apply.sync"); err != nil {
		return err
	}
	return t.sync()
}
