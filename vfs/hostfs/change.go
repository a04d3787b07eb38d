package hostfs

import (
	"errors"
	"os"

	"emurun/abi"
	"emurun/vfs"
)

// A commit in the middle of a run changes the host's files below a view of them, which must go
// on to show what there was.

// Change calls do while nobody asks the host through the view.
func (f *FS) Change(do func() error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return do()
}

// MovedTo says that n is at path on the host. It is called from within Change.
func (n *node) MovedTo(path string) {
	if n.fs != nil && n.parent != nil {
		n.at = path
	}
}

// Mover is a file of a view that a commit may move.
type Mover interface{ MovedTo(path string) }

// Preserve returns what copies the content of a regular file, from which it is read then, and
// may be called on any goroutine; nil if there is a copy already. The file is opened now.
func Preserve(file vfs.Node) (func() error, error) {
	n, ok := file.(*node)
	if !ok || n.kept != nil {
		return nil, nil
	}
	n.fs.mu.RLock()
	defer n.fs.mu.RUnlock()
	h, err := n.fs.open(n)
	if err != nil {
		return nil, Errno(err)
	}
	return func() error {
		defer h.close()
		kept, err := copyOf(h, n.attr.Size)
		if err != nil {
			return Errno(err)
		}
		return n.fs.Change(func() error {
			n.kept = &kept
			n.fs.preserved = append(n.fs.preserved, n)
			return nil
		})
	}, nil
}

// copyOf copies a file, with its holes, to one without a name.
func copyOf(h hostFile, size int64) (hostFile, error) {
	f, err := os.CreateTemp("", "emurun-kept-*")
	if err != nil {
		return hostFile{}, err
	}
	_ = os.Remove(f.Name()) // where that is refused the system does it some day
	if err := errors.Join(f.Truncate(size), copyData(f, h, size)); err != nil {
		return hostFile{}, errors.Join(err, f.Close())
	}
	return fileOf(f)
}

// copyData copies what is no hole.
func copyData(to *os.File, from hostFile, size int64) error {
	buf := make([]byte, 1<<20)
	for off := int64(0); off < size; {
		at, err := from.nextData(off, true)
		if err != nil {
			if Errno(err) == abi.ENXIO {
				return nil
			}
			return err
		}
		end, err := from.nextData(at, false)
		if err != nil {
			return err
		}
		for off = at; off < min(end, size); {
			k, err := from.readAt(buf[:min(int64(len(buf)), min(end, size)-off)], off)
			if err != nil || k == 0 {
				return err
			}
			if _, err := to.WriteAt(buf[:k], off); err != nil {
				return err
			}
			off += int64(k)
		}
	}
	return nil
}
