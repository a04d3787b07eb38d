package vfstest

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"emurun/snapshot/wire"
	"emurun/snapshot/wire/wiretest"
	"emurun/vfs"
)

// Freezer says how file systems freeze.
type Freezer struct {
	// Make returns a file system over lower; nil for none.
	Make func(lower vfs.FileSystem) vfs.FileSystem
	// Kinds adds the kinds of objects of a file system that Make returned, to thaw into it.
	Kinds func(k *wire.Kinds, fs vfs.FileSystem)
}

// RunFrozen runs all sessions against a file system that is frozen and thawed into a fresh
// one after each line, open files included. The answers must be what they are without, and
// so must the frozen state at the end.
func RunFrozen(t *testing.T, f Freezer, layered bool) {
	for _, s := range Sessions(t) {
		t.Run(s.File+"/"+s.Name, func(t *testing.T) { f.session(t, layered, &s) })
	}
}

// machine is a file system with what is open in it.
type machine struct {
	f     Freezer
	lower vfs.FileSystem
	sys   *contextSystem
	run   *Runner
	pages *wiretest.Pages
}

func (f Freezer) session(t *testing.T, layered bool, s *Session) {
	var lower vfs.FileSystem
	if layered {
		lower = f.Make(nil)
		Play(t, Over(lower), s, true)
	}
	var pages wiretest.Pages
	unbroken, broken := f.machine(lower, &pages), f.machine(lower, &pages)
	for i := range s.Lines {
		if l := &s.Lines[i]; !layered || !l.Lower {
			check(t, unbroken.run, l)
			check(t, broken.run, l)
			broken.freeze(t, i%3 > 0)
		}
	}
	want, got := unbroken.snapshot(t), broken.snapshot(t)
	if d := cmp.Diff(want.Encoding, got.Encoding) + cmp.Diff(want.Roots, got.Roots); d != "" {
		t.Errorf("the frozen states differ (-unbroken +frozen after each line)\n%s", d)
	}
	d := cmp.Diff(Full(unbroken.sys.c.Root.Node), Full(broken.sys.c.Root.Node))
	if d != "" {
		t.Errorf("the trees differ (-unbroken +frozen after each line)\n%s", d)
	}
}

func (f Freezer) machine(lower vfs.FileSystem, pages *wiretest.Pages) *machine {
	m := &machine{f: f, lower: lower, sys: Over(f.Make(lower)).(*contextSystem), pages: pages}
	m.run = NewRunner(m.sys)
	return m
}

// kinds are those of the machine.
func (m *machine) kinds(ns *vfs.Namespace) *wire.Kinds {
	k := new(wire.Kinds)
	wiretest.AddRoots(k)
	vfs.Kinds(k, ns)
	m.f.Kinds(k, ns.Root().Mount().FS)
	return k
}

// roots are the namespace and the open files.
func (m *machine) roots() *wiretest.Roots {
	r := &wiretest.Roots{Objects: []wire.Object{m.sys.c.NS}}
	for _, name := range slices.Sorted(maps.Keys(m.run.open)) {
		r.Objects = append(r.Objects, m.run.open[name].(*contextHandle).f)
	}
	return r
}

func (m *machine) snapshot(t *testing.T) *wiretest.Snapshot {
	t.Helper()
	return m.pages.Freeze(t, m.kinds(m.sys.c.NS), m.roots())
}

// freeze freezes the machine and, if thaw says so, goes on with a fresh one.
func (m *machine) freeze(t *testing.T, thaw bool) {
	t.Helper()
	s := m.snapshot(t)
	if !thaw {
		return
	}
	fresh := Over(m.f.Make(m.lower)).(*contextSystem)
	c := fresh.c
	r := s.Thaw(t, m.kinds(c.NS)).(*wiretest.Roots)
	m.sys.c.NS, m.sys.c.Root, m.sys.c.Cwd = c.NS, c.NS.Root(), c.NS.Root()
	for i, name := range slices.Sorted(maps.Keys(m.run.open)) {
		m.run.open[name].(*contextHandle).f = r.Objects[i+1].(*vfs.OpenFile)
	}
}

// Full lists a tree with everything that the guest can see of it.
func Full(root vfs.Node) []string {
	d := dumper{first: map[vfs.Node]string{}}
	d.node("/", root)
	for n, path := range d.first { // order: sorted below
		a, _ := n.Attr()
		d.lines = append(d.lines, fmt.Sprintf("%s ino %d dev %d rdev %d blocks %d of %d ctime %d btime %d",
			path, a.Ino, a.Dev, a.Rdev, a.Blocks, a.Blksize, a.Ctime, a.Btime))
	}
	slices.Sort(d.lines)
	return d.lines
}
