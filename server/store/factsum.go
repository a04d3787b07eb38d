package store

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
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
	n, newest := 0, LSN(0)
	for e, err := range m.Scan("", "") {
		if err != nil {
			return nil, err
		}
		m.sum.toggle(e.Key, e.Version)
		newest = max(newest, e.Version)
		n++
	}
	if string(kept.Value) != string(m.sum[:]) {
		return fmt.Errorf("the %d facts in the database, up to batch %d, are not those that were committed up to batch %d", n, newest, m.last), nil
	}
	return nil, nil
}
