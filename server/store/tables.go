package store

import (
	"encoding/binary"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/fb"
	"github.com/dgraph-io/badger/v4/pb"
	tables "github.com/dgraph-io/badger/v4/table"
	"github.com/dgraph-io/badger/v4/y"
	"github.com/klauspost/compress/snappy"
	"google.golang.org/protobuf/proto"
)

// checkTables reads and compares every table of the database in dir before badger opens
// it. Badger 4.9.6 leaves out a table whose checksum is wrong and goes on, or
// dereferences nil in a goroutine of its own, and deletes the tables that a damaged
// MANIFEST does not name.
func checkTables(dir string) error {
	named, whole, err := readManifest(filepath.Join(dir, metaDir))
	if err != nil {
		return fmt.Errorf("%s/%s: %w; emusrv restore makes a store from a backup", metaDir, badger.ManifestFilename, err)
	}
	names, err := filepath.Glob(filepath.Join(dir, metaDir, "*.sst"))
	if err != nil {
		return err
	}
	for _, name := range names {
		base := filepath.Base(name)
		err := checkTable(name)
		if !named[base] {
			if err == nil && !whole {
				return fmt.Errorf("%s/%s: its end makes no sense, and it does not name %s, which is sound: %w; "+
					"emusrv restore makes a store from a backup", metaDir, badger.ManifestFilename, base, ErrCorrupt)
			}
			continue // it was being written when the process ended
		}
		delete(named, base)
		if err != nil {
			return fmt.Errorf("%s/%s: %w; emusrv restore makes a store from a backup", metaDir, base, err)
		}
	}
	for base := range named { // order: one is as bad as another
		return fmt.Errorf("%s/%s: it is gone: %w; emusrv restore makes a store from a backup", metaDir, base, ErrCorrupt)
	}
	return nil
}

// checkTable compares the index and the blocks of a table with their checksums. It ends
// with
//
//	index, its length u32, its checksum, the length of that u32 (all big-endian)
func checkTable(name string) (err error) {
	p, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	defer func() { // what is read here is damaged, perhaps
		if v := recover(); v != nil {
			err = fmt.Errorf("%w: %v", ErrCorrupt, v)
		}
	}()
	p, sum := cutTail(p)
	p, index := cutTail(p)
	if err := compare(index, sum); err != nil {
		return fmt.Errorf("index: %w", err)
	}
	x := fb.GetRootAsTableIndex(index, 0)
	for i := range x.OffsetsLength() {
		var at fb.BlockOffset
		x.Offsets(&at, i)
		if err := checkBlock(p[at.Offset() : at.Offset()+at.Len()]); err != nil {
			return fmt.Errorf("block at %#x: %w", at.Offset(), err)
		}
	}
	return nil
}

// checkBlock compares a block, which ends like a table.
func checkBlock(p []byte) error {
	raw, err := snappy.Decode(nil, p)
	if err != nil {
		return fmt.Errorf("%w: %v", ErrCorrupt, err)
	}
	raw, sum := cutTail(raw)
	return compare(raw, sum)
}

// cutTail takes a byte string that is followed by its length off the end of p. It panics
// where there is none.
func cutTail(p []byte) (rest, tail []byte) {
	n := len(p) - 4
	size := int(binary.BigEndian.Uint32(p[n:]))
	return p[:n-size], p[n-size : n]
}

func compare(p, sum []byte) error {
	c := new(pb.Checksum)
	if err := proto.Unmarshal(sum, c); err != nil {
		return fmt.Errorf("%w: %v", ErrCorrupt, err)
	}
	if err := y.VerifyChecksum(p, c); err != nil {
		return fmt.Errorf("%w: %v", ErrCorrupt, err)
	}
	return nil
}

// readManifest returns the tables that the database has, and whether the list is whole.
func readManifest(dir string) (named map[string]bool, whole bool, err error) {
	f, err := os.Open(filepath.Join(dir, badger.ManifestFilename))
	if os.IsNotExist(err) {
		return nil, false, nil // there must be no sound table then
	}
	if err != nil {
		return nil, false, err
	}
	defer f.Close()
	m, end, err := badger.ReplayManifestFile(f, 0, badgerOptions(dir, slog.New(slog.DiscardHandler)))
	if err != nil {
		return nil, false, fmt.Errorf("%w: %v", ErrCorrupt, err)
	}
	info, err := f.Stat()
	if err != nil {
		return nil, false, err
	}
	named = map[string]bool{}
	for id := range m.Tables { // order: a set
		named[tables.IDToFilename(id)] = true
	}
	return named, end == info.Size(), nil
}
