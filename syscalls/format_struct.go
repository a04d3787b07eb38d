package syscalls

import (
	"emurun/abi"
)

// maxItems is how many elements of an array are shown.
const maxItems = 32

func (p *printer) statOut(i int) {
	b := p.outBytes(p.args[i], abi.StatSize)
	if b == nil {
		return
	}
	var s abi.Stat
	s.Decode(b)
	p.str("{st_mode=")
	p.fileMode(uint64(s.Mode))
	if t := s.Mode & abi.S_IFMT; t == abi.S_IFCHR || t == abi.S_IFBLK {
		p.str(", st_rdev=")
		p.device(s.Rdev)
	} else {
		p.str(", st_size=")
		p.int(s.Size)
	}
	p.str(", ...}")
}

func (p *printer) statxOut(i int) {
	b := p.outBytes(p.args[i], abi.StatxSize)
	if b == nil {
		return
	}
	var s abi.Statx
	s.Decode(b)
	p.str("{stx_mask=")
	p.flags(statxMask, uint64(s.Mask), "")
	p.str(", stx_attributes=")
	p.flags(statxAttrs, s.Attributes, "")
	p.str(", stx_mode=")
	p.fileMode(uint64(s.Mode))
	p.str(", stx_size=")
	p.uint(s.Size)
	p.str(", ...}")
}

func (p *printer) statfsOut(i int) {
	b := p.outBytes(p.args[i], abi.StatfsSize)
	if b == nil {
		return
	}
	var s abi.Statfs
	s.Decode(b)
	p.str("{f_type=")
	p.value(fsTypes, uint64(s.Type), "")
	p.str(", f_bsize=")
	p.int(s.Bsize)
	p.str(", f_blocks=")
	p.uint(s.Blocks)
	p.str(", f_bfree=")
	p.uint(s.Bfree)
	p.str(", f_bavail=")
	p.uint(s.Bavail)
	p.str(", f_files=")
	p.uint(s.Files)
	p.str(", f_ffree=")
	p.uint(s.Ffree)
	p.str(", f_namelen=")
	p.int(s.Namelen)
	p.str(", f_frsize=")
	p.int(s.Frsize)
	p.str(", f_flags=")
	p.flags(stFlags, uint64(s.Flags), "")
	p.str("}")
}

// dirents prints the address and the number of entries of getdents64(2).
func (p *printer) dirents(i int) {
	p.addr(p.args[i])
	if !p.ok() || p.ret > 1<<20 {
		return
	}
	b := p.bytes(p.args[i], int(p.ret))
	n := 0
	for ; len(b) >= 18; n++ {
		size := int(le.Uint16(b[16:]))
		if size == 0 || size > len(b) {
			break
		}
		b = b[size:]
	}
	p.str(" /* ")
	p.int(int64(n))
	p.str(" entries */")
}

func (p *printer) pollFDs(i int) {
	n := p.args[i+1] & 0xffffffff
	if p.args[i] == 0 || n == 0 {
		if p.args[i] == 0 {
			p.str("NULL")
		} else {
			p.str("[]")
		}
		return
	}
	b := p.bytes(p.args[i], int(min(n, maxItems))*abi.PollfdSize)
	if b == nil {
		return
	}
	p.str("[")
	for k := 0; len(b) > 0; k, b = k+1, b[abi.PollfdSize:] {
		var f abi.Pollfd
		f.Decode(b)
		if k > 0 {
			p.str(", ")
		}
		p.str("{fd=")
		p.int(int64(f.FD))
		if f.FD >= 0 {
			p.str(", events=")
			p.flags(pollEvents, uint64(f.Events), "")
		}
		p.str("}")
	}
	if n > maxItems {
		p.str(", ...")
	}
	p.str("]")
}

// pollResult prints the files that are ready.
func (p *printer) pollResult() {
	if p.ret == 0 {
		p.str(" (Timeout)")
		return
	}
	b := make([]byte, int(min(p.args[1]&0xffffffff, maxItems))*abi.PollfdSize)
	if _, err := p.mem.ReadAt(b, p.args[0]); err != nil {
		return
	}
	p.str(" ([")
	for first := true; len(b) > 0; b = b[abi.PollfdSize:] {
		var f abi.Pollfd
		f.Decode(b)
		if f.Revents == 0 {
			continue
		}
		if !first {
			p.str(", ")
		}
		first = false
		p.str("{fd=")
		p.int(int64(f.FD))
		p.str(", revents=")
		p.flags(pollEvents, uint64(f.Revents), "")
		p.str("}")
	}
	p.str("])")
}

// fdSet prints the members of a set of select(2).
func (p *printer) fdSet(i int) { p.setOf(p.args[i]) }

func (p *printer) setOf(addr uint64) {
	n := min(int(int32(p.args[0])), 1024)
	if addr == 0 || n < 0 {
		p.addr(addr)
		return
	}
	b := p.bytes(addr, (n+63)/64*8)
	if b == nil {
		return
	}
	p.str("[")
	p.setMembers(b, n)
	p.str("]")
}

// setMembers prints the members below n of a set of bits.
func (p *printer) setMembers(b []byte, n int) {
	first := true
	for fd := 0; fd < n; fd++ {
		if b[fd/8]>>(fd%8)&1 == 0 {
			continue
		}
		if !first {
			p.str(" ")
		}
		first = false
		p.int(int64(fd))
	}
}

func (p *printer) selectResult() {
	if p.ret == 0 {
		p.str(" (Timeout)")
		return
	}
	p.str(" (")
	for i, name := range []string{"in", "out", "except"} {
		n := min(int(int32(p.args[0])), 1024)
		b := make([]byte, (n+63)/64*8)
		if _, err := p.mem.ReadAt(b, p.args[i+1]); err != nil || p.args[i+1] == 0 || allZero(b) {
			continue
		}
		if p.buf[len(p.buf)-1] != '(' {
			p.str(", ")
		}
		p.str(name)
		p.str(" [")
		p.setMembers(b, n)
		p.str("]")
	}
	p.str(")")
}

func allZero(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}

func (p *printer) epollEvent(i int) {
	if b := p.bytes(p.args[i], abi.EpollEventSize); b != nil {
		p.oneEpollEvent(b)
	}
}

func (p *printer) oneEpollEvent(b []byte) {
	var e abi.EpollEvent
	e.Decode(b)
	p.str("{events=")
	p.flags(epollEvents, uint64(e.Events), "")
	p.str(", data={u32=")
	p.uint(e.Data & 0xffffffff)
	p.str(", u64=")
	p.uint(e.Data)
	p.str("}}")
}

func (p *printer) epollEvents(i int) {
	if !p.ok() {
		p.addr(p.args[i])
		return
	}
	n := int(min(p.ret, maxItems))
	b := make([]byte, n*abi.EpollEventSize)
	if _, err := p.mem.ReadAt(b, p.args[i]); err != nil {
		p.addr(p.args[i])
		return
	}
	p.str("[")
	for k := range n {
		if k > 0 {
			p.str(", ")
		}
		p.oneEpollEvent(b[k*abi.EpollEventSize:])
	}
	p.str("]")
}

func (p *printer) fdPair(i int) {
	if b := p.outBytes(p.args[i], 8); b != nil {
		p.str("[")
		p.int(int64(int32(le.Uint32(b))))
		p.str(", ")
		p.int(int64(int32(le.Uint32(b[4:]))))
		p.str("]")
	}
}

func (p *printer) openHow(i int) {
	b := p.bytes(p.args[i], abi.OpenHowSize)
	if b == nil {
		return
	}
	var h abi.OpenHow
	h.Decode(b)
	p.str("{flags=")
	p.open(h.Flags)
	if h.Mode != 0 {
		p.str(", mode=")
		p.octal(h.Mode)
	}
	p.str(", resolve=")
	p.flags(resolveFlags, h.Resolve, "")
	p.str("}")
}

func (p *printer) intOut(i int) {
	if b := p.outBytes(p.args[i], 4); b != nil {
		p.str("[")
		p.int(int64(int32(le.Uint32(b))))
		p.str("]")
	}
}

func (p *printer) longOut(i int) {
	if b := p.outBytes(p.args[i], 8); b != nil {
		p.str("[")
		p.int(int64(le.Uint64(b)))
		p.str("]")
	}
}

// offPtr prints an offset that a call reads and advances.
func (p *printer) offPtr(i int) {
	if b := p.bytes(p.args[i], 8); b != nil {
		p.str("[")
		p.int(int64(le.Uint64(b)))
		p.str("]")
	}
}

// iov prints vectors; total limits what of them is shown.
func (p *printer) iov(addr, n, total uint64) {
	if addr == 0 || n > abi.IOV_MAX {
		p.addr(addr)
		return
	}
	b := make([]byte, min(n, maxItems)*abi.IovecSize)
	if _, err := p.mem.ReadAt(b, addr); err != nil {
		p.addr(addr)
		return
	}
	p.str("[")
	for k := 0; len(b) > 0; k, b = k+1, b[abi.IovecSize:] {
		var v abi.Iovec
		v.Decode(b)
		if k > 0 {
			p.str(", ")
		}
		p.str("{iov_base=")
		shown := min(v.Len, total)
		total -= shown
		p.buffer(v.Base, shown)
		p.str(", iov_len=")
		p.uint(v.Len)
		p.str("}")
	}
	p.str("]")
}

func (p *printer) iovIn(i int) { p.iov(p.args[i], p.args[i+1], 1<<62) }

func (p *printer) iovOut(i int) {
	if !p.ok() {
		p.addr(p.args[i])
		return
	}
	p.iov(p.args[i], p.args[i+1], p.ret)
}

func (p *printer) utsname(i int) {
	const field = 65
	b := p.outBytes(p.args[i], 6*field)
	if b == nil {
		return
	}
	p.str("{sysname=")
	p.cstring(p.args[i], maxString)
	p.str(", nodename=")
	p.cstring(p.args[i]+field, maxString)
	p.str(", ...}")
}
