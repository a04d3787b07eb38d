package dirstore

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"emurun/internal/crashpoint"
	"emurun/snapshot"
	"emurun/snapshot/pack"
)

// The names in a store.
const (
	marker       = "emurun-store"
	lockName     = "lock"
	packDir      = "packs"
	manifestDir  = "manifests"
	tmpDir       = "tmp"
	packExt      = ".pack"
	manifestExt  = ".snap"
	tmpName      = tmpDir + "/new"
	markerPrefix = "emurun store "
	markerText   = markerPrefix + "1\n"
)

// Store is a directory of snapshots. It implements snapshot.Store.
type Store struct {
	files    files
	catalog  catalog
	packSize int           // at which a pack is written
	builder  *pack.Builder // chunks put and not yet in a pack; nil until the first Put
	pending  bool          // something was put since the last Commit
	lock     io.Closer     // nil while it writes nothing
	broken   error         // why it refuses to write
}

var _ snapshot.Store = (*Store)(nil)

// Open opens the store in directory dir, which is made if it is not there.
func Open(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	s, err := open(directory(dir))
	if err != nil {
		return nil, fmt.Errorf("store %s: %w", dir, err)
	}
	return s, nil
}

// open opens the store in f.
func open(f files) (*Store, error) {
	s := &Store{files: f, packSize: pack.MaxSize}
	s.catalog.files = f
	text, err := readFile(f, marker, 64)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return s, s.create()
	case err != nil:
		return nil, err
	case string(text) == markerText:
		return s, nil
	case strings.HasPrefix(string(text), markerPrefix):
		return nil, fmt.Errorf("%s is %q, not %q: use the emurun that made it, or a newer one: %w", marker, text, markerText, snapshot.ErrVersion)
	}
	return nil, fmt.Errorf("%s is %q: %w", marker, text, snapshot.ErrCorrupt)
}

// create makes the parts of a store. Where a crash left some of them it makes the rest.
func (s *Store) create() error {
	names, err := s.files.List(".")
	if err != nil {
		return err
	}
	for _, n := range names {
		if n != packDir && n != manifestDir && n != tmpDir && n != lockName {
			return fmt.Errorf("it is no store and has other files in it (%s): choose an empty directory", n)
		}
	}
	for _, n := range []string{packDir, manifestDir, tmpDir} {
		if err := s.files.Mkdir(n); err != nil {
			return err
		}
	}
	for _, n := range []string{".", ".."} {
		if err := s.files.SyncDir(n); err != nil {
			return err
		}
	}
	l, err := s.files.Lock(lockName)
	if err != nil {
		return err
	}
	if err = s.place([]byte(markerText), marker); err == nil {
		err = s.files.SyncDir(".")
	}
	return errors.Join(err, l.Close())
}

// Close gives up the store. What was put since the last Commit is lost.
func (s *Store) Close() error {
	s.broken = fs.ErrClosed
	if s.lock == nil {
		return nil
	}
	return s.lock.Close()
}

// write makes sure that s may write, and does it; after an error nothing more is written
// until Rollback.
func (s *Store) write(do func() error) error {
	if s.broken != nil {
		return fmt.Errorf("after an earlier error: %w", s.broken)
	}
	if err := s.begin(); err != nil {
		return err
	}
	if err := do(); err != nil {
		s.broken = err
		return err
	}
	return nil
}

// begin takes the lock, waiting for who has it, and removes what a crash left in tmp. It is kept
// as long as something is put that is not committed.
func (s *Store) begin() error {
	if s.lock != nil {
		return nil
	}
	l, err := s.files.Lock(lockName)
	if err != nil {
		return err
	}
	if err := s.files.Mkdir(tmpDir); err != nil { // whoever copied the store may have left it out
		return errors.Join(err, l.Close())
	}
	names, err := s.files.List(tmpDir)
	for _, n := range names {
		err = errors.Join(err, s.files.Remove(tmpDir+"/"+n))
	}
	if err == nil {
		err = s.catalog.refresh() // another writer may have been here
	}
	if err != nil {
		return errors.Join(err, l.Close())
	}
	s.lock = l
	return nil
}

// end gives the lock back unless something waits to be committed.
func (s *Store) end() error {
	if s.lock == nil || s.pending || s.broken != nil {
		return nil
	}
	l := s.lock
	s.lock = nil
	return l.Close()
}

// Rollback forgets what was put since the last Commit, after an error too, and lets
// others write.
func (s *Store) Rollback() error {
	if s.broken == fs.ErrClosed {
		return nil
	}
	s.builder, s.pending, s.broken = nil, false, nil
	s.catalog.reset()
	return s.end()
}

// place writes a file durably under tmp and renames it. The name is durable when its
// directory has been synced.
func (s *Store) place(p []byte, name string) error {
	point := pointOf(name)
	if err := crashpoint.Reach(point + ".create"); err != nil {
		return err
	}
	w, err := s.files.Create(tmpName)
	if err != nil {
		return err
	}
	if err = errors.Join(writeAll(w, p, point), w.Close()); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if err := crashpoint.Reach(point + ".rename"); err != nil {
		return err
	}
	return s.files.Rename(tmpName, name)
}

// writeAll writes p, durably.
func writeAll(w writer, p []byte, point string) error {
	if err := crashpoint.Reach(point + ".write"); err != nil {
		return err
	}
	n, err := w.Write(p)
	if err == nil && n < len(p) {
		err = io.ErrShortWrite
	}
	if err == nil {
		err = crashpoint.Reach(point + ".sync")
	}
	if err != nil {
		return err
	}
	return w.Sync()
}

// pointOf begins the names of the crash points of a file.
func pointOf(name string) string {
	switch path.Dir(name) {
	case packDir:
		return "pack"
	case manifestDir:
		return "manifest"
	}
	return name
}

// readFile returns a file of at most limit bytes.
func readFile(f files, name string, limit int64) ([]byte, error) {
	r, size, err := f.Open(name)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	if size > limit {
		return nil, fmt.Errorf("%s has %d bytes, at most %d are allowed: %w", name, size, limit, snapshot.ErrCorrupt)
	}
	p := make([]byte, size)
	if n, err := r.ReadAt(p, 0); n < len(p) {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return p, nil
}
