package vfs

import "emurun/snapshot/wire"

// Freeze writes the file systems before all else: see Mounted.
func (ns *Namespace) Freeze(e *wire.Encoder) {
	e.Count(len(ns.mounts))
	for _, m := range ns.mounts {
		e.Ref(m.FS)
	}
	for _, m := range ns.mounts {
		e.Ref(m)
	}
}

// Thaw replaces the mounts of a fresh machine. Special stays.
func (ns *Namespace) Thaw(d *wire.Decoder) {
	n := d.Count(wire.MaxLen, 8)
	systems := make([]FileSystem, n)
	for i := range systems {
		systems[i] = wire.Ref[FileSystem](d)
	}
	ns.mounts, ns.root = make([]*Mount, n), nil
	for i := range ns.mounts {
		ns.mounts[i] = wire.Ref[*Mount](d)
		if ns.mounts[i] == nil {
			d.Fail("mount %d is missing", i)
		}
	}
	d.Filled(func() error {
		for i, m := range ns.mounts {
			if m.FS != systems[i] {
				return wire.Corrupt("mount %d is another file system's", i)
			}
		}
		return nil
	})
}

// Link implements wire.Linker: the first mount is the root of the namespace, and each of
// the others is seen at its place.
func (ns *Namespace) Link() error {
	if len(ns.mounts) == 0 {
		return wire.Corrupt("no file system is mounted")
	}
	for i, m := range ns.mounts {
		switch {
		case i == 0 && m.At != nil:
			return wire.Corrupt("the first mount is not the root")
		case i > 0 && (m.At == nil || m.At.mounted != m):
			return wire.Corrupt("mount %d cannot be seen", i)
		}
	}
	ns.root = ns.mounts[0].Root
	return nil
}

// Freeze implements wire.Object.
func (m *Mount) Freeze(e *wire.Encoder) {
	e.Ref(m.FS)
	e.Ref(m.Root)
	e.Ref(m.At)
	e.String(m.Source)
	e.String(m.Type)
	e.Uint64(m.Flags)
}

// Thaw implements wire.Object.
func (m *Mount) Thaw(d *wire.Decoder) {
	m.FS = wire.Ref[FileSystem](d)
	m.Root = wire.Ref[*Dentry](d)
	m.At = wire.Ref[*Dentry](d)
	m.Source, m.Type = d.String(maxText), d.String(maxText)
	m.Flags = d.Uint64()
	if m.FS == nil || m.Root == nil {
		d.Fail("a mount without a file system or a root")
	}
}

// Link implements wire.Linker.
func (m *Mount) Link() error {
	switch {
	case m.Root.mount != m || m.Root.Parent != nil:
		return wire.Corrupt("the root of a mount stands elsewhere")
	case m.At != nil && m.At.mount == nil:
		return wire.Corrupt("a mount on a place outside any tree")
	}
	return nil
}

// Freeze leaves out the names below d that nothing else refers to: they are looked up again.
func (d *Dentry) Freeze(e *wire.Encoder) {
	e.Ref(d.Parent)
	e.String(d.Name)
	e.Ref(d.Node)
	e.Ref(d.mount)
	e.Ref(d.mounted)
	e.Bool(d.Parent != nil && d.Parent.children[d.Name] == d)
	e.Bool(d.deleted)
	e.Int64(int64(d.pins))
}

// Thaw implements wire.Object.
func (d *Dentry) Thaw(r *wire.Decoder) {
	d.Parent = wire.Ref[*Dentry](r)
	d.Name = r.String(maxText)
	wire.Later(r, func(n Node) { d.Node = n })
	d.mount = wire.Ref[*Mount](r)
	d.mounted = wire.Ref[*Mount](r)
	linked := r.Bool()
	d.deleted = r.Bool()
	d.pins = int(r.Int64())
	switch {
	case linked && (d.Parent == nil || d.deleted):
		r.Fail("%q stands in a directory and does not", d.Name)
	case linked:
		r.Filled(d.enter)
	}
}

// enter puts d into the directory it stands in.
func (d *Dentry) enter() error {
	p := d.Parent
	if p.children[d.Name] != nil {
		return wire.Corrupt("%q stands twice in a directory", d.Name)
	}
	if p.children == nil {
		p.children = make(map[string]*Dentry)
	}
	p.children[d.Name] = d
	return nil
}

// Link implements wire.Linker: whoever walks up or down comes to an end.
func (d *Dentry) Link() error {
	switch {
	case d.Node == nil:
		return wire.Corrupt("%q has no node", d.Name)
	case d.Parent != nil && d.Parent.mount != d.mount, d.Parent == nil && d.mount != nil && d.mount.Root != d:
		return wire.Corrupt("%q is on another mount than its directory", d.Name)
	case d.mounted != nil && d.mounted.At != d:
		return wire.Corrupt("what is mounted on %q is elsewhere", d.Name)
	case d.cycle():
		return wire.Corrupt("%q is below itself", d.Name)
	}
	return nil
}

// What Dentry.checked says.
const (
	checking = 1 + iota // its way up is being walked
	checkedUp
)

// cycle reports whether the way up from d, across mounts, leads back. Each dentry is walked
// over once.
func (d *Dentry) cycle() bool {
	x := d
	for x != nil && x.checked == 0 {
		x.checked = checking
		x = x.step()
	}
	if x != nil && x.checked == checking {
		return true
	}
	for x = d; x != nil && x.checked == checking; x = x.step() {
		x.checked = checkedUp
	}
	return false
}

// step returns what is next above d: its directory, or what its mount covers.
func (d *Dentry) step() *Dentry {
	if d.Parent == nil && d.mount != nil {
		return d.mount.At
	}
	return d.Parent
}
