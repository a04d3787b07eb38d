package anon

import (
	"encoding/binary"

	"emurun/abi"
)

// Eventfd is the counter of eventfd(2).
type Eventfd struct {
	kind
	count     uint64
	semaphore bool
}

// NewEventfd returns a counter; flags are those of eventfd2(2).
func NewEventfd(count uint64, flags uint32) *Eventfd {
	return &Eventfd{count: count, semaphore: flags&abi.EFD_SEMAPHORE != 0}
}

// eventfdMax is the largest count.
const eventfdMax = 1<<64 - 2

// Read implements vfs.File: it takes the count, or 1 of a semaphore.
func (e *Eventfd) Read(p []byte, _ int64) (int, error) {
	if len(p) < 8 {
		return 0, abi.EINVAL
	}
	if e.count == 0 {
		return 0, abi.EAGAIN
	}
	n := e.count
	if e.semaphore {
		n = 1
	}
	e.count -= n
	binary.LittleEndian.PutUint64(p, n)
	e.queue.WakeFor(abi.POLLOUT)
	return 8, nil
}

// Write implements vfs.File: it adds to the count unless that would overflow.
func (e *Eventfd) Write(p []byte, _ int64) (int, error) {
	if len(p) < 8 {
		return 0, abi.EINVAL
	}
	n := binary.LittleEndian.Uint64(p)
	switch {
	case n == 1<<64-1:
		return 0, abi.EINVAL
	case n > eventfdMax-e.count:
		return 0, abi.EAGAIN
	}
	e.count += n
	e.queue.WakeFor(abi.POLLIN)
	return 8, nil
}

// Ready implements vfs.File.
func (e *Eventfd) Ready() uint32 {
	var ev uint32
	if e.count > 0 {
		ev |= abi.POLLIN
	}
	if e.count < eventfdMax {
		ev |= abi.POLLOUT
	}
	return ev
}
