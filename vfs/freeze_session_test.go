package vfs

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"emurun/abi"
	"emurun/snapshot/wire"
	"emurun/snapshot/wire/wiretest"
)

// freshNamespace is what a machine boots with: two file systems, one mounted in the other.
func freshNamespace() *Namespace {
	a := newTestFS(1)
	mnt, _ := a.root.Create("mnt", NewNode{Mode: abi.S_IFDIR | 0o755})
	ns := NewNamespace(a, "root", "ext4", 0)
	if _, err := ns.Mount(ns.root.child("mnt", mnt), newTestFS(2), "two", "tmpfs", 0); err != nil {
		panic(err)
	}
	return ns
}

// liveTree is a namespace with a working directory that was renamed, an open file in it, one
// that was unlinked, and one directory of which two entries were listed.
func liveTree(t testing.TB) *wiretest.Roots {
	ns := freshNamespace()
	c := &Context{NS: ns, Root: ns.Root(), Cwd: ns.Root(), Now: 5}
	open := func(path string, flags uint32) *OpenFile {
		f, err := c.Open(nil, path, How{Flags: flags, Mode: 0o644})
		if err != nil {
			t.Fatalf("open %s: %v", path, err)
		}
		return f
	}
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	must(c.Mkdir(nil, "/d", 0o755))
	must(c.Mkdir(nil, "/mnt/e", 0o755))
	cwd, err := c.Walk(nil, "/d", true)
	must(err)
	cwd.Pin()
	f := open("/d/f", abi.O_CREAT|abi.O_RDWR)
	f.Pos = 9
	gone := open("/mnt/e/gone", abi.O_CREAT|abi.O_WRONLY)
	must(c.Unlink(nil, "/mnt/e/gone"))
	list := open("/", abi.O_DIRECTORY)
	for range 2 {
		if _, ok, err := list.Dirent(); !ok || err != nil {
			t.Fatal(err)
		}
		list.DirPos++
	}
	must(c.Rename(nil, "/d", nil, "/renamed", 0))
	return &wiretest.Roots{Objects: []wire.Object{ns, cwd, f.Ref(), gone, list, open("/renamed/f", abi.O_PATH)}}
}

// continueTree goes on with a tree and returns what it sees.
func continueTree(root wire.Object) (log []string) {
	o := root.(*wiretest.Roots).Objects
	ns, _ := o[0].(*Namespace)
	cwd, _ := o[1].(*Dentry)
	if ns == nil || cwd == nil || len(o) != 6 {
		return nil
	}
	say := func(format string, args ...any) { log = append(log, fmt.Sprintf(format, args...)) }
	c := &Context{NS: ns, Root: ns.Root(), Cwd: cwd, Now: 6}
	for _, x := range o[2:] {
		f, ok := x.(*OpenFile)
		if !ok {
			return nil
		}
		path, below := f.Dentry.Path(c.Root)
		_, err := f.Write([]byte("x"))
		say("%s %v: flags %#x position %d deleted %v, write: %v", path, below, f.Flags, f.Pos, f.Dentry.Deleted(), err)
		for range 4 {
			e, ok, err := f.Dirent()
			say("entry %v %v %v", e, ok, err)
			f.DirPos++
		}
	}
	for _, path := range []string{".", "f", "..", "../mnt/e/..", "../mnt/..", "/d", "../mnt/e/gone"} {
		d, err := c.Walk(nil, path, true)
		say("walk %s: %v", path, err)
		if err == nil {
			p, ok := d.Path(c.Root)
			say("  %s %v, open is the same: %v", p, ok, d == o[2].(*OpenFile).Dentry)
		}
	}
	say("unlink f: %v", c.Unlink(nil, "f"))
	say("rename: %v", c.Rename(nil, "/renamed", nil, "/again", 0))
	say("rmdir: %v", c.Rmdir(nil, "/mnt"))
	cwdPath, err := cwd.Getcwd(c.Root)
	say("getcwd: %s %v", cwdPath, err)
	for _, x := range o[2:] {
		f := x.(*OpenFile)
		path, _ := f.Dentry.Path(c.Root)
		f.Unref()
		say("%s has %d references, %d pins", path, f.Refs, f.Dentry.pins)
	}
	return log
}

func TestFreezeTree(t *testing.T) {
	live := liveTree(t)
	thawed := wiretest.Copy(t, testKinds(freshNamespace()), live)
	want, got := continueTree(live), continueTree(thawed)
	if d := cmp.Diff(want, got); d != "" || len(want) < 30 {
		t.Errorf("%d lines (-live +thawed):\n%s", len(want), d)
	}
}

func freshKinds() *wire.Kinds { return testKinds(freshNamespace()) }

func TestThawCorrupt(t *testing.T) {
	wiretest.Corrupt(t, freshKinds, liveTree(t), func(o wire.Object) { continueTree(o) })
}

func TestThawImpossible(t *testing.T) {
	for name, spoil := range map[string]func(o []wire.Object){
		"a directory below itself": func(o []wire.Object) { o[0].(*Namespace).root.Parent = o[1].(*Dentry) },
		"a mount in itself": func(o []wire.Object) {
			m := o[0].(*Namespace).mounts[1]
			m.At.mounted, m.At, m.Root.mounted = nil, m.Root, m
		},
		"no mounts":             func(o []wire.Object) { o[0].(*Namespace).mounts = nil },
		"no file":               func(o []wire.Object) { o[2].(*OpenFile).File = nil },
		"no inode":              func(o []wire.Object) { o[2].(*OpenFile).Node = nil },
		"no references":         func(o []wire.Object) { o[2].(*OpenFile).Refs = 0 },
		"a negative position":   func(o []wire.Object) { o[2].(*OpenFile).Pos = -1 },
		"another mount's child": func(o []wire.Object) { o[1].(*Dentry).mount = o[0].(*Namespace).mounts[1] },
	} {
		live := liveTree(t)
		spoil(live.Objects)
		if _, err := wire.ThawGraph(wiretest.Frozen(t, freshKinds(), live), freshKinds(), nil); err == nil {
			t.Errorf("%s thaws", name)
		}
	}
}

// FuzzThaw: whatever thaws freezes again and can be used; nothing panics or hangs.
func FuzzThaw(f *testing.F) {
	f.Add(wiretest.Frozen(f, freshKinds(), liveTree(f)))
	f.Fuzz(func(t *testing.T, p []byte) {
		wiretest.TryThaw(t, freshKinds(), p, func(o wire.Object) { continueTree(o) })
	})
}
