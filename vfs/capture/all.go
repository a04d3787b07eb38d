package capture

import (
	"errors"
	"fmt"

	"emurun/abi"
)

// All asks the backing tree everything, so that the whole of it is captured: a machine that
// thaws needs nothing of the host any more. What the host refuses stays refused.
func (f *FS) All() error { return f.root.all() }

func (n *node) all() error {
	if err := n.ours(n.allXattrs()); err != nil {
		return err
	}
	switch n.attr.Mode & abi.S_IFMT {
	case abi.S_IFLNK:
		_, err := n.Readlink()
		return n.ours(err)
	case abi.S_IFREG:
		return n.ours(n.allContent())
	case abi.S_IFDIR:
		return n.allNames()
	}
	return nil
}

// allNames looks up and asks all that stands in a directory.
func (n *node) allNames() error {
	es, err := n.Entries()
	if err != nil {
		return n.ours(err)
	}
	for _, e := range es {
		_, err := n.Lookup(e.Name)
		if err := n.ours(err); err != nil {
			return err
		}
		if c := n.names[e.Name].v; c != nil && c.parent == n && c.name == e.Name {
			if err := c.all(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (n *node) allXattrs() error {
	names, err := n.Listxattr()
	if err != nil {
		return err
	}
	for _, name := range names {
		if _, err := n.Getxattr(name); n.ours(err) != nil {
			return err
		}
	}
	return nil
}

// allContent opens a file, finds its holes and, if it has no size, reads it.
func (n *node) allContent() error {
	if _, err := n.Open(abi.O_RDONLY); err != nil {
		return err
	}
	if n.attr.Size == 0 {
		var b [1]byte
		_, err := n.ReadAt(b[:], 0)
		return err
	}
	_, err := n.NextData(0, true)
	return err
}

// ours returns err unless it is an answer.
func (n *node) ours(err error) error {
	var errno abi.Errno
	if err == nil || errors.As(err, &errno) && n.fs.back != nil {
		return nil
	}
	return fmt.Errorf("capture %s: %w", n.path(), err)
}
