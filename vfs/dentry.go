package vfs

import (
	"strings"

	"emurun/abi"
)

// Dentry is a name in the tree of a Namespace: the node it leads to and the
// directory it stands in, which is what "..", getcwd(2) and /proc/self/fd need.
// Within one namespace a name has one dentry, which moves when the name is renamed.
type Dentry struct {
	Parent *Dentry // nil for the root of a file system
	Name   string
	Node   Node

	kind     uint32             // file type, once known
	mount    *Mount             // the mount it belongs to
	mounted  *Mount             // what is mounted here; nil for most
	children map[string]*Dentry // names walked so far
	deleted  bool               // the name is gone, the node may still be open
	pins     int                // open file descriptions and others that hold it
	checked  uint8              // by Link: see cycle
}

// NewDentry returns a place outside any tree, for files that only descriptors
// lead to: "pipe:[5]", "socket:[7]", a memfd. Its path is its name.
func NewDentry(name string, n Node) *Dentry { return &Dentry{Name: name, Node: n} }

// Pin keeps d in the cache while something other than an open file holds it: a
// working directory, a root, the executable. Unpin takes that back.
func (d *Dentry) Pin() { d.pins++ }

// Unpin undoes one Pin.
func (d *Dentry) Unpin() { d.pins-- }

// Deleted reports whether the name was unlinked.
func (d *Dentry) Deleted() bool { return d.deleted }

// Mount returns the mount that d belongs to; nil outside any tree.
func (d *Dentry) Mount() *Mount { return d.mount }

// up returns the directory above d, crossing to the tree below at the root of a
// mount; nil at the root of the namespace.
func (d *Dentry) up() *Dentry {
	for d.Parent == nil {
		if d.mount == nil || d.mount.At == nil {
			return nil
		}
		d = d.mount.At
	}
	return d.Parent
}

// top returns what a walker finds at d: the root of the uppermost mount there, or d.
func (d *Dentry) top() *Dentry {
	for d.mounted != nil {
		d = d.mounted.Root
	}
	return d
}

// child returns the dentry of name below d with node n, making it if needed.
func (d *Dentry) child(name string, n Node) *Dentry {
	if c := d.children[name]; c != nil {
		if c.Node == n {
			return c
		}
		if _, dynamic := d.Node.(Dynamic); !dynamic { // whose nodes are made anew at each look
			d.drop(name)
		}
	}
	if d.children == nil {
		d.children = make(map[string]*Dentry)
	}
	c := &Dentry{Parent: d, Name: name, Node: n, mount: d.mount}
	d.children[name] = c
	return c
}

// drop marks name below d, and what was walked below it, as deleted.
func (d *Dentry) drop(name string) {
	if c := d.children[name]; c != nil {
		c.deleted = true
		delete(d.children, name)
	}
}

// move makes the dentry of name below d the one of newName below dir, replacing
// what was there.
func (d *Dentry) move(name string, dir *Dentry, newName string) {
	dir.drop(newName)
	c := d.children[name]
	if c == nil {
		return
	}
	delete(d.children, name)
	c.Parent, c.Name = dir, newName
	if dir.children == nil {
		dir.children = make(map[string]*Dentry)
	}
	dir.children[newName] = c
}

// exchange swaps the dentries of two names, RENAME_EXCHANGE.
func (d *Dentry) exchange(name string, dir *Dentry, newName string) {
	a, b := d.children[name], dir.children[newName]
	delete(d.children, name)
	delete(dir.children, newName)
	if a != nil {
		a.Parent, a.Name = dir, newName
		dir.children[newName] = a
	}
	if b != nil {
		b.Parent, b.Name = d, name
		d.children[name] = b
	}
}

// below reports whether d is dir or stands somewhere below it.
func (d *Dentry) below(dir *Dentry) bool {
	for ; d != nil; d = d.up() {
		if d == dir {
			return true
		}
	}
	return false
}

// Path returns the path of d as seen from root, as the links in /proc/PID/fd show
// it: a name that is gone ends in " (deleted)". reachable is false when d is not
// below root.
func (d *Dentry) Path(root *Dentry) (path string, reachable bool) {
	if d.mount == nil {
		return d.Name, true
	}
	var names []string
	gone := false
	for d != nil && d != root {
		gone = gone || d.deleted
		if d.Parent == nil {
			d = d.mount.At
			continue
		}
		names = append(names, d.Name)
		d = d.Parent
	}
	var b strings.Builder
	for i := len(names) - 1; i >= 0; i-- {
		b.WriteByte('/')
		b.WriteString(names[i])
	}
	if b.Len() == 0 {
		b.WriteByte('/')
	}
	if gone {
		b.WriteString(" (deleted)")
	}
	return b.String(), d == root
}

// Getcwd returns the path of d from root as getcwd(2) does.
func (d *Dentry) Getcwd(root *Dentry) (string, error) {
	for x := d; x != nil && x != root; x = x.up() {
		if x.deleted {
			return "", abi.ENOENT
		}
	}
	path, ok := d.Path(root)
	if !ok {
		path = "(unreachable)" + path
	}
	return path, nil
}
