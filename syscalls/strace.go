package syscalls

import (
	"fmt"
	"io"
	"strings"

	"emurun/abi"
	"emurun/emu/x86"
	"emurun/syscalls/kernel"
)

// resultColumn is where strace(1) aligns the result of a call, its option -a.
const resultColumn = 40

// Strace prints system calls, signals and exits as strace -f does. A call that
// waits while another thread makes one is cut into two lines.
//
// The machine calls Enter before and Leave after each run of a handler; Signal
// and Exited are for the kernel's hooks of the same meaning.
type Strace struct {
	w       io.Writer
	calls   map[int32]*tracedCall // in progress, by thread; never ranged over
	open    int32                 // the thread whose line is not finished, or 0
	column  int                   // of the open line
	threads int                   // that have been seen and have not exited
	seen    map[int32]bool        // never ranged over
}

// tracedCall is a call whose result has not been printed.
type tracedCall struct {
	row  *Row
	args Args
	next int  // first argument not printed yet
	cut  bool // "<unfinished ...>" was printed
}

// NewStrace returns a tracer that writes to w.
func NewStrace(w io.Writer) *Strace {
	return &Strace{w: w, calls: make(map[int32]*tracedCall), seen: make(map[int32]bool)}
}

// Enter prints the beginning of the call that t is about to make. A call that
// runs again has been printed before.
func (s *Strace) Enter(t *kernel.Thread) {
	if t.InCall() {
		if s.calls[t.TID] == nil { // it began before the machine was frozen
			nr, args := t.CallNumber()
			c, _ := newTracedCall(t, nr, args)
			c.cut = true
			s.calls[t.TID] = c
		}
		return
	}
	r := &t.CPU.R
	c, head := newTracedCall(t, uint64(uint32(r[x86.RAX])), Args{r[x86.RDI], r[x86.RSI], r[x86.RDX], r[x86.R10], r[x86.R8], r[x86.R9]})
	s.calls[t.TID] = c
	s.begin(t, head)
	s.open = t.TID
}

// newTracedCall returns a call that begins, and its text up to what only its end shows.
func newTracedCall(t *kernel.Thread, nr uint64, args Args) (c *tracedCall, head string) {
	row := Lookup(nr)
	if row == nil {
		row = &Row{Name: fmt.Sprintf("syscall_%#x", nr), Args: []Kind{Hex, Hex, Hex, Hex, Hex, Hex}}
	}
	c = &tracedCall{row: row, args: args}
	head, c.next = enterText(row, args, t.Proc.Mem)
	return c, head
}

// Leave prints the result of t's call, if it has one.
func (s *Strace) Leave(t *kernel.Thread) {
	c := s.calls[t.TID]
	if c == nil || t.InCall() {
		return
	}
	if t.StateLetter() == 'Z' { // one thread of several called exit(2)
		s.Exited(t, int32(c.args[0]&0xff)<<8)
		return
	}
	rax := t.CPU.R[x86.RAX]
	errno := abi.Errno(0)
	if e := -int64(rax); e > 0 && e < 4096 {
		errno, rax = abi.Errno(e), 0
	}
	rest, result := exitText(c.row, c.args, t.Proc.Mem, c.next, rax, errno)
	s.finish(t, c, rest, result)
}

// Signal prints a signal that t takes.
func (s *Strace) Signal(t *kernel.Thread, info *abi.Siginfo) {
	p := &printer{}
	p.siginfo(info)
	s.line(t, fmt.Sprintf("--- %v %s ---", info.Signo, p.buf))
}

// Exited prints the end of t with the process's wait status.
func (s *Strace) Exited(t *kernel.Thread, status int32) {
	if c := s.calls[t.TID]; c != nil {
		rest, _ := exitText(c.row, c.args, t.Proc.Mem, c.next, 0, abi.EFAULT)
		s.finish(t, c, rest, "?")
	}
	switch sig := abi.Signal(status & 0x7f); {
	case sig == 0:
		s.line(t, fmt.Sprintf("+++ exited with %d +++", status>>8&0xff))
	case status&0x80 != 0:
		s.line(t, fmt.Sprintf("+++ killed by %v (core dumped) +++", sig))
	default:
		s.line(t, fmt.Sprintf("+++ killed by %v +++", sig))
	}
	if s.seen[t.TID] {
		delete(s.seen, t.TID)
		s.threads--
	}
}

// line prints a whole line.
func (s *Strace) line(t *kernel.Thread, text string) {
	s.begin(t, text)
	s.write("\n")
}

// finish prints the rest of a call and its result.
func (s *Strace) finish(t *kernel.Thread, c *tracedCall, rest, result string) {
	delete(s.calls, t.TID)
	if s.open == t.TID {
		s.write(rest)
	} else {
		if c.cut {
			rest = "<... " + c.row.Name + " resumed>" + rest
		}
		s.begin(t, rest)
	}
	s.open = 0
	pad := max(1, resultColumn-s.column)
	s.write(strings.Repeat(" ", pad) + "= " + result + "\n")
}

// begin starts a line of t, after cutting another thread's short.
func (s *Strace) begin(t *kernel.Thread, text string) {
	if s.open != 0 {
		if c := s.calls[s.open]; c != nil {
			c.cut = true
		}
		s.write(" <unfinished ...>\n")
		s.open = 0
	}
	if !s.seen[t.TID] {
		s.seen[t.TID] = true
		s.threads++
	}
	s.column = 0
	if s.threads > 1 {
		s.write(fmt.Sprintf("[pid %5d] ", t.TID))
	}
	s.write(text)
}

func (s *Strace) write(text string) {
	s.column += len(text)
	io.WriteString(s.w, text) //nolint:errcheck // a trace that cannot be written does not stop the machine
}
