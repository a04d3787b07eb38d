package syscalls

import (
	"fmt"
	"net/netip"

	"emurun/abi"
)

// sockaddr prints an address of n bytes.
func (p *printer) sockaddr(addr, n uint64) {
	if addr == 0 || n < 2 || n > abi.SockaddrMax {
		p.addr(addr)
		return
	}
	b := p.bytes(addr, int(n))
	if b == nil {
		return
	}
	var s abi.Sockaddr
	if s.Decode(b) != nil {
		p.hex(addr)
		return
	}
	p.str("{sa_family=")
	p.value(sockDomain, uint64(s.Family), "AF_???")
	switch s.Family {
	case abi.AF_UNIX:
		p.unixPath(s.Path)
	case abi.AF_INET:
		p.str(fmt.Sprintf(`, sin_port=htons(%d), sin_addr=inet_addr("%d.%d.%d.%d")`, s.Port, s.Addr[0], s.Addr[1], s.Addr[2], s.Addr[3]))
	case abi.AF_INET6:
		p.str(fmt.Sprintf(`, sin6_port=htons(%d), sin6_flowinfo=htonl(%d), inet_pton(AF_INET6, "%s", &sin6_addr), sin6_scope_id=%d`,
			s.Port, s.Flow, netip.AddrFrom16(s.Addr), s.Scope))
	}
	p.str("}")
}

// unixPath prints sun_path; an abstract name has "@" for its first NUL.
func (p *printer) unixPath(path string) {
	if path == "" {
		return
	}
	p.str(", sun_path=")
	if path[0] == 0 {
		p.str("@")
		path = path[1:]
	}
	p.quoteAll([]byte(path), abi.PATH_MAX)
}

func (p *printer) sockaddrIn(i int) { p.sockaddr(p.args[i], p.args[i+1]&0xffffffff) }

// sockaddrOut prints an address that the call wrote; its length is behind the
// next argument.
func (p *printer) sockaddrOut(i int) {
	if !p.ok() || p.args[i] == 0 {
		p.addr(p.args[i])
		return
	}
	var b [4]byte
	if _, err := p.mem.ReadAt(b[:], p.args[i+1]); err != nil {
		p.addr(p.args[i])
		return
	}
	p.sockaddr(p.args[i], uint64(le.Uint32(b[:])))
}

func (p *printer) sockval(addr, n uint64) {
	if n != 4 {
		p.buffer(addr, n)
		return
	}
	p.show(addr, 4, false, func(b []byte) {
		p.str("[")
		p.int(int64(int32(le.Uint32(b))))
		p.str("]")
	})
}

func (p *printer) sockvalIn(i int) { p.sockval(p.args[i], p.args[i+1]&0xffffffff) }

func (p *printer) sockvalOut(i int) {
	var b [4]byte
	if _, err := p.mem.ReadAt(b[:], p.args[i+1]); !p.ok() || err != nil {
		p.addr(p.args[i])
		return
	}
	p.sockval(p.args[i], uint64(le.Uint32(b[:])))
}

func (p *printer) msghdrIn(i int) {
	p.show(p.args[i], abi.MsghdrSize, false, func(b []byte) { p.msghdr(b, 1<<62, false) })
}

func (p *printer) msghdrOut(i int) {
	p.show(p.args[i], abi.MsghdrSize, true, func(b []byte) { p.msghdr(b, p.ret, true) })
}

func (p *printer) msghdr(b []byte, total uint64, out bool) {
	var m abi.Msghdr
	m.Decode(b)
	p.str("{msg_name=")
	p.sockaddr(m.Name, uint64(m.Namelen))
	p.str(", msg_namelen=")
	p.uint(uint64(m.Namelen))
	p.str(", msg_iov=")
	p.iov(m.Iov, m.Iovlen, total)
	p.str(", msg_iovlen=")
	p.uint(m.Iovlen)
	if m.Control != 0 && m.Controllen != 0 {
		p.str(", msg_control=")
		p.control(m.Control, m.Controllen)
	}
	p.str(", msg_controllen=")
	p.uint(m.Controllen)
	p.str(", msg_flags=")
	if !out {
		m.Flags = 0
	}
	p.flags(msgFlags, uint64(uint32(m.Flags)), "")
	p.str("}")
}

// control prints ancillary messages, cmsg(3).
func (p *printer) control(addr, n uint64) {
	b := p.bytes(addr, int(min(n, 4096)))
	if b == nil {
		return
	}
	p.str("[")
	for k := 0; len(b) >= abi.CmsghdrSize; k++ {
		var c abi.Cmsghdr
		c.Decode(b)
		if c.Len < abi.CmsghdrSize || c.Len > uint64(len(b)) {
			break
		}
		if k > 0 {
			p.str(", ")
		}
		p.cmsg(&c, b[abi.CmsghdrSize:c.Len])
		b = b[min(abi.CmsgAlign(int(c.Len)), len(b)):]
	}
	p.str("]")
}

func (p *printer) cmsg(c *abi.Cmsghdr, data []byte) {
	p.str("{cmsg_len=")
	p.uint(c.Len)
	p.str(", cmsg_level=")
	p.value(sockLevel, uint64(c.Level), "SOL_???")
	p.str(", cmsg_type=")
	switch {
	case c.Level == abi.SOL_SOCKET && c.Type == abi.SCM_RIGHTS:
		p.str("SCM_RIGHTS, cmsg_data=[")
		for k := 0; k+4 <= len(data); k += 4 {
			if k > 0 {
				p.str(", ")
			}
			p.int(int64(int32(le.Uint32(data[k:]))))
		}
		p.str("]")
	case c.Level == abi.SOL_SOCKET && c.Type == abi.SCM_CREDENTIALS && len(data) >= abi.UcredSize:
		var u abi.Ucred
		u.Decode(data)
		p.str(fmt.Sprintf("SCM_CREDENTIALS, cmsg_data={pid=%d, uid=%d, gid=%d}", u.PID, u.UID, u.GID))
	default:
		p.hex(uint64(c.Type))
	}
	p.str("}")
}
