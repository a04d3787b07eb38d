package syscalls

import (
	"emurun/abi"
	"emurun/syscalls/kernel"
	"emurun/vfs"
	"emurun/vfs/socket"
)

// sending is one call of the send(2) family.
type sending struct {
	transfer
	s     *socket.Socket
	flags uint32
	out   socket.Outgoing
}

// newSending begins a call on fd.
func newSending(t *kernel.Thread, fd int32, flags uint32) (*sending, error) {
	s, f, err := socketOf(t, fd)
	if err != nil {
		return nil, err
	}
	x := &sending{transfer: transfer{t: t, f: f}, s: s, flags: flags}
	x.nowait = f.Flags&abi.O_NONBLOCK != 0 || flags&abi.MSG_DONTWAIT != 0
	x.out.Cred = ucred(t)
	if flags&abi.MSG_OOB != 0 {
		return nil, abi.EOPNOTSUPP
	}
	return x, nil
}

// address reads where a datagram goes.
func (x *sending) address(addr uint64, n int32) error {
	if addr == 0 {
		return nil
	}
	sa, err := readSockaddr(x.t, addr, n)
	if err != nil {
		return err
	}
	domain, kind := x.s.Kind()
	if kind != abi.SOCK_DGRAM {
		if domain == abi.AF_UNIX && kind == abi.SOCK_STREAM {
			return abi.EISCONN
		}
		return nil // ignored, send(2)
	}
	if err := sameFamily(x.s, &sa); err != nil {
		return err
	}
	x.out.To, err = destination(x.t, x.s, &sa)
	x.out.Addr = sa
	if err == nil && x.out.To == nil && domain == abi.AF_UNIX {
		err = abi.ECONNREFUSED
	}
	return err
}

// send sends what the vector holds.
func (x *sending) send() (uint64, error) {
	for done := x.t.Done(); ; {
		n := x.v.total - done
		if x.s.Stream() {
			n = min(n, chunk)
		}
		b := x.t.Kernel().Scratch(int(n))
		err := x.v.get(x.t, done, b)
		k := 0
		if err == nil {
			x.refs()
			if k, err = x.s.Send(b, x.out); err == nil {
				x.out.FDs = nil
			}
		}
		done += uint64(k)
		x.t.SetDone(done)
		if err != nil {
			x.unrefs()
			return x.fail(done, err)
		}
		if done == x.v.total {
			return done, nil
		}
	}
}

// refs takes the references that a message holds; unrefs gives them back when
// nothing was sent.
func (x *sending) refs() {
	for _, f := range x.out.FDs {
		f.Ref()
	}
}

func (x *sending) unrefs() {
	for _, f := range x.out.FDs {
		f.Unref()
	}
}

// fail ends a send that cannot go on; SIGPIPE is for connected sockets without
// MSG_NOSIGNAL.
func (x *sending) fail(done uint64, err error) (uint64, error) {
	if _, kind := x.s.Kind(); err == abi.EPIPE && (x.flags&abi.MSG_NOSIGNAL != 0 || kind == abi.SOCK_DGRAM) {
		if done > 0 {
			return done, nil
		}
		return 0, err
	}
	return x.stop(done, err, true)
}

// sendto implements sendto(2).
func sendto(t *kernel.Thread, a Args) (uint64, error) {
	x, err := newSending(t, a.Int(0), a.Uint(3))
	if err != nil {
		return 0, err
	}
	if err := x.address(a[4], a.Int(5)); err != nil {
		return 0, err
	}
	x.v = one(a[1], a[2])
	return x.send()
}

// readMsghdr reads a struct msghdr and its vectors.
func readMsghdr(t *kernel.Thread, addr uint64) (abi.Msghdr, vector, error) {
	var m abi.Msghdr
	var b [abi.MsghdrSize]byte
	if err := t.Read(b[:], addr); err != nil {
		return m, vector{}, err
	}
	m.Decode(b[:])
	if m.Iovlen > abi.IOV_MAX {
		return m, vector{}, abi.EMSGSIZE
	}
	v, err := readVector(t, m.Iov, m.Iovlen)
	return m, v, err
}

// sendmsg implements sendmsg(2).
func sendmsg(t *kernel.Thread, a Args) (uint64, error) { return sendOne(t, a.Int(0), a[1], a.Uint(2)) }

func sendOne(t *kernel.Thread, fd int32, addr uint64, flags uint32) (uint64, error) {
	x, err := newSending(t, fd, flags)
	if err != nil {
		return 0, err
	}
	m, v, err := readMsghdr(t, addr)
	if err != nil {
		return 0, err
	}
	x.v = v
	if err := x.address(m.Name, int32(m.Namelen)); err != nil {
		return 0, err
	}
	if x.t.Done() == 0 { // else the descriptors have gone already
		if err := x.control(m.Control, m.Controllen); err != nil {
			return 0, err
		}
	}
	return x.send()
}

// controlMax is the most ancillary data of a message.
const controlMax = 20480

// control reads the ancillary messages, unix(7).
func (x *sending) control(addr, n uint64) error {
	if n == 0 || addr == 0 {
		return nil
	}
	if n > controlMax {
		return abi.ENOBUFS
	}
	b := make([]byte, n)
	if err := x.t.Read(b, addr); err != nil {
		return err
	}
	for len(b) >= abi.CmsghdrSize {
		var c abi.Cmsghdr
		c.Decode(b)
		if c.Len < abi.CmsghdrSize || c.Len > uint64(len(b)) {
			return abi.EINVAL
		}
		if c.Level == abi.SOL_SOCKET {
			if err := x.ancillary(c.Type, b[abi.CmsghdrSize:c.Len]); err != nil {
				return err
			}
		}
		b = b[min(abi.CmsgAlign(int(c.Len)), len(b)):]
	}
	return nil
}

func (x *sending) ancillary(kind int32, data []byte) error {
	switch kind {
	case abi.SCM_RIGHTS:
		if len(data)/4 > abi.SCM_MAX_FD {
			return abi.EINVAL
		}
		for ; len(data) >= 4; data = data[4:] {
			f, err := x.t.File(int32(le.Uint32(data)))
			if err != nil {
				return err
			}
			x.out.FDs = append(x.out.FDs, f)
		}
	case abi.SCM_CREDENTIALS:
		if len(data) < abi.UcredSize {
			return abi.EINVAL
		}
		var u abi.Ucred
		u.Decode(data)
		c := &x.t.Proc.Cred
		own := u.PID == x.t.Proc.PID && (u.UID == c.RUID || u.UID == c.EUID || u.UID == c.SUID) && (u.GID == c.RGID || u.GID == c.EGID || u.GID == c.SGID)
		if !own && !c.Capable(abi.CAP_SYS_ADMIN) {
			return abi.EPERM
		}
		x.out.Cred = u
	default:
		return abi.EINVAL
	}
	return nil
}

// mmsghdrSize is the size of struct mmsghdr: a msghdr and the length sent.
const mmsghdrSize = abi.MsghdrSize + 8

// sendmmsg implements sendmmsg(2). It waits for the first message only.
func sendmmsg(t *kernel.Thread, a Args) (uint64, error) {
	n := min(a[2]&0xffffffff, abi.IOV_MAX)
	for i := range n {
		flags := a.Uint(3)
		if i > 0 {
			flags |= abi.MSG_DONTWAIT
		}
		addr := a[1] + i*mmsghdrSize
		sent, err := sendOne(t, a.Int(0), addr, flags)
		if err == nil {
			err = t.WriteU32(addr+abi.MsghdrSize, uint32(sent))
		}
		if err != nil && i > 0 && isErrno(err) {
			return i, nil
		}
		if err != nil {
			return 0, err
		}
		t.SetDone(0)
	}
	return n, nil
}

var _ vfs.File = (*socket.Socket)(nil)
