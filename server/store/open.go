package store

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/dgraph-io/badger/v4"
)

// openMeta opens the database of the store in dir.
func openMeta(dir string, log *slog.Logger, hook func(string)) (*badgerMeta, error) {
	if err := quarantine(dir, log); err != nil {
		return nil, err
	}
	if err := checkTables(dir); err != nil {
		return nil, err
	}
	db, err := badger.Open(badgerOptions(filepath.Join(dir, metaDir), log))
	if err != nil {
		return nil, fmt.Errorf("the database in %s cannot be opened: %w: %v; emusrv restore makes a store from a backup",
			metaDir, ErrCorrupt, err)
	}
	m := &badgerMeta{db: db, hook: hook, queue: make(chan *request, maxGroup), done: make(chan struct{}), broken: make(chan struct{})}
	e, err := m.Get(lsnKey)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return nil, errors.Join(err, db.Close())
	}
	m.last = e.Version
	m.stats.Last = m.last
	if m.acked, err = openAcked(filepath.Join(dir, ackedName)); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if m.lost, err = m.checkFacts(); err != nil {
		return nil, errors.Join(err, m.acked.close(), db.Close())
	}
	go m.run()
	return m, nil
}

// quarantine moves empty write-ahead and value logs away. A power cut leaves them, with
// nothing in them to lose, and badger does not open a database that has one.
func quarantine(dir string, log *slog.Logger) error {
	names, err := os.ReadDir(filepath.Join(dir, metaDir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, n := range names {
		if !strings.HasSuffix(n.Name(), ".mem") && !strings.HasSuffix(n.Name(), ".vlog") {
			continue
		}
		info, err := n.Info()
		if err != nil {
			return err
		}
		if info.Size() > 0 {
			continue
		}
		log.Warn("an empty log was left by a power cut; moved to quarantine", "file", n.Name())
		if err := moveToQuarantine(dir, metaDir+"/"+n.Name()); err != nil {
			return err
		}
	}
	return nil
}

// moveToQuarantine moves a file of the store out of the way, under a name that is free.
func moveToQuarantine(dir, name string) error {
	to := filepath.Join(dir, quarantineDir)
	if err := os.MkdirAll(to, 0o700); err != nil {
		return err
	}
	for n := 0; ; n++ {
		target := filepath.Join(to, fmt.Sprintf("%s.%d", filepath.Base(name), n))
		if _, err := os.Lstat(target); errors.Is(err, fs.ErrNotExist) {
			return os.Rename(filepath.Join(dir, filepath.FromSlash(name)), target)
		}
	}
}
