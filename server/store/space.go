package store

import (
	"errors"
	"fmt"
	"sync"
	"time"
)

// ErrDiskFull says that so little of the disk is free that nothing is written: badger's
// files are mapped, and a full disk is not an error there but a SIGBUS.
var ErrDiskFull = errors.New("disk full")

// How much of a disk stays free: a share, but at least an amount.
const (
	freeShare = 20 // a twentieth
	freeBytes = 4 << 30
)

// space watches the free space of a file system.
type space struct {
	dir     string
	reserve uint64 // 0 for the default
	now     func() time.Time

	mu    sync.Mutex
	asked time.Time
	free  uint64
	total uint64
}

// check returns ErrDiskFull if n bytes more would leave too little.
func (s *space) check(n int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := s.now(); s.asked.IsZero() || now.Sub(s.asked) > time.Second || now.Before(s.asked) {
		free, total, err := diskSpace(s.dir)
		if err != nil {
			return err
		}
		s.free, s.total, s.asked = free, total, now
	}
	reserve := s.reserve
	if reserve == 0 {
		reserve = max(s.total/freeShare, freeBytes)
	}
	if s.free < reserve+uint64(n) {
		return fmt.Errorf("%d MiB are free, %d MiB must stay so: %w", s.free>>20, reserve>>20, ErrDiskFull)
	}
	s.free -= uint64(n)
	return nil
}

// Free returns the bytes that were free when last asked.
func (s *space) Free() (free, total uint64) {
	s.check(0)
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.free, s.total
}
