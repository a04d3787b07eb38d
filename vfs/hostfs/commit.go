package hostfs

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

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

// Owner is the checkpoint that a commit belongs to.
type Owner struct {
	Store string // where the checkpoint is
	Job   string
	Name  string // of its manifest: the hash in hex
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
	p, err := Prepare(state, Owner{}, trees...)
	if err != nil || p == nil {
		return err
	}
	return p.Apply()
}

// Prepared is a commit whose write-ahead file is durable. It ends with Apply, Discard or Leave.
type Prepared struct {
	state string
	owner Owner
	w     *wal
	sync  bool
	again bool
}

// Prepare writes the changes of all trees to a file in the state directory, which is durable
// when it returns. The host's files stay as they are. With an owner the commit is decided
// when the owner's manifest is there, which Recover asks; without one it is now. Without
// an owner and without changes it returns nil.
func Prepare(state string, o Owner, trees ...Tree) (*Prepared, error) {
	w, err := createLog(state, o, trees)
	if err != nil || w == nil {
		return nil, err
	}
	if err := w.finish(o.Name); err != nil {
		return nil, errors.Join(fmt.Errorf("write-ahead file: %w", err), w.remove())
	}
	return &Prepared{state: state, owner: o, w: w, sync: o != Owner{} && durable || synced(trees)}, nil
}

// Apply makes the host's files what the commit says. After an error it may be called again, in
// this process or, by Recover, in another; an error that wraps commit.ErrChanged is no
// reason to.
func (p *Prepared) Apply() error {
	err := applyWAL(p.w.f, p.again, p.sync, nil)
	p.again = true
	if err == nil || errors.Is(err, commit.ErrChanged) {
		if merr := markApplied(p.state, p.owner); merr != nil {
			err = merr
		} else if err != nil {
			return errors.Join(fmt.Errorf("commit: %w", err), p.w.remove())
		} else {
			return p.w.remove()
		}
	}
	return fmt.Errorf("commit: %w (the changes are kept in %s and are tried again at the next start)", err, p.w.name)
}

// Discard forgets the commit, which nobody has begun to apply.
func (p *Prepared) Discard() error { return p.w.remove() }

// Leave leaves the commit to Recover.
func (p *Prepared) Leave() { _ = p.w.f.Close() }

// synced reports whether any tree must be on the disk.
func synced(trees []Tree) bool {
	return slices.ContainsFunc(trees, func(t Tree) bool { return t.Synced != nil && t.Synced() })
}

// createLog writes the operations of all trees; nil if there are none and no owner.
func createLog(state string, o Owner, trees []Tree) (*wal, error) {
	if (len(trees) == 0 && o == Owner{}) {
		return nil, nil
	}
	w, err := createWAL(state)
	if err != nil {
		return nil, fmt.Errorf("write-ahead file: %w", err)
	}
	if (o != Owner{}) {
		err = w.add(&commit.Op{Kind: commit.Owner, Path: o.Store, Other: o.Job, Name: o.Name})
	}
	for _, t := range trees {
		if err == nil {
			err = addTree(w, state, t)
		}
	}
	if err != nil || w.n == 0 {
		return nil, errors.Join(err, w.remove())
	}
	return w, nil
}

// addTree writes the operations of a tree.
func addTree(w *wal, state string, t Tree) error {
	path, err := filepath.Abs(t.Path)
	if err != nil {
		return err
	}
	first := true
	return t.Changes(w.prefix(), func(o *commit.Op) error {
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

// Identify returns the ID of each of the files at paths below the host directory root; 0 where there
// is none.
func Identify(root string, paths []string) ([]uint64, error) {
	t, err := openTarget(root)
	if err != nil {
		return nil, err
	}
	defer t.close()
	ids := make([]uint64, len(paths))
	for i, p := range paths {
		if _, id, err := t.Stat(p); err == nil {
			ids[i] = id
		}
	}
	return ids, nil
}

// Quick lets commits do without reaching the disk, for tests that repeat them, until what it
// returns is called.
func Quick() (restore func()) {
	old := durable
	durable = false
	return func() { durable = old }
}
