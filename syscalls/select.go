package syscalls

import (
	"emurun/abi"
	"emurun/syscalls/kernel"
)

// What makes a file ready in each of the sets of select(2).
var selectEvents = [3]uint32{
	abi.POLLIN | abi.POLLRDNORM | abi.POLLRDBAND | abi.POLLHUP | abi.POLLERR,
	abi.POLLOUT | abi.POLLWRNORM | abi.POLLWRBAND | abi.POLLERR,
	abi.POLLPRI,
}

// fdSets are the three sets of one call of select(2).
type fdSets struct {
	n    int
	addr [3]uint64
	in   [3][]byte
	out  [3][]byte
}

// readSets reads the sets; files beyond the table do not exist and are dropped.
func readSets(t *kernel.Thread, a Args) (*fdSets, error) {
	n := int(a.Int(0))
	if n < 0 {
		return nil, abi.EINVAL
	}
	s := &fdSets{n: min(n, max(int(t.Proc.FDs.Len()), 64)), addr: [3]uint64{a[1], a[2], a[3]}}
	size := (s.n + 63) / 64 * 8
	for i, addr := range s.addr {
		s.in[i], s.out[i] = make([]byte, size), make([]byte, size)
		if addr == 0 {
			continue
		}
		if err := t.Read(s.in[i], addr); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// look fills in what is ready, and returns how many and the files to wait for.
func (s *fdSets) look(t *kernel.Thread) (ready uint64, w polling, err error) {
	for fd := range s.n {
		want := false
		for i := range s.in {
			want = want || s.in[i][fd/8]>>(fd%8)&1 != 0
		}
		if !want {
			continue
		}
		f, err := t.Proc.FDs.File(int32(fd))
		if err != nil || f.Flags&abi.O_PATH != 0 {
			return 0, w, abi.EBADF
		}
		w.add(f)
		ev := f.File.Ready()
		for i := range s.in {
			if s.in[i][fd/8]>>(fd%8)&1 != 0 && ev&selectEvents[i] != 0 {
				s.out[i][fd/8] |= 1 << (fd % 8)
				ready++
			}
		}
	}
	return ready, w, nil
}

func (s *fdSets) write(t *kernel.Thread) error {
	for i, addr := range s.addr {
		if addr == 0 {
			continue
		}
		if err := t.Write(s.out[i], addr); err != nil {
			return err
		}
	}
	return nil
}

// selectNs is select(2) with its timeout in ns; negative is none.
func selectNs(t *kernel.Thread, a Args, ns int64) (uint64, error) {
	s, err := readSets(t, a)
	if err != nil {
		return 0, err
	}
	ready, w, err := s.look(t)
	if err != nil {
		return 0, err
	}
	if ready == 0 && ns != 0 {
		deadline := t.Deadline(ns)
		if !t.Expired(deadline) {
			return 0, w.park(t, abi.ERESTARTNOHAND, deadline)
		}
	}
	return ready, s.write(t)
}

// selectFD implements select(2), which writes the time that remains.
func selectFD(t *kernel.Thread, a Args) (uint64, error) {
	ns := int64(-1)
	if a[4] != 0 {
		var b [abi.TimevalSize]byte
		if err := t.Read(b[:], a[4]); err != nil {
			return 0, err
		}
		var tv abi.Timeval
		tv.Decode(b[:])
		if tv.Sec < 0 || tv.Usec < 0 {
			return 0, abi.EINVAL
		}
		ns = abi.Timeval{Sec: tv.Sec + tv.Usec/1e6, Usec: tv.Usec % 1e6}.Ns()
	}
	ret, err := selectNs(t, a, ns)
	if err == nil && a[4] != 0 {
		var b [abi.TimevalSize]byte
		abi.TimevalOf(remaining(t, ns)).Put(b[:])
		_ = t.Write(b[:], a[4]) // a timeout in read-only memory is allowed
	}
	return ret, err
}

// pselect6 implements pselect(2): the last argument is a pair of the signal
// mask's address and size.
func pselect6(t *kernel.Thread, a Args) (uint64, error) {
	ns, err := readTimespec(t, a[4])
	if err != nil {
		return 0, err
	}
	if a[5] != 0 {
		var b [16]byte
		if err := t.Read(b[:], a[5]); err != nil {
			return 0, err
		}
		if err := tempMask(t, le.Uint64(b[:]), le.Uint64(b[8:])); err != nil {
			return 0, err
		}
	}
	ret, err := selectNs(t, a, ns)
	endMask(t, err)
	if err == nil {
		giveRemaining(t, a[4], ns)
	}
	return ret, err
}
