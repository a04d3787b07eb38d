package socket

import (
	"fmt"
	"slices"

	"emurun/abi"
	"emurun/vfs"
)

// Net is the addresses of a machine and the sockets bound to them.
type Net struct {
	abstract map[string]*Socket // never ranged over
	paths    map[inode]*Socket  // never ranged over
	ports    []*Socket          // AF_INET and AF_INET6, in the order of binding
	nextName uint32             // autobind, unix(7)
	nextPort uint16             // ephemeral ports given so far
}

// forget frees what s is bound to.
func (n *Net) forget(s *Socket) {
	if !s.bound {
		return
	}
	s.bound = false
	switch {
	case s.domain != abi.AF_UNIX:
		n.ports = slices.DeleteFunc(n.ports, func(x *Socket) bool { return x == s })
	case s.local.Path != "" && s.local.Path[0] == 0:
		if n.abstract[s.local.Path] == s {
			delete(n.abstract, s.local.Path)
		}
	case n.paths[s.file] == s:
		delete(n.paths, s.file)
	}
}

// BindAbstract binds a UNIX socket to an abstract name; an empty one is chosen.
func (n *Net) BindAbstract(s *Socket, name string) error {
	if s.bound {
		return abi.EINVAL
	}
	if n.abstract == nil {
		n.abstract = make(map[string]*Socket)
	}
	if name == "" {
		for {
			name = fmt.Sprintf("\x00%05x", n.nextName)
			n.nextName++
			if n.abstract[name] == nil {
				break
			}
		}
	}
	if n.abstract[name] != nil {
		return abi.EADDRINUSE
	}
	n.abstract[name] = s
	s.local.Path, s.bound = name, true
	return nil
}

// BindPath binds a UNIX socket to a path whose new node has attributes a.
func (n *Net) BindPath(s *Socket, path string, a *vfs.Attr) {
	if n.paths == nil {
		n.paths = make(map[inode]*Socket)
	}
	s.file = inode{a.Dev, a.Ino}
	n.paths[s.file] = s
	s.local.Path, s.bound = path, true
}

// Bound reports whether the socket has an address.
func (s *Socket) Bound() bool { return s.bound }

// Abstract returns the socket bound to an abstract name, or nil.
func (n *Net) Abstract(name string) *Socket { return n.abstract[name] }

// AtPath returns the socket bound to the node with attributes a, or nil.
func (n *Net) AtPath(a *vfs.Attr) *Socket { return n.paths[inode{a.Dev, a.Ino}] }

// ip is an address of either family in the form of IPv6.
type ip [16]byte

var (
	anyV6  = ip{}
	anyV4  = ip{10: 0xff, 11: 0xff}
	loopV6 = ip{15: 1}
)

func ipOf(a *abi.Sockaddr) ip {
	if a.Family == abi.AF_INET {
		return ip{10: 0xff, 11: 0xff, 12: a.Addr[0], 13: a.Addr[1], 14: a.Addr[2], 15: a.Addr[3]}
	}
	return a.Addr
}

func (a ip) v4() bool       { return [12]byte(a[:12]) == [12]byte(anyV4[:12]) }
func (a ip) any() bool      { return a == anyV6 || a == anyV4 }
func (a ip) loopback() bool { return a == loopV6 || a.v4() && a[12] == 127 }

// Ports that only the superuser may bind end here; those given out by
// themselves begin and end here (ip(7)).
const (
	firstUserPort  = 1024
	firstEphemeral = 32768
	lastEphemeral  = 60999
)

// BindPort binds an internet socket, ip(7). Only the loopback interface exists.
func (n *Net) BindPort(s *Socket, a abi.Sockaddr, privileged bool) error {
	switch x := ipOf(&a); {
	case s.bound:
		return abi.EINVAL
	case !x.any() && !x.loopback():
		return abi.EADDRNOTAVAIL
	case a.Port != 0 && a.Port < firstUserPort && !privileged:
		return abi.EACCES
	}
	return n.bindPort(s, a)
}

func (n *Net) bindPort(s *Socket, a abi.Sockaddr) error {
	if a.Port == 0 {
		for range lastEphemeral - firstEphemeral + 1 {
			p := firstEphemeral + n.nextPort
			n.nextPort = (n.nextPort + 1) % (lastEphemeral - firstEphemeral + 1)
			if a.Port = p; !n.taken(s, &a) {
				return n.bind(s, a)
			}
		}
		return abi.EADDRINUSE
	}
	if n.taken(s, &a) {
		return abi.EADDRINUSE
	}
	return n.bind(s, a)
}

func (n *Net) bind(s *Socket, a abi.Sockaddr) error {
	a.Family = uint16(s.domain)
	s.local, s.bound = a, true
	n.ports = append(n.ports, s)
	return nil
}

// taken reports whether the address belongs to another socket of the kind.
func (n *Net) taken(s *Socket, a *abi.Sockaddr) bool {
	x := ipOf(a)
	return slices.ContainsFunc(n.ports, func(o *Socket) bool {
		if o.kind != s.kind || o.local.Port != a.Port || o.state == connected && s.connects() {
			return false
		}
		y := ipOf(&o.local)
		if x != y && !(x.any() || y.any()) || x.any() && y.any() && x.v4() != y.v4() && (o.v6only || s.v6only) {
			return false
		}
		reuse := o.intOption(abi.SOL_SOCKET, abi.SO_REUSEADDR, 0) != 0 && s.intOption(abi.SOL_SOCKET, abi.SO_REUSEADDR, 0) != 0
		port := o.intOption(abi.SOL_SOCKET, abi.SO_REUSEPORT, 0) != 0 && s.intOption(abi.SOL_SOCKET, abi.SO_REUSEPORT, 0) != 0
		return !port && (!reuse || o.state == listening)
	})
}

// Find returns the socket of s's kind that receives at an address, or nil. An
// address outside the machine is abi.ENETUNREACH.
func (n *Net) Find(s *Socket, a *abi.Sockaddr) (*Socket, error) {
	x := ipOf(a)
	if x == anyV4 {
		x = ip{10: 0xff, 11: 0xff, 12: 127, 15: 1}
	}
	if x == anyV6 {
		x = loopV6
	}
	if !x.loopback() {
		return nil, abi.ENETUNREACH
	}
	var best *Socket
	for _, o := range n.ports {
		if o.kind != s.kind || o.local.Port != a.Port || s.connects() && o.state != listening {
			continue
		}
		y := ipOf(&o.local)
		switch {
		case y == x:
			return o, nil
		case y.any() && (y.v4() == x.v4() || !y.v4() && !o.v6only):
			best = o
		}
	}
	return best, nil
}

// Autobind gives an internet socket that connects a source address.
func (n *Net) Autobind(s *Socket, to *abi.Sockaddr) error {
	if !s.bound {
		if err := n.bindPort(s, s.local); err != nil {
			return err
		}
	}
	if ipOf(&s.local).any() {
		a := *to
		if x := ipOf(to); x.any() {
			a.Addr = loopAddr(x)
		}
		s.local.Addr = a.Addr
	}
	return nil
}

func loopAddr(x ip) [16]byte {
	if x.v4() {
		return [16]byte{127, 0, 0, 1}
	}
	return loopV6
}

// sourceFor is the address that datagrams from s have when to receives them.
func sourceFor(s, to *Socket) abi.Sockaddr {
	a := s.local
	x := ipOf(&a)
	if x.any() {
		if to.domain == abi.AF_INET || s.domain == abi.AF_INET {
			x = ip{10: 0xff, 11: 0xff, 12: 127, 15: 1}
		} else {
			x = loopV6
		}
	}
	a.Family = uint16(to.domain)
	a.Addr = [16]byte(x)
	if to.domain == abi.AF_INET {
		a.Addr = [16]byte{x[12], x[13], x[14], x[15]}
	}
	return a
}
