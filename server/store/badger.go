package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"strings"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"
)

// badgerOptions are the options of the database in dir. TestOptions holds them.
func badgerOptions(dir string, log *slog.Logger) badger.Options {
	return badger.DefaultOptions(dir).
		// An acknowledged batch survives a power cut. False is the default.
		WithSyncWrites(true).
		// With values of at most 64 KiB nothing reaches the value log, which drops the
		// errors of its fsyncs and frees nothing of what was deleted.
		WithValueThreshold(1 << 20).
		// A key's older values are of no use to us.
		WithNumVersionsToKeep(1).
		// One goroutine commits, so there are none.
		WithDetectConflicts(false).
		// A write-ahead log of this size is replayed on opening, and bounds a transaction.
		WithMemTableSize(64 << 20).
		// One that is filled, one that is written out, one in reserve: bounds the memory.
		WithNumMemtables(3).
		// Without these, all indexes stay in memory, and a block is read again each time.
		WithIndexCacheSize(64 << 20).
		WithBlockCacheSize(64 << 20).
		// A flipped bit is an error, on opening and on reading.
		WithChecksumVerificationMode(options.OnTableAndBlockRead).
		// A server that was shut down starts without work.
		WithCompactL0OnClose(true).
		WithLogger(badgerLog{log})
}

// badgerLog hands badger's log to slog.
type badgerLog struct{ log *slog.Logger }

func (l badgerLog) text(format string, args []any) string {
	return strings.TrimSpace(fmt.Sprintf(format, args...))
}
func (l badgerLog) Errorf(f string, a ...any)   { l.log.Error(l.text(f, a), "from", "badger") }
func (l badgerLog) Warningf(f string, a ...any) { l.log.Warn(l.text(f, a), "from", "badger") }
func (l badgerLog) Infof(f string, a ...any)    { l.log.Debug(l.text(f, a), "from", "badger") }
func (l badgerLog) Debugf(f string, a ...any)   { l.log.Debug(l.text(f, a), "from", "badger") }

// envelope is what stands before each value: the LSN of its batch.
const envelope = 8

// reader reads from one transaction.
type reader struct{ txn *badger.Txn }

// Get implements Reader.
func (r reader) Get(key string) (Entry, error) {
	item, err := r.txn.Get([]byte(key))
	if errors.Is(err, badger.ErrKeyNotFound) {
		return Entry{}, fmt.Errorf("%q: %w", key, ErrNotFound)
	}
	if err != nil {
		return Entry{}, damaged(err)
	}
	return entryOf(item)
}

// Scan implements Reader.
func (r reader) Scan(prefix, from string) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		o := badger.DefaultIteratorOptions
		o.Prefix = []byte(prefix)
		it := r.txn.NewIterator(o)
		defer it.Close()
		for it.Seek([]byte(max(prefix, from))); it.Valid(); it.Next() {
			if e, err := entryOf(it.Item()); !yield(e, err) || err != nil {
				return
			}
		}
	}
}

func entryOf(item *badger.Item) (Entry, error) {
	p, err := item.ValueCopy(nil)
	if err != nil {
		return Entry{}, damaged(err)
	}
	if len(p) < envelope {
		return Entry{}, damaged(fmt.Errorf("%q has a value of %d bytes", item.Key(), len(p)))
	}
	return Entry{string(item.Key()), p[envelope:], LSN(binary.LittleEndian.Uint64(p))}, nil
}

// damaged says that the database cannot be read.
func damaged(err error) error { return fmt.Errorf("meta: %w: %v", ErrCorrupt, err) }

// View implements Meta.
func (m *badgerMeta) View(f func(Reader) error) error {
	return m.db.View(func(txn *badger.Txn) error { return f(reader{txn}) })
}

// Get implements Reader.
func (m *badgerMeta) Get(key string) (Entry, error) {
	var e Entry
	err := m.View(func(r Reader) (err error) {
		e, err = r.Get(key)
		return err
	})
	return e, err
}

// Scan implements Reader.
func (m *badgerMeta) Scan(prefix, from string) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		txn := m.db.NewTransaction(false)
		defer txn.Discard()
		reader{txn}.Scan(prefix, from)(yield)
	}
}
