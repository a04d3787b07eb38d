package abi

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
