package syscalls

import (
	"emurun/abi"
)

// maxString is how much of a string is shown, strace(1)'s -s.
const maxString = 32

// quote prints b as a C string with octal escapes, and "..." if it was longer.
func (p *printer) quote(b []byte, more bool) {
	if len(b) > maxString {
		b, more = b[:maxString], true
	}
	p.str(`"`)
	for i, c := range b {
		p.quoteByte(c, i+1 < len(b) && b[i+1] >= '0' && b[i+1] <= '9')
	}
	p.str(`"`)
	if more {
		p.str("...")
	}
}

// quoteByte prints one byte; digit says that a digit follows, so that an octal
// escape needs all its three digits.
func (p *printer) quoteByte(c byte, digit bool) {
	const escapes = "\t\n\v\f\r"
	switch {
	case c == '"' || c == '\\':
		p.buf = append(p.buf, '\\', c)
	case c >= '\t' && c <= '\r':
		p.buf = append(p.buf, '\\', "tnvfr"[c-escapes[0]])
	case c >= ' ' && c < 0x7f:
		p.buf = append(p.buf, c)
	case digit || c >= 0o100:
		p.buf = append(p.buf, '\\', '0'+c>>6, '0'+c>>3&7, '0'+c&7)
	case c >= 0o10:
		p.buf = append(p.buf, '\\', '0'+c>>3, '0'+c&7)
	default:
		p.buf = append(p.buf, '\\', '0'+c)
	}
}

// cstring prints the string at addr that ends in NUL, at most limit bytes of it.
func (p *printer) cstring(addr uint64, limit int) {
	if addr == 0 {
		p.str("NULL")
		return
	}
	var s []byte
	var b [1]byte
	for len(s) < limit {
		if _, err := p.mem.ReadAt(b[:], addr+uint64(len(s))); err != nil {
			p.addr(addr)
			return
		}
		if b[0] == 0 {
			p.quoteAll(s, limit)
			return
		}
		s = append(s, b[0])
	}
	p.quoteAll(s, limit)
	p.str("...")
}

// quoteAll prints a file name, which is shown in full.
func (p *printer) quoteAll(s []byte, limit int) {
	if limit == maxString {
		p.quote(s, false)
		return
	}
	p.str(`"`)
	for i, c := range s {
		p.quoteByte(c, i+1 < len(s) && s[i+1] >= '0' && s[i+1] <= '9')
	}
	p.str(`"`)
}

func (p *printer) path(i int)   { p.cstring(p.args[i], abi.PATH_MAX) }
func (p *printer) string(i int) { p.cstring(p.args[i], maxString) }

// buffer prints n bytes at addr.
func (p *printer) buffer(addr, n uint64) {
	if n == 0 {
		if addr == 0 {
			p.str("NULL")
		} else {
			p.str(`""`)
		}
		return
	}
	if b := p.bytes(addr, int(min(n, maxString))); b != nil {
		p.quote(b, n > maxString)
	}
}

func (p *printer) in(i int) { p.buffer(p.args[i], p.args[i+1]) }

func (p *printer) out(i int) {
	if !p.ok() {
		p.addr(p.args[i])
		return
	}
	p.buffer(p.args[i], p.ret)
}

// strOut prints a string that the call wrote, getcwd(2).
func (p *printer) strOut(i int) {
	if !p.ok() {
		p.addr(p.args[i])
		return
	}
	p.cstring(p.args[i], abi.PATH_MAX)
}

// argv prints the strings of execve(2).
func (p *printer) argv(i int) {
	addr := p.args[i]
	if addr == 0 {
		p.str("NULL")
		return
	}
	p.str("[")
	for n := 0; ; n++ {
		b := p.bytes(addr+uint64(n)*8, 8)
		if b == nil {
			break
		}
		s := le.Uint64(b)
		if s == 0 {
			break
		}
		if n > 0 {
			p.str(", ")
		}
		if n == maxString {
			p.str("...")
			break
		}
		p.cstring(s, maxString)
	}
	p.str("]")
}

// maxEnv is how many environment strings are counted at most.
const maxEnv = 4096

// envp prints the address of the environment and the number of its strings.
func (p *printer) envp(i int) {
	p.addr(p.args[i])
	if p.args[i] == 0 {
		return
	}
	n := 0
	var b [8]byte
	for ; n < maxEnv; n++ {
		if _, err := p.mem.ReadAt(b[:], p.args[i]+uint64(n)*8); err != nil {
			return
		}
		if le.Uint64(b[:]) == 0 {
			break
		}
	}
	p.str(" /* ")
	p.int(int64(n))
	p.str(" vars */")
}

// outHex prints random bytes that a call wrote, all in hexadecimal.
func (p *printer) outHex(i int) {
	if !p.ok() {
		p.addr(p.args[i])
		return
	}
	b := p.bytes(p.args[i], int(min(p.ret, maxString)))
	if b == nil {
		return
	}
	p.str(`"`)
	for _, c := range b {
		p.buf = append(p.buf, '\\', 'x', "0123456789abcdef"[c>>4], "0123456789abcdef"[c&15])
	}
	p.str(`"`)
	if p.ret > maxString {
		p.str("...")
	}
}
