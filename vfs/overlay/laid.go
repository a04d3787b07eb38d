package overlay

import (
	"maps"
	"slices"

	"emurun/vfs"
)

// What a program writes through a shared mapping lies in the page cache until something
// reads the file or asks for it, so that the file's pages and time change at the same instants
// with checkpoints and without. The host's file gets it with each update all the same, as a
// kernel's page cache outlives a process that is killed: an update lays these pages over those of the
// file, and afterwards the host's differ from the file's.

// laid is a page that an update wrote as a mapping had it.
type laid struct {
	n    *node
	page int64
}

// SetCache implements vfs.Cacher.
func (n *node) SetCache(c vfs.Cache) {
	n.NodeDefaults.SetCache(c)
	if c != nil {
		n.fs.mapped[n] = true
	} else {
		delete(n.fs.mapped, n)
	}
}

// findMapped finds the nodes with a page cache, in an overlay that was thawed.
func (f *FS) findMapped() {
	f.mapped = map[*node]bool{}
	for _, n := range append(f.sorted(), f.seen...) {
		if n.Cache() != nil {
			f.mapped[n] = true
		}
	}
}

// sortedMapped returns the nodes with a page cache, by number.
func (f *FS) sortedMapped() []*node {
	return slices.SortedFunc(maps.Keys(f.mapped), compareInos)
}

// dirtyPages returns the pages of n that mappings wrote and the file does not have.
func (n *node) dirtyPages() []int64 {
	var list []int64
	if c := n.Cache(); c != nil {
		_ = c.Dirty(func(_ []byte, off int64) error { list = append(list, off/pageSize); return nil })
	}
	return list
}

// lay lets the update that is taken have what mappings wrote.
func (f *FS) lay() ([]laid, error) {
	f.over = map[*node]map[int64]*[pageSize]byte{}
	var all []laid
	for _, n := range f.sortedMapped() {
		err := n.Cache().Dirty(func(p []byte, off int64) error {
			if f.over[n] == nil {
				f.over[n] = map[int64]*[pageSize]byte{}
			}
			data := new([pageSize]byte)
			copy(data[:], p)
			i := off / pageSize
			f.over[n][i] = data
			n.changePage(i)
			all = append(all, laid{n, i})
			return nil
		})
		if err != nil {
			f.over = nil
			return nil, err
		}
	}
	return all, nil
}
