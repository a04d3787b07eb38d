package store

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"emurun/snapshot"
	"emurun/snapshot/wire"
)

// The names in a backup, which is a tar archive: the header, the server's certificates and
// keys, the facts in pieces, the packs that are files, and at the end the SHA-256 over name,
// size and bytes of all entries before.
const (
	backupHeader = "emusrv-backup"
	backupMeta   = "meta/"
	backupPacks  = "packs/"
	backupSum    = "sum"
	backupPiece  = 2 << 20 // bytes at which a piece of the facts ends
)

// BackupVersion is the version of a backup's format.
const BackupVersion = 1

// backupInfo is the header of a backup.
type backupInfo struct {
	Version int       `json:"version"`
	Store   identity  `json:"store"`
	LSN     LSN       `json:"lsn"`
	At      time.Time `json:"at"`
}

// keptFiles are the directories of which a backup has copies.
var keptFiles = []string{"tls", "secrets"}

// backup is a backup being written.
type backup struct {
	s   *Store
	sum hash.Hash
	tar *tar.Writer
	now time.Time
}

// Backup writes all that the store keeps, as of one instant, while it goes on. It has
// the server's keys in it: whoever can read it is the server.
func (s *Store) Backup(w io.Writer) error {
	s.packs.hold(1)
	defer s.packs.hold(-1)
	b := &backup{s, sha256.New(), tar.NewWriter(w), s.o.Now()}
	if err := s.meta.View(b.write); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	return nil
}

// hold keeps GC from deleting anything.
func (u *uses) hold(by int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.held += by
}

func (b *backup) write(r Reader) error {
	last, err := r.Get(lsnKey)
	if err != nil {
		return err
	}
	head, err := json.Marshal(backupInfo{BackupVersion, b.s.id, last.Version, b.now.UTC()})
	if err != nil {
		return err
	}
	if err := b.file(backupHeader, head); err != nil {
		return err
	}
	if err := b.copies(); err != nil {
		return err
	}
	if err := b.facts(r); err != nil {
		return err
	}
	if err := b.packs(r); err != nil {
		return err
	}
	if err := b.file(backupSum, fmt.Appendf(nil, "%x\n", b.sum.Sum(nil))); err != nil {
		return err
	}
	return b.tar.Close()
}

// file writes an entry.
func (b *backup) file(name string, p []byte) error {
	if err := b.tar.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(p)), ModTime: b.now}); err != nil {
		return err
	}
	sumEntry(b.sum, name, p)
	_, err := b.tar.Write(p)
	return err
}

// sumEntry adds an entry to the sum of a backup.
func sumEntry(h hash.Hash, name string, p []byte) {
	fmt.Fprintf(h, "%s\x00%d\x00", name, len(p))
	h.Write(p)
}

// copies writes the server's certificates and keys.
func (b *backup) copies() error {
	for _, dir := range keptFiles {
		names, err := os.ReadDir(filepath.Join(b.s.dir, dir))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		for _, n := range names {
			p, err := os.ReadFile(filepath.Join(b.s.dir, dir, n.Name()))
			if err != nil {
				return err
			}
			if err := b.file(dir+"/"+n.Name(), p); err != nil {
				return err
			}
		}
	}
	return nil
}

// facts writes all entries of Meta.
func (b *backup) facts(r Reader) error {
	piece, n := wire.NewEncoder(nil), 0
	flush := func() error {
		p := piece.Encoding()
		piece, n = wire.NewEncoder(nil), n+1
		return b.file(fmt.Sprintf("%s%08d", backupMeta, n), p)
	}
	for e, err := range r.Scan("", "") {
		if err != nil {
			return err
		}
		piece.String(e.Key)
		piece.Uint64(uint64(e.Version))
		piece.Bytes(e.Value)
		if len(piece.Encoding()) >= backupPiece {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

// packs writes the packs that are files and that checkpoints name.
func (b *backup) packs(r Reader) error {
	need := map[snapshot.Hash]bool{}
	for e, err := range r.Scan(checkpointTable, "") {
		var c CheckpointRecord
		if err == nil {
			err = unmarshal(e, &c)
		}
		var t table
		if err == nil {
			t, err = b.s.table(&c)
		}
		if err != nil {
			return err
		}
		need[c.Table], need[c.Manifest] = true, true
		for _, p := range t {
			need[p.Name] = true
		}
	}
	names := make([]snapshot.Hash, 0, len(need))
	for name := range need { // order: sorted below
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b snapshot.Hash) int { return compareNames(PackSize{Name: a}, PackSize{Name: b}) })
	for _, name := range names {
		if _, ok, err := b.s.packs.files.Has(name); err != nil {
			return err
		} else if !ok {
			continue // it is among the facts
		}
		p, err := b.s.packs.get(name)
		if err != nil {
			return err
		}
		if err := b.file(backupPacks+name.String(), p); err != nil {
			return err
		}
	}
	return nil
}
