package syscalls

import (
	"emurun/abi"
	"emurun/syscalls/kernel"
	"emurun/vfs/anon"
)

// epollCreate implements epoll_create(2).
func epollCreate(t *kernel.Thread, a Args) (uint64, error) {
	if a.Int(0) <= 0 {
		return 0, abi.EINVAL
	}
	return epollCreate1(t, Args{})
}

// epollCreate1 implements epoll_create1(2).
func epollCreate1(t *kernel.Thread, a Args) (uint64, error) {
	if a.Uint(0)&^abi.EPOLL_CLOEXEC != 0 {
		return 0, abi.EINVAL
	}
	f := t.Kernel().Anon.Open(anon.NewEpoll(), "[eventpoll]", abi.O_RDWR)
	return install(t, f, a.Uint(0)&abi.EPOLL_CLOEXEC != 0)
}

// epollSet returns the epoll set behind fd.
func epollSet(t *kernel.Thread, fd int32) (*anon.Epoll, error) {
	f, err := t.File(fd)
	if err != nil {
		return nil, err
	}
	e, ok := f.File.(*anon.Epoll)
	if !ok {
		return nil, abi.EINVAL
	}
	return e, nil
}

// epollCtl implements epoll_ctl(2).
func epollCtl(t *kernel.Thread, a Args) (uint64, error) {
	op := a.Int(1)
	var ev abi.EpollEvent
	if op != abi.EPOLL_CTL_DEL {
		var b [abi.EpollEventSize]byte
		if err := t.Read(b[:], a[3]); err != nil {
			return 0, err
		}
		ev.Decode(b[:])
	}
	if _, err := t.File(a.Int(0)); err != nil {
		return 0, err
	}
	f, err := t.File(a.Int(2))
	if err != nil {
		return 0, err
	}
	if f.File.Queue() == nil {
		return 0, abi.EPERM
	}
	e, err := epollSet(t, a.Int(0))
	if err != nil {
		return 0, err
	}
	if f.File == e {
		return 0, abi.EINVAL
	}
	switch op {
	case abi.EPOLL_CTL_ADD:
		return 0, e.Add(a.Int(2), f, ev)
	case abi.EPOLL_CTL_MOD:
		return 0, e.Modify(a.Int(2), f, ev)
	case abi.EPOLL_CTL_DEL:
		return 0, e.Delete(a.Int(2), f)
	}
	return 0, abi.EINVAL
}

// epollMaxEvents is the largest maxevents of epoll_wait(2).
const epollMaxEvents = (1<<31 - 1) / abi.EpollEventSize

func epollNs(t *kernel.Thread, a Args, ns int64) (uint64, error) {
	limit := a.Int(2)
	if limit <= 0 || limit > epollMaxEvents {
		return 0, abi.EINVAL
	}
	e, err := epollSet(t, a.Int(0))
	if err != nil {
		return 0, err
	}
	evs := e.Take(int(limit))
	if len(evs) == 0 {
		if ns == 0 {
			return 0, nil
		}
		deadline := t.Deadline(ns)
		if t.Expired(deadline) {
			return 0, nil
		}
		return 0, t.ParkOr(abi.EINTR, deadline, e.Queue())
	}
	b := make([]byte, len(evs)*abi.EpollEventSize)
	for i := range evs {
		evs[i].Put(b[i*abi.EpollEventSize:])
	}
	return uint64(len(evs)), t.Write(b, a[1])
}

// epollWait implements epoll_wait(2).
func epollWait(t *kernel.Thread, a Args) (uint64, error) {
	return epollNs(t, a, int64(a.Int(3))*1e6)
}

// epollPwait implements epoll_pwait(2).
func epollPwait(t *kernel.Thread, a Args) (uint64, error) {
	if err := tempMask(t, a[4], a[5]); err != nil {
		return 0, err
	}
	ret, err := epollNs(t, a, int64(a.Int(3))*1e6)
	endMask(t, err)
	return ret, err
}

// epollPwait2 implements epoll_pwait2(2).
func epollPwait2(t *kernel.Thread, a Args) (uint64, error) {
	ns, err := readTimespec(t, a[3])
	if err != nil {
		return 0, err
	}
	if err := tempMask(t, a[4], a[5]); err != nil {
		return 0, err
	}
	ret, err := epollNs(t, a, ns)
	endMask(t, err)
	return ret, err
}
