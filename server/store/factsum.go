package store

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/dgraph-io/badger/v4"
)

// factSum is a sum of all facts: the exclusive or of a hash of each key and version. It
// is kept with the LSN and changes with each batch, so that a store notices on opening
// whether the database has lost facts, or has some again that were deleted.
type factSum [16]byte

// toggle adds or removes a key at a version; at 0 there is none.
func (s *factSum) toggle(key string, version LSN) {
	if version == 0 || key[0] == '!' {
		return
	}
	if strings.HasPrefix(key, packTable) {
		version = 1 // it is always the same; so its value need not be read
	}
	h := sha256.Sum256(binary.LittleEndian.AppendUint64([]byte(key), uint64(version)))
	for i := range s {
		s[i] ^= h[i]
	}
}

// checkFacts compares the sum of the facts that are there with the one that was kept. It
// returns why they differ, nil if they do not.
func (m *badgerMeta) checkFacts() (lost, err error) {
	kept, err := m.Get(lsnKey)
	if m.last == 0 { // nothing was committed
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	n, err := m.sumFacts()
	if err != nil {
		return nil, err
	}
	if string(kept.Value) != string(m.sum[:]) {
		return fmt.Errorf("the %d facts in the database are not those that were committed up to batch %d", n, m.last), nil
	}
	return nil, nil
}

// sumFacts adds up all facts, and counts them.
func (m *badgerMeta) sumFacts() (n int, err error) {
	err = m.db.View(func(txn *badger.Txn) error {
		o := badger.DefaultIteratorOptions
		o.PrefetchValues = false
		it := txn.NewIterator(o)
		defer it.Close()
		for it.Rewind(); it.Valid(); it.Next() {
			n++
			if key := string(it.Item().Key()); strings.HasPrefix(key, packTable) {
				m.sum.toggle(key, 1)
				continue
			}
			e, err := entryOf(it.Item())
			if err != nil {
				return err
			}
			m.sum.toggle(e.Key, e.Version)
		}
		return nil
	})
	return n, err
}
