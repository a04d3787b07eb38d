package kernel

import (
	"slices"

	"emurun/abi"
	"emurun/vfs"
)

// Signalfd takes pending signals as records, signalfd(2): those of the process
// that reads or waits, whoever made the descriptor. An epoll set wakes for signals of the
// process that added it.
type Signalfd struct {
	vfs.FileDefaults
	k    *Kernel
	Mask uint64
	// The processes whose queues it gave to those that wait: an epoll set keeps one even
	// when its process is gone.
	asked []*Process
}

// NewSignalfd returns a file that takes the signals of mask.
func (t *Thread) NewSignalfd(mask uint64) *Signalfd {
	return &Signalfd{k: t.k, Mask: mask}
}

// Queue implements vfs.File.
func (f *Signalfd) Queue() *vfs.Queue {
	t := f.k.Current()
	if t == nil {
		return new(vfs.Queue) // outside a call nobody waits
	}
	if !slices.Contains(f.asked, t.Proc) {
		f.asked = slices.DeleteFunc(f.asked, func(p *Process) bool { return p.state != alive && p.SigQueue.Empty() })
		f.asked = append(f.asked, t.Proc)
	}
	return &t.Proc.SigQueue
}

// Serves reports whether q is a queue that f gave to somebody.
func (f *Signalfd) Serves(q *vfs.Queue) bool {
	return slices.ContainsFunc(f.asked, func(p *Process) bool { return q == &p.SigQueue })
}

// Read implements vfs.File: as many records as fit.
func (f *Signalfd) Read(p []byte, _ int64) (int, error) {
	if len(p) < abi.SignalfdSiginfoSize {
		return 0, abi.EINVAL
	}
	t := f.k.Current()
	n := 0
	for t != nil && n+abi.SignalfdSiginfoSize <= len(p) {
		info, ok := t.DequeueSignal(f.Mask)
		if !ok {
			break
		}
		record(&info).Put(p[n:])
		n += abi.SignalfdSiginfoSize
	}
	if n == 0 {
		return 0, abi.EAGAIN
	}
	return n, nil
}

// Ready implements vfs.File.
func (f *Signalfd) Ready() uint32 {
	t := f.k.Current()
	if t != nil && t.PendingIn(f.Mask) {
		return abi.POLLIN
	}
	return 0
}

// record converts a signal's information.
func record(i *abi.Siginfo) *abi.SignalfdSiginfo {
	r := &abi.SignalfdSiginfo{Signo: uint32(i.Signo), Errno: i.Errno, Code: i.Code}
	switch {
	case i.Code == abi.SI_TIMER:
		r.TID, r.Overrun, r.Ptr, r.Int = uint32(i.TimerID()), uint32(i.Overrun()), i.Value(), int32(i.Value())
	case i.Code == abi.SI_KERNEL:
	case i.Code > 0 && (i.Signo == abi.SIGSEGV || i.Signo == abi.SIGBUS || i.Signo == abi.SIGILL || i.Signo == abi.SIGFPE || i.Signo == abi.SIGTRAP):
		r.Addr = i.Addr()
	case i.Signo == abi.SIGCHLD && i.Code > 0:
		r.PID, r.UID, r.Status, r.Utime, r.Stime = uint32(i.PID()), i.UID(), i.Status(), i.Utime(), i.Stime()
	default:
		r.PID, r.UID, r.Ptr, r.Int = uint32(i.PID()), i.UID(), i.Value(), int32(i.Value())
	}
	return r
}
