package abi

import (
	"bytes"
	"encoding/binary"
)

// Address families of socket(2).
const (
	AF_UNSPEC  = 0
	AF_UNIX    = 1
	AF_INET    = 2
	AF_AX25    = 3
	AF_INET6   = 10
	AF_NETLINK = 16
	AF_PACKET  = 17
	AF_ALG     = 38
	AF_VSOCK   = 40
)

// Types and flags of socket(2).
const (
	SOCK_STREAM    = 0x1
	SOCK_DGRAM     = 0x2
	SOCK_RAW       = 0x3
	SOCK_RDM       = 0x4
	SOCK_SEQPACKET = 0x5
	SOCK_TYPE_MASK = 0xf
	SOCK_CLOEXEC   = 0x80000
	SOCK_NONBLOCK  = 0x800
)

// Protocols of ip(7).
const (
	IPPROTO_IP     = 0
	IPPROTO_ICMP   = 1
	IPPROTO_TCP    = 6
	IPPROTO_UDP    = 17
	IPPROTO_IPV6   = 41
	IPPROTO_ICMPV6 = 58
	IPPROTO_RAW    = 255
)

// How to shutdown(2).
const (
	SHUT_RD   = 0
	SHUT_WR   = 1
	SHUT_RDWR = 2
)

// Flags of send(2) and recv(2).
const (
	MSG_OOB          = 0x1
	MSG_PEEK         = 0x2
	MSG_DONTROUTE    = 0x4
	MSG_CTRUNC       = 0x8
	MSG_TRUNC        = 0x20
	MSG_DONTWAIT     = 0x40
	MSG_EOR          = 0x80
	MSG_WAITALL      = 0x100
	MSG_FIN          = 0x200
	MSG_SYN          = 0x400
	MSG_CONFIRM      = 0x800
	MSG_RST          = 0x1000
	MSG_ERRQUEUE     = 0x2000
	MSG_NOSIGNAL     = 0x4000
	MSG_MORE         = 0x8000
	MSG_WAITFORONE   = 0x10000
	MSG_FASTOPEN     = 0x20000000
	MSG_CMSG_CLOEXEC = 0x40000000
)

// Levels of getsockopt(2).
const (
	SOL_SOCKET = 1
	SOL_IP     = 0
	SOL_TCP    = 6
	SOL_UDP    = 17
	SOL_IPV6   = 41
)

// Options at level SOL_SOCKET, socket(7).
const (
	SO_DEBUG         = 1
	SO_REUSEADDR     = 2
	SO_TYPE          = 3
	SO_ERROR         = 4
	SO_DONTROUTE     = 5
	SO_BROADCAST     = 6
	SO_SNDBUF        = 7
	SO_RCVBUF        = 8
	SO_KEEPALIVE     = 9
	SO_OOBINLINE     = 10
	SO_NO_CHECK      = 11
	SO_PRIORITY      = 12
	SO_LINGER        = 13
	SO_BSDCOMPAT     = 14
	SO_REUSEPORT     = 15
	SO_PASSCRED      = 16
	SO_PEERCRED      = 17
	SO_RCVLOWAT      = 18
	SO_SNDLOWAT      = 19
	SO_RCVTIMEO      = 20
	SO_SNDTIMEO      = 21
	SO_BINDTODEVICE  = 25
	SO_ATTACH_FILTER = 26
	SO_DETACH_FILTER = 27
	SO_PEERNAME      = 28
	SO_TIMESTAMP     = 29
	SO_ACCEPTCONN    = 30
	SO_PEERSEC       = 31
	SO_SNDBUFFORCE   = 32
	SO_RCVBUFFORCE   = 33
	SO_PASSSEC       = 34
	SO_TIMESTAMPNS   = 35
	SO_MARK          = 36
	SO_TIMESTAMPING  = 37
	SO_PROTOCOL      = 38
	SO_DOMAIN        = 39
	SO_RXQ_OVFL      = 40
	SO_PEEK_OFF      = 42
	SO_BUSY_POLL     = 46
	SO_INCOMING_CPU  = 49
	SO_COOKIE        = 57
	SO_PEERGROUPS    = 59
	SO_ZEROCOPY      = 60
)

// Options at level IPPROTO_TCP, tcp(7).
const (
	TCP_NODELAY      = 1
	TCP_MAXSEG       = 2
	TCP_CORK         = 3
	TCP_KEEPIDLE     = 4
	TCP_KEEPINTVL    = 5
	TCP_KEEPCNT      = 6
	TCP_SYNCNT       = 7
	TCP_LINGER2      = 8
	TCP_DEFER_ACCEPT = 9
	TCP_WINDOW_CLAMP = 10
	TCP_INFO         = 11
	TCP_QUICKACK     = 12
	TCP_CONGESTION   = 13
	TCP_USER_TIMEOUT = 18
	TCP_FASTOPEN     = 23
)

// Options at level IPPROTO_IP and IPPROTO_IPV6, ip(7) and ipv6(7).
const (
	IP_TOS            = 1
	IP_TTL            = 2
	IP_PKTINFO        = 8
	IP_RECVERR        = 11
	IP_RECVTTL        = 12
	IP_MTU_DISCOVER   = 10
	IP_MULTICAST_TTL  = 33
	IP_MULTICAST_LOOP = 34
	IPV6_V6ONLY       = 26
	IPV6_RECVPKTINFO  = 49
	IPV6_UNICAST_HOPS = 16
	IPV6_TCLASS       = 67
)

// Ancillary messages of unix(7).
const (
	SCM_RIGHTS      = 1
	SCM_CREDENTIALS = 2
)

// Limits of listen(2), unix(7) and cmsg(3).
const (
	SOMAXCONN  = 4096
	SCM_MAX_FD = 253
)

// Msghdr is struct msghdr, recvmsg(2).
type Msghdr struct {
	Name       uint64
	Namelen    uint32
	Iov        uint64
	Iovlen     uint64
	Control    uint64
	Controllen uint64
	Flags      int32
}

// MsghdrSize is the size of Msghdr in memory.
const MsghdrSize = 56

// Put writes s to p.
func (s *Msghdr) Put(p []byte) {
	clear(p[:MsghdrSize])
	le.PutUint64(p[0:], s.Name)
	le.PutUint32(p[8:], s.Namelen)
	le.PutUint64(p[16:], s.Iov)
	le.PutUint64(p[24:], s.Iovlen)
	le.PutUint64(p[32:], s.Control)
	le.PutUint64(p[40:], s.Controllen)
	le.PutUint32(p[48:], uint32(s.Flags))
}

// Decode reads s from p.
func (s *Msghdr) Decode(p []byte) {
	s.Name = le.Uint64(p[0:])
	s.Namelen = le.Uint32(p[8:])
	s.Iov = le.Uint64(p[16:])
	s.Iovlen = le.Uint64(p[24:])
	s.Control = le.Uint64(p[32:])
	s.Controllen = le.Uint64(p[40:])
	s.Flags = int32(le.Uint32(p[48:]))
}

// Cmsghdr is struct cmsghdr, cmsg(3); the data follows.
type Cmsghdr struct {
	Len   uint64
	Level int32
	Type  int32
}

// CmsghdrSize is the size of Cmsghdr in memory.
const CmsghdrSize = 16

// Put writes s to p.
func (s *Cmsghdr) Put(p []byte) {
	clear(p[:CmsghdrSize])
	le.PutUint64(p[0:], s.Len)
	le.PutUint32(p[8:], uint32(s.Level))
	le.PutUint32(p[12:], uint32(s.Type))
}

// Decode reads s from p.
func (s *Cmsghdr) Decode(p []byte) {
	s.Len = le.Uint64(p[0:])
	s.Level = int32(le.Uint32(p[8:]))
	s.Type = int32(le.Uint32(p[12:]))
}

// Ucred is struct ucred, unix(7).
type Ucred struct {
	PID int32
	UID uint32
	GID uint32
}

// UcredSize is the size of Ucred in memory.
const UcredSize = 12

// Put writes s to p.
func (s *Ucred) Put(p []byte) {
	clear(p[:UcredSize])
	le.PutUint32(p[0:], uint32(s.PID))
	le.PutUint32(p[4:], s.UID)
	le.PutUint32(p[8:], s.GID)
}

// Decode reads s from p.
func (s *Ucred) Decode(p []byte) {
	s.PID = int32(le.Uint32(p[0:]))
	s.UID = le.Uint32(p[4:])
	s.GID = le.Uint32(p[8:])
}

// Linger is struct linger, socket(7).
type Linger struct {
	OnOff  int32
	Linger int32
}

// LingerSize is the size of Linger in memory.
const LingerSize = 8

// Put writes s to p.
func (s *Linger) Put(p []byte) {
	clear(p[:LingerSize])
	le.PutUint32(p[0:], uint32(s.OnOff))
	le.PutUint32(p[4:], uint32(s.Linger))
}

// Decode reads s from p.
func (s *Linger) Decode(p []byte) {
	s.OnOff = int32(le.Uint32(p[0:]))
	s.Linger = int32(le.Uint32(p[4:]))
}

// Sizes of the address structures.
const (
	SockaddrUnSize  = 110
	SockaddrInSize  = 16
	SockaddrIn6Size = 28
	SockaddrMax     = 128 // struct sockaddr_storage
)

// Sockaddr is any socket address: of unix(7), ip(7) or ipv6(7).
type Sockaddr struct {
	Family uint16
	Path   string // AF_UNIX: file name, or "\x00" and an abstract name; empty when unnamed
	Addr   [16]byte
	Port   uint16
	Flow   uint32
	Scope  uint32
}

// Encode returns the address as the program sees it: the family alone when unnamed.
func (s *Sockaddr) Encode() []byte {
	p := le.AppendUint16(nil, s.Family)
	switch s.Family {
	case AF_UNIX:
		p = append(p, s.Path...)
		if s.Path != "" && s.Path[0] != 0 {
			p = append(p, 0)
		}
	case AF_INET:
		p = append(p, byte(s.Port>>8), byte(s.Port))
		p = append(p, s.Addr[:4]...)
		p = append(p, make([]byte, 8)...)
	case AF_INET6:
		p = append(p, byte(s.Port>>8), byte(s.Port))
		p = binary.BigEndian.AppendUint32(p, s.Flow)
		p = append(p, s.Addr[:]...)
		p = le.AppendUint32(p, s.Scope)
	}
	return p
}

// Decode reads an address of len(p) bytes. It reports EINVAL for a size that its
// family does not have.
func (s *Sockaddr) Decode(p []byte) error {
	if len(p) < 2 || len(p) > SockaddrMax {
		return EINVAL
	}
	s.Family = le.Uint16(p)
	switch s.Family {
	case AF_UNIX:
		return s.decodeUnix(p[2:])
	case AF_INET:
		if len(p) < SockaddrInSize {
			return EINVAL
		}
		s.Port = binary.BigEndian.Uint16(p[2:])
		copy(s.Addr[:4], p[4:8])
	case AF_INET6:
		if len(p) < SockaddrIn6Size-4 {
			return EINVAL
		}
		s.Port = binary.BigEndian.Uint16(p[2:])
		s.Flow = binary.BigEndian.Uint32(p[4:])
		copy(s.Addr[:], p[8:24])
		if len(p) >= SockaddrIn6Size {
			s.Scope = le.Uint32(p[24:])
		}
	}
	return nil
}

// decodeUnix reads sun_path: a file name ends at its first NUL, an abstract name
// is all the bytes of the address.
func (s *Sockaddr) decodeUnix(p []byte) error {
	if len(p) > SockaddrUnSize-2 {
		return EINVAL
	}
	if len(p) > 0 && p[0] != 0 {
		if i := bytes.IndexByte(p, 0); i >= 0 {
			p = p[:i]
		}
	}
	s.Path = string(p)
	return nil
}

// CmsgAlign rounds the size of an ancillary message up, CMSG_ALIGN of cmsg(3).
func CmsgAlign(n int) int { return (n + 7) &^ 7 }
