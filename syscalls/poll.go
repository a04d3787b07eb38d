package syscalls

import (
	"emurun/abi"
	"emurun/syscalls/kernel"
	"emurun/vfs"
)

// readTimespec reads a struct timespec as a number of ns; -1 for NULL.
func readTimespec(t *kernel.Thread, addr uint64) (int64, error) {
	if addr == 0 {
		return -1, nil
	}
	var b [abi.TimespecSize]byte
	if err := t.Read(b[:], addr); err != nil {
		return 0, err
	}
	var ts abi.Timespec
	ts.Decode(b[:])
	if !ts.Valid() {
		return 0, abi.EINVAL
	}
	return ts.Ns(), nil
}

// tempMask blocks the signals of the set at addr for the time of the call, as
// ppoll(2) does. NULL leaves the mask alone.
func tempMask(t *kernel.Thread, addr, size uint64) error {
	if addr == 0 {
		return nil
	}
	if size != 8 {
		return abi.EINVAL
	}
	m, err := t.ReadU64(addr)
	if err == nil {
		t.SuspendMask(m)
	}
	return err
}

// endMask ends a call under tempMask: the old mask is back unless the thread
// waits, or a signal handler is to run under the new one.
func endMask(t *kernel.Thread, err error) {
	if !kernel.Parked(err) && err != abi.ERESTARTNOHAND && err != abi.EINTR {
		t.EndSuspend()
	}
}

// pollNs waits for the files of an array of struct pollfd.
func pollNs(t *kernel.Thread, addr uint64, n uint32, ns int64, interrupted abi.Errno) (uint64, error) {
	if uint64(n) > t.Proc.Limits[abi.RLIMIT_NOFILE].Cur {
		return 0, abi.EINVAL
	}
	b := make([]byte, int(n)*abi.PollfdSize)
	if err := t.Read(b, addr); err != nil {
		return 0, err
	}
	ready := uint64(0)
	var w polling
	for i := range int(n) {
		var p abi.Pollfd
		p.Decode(b[i*abi.PollfdSize:])
		w.pollOne(t, &p)
		if p.Revents != 0 {
			ready++
		}
		p.Put(b[i*abi.PollfdSize:])
	}
	if ready == 0 && ns != 0 {
		deadline := t.Deadline(ns)
		if !t.Expired(deadline) {
			return 0, w.park(t, interrupted, deadline)
		}
	}
	return ready, t.Write(b, addr)
}

// polling is the files that a call waits for, and their queues.
type polling struct {
	files  []*vfs.OpenFile
	queues []*vfs.Queue
}

// add adds a file, if it has a queue.
func (w *polling) add(f *vfs.OpenFile) {
	if q := f.File.Queue(); q != nil {
		w.files, w.queues = append(w.files, f), append(w.queues, q)
	}
}

// park waits for all of them, whatever happens to their descriptors meanwhile.
func (w *polling) park(t *kernel.Thread, interrupted abi.Errno, deadline int64) error {
	err := t.ParkOr(interrupted, deadline, w.queues...)
	if kernel.Parked(err) {
		t.HoldPolled(w.files)
	}
	return err
}

// pollOne fills in what holds of one file and adds it to w.
func (w *polling) pollOne(t *kernel.Thread, p *abi.Pollfd) {
	p.Revents = 0
	if p.FD < 0 {
		return
	}
	f, err := t.Proc.FDs.File(p.FD) // at every run, as Linux does
	if err != nil || f.Flags&abi.O_PATH != 0 {
		p.Revents = abi.POLLNVAL
		return
	}
	p.Revents = uint16(f.File.Ready()) & (p.Events | abi.POLLERR | abi.POLLHUP)
	w.add(f)
}

// poll implements poll(2).
func poll(t *kernel.Thread, a Args) (uint64, error) {
	ns := int64(a.Int(2)) * 1e6
	return pollNs(t, a[0], a.Uint(1), ns, abi.ERESTARTRESTARTBLOCK)
}

// ppoll implements ppoll(2). The system call writes the time that remains.
func ppoll(t *kernel.Thread, a Args) (uint64, error) {
	ns, err := readTimespec(t, a[2])
	if err != nil {
		return 0, err
	}
	if err := tempMask(t, a[3], a[4]); err != nil {
		return 0, err
	}
	ret, err := pollNs(t, a[0], a.Uint(1), ns, abi.ERESTARTNOHAND)
	endMask(t, err)
	if err == nil {
		giveRemaining(t, a[2], ns)
	}
	return ret, err
}

// giveRemaining writes how much of a timeout is left. Like Linux it does not
// mind if it cannot.
func giveRemaining(t *kernel.Thread, addr uint64, ns int64) {
	if addr == 0 {
		return
	}
	var b [abi.TimespecSize]byte
	abi.TimespecOf(remaining(t, ns)).Put(b[:])
	_ = t.Write(b[:], addr) // a timeout in read-only memory is allowed
}

func remaining(t *kernel.Thread, ns int64) int64 {
	if ns <= 0 {
		return 0
	}
	return max(0, t.Deadline(ns)-t.Kernel().Now())
}
