package syscalls

import (
	"errors"

	"emurun/abi"
	"emurun/syscalls/kernel"
	"emurun/vfs"
)

// chunk is how many bytes move between a file and memory at once.
const chunk = 1 << 18

// vector is the memory of readv(2) and its kin, in order.
type vector struct {
	iov   []abi.Iovec
	total uint64
}

// one is the vector of a single buffer. Linux moves at most MAX_RW_COUNT at once.
func one(addr, n uint64) vector {
	n = min(n, abi.MAX_RW_COUNT)
	return vector{[]abi.Iovec{{Base: addr, Len: n}}, n}
}

// readVector reads an array of struct iovec.
func readVector(t *kernel.Thread, addr uint64, n uint64) (vector, error) {
	var v vector
	if n > abi.IOV_MAX {
		return v, abi.EINVAL
	}
	b := make([]byte, n*abi.IovecSize)
	if err := t.Read(b, addr); err != nil {
		return v, err
	}
	v.iov = make([]abi.Iovec, n)
	for i := range v.iov {
		v.iov[i].Decode(b[i*abi.IovecSize:])
		if int64(v.iov[i].Len) < 0 {
			return v, abi.EINVAL
		}
		v.iov[i].Len = min(v.iov[i].Len, abi.MAX_RW_COUNT-v.total)
		v.total += v.iov[i].Len
	}
	return v, nil
}

// each calls f for the parts of memory that bytes off to off+n of v are in; f
// gets where its part lies within those bytes.
func (v *vector) each(off, n uint64, f func(addr, from, to uint64) error) error {
	done := uint64(0)
	for _, x := range v.iov {
		if off >= x.Len {
			off -= x.Len
			continue
		}
		k := min(x.Len-off, n-done)
		if k == 0 {
			return nil
		}
		if err := f(x.Base+off, done, done+k); err != nil {
			return err
		}
		done, off = done+k, 0
	}
	return nil
}

// put copies b to the memory of v from byte off on.
func (v *vector) put(t *kernel.Thread, off uint64, b []byte) error {
	return v.each(off, uint64(len(b)), func(addr, from, to uint64) error { return t.Write(b[from:to], addr) })
}

// get fills b from the memory of v from byte off on.
func (v *vector) get(t *kernel.Thread, off uint64, b []byte) error {
	return v.each(off, uint64(len(b)), func(addr, from, to uint64) error { return t.Read(b[from:to], addr) })
}

// transfer is one call of the read or write family: bytes between an open file
// and memory, at the file's position or, if at is set, at off.
type transfer struct {
	t      *kernel.Thread
	f      *vfs.OpenFile
	v      vector
	at     bool
	off    int64
	nowait bool // O_NONBLOCK, RWF_NOWAIT
	append bool // RWF_APPEND
}

// Caller is a file whose reading and writing depends on who calls: a terminal's
// job control. MayRead and MayWrite return nil to go on.
type Caller interface {
	MayRead(t *kernel.Thread) error
	MayWrite(t *kernel.Thread) error
}

// TimeLimited is a file that waits for a limited time: SO_RCVTIMEO and
// SO_SNDTIMEO of a socket, TIME of a terminal. Negative is no limit. When the time
// is up the call returns EAGAIN, or what a method TimedOut says.
type TimeLimited interface{ TimeoutsNs() (read, write int64) }

// read moves bytes from the file to memory.
func (x *transfer) read() (uint64, error) {
	if !x.f.Readable() {
		return 0, abi.EBADF
	}
	if c, ok := x.f.File.(Caller); ok {
		if err := c.MayRead(x.t); err != nil {
			return 0, err
		}
	}
	for done := uint64(0); ; {
		b := x.t.Kernel().Scratch(int(min(x.v.total-done, chunk)))
		n, err := x.readSome(b, done)
		if err == nil && n > 0 {
			err = x.v.put(x.t, done, b[:n])
		}
		if err != nil {
			return x.stop(done, err, false)
		}
		done += uint64(n)
		if n < len(b) || done == x.v.total || !x.f.File.Seekable() {
			return done, nil
		}
	}
}

func (x *transfer) readSome(b []byte, done uint64) (int, error) {
	if x.at {
		return x.f.Pread(b, x.off+int64(done))
	}
	return x.f.Read(b)
}

// write moves bytes from memory to the file. What a call that waits has moved
// already is in the thread.
func (x *transfer) write() (uint64, error) {
	if !x.f.Writable() {
		return 0, abi.EBADF
	}
	if c, ok := x.f.File.(Caller); ok {
		if err := c.MayWrite(x.t); err != nil {
			return 0, err
		}
	}
	if x.v.total > 0 && x.f.File.Seekable() {
		if err := x.t.VFS().RemovePrivs(x.f.Node); err != nil {
			return 0, err
		}
	}
	for done := x.t.Done(); ; {
		b := x.t.Kernel().Scratch(int(min(x.v.total-done, chunk)))
		err := x.v.get(x.t, done, b)
		if err == nil {
			b, err = x.limit(b, done)
		}
		n := 0
		if err == nil {
			n, err = x.writeSome(b, done)
		}
		done += uint64(n)
		x.t.SetDone(done)
		if err != nil {
			return x.stop(done, err, true)
		}
		if done == x.v.total || n == 0 || x.f.File.Seekable() && n < len(b) {
			return done, nil
		}
	}
}

func (x *transfer) writeSome(b []byte, done uint64) (int, error) {
	if x.append && !x.at {
		x.f.Flags |= abi.O_APPEND
		defer func() { x.f.Flags &^= abi.O_APPEND }()
	}
	if x.at {
		return x.f.Pwrite(b, x.off+int64(done))
	}
	return x.f.Write(b)
}

// limit cuts what is to be written at RLIMIT_FSIZE; where nothing remains the
// process gets SIGXFSZ, setrlimit(2).
func (x *transfer) limit(b []byte, done uint64) ([]byte, error) {
	max := x.t.Proc.Limits[abi.RLIMIT_FSIZE].Cur
	if max == abi.RLIM_INFINITY || !x.f.File.Seekable() || len(b) == 0 {
		return b, nil
	}
	pos := uint64(x.f.Pos)
	switch {
	case x.at:
		pos = uint64(x.off) + done
	case x.f.Flags&abi.O_APPEND != 0:
		a, err := x.f.Node.Attr()
		if err != nil {
			return nil, err
		}
		pos = uint64(a.Size)
	}
	if pos >= max {
		return nil, errors.Join(abi.EFBIG, x.t.Send(kernel.KernelInfo(abi.SIGXFSZ)))
	}
	return b[:min(uint64(len(b)), max-pos)], nil
}

// stop ends a transfer that cannot go on: with what it has moved, by waiting,
// or with the error.
func (x *transfer) stop(done uint64, err error, writing bool) (uint64, error) {
	if err == abi.EPIPE && writing {
		if serr := x.t.Send(kernel.KernelInfo(abi.SIGPIPE)); serr != nil {
			return 0, serr
		}
	}
	if err == abi.EAGAIN && !x.nowait && (done == 0 || writing) {
		err = x.wait(writing)
		if kernel.Parked(err) {
			return 0, err
		}
	}
	if done > 0 && isErrno(err) {
		return done, nil
	}
	return 0, err
}

// wait parks the thread until the file may be ready, or its time is up.
func (x *transfer) wait(writing bool) error {
	limit := int64(-1)
	if l, ok := x.f.File.(TimeLimited); ok {
		r, w := l.TimeoutsNs()
		if limit = r; writing {
			limit = w
		}
	}
	if limit < 0 {
		return x.t.Park(kernel.Forever, x.f.File.Queue())
	}
	deadline := x.t.Deadline(limit)
	if x.t.Expired(deadline) {
		if e, ok := x.f.File.(interface{ TimedOut() error }); ok {
			return e.TimedOut()
		}
		return abi.EAGAIN
	}
	return x.t.ParkOr(abi.EINTR, deadline, x.f.File.Queue())
}

func isErrno(err error) bool {
	var e abi.Errno
	return errors.As(err, &e)
}

// newTransfer begins a call on fd.
func newTransfer(t *kernel.Thread, fd int32) (*transfer, error) {
	f, err := t.File(fd)
	if err != nil {
		return nil, err
	}
	return &transfer{t: t, f: f, nowait: f.Flags&abi.O_NONBLOCK != 0}, nil
}

// read implements read(2).
func read(t *kernel.Thread, a Args) (uint64, error) {
	x, err := newTransfer(t, a.Int(0))
	if err != nil {
		return 0, err
	}
	x.v = one(a[1], a[2])
	return x.read()
}

// write implements write(2).
func write(t *kernel.Thread, a Args) (uint64, error) {
	x, err := newTransfer(t, a.Int(0))
	if err != nil {
		return 0, err
	}
	x.v = one(a[1], a[2])
	return x.write()
}

// positioned begins a call at offset off, which may not be negative.
func positioned(t *kernel.Thread, fd int32, off int64) (*transfer, error) {
	if off < 0 {
		return nil, abi.EINVAL
	}
	x, err := newTransfer(t, fd)
	if err != nil {
		return nil, err
	}
	if !x.f.File.Seekable() {
		return nil, abi.ESPIPE
	}
	x.at, x.off = true, off
	return x, nil
}

// pread64 implements pread(2).
func pread64(t *kernel.Thread, a Args) (uint64, error) {
	x, err := positioned(t, a.Int(0), a.Off(3))
	if err != nil {
		return 0, err
	}
	x.v = one(a[1], a[2])
	return x.read()
}

// pwrite64 implements pwrite(2).
func pwrite64(t *kernel.Thread, a Args) (uint64, error) {
	x, err := positioned(t, a.Int(0), a.Off(3))
	if err != nil {
		return 0, err
	}
	x.v = one(a[1], a[2])
	return x.write()
}

// vectored begins readv(2) or writev(2).
func vectored(t *kernel.Thread, a Args) (*transfer, error) {
	x, err := newTransfer(t, a.Int(0))
	if err != nil {
		return nil, err
	}
	x.v, err = readVector(t, a[1], a[2])
	return x, err
}

// readv implements readv(2).
func readv(t *kernel.Thread, a Args) (uint64, error) {
	x, err := vectored(t, a)
	if err != nil {
		return 0, err
	}
	return x.read()
}

// writev implements writev(2).
func writev(t *kernel.Thread, a Args) (uint64, error) {
	x, err := vectored(t, a)
	if err != nil {
		return 0, err
	}
	return x.write()
}

// vectoredAt begins preadv2(2) or pwritev2(2); offset -1 is the file's position.
func vectoredAt(t *kernel.Thread, a Args, flags uint32) (*transfer, error) {
	if flags&^(abi.RWF_HIPRI|abi.RWF_DSYNC|abi.RWF_SYNC|abi.RWF_NOWAIT|abi.RWF_APPEND) != 0 {
		return nil, abi.EOPNOTSUPP
	}
	var x *transfer
	var err error
	if a.Off(3) == -1 {
		x, err = newTransfer(t, a.Int(0))
	} else {
		x, err = positioned(t, a.Int(0), a.Off(3))
	}
	if err != nil {
		return nil, err
	}
	x.nowait = x.nowait || flags&abi.RWF_NOWAIT != 0
	x.append = flags&abi.RWF_APPEND != 0
	x.v, err = readVector(t, a[1], a[2])
	return x, err
}

// preadv implements preadv(2).
func preadv(t *kernel.Thread, a Args) (uint64, error) {
	if a.Off(3) < 0 {
		return 0, abi.EINVAL
	}
	a[5] = 0
	return preadv2(t, a)
}

// pwritev implements pwritev(2).
func pwritev(t *kernel.Thread, a Args) (uint64, error) {
	if a.Off(3) < 0 {
		return 0, abi.EINVAL
	}
	a[5] = 0
	return pwritev2(t, a)
}

// preadv2 implements preadv2(2).
func preadv2(t *kernel.Thread, a Args) (uint64, error) {
	x, err := vectoredAt(t, a, a.Uint(5))
	if err != nil {
		return 0, err
	}
	return x.read()
}

// pwritev2 implements pwritev2(2).
func pwritev2(t *kernel.Thread, a Args) (uint64, error) {
	x, err := vectoredAt(t, a, a.Uint(5))
	if err != nil {
		return 0, err
	}
	return x.write()
}
