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
	"github.com/dgraph-io/badger/v4/y"
	"github.com/klauspost/compress/snappy"
	"google.golang.org/protobuf/proto"
)

// checkTables reads and compares every table of the database in dir before badger opens
// it. Badger 4.9.6 leaves out a table whose checksum is wrong and goes on, or
// dereferences nil in a goroutine of its own, and deletes the tables that a damaged
// MANIFEST does not name.
func checkTables(dir string) error {
	dir = filepath.Join(dir, metaDir)
	names, err := filepath.Glob(filepath.Join(dir, "*.sst"))
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := checkTable(name); err != nil {
			return fmt.Errorf("%s/%s: %w; emusrv restore makes a store from a backup", metaDir, filepath.Base(name), err)
		}
	}
	return checkManifest(dir, names)
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

// checkManifest tests that badger would not throw tables away because the list of them
// ends before its file does.
func checkManifest(dir string, tables []string) error {
	f, err := os.Open(filepath.Join(dir, badger.ManifestFilename))
	if os.IsNotExist(err) {
		if len(tables) > 0 {
			return fmt.Errorf("%s/%s is not there, and %d tables are: %w", metaDir, badger.ManifestFilename, len(tables), ErrCorrupt)
		}
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	m, end, err := badger.ReplayManifestFile(f, 0, badgerOptions(dir, slog.New(slog.DiscardHandler)))
	if err != nil {
		return fmt.Errorf("%s/%s: %w: %v", metaDir, badger.ManifestFilename, ErrCorrupt, err)
	}
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if end < info.Size() && len(m.Tables) != len(tables) {
		return fmt.Errorf("%s/%s: it makes sense up to byte %d of %d and names %d of %d tables: %w",
			metaDir, badger.ManifestFilename, end, info.Size(), len(m.Tables), len(tables), ErrCorrupt)
	}
	return nil
}
