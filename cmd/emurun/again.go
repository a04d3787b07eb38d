package main

import (
	"errors"
	"fmt"

	"emurun/checkpoint"
	"emurun/machine"
	"emurun/snapshot"
	"emurun/vfs"
)

// still is the machine of a checkpoint that is looked at and does not run. Its files are what it
// has seen of them.
type still struct {
	*machine.Machine
	files *files
}

// thawStill thaws a checkpoint to look at it.
func thawStill(store snapshot.Store, k snapshot.Checkpoint) (*still, error) {
	h, err := readHeader(store, k)
	if err != nil {
		return nil, err
	}
	f, err := resumedFiles(h, "", true, lowers{only: true})
	if err != nil {
		return nil, err
	}
	m, err := thaw(store, k, machine.Config{NS: f.ns, Clock: &f.clock, Standard: h.Standard})
	if err != nil {
		f.close()
		return nil, err
	}
	return &still{m, f}, nil
}

// seen returns what the machine has seen of the host's files, tree by tree.
func (s *still) seen() []vfs.FileSystem {
	var list []vfs.FileSystem
	for _, t := range s.files.capture.trees {
		list = append(list, t)
	}
	return list
}

// doAgain runs from a checkpoint up to the next of its run, with what came from outside, and
// returns the machine there.
func doAgain(store snapshot.Store, from, to snapshot.Checkpoint) (*still, error) {
	end, err := thawStill(store, to)
	if err != nil {
		return nil, err
	}
	replay, err := checkpoint.Inputs(store, to.Manifest)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name(to.Manifest), err)
	}
	replay.EndAt(end.Machine)
	h, err := readHeader(store, from)
	if err != nil {
		return nil, err
	}
	f, err := resumedFiles(h, "", true, lowers{end.seen(), true})
	if err != nil {
		return nil, err
	}
	m, err := thaw(store, from, machine.Config{NS: f.ns, Clock: &f.clock, Standard: h.Standard, Replay: replay})
	if err != nil {
		return nil, err
	}
	if _, err := m.Run(); err != nil && !errors.Is(err, machine.ErrLogEnd) {
		return nil, fmt.Errorf("from %s to %s: %w", name(from.Manifest), name(to.Manifest), err)
	}
	return &still{m, f}, nil
}
