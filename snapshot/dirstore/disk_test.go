package dirstore

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"maps"
	"path"
)

// errDisk is what a failing operation of a disk returns.
var errDisk = errors.New("disk error")

// disk is a file system in memory that fails on request and knows what a crash leaves.
// Data is durable when its file has been synced, a name when its directory has been.
type disk struct {
	names   map[string]*inode
	durable map[string]*inode
	ops     int
	failAt  int  // the operation that fails, counted from 1; 0 for none
	crash   bool // everything behind it fails too
	locked  bool
}

// inode is a file, or a directory.
type inode struct {
	dir          bool
	data, synced []byte
}

func newDisk() *disk { return &disk{names: map[string]*inode{}, durable: map[string]*inode{}} }

// step counts an operation that changes something.
func (d *disk) step() error {
	d.ops++
	if d.failAt > 0 && (d.ops == d.failAt || d.crash && d.ops > d.failAt) {
		return errDisk
	}
	return nil
}

func (d *disk) Mkdir(name string) error {
	if err := d.step(); err != nil {
		return err
	}
	if d.names[name] == nil {
		d.names[name] = &inode{dir: true}
	}
	return nil
}

func (d *disk) List(dir string) ([]string, error) {
	if dir != "." && d.names[dir] == nil {
		return nil, fs.ErrNotExist
	}
	var names []string
	for n := range d.names {
		if path.Dir(n) == dir {
			names = append(names, path.Base(n))
		}
	}
	return names, nil
}

func (d *disk) Open(name string) (reader, int64, error) {
	i := d.names[name]
	if i == nil {
		return nil, 0, fs.ErrNotExist
	}
	return openFile{bytes.NewReader(i.data)}, int64(len(i.data)), nil
}

type openFile struct{ *bytes.Reader }

func (openFile) Close() error { return nil }

func (d *disk) Create(name string) (writer, error) {
	if err := d.step(); err != nil {
		return nil, err
	}
	if d.names[path.Dir(name)] == nil && path.Dir(name) != "." {
		return nil, fs.ErrNotExist
	}
	i := &inode{}
	d.names[name] = i
	return &newFile{d, i}, nil
}

type newFile struct {
	d *disk
	i *inode
}

// Write tears when it fails: half is written.
func (f *newFile) Write(p []byte) (int, error) {
	if err := f.d.step(); err != nil {
		f.i.data = append(f.i.data, p[:len(p)/2]...)
		return len(p) / 2, err
	}
	f.i.data = append(f.i.data, p...)
	return len(p), nil
}

func (f *newFile) Sync() error {
	if err := f.d.step(); err != nil {
		return err
	}
	f.i.synced = bytes.Clone(f.i.data)
	return nil
}

func (f *newFile) Close() error { return nil }

func (d *disk) Rename(from, to string) error {
	if err := d.step(); err != nil {
		return err
	}
	if d.names[from] == nil || d.names[path.Dir(to)] == nil && path.Dir(to) != "." {
		return fs.ErrNotExist
	}
	d.names[to] = d.names[from]
	delete(d.names, from)
	return nil
}

func (d *disk) Remove(name string) error {
	if err := d.step(); err != nil {
		return err
	}
	delete(d.names, name)
	return nil
}

func (d *disk) SyncDir(dir string) error {
	if err := d.step(); err != nil {
		return err
	}
	maps.DeleteFunc(d.durable, func(n string, _ *inode) bool { return path.Dir(n) == dir })
	for n, i := range d.names {
		if path.Dir(n) == dir {
			d.durable[n] = i
		}
	}
	return nil
}

func (d *disk) Lock(string) (io.Closer, error) {
	if d.locked {
		return nil, errors.New("locked")
	}
	d.locked = true
	return unlocker{d}, nil
}

type unlocker struct{ d *disk }

func (u unlocker) Close() error { u.d.locked = false; return nil }

// images are what may be on the disk after a crash now.
func (d *disk) images() map[string]*disk {
	removed := maps.Clone(d.durable)
	maps.DeleteFunc(removed, func(n string, i *inode) bool { return d.names[n] != i })
	return map[string]*disk{
		"removals before names":    d.image(removed, func(i *inode) []byte { return i.synced }),
		"everything arrived":       d.image(d.names, func(i *inode) []byte { return i.data }),
		"only what was synced":     d.image(d.durable, func(i *inode) []byte { return i.synced }),
		"names before data":        d.image(d.names, func(i *inode) []byte { return i.synced }),
		"data before names":        d.image(d.durable, func(i *inode) []byte { return i.data }),
		"names, and half the data": d.image(d.names, func(i *inode) []byte { return i.data[:(len(i.synced)+len(i.data))/2] }),
	}
}

func (d *disk) image(names map[string]*inode, data func(*inode) []byte) *disk {
	c := newDisk()
	for n, i := range names {
		p := bytes.Clone(data(i))
		c.names[n] = &inode{i.dir, p, p}
	}
	c.durable = maps.Clone(c.names)
	return c
}
