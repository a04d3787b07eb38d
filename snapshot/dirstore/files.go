package dirstore

import (
	"errors"
	"io"
	"os"
	"path/filepath"
)

// files is what a Store needs of a file system. Names are relative to the store.
type files interface {
	Mkdir(name string) error // it may be there
	List(dir string) ([]string, error)
	Open(name string) (reader, int64, error)
	Create(name string) (writer, error)
	Rename(from, to string) error
	Remove(name string) error
	SyncDir(name string) error
	Lock(name string) (io.Closer, error)
}

type reader interface {
	io.ReaderAt
	io.Closer
}

type writer interface {
	io.Writer
	Sync() error
	io.Closer
}

// directory is a directory of the host.
type directory string

func (d directory) path(name string) string {
	return filepath.Join(string(d), filepath.FromSlash(name))
}

func (d directory) Mkdir(name string) error {
	err := os.Mkdir(d.path(name), 0o777)
	if errors.Is(err, os.ErrExist) {
		return nil
	}
	return err
}

func (d directory) List(name string) ([]string, error) {
	entries, err := os.ReadDir(d.path(name))
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names, err
}

func (d directory) Open(name string) (reader, int64, error) {
	f, err := os.Open(d.path(name))
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, 0, errors.Join(err, f.Close())
	}
	return f, info.Size(), nil
}

func (d directory) Create(name string) (writer, error) {
	return os.OpenFile(d.path(name), os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o666)
}

func (d directory) Rename(from, to string) error { return os.Rename(d.path(from), d.path(to)) }
func (d directory) Remove(name string) error     { return os.Remove(d.path(name)) }
func (d directory) SyncDir(name string) error    { return syncDir(d.path(name)) }

func (d directory) Lock(name string) (io.Closer, error) {
	f, err := os.OpenFile(d.path(name), os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, err
	}
	if err := lock(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
