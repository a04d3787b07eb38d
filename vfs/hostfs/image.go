package hostfs

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"

	"emurun/vfs/tarfs"
)

// Image is a tar archive of the host as a file system.
type Image struct {
	*tarfs.FS
	f    *os.File
	size int64
}

// OpenImage opens a tar archive, plain or compressed by gzip, whose files get
// the device number dev. A compressed one is unpacked to a file in scratchDir that
// goes with the process; "" is the system's directory for temporary files.
func OpenImage(path, scratchDir string, dev uint64) (*Image, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	var magic [2]byte
	_, err = f.ReadAt(magic[:], 0)
	if err == nil && magic == [2]byte{0x1f, 0x8b} {
		packed := f
		f, err = unpack(packed, scratchDir)
		_ = packed.Close()
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	t, err := tarfs.New(f, size, dev)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), f.Close())
	}
	return &Image{t, f, size}, nil
}

// Archive returns the archive, unpacked, and its size in bytes. Several goroutines may read it.
func (i *Image) Archive() (io.ReaderAt, int64) { return i.f, i.size }

// Close gives the archive back.
func (i *Image) Close() { _ = i.f.Close() }

// unpack writes what a gzip file holds to a scratch file.
func unpack(packed *os.File, scratchDir string) (*os.File, error) {
	z, err := gzip.NewReader(bufio.NewReaderSize(packed, 1<<16))
	if err != nil {
		return nil, err
	}
	s := NewScratch(scratchDir)
	if err := s.open(); err != nil {
		return nil, err
	}
	if _, err := io.Copy(s.f, z); err != nil {
		s.Close()
		return nil, err
	}
	return s.f, nil
}
