package syscalls

import (
	"strconv"

	"emurun/abi"
	"emurun/vfs"
)

// printer writes one system call the way strace(1) does. Arguments that the
// call writes are printed after it returned, or as addresses if it failed.
type printer struct {
	mem      vfs.Memory
	args     Args
	kinds    []Kind
	buf      []byte
	ret      uint64
	errno    abi.Errno
	returned bool
}

// enterText returns the text of a call up to its first argument that only the
// return makes known, and how many arguments that is.
func enterText(r *Row, a Args, m vfs.Memory) (string, int) {
	p := &printer{mem: m, args: a, kinds: r.Args}
	p.str(r.Name)
	p.str("(")
	n := 0
	for n < len(r.Args) && !p.late(n) {
		p.arg(n, n > 0)
		n++
	}
	if n > 0 && n < len(r.Args) && !p.absent(n) {
		p.str(", ")
	}
	return string(p.buf), n
}

// exitText returns the rest of the text: the arguments from the first on, the
// closing parenthesis and the result, whose column the caller aligns.
func exitText(r *Row, a Args, m vfs.Memory, first int, ret uint64, err abi.Errno) (rest, result string) {
	p := &printer{mem: m, args: a, kinds: r.Args, ret: ret, errno: err, returned: true}
	for i := first; i < len(r.Args); i++ {
		p.arg(i, i > first)
	}
	p.str(")")
	rest = string(p.buf)
	return rest, p.result(r)
}

// Format returns the text of a whole call, as `lseek(3, 0, SEEK_SET) = 0`.
func Format(r *Row, a Args, m vfs.Memory, ret uint64, err abi.Errno) string {
	head, n := enterText(r, a, m)
	rest, result := exitText(r, a, m, n, ret, err)
	return head + rest + " = " + result
}

// late reports whether argument i is known only after the call: it is written
// by the call, or comes after such a one.
func (p *printer) late(i int) bool { return kinds[p.kinds[i]].out }

// absent reports whether late argument i is not there: fcntl(2) and ioctl(2)
// requests without one.
func (p *printer) absent(i int) bool {
	q := *p
	q.buf = nil
	kinds[p.kinds[i]].print(&q, i)
	return len(q.buf) == 0
}

// arg prints argument i, after a comma if it is not the first. An argument that
// the call does not have, such as open(2)'s mode, prints nothing.
func (p *printer) arg(i int, comma bool) {
	n := len(p.buf)
	if comma {
		p.str(", ")
	}
	m := len(p.buf)
	if f := kinds[p.kinds[i]].print; f != nil {
		f(p, i)
	} else {
		p.hex(p.args[i])
	}
	if len(p.buf) == m {
		p.buf = p.buf[:n]
	}
}

func (p *printer) str(s string) { p.buf = append(p.buf, s...) }
func (p *printer) int(v int64)  { p.buf = strconv.AppendInt(p.buf, v, 10) }
func (p *printer) uint(v uint64) {
	p.buf = strconv.AppendUint(p.buf, v, 10)
}

// hex prints v as C's %#x: 0 has no prefix.
func (p *printer) hex(v uint64) {
	if v != 0 {
		p.str("0x")
	}
	p.buf = strconv.AppendUint(p.buf, v, 16)
}

// octal prints permission bits as C's %#03o.
func (p *printer) octal(v uint64) {
	p.str("0")
	if v < 0o10 {
		p.str("0")
	}
	p.buf = strconv.AppendUint(p.buf, v, 8)
}

// addr prints an address.
func (p *printer) addr(v uint64) {
	if v == 0 {
		p.str("NULL")
		return
	}
	p.hex(v)
}

// ok reports whether the call has returned without an error, so that what it
// wrote can be shown.
func (p *printer) ok() bool { return p.returned && p.errno == 0 }

// bytes reads n bytes at addr, or prints the address and returns nil.
func (p *printer) bytes(addr uint64, n int) []byte {
	if addr != 0 {
		b := make([]byte, n)
		if _, err := p.mem.ReadAt(b, addr); err == nil {
			return b
		}
	}
	p.addr(addr)
	return nil
}

// outBytes is bytes for what the call wrote: only the address if it failed.
func (p *printer) outBytes(addr uint64, n int) []byte {
	if !p.ok() {
		p.addr(addr)
		return nil
	}
	return p.bytes(addr, n)
}

// result prints what the call returned.
func (p *printer) result(r *Row) string {
	p.buf = p.buf[:0]
	switch {
	case p.errno >= abi.ERESTARTSYS:
		p.str("? ")
		p.str(p.errno.Name())
		p.str(restartText[p.errno])
	case p.errno != 0:
		p.str("-1 ")
		p.str(p.errno.Name())
		p.str(" (")
		p.str(p.errno.Error())
		p.str(")")
	case hexResult[r.Name]:
		p.hex(p.ret)
	case r.Name == "umask":
		p.octal(p.ret)
	default:
		p.int(int64(p.ret))
		p.resultNote(r)
	}
	return string(p.buf)
}

// hexResult names the calls that return an address.
var hexResult = map[string]bool{"mmap": true, "brk": true, "mremap": true, "shmat": true}

// restartText is how strace(1) explains the numbers that never reach programs.
var restartText = map[abi.Errno]string{
	abi.ERESTARTSYS:          " (To be restarted if SA_RESTART is set)",
	abi.ERESTARTNOINTR:       " (To be restarted)",
	abi.ERESTARTNOHAND:       " (To be restarted if no handler)",
	abi.ERESTARTRESTARTBLOCK: " (Interrupted by signal)",
}

// resultNote prints the remark that follows some results.
func (p *printer) resultNote(r *Row) {
	switch r.Name {
	case "poll", "ppoll":
		p.pollResult()
	case "select", "pselect6":
		p.selectResult()
	case "fcntl":
		p.fcntlResult()
	}
}
