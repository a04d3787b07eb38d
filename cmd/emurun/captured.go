package main

import (
	"fmt"
	"sync"

	"emurun/machine/record"
	"emurun/snapshot"
	"emurun/snapshot/wire"
	"emurun/vfs"
	"emurun/vfs/capture"
	"emurun/vfs/overlay"
)

// captured is what a guest has seen of the host's files, tree by tree.
type captured struct {
	trees  []*capture.FS
	uppers []*overlay.FS // over them, in a machine that is looked at
	dirty  bool          // something was seen that is not saved

	lenient func(path string, err error) // see capture.Options.Warn
}

// forgiving returns a captured that leaves out what cannot be captured, with one warning for each
// file.
func forgiving() *captured {
	var warned sync.Map
	return &captured{lenient: func(path string, err error) {
		if _, again := warned.LoadOrStore(path, true); !again {
			warn(fmt.Errorf("%w; checkpoints are taken without it", err))
		}
	}}
}

// of returns lower such that all that is seen of it is captured. Where nobody wants to know, as for
// a nil captured, it is done all the same: it costs nothing that can be measured, and any
// machine can be frozen.
func (x *captured) of(lower vfs.FileSystem) vfs.FileSystem {
	if x == nil {
		return capture.New(lower, capture.Options{})
	}
	fs := capture.New(lower, capture.Options{Observe: func(capture.Answer) { x.dirty = true }, Warn: x.lenient})
	x.trees, x.dirty = append(x.trees, fs), true
	return fs
}

// store writes the content of files that were opened since the last call.
func (x *captured) store(w *record.Writer) error {
	for _, fs := range x.trees {
		if !fs.Fresh() {
			continue
		}
		c := fs.Contents()
		_, err := c.Store(w)
		c.Release(err == nil)
		if err != nil {
			return err
		}
	}
	return nil
}

// save writes everything else that was seen, if there is anything new.
func (x *captured) save(w *record.Writer) error {
	if !x.dirty {
		return nil
	}
	f := new(record.Files)
	for _, fs := range x.trees {
		seen, err := freezeTree(fs, w)
		if err != nil {
			return err
		}
		f.Trees = append(f.Trees, *seen)
	}
	x.dirty = false
	return w.PutFiles(f)
}

// freezeTree freezes what was seen of one tree.
func freezeTree(fs *capture.FS, w *record.Writer) (*record.Seen, error) {
	g, err := wire.FreezeGraph(treeKinds(fs), fs)
	seen := &record.Seen{Graph: g.Encoding}
	for _, c := range g.Contents {
		var root wire.Sum
		if err == nil {
			root, err = c.Store(w)
		}
		c.Release(err == nil)
		seen.Sections = append(seen.Sections, snapshot.Section{Name: c.Name, Size: c.Size(), Root: snapshot.Hash(root)})
	}
	return seen, err
}

// treeKinds are the objects of one tree.
func treeKinds(fs *capture.FS) *wire.Kinds {
	k := new(wire.Kinds)
	capture.Kinds(k, func() *capture.FS { return fs })
	return k
}

// thawTrees returns what was seen of each tree of a recording.
func thawTrees(r *record.Reader) ([]vfs.FileSystem, error) {
	var trees []vfs.FileSystem
	for i := range r.Files.Trees {
		seen := &r.Files.Trees[i]
		fs := capture.New(nil, capture.Options{})
		_, err := wire.ThawGraph(seen.Graph, treeKinds(fs), func(name string) (wire.Source, error) { return seen.Source(r, name) })
		if err != nil {
			return nil, fmt.Errorf("files %d: %w", i, err)
		}
		trees = append(trees, fs)
	}
	return trees, nil
}
