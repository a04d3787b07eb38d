package syscalls

import (
	"emurun/abi"
	"emurun/syscalls/kernel"
	"emurun/vfs/socket"
)

// receiving is one call of the recv(2) family.
type receiving struct {
	transfer
	s     *socket.Socket
	flags uint32
	got   socket.Received
}

// newReceiving begins a call on fd.
func newReceiving(t *kernel.Thread, fd int32, flags uint32) (*receiving, error) {
	s, f, err := socketOf(t, fd)
	if err != nil {
		return nil, err
	}
	x := &receiving{transfer: transfer{t: t, f: f}, s: s, flags: flags}
	x.nowait = f.Flags&abi.O_NONBLOCK != 0 || flags&abi.MSG_DONTWAIT != 0
	switch {
	case flags&abi.MSG_OOB != 0:
		return nil, abi.EINVAL
	case flags&abi.MSG_ERRQUEUE != 0:
		return nil, abi.EAGAIN
	}
	return x, nil
}

// receive fills the vector. With MSG_WAITALL a stream fills all of it, unless it
// ends or descriptors come in between.
func (x *receiving) receive() (uint64, error) {
	for done := x.t.Done(); ; {
		b := x.t.Kernel().Scratch(int(min(x.v.total-done, chunk)))
		if x.s.Stream() && len(b) == 0 {
			return done, nil
		}
		r, err := x.s.Receive(b, x.flags)
		if err == nil {
			err = x.v.put(x.t, done, b[:r.N])
		}
		if err != nil {
			x.t.SetDone(done)
			r.Drop()
			return x.stop(done, err, done > 0 || x.flags&abi.MSG_WAITALL != 0)
		}
		x.got = r
		done += uint64(r.N)
		all := x.flags&abi.MSG_WAITALL != 0 && x.flags&abi.MSG_PEEK == 0
		if !x.s.Stream() || !all || r.N == 0 || done == x.v.total || len(r.FDs) > 0 {
			return done, nil
		}
		x.t.SetDone(done)
	}
}

// length is what the call returns: with MSG_TRUNC all of a datagram.
func (x *receiving) length(n uint64) uint64 {
	if x.flags&abi.MSG_TRUNC != 0 && !x.s.Stream() {
		return uint64(x.got.Size)
	}
	return n
}

// sender is the address that recvfrom(2) tells; of a connected stream none.
func (x *receiving) sender() abi.Sockaddr {
	if _, kind := x.s.Kind(); kind != abi.SOCK_DGRAM {
		return abi.Sockaddr{}
	}
	return x.got.From
}

// recvfrom implements recvfrom(2).
func recvfrom(t *kernel.Thread, a Args) (uint64, error) {
	x, err := newReceiving(t, a.Int(0), a.Uint(3))
	if err != nil {
		return 0, err
	}
	x.v = one(a[1], a[2])
	n, err := x.receive()
	if err != nil {
		return 0, err
	}
	x.got.Drop()
	return x.length(n), giveSockaddr(t, x.sender(), a[4], a[5])
}

// recvmsg implements recvmsg(2).
func recvmsg(t *kernel.Thread, a Args) (uint64, error) { return recvOne(t, a.Int(0), a[1], a.Uint(2)) }

func recvOne(t *kernel.Thread, fd int32, addr uint64, flags uint32) (uint64, error) {
	x, err := newReceiving(t, fd, flags)
	if err != nil {
		return 0, err
	}
	m, v, err := readMsghdr(t, addr)
	if err != nil {
		return 0, err
	}
	x.v = v
	n, err := x.receive()
	if err != nil {
		return 0, err
	}
	defer x.got.Drop()
	out := m
	out.Flags = int32(flags & abi.MSG_CMSG_CLOEXEC)
	if !x.s.Stream() && x.got.Size > x.got.N {
		out.Flags |= abi.MSG_TRUNC
	}
	out.Namelen = 0
	if sa := x.sender(); m.Name != 0 && sa.Family != 0 {
		b := sa.Encode()
		out.Namelen = uint32(len(b))
		if err := t.Write(b[:min(len(b), int(m.Namelen))], m.Name); err != nil {
			return 0, err
		}
	}
	if err := x.giveControl(&m, &out); err != nil {
		return 0, err
	}
	var b [abi.MsghdrSize]byte
	out.Put(b[:])
	return x.length(n), t.Write(b[:], addr)
}

// giveControl writes the ancillary messages; what does not fit sets MSG_CTRUNC
// and is lost, descriptors are closed (unix(7)).
func (x *receiving) giveControl(m, out *abi.Msghdr) error {
	out.Controllen = 0
	room := m.Controllen
	if m.Control == 0 {
		room = 0
	}
	var buf []byte
	if x.s.PassesCred() {
		b := make([]byte, abi.UcredSize)
		x.got.Cred.Put(b)
		buf = x.cmsg(buf, room, abi.SCM_CREDENTIALS, b, out)
	}
	if len(x.got.FDs) > 0 {
		fit := max(0, (int(room)-len(buf)-abi.CmsghdrSize)/4)
		var b []byte
		for _, f := range x.got.FDs[:min(fit, len(x.got.FDs))] {
			fd, err := x.t.Proc.FDs.Install(f.Ref(), 0, x.t.Proc.Limits[abi.RLIMIT_NOFILE].Cur, x.flags&abi.MSG_CMSG_CLOEXEC != 0)
			if err != nil {
				f.Unref()
				break
			}
			b = le.AppendUint32(b, uint32(fd))
		}
		if len(b)/4 < len(x.got.FDs) {
			out.Flags |= abi.MSG_CTRUNC
		}
		if len(b) > 0 {
			buf = x.cmsg(buf, room, abi.SCM_RIGHTS, b, out)
		}
	}
	out.Controllen = min(uint64(len(buf)), room)
	return x.t.Write(buf[:out.Controllen], m.Control)
}

// cmsg appends an ancillary message if its head fits into room.
func (x *receiving) cmsg(buf []byte, room uint64, kind int32, data []byte, out *abi.Msghdr) []byte {
	if room < uint64(len(buf)+abi.CmsghdrSize+len(data)) {
		out.Flags |= abi.MSG_CTRUNC
		return buf
	}
	var h [abi.CmsghdrSize]byte
	(&abi.Cmsghdr{Len: uint64(abi.CmsghdrSize + len(data)), Level: abi.SOL_SOCKET, Type: kind}).Put(h[:])
	buf = append(append(buf, h[:]...), data...)
	for len(buf)%8 != 0 {
		buf = append(buf, 0)
	}
	return buf
}

// recvmmsg implements recvmmsg(2). It waits for every message, and with
// MSG_WAITFORONE for the first. The timeout is looked at after each message only
// (recvmmsg(2), BUGS), and what is left of it is written back.
func recvmmsg(t *kernel.Thread, a Args) (uint64, error) {
	ns, err := readTimespec(t, a[4])
	if err != nil {
		return 0, err
	}
	n, err := receiveMany(t, a, t.Deadline(ns))
	if err == nil && a[4] != 0 {
		giveRemaining(t, a[4], ns)
	}
	return n, err
}

// receiveMany receives messages until there are a[2] of them or the deadline has come.
func receiveMany(t *kernel.Thread, a Args, deadline int64) (uint64, error) {
	n := min(a[2]&0xffffffff, abi.IOV_MAX)
	for i := t.Items(); i < n; i++ {
		flags := a.Uint(3) &^ abi.MSG_WAITFORONE
		if i > 0 && a.Uint(3)&abi.MSG_WAITFORONE != 0 {
			flags |= abi.MSG_DONTWAIT
		}
		addr := a[1] + i*mmsghdrSize
		got, err := recvOne(t, a.Int(0), addr, flags)
		if err == nil {
			err = t.WriteU32(addr+abi.MsghdrSize, uint32(got))
		}
		if err != nil && i > 0 && isErrno(err) {
			return i, nil
		}
		if err != nil {
			return 0, err
		}
		t.NextItem()
		if t.Expired(deadline) {
			return i + 1, nil
		}
	}
	return n, nil
}
