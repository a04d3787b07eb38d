package main

import (
	"fmt"
	"os"

	"emurun/checkpoint"
	"emurun/internal/hostfiles"
	"emurun/vfs/hostfs"
)

// updates returns what of the guest's files goes back to the host with the checkpoints of a
// job; nil if nothing does.
func (f *files) updates(store, job string) (*hostfiles.Files, error) {
	if f.discard || len(f.trees) == 0 {
		return nil, nil
	}
	state, err := stateDir()
	return &hostfiles.Files{State: state, Store: store, Job: job, Trees: f.trees, Warn: warn}, err
}

// take returns how checkpoints take the updates of files; nil without files.
func take(f *hostfiles.Files) func() (checkpoint.Updates, error) {
	if f == nil {
		return nil
	}
	return func() (checkpoint.Updates, error) {
		u, err := f.Take()
		if err != nil {
			return nil, err
		}
		return u, nil
	}
}

// stateDir is where updates of files are prepared.
func stateDir() (string, error) {
	state, err := hostfs.StateDir()
	if err != nil {
		err = fmt.Errorf("nowhere to prepare the file updates: %w (set XDG_STATE_HOME, or use --discard)", err)
	}
	return state, err
}

// warn tells of something that does not end the run.
func warn(err error) { fmt.Fprintln(os.Stderr, "emurun: warning:", err) }
