package record

import (
	"fmt"

	"emurun/machine"
	"emurun/snapshot"
	"emurun/snapshot/wire"
)

// Header is how a recorded machine begins.
type Header struct {
	Seed     uint64
	EpochNs  int64
	Memory   uint64
	MaxSteps uint64
	Level    uint32

	Path, Cwd       string
	Argv, Envp      []string
	Umask, UID, GID uint32
	Groups          []uint32

	Standard machine.Standard
	Trees    []Tree // the root first
	// SystemDirs says that the root was given folders for /dev and the like.
	SystemDirs bool
	// OwnRoot says that the root is not the host's own, and places for mounts are made in it.
	OwnRoot bool
}

// Tree is a file system of the guest that shows files of the host.
type Tree struct {
	At       string // where it is mounted; "/" for the root
	Source   string // the folder or archive on the host
	Dev      uint64
	ReadOnly bool
}

// Bounds of a header.
const (
	maxText  = 1 << 20
	maxList  = 1 << 20
	maxTrees = 1 << 10
)

// Freeze writes h.
func (h *Header) Freeze(e *wire.Encoder) {
	e.Uint64(h.Seed)
	e.Int64(h.EpochNs)
	e.Uint64(h.Memory)
	e.Uint64(h.MaxSteps)
	e.Uint32(h.Level)
	e.String(h.Path)
	e.String(h.Cwd)
	for _, list := range [][]string{h.Argv, h.Envp} {
		e.Count(len(list))
		for _, s := range list {
			e.String(s)
		}
	}
	e.Uint32(h.Umask)
	e.Uint32(h.UID)
	e.Uint32(h.GID)
	e.Count(len(h.Groups))
	for _, g := range h.Groups {
		e.Uint32(g)
	}
	h.Standard.Freeze(e)
	e.Count(len(h.Trees))
	for _, t := range h.Trees {
		e.String(t.At)
		e.String(t.Source)
		e.Uint64(t.Dev)
		e.Bool(t.ReadOnly)
	}
	e.Bool(h.SystemDirs)
	e.Bool(h.OwnRoot)
}

// Thaw reads h.
func (h *Header) Thaw(d *wire.Decoder) {
	h.Seed = d.Uint64()
	h.EpochNs = d.Int64()
	h.Memory = d.Uint64()
	h.MaxSteps = d.Uint64()
	h.Level = d.Uint32()
	h.Path = d.String(maxText)
	h.Cwd = d.String(maxText)
	for _, list := range []*[]string{&h.Argv, &h.Envp} {
		for range d.Count(maxList, 4) {
			*list = append(*list, d.String(maxText))
		}
	}
	h.Umask, h.UID, h.GID = d.Uint32(), d.Uint32(), d.Uint32()
	for range d.Count(maxList, 4) {
		h.Groups = append(h.Groups, d.Uint32())
	}
	h.Standard.Thaw(d)
	for range d.Count(maxTrees, 17) {
		h.Trees = append(h.Trees, Tree{d.String(maxText), d.String(maxText), d.Uint64(), d.Bool()})
	}
	h.SystemDirs, h.OwnRoot = d.Bool(), d.Bool()
	if len(h.Argv) == 0 || len(h.Trees) == 0 {
		d.Fail("no program or no files")
	}
}

// Files is what the guest has seen of the host's files.
type Files struct{ Trees []Seen }

// Seen is what it has seen of one tree: the objects of a graph, and the sections that hold the
// contents of files.
type Seen struct {
	Graph    []byte
	Sections []snapshot.Section
}

// maxSections bounds the sections of a tree.
const maxSections = 1 << 24

// Freeze writes f.
func (f *Files) Freeze(e *wire.Encoder) {
	e.Count(len(f.Trees))
	for _, t := range f.Trees {
		e.Bytes(t.Graph)
		e.Count(len(t.Sections))
		for _, s := range t.Sections {
			e.String(s.Name)
			e.Uint32(s.Version)
			e.Uint64(s.Size)
			e.Fixed(s.Root[:])
		}
	}
}

// Thaw reads f.
func (f *Files) Thaw(d *wire.Decoder) {
	for range d.Count(maxTrees, 8) {
		t := Seen{Graph: d.Bytes(wire.MaxLen)}
		for range d.Count(maxSections, 48) {
			s := snapshot.Section{Name: d.String(maxText), Version: d.Uint32(), Size: d.Uint64()}
			d.Fixed(s.Root[:])
			t.Sections = append(t.Sections, s)
		}
		f.Trees = append(f.Trees, t)
	}
}

// End is how a recorded run ended.
type End struct {
	Status int32 // wait status of the first process
	Steps  uint64
	Early  bool     // it was stopped before its program had ended
	Hash   [32]byte // of the final state; zero if nobody asked for it
}

// Freeze writes x.
func (x *End) Freeze(e *wire.Encoder) {
	e.Int32(x.Status)
	e.Uint64(x.Steps)
	e.Bool(x.Early)
	e.Fixed(x.Hash[:])
}

// Thaw reads x.
func (x *End) Thaw(d *wire.Decoder) {
	x.Status = d.Int32()
	x.Steps = d.Uint64()
	x.Early = d.Bool()
	d.Fixed(x.Hash[:])
}

// Describe returns what the recording is of, for people.
func (h *Header) Describe() string { return fmt.Sprintf("%q", h.Argv) }
