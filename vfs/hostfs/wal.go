package hostfs

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"emurun/internal/crashpoint"
	"emurun/vfs/commit"
)

// walMagic begins a write-ahead file; what follows walFormat is its version.
const (
	walFormat = "emurun commit "
	walMagic  = walFormat + "2\n"
)

// walSuffix ends the names of complete write-ahead files, newSuffix of those that are being
// written.
const (
	walSuffix = ".commit"
	newSuffix = ".new"
)

// maxFrame bounds a frame of a write-ahead file.
const maxFrame = commit.MaxData + 1<<18

// castagnoli returns the table of the checksums. It is made at its first use: most runs
// write no such file.
func castagnoli() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) }

// wal is a write-ahead file: frames of a length, a checksum and an operation,
// of which the last is commit.End. Without that one the commit never began. The
// file is locked by who writes or applies it.
type wal struct {
	f    *os.File
	name string // its path
	w    *bufio.Writer
	buf  []byte
	n    int64 // operations
}

// ErrIncomplete is a write-ahead file that was not finished: its commit never began.
var ErrIncomplete = errors.New("incomplete write-ahead file")

// createWAL makes a write-ahead file in the state directory.
func createWAL(state string) (*wal, error) {
	if err := crashpoint.Reach("wal.create"); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(state, 0o700); err != nil {
		return nil, err
	}
	f, err := createLocked(state)
	if err != nil {
		return nil, err
	}
	w := &wal{f: f, name: f.Name(), w: bufio.NewWriterSize(tearable{f, "wal.write"}, 1<<18)}
	_, err = w.w.WriteString(walMagic)
	return w, err
}

// createLocked makes a file that Recover leaves alone while this process lives.
func createLocked(state string) (*os.File, error) {
	for {
		f, err := os.CreateTemp(state, "*"+newSuffix)
		if err != nil {
			return nil, err
		}
		ok, err := lock(f)
		if err != nil {
			return nil, errors.Join(err, removeLocked(f, f.Name()))
		}
		// A Recover that was faster has deleted it.
		if _, serr := os.Stat(f.Name()); ok && serr == nil {
			return f, nil
		}
		_ = f.Close()
	}
}

// tearable is a file whose writes come to a crash point.
type tearable struct {
	f     *os.File
	point string
}

// Write implements io.Writer.
func (t tearable) Write(p []byte) (int, error) {
	if err := crashpoint.Reach(t.point); err != nil {
		n := 0
		if errors.Is(err, crashpoint.ErrTorn) {
			n, _ = t.f.Write(p[:len(p)/2])
		}
		return n, err
	}
	return t.f.Write(p)
}

// tempMark is in all temporary names.
const tempMark = ".emurun-"

// TempPrefix begins the temporary names of one commit.
func TempPrefix() string { return tempMark + strconv.FormatUint(rand.Uint64(), 36) + "-" }

// prefix begins the temporary names of the commit: it is the same when it is
// applied again.
func (w *wal) prefix() string {
	return tempMark + strings.TrimSuffix(filepath.Base(w.f.Name()), newSuffix) + "-"
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

// finish makes the file complete and durable under the name given, or one of its own: from
// here on the commit will happen, if it has no owner.
func (w *wal) finish(name string) error {
	if err := w.add(&commit.Op{Kind: commit.End, Size: w.n}); err != nil {
		return err
	}
	if err := w.w.Flush(); err != nil {
		return err
	}
	if err := crashpoint.Reach("wal.sync"); err != nil {
		return err
	}
	if err := syncFile(w.f); err != nil {
		return err
	}
	if err := crashpoint.Reach("wal.rename"); err != nil {
		return err
	}
	if name == "" {
		name = strings.TrimSuffix(filepath.Base(w.name), newSuffix)
	}
	dir := filepath.Dir(w.name)
	path := filepath.Join(dir, name+walSuffix)
	f, err := renameLocked(w.f, w.name, path)
	if err != nil {
		return err
	}
	w.f, w.name = f, path
	if err := crashpoint.Reach("wal.syncdir"); err != nil {
		return err
	}
	return syncDir(dir)
}

// syncFile makes the content of a file durable.
func syncFile(f *os.File) error {
	if !durable {
		return nil
	}
	return f.Sync()
}

// remove deletes the file and lets it go. If the host loses power before that is
// on the disk, the commit is applied once more.
func (w *wal) remove() error {
	if err := crashpoint.Reach("wal.remove"); err != nil {
		return errors.Join(err, w.f.Close())
	}
	return removeLocked(w.f, w.name)
}

// each reads the operations of a write-ahead file from its beginning. It returns
// ErrIncomplete if the end is missing or a checksum is wrong.
func each(f *os.File, do func(*commit.Op) error) error {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	r := bufio.NewReaderSize(f, 1<<16)
	magic := make([]byte, len(walMagic))
	_, err := io.ReadFull(r, magic)
	switch {
	case err == nil && strings.HasPrefix(string(magic), walFormat) && string(magic) != walMagic:
		return fmt.Errorf("it begins with %q, not %q: use the emurun that wrote it", magic, walMagic)
	case err != nil || string(magic) != walMagic:
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
	if !durable {
		return nil
	}
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	_ = d.Sync() // not every system and file system knows it
	return d.Close()
}
