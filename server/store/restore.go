package store

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dgraph-io/badger/v4"

	"emurun/snapshot"
	"emurun/snapshot/wire"
)

// restore is a restoration under way.
type restore struct {
	dir  string
	sum  hash.Hash
	tar  *tar.Reader
	db   *badger.WriteBatch
	info backupInfo
	done bool
}

// Restore makes a store in dir, which must be empty or not there, from a backup. Until all
// of it has been read and compared there is no store.
func Restore(dir string, r io.Reader) error {
	if err := prepareRestore(dir); err != nil {
		return err
	}
	db, err := badger.Open(badgerOptions(filepath.Join(dir, metaDir), slog.New(slog.DiscardHandler)))
	if err != nil {
		return err
	}
	re := &restore{dir: dir, sum: sha256.New(), tar: tar.NewReader(r), db: db.NewWriteBatch()}
	err = re.all()
	if err == nil {
		err = re.db.Flush()
	} else {
		re.db.Cancel()
	}
	if err = errors.Join(err, db.Close()); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	return create(dir)
}

func prepareRestore(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	names, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, n := range names {
		if n.Name() != "lost+found" {
			return fmt.Errorf("%s: it has files in it (%s): a backup is restored to an empty directory", dir, n.Name())
		}
	}
	for _, n := range []string{metaDir, packDir, tmpDir} {
		if err := os.Mkdir(filepath.Join(dir, n), 0o700); err != nil {
			return err
		}
	}
	return checkFileSystem(dir, slog.New(slog.DiscardHandler))
}

// all takes every entry.
func (r *restore) all() error {
	for n := 0; ; n++ {
		h, err := r.tar.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return cutShort(err)
		}
		if (n == 0) != (h.Name == backupHeader) {
			return fmt.Errorf("it is no backup of emusrv: %w", ErrCorrupt)
		}
		if err := r.entry(h); err != nil {
			return fmt.Errorf("entry %q: %w", h.Name, err)
		}
	}
	if !r.done {
		return cutShort(io.ErrUnexpectedEOF)
	}
	return nil
}

func cutShort(err error) error { return fmt.Errorf("the backup is cut short: %w: %v", ErrCorrupt, err) }

// entry takes one entry.
func (r *restore) entry(h *tar.Header) error {
	if h.Size < 0 || h.Size > MaxPack || r.done {
		return fmt.Errorf("%d bytes: %w", h.Size, ErrCorrupt)
	}
	p := make([]byte, h.Size)
	if _, err := io.ReadFull(r.tar, p); err != nil {
		return cutShort(err)
	}
	sum := r.sum.Sum(nil)
	sumEntry(r.sum, h.Name, p)
	dir, base, _ := strings.Cut(h.Name, "/")
	switch {
	case h.Name == backupHeader:
		return r.header(p)
	case h.Name == backupSum:
		r.done = true
		if want := strings.TrimSpace(string(p)); want != fmt.Sprintf("%x", sum) {
			return fmt.Errorf("its bytes have another sum: %w", ErrCorrupt)
		}
		return nil
	case dir+"/" == backupMeta:
		return r.facts(p)
	case dir+"/" == backupPacks:
		return r.pack(base, p)
	case slices.Contains(keptFiles, dir) && base != "" && filepath.IsLocal(base) && !strings.ContainsAny(base, `/\`):
		if err := os.MkdirAll(filepath.Join(r.dir, dir), 0o700); err != nil {
			return err
		}
		return writeSynced(filepath.Join(r.dir, dir, base), p)
	}
	return fmt.Errorf("it does not belong there: %w", ErrCorrupt)
}

func (r *restore) header(p []byte) error {
	if err := json.Unmarshal(p, &r.info); err != nil {
		return fmt.Errorf("%w: %v", ErrCorrupt, err)
	}
	if r.info.Version != BackupVersion {
		return fmt.Errorf("the backup has format version %d and this emusrv reads %d: use the emusrv that made it, or a newer one: %w",
			r.info.Version, BackupVersion, ErrVersion)
	}
	return nil
}

// facts takes a piece of the facts.
func (r *restore) facts(p []byte) error {
	d := wire.NewDecoder(p)
	for d.Left() > 0 && d.Err() == nil {
		key, version, value := d.String(MaxKey), d.Uint64(), d.Bytes(MaxValue)
		if d.Err() == nil {
			if err := r.db.Set([]byte(key), wrap(LSN(version), value)); err != nil {
				return err
			}
		}
	}
	return d.End()
}

// pack takes a pack.
func (r *restore) pack(base string, p []byte) error {
	name, err := snapshot.ParseHash(base)
	if err != nil {
		return err
	}
	return packFiles{r.dir, func(string) {}}.Put(name, int64(len(p)), bytes.NewReader(p))
}
