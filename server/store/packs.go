package store

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"time"

	"emurun/snapshot"
)

// Limits of packs.
const (
	// SmallPack is up to how many bytes a pack lies in the database.
	SmallPack = MaxValue
	// MaxPack bounds the bytes of a pack, and of a manifest.
	MaxPack = snapshot.MaxManifest
)

// Pack is an open pack.
type Pack interface {
	io.ReadSeekCloser
	io.ReaderAt
	Size() int64
}

// PackInfo is what a list of packs says of one.
type PackInfo struct {
	Name snapshot.Hash
	Size int64
	Time time.Time // when it was written, zero if that is not known
}

// Packs is immutable bytes named by their SHA-256.
type Packs interface {
	// Put takes the pack of size bytes that r gives, durably. A pack that has another
	// hash than its name is refused with ErrCorrupt. Putting it again does nothing.
	Put(name snapshot.Hash, size int64, r io.Reader) error
	// Open returns the pack, or ErrNotFound.
	Open(name snapshot.Hash) (Pack, error)
	// Has returns the size of the pack if it is there.
	Has(name snapshot.Hash) (int64, bool, error)
	// Delete removes the pack, if it is there.
	Delete(name snapshot.Hash) error
	// List yields all packs.
	List() iter.Seq2[PackInfo, error]
}

// packFiles is packs as files.
type packFiles struct {
	dir  string
	hook func(point string)
}

func (f packFiles) path(name snapshot.Hash) string {
	h := name.String()
	return filepath.Join(f.dir, packDir, h[:2], h)
}

// Put implements Packs: write, sync, rename, sync the directory.
func (f packFiles) Put(name snapshot.Hash, size int64, r io.Reader) error {
	path := f.path(name)
	if err := f.makeDir(filepath.Dir(path)); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Join(f.dir, tmpDir), "pack-*")
	if err != nil {
		return err
	}
	err = copyHashed(tmp, r, size, name)
	f.hook("pack-written")
	if err == nil {
		err = tmp.Sync()
	}
	f.hook("pack-synced")
	err = errors.Join(err, tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(tmp.Name()))
	}
	f.hook("pack-renamed")
	err = syncDir(filepath.Dir(path))
	f.hook("pack-durable")
	return err
}

// makeDir makes the directory of a pack, and its name durable.
func (f packFiles) makeDir(dir string) error {
	err := os.Mkdir(dir, 0o700)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return syncDir(filepath.Dir(dir))
}

// copyHashed copies size bytes and compares their hash with name.
func copyHashed(w io.Writer, r io.Reader, size int64, name snapshot.Hash) error {
	h := sha256.New()
	n, err := io.Copy(io.MultiWriter(w, h), io.LimitReader(r, size+1))
	if err != nil {
		return fmt.Errorf("pack %v: %w", name, err)
	}
	if n != size {
		return fmt.Errorf("pack %v: %d bytes, not %d: %w", name, n, size, ErrCorrupt)
	}
	if got := snapshot.Hash(h.Sum(nil)); got != name {
		return fmt.Errorf("pack %v: its bytes hash to %v: %w", name, got, ErrCorrupt)
	}
	return nil
}

// Open implements Packs.
func (f packFiles) Open(name snapshot.Hash) (Pack, error) {
	file, err := os.Open(f.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, packNotFound(name)
	}
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return sizedFile{file, info.Size()}, nil
}

func packNotFound(name snapshot.Hash) error { return fmt.Errorf("pack %v: %w", name, ErrNotFound) }

// Has implements Packs.
func (f packFiles) Has(name snapshot.Hash) (int64, bool, error) {
	info, err := os.Stat(f.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, err
	}
	return info.Size(), true, nil
}

// Delete implements Packs. A name that comes back after a power cut does no harm.
func (f packFiles) Delete(name snapshot.Hash) error {
	if err := os.Remove(f.path(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// List implements Packs.
func (f packFiles) List() iter.Seq2[PackInfo, error] {
	return func(yield func(PackInfo, error) bool) {
		root := filepath.Join(f.dir, packDir)
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			info, err := d.Info()
			if errors.Is(err, fs.ErrNotExist) {
				return nil // deleted meanwhile
			}
			if err != nil {
				return err
			}
			name, err := snapshot.ParseHash(d.Name())
			if err != nil {
				err = fmt.Errorf("%s/%s: it is no pack: %w", packDir, d.Name(), err)
			}
			if !yield(PackInfo{name, info.Size(), info.ModTime()}, err) {
				return fs.SkipAll
			}
			return nil
		})
		if err != nil {
			yield(PackInfo{}, err)
		}
	}
}

// sizedFile is a pack in a file.
type sizedFile struct {
	*os.File
	size int64
}

// Size returns the number of bytes.
func (f sizedFile) Size() int64 { return f.size }

// smallPack is a pack in memory.
type smallPack struct{ *bytes.Reader }

// Close does nothing.
func (smallPack) Close() error { return nil }
