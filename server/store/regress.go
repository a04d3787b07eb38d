package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
)

// ErrRegressed says that the store lost batches that were acknowledged.
var ErrRegressed = errors.New("the store went backwards")

// regression is what is known of lost batches.
type regression struct{ lost atomic.Pointer[LSN] }

// Mark names a batch of a store: what a client was told, and may tell later.
type Mark struct {
	Store      string
	Generation uint64
	LSN        LSN
}

// String returns m as it travels.
func (m Mark) String() string { return fmt.Sprintf("%s/%d/%d", m.Store, m.Generation, m.LSN) }

// ParseMark reads what String writes.
func ParseMark(s string) (Mark, error) {
	f := strings.Split(s, "/")
	if len(f) != 3 || len(f[0]) > 64 {
		return Mark{}, fmt.Errorf("%q is no mark of a batch", s)
	}
	generation, err1 := strconv.ParseUint(f[1], 10, 64)
	lsn, err2 := strconv.ParseUint(f[2], 10, 64)
	return Mark{f[0], generation, LSN(lsn)}, errors.Join(err1, err2)
}

// Mark returns the mark of batch lsn of this store.
func (s *Store) Mark(lsn LSN) Mark { return Mark{s.id.ID, s.id.Generation, lsn} }

// Heard compares what a client was told with what is there.
func (s *Store) Heard(m Mark) {
	last := s.meta.Stats().Last
	if m.Generation > s.id.Generation { // an old copy was put back
		m.LSN = max(m.LSN, last+1)
	}
	if m.Store != s.id.ID || m.Generation < s.id.Generation || m.LSN <= last {
		return
	}
	s.regress(m.LSN, "a client was told of a batch that is not there")
}

// Regressed returns ErrRegressed, with the numbers, if the store lost batches.
func (s *Store) Regressed() error {
	lost := s.lost.Load()
	if lost == nil {
		return nil
	}
	return fmt.Errorf("%w: batch %d was acknowledged, the last one here is %d; restore a newer backup, or go on with --accept-regression",
		ErrRegressed, *lost, s.meta.Stats().Last)
}

// regress notes durably that batch lsn is lost.
func (s *Store) regress(lsn LSN, how string) {
	if old := s.lost.Load(); old != nil && *old >= lsn {
		return
	}
	s.lost.Store(&lsn)
	s.o.Log.Error("the store went backwards: writes are refused", "how", how, "acknowledged", lsn, "have", s.meta.Stats().Last)
	if err := writeSynced(filepath.Join(s.dir, regressedName), fmt.Appendln(nil, lsn)); err != nil {
		s.o.Log.Error("cannot note it", "err", err)
	}
}

// findRegression looks for lost batches when the store is opened.
func (s *Store) findRegression() error {
	lost, err := s.meta.acked.get()
	if err != nil {
		return err
	}
	p, err := os.ReadFile(filepath.Join(s.dir, regressedName))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if n, err := strconv.ParseUint(strings.TrimSpace(string(p)), 10, 64); err == nil {
		lost = max(lost, LSN(n))
	}
	if s.meta.lost != nil {
		s.o.Log.Error("facts are lost", "err", s.meta.lost)
		lost = max(lost, s.meta.Stats().Last+1)
	}
	if lost <= s.meta.Stats().Last {
		return nil
	}
	if s.o.AcceptRegression {
		return s.acceptRegression(lost)
	}
	s.regress(lost, "the last batch that was acknowledged is not there; a file "+metaDir+"/*.mem is damaged, or an old copy was put back")
	return nil
}

// acceptRegression begins a new generation behind what was lost, so that no number names
// two batches.
func (s *Store) acceptRegression(lost LSN) error {
	s.o.Log.Warn("going on with a store that went backwards", "acknowledged", lost, "have", s.meta.Stats().Last)
	s.id.Generation = max(s.id.Generation+1, uint64(s.o.Now().Unix())) // also above those of which we do not know
	p, err := json.Marshal(s.id)
	if err != nil {
		return err
	}
	s.meta.skipTo(lost)
	if _, err := s.meta.Commit(Batch{Put: []KV{{identityKey, p}}}); err != nil {
		return err
	}
	if err := os.Remove(filepath.Join(s.dir, regressedName)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return syncDir(s.dir)
}

// skipTo makes lsn the last number given. It is called before anything is committed.
func (m *badgerMeta) skipTo(lsn LSN) { m.last = lsn }
