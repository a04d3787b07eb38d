package hostfs

import "emurun/vfs"

// A commit in the middle of a run changes the host's files below a view of them, which must go
// on to show what there was. It writes no page that the overlay above still reads from
// below, so what can go wrong is that files move and that they go.

// Change calls do while nobody asks the host through the view.
func (f *FS) Change(do func() error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return do()
}

// Mover is a file that a commit may move.
type Mover interface{ MovedTo(path string) }

// MovedTo says that n is at path on the host. It is called from within Change.
func (n *node) MovedTo(path string) {
	if n.parent != nil {
		n.at = path
	}
}

// Preserve keeps a file of a view open, so that a commit may remove it while its content is
// still seen.
func Preserve(file vfs.Node) {
	n, ok := file.(*node)
	if !ok || n.kept != nil {
		return
	}
	if h, err := n.fs.open(n); err == nil { // else reading it says why
		n.kept = &h
		n.fs.preserved = append(n.fs.preserved, n)
	}
}
