package machine

import (
	"errors"
	"fmt"

	"emurun/emu/mem"
	"emurun/snapshot/wire"
	"emurun/syscalls"
	"emurun/syscalls/kernel"
	"emurun/syscalls/procfs"
	"emurun/syscalls/tty"
	"emurun/vfs"
	"emurun/vfs/anon"
	"emurun/vfs/capture"
	"emurun/vfs/devfs"
	"emurun/vfs/lock"
	"emurun/vfs/overlay"
	"emurun/vfs/socket"
)

// Section is the name of the section that holds the objects of a frozen machine, and
// SectionVersion the version of their encoding.
const (
	Section        = "machine"
	SectionVersion = 1
)

// Frozen is a machine at one instant: what it consists of, and its pages, which are still
// to be stored. It must be released.
type Frozen struct {
	Step  uint64
	Graph *wire.Graph
	// Source opens the contents of a machine that is to thaw.
	Source func(name string) (wire.Source, error)
}

// Release ends the use of a machine that was frozen; committed says that its pages are
// stored for good. It is called once, on the goroutine of the machine.
func (f *Frozen) Release(committed bool) {
	for _, c := range f.Graph.Contents {
		c.Release(committed)
	}
}

// kinds returns the kinds of objects that m consists of.
func (m *Machine) kinds() *wire.Kinds {
	k := new(wire.Kinds)
	c := m.Kernel.Config()
	wire.Add(k, "machine.Machine", func() *state { return &m.state })
	outsideKinds(k, m.door)
	kernel.Kinds(k, m.Kernel)
	syscalls.Kinds(k, m.Kernel)
	tty.Kinds(k, m.system.ttys)
	procfs.Kinds(k, m.Kernel)
	mem.Kinds(k, c.Pool)
	vfs.Kinds(k, c.NS)
	anon.Kinds(k, &m.Kernel.Anon)
	lock.Kinds(k, &m.Kernel.Locks)
	socket.Kinds(k, &m.Kernel.Net)
	devfs.Kinds(k, m.system.dev)
	overlay.Kinds(k, vfs.Mounted[*overlay.FS](c.NS))
	capture.Kinds(k, captured(c.NS))
	return k
}

// captured returns the lower trees of the overlays of ns that remember what they answered, in
// the order of the mounts.
func captured(ns *vfs.Namespace) func() *capture.FS {
	next := vfs.Mounted[*overlay.FS](ns)
	return func() *capture.FS {
		for fs := next(); fs != nil; fs = next() {
			if c, ok := fs.Lower().(*capture.FS); ok {
				return c
			}
		}
		return nil
	}
}

// Freeze takes the machine as it is. It is called between turns. It takes no longer than
// writing down the objects of the kernel; pages are taken as they are by whoever writes to
// them first.
func (m *Machine) Freeze() (*Frozen, error) {
	pool := m.Kernel.Config().Pool
	pool.BeginFreeze()
	g, err := wire.FreezeGraph(m.kinds(), &m.state)
	pool.EndFreeze()
	f := &Frozen{Step: m.Kernel.Steps(), Graph: g}
	if err != nil {
		f.Release(false)
		return nil, fmt.Errorf("freeze: %w", err)
	}
	return f, nil
}

// Thaw makes the machine that f is. Of c it takes what is not part of the state: the
// file systems, mounted as they were in the machine that was frozen, with what they show; the world
// outside and who watches.
func Thaw(c Config, f *Frozen) (*Machine, error) {
	d, err := wire.Root(f.Graph.Encoding)
	if err != nil {
		return nil, fmt.Errorf("thaw: %w", err)
	}
	c.Memory, c.Level = frozenConfig(d)
	m := build(&c)
	if err := m.system.attach(c.NS); err != nil {
		return nil, err
	}
	root, err := wire.ThawGraph(f.Graph.Encoding, m.kinds(), f.Source)
	if err == nil && root != wire.Object(&m.state) {
		err = errors.New("its root is no machine")
	}
	if err != nil {
		return nil, fmt.Errorf("thaw: %w", err)
	}
	if m.Kernel.Steps() != f.Step {
		return nil, fmt.Errorf("thaw: the machine is at step %d, its manifest says %d: %w", m.Kernel.Steps(), f.Step, wire.ErrCorrupt)
	}
	return m, nil
}

// state is the root of a frozen machine, and what belongs to none of its parts.
type state struct {
	m    *Machine
	last uint64 // the step at which orphans go with the machine; see Machine.loop
}

// Freeze writes s: the file systems first, see vfs.Mounted.
func (s *state) Freeze(e *wire.Encoder) {
	c := s.m.Kernel.Config()
	e.Uint64(c.Memory)
	e.Uint32(uint32(c.Level))
	e.Ref(c.NS)
	e.Ref(s.m.Kernel)
	e.Ref(s.m.door)
	e.Ref(s.m.system.ttys)
	e.Uint64(s.last)
}

// Thaw reads s. Its parts are those of the fresh machine, and each of them has to be there.
func (s *state) Thaw(d *wire.Decoder) {
	frozenConfig(d)
	part(d, s.m.Kernel.Config().NS)
	part(d, s.m.Kernel)
	part(d, s.m.door)
	part(d, s.m.system.ttys)
	s.last = d.Uint64()
}

// frozenConfig reads what must be known before there is a machine to thaw into.
func frozenConfig(d *wire.Decoder) (memory uint64, level int) { return d.Uint64(), int(d.Uint32()) }

// part reads a reference that must be to what the machine has.
func part[T comparable](d *wire.Decoder, want T) {
	if got := wire.Ref[T](d); got != want {
		d.Fail("a part of the machine is missing")
	}
}
