package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
)

// ackedFile remembers the newest batch that was acknowledged, beside the database. It is
// written without a sync, after the batch was synced: it is never ahead of a sound
// database, so where it is ahead, the database has lost batches. That is how a flipped bit
// in badger's write-ahead log shows, behind which badger drops everything without a word.
type ackedFile struct{ f *os.File }

const ackedSize = 8 + 4

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func openAcked(name string) (*ackedFile, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	return &ackedFile{f}, nil
}

// get returns what was set last; 0 if the file is empty or was torn by a power cut.
func (a *ackedFile) get() (LSN, error) {
	var p [ackedSize]byte
	n, err := a.f.ReadAt(p[:], 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, fmt.Errorf("read %s: %w", ackedName, err)
	}
	if n < ackedSize || crc32.Checksum(p[:8], castagnoli) != binary.LittleEndian.Uint32(p[8:]) {
		return 0, nil
	}
	return LSN(binary.LittleEndian.Uint64(p[:])), nil
}

func (a *ackedFile) set(n LSN) error {
	p := binary.LittleEndian.AppendUint64(nil, uint64(n))
	p = binary.LittleEndian.AppendUint32(p, crc32.Checksum(p, castagnoli))
	_, err := a.f.WriteAt(p, 0)
	return err
}

func (a *ackedFile) close() error { return a.f.Close() }
