package hostfs

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"strings"

	"emurun/vfs/commit"
)

// walMagic begins a write-ahead file; the last digit is its version.
const walMagic = "emurun commit 1\n"

// walSuffix ends the names of write-ahead files.
const walSuffix = ".commit"

// maxFrame bounds a frame of a write-ahead file.
const maxFrame = commit.MaxData + 1<<18

// castagnoli returns the table of the checksums. It is made at its first use: most runs
// write no such file.
func castagnoli() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) }

// wal is a write-ahead file: frames of a length, a checksum and an operation,
// of which the last is commit.End. Without that one the commit never began. The
// file is locked by who writes or applies it.
type wal struct {
	f   *os.File
	w   *bufio.Writer
	buf []byte
	n   int64 // operations
}

// ErrIncomplete is a write-ahead file that was not finished: its commit never began.
var ErrIncomplete = errors.New("incomplete write-ahead file")

// createWAL makes a write-ahead file in the state directory.
func createWAL(state string) (*wal, error) {
	if err := os.MkdirAll(state, 0o700); err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(state, "*"+walSuffix)
	if err != nil {
		return nil, err
	}
	if ok, err := lock(f); err != nil || !ok {
		return nil, errors.Join(err, f.Close(), errors.New("write-ahead file is locked"))
	}
	w := &wal{f: f, w: bufio.NewWriterSize(f, 1<<16)}
	_, err = w.w.WriteString(walMagic)
	return w, err
}

// tempMark is in all temporary names.
const tempMark = ".emurun-"

// prefix begins the temporary names of the commit: it is the same when it is
// applied again.
func (w *wal) prefix() string {
	return tempMark + strings.TrimSuffix(filepath.Base(w.f.Name()), walSuffix) + "-"
}

// add writes an operation.
func (w *wal) add(o *commit.Op) error {
	w.n++
	w.buf = o.Append(append(w.buf[:0], make([]byte, 8)...))
	binary.LittleEndian.PutUint32(w.buf, uint32(len(w.buf)-8))
	binary.LittleEndian.PutUint32(w.buf[4:], crc32.Checksum(w.buf[8:], castagnoli()))
	_, err := w.w.Write(w.buf)
	return err
}

// finish makes the file complete and durable: from here on the commit will happen.
func (w *wal) finish() error {
	if err := w.add(&commit.Op{Kind: commit.End, Size: w.n}); err != nil {
		return err
	}
	if err := w.w.Flush(); err != nil {
		return err
	}
	if !durable {
		return nil
	}
	if err := w.f.Sync(); err != nil {
		return err
	}
	return syncDir(filepath.Dir(w.f.Name()))
}

// remove deletes the file and lets it go. If the host loses power before that is
// on the disk, the commit is applied once more.
func (w *wal) remove() error { return removeLocked(w.f) }

// each reads the operations of a write-ahead file from its beginning. It returns
// ErrIncomplete if the end is missing or a checksum is wrong.
func each(f *os.File, do func(*commit.Op) error) error {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	r := bufio.NewReaderSize(f, 1<<16)
	magic := make([]byte, len(walMagic))
	if _, err := io.ReadFull(r, magic); err != nil || string(magic) != walMagic {
		return fmt.Errorf("%w: %q", ErrIncomplete, magic)
	}
	for n := int64(0); ; n++ {
		o, err := frame(r)
		switch {
		case err != nil:
			return err
		case o.Kind == commit.End && o.Size != n:
			return fmt.Errorf("%w: %d operations of %d", ErrIncomplete, n, o.Size)
		case o.Kind == commit.End:
			return nil
		}
		if err := do(&o); err != nil {
			return err
		}
	}
}

// frame reads one operation.
func frame(r io.Reader) (commit.Op, error) {
	var head [8]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return commit.Op{}, fmt.Errorf("%w: %v", ErrIncomplete, err)
	}
	n := binary.LittleEndian.Uint32(head[:])
	if n > maxFrame {
		return commit.Op{}, fmt.Errorf("%w: frame of %d bytes", ErrIncomplete, n)
	}
	p := make([]byte, n)
	if _, err := io.ReadFull(r, p); err != nil {
		return commit.Op{}, fmt.Errorf("%w: %v", ErrIncomplete, err)
	}
	if crc32.Checksum(p, castagnoli()) != binary.LittleEndian.Uint32(head[4:]) {
		return commit.Op{}, fmt.Errorf("%w: wrong checksum", ErrIncomplete)
	}
	o, err := commit.Decode(p)
	if err != nil {
		return o, fmt.Errorf("%w: %v", ErrIncomplete, err)
	}
	return o, nil
}

// syncDir makes the names in a directory durable, where the host can.
func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	_ = d.Sync() // not every system and file system knows it
	return d.Close()
}
