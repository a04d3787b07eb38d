package store

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"emurun/snapshot"
)

// The names in a store's directory.
const (
	marker        = "emusrv-store"
	markerPrefix  = "emusrv store "
	markerText    = markerPrefix + "1\n"
	lockName      = "lock"
	ackedName     = "acked"
	regressedName = "regressed"
	metaDir       = "meta"
	packDir       = "packs"
	tmpDir        = "tmp"
	quarantineDir = "quarantine"
)

// The errors of opening a store.
var (
	ErrCorrupt = snapshot.ErrCorrupt
	// ErrVersion says that a newer emusrv made the store.
	ErrVersion = snapshot.ErrVersion
	// ErrLocked says that another process has the store open.
	ErrLocked = errors.New("another process has it open")
	// ErrNoStore says that the directory is no store.
	ErrNoStore = errors.New("it is no store: emusrv init makes one")
)

// Options are how a store is opened. The zero Options are right for a server.
type Options struct {
	Log     *slog.Logger
	Reserve uint64           // bytes of the disk that stay free; 0 for a twentieth, at least 4 GiB
	Grace   time.Duration    // how long a pack that nothing names is kept at least; 0 for an hour
	Now     func() time.Time // the clock
	// AcceptRegression goes on with a store that lost acknowledged batches.
	AcceptRegression bool
	// Hook is called at named points, for tests that crash there.
	Hook func(point string)
}

func (o *Options) defaults() {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Grace == 0 {
		o.Grace = time.Hour
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Hook == nil {
		o.Hook = func(string) {}
	}
}

// Store is an open store. Many goroutines may use it.
type Store struct {
	dir   string
	o     Options
	lock  *os.File
	meta  *badgerMeta
	space space
	packs *packs
	usage usage
	id    identity
	gc    sync.Mutex // one collection at a time
	regression
}

// identity is what tells one store from another, and a store from what it was before it
// was found to have lost batches.
type identity struct {
	ID         string
	Generation uint64
}

const identityKey = "!store"

// Create makes an empty store in dir, which must be empty or not there. It calls prepare,
// which may be nil, before there is a store.
func Create(dir string, prepare func() error) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	names, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	if _, err := os.Lstat(filepath.Join(dir, marker)); err == nil {
		return fmt.Errorf("%s: it is a store already", dir)
	}
	for _, n := range names {
		if n.Name() != "lost+found" {
			return fmt.Errorf("%s: it has other files in it (%s): choose an empty directory", dir, n.Name())
		}
	}
	if err := checkFileSystem(dir, slog.New(slog.DiscardHandler)); err != nil {
		return err
	}
	if prepare != nil {
		if err := prepare(); err != nil {
			return err
		}
	}
	return create(dir)
}

// create makes the parts of a store. The marker comes last: without it there is no store.
func create(dir string) error {
	for _, n := range []string{metaDir, packDir, tmpDir} {
		if err := os.MkdirAll(filepath.Join(dir, n), 0o700); err != nil {
			return err
		}
	}
	tmp := filepath.Join(dir, tmpDir, marker)
	if err := writeSynced(tmp, []byte(markerText)); err != nil {
		return err
	}
	if err := os.Rename(tmp, filepath.Join(dir, marker)); err != nil {
		return err
	}
	return syncDir(dir)
}

// writeSynced writes a file and syncs it.
func writeSynced(name string, p []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(p)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// Open opens the store in dir.
func Open(dir string, o Options) (*Store, error) {
	o.defaults()
	s := &Store{dir: dir, o: o}
	if err := s.open(); err != nil {
		return nil, fmt.Errorf("store %s: %w", dir, errors.Join(err, s.unlock()))
	}
	return s, nil
}

func (s *Store) open() error {
	if err := s.checkMarker(); err != nil {
		return err
	}
	if err := checkFileSystem(s.dir, s.o.Log); err != nil {
		return err
	}
	if err := s.takeLock(); err != nil {
		return err
	}
	if err := emptyDir(filepath.Join(s.dir, tmpDir)); err != nil {
		return err
	}
	s.space = space{dir: s.dir, reserve: s.o.Reserve, now: s.o.Now}
	var err error
	if s.meta, err = openMeta(s.dir, s.o.Log, s.o.Hook); err != nil {
		return err
	}
	s.packs = newPacks(s)
	if err = s.packs.file.open(&s.packs.uses, s.o.Now()); err == nil {
		err = s.identify()
	}
	if err == nil {
		err = s.findRegression()
	}
	if err == nil {
		err = s.countUsage()
	}
	if err != nil {
		return errors.Join(err, s.packs.file.close(), s.meta.close())
	}
	return nil
}

func (s *Store) checkMarker() error {
	p, err := os.ReadFile(filepath.Join(s.dir, marker))
	switch text := string(p); {
	case errors.Is(err, fs.ErrNotExist):
		return ErrNoStore
	case err != nil:
		return err
	case text == markerText:
		return nil
	case strings.HasPrefix(text, markerPrefix) && len(text) < 64:
		return fmt.Errorf("%s is %q and this emusrv reads %q: use the emusrv that made it, or a newer one: %w", marker, text, markerText, ErrVersion)
	default:
		return fmt.Errorf("%s is no marker of a store: %w", marker, ErrCorrupt)
	}
}

func checkFileSystem(dir string, log *slog.Logger) error {
	kind, volatile, err := fileSystem(dir)
	switch {
	case err != nil:
		return err
	case kind != "":
		return fmt.Errorf("%s is on a %s file system, which keeps neither locks nor syncs as a store needs them: choose a local disk", dir, kind)
	case volatile:
		log.Warn("the store is in memory: a power cut loses all of it", "dir", dir)
	}
	return nil
}

// takeLock takes the lock and leaves our process number in it.
func (s *Store) takeLock() error {
	f, err := os.OpenFile(filepath.Join(s.dir, lockName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	if err := lockFile(f); err != nil {
		who, _ := io.ReadAll(io.LimitReader(f, 64))
		return errors.Join(fmt.Errorf("%w (process %s)", err, strings.TrimSpace(string(who))), f.Close())
	}
	s.lock = f
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err = fmt.Fprintf(f, "%d\n", os.Getpid())
	return err
}

func (s *Store) unlock() error {
	if s.lock == nil {
		return nil
	}
	return s.lock.Close()
}

func emptyDir(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil { // whoever copied the store may have left it out
		return err
	}
	names, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, n := range names {
		if err := os.RemoveAll(filepath.Join(dir, n.Name())); err != nil {
			return err
		}
	}
	return nil
}

// identify reads who the store is, or decides it.
func (s *Store) identify() error {
	e, err := s.meta.Get(identityKey)
	if errors.Is(err, ErrNotFound) {
		s.id = identity{ID: randomID(), Generation: 1}
		p, _ := json.Marshal(s.id)
		_, err = s.meta.Commit(Batch{Pre: []Cond{{identityKey, 0}}, Put: []KV{{identityKey, p}}})
		return err
	}
	if err != nil {
		return err
	}
	return unmarshal(e, &s.id)
}

func randomID() string {
	var p [16]byte
	rand.Read(p[:])
	return hex.EncodeToString(p[:])
}

// unmarshal reads the record in e.
func unmarshal(e Entry, v any) error {
	if err := json.Unmarshal(e.Value, v); err != nil {
		return fmt.Errorf("meta: record %q: %w: %v", e.Key, ErrCorrupt, err)
	}
	return nil
}

// Meta returns the facts, for the tables that others keep there (keys.go). A commit
// is refused when the store went backwards or the disk is full.
func (s *Store) Meta() Meta { return guarded{s.meta, s} }

// guarded is Meta that refuses to write where the store must not grow.
type guarded struct {
	Meta
	s *Store
}

// Commit implements Meta.
func (g guarded) Commit(b Batch) (LSN, error) {
	if err := g.s.writable(b.size()); err != nil {
		return 0, err
	}
	return g.Meta.Commit(b)
}

// writable says whether n bytes may be written.
func (s *Store) writable(n int) error {
	if err := s.Regressed(); err != nil {
		return err
	}
	return s.space.check(n)
}

// Broken is closed when the outcome of a commit is unknown: the process must end, and
// find out by opening the store again. Failure says why.
func (s *Store) Broken() <-chan struct{} { return s.meta.broken }

// Failure returns why the store does not write any more.
func (s *Store) Failure() error { return s.meta.Failure() }

// Stats returns what the committer did so far.
func (s *Store) Stats() GroupStats { return s.meta.Stats() }

// Free returns the bytes that are free on the disk, and all.
func (s *Store) Free() (free, total uint64) { return s.space.Free() }

// Writable reports whether the store takes a small write now, and if not why.
func (s *Store) Writable() error {
	if err := s.Failure(); err != nil {
		return err
	}
	return s.writable(MaxBatch)
}

// Close gives up the store.
func (s *Store) Close() error { return errors.Join(s.meta.close(), s.packs.file.close(), s.unlock()) }
