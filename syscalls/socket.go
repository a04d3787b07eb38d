package syscalls

import (
	"emurun/abi"
	"emurun/syscalls/kernel"
	"emurun/vfs"
	"emurun/vfs/socket"
)

// ucred is the credentials that a thread's sockets show, unix(7).
func ucred(t *kernel.Thread) abi.Ucred {
	return abi.Ucred{PID: t.Proc.PID, UID: t.Proc.Cred.EUID, GID: t.Proc.Cred.EGID}
}

// socketOf returns the socket behind fd.
func socketOf(t *kernel.Thread, fd int32) (*socket.Socket, *vfs.OpenFile, error) {
	f, err := t.File(fd)
	if err != nil {
		return nil, nil, err
	}
	s, ok := f.File.(*socket.Socket)
	switch {
	case f.Flags&abi.O_PATH != 0:
		return nil, nil, abi.EBADF
	case !ok:
		return nil, nil, abi.ENOTSOCK
	}
	return s, f, nil
}

// newSocket makes a socket from the arguments of socket(2).
func newSocket(t *kernel.Thread, domain, kind, protocol int32) (*socket.Socket, error) {
	if kind&^(abi.SOCK_TYPE_MASK|abi.SOCK_CLOEXEC|abi.SOCK_NONBLOCK) != 0 {
		return nil, abi.EINVAL
	}
	switch kind &= abi.SOCK_TYPE_MASK; domain {
	case abi.AF_UNIX:
		if protocol != 0 && protocol != abi.AF_UNIX {
			return nil, abi.EPROTONOSUPPORT
		}
		if kind == abi.SOCK_RAW {
			kind = abi.SOCK_DGRAM
		}
		if kind != abi.SOCK_STREAM && kind != abi.SOCK_DGRAM && kind != abi.SOCK_SEQPACKET {
			return nil, abi.ESOCKTNOSUPPORT
		}
	case abi.AF_INET, abi.AF_INET6:
		want := map[int32]int32{abi.SOCK_STREAM: abi.IPPROTO_TCP, abi.SOCK_DGRAM: abi.IPPROTO_UDP}[kind]
		switch {
		case kind == abi.SOCK_RAW:
			return nil, abi.EPERM
		case want == 0:
			return nil, abi.ESOCKTNOSUPPORT
		case protocol != 0 && protocol != want:
			return nil, abi.EPROTONOSUPPORT
		}
		protocol = want
	default:
		return nil, abi.EAFNOSUPPORT
	}
	k := t.Kernel()
	return k.Net.New(k.Anon.NextInode(), domain, kind, protocol, ucred(t)), nil
}

// fileFlags are the status flags that SOCK_NONBLOCK asks for.
func fileFlags(kind uint32) uint32 { return kind & abi.SOCK_NONBLOCK }

// socketFD implements socket(2).
func socketFD(t *kernel.Thread, a Args) (uint64, error) {
	s, err := newSocket(t, a.Int(0), a.Int(1), a.Int(2))
	if err != nil {
		return 0, err
	}
	return install(t, s.OpenFile(fileFlags(a.Uint(1))), a.Uint(1)&abi.SOCK_CLOEXEC != 0)
}

// socketpair implements socketpair(2).
func socketpair(t *kernel.Thread, a Args) (uint64, error) {
	s, err := newSocket(t, a.Int(0), a.Int(1), a.Int(2))
	if err != nil {
		return 0, err
	}
	if a.Int(0) != abi.AF_UNIX {
		return 0, abi.EOPNOTSUPP
	}
	r, err := newSocket(t, a.Int(0), a.Int(1), a.Int(2))
	if err != nil {
		return 0, err
	}
	socket.Pair(s, r)
	flags := fileFlags(a.Uint(1))
	return installPair(t, s.OpenFile(flags), r.OpenFile(flags), a[3], a.Uint(1)&abi.SOCK_CLOEXEC != 0)
}

// readSockaddr reads an address of n bytes.
func readSockaddr(t *kernel.Thread, addr uint64, n int32) (abi.Sockaddr, error) {
	var sa abi.Sockaddr
	if n < 0 || n > abi.SockaddrMax {
		return sa, abi.EINVAL
	}
	b := make([]byte, n)
	if err := t.Read(b, addr); err != nil {
		return sa, err
	}
	return sa, sa.Decode(b)
}

// giveSockaddr writes an address and, to lenAddr, its full length; the buffer
// has the length that is there before.
func giveSockaddr(t *kernel.Thread, sa abi.Sockaddr, addr, lenAddr uint64) error {
	if addr == 0 {
		return nil
	}
	size, err := t.ReadU32(lenAddr)
	if err != nil {
		return err
	}
	if int32(size) < 0 {
		return abi.EINVAL
	}
	var b []byte
	if sa.Family != 0 {
		b = sa.Encode()
	}
	if err := t.WriteU32(lenAddr, uint32(len(b))); err != nil {
		return err
	}
	return t.Write(b[:min(len(b), int(size))], addr)
}

// sameFamily checks that an address belongs to the socket's family.
func sameFamily(s *socket.Socket, sa *abi.Sockaddr) error {
	domain, _ := s.Kind()
	if int32(sa.Family) != domain {
		if domain == abi.AF_UNIX {
			return abi.EINVAL
		}
		return abi.EAFNOSUPPORT
	}
	return nil
}

// bind implements bind(2).
func bind(t *kernel.Thread, a Args) (uint64, error) {
	s, _, err := socketOf(t, a.Int(0))
	if err != nil {
		return 0, err
	}
	sa, err := readSockaddr(t, a[1], a.Int(2))
	if err != nil {
		return 0, err
	}
	if err := sameFamily(s, &sa); err != nil {
		return 0, err
	}
	n := &t.Kernel().Net
	switch {
	case sa.Family != abi.AF_UNIX:
		return 0, n.BindPort(s, sa, t.Proc.Cred.Capable(abi.CAP_NET_BIND_SERVICE))
	case sa.Path == "" || sa.Path[0] == 0:
		return 0, n.BindAbstract(s, sa.Path)
	case s.Bound():
		return 0, abi.EINVAL
	}
	d, err := t.VFS().Mknod(nil, sa.Path, abi.S_IFSOCK|0o777, 0)
	if err == abi.EEXIST {
		err = abi.EADDRINUSE
	}
	if err != nil {
		return 0, err
	}
	at, err := d.Node.Attr()
	if err != nil {
		return 0, err
	}
	n.BindPath(s, sa.Path, &at)
	return 0, nil
}

// destination returns the socket that an address names. nil: nobody is there.
func destination(t *kernel.Thread, s *socket.Socket, sa *abi.Sockaddr) (*socket.Socket, error) {
	n := &t.Kernel().Net
	switch {
	case sa.Family != abi.AF_UNIX:
		return n.Find(s, sa)
	case sa.Path == "":
		return nil, abi.EINVAL
	case sa.Path[0] == 0:
		return n.Abstract(sa.Path), nil
	}
	c := t.VFS()
	d, err := c.Walk(nil, sa.Path, true)
	if err != nil {
		return nil, err
	}
	if err := c.MayAccess(d, vfs.MayWrite); err != nil {
		return nil, err
	}
	at, err := d.Node.Attr()
	return n.AtPath(&at), err
}

// connect implements connect(2).
func connect(t *kernel.Thread, a Args) (uint64, error) {
	s, f, err := socketOf(t, a.Int(0))
	if err != nil {
		return 0, err
	}
	sa, err := readSockaddr(t, a[1], a.Int(2))
	if err != nil {
		return 0, err
	}
	if sa.Family == abi.AF_UNSPEC {
		return 0, s.Disconnect()
	}
	if err := sameFamily(s, &sa); err != nil {
		return 0, err
	}
	to, err := destination(t, s, &sa)
	if err != nil {
		return 0, err
	}
	domain, kind := s.Kind()
	tcp := domain != abi.AF_UNIX && kind == abi.SOCK_STREAM
	later := tcp && f.Flags&abi.O_NONBLOCK != 0 && !s.Connected()
	if to == nil && (domain == abi.AF_UNIX || tcp) {
		if later {
			return 0, s.InProgress(abi.ECONNREFUSED)
		}
		return 0, abi.ECONNREFUSED
	}
	if domain != abi.AF_UNIX {
		if err := t.Kernel().Net.Autobind(s, &sa); err != nil {
			return 0, err
		}
	}
	q, err := s.Connect(to, sa, t.Kernel().Anon.NextInode(), ucred(t))
	if err == abi.EAGAIN && f.Flags&abi.O_NONBLOCK == 0 {
		return 0, t.Park(kernel.Forever, q)
	}
	if later && (err == nil || err == abi.ECONNREFUSED) {
		return 0, s.InProgress(err)
	}
	return 0, err
}

// listen implements listen(2).
func listen(t *kernel.Thread, a Args) (uint64, error) {
	s, _, err := socketOf(t, a.Int(0))
	if err != nil {
		return 0, err
	}
	return 0, s.Listen(a.Int(1), ucred(t))
}

// accept implements accept(2).
func accept(t *kernel.Thread, a Args) (uint64, error) {
	return accept4(t, Args{a[0], a[1], a[2], 0})
}

// accept4 implements accept4(2).
func accept4(t *kernel.Thread, a Args) (uint64, error) {
	flags := a.Uint(3)
	s, f, err := socketOf(t, a.Int(0))
	if err != nil {
		return 0, err
	}
	if flags&^(abi.SOCK_CLOEXEC|abi.SOCK_NONBLOCK) != 0 {
		return 0, abi.EINVAL
	}
	if !t.Proc.FDs.Room(t.Proc.Limits[abi.RLIMIT_NOFILE].Cur) {
		return 0, abi.EMFILE
	}
	c, err := s.Accept()
	if err == abi.EAGAIN {
		x := transfer{t: t, f: f}
		if f.Flags&abi.O_NONBLOCK != 0 {
			return 0, err
		}
		return 0, x.wait(false)
	}
	if err != nil {
		return 0, err
	}
	of := c.OpenFile(fileFlags(flags))
	peer, err := c.PeerName()
	if err == nil {
		err = giveSockaddr(t, peer, a[1], a[2])
	}
	if err != nil {
		of.Unref()
		return 0, err
	}
	return install(t, of, flags&abi.SOCK_CLOEXEC != 0)
}

// shutdown implements shutdown(2).
func shutdown(t *kernel.Thread, a Args) (uint64, error) {
	s, _, err := socketOf(t, a.Int(0))
	if err != nil {
		return 0, err
	}
	return 0, s.Shutdown(a.Int(1))
}

// getsockname implements getsockname(2).
func getsockname(t *kernel.Thread, a Args) (uint64, error) {
	s, _, err := socketOf(t, a.Int(0))
	if err != nil {
		return 0, err
	}
	return 0, giveSockaddr(t, s.Name(), a[1], a[2])
}

// getpeername implements getpeername(2).
func getpeername(t *kernel.Thread, a Args) (uint64, error) {
	s, _, err := socketOf(t, a.Int(0))
	if err != nil {
		return 0, err
	}
	sa, err := s.PeerName()
	if err != nil {
		return 0, err
	}
	return 0, giveSockaddr(t, sa, a[1], a[2])
}

// optionMax is the longest value that setsockopt(2) looks at.
const optionMax = 256

// setsockopt implements setsockopt(2).
func setsockopt(t *kernel.Thread, a Args) (uint64, error) {
	s, _, err := socketOf(t, a.Int(0))
	if err != nil {
		return 0, err
	}
	if a.Int(4) < 0 {
		return 0, abi.EINVAL
	}
	b := make([]byte, min(a.Int(4), optionMax))
	if err := t.Read(b, a[3]); err != nil {
		return 0, err
	}
	return 0, s.SetOption(a.Int(1), a.Int(2), b)
}

// getsockopt implements getsockopt(2).
func getsockopt(t *kernel.Thread, a Args) (uint64, error) {
	s, _, err := socketOf(t, a.Int(0))
	if err != nil {
		return 0, err
	}
	size, err := t.ReadU32(a[4])
	if err != nil {
		return 0, err
	}
	if int32(size) < 0 {
		return 0, abi.EINVAL
	}
	b, err := s.Option(a.Int(1), a.Int(2))
	if err != nil {
		return 0, err
	}
	b = b[:min(len(b), int(size))]
	if err := t.WriteU32(a[4], uint32(len(b))); err != nil {
		return 0, err
	}
	return 0, t.Write(b, a[3])
}
