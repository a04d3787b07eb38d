package socket

import (
	"encoding/binary"

	"emurun/abi"
)

// option is a value of setsockopt(2) that is only remembered.
type option struct {
	level, name int32
	value       int
}

func (s *Socket) intOption(level, name int32, otherwise int) int {
	for _, o := range s.options {
		if o.level == level && o.name == name {
			return o.value
		}
	}
	return otherwise
}

func (s *Socket) setInt(level, name int32, v int) {
	for i := range s.options {
		if o := &s.options[i]; o.level == level && o.name == name {
			o.value = v
			return
		}
	}
	s.options = append(s.options, option{level, name, v})
}

// kept are the options that are remembered and change nothing here, with the
// value they have at first.
var kept = []option{
	{abi.SOL_SOCKET, abi.SO_DEBUG, 0}, {abi.SOL_SOCKET, abi.SO_REUSEADDR, 0}, {abi.SOL_SOCKET, abi.SO_REUSEPORT, 0},
	{abi.SOL_SOCKET, abi.SO_DONTROUTE, 0}, {abi.SOL_SOCKET, abi.SO_BROADCAST, 0}, {abi.SOL_SOCKET, abi.SO_KEEPALIVE, 0},
	{abi.SOL_SOCKET, abi.SO_OOBINLINE, 0}, {abi.SOL_SOCKET, abi.SO_PRIORITY, 0}, {abi.SOL_SOCKET, abi.SO_RCVLOWAT, 1},
	{abi.SOL_SOCKET, abi.SO_TIMESTAMP, 0}, {abi.SOL_SOCKET, abi.SO_TIMESTAMPNS, 0}, {abi.SOL_SOCKET, abi.SO_NO_CHECK, 0},
	{abi.SOL_SOCKET, abi.SO_PASSSEC, 0}, {abi.SOL_SOCKET, abi.SO_MARK, 0}, {abi.SOL_SOCKET, abi.SO_BUSY_POLL, 0},
	{abi.SOL_SOCKET, abi.SO_ZEROCOPY, 0}, {abi.SOL_SOCKET, abi.SO_RXQ_OVFL, 0}, {abi.SOL_SOCKET, abi.SO_PEEK_OFF, -1},
	{abi.SOL_TCP, abi.TCP_NODELAY, 0}, {abi.SOL_TCP, abi.TCP_MAXSEG, 65483}, {abi.SOL_TCP, abi.TCP_CORK, 0},
	{abi.SOL_TCP, abi.TCP_KEEPIDLE, 7200}, {abi.SOL_TCP, abi.TCP_KEEPINTVL, 75}, {abi.SOL_TCP, abi.TCP_KEEPCNT, 9},
	{abi.SOL_TCP, abi.TCP_SYNCNT, 6}, {abi.SOL_TCP, abi.TCP_LINGER2, 60}, {abi.SOL_TCP, abi.TCP_DEFER_ACCEPT, 0},
	{abi.SOL_TCP, abi.TCP_QUICKACK, 1}, {abi.SOL_TCP, abi.TCP_USER_TIMEOUT, 0}, {abi.SOL_TCP, abi.TCP_FASTOPEN, 0},
	{abi.SOL_IP, abi.IP_TOS, 0}, {abi.SOL_IP, abi.IP_TTL, 64}, {abi.SOL_IP, abi.IP_PKTINFO, 0}, {abi.SOL_IP, abi.IP_RECVERR, 0},
	{abi.SOL_IP, abi.IP_RECVTTL, 0}, {abi.SOL_IP, abi.IP_MTU_DISCOVER, 1}, {abi.SOL_IP, abi.IP_MULTICAST_TTL, 1},
	{abi.SOL_IP, abi.IP_MULTICAST_LOOP, 1}, {abi.SOL_IPV6, abi.IPV6_RECVPKTINFO, 0}, {abi.SOL_IPV6, abi.IPV6_UNICAST_HOPS, 64},
	{abi.SOL_IPV6, abi.IPV6_TCLASS, 0},
}

// speaks reports whether the socket has options of a level.
func (s *Socket) speaks(level int32) bool {
	switch level {
	case abi.SOL_SOCKET:
		return true
	case abi.SOL_TCP:
		return s.domain != abi.AF_UNIX && s.stream()
	case abi.SOL_IP:
		return s.domain != abi.AF_UNIX
	case abi.SOL_IPV6:
		return s.domain == abi.AF_INET6
	}
	return false
}

// minBuf is the smallest SO_RCVBUF.
const minBuf = 2304

// SetOption implements setsockopt(2).
func (s *Socket) SetOption(level, name int32, value []byte) error {
	if !s.speaks(level) {
		if s.domain == abi.AF_UNIX {
			return abi.EOPNOTSUPP
		}
		return abi.ENOPROTOOPT
	}
	if level == abi.SOL_SOCKET {
		switch name {
		case abi.SO_LINGER:
			if len(value) < abi.LingerSize {
				return abi.EINVAL
			}
			var l abi.Linger
			l.Decode(value)
			s.setInt(level, name, int(l.OnOff)<<32|int(uint32(l.Linger)))
			return nil
		case abi.SO_RCVTIMEO, abi.SO_SNDTIMEO:
			return s.setTimeout(name, value)
		}
	}
	if len(value) < 4 {
		return abi.EINVAL
	}
	v := int(int32(binary.LittleEndian.Uint32(value)))
	if level == abi.SOL_SOCKET {
		switch name {
		case abi.SO_SNDBUF, abi.SO_RCVBUF, abi.SO_SNDBUFFORCE, abi.SO_RCVBUFFORCE:
			if name >= abi.SO_SNDBUFFORCE {
				name = map[int32]int32{abi.SO_SNDBUFFORCE: abi.SO_SNDBUF, abi.SO_RCVBUFFORCE: abi.SO_RCVBUF}[name]
			}
			s.setInt(level, name, max(2*min(max(v, 0), bufSize), minBuf)) // doubled, socket(7)
			return nil
		case abi.SO_PASSCRED:
			s.passCred = v != 0
			return nil
		}
	}
	if level == abi.SOL_IPV6 && name == abi.IPV6_V6ONLY {
		if s.bound {
			return abi.EINVAL
		}
		s.v6only = v != 0
		return nil
	}
	for _, k := range kept {
		if k.level == level && k.name == name {
			s.setInt(level, name, v)
			return nil
		}
	}
	return abi.ENOPROTOOPT
}

// setTimeout implements SO_RCVTIMEO and SO_SNDTIMEO; 0 is no limit.
func (s *Socket) setTimeout(name int32, value []byte) error {
	if len(value) < abi.TimevalSize {
		return abi.EINVAL
	}
	var tv abi.Timeval
	tv.Decode(value)
	if tv.Usec < 0 || tv.Usec >= 1e6 {
		return abi.EDOM
	}
	ns := tv.Ns()
	if ns <= 0 {
		ns = -1
	}
	if name == abi.SO_RCVTIMEO {
		s.rcvNs = ns
	} else {
		s.sndNs = ns
	}
	return nil
}

// Option implements getsockopt(2).
func (s *Socket) Option(level, name int32) ([]byte, error) {
	if !s.speaks(level) {
		return nil, abi.EOPNOTSUPP
	}
	if level == abi.SOL_SOCKET {
		if b := s.socketOption(name); b != nil {
			return b, nil
		}
	}
	if level == abi.SOL_TCP && name == abi.TCP_CONGESTION {
		return []byte("cubic\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"), nil
	}
	if level == abi.SOL_IPV6 && name == abi.IPV6_V6ONLY {
		return intBytes(boolInt(s.v6only)), nil
	}
	for _, k := range kept {
		if k.level == level && k.name == name {
			return intBytes(s.intOption(level, name, k.value)), nil
		}
	}
	return nil, abi.ENOPROTOOPT
}

func (s *Socket) socketOption(name int32) []byte {
	switch name {
	case abi.SO_TYPE:
		return intBytes(int(s.kind))
	case abi.SO_DOMAIN:
		return intBytes(int(s.domain))
	case abi.SO_PROTOCOL:
		return intBytes(int(s.protocol))
	case abi.SO_ERROR:
		e := s.err
		if s.reset {
			e = abi.ECONNRESET
		}
		s.err, s.reset = 0, false
		return intBytes(int(e))
	case abi.SO_ACCEPTCONN:
		return intBytes(boolInt(s.state == listening))
	case abi.SO_PASSCRED:
		return intBytes(boolInt(s.passCred))
	case abi.SO_SNDBUF, abi.SO_RCVBUF:
		return intBytes(s.intOption(abi.SOL_SOCKET, name, bufSize))
	case abi.SO_PEERCRED:
		b := make([]byte, abi.UcredSize)
		c := s.peerCred
		if c == (abi.Ucred{}) {
			c = abi.Ucred{UID: ^uint32(0), GID: ^uint32(0)}
		}
		c.Put(b)
		return b
	case abi.SO_LINGER:
		v := s.intOption(abi.SOL_SOCKET, name, 0)
		b := make([]byte, abi.LingerSize)
		(&abi.Linger{OnOff: int32(v >> 32), Linger: int32(v)}).Put(b)
		return b
	case abi.SO_RCVTIMEO, abi.SO_SNDTIMEO:
		ns := s.rcvNs
		if name == abi.SO_SNDTIMEO {
			ns = s.sndNs
		}
		b := make([]byte, abi.TimevalSize)
		abi.TimevalOf(max(ns, 0)).Put(b)
		return b
	}
	return nil
}

func intBytes(v int) []byte { return binary.LittleEndian.AppendUint32(nil, uint32(v)) }

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
