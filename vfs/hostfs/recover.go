package hostfs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"emurun/abi"
	"emurun/vfs/commit"
)

// Recover completes the commits in the state directory that a crash cut off, and deletes those
// that were not decided: of a commit with an owner committed says whether its checkpoint is
// there. One that it cannot judge stays, and the error names it. Those that a living process
// works on are left alone. It returns how many were completed. Doing it again does no harm.
func Recover(state string, committed func(Owner) (bool, error)) (int, error) {
	if err := tidy(state); err != nil {
		return 0, err
	}
	names, err := filepath.Glob(filepath.Join(state, "*"+walSuffix))
	if err != nil || len(names) == 0 {
		return 0, err
	}
	count := 0
	var errs []error
	for _, name := range names {
		done, err := recoverOne(state, name, committed)
		if done {
			count++
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("unfinished commit %s: %w", name, err))
		}
	}
	return count, errors.Join(errs...)
}

// tidy deletes the files that died before they were complete.
func tidy(state string) error {
	names, err := filepath.Glob(filepath.Join(state, "*"+newSuffix))
	for _, name := range names {
		if f, ok, lerr := openLocked(name); ok {
			_ = removeLocked(f, name) // the next one does it
		} else {
			err = errors.Join(err, lerr)
		}
	}
	return err
}

// openLocked opens a file that no living process has; false if there is none.
func openLocked(name string) (*os.File, bool, error) {
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false, nil // another process was faster
	}
	if err != nil {
		return nil, false, err
	}
	if ok, err := lock(f); !ok {
		return nil, false, errors.Join(err, f.Close())
	}
	// Whoever had the lock before may have completed and deleted the file.
	was, err := f.Stat()
	if now, nerr := os.Stat(name); err != nil || nerr != nil || !os.SameFile(was, now) {
		return nil, false, f.Close()
	}
	return f, true, nil
}

func recoverOne(state, name string, committed func(Owner) (bool, error)) (done bool, err error) {
	f, ok, err := openLocked(name)
	if !ok {
		return false, err
	}
	defer f.Close()
	owner, whole := readOwner(f)
	if whole != nil && !errors.Is(whole, ErrIncomplete) {
		return false, whole
	}
	decided := whole == nil
	if (owner != Owner{}) {
		if committed == nil {
			committed = nobody
		}
		if decided, err = committed(owner); err != nil {
			return false, fmt.Errorf("%w: checkpoint %s in %s: %w", ErrUndecided, owner.Name, owner.Store, err)
		}
	}
	switch {
	case !decided:
		return false, removeLocked(f, name)
	case whole != nil: // the disk lost what it had promised
		return false, setAside(name, whole)
	}
	err = applyWAL(f, true, durable, nil)
	if err == nil || errors.Is(err, commit.ErrChanged) {
		if merr := markApplied(state, owner); merr != nil {
			return false, merr
		}
	}
	switch {
	case err == nil:
		return true, removeLocked(f, name)
	case retryable(err):
		return false, err
	case errors.Is(err, commit.ErrChanged):
		return true, errors.Join(err, removeLocked(f, name))
	}
	return false, setAside(name, err)
}

// ErrUndecided is a commit of which nobody could say whether its checkpoint is there. It stays.
var ErrUndecided = errors.New("the updates of files wait for their checkpoint")

// nobody stands for a missing judge.
func nobody(Owner) (bool, error) { return false, errors.New("nobody is there to look for it") }

// readOwner reads a write-ahead file through; err is what is wrong with it.
func readOwner(f *os.File) (o Owner, err error) {
	err = each(f, func(op *commit.Op) error {
		if op.Kind == commit.Owner {
			o = Owner{Store: op.Path, Job: op.Other, Name: op.Name}
		}
		return nil
	})
	return o, err
}

// setAside renames a file that cannot be applied: trying for ever would keep every
// program from starting.
func setAside(name string, err error) error {
	if rerr := os.Rename(name, name+".failed"); rerr != nil {
		return errors.Join(err, rerr)
	}
	return fmt.Errorf("%w (kept as %s.failed)", err, name)
}

// retryable reports an error that may go away by itself or by the user's doing.
func retryable(err error) bool {
	for _, e := range []abi.Errno{abi.ENOSPC, abi.EDQUOT, abi.EIO, abi.ENOMEM, abi.EMFILE, abi.ENFILE, abi.EROFS} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}
