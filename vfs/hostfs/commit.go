package hostfs

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"emurun/abi"
	"emurun/vfs/commit"
)

// Tree is a host directory and what has to change in it.
type Tree struct {
	Path    string
	Changes func(prefix string, emit func(*commit.Op) error) error
	// Synced reports whether the changes have to be on the disk when Commit
	// returns. Nil or false: as with a native program that did not call fsync(2),
	// they are the host's page cache's business.
	Synced func() bool
}

// durable says that commits reach the disk; tests that repeat them do without.
var durable = true

// StateDir is where write-ahead files are kept: $XDG_STATE_HOME/emurun, or
// .local/state/emurun in the home directory.
func StateDir() (string, error) {
	if dir := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "emurun"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(home, ".local", "state", "emurun"), nil
}

// Commit applies the changes of all trees to the host, as one: they are first
// written to a file in the state directory and are durable there; a crash before
// that changes nothing, and one after it is made good by Recover. Updates of a file that
// somebody else replaced meanwhile are left out (commit.ErrChanged). When an operation fails,
// the error says where the rest is kept.
func Commit(state string, trees ...Tree) error {
	w, err := createLog(state, trees)
	if err != nil || w == nil {
		return err
	}
	if err := w.finish(); err != nil {
		return errors.Join(fmt.Errorf("write-ahead file: %w", err), w.remove())
	}
	err = applyWAL(w.f, false, synced(trees), nil)
	switch {
	case errors.Is(err, commit.ErrChanged):
		return errors.Join(fmt.Errorf("commit: %w", err), w.remove())
	case err != nil:
		_ = w.f.Close()
		return fmt.Errorf("commit: %w (the changes are kept in %s and are tried again at the next start)", err, w.f.Name())
	}
	return w.remove()
}

// synced reports whether any tree must be on the disk.
func synced(trees []Tree) bool {
	return slices.ContainsFunc(trees, func(t Tree) bool { return t.Synced != nil && t.Synced() })
}

// createLog writes the operations of all trees; nil if there are none.
func createLog(state string, trees []Tree) (*wal, error) {
	var w *wal
	for _, t := range trees {
		path, err := filepath.Abs(t.Path)
		if err != nil {
			return nil, err
		}
		if w == nil {
			if w, err = createWAL(state); err != nil {
				return nil, fmt.Errorf("write-ahead file: %w", err)
			}
		}
		first := true
		err = t.Changes(w.prefix(), func(o *commit.Op) error {
			if first {
				first = false
				id, err := rootIdentity(path)
				if err != nil {
					return err
				}
				if err := w.add(&commit.Op{Kind: commit.Root, Path: path, ID: id}); err != nil {
					return err
				}
			}
			if attributeOf(path, o, state) {
				return nil
			}
			if touches(path, o, state) {
				return fmt.Errorf("%s: the program changed emurun's own state directory", state)
			}
			return w.add(o)
		})
		if err != nil {
			return nil, errors.Join(err, w.remove())
		}
	}
	if w != nil && w.n == 0 {
		return nil, w.remove()
	}
	return w, nil
}

// touches reports whether an operation below root reaches into the state
// directory or moves it: what is there is applied to the host, so no program may write it.
func touches(root string, o *commit.Op, state string) bool {
	inside := func(path, dir string) bool {
		return path == dir || strings.HasPrefix(path, strings.TrimSuffix(dir, "/")+"/")
	}
	for _, p := range []string{o.Path, o.Other} {
		if p == "" || o.Kind == commit.Symlink && p == o.Other {
			continue
		}
		path := filepath.Join(root, p)
		moves := o.Kind == commit.Aside || o.Kind == commit.Place || o.Kind == commit.Rmdir
		if inside(path, state) || moves && inside(state, path) {
			return true
		}
	}
	return false
}

// attributeOf reports an operation that leaves the state directory what it is: a
// program that only looked there, or ran emurun itself, is no reason to refuse.
func attributeOf(root string, o *commit.Op, state string) bool {
	switch o.Kind {
	case commit.Mkdir, commit.Unlock, commit.Chmod, commit.Chown, commit.Utimes:
		return filepath.Join(root, o.Path) == state
	}
	return false
}

func rootIdentity(path string) (uint64, error) {
	t, err := openTarget(path)
	if err != nil {
		return 0, err
	}
	defer t.close()
	return t.rootID(), nil
}

// applyWAL applies a complete write-ahead file, with sync down to the disk. wrap, if not nil, stands between
// the operations and the host, for tests.
func applyWAL(f *os.File, again, sync bool, wrap func(commit.Target) commit.Target) error {
	var t *target
	var to commit.Target
	var changed error // the first file that somebody else changed
	done := func() error {
		if t == nil {
			return nil
		}
		defer t.close()
		if !sync {
			return nil
		}
		return t.sync()
	}
	err := each(f, func(o *commit.Op) (err error) {
		if o.Kind != commit.Root {
			if to == nil {
				return ErrIncomplete
			}
			err := commit.Apply(to, o, again)
			if errors.Is(err, commit.ErrChanged) {
				if changed == nil {
					changed = err
				}
				err = nil
			}
			return err
		}
		if err := done(); err != nil {
			return err
		}
		if t, err = openTarget(o.Path); err != nil {
			return err
		}
		if t.rootID() != o.ID {
			return fmt.Errorf("%s: not the directory that the program saw", o.Path)
		}
		if to = t; wrap != nil {
			to = wrap(t)
		}
		return nil
	})
	if err = errors.Join(err, done()); err == nil {
		err = changed
	}
	return err
}

// Recover completes the commits in the state directory that a crash cut off. It
// leaves those alone that a living process works on, and deletes those that were
// not yet decided. It returns how many it completed.
func Recover(state string) (int, error) {
	names, err := filepath.Glob(filepath.Join(state, "*"+walSuffix))
	if err != nil || len(names) == 0 {
		return 0, err
	}
	count := 0
	var errs []error
	for _, name := range names {
		done, err := recoverOne(name)
		if done {
			count++
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("unfinished commit %s: %w", name, err))
		}
	}
	return count, errors.Join(errs...)
}

func recoverOne(name string) (done bool, err error) {
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil // another process was faster
	}
	if err != nil {
		return false, err
	}
	defer f.Close()
	if ok, err := lock(f); !ok {
		return false, err
	}
	// Whoever had the lock before may have completed and deleted the file.
	if _, err := os.Stat(name); errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	err = each(f, func(*commit.Op) error { return nil })
	if errors.Is(err, ErrIncomplete) {
		return false, removeLocked(f)
	}
	if err == nil {
		err = applyWAL(f, true, durable, nil)
	}
	switch {
	case err == nil:
		return true, removeLocked(f)
	case retryable(err):
		return false, err
	}
	// Trying for ever would keep every program from starting.
	if rerr := os.Rename(name, name+".failed"); rerr != nil {
		return false, errors.Join(err, rerr)
	}
	return false, fmt.Errorf("%w (kept as %s.failed)", err, name)
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
